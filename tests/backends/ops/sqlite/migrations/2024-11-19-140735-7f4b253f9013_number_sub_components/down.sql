-- Rebuilds a table that others reference with ON DELETE actions. Foreign keys
-- have to be off for that, and SQLite ignores this PRAGMA inside a transaction,
-- so this revision brings its own. If it fails, close the connection: it is left
-- with an open transaction and with foreign keys off.

PRAGMA foreign_keys = OFF;
BEGIN IMMEDIATE;
PRAGMA legacy_alter_table = ON;

CREATE TABLE new_services_components (
    id INTEGER PRIMARY KEY NOT NULL,
    agreement_id INTEGER NOT NULL REFERENCES agreements (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    optional BOOLEAN NOT NULL DEFAULT FALSE,
    description TEXT,
    starts_on DATE,
    ends_on DATE,
    created_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT services_components_number_key UNIQUE (agreement_id, number)
);
INSERT INTO new_services_components (id, agreement_id, number, optional, description, starts_on, ends_on, created_on)
SELECT id, agreement_id, number, optional, description, starts_on, ends_on, created_on
FROM services_components;

DROP TABLE services_components;
ALTER TABLE new_services_components RENAME TO services_components;
PRAGMA legacy_alter_table = OFF;

CREATE TEMP TABLE _fk_assert (violations INTEGER CHECK (violations = 0));
INSERT INTO _fk_assert SELECT count(*) FROM pragma_foreign_key_check;
DROP TABLE _fk_assert;
COMMIT;
PRAGMA foreign_keys = ON;
