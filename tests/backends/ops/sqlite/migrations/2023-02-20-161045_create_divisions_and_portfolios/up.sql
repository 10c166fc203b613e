CREATE TABLE divisions (
    id INTEGER PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    abbreviation VARCHAR(10) NOT NULL UNIQUE,
    director_id INTEGER REFERENCES users (id),
    deputy_director_id INTEGER REFERENCES users (id)
);

ALTER TABLE users ADD COLUMN division_id INTEGER REFERENCES divisions (id);

CREATE TABLE portfolios (
    id INTEGER PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    abbreviation VARCHAR(20),
    status TEXT NOT NULL DEFAULT 'in_process' CHECK (status IN ('not_started', 'in_process', 'sandbox')),
    description TEXT,
    division_id INTEGER NOT NULL REFERENCES divisions (id)
);

CREATE TABLE portfolio_urls (
    id INTEGER PRIMARY KEY NOT NULL,
    portfolio_id INTEGER NOT NULL REFERENCES portfolios (id) ON DELETE CASCADE,
    url TEXT NOT NULL
);

CREATE TABLE portfolio_team_leaders (
    portfolio_id INTEGER NOT NULL REFERENCES portfolios (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (portfolio_id, user_id)
);
