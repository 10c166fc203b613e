DROP TRIGGER budget_line_items_set_updated_on ON budget_line_items;
DROP TRIGGER agreements_set_updated_on ON agreements;
DROP TRIGGER users_set_updated_on ON users;
DROP FUNCTION set_updated_on();

ALTER TABLE budget_line_items DROP COLUMN updated_on;
ALTER TABLE agreements DROP COLUMN updated_on;
ALTER TABLE users DROP COLUMN updated_on;
