ALTER TABLE users DROP CONSTRAINT users_oidc_id_key;
ALTER TABLE users DROP COLUMN oidc_id;
ALTER TABLE users DROP COLUMN status;

DROP TYPE user_status;
