-- Alone in its file: the server takes CONCURRENTLY in no transaction, not even
-- the one that several statements in one query would make.
CREATE INDEX CONCURRENTLY budget_line_items_date_needed_idx ON budget_line_items (date_needed DESC, agreement_id);
