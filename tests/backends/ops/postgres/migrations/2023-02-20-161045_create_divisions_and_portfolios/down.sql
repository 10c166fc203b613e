DROP TABLE portfolio_team_leaders;
DROP TABLE portfolio_urls;
DROP TABLE portfolios;
DROP TYPE portfolio_status;
ALTER TABLE users DROP COLUMN division_id;
DROP TABLE divisions;
