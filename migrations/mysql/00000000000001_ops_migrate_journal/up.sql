CREATE TABLE IF NOT EXISTS __ops_migrate_journal (
    ledger_id BIGINT NOT NULL,
    unit BIGINT NOT NULL,
    state VARCHAR(10) NOT NULL CHECK (state IN ('started', 'done')),
    text_hash VARCHAR(255) NOT NULL,
    evidence TEXT,
    statement TEXT NOT NULL,
    written_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (ledger_id, unit)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE IF NOT EXISTS __ops_migrate_meta (
    name VARCHAR(64) NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
