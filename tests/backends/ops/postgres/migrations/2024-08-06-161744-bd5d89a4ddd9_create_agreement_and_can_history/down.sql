DROP TABLE can_history;
DROP TABLE agreement_history;
DROP TYPE history_kind;
