UPDATE budget_line_items SET status = 'draft' WHERE status IS NULL;
ALTER TABLE budget_line_items ALTER COLUMN status SET DEFAULT 'draft';
ALTER TABLE budget_line_items ALTER COLUMN status SET NOT NULL;
