ALTER TABLE procurement_steps DROP COLUMN procurement_action_id;
DROP TABLE procurement_actions;
