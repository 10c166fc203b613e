ALTER TABLE agreement_history DROP COLUMN changed_by;
ALTER TABLE can_history DROP COLUMN changed_by;
DROP TABLE project_history;
