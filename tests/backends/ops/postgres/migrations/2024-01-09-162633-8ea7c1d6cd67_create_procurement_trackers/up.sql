CREATE TYPE tracker_status AS ENUM ('pending', 'active', 'completed', 'skipped');

CREATE TABLE procurement_trackers (
    id SERIAL PRIMARY KEY,
    agreement_id INTEGER NOT NULL UNIQUE REFERENCES agreements (id) ON DELETE CASCADE,
    status tracker_status NOT NULL DEFAULT 'pending',
    active_step INTEGER,
    created_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE procurement_steps (
    id SERIAL PRIMARY KEY,
    tracker_id INTEGER NOT NULL REFERENCES procurement_trackers (id) ON DELETE CASCADE,
    step_number SMALLINT NOT NULL CHECK (step_number BETWEEN 1 AND 6),
    status tracker_status NOT NULL DEFAULT 'pending',
    notes TEXT,
    completed_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    completed_on DATE,
    UNIQUE (tracker_id, step_number)
);
