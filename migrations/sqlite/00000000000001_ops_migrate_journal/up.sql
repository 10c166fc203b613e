CREATE TABLE IF NOT EXISTS __ops_migrate_journal (
    ledger_id BIGINT NOT NULL,
    unit BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('started', 'done')),
    text_hash TEXT NOT NULL,
    evidence TEXT,
    statement TEXT NOT NULL,
    written_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
    PRIMARY KEY (ledger_id, unit)
);
CREATE TABLE IF NOT EXISTS __ops_migrate_meta (
    name TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
);
