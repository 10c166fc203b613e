ALTER TABLE agreements ADD COLUMN contract_number VARCHAR(50);
ALTER TABLE agreements ADD COLUMN vendor_id INTEGER REFERENCES vendors (id);
ALTER TABLE agreements ADD COLUMN funding_opportunity TEXT;
ALTER TABLE agreements ADD COLUMN payee TEXT;

UPDATE agreements
SET contract_number = c.contract_number, vendor_id = c.vendor_id
FROM contract_agreements AS c
WHERE c.id = agreements.id;
UPDATE agreements
SET funding_opportunity = g.funding_opportunity
FROM grant_agreements AS g
WHERE g.id = agreements.id;
UPDATE agreements
SET payee = nullif(d.payee, '')
FROM direct_agreements AS d
WHERE d.id = agreements.id;

DROP TABLE iaa_agreements;
DROP TABLE direct_agreements;
DROP TABLE grant_agreements;
DROP TABLE contract_agreements;
DROP TYPE iaa_direction;
DROP TYPE contract_type;
