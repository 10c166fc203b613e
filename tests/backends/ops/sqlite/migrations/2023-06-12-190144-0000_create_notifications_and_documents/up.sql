CREATE TABLE notifications (
    id INTEGER PRIMARY KEY NOT NULL,
    recipient_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    title TEXT NOT NULL,
    message TEXT NOT NULL DEFAULT '',
    is_read BOOLEAN NOT NULL DEFAULT FALSE,
    expires_on DATE,
    created_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX notifications_unread_idx ON notifications (recipient_id) WHERE NOT is_read;

CREATE TABLE documents (
    id INTEGER PRIMARY KEY NOT NULL,
    agreement_id INTEGER NOT NULL REFERENCES agreements (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    "type" TEXT NOT NULL,
    size_bytes BIGINT NOT NULL DEFAULT 0,
    storage_key TEXT NOT NULL UNIQUE,
    created_by INTEGER REFERENCES users (id),
    created_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
