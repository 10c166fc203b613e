PRAGMA defer_foreign_keys = ON;
PRAGMA legacy_alter_table = ON;

CREATE TABLE new_budget_line_items (
    id INTEGER PRIMARY KEY NOT NULL,
    agreement_id INTEGER NOT NULL REFERENCES agreements (id) ON DELETE CASCADE,
    can_id INTEGER REFERENCES cans (id),
    line_description TEXT,
    comments TEXT,
    amount NUMERIC(12, 2),
    status TEXT CHECK (status IN ('draft', 'planned', 'in_execution', 'obligated')),
    date_needed DATE,
    created_by INTEGER REFERENCES users (id),
    created_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_on TIMESTAMP,
    services_component_id INTEGER REFERENCES services_components (id) ON DELETE SET NULL
);
INSERT INTO new_budget_line_items (id, agreement_id, can_id, line_description, comments, amount, status,
    date_needed, created_by, created_on, updated_on, services_component_id)
SELECT id, agreement_id, can_id, line_description, comments, amount, status,
    date_needed, created_by, created_on, updated_on, services_component_id
FROM budget_line_items;

DROP TABLE budget_line_items;
ALTER TABLE new_budget_line_items RENAME TO budget_line_items;
PRAGMA legacy_alter_table = OFF;

CREATE TRIGGER budget_line_items_set_updated_on AFTER UPDATE ON budget_line_items
FOR EACH ROW WHEN NEW.updated_on IS OLD.updated_on
BEGIN
    UPDATE budget_line_items SET updated_on = CURRENT_TIMESTAMP WHERE id = NEW.id;
END;

CREATE TEMP TABLE _fk_assert (violations INTEGER CHECK (violations = 0));
INSERT INTO _fk_assert SELECT count(*) FROM pragma_foreign_key_check;
DROP TABLE _fk_assert;
PRAGMA defer_foreign_keys = OFF;
