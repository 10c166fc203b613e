CREATE TABLE "table" (id INTEGER NOT NULL PRIMARY KEY, "type" TEXT NOT NULL, "table" TEXT, "two words" TEXT, "2fa" BOOLEAN, "a-b--c" TEXT, "UserName" TEXT, "is_nullable" TEXT);
CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY, users TEXT NOT NULL, __hidden TEXT, "self" TEXT, "größe" INTEGER, "say ""hi""!" TEXT);
CREATE TABLE "Mixed Case" (id INTEGER NOT NULL PRIMARY KEY, "type" INTEGER NOT NULL REFERENCES "table" (id), "users" INTEGER REFERENCES users);
CREATE TABLE zebra (id INTEGER NOT NULL PRIMARY KEY, "mixed" INTEGER REFERENCES "Mixed Case" (id));
CREATE TABLE __private (id INTEGER NOT NULL PRIMARY KEY);
CREATE TABLE sqlitebrowser (id INTEGER NOT NULL PRIMARY KEY);
CREATE TABLE "match" ("match" INTEGER NOT NULL PRIMARY KEY, "async" TEXT, "dyn" TEXT, "union" TEXT, "gen" TEXT, "crate" TEXT, "yield" TEXT);
