CREATE TABLE can_funding_details (
    id INTEGER PRIMARY KEY NOT NULL,
    fund_code VARCHAR(30) NOT NULL,
    fiscal_year INTEGER NOT NULL,
    allowance TEXT,
    sub_allowance TEXT,
    allotment TEXT,
    arrangement_type TEXT CHECK (arrangement_type IN ('appropriation', 'cost_share', 'interagency', 'memorandum')),
    method_of_transfer TEXT CHECK (method_of_transfer IN ('direct', 'cost_share', 'interagency', 'other')),
    funding_source TEXT NOT NULL DEFAULT 'office' CHECK (funding_source IN ('office', 'agency', 'department')),
    active_period INTEGER NOT NULL DEFAULT 1 CHECK (active_period > 0)
);

INSERT INTO can_funding_details (fund_code, fiscal_year, arrangement_type, active_period)
SELECT number, CAST(strftime('%Y', created_on) AS INTEGER), arrangement_type, max(appropriation_term, 1)
FROM cans
ORDER BY id;

ALTER TABLE cans ADD COLUMN funding_details_id INTEGER REFERENCES can_funding_details (id);
UPDATE cans
SET funding_details_id = details.id
FROM can_funding_details AS details
WHERE details.fund_code = cans.number;

ALTER TABLE cans DROP COLUMN arrangement_type;
ALTER TABLE cans DROP COLUMN appropriation_term;
