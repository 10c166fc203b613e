-- PostgreSQL removes no enum value: the type is made anew. This fails, on
-- purpose, while an event still has one of the values that go.
ALTER TYPE ops_event_type RENAME TO ops_event_type_old;
CREATE TYPE ops_event_type AS ENUM (
    'login_attempt', 'logout',
    'create_agreement', 'update_agreement', 'delete_agreement',
    'create_budget_line', 'update_budget_line'
);
ALTER TABLE ops_events ALTER COLUMN event_type TYPE ops_event_type USING event_type::text::ops_event_type;
DROP TYPE ops_event_type_old;
