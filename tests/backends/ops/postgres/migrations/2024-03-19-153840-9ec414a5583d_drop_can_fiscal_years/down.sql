-- Restores what the funding tables hold; expected_funding is lost.
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

INSERT INTO can_fiscal_years (can_id, fiscal_year, total_funding, received_funding, notes)
SELECT b.can_id, b.fiscal_year, b.budget, sum(r.funding), b.notes
FROM can_funding_budgets AS b
LEFT JOIN can_funding_received AS r ON r.can_id = b.can_id AND r.fiscal_year = b.fiscal_year
GROUP BY b.can_id, b.fiscal_year, b.budget, b.notes;
