-- Rebuilds a table that others reference with ON DELETE actions. Foreign keys
-- have to be off for that, and SQLite ignores this PRAGMA inside a transaction,
-- so this revision brings its own. If it fails, close the connection: it is left
-- with an open transaction and with foreign keys off.

PRAGMA foreign_keys = OFF;
BEGIN IMMEDIATE;
PRAGMA legacy_alter_table = ON;

DROP VIEW portfolio_line_totals;

CREATE TABLE new_budget_line_items (
    id INTEGER PRIMARY KEY NOT NULL,
    agreement_id INTEGER NOT NULL REFERENCES agreements (id) ON DELETE CASCADE,
    can_id INTEGER REFERENCES cans (id),
    line_description TEXT,
    comments TEXT,
    amount NUMERIC(14, 2),
    status TEXT NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'planned', 'in_execution', 'obligated')),
    date_needed DATE,
    created_by INTEGER REFERENCES users (id),
    created_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_on TIMESTAMP,
    services_component_id INTEGER REFERENCES services_components (id) ON DELETE SET NULL,
    procurement_shop_fee_id INTEGER REFERENCES procurement_shop_fees (id) ON DELETE SET NULL,
    CONSTRAINT budget_line_items_amount_check CHECK (amount >= 0)
);
INSERT INTO new_budget_line_items (id, agreement_id, can_id, line_description, comments, amount, status,
    date_needed, created_by, created_on, updated_on, services_component_id,
    procurement_shop_fee_id)
SELECT id, agreement_id, can_id, line_description, comments, amount, status,
    date_needed, created_by, created_on, updated_on, services_component_id,
    procurement_shop_fee_id
FROM budget_line_items;

DROP TABLE budget_line_items;
ALTER TABLE new_budget_line_items RENAME TO budget_line_items;
PRAGMA legacy_alter_table = OFF;

CREATE TRIGGER budget_line_items_set_updated_on AFTER UPDATE ON budget_line_items
FOR EACH ROW WHEN NEW.updated_on IS OLD.updated_on
BEGIN
    UPDATE budget_line_items SET updated_on = CURRENT_TIMESTAMP WHERE id = NEW.id;
END;
CREATE INDEX budget_line_items_agreement_id_idx ON budget_line_items (agreement_id);
CREATE INDEX budget_line_items_can_id_status_idx ON budget_line_items (can_id, status);
CREATE INDEX budget_line_items_date_needed_idx ON budget_line_items (date_needed DESC, agreement_id);

CREATE VIEW portfolio_line_totals AS
SELECT p.id AS portfolio_id, p.name AS portfolio_name, b.status,
    count(*) AS line_count, sum(b.amount) AS total_amount
FROM budget_line_items AS b
JOIN cans AS c ON c.id = b.can_id
JOIN portfolios AS p ON p.id = c.portfolio_id
GROUP BY p.id, p.name, b.status;

CREATE TEMP TABLE _fk_assert (violations INTEGER CHECK (violations = 0));
INSERT INTO _fk_assert SELECT count(*) FROM pragma_foreign_key_check;
DROP TABLE _fk_assert;
COMMIT;
PRAGMA foreign_keys = ON;
