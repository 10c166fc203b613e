-- A value cannot be used in the transaction that adds it: first used in later revisions.
ALTER TYPE ops_event_type ADD VALUE 'create_tracker';
ALTER TYPE ops_event_type ADD VALUE 'update_step';
