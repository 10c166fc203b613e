CREATE TABLE IF NOT EXISTS __ops_migrate_settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    set_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    user_name TEXT NOT NULL,
    host TEXT NOT NULL
);
