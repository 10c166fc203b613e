-- The id is the award number; numbers below 1000 were given on paper.
CREATE TABLE procurement_actions (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    agreement_id INTEGER NOT NULL REFERENCES agreements (id) ON DELETE CASCADE,
    procurement_shop_id INTEGER REFERENCES procurement_shops (id),
    action_type TEXT NOT NULL CHECK (action_type IN ('new_award', 'modification', 'order', 'cancellation')),
    status TEXT NOT NULL DEFAULT 'planned' CHECK (status IN ('planned', 'in_process', 'awarded', 'cancelled')),
    award_total DOUBLE,
    awarded_on DATE,
    created_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT procurement_actions_award_check CHECK (status <> 'awarded' OR awarded_on IS NOT NULL)
);
INSERT INTO sqlite_sequence (name, seq) VALUES ('procurement_actions', 999);

ALTER TABLE procurement_steps
    ADD COLUMN procurement_action_id INTEGER REFERENCES procurement_actions (id) ON DELETE SET NULL;

INSERT INTO procurement_actions (agreement_id, procurement_shop_id, action_type)
SELECT a.id, a.procurement_shop_id, 'new_award'
FROM procurement_trackers AS t
JOIN agreements AS a ON a.id = t.agreement_id
ORDER BY a.id;
UPDATE procurement_steps
SET procurement_action_id = actions.id
FROM procurement_trackers AS t
JOIN procurement_actions AS actions ON actions.agreement_id = t.agreement_id
WHERE t.id = procurement_steps.tracker_id;
