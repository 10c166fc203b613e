CREATE TABLE procurement_shop_fees (
    id INTEGER PRIMARY KEY NOT NULL,
    procurement_shop_id INTEGER NOT NULL REFERENCES procurement_shops (id) ON DELETE CASCADE,
    fee NUMERIC(5, 2) NOT NULL,
    starts_on DATE,
    ends_on DATE,
    created_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT procurement_shop_fees_fee_check CHECK (fee BETWEEN 0 AND 100)
);
-- One fee without an end per shop.
CREATE UNIQUE INDEX procurement_shop_fees_current_idx
    ON procurement_shop_fees (procurement_shop_id) WHERE ends_on IS NULL;

INSERT INTO procurement_shop_fees (procurement_shop_id, fee)
SELECT id, fee_percentage FROM procurement_shops ORDER BY id;

-- Obligated lines keep the fee of their day.
ALTER TABLE budget_line_items
    ADD COLUMN procurement_shop_fee_id INTEGER REFERENCES procurement_shop_fees (id) ON DELETE SET NULL;
UPDATE budget_line_items
SET procurement_shop_fee_id = fees.id
FROM agreements
JOIN procurement_shop_fees AS fees ON fees.procurement_shop_id = agreements.procurement_shop_id
WHERE agreements.id = budget_line_items.agreement_id AND budget_line_items.status = 'obligated';

ALTER TABLE procurement_shops DROP COLUMN fee_percentage;
