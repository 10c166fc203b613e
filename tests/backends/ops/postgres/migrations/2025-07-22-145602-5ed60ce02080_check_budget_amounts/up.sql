-- New rows are held to it at once, the old ones in the next revision: the scan
-- then runs under a weaker lock.
ALTER TABLE budget_line_items
    ADD CONSTRAINT budget_line_items_amount_check CHECK (amount >= 0) NOT VALID;
