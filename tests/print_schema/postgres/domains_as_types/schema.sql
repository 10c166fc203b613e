CREATE DOMAIN email AS varchar(100) NOT NULL CHECK (VALUE LIKE '%@%');
CREATE DOMAIN percent AS integer;
CREATE DOMAIN tags AS text[];
CREATE TYPE mood AS ENUM ('sad');
CREATE DOMAIN good_mood AS mood;
CREATE TABLE users (id serial PRIMARY KEY, email email, emails email[], share percent NOT NULL, tags tags, mood good_mood);
