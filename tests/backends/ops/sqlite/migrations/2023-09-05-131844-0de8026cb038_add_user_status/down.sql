DROP INDEX users_oidc_id_key;
ALTER TABLE users DROP COLUMN oidc_id;
ALTER TABLE users DROP COLUMN status;
