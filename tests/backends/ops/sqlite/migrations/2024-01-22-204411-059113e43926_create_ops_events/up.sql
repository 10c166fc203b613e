CREATE TABLE ops_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    event_type TEXT NOT NULL,
    event_status TEXT NOT NULL,
    event_details TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(event_details)),
    created_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    created_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT ops_events_type_check CHECK (event_type IN ('login_attempt', 'logout', 'create_agreement', 'update_agreement', 'delete_agreement', 'create_budget_line', 'update_budget_line')),
    CONSTRAINT ops_events_status_check CHECK (event_status IN ('success', 'failure', 'unknown'))
);
CREATE INDEX ops_events_created_on_idx ON ops_events (created_on DESC);
CREATE INDEX ops_events_type_status_idx ON ops_events (event_type, event_status);
