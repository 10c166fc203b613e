CREATE TABLE user_sessions (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    is_active BOOLEAN NOT NULL DEFAULT TRUE,
    ip_address INET,
    token_digest BYTEA NOT NULL,
    scopes TEXT[] NOT NULL DEFAULT ARRAY['read'],
    last_active_on TIMESTAMPTZ,
    created_on TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX user_sessions_active_digest_key ON user_sessions (token_digest) WHERE is_active;
CREATE INDEX user_sessions_user_id_idx ON user_sessions (user_id, created_on DESC NULLS LAST);
