-- CAN: common accounting number, the account that money is planned against.
CREATE TABLE cans (
    id INTEGER PRIMARY KEY NOT NULL,
    number VARCHAR(30) NOT NULL UNIQUE,
    description TEXT,
    nickname TEXT,
    purpose TEXT,
    arrangement_type TEXT CHECK (arrangement_type IN ('appropriation', 'cost_share', 'interagency', 'memorandum')),
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
