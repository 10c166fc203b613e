//! `diff`: what differs between two schemas.

use expect_test::expect;

use crate::common::{MANIFEST, Sandbox};

#[test]
fn models_and_head() {
    let sandbox = Sandbox::with_chain();
    sandbox.run(["diff"]).check(expect![[r#"
        exit 0
        --- stdout
        No differences.
    "#]]);
    sandbox.edit("src/schema.rs", "name -> Text,", "name -> Text,\n        nick_name -> Nullable<Text>,");
    sandbox.run(["diff"]).check(expect![[r#"
        exit 0
        --- stdout
        add column users.nick_name TEXT
    "#]]);
    sandbox.run(["diff", "--format", "sql"]).check(expect![[r#"
        exit 0
        --- stdout
        ALTER TABLE users ADD COLUMN nick_name TEXT;
    "#]]);
    sandbox.run(["diff", "--from", "models", "--to", "head"]).check(expect![[r#"
        exit 0
        --- stdout
        drop column users.nick_name
    "#]]);
}

#[test]
fn two_revisions() {
    let sandbox = Sandbox::with_chain();
    sandbox.run(["diff", "--from", "202401", "--to", "head"]).check(expect![[r#"
        exit 0
        --- stdout
        create table posts (3 columns)
        add column users.bio TEXT
        create index posts_user_id on posts
        add foreign key posts.(user_id) to users
    "#]]);
    sandbox.run(["diff", "--from", "head", "--to", "head-1"]).check(expect![[r#"
        exit 0
        --- stdout
        drop column users.bio
    "#]]);
    sandbox.run(["diff", "--from", "base", "--to", "202401", "--format", "sql"]).check(expect![[r#"
        exit 0
        --- stdout
        CREATE TABLE users (
            id INTEGER NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            email TEXT
        );
    "#]]);
}

#[test]
fn a_sql_file_and_a_database() {
    let sandbox = Sandbox::applied();
    sandbox.write("other.sql", "CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL);\n");
    sandbox.run(["diff", "--from", "202401", "--to", "other.sql"]).check(expect![[r#"
        exit 0
        --- stdout
        drop column users.email
    "#]]);
    sandbox.run(["diff", "--from", "head", "--to", "file:app.db"]).check(expect![[r#"
        exit 0
        --- stdout
        No differences.
    "#]]);
    sandbox.execute("ALTER TABLE users ADD COLUMN by_hand TEXT");
    sandbox.run(["diff", "--from", "head", "--to", "sqlite://app.db"]).check(expect![[r#"
        exit 0
        --- stdout
        add column users.by_hand TEXT
    "#]]);
}

#[test]
fn sides_that_are_none() {
    let sandbox = Sandbox::with_chain();
    sandbox.write("wrong.sql", "CREATE TABLE a (id INTEGER);\nCREATE TABEL b (id INTEGER);\n");
    for (side, expected) in [
        (
            "nowhere.sql",
            expect![[r#"
                exit 2
                --- stderr
                error: failed to open file `<root>/nowhere.sql`: No such file or directory (os error 2)
            "#]],
        ),
        (
            "wrong.sql",
            expect![[r#"
            exit 2
            --- stderr
            error: wrong.sql:2: this does not parse as SQLite: near "TABEL": syntax error
        "#]],
        ),
        (
            "nonsense",
            expect![[r#"
            exit 2
            --- stderr
            error: there is no revision `nonsense`
            hint: `cargo ops-migrate history` lists the revisions
        "#]],
        ),
        (
            "file:nowhere.db",
            expect![[r#"
            exit 5
            --- stderr
            error: no such database file: <root>/nowhere.db
            hint: `cargo ops-migrate upgrade` creates it
        "#]],
        ),
        (
            "oracle://x/y",
            expect![[r#"
            exit 2
            --- stderr
            error: the database URL cannot be read: `oracle` is no database that is known here
            hint: it looks like postgres://user:password@host/database, mysql://user:password@host/database, sqlite://path/to/file.db, or the path of an SQLite file
        "#]],
        ),
    ] {
        sandbox.run(["diff", "--to", side]).check(expected);
    }
}

/// What `create` would write as several revisions is told apart, with how each is to be run.
#[test]
fn several_scripts() {
    let sandbox = Sandbox::without_revisions();
    sandbox.write("Cargo.toml", MANIFEST.replace("\"sqlite\"", "\"postgres\""));
    sandbox.write(".env", "");
    sandbox.write("a.sql", "CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE t (id int PRIMARY KEY, a mood);\n");
    sandbox.write(
        "b.sql",
        "CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE t (id int PRIMARY KEY, a mood DEFAULT 'ok'); CREATE INDEX i ON t (a);\n",
    );
    sandbox.run(["diff", "--from", "a.sql", "--to", "b.sql", "--format", "sql", "--concurrently"]).check(expect![[
        r#"
        exit 0
        --- stdout
        -- 1 of 3: enum values, in a transaction
        ALTER TYPE mood ADD VALUE 'ok';

        -- 2 of 3: tables, in a transaction
        ALTER TABLE t ALTER COLUMN a SET DEFAULT 'ok';

        -- 3 of 3: index i, without a transaction
        CREATE INDEX CONCURRENTLY i ON t (a);
    "#
    ]]);
    sandbox.run(["diff", "--from", "a.sql", "--to", "a.sql", "--format", "sql"]).check(expect![[r#"
        exit 0
        --- stdout
        -- No differences.
    "#]]);
}

#[test]
fn as_json() {
    let sandbox = Sandbox::with_chain();
    let json = sandbox.run(["diff", "--from", "202402", "--to", "head", "--format", "json"]).exits(0).json();
    assert_eq!(json["operations"].as_array().unwrap().len(), 1);
}
