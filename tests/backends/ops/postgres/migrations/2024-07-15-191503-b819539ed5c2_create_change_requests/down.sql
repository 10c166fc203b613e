DROP TABLE change_requests;
DROP TYPE change_request_status;
DROP TYPE change_request_kind;
