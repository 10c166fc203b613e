CREATE INDEX budget_line_items_date_needed_idx ON budget_line_items (date_needed DESC, agreement_id);
