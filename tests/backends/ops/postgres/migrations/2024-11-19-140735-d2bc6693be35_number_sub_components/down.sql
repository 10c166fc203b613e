-- Fails while an agreement has one number with several sub components.
DROP INDEX services_components_sub_component_key;
DROP INDEX services_components_number_key;
ALTER TABLE services_components ADD CONSTRAINT services_components_number_key UNIQUE (agreement_id, number);
ALTER TABLE services_components DROP COLUMN sub_component;
