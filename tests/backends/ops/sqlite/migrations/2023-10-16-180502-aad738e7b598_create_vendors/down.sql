ALTER TABLE agreements ADD COLUMN vendor TEXT;
UPDATE agreements
SET vendor = vendors.name
FROM vendors
WHERE vendors.id = agreements.vendor_id;
ALTER TABLE agreements DROP COLUMN vendor_id;

DROP TABLE vendor_contacts;
DROP TABLE vendors;
