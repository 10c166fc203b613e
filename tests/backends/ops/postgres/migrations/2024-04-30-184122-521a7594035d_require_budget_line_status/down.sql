ALTER TABLE budget_line_items ALTER COLUMN status DROP NOT NULL;
ALTER TABLE budget_line_items ALTER COLUMN status DROP DEFAULT;
