ALTER TABLE budget_line_items DROP CONSTRAINT budget_line_items_amount_check;
ALTER TABLE budget_line_items
    ADD CONSTRAINT budget_line_items_amount_check CHECK (amount >= 0) NOT VALID;
