DROP TABLE documents;
DROP TABLE notifications;
