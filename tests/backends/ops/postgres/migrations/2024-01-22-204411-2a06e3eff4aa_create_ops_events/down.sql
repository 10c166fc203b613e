DROP TABLE ops_events;
DROP TYPE ops_event_status;
DROP TYPE ops_event_type;
