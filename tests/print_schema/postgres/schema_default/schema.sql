CREATE SCHEMA app;
CREATE TYPE app.level AS ENUM ('low', 'high');
CREATE TYPE mood AS ENUM ('sad');
CREATE TABLE app.users (id serial PRIMARY KEY, level app.level NOT NULL, mood mood, "type" text, words tsvector);
CREATE TABLE app.posts (id serial PRIMARY KEY, user_id integer NOT NULL REFERENCES app.users);
CREATE TABLE app."two words" (id serial PRIMARY KEY, post_id integer NOT NULL REFERENCES app.posts);
CREATE TABLE users (id serial PRIMARY KEY, level app.level, app_user_id integer REFERENCES app.users);
CREATE TABLE posts (id serial PRIMARY KEY, user_id integer REFERENCES users);
