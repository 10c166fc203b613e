CREATE TABLE can_funding_budgets (
    id INTEGER PRIMARY KEY NOT NULL,
    can_id INTEGER NOT NULL REFERENCES cans (id) ON DELETE CASCADE,
    fiscal_year INTEGER NOT NULL,
    budget NUMERIC(12, 2),
    notes TEXT NOT NULL DEFAULT '',
    created_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT can_funding_budgets_year_key UNIQUE (can_id, fiscal_year)
);

CREATE TABLE can_funding_received (
    id INTEGER PRIMARY KEY NOT NULL,
    can_id INTEGER NOT NULL REFERENCES cans (id) ON DELETE CASCADE,
    fiscal_year INTEGER NOT NULL,
    funding NUMERIC(12, 2) NOT NULL,
    notes TEXT NOT NULL DEFAULT '',
    created_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);

INSERT INTO can_funding_budgets (can_id, fiscal_year, budget, notes)
SELECT can_id, fiscal_year, total_funding, notes FROM can_fiscal_years ORDER BY can_id, fiscal_year;
INSERT INTO can_funding_received (can_id, fiscal_year, funding)
SELECT can_id, fiscal_year, received_funding FROM can_fiscal_years
WHERE received_funding > 0
ORDER BY can_id, fiscal_year;
