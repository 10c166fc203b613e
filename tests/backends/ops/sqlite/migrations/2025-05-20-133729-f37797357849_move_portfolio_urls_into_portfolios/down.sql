CREATE TABLE portfolio_urls (
    id INTEGER PRIMARY KEY NOT NULL,
    portfolio_id INTEGER NOT NULL REFERENCES portfolios (id) ON DELETE CASCADE,
    url TEXT NOT NULL
);
INSERT INTO portfolio_urls (portfolio_id, url)
SELECT p.id, u.value
FROM portfolios AS p
JOIN json_each(p.urls) AS u
ORDER BY p.id, u.key;

ALTER TABLE portfolios DROP COLUMN urls;
