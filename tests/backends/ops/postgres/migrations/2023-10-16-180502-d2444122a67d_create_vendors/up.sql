CREATE TYPE vendor_type AS ENUM ('for_profit', 'non_profit', 'university', 'government');

CREATE TABLE vendors (
    id SERIAL PRIMARY KEY,
    name TEXT NOT NULL,
    vendor_type vendor_type,
    duns VARCHAR(9),
    active BOOLEAN NOT NULL DEFAULT TRUE
);
CREATE UNIQUE INDEX vendors_name_lower_idx ON vendors (lower(name));

CREATE TABLE vendor_contacts (
    id SERIAL PRIMARY KEY,
    vendor_id INTEGER NOT NULL REFERENCES vendors (id) ON DELETE CASCADE,
    full_name TEXT NOT NULL,
    email TEXT,
    phone VARCHAR(30)
);

-- Each name that agreements use becomes a vendor.
INSERT INTO vendors (name)
SELECT min(vendor) FROM agreements WHERE vendor IS NOT NULL GROUP BY lower(vendor) ORDER BY 1;

ALTER TABLE agreements ADD COLUMN vendor_id INTEGER REFERENCES vendors (id);
UPDATE agreements
SET vendor_id = vendors.id
FROM vendors
WHERE lower(vendors.name) = lower(agreements.vendor);
ALTER TABLE agreements DROP COLUMN vendor;
