ALTER TABLE procurement_shops ADD COLUMN fee_percentage NUMERIC(5, 2) NOT NULL DEFAULT 0;
UPDATE procurement_shops
SET fee_percentage = fees.fee
FROM procurement_shop_fees AS fees
WHERE fees.procurement_shop_id = procurement_shops.id AND fees.ends_on IS NULL;

ALTER TABLE budget_line_items DROP COLUMN procurement_shop_fee_id;
DROP TABLE procurement_shop_fees;
