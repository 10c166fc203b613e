ALTER TABLE interagency_agreements RENAME TO iaa_agreements;
ALTER TABLE cans RENAME COLUMN nick_name TO nickname;
