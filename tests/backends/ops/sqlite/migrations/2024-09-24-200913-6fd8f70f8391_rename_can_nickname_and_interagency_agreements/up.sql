ALTER TABLE cans RENAME COLUMN nickname TO nick_name;
ALTER TABLE iaa_agreements RENAME TO interagency_agreements;
