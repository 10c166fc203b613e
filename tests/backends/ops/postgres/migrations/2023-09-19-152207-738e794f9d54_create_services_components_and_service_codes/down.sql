ALTER TABLE agreements DROP COLUMN product_service_code_id;
DROP TABLE product_service_codes;
ALTER TABLE budget_line_items DROP COLUMN services_component_id;
DROP TABLE services_components;
