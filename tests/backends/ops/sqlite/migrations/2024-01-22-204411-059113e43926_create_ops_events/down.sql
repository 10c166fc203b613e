DROP TABLE ops_events;
