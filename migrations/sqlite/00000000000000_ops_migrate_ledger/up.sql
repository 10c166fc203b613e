CREATE TABLE IF NOT EXISTS __ops_migrate_ledger (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    version TEXT NOT NULL,
    revision TEXT,
    name TEXT NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('up', 'down')),
    -- Not IN, which SQLite makes a table of for each row.
    state TEXT NOT NULL CHECK (
        state = 'running' OR state = 'applied' OR state = 'reverted' OR state = 'failed' OR state = 'halfway'
    ),
    in_transaction BOOLEAN NOT NULL CHECK (in_transaction IN (0, 1)),
    checksum_up TEXT NOT NULL,
    checksum_down TEXT NOT NULL,
    down_sql TEXT NOT NULL,
    run_id TEXT NOT NULL,
    started_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
    finished_at TEXT,
    duration_ms BIGINT,
    user_name TEXT NOT NULL,
    host TEXT NOT NULL,
    tool_version TEXT NOT NULL,
    error TEXT
);
CREATE INDEX IF NOT EXISTS __ops_migrate_ledger_version ON __ops_migrate_ledger (version);
