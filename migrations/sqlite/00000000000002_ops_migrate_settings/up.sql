CREATE TABLE IF NOT EXISTS __ops_migrate_settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    set_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
    user_name TEXT NOT NULL,
    host TEXT NOT NULL
);
