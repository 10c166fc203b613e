CREATE TABLE grants (
    id INTEGER PRIMARY KEY NOT NULL,
    grant_agreement_id INTEGER NOT NULL REFERENCES grant_agreements (id) ON DELETE CASCADE,
    grant_number VARCHAR(40),
    awardee TEXT,
    details TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(details)),
    created_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE UNIQUE INDEX grants_grant_number_key ON grants (grant_number) WHERE grant_number IS NOT NULL;

-- Each grant agreement starts with one grant that takes its lines.
INSERT INTO grants (grant_agreement_id) SELECT id FROM grant_agreements ORDER BY id;

ALTER TABLE budget_line_items ADD COLUMN grant_id INTEGER REFERENCES grants (id) ON DELETE SET NULL;
UPDATE budget_line_items
SET grant_id = grants.id
FROM grants
WHERE grants.grant_agreement_id = budget_line_items.agreement_id;
