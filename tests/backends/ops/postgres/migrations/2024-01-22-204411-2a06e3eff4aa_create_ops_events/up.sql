CREATE TYPE ops_event_type AS ENUM (
    'login_attempt', 'logout',
    'create_agreement', 'update_agreement', 'delete_agreement',
    'create_budget_line', 'update_budget_line'
);
CREATE TYPE ops_event_status AS ENUM ('success', 'failure', 'unknown');

CREATE TABLE ops_events (
    id BIGSERIAL PRIMARY KEY,
    event_type ops_event_type NOT NULL,
    event_status ops_event_status NOT NULL,
    event_details JSONB NOT NULL DEFAULT '{}',
    created_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    created_on TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX ops_events_created_on_idx ON ops_events (created_on DESC);
CREATE INDEX ops_events_type_status_idx ON ops_events (event_type, event_status);
