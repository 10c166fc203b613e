-- CAN: common accounting number, the account that money is planned against.
CREATE TYPE can_arrangement AS ENUM ('appropriation', 'cost_share', 'interagency', 'memorandum');

CREATE TABLE cans (
    id SERIAL PRIMARY KEY,
    number VARCHAR(30) NOT NULL UNIQUE,
    description TEXT,
    nickname TEXT,
    purpose TEXT,
    arrangement_type can_arrangement,
    appropriation_term INTEGER NOT NULL DEFAULT 1,
    expires_on DATE,
    portfolio_id INTEGER NOT NULL REFERENCES portfolios (id),
    created_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE can_fiscal_years (
    can_id INTEGER NOT NULL REFERENCES cans (id) ON DELETE CASCADE,
    fiscal_year INTEGER NOT NULL,
    total_funding NUMERIC(12, 2),
    received_funding NUMERIC(12, 2),
    expected_funding NUMERIC(12, 2),
    notes TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (can_id, fiscal_year),
    CONSTRAINT can_fiscal_years_year_check CHECK (fiscal_year BETWEEN 2000 AND 2100)
);
