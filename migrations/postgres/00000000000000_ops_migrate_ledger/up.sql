CREATE TABLE IF NOT EXISTS __ops_migrate_ledger (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version TEXT NOT NULL,
    revision TEXT,
    name TEXT NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('up', 'down')),
    state TEXT NOT NULL CHECK (state IN ('running', 'applied', 'reverted', 'failed', 'halfway')),
    in_transaction BOOLEAN NOT NULL,
    checksum_up TEXT NOT NULL,
    checksum_down TEXT NOT NULL,
    down_sql TEXT NOT NULL,
    run_id TEXT NOT NULL,
    started_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    finished_at TIMESTAMPTZ,
    duration_ms BIGINT,
    user_name TEXT NOT NULL,
    host TEXT NOT NULL,
    tool_version TEXT NOT NULL,
    error TEXT
);
CREATE INDEX IF NOT EXISTS __ops_migrate_ledger_version ON __ops_migrate_ledger (version);
