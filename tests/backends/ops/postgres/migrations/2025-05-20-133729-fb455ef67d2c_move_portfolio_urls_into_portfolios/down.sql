CREATE TABLE portfolio_urls (
    id SERIAL PRIMARY KEY,
    portfolio_id INTEGER NOT NULL REFERENCES portfolios (id) ON DELETE CASCADE,
    url TEXT NOT NULL
);
INSERT INTO portfolio_urls (portfolio_id, url)
SELECT p.id, u.url
FROM portfolios AS p
CROSS JOIN LATERAL unnest(p.urls) WITH ORDINALITY AS u (url, position)
ORDER BY p.id, u.position;

ALTER TABLE portfolios DROP COLUMN urls;
