DROP TABLE budget_line_items;
DROP TYPE budget_line_status;
ALTER TABLE agreements DROP COLUMN procurement_shop_id;
DROP TABLE procurement_shops;
