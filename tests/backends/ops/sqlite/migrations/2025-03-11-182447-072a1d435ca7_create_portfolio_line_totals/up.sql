CREATE VIEW portfolio_line_totals AS
SELECT p.id AS portfolio_id, p.name AS portfolio_name, b.status,
    count(*) AS line_count, sum(b.amount) AS total_amount
FROM budget_line_items AS b
JOIN cans AS c ON c.id = b.can_id
JOIN portfolios AS p ON p.id = c.portfolio_id
GROUP BY p.id, p.name, b.status;
