ALTER TABLE cans RENAME COLUMN nickname TO nick_name;

ALTER TABLE iaa_agreements RENAME TO interagency_agreements;
ALTER TABLE interagency_agreements RENAME CONSTRAINT iaa_agreements_pkey TO interagency_agreements_pkey;
ALTER TABLE interagency_agreements RENAME CONSTRAINT iaa_agreements_id_fkey TO interagency_agreements_id_fkey;
ALTER TYPE iaa_direction RENAME TO interagency_direction;
