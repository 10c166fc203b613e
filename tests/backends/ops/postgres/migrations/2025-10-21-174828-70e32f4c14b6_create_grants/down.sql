ALTER TABLE budget_line_items DROP COLUMN grant_id;
DROP TABLE grants;
