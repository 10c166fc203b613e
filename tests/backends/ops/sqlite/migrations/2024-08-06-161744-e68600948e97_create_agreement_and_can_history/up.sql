-- agreement_id is emptied when the agreement goes; agreement_number keeps which one it was.
CREATE TABLE agreement_history (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    agreement_id INTEGER REFERENCES agreements (id) ON DELETE SET NULL,
    agreement_number INTEGER NOT NULL,
    ops_event_id INTEGER REFERENCES ops_events (id),
    history_kind TEXT NOT NULL CHECK (history_kind IN ('created', 'updated', 'deleted')),
    title TEXT NOT NULL,
    message TEXT NOT NULL,
    changes TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(changes)),
    happened_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX agreement_history_latest_idx ON agreement_history (agreement_number, happened_on DESC);

CREATE TABLE can_history (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    can_id INTEGER NOT NULL REFERENCES cans (id) ON DELETE CASCADE,
    ops_event_id INTEGER REFERENCES ops_events (id),
    history_kind TEXT NOT NULL CHECK (history_kind IN ('created', 'updated', 'deleted')),
    title TEXT NOT NULL,
    message TEXT NOT NULL,
    fiscal_year INTEGER NOT NULL,
    happened_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);

INSERT INTO agreement_history (agreement_id, agreement_number, history_kind, title, message, happened_on)
SELECT id, id, 'created', 'Agreement created', name, created_on FROM agreements ORDER BY id;
