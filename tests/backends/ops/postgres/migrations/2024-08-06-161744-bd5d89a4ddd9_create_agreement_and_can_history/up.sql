CREATE TYPE history_kind AS ENUM ('created', 'updated', 'deleted');

-- agreement_id is emptied when the agreement goes; agreement_number keeps which one it was.
CREATE TABLE agreement_history (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    agreement_id INTEGER REFERENCES agreements (id) ON DELETE SET NULL,
    agreement_number INTEGER NOT NULL,
    ops_event_id BIGINT REFERENCES ops_events (id),
    history_kind history_kind NOT NULL,
    title TEXT NOT NULL,
    message TEXT NOT NULL,
    changes JSONB NOT NULL DEFAULT '[]',
    happened_on TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX agreement_history_latest_idx ON agreement_history (agreement_number, happened_on DESC);

CREATE TABLE can_history (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    can_id INTEGER NOT NULL REFERENCES cans (id) ON DELETE CASCADE,
    ops_event_id BIGINT REFERENCES ops_events (id),
    history_kind history_kind NOT NULL,
    title TEXT NOT NULL,
    message TEXT NOT NULL,
    fiscal_year INTEGER NOT NULL,
    happened_on TIMESTAMPTZ NOT NULL DEFAULT now()
);

INSERT INTO agreement_history (agreement_id, agreement_number, history_kind, title, message, happened_on)
SELECT id, id, 'created', 'Agreement created', name, created_on FROM agreements ORDER BY id;
