CREATE TABLE procurement_shops (
    id INTEGER PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    abbreviation VARCHAR(10) NOT NULL UNIQUE,
    fee_percentage NUMERIC(5, 2) NOT NULL DEFAULT 0
);

ALTER TABLE agreements ADD COLUMN procurement_shop_id INTEGER REFERENCES procurement_shops (id);

CREATE TABLE budget_line_items (
    id INTEGER PRIMARY KEY NOT NULL,
    agreement_id INTEGER NOT NULL REFERENCES agreements (id) ON DELETE CASCADE,
    can_id INTEGER REFERENCES cans (id),
    line_description TEXT,
    comments TEXT,
    amount NUMERIC(12, 2),
    status TEXT CHECK (status IN ('draft', 'planned', 'in_execution', 'obligated')),
    date_needed DATE,
    created_by INTEGER REFERENCES users (id),
    created_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
