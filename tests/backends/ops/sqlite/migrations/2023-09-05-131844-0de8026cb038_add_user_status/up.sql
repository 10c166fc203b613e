ALTER TABLE users ADD COLUMN status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'inactive', 'locked'));
ALTER TABLE users ADD COLUMN oidc_id TEXT;
CREATE UNIQUE INDEX users_oidc_id_key ON users (oidc_id);
