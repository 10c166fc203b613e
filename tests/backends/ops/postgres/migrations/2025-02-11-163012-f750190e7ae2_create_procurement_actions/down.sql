ALTER TABLE procurement_steps DROP COLUMN procurement_action_id;
DROP TABLE procurement_actions;
DROP SEQUENCE award_number_seq;
DROP TYPE procurement_action_status;
DROP TYPE procurement_action_type;
