CREATE TABLE procurement_trackers (
    id INTEGER PRIMARY KEY NOT NULL,
    agreement_id INTEGER NOT NULL UNIQUE REFERENCES agreements (id) ON DELETE CASCADE,
    status TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'active', 'completed', 'skipped')),
    active_step INTEGER,
    created_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE procurement_steps (
    id INTEGER PRIMARY KEY NOT NULL,
    tracker_id INTEGER NOT NULL REFERENCES procurement_trackers (id) ON DELETE CASCADE,
    step_number SMALLINT NOT NULL CHECK (step_number BETWEEN 1 AND 6),
    status TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'active', 'completed', 'skipped')),
    notes TEXT,
    completed_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    completed_on DATE,
    UNIQUE (tracker_id, step_number)
);
