DROP TABLE portfolio_team_leaders;
DROP TABLE portfolio_urls;
DROP TABLE portfolios;
ALTER TABLE users DROP COLUMN division_id;
DROP TABLE divisions;
