CREATE TABLE change_requests (
    id INTEGER PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('agreement', 'budget', 'status')),
    status TEXT NOT NULL DEFAULT 'in_review' CHECK (status IN ('in_review', 'approved', 'rejected')),
    agreement_id INTEGER REFERENCES agreements (id) ON DELETE CASCADE,
    budget_line_item_id INTEGER REFERENCES budget_line_items (id) ON DELETE CASCADE,
    requested_change TEXT NOT NULL CHECK (json_valid(requested_change)),
    requested_change_diff TEXT CHECK (requested_change_diff IS NULL OR json_valid(requested_change_diff)),
    requestor_notes TEXT,
    managing_division_id INTEGER REFERENCES divisions (id) ON DELETE SET NULL,
    reviewed_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    reviewed_on TIMESTAMP,
    created_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT change_requests_target_check CHECK (agreement_id IS NOT NULL OR budget_line_item_id IS NOT NULL),
    CONSTRAINT change_requests_review_check CHECK (status = 'in_review' OR reviewed_on IS NOT NULL)
);
CREATE INDEX change_requests_open_idx ON change_requests (managing_division_id) WHERE status = 'in_review';
