ALTER TYPE ops_event_status RENAME VALUE 'failure' TO 'failed';
