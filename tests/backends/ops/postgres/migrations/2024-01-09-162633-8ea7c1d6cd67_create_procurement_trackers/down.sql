DROP TABLE procurement_steps;
DROP TABLE procurement_trackers;
DROP TYPE tracker_status;
