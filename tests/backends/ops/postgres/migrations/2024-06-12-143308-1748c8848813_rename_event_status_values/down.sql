ALTER TYPE ops_event_status RENAME VALUE 'failed' TO 'failure';
