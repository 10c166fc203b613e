ALTER TABLE services_components ADD COLUMN sub_component VARCHAR(20);

-- NULLs are distinct to a unique constraint, so one over three columns would let
-- a number repeat: two partial indexes instead.
ALTER TABLE services_components DROP CONSTRAINT services_components_number_key;
CREATE UNIQUE INDEX services_components_number_key
    ON services_components (agreement_id, number) WHERE sub_component IS NULL;
CREATE UNIQUE INDEX services_components_sub_component_key
    ON services_components (agreement_id, number, sub_component) WHERE sub_component IS NOT NULL;
