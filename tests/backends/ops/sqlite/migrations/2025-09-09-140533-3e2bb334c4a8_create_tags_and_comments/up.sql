CREATE TABLE tags (
    id INTEGER PRIMARY KEY NOT NULL,
    name VARCHAR(40) NOT NULL,
    color VARCHAR(7) NOT NULL DEFAULT '#808080'
);
CREATE UNIQUE INDEX tags_name_lower_idx ON tags (lower(name));

CREATE TABLE agreement_tags (
    agreement_id INTEGER NOT NULL REFERENCES agreements (id) ON DELETE CASCADE,
    tag_id INTEGER NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
    PRIMARY KEY (agreement_id, tag_id)
);

CREATE TABLE comments (
    id INTEGER PRIMARY KEY NOT NULL,
    agreement_id INTEGER NOT NULL REFERENCES agreements (id) ON DELETE CASCADE,
    parent_id INTEGER REFERENCES comments (id) ON DELETE CASCADE,
    author_id INTEGER REFERENCES users (id) ON DELETE SET NULL,
    body TEXT NOT NULL CHECK (length(body) > 0),
    created_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX comments_agreement_id_idx ON comments (agreement_id, created_on DESC);
