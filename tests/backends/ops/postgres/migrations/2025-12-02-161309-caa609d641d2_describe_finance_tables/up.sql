COMMENT ON TABLE cans IS 'Common accounting numbers: the accounts that money is planned against.';
COMMENT ON COLUMN cans.nick_name IS 'What people call the account; not unique.';
COMMENT ON TABLE can_funding_budgets IS 'What an account is expected to get in a fiscal year.';
COMMENT ON TABLE can_funding_received IS 'What it did get.';
COMMENT ON COLUMN budget_line_items.amount IS 'Without the procurement shop''s fee.';
COMMENT ON TYPE budget_line_status IS 'In the order that a line goes through.';
