//! `diff`: what differs between two schemas.

use expect_test::expect;

use crate::common::Sandbox;

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

#[test]
fn as_json() {
    let sandbox = Sandbox::with_chain();
    let json = sandbox.run(["diff", "--from", "202402", "--to", "head", "--format", "json"]).exits(0).json();
    assert_eq!(json["operations"].as_array().unwrap().len(), 1);
}
