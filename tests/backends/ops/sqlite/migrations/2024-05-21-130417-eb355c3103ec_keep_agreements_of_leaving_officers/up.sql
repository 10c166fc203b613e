-- Rebuilds a table that others reference with ON DELETE actions. Foreign keys
-- have to be off for that, and SQLite ignores this PRAGMA inside a transaction,
-- so this revision brings its own. If it fails, close the connection: it is left
-- with an open transaction and with foreign keys off.

PRAGMA foreign_keys = OFF;
BEGIN IMMEDIATE;
PRAGMA legacy_alter_table = ON;

CREATE TABLE new_agreements (
    id INTEGER PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('contract', 'grant', 'direct_obligation', 'interagency')),
    name TEXT NOT NULL,
    description TEXT,
    reason TEXT CHECK (reason IN ('new_requirement', 'recompete', 'logical_follow_on')),
    incumbent TEXT,
    project_id INTEGER REFERENCES projects (id),
    project_officer_id INTEGER REFERENCES users (id) ON DELETE SET NULL,
    starts_on DATE,
    ends_on DATE,
    created_by INTEGER REFERENCES users (id),
    created_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    procurement_shop_id INTEGER REFERENCES procurement_shops (id),
    updated_on TIMESTAMP,
    product_service_code_id INTEGER REFERENCES product_service_codes (id),
    CONSTRAINT agreements_period_check CHECK (ends_on IS NULL OR ends_on >= starts_on)
);
INSERT INTO new_agreements (id, kind, name, description, reason, incumbent, project_id, project_officer_id,
    starts_on, ends_on, created_by, created_on, procurement_shop_id, updated_on, product_service_code_id)
SELECT id, kind, name, description, reason, incumbent, project_id, project_officer_id,
    starts_on, ends_on, created_by, created_on, procurement_shop_id, updated_on, product_service_code_id
FROM agreements;

DROP TABLE agreements;
ALTER TABLE new_agreements RENAME TO agreements;
PRAGMA legacy_alter_table = OFF;

CREATE TRIGGER agreements_set_updated_on AFTER UPDATE ON agreements
FOR EACH ROW WHEN NEW.updated_on IS OLD.updated_on
BEGIN
    UPDATE agreements SET updated_on = CURRENT_TIMESTAMP WHERE id = NEW.id;
END;

CREATE TEMP TABLE _fk_assert (violations INTEGER CHECK (violations = 0));
INSERT INTO _fk_assert SELECT count(*) FROM pragma_foreign_key_check;
DROP TABLE _fk_assert;
COMMIT;
PRAGMA foreign_keys = ON;
