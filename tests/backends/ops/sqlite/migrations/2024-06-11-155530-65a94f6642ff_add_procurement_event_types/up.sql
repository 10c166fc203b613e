PRAGMA defer_foreign_keys = ON;
PRAGMA legacy_alter_table = ON;

CREATE TABLE new_ops_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    event_type TEXT NOT NULL,
    event_status TEXT NOT NULL,
    event_details TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(event_details)),
    created_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    created_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT ops_events_type_check CHECK (event_type IN ('login_attempt', 'logout', 'create_agreement', 'update_agreement', 'delete_agreement', 'create_budget_line', 'update_budget_line', 'create_tracker', 'update_step')),
    CONSTRAINT ops_events_status_check CHECK (event_status IN ('success', 'failure', 'unknown'))
);
INSERT INTO new_ops_events (id, event_type, event_status, event_details, created_by, created_on)
SELECT id, event_type, event_status, event_details, created_by, created_on
FROM ops_events;
UPDATE sqlite_sequence SET seq = coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'ops_events'), 0)
WHERE name = 'new_ops_events';

DROP TABLE ops_events;
ALTER TABLE new_ops_events RENAME TO ops_events;
PRAGMA legacy_alter_table = OFF;

CREATE INDEX ops_events_created_on_idx ON ops_events (created_on DESC);
CREATE INDEX ops_events_type_status_idx ON ops_events (event_type, event_status);

CREATE TEMP TABLE _fk_assert (violations INTEGER CHECK (violations = 0));
INSERT INTO _fk_assert SELECT count(*) FROM pragma_foreign_key_check;
DROP TABLE _fk_assert;
PRAGMA defer_foreign_keys = OFF;
