CREATE TYPE user_status AS ENUM ('active', 'inactive', 'locked');

ALTER TABLE users ADD COLUMN status user_status NOT NULL DEFAULT 'active';
ALTER TABLE users ADD COLUMN oidc_id UUID;
ALTER TABLE users ADD CONSTRAINT users_oidc_id_key UNIQUE (oidc_id);
