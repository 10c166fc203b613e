CREATE TABLE divisions (
    id SERIAL PRIMARY KEY,
    name TEXT NOT NULL,
    abbreviation VARCHAR(10) NOT NULL UNIQUE,
    director_id INTEGER REFERENCES users (id),
    deputy_director_id INTEGER REFERENCES users (id)
);

ALTER TABLE users ADD COLUMN division_id INTEGER REFERENCES divisions (id);

CREATE TYPE portfolio_status AS ENUM ('not_started', 'in_process', 'sandbox');

CREATE TABLE portfolios (
    id SERIAL PRIMARY KEY,
    name TEXT NOT NULL,
    abbreviation VARCHAR(20),
    status portfolio_status NOT NULL DEFAULT 'in_process',
    description TEXT,
    division_id INTEGER NOT NULL REFERENCES divisions (id)
);

CREATE TABLE portfolio_urls (
    id SERIAL PRIMARY KEY,
    portfolio_id INTEGER NOT NULL REFERENCES portfolios (id) ON DELETE CASCADE,
    url TEXT NOT NULL
);

CREATE TABLE portfolio_team_leaders (
    portfolio_id INTEGER NOT NULL REFERENCES portfolios (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (portfolio_id, user_id)
);
