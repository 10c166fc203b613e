COMMENT ON TYPE budget_line_status IS NULL;
COMMENT ON COLUMN budget_line_items.amount IS NULL;
COMMENT ON TABLE can_funding_received IS NULL;
COMMENT ON TABLE can_funding_budgets IS NULL;
COMMENT ON COLUMN cans.nick_name IS NULL;
COMMENT ON TABLE cans IS NULL;
