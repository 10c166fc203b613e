CREATE TABLE project_history (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    ops_event_id BIGINT REFERENCES ops_events (id),
    history_kind history_kind NOT NULL,
    title TEXT NOT NULL,
    message TEXT NOT NULL,
    happened_on TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX project_history_latest_idx ON project_history (project_id, happened_on DESC);

ALTER TABLE can_history ADD COLUMN changed_by INTEGER REFERENCES users (id) ON DELETE SET NULL;
ALTER TABLE agreement_history ADD COLUMN changed_by INTEGER REFERENCES users (id) ON DELETE SET NULL;
UPDATE agreement_history
SET changed_by = agreements.created_by
FROM agreements
WHERE agreements.id = agreement_history.agreement_id AND history_kind = 'created';
