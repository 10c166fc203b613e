ALTER TABLE portfolios ADD COLUMN urls TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(urls));
UPDATE portfolios
SET urls = moved.urls
FROM (
    SELECT portfolio_id, json_group_array(url) AS urls
    FROM (SELECT portfolio_id, url FROM portfolio_urls ORDER BY id)
    GROUP BY portfolio_id
) AS moved
WHERE moved.portfolio_id = portfolios.id;

DROP TABLE portfolio_urls;
