ALTER TABLE portfolios ADD COLUMN urls TEXT[] NOT NULL DEFAULT '{}';
UPDATE portfolios
SET urls = moved.urls
FROM (SELECT portfolio_id, array_agg(url ORDER BY id) AS urls FROM portfolio_urls GROUP BY portfolio_id) AS moved
WHERE moved.portfolio_id = portfolios.id;

DROP TABLE portfolio_urls;
