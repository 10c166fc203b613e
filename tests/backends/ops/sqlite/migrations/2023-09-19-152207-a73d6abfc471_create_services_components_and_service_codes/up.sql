CREATE TABLE services_components (
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

ALTER TABLE budget_line_items
    ADD COLUMN services_component_id INTEGER REFERENCES services_components (id) ON DELETE SET NULL;

CREATE TABLE product_service_codes (
    id INTEGER PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    naics INTEGER,
    support_code VARCHAR(60)
);

ALTER TABLE agreements
    ADD COLUMN product_service_code_id INTEGER REFERENCES product_service_codes (id);
