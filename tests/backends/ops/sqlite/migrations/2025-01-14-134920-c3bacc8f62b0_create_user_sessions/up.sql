CREATE TABLE user_sessions (
    id TEXT PRIMARY KEY NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    is_active BOOLEAN NOT NULL DEFAULT TRUE,
    ip_address TEXT,
    token_digest BLOB NOT NULL,
    scopes TEXT NOT NULL DEFAULT '["read"]',
    last_active_on TIMESTAMP,
    created_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
) WITHOUT ROWID;
CREATE UNIQUE INDEX user_sessions_active_digest_key ON user_sessions (token_digest) WHERE is_active;
CREATE INDEX user_sessions_user_id_idx ON user_sessions (user_id, created_on DESC);
