ALTER TYPE interagency_direction RENAME TO iaa_direction;
ALTER TABLE interagency_agreements RENAME CONSTRAINT interagency_agreements_id_fkey TO iaa_agreements_id_fkey;
ALTER TABLE interagency_agreements RENAME CONSTRAINT interagency_agreements_pkey TO iaa_agreements_pkey;
ALTER TABLE interagency_agreements RENAME TO iaa_agreements;

ALTER TABLE cans RENAME COLUMN nick_name TO nickname;
