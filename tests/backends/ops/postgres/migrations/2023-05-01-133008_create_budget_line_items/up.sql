CREATE TABLE procurement_shops (
    id SERIAL PRIMARY KEY,
    name TEXT NOT NULL,
    abbreviation VARCHAR(10) NOT NULL UNIQUE,
    fee_percentage NUMERIC(5, 2) NOT NULL DEFAULT 0
);

ALTER TABLE agreements ADD COLUMN procurement_shop_id INTEGER REFERENCES procurement_shops (id);

CREATE TYPE budget_line_status AS ENUM ('draft', 'planned', 'in_execution', 'obligated');

CREATE TABLE budget_line_items (
    id SERIAL PRIMARY KEY,
    agreement_id INTEGER NOT NULL REFERENCES agreements (id) ON DELETE CASCADE,
    can_id INTEGER REFERENCES cans (id),
    line_description TEXT,
    comments TEXT,
    amount NUMERIC(12, 2),
    status budget_line_status,
    date_needed DATE,
    created_by INTEGER REFERENCES users (id),
    created_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
