CREATE TABLE contract_agreements (
    id INTEGER PRIMARY KEY NOT NULL REFERENCES agreements (id) ON DELETE CASCADE,
    contract_number VARCHAR(50),
    task_order_number VARCHAR(50),
    contract_type TEXT CHECK (contract_type IN ('firm_fixed_price', 'time_and_materials', 'cost_plus', 'labor_hour')),
    vendor_id INTEGER REFERENCES vendors (id) ON DELETE SET NULL
);

CREATE TABLE grant_agreements (
    id INTEGER PRIMARY KEY NOT NULL REFERENCES agreements (id) ON DELETE CASCADE,
    funding_opportunity TEXT
);

CREATE TABLE direct_agreements (
    id INTEGER PRIMARY KEY NOT NULL REFERENCES agreements (id) ON DELETE CASCADE,
    payee TEXT NOT NULL
);

CREATE TABLE iaa_agreements (
    id INTEGER PRIMARY KEY NOT NULL REFERENCES agreements (id) ON DELETE CASCADE,
    partner_agency TEXT NOT NULL DEFAULT '',
    direction TEXT NOT NULL DEFAULT 'outgoing' CHECK (direction IN ('incoming', 'outgoing'))
);

-- The single table moves into one table per kind.
INSERT INTO contract_agreements (id, contract_number, vendor_id)
SELECT id, contract_number, vendor_id FROM agreements WHERE kind = 'contract';
INSERT INTO grant_agreements (id, funding_opportunity)
SELECT id, funding_opportunity FROM agreements WHERE kind = 'grant';
INSERT INTO direct_agreements (id, payee)
SELECT id, coalesce(payee, '') FROM agreements WHERE kind = 'direct_obligation';
INSERT INTO iaa_agreements (id)
SELECT id FROM agreements WHERE kind = 'interagency';

ALTER TABLE agreements DROP COLUMN contract_number;
ALTER TABLE agreements DROP COLUMN vendor_id;
ALTER TABLE agreements DROP COLUMN funding_opportunity;
ALTER TABLE agreements DROP COLUMN payee;
