-- SQLite adds no column with a default of CURRENT_TIMESTAMP, so these are nullable.
ALTER TABLE users ADD COLUMN updated_on TIMESTAMP;
ALTER TABLE agreements ADD COLUMN updated_on TIMESTAMP;
ALTER TABLE budget_line_items ADD COLUMN updated_on TIMESTAMP;

UPDATE users SET updated_on = created_on;
UPDATE agreements SET updated_on = created_on;
UPDATE budget_line_items SET updated_on = created_on;

CREATE TRIGGER users_set_updated_on AFTER UPDATE ON users
FOR EACH ROW WHEN NEW.updated_on IS OLD.updated_on
BEGIN
    UPDATE users SET updated_on = CURRENT_TIMESTAMP WHERE id = NEW.id;
END;
CREATE TRIGGER agreements_set_updated_on AFTER UPDATE ON agreements
FOR EACH ROW WHEN NEW.updated_on IS OLD.updated_on
BEGIN
    UPDATE agreements SET updated_on = CURRENT_TIMESTAMP WHERE id = NEW.id;
END;
CREATE TRIGGER budget_line_items_set_updated_on AFTER UPDATE ON budget_line_items
FOR EACH ROW WHEN NEW.updated_on IS OLD.updated_on
BEGIN
    UPDATE budget_line_items SET updated_on = CURRENT_TIMESTAMP WHERE id = NEW.id;
END;
