DROP TRIGGER budget_line_items_set_updated_on;
DROP TRIGGER agreements_set_updated_on;
DROP TRIGGER users_set_updated_on;

ALTER TABLE budget_line_items DROP COLUMN updated_on;
ALTER TABLE agreements DROP COLUMN updated_on;
ALTER TABLE users DROP COLUMN updated_on;
