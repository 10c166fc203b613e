ALTER TABLE cans ADD COLUMN arrangement_type can_arrangement;
ALTER TABLE cans ADD COLUMN appropriation_term INTEGER NOT NULL DEFAULT 1;
UPDATE cans
SET arrangement_type = details.arrangement_type, appropriation_term = details.active_period
FROM can_funding_details AS details
WHERE details.id = cans.funding_details_id;

ALTER TABLE cans DROP COLUMN funding_details_id;
DROP TABLE can_funding_details;
DROP TYPE funding_source;
DROP TYPE transfer_method;
