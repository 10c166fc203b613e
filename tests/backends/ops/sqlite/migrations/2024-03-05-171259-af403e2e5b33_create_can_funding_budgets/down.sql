DROP TABLE can_funding_received;
DROP TABLE can_funding_budgets;
