DROP TABLE budget_line_items;
ALTER TABLE agreements DROP COLUMN procurement_shop_id;
DROP TABLE procurement_shops;
