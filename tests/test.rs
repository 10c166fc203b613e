//! `test`: revisions proved on a scratch database.

use expect_test::expect;

use crate::common::Sandbox;

#[test]
fn the_head_and_the_whole_chain() {
    let sandbox = Sandbox::with_chain();
    let before = sandbox.listing();
    sandbox.run(["test"]).check(expect![[r#"
        exit 0
        --- stdout
        Proved on SQLite: up, down, up again; 2 tables with rows; the schema is what it should be each time (<took>)
        --- stderr
        migrations/2024-03-01-000000_add_bio
    "#]]);
    sandbox.run(["test", "--all"]).check(expect![[r#"
        exit 0
        --- stdout
        Proved on SQLite: up, down, up again; 0 tables with rows; the schema is what it should be each time (<took>)
        Proved on SQLite: up, down, up again; 1 table with rows; the schema is what it should be each time (<took>)
        Proved on SQLite: up, down, up again; 2 tables with rows; the schema is what it should be each time (<took>)
        --- stderr
        migrations/2024-01-01-000000_create_users
        migrations/2024-02-01-000000_create_posts
        migrations/2024-03-01-000000_add_bio
    "#]]);
    let _ = sandbox.run(["test", "20240201000000"]).exits(0).says(&["create_posts"]);
    assert_eq!(sandbox.listing(), before, "the database of the project is never touched");
}

#[test]
fn a_down_that_takes_nothing_back() {
    let sandbox = Sandbox::new();
    sandbox.revision("2024-02-01-000000_age", "ALTER TABLE users ADD COLUMN age INTEGER;\n", "SELECT 1;\n");
    sandbox.run(["test"]).check(expect![[r#"
        exit 1
        --- stdout
        Not proved on SQLite:
          - after down, column users.age is left over
        --- stderr
        migrations/2024-02-01-000000_age
        hint: edit the files, then: cargo ops-migrate test
    "#]]);
}

#[test]
fn a_down_that_fails() {
    let sandbox = Sandbox::new();
    sandbox.revision(
        "2024-02-01-000000_age",
        "ALTER TABLE users ADD COLUMN age INTEGER;\n",
        "ALTER TABLE users DROP COLUMN agee;\n",
    );
    sandbox.run(["test"]).check(expect![[r#"
        exit 1
        --- stdout
        Not proved on SQLite:
          - down failed: migrations/2024-02-01-000000_age/down.sql: cannot revert 2024-02-01-000000_age: no such column: "agee"
        --- stderr
        migrations/2024-02-01-000000_age
        hint: edit the files, then: cargo ops-migrate test
    "#]]);
}

#[test]
fn an_up_that_fails() {
    let sandbox = Sandbox::new();
    sandbox.revision(
        "2024-02-01-000000_age",
        "-- One line.\nALTER TABLE user ADD COLUMN age INTEGER;\n",
        "SELECT 1;\n",
    );
    sandbox.run(["test"]).check(expect![[r#"
        exit 1
        --- stdout
        Not proved on SQLite:
          - up failed: migrations/2024-02-01-000000_age/up.sql: cannot apply 2024-02-01-000000_age: no such table: user
        --- stderr
        migrations/2024-02-01-000000_age
        hint: edit the files, then: cargo ops-migrate test
    "#]]);
}

#[test]
fn a_rebuild_that_loses_rows() {
    let sandbox = Sandbox::new();
    sandbox.revision(
        "2024-02-01-000000_rebuild",
        "CREATE TABLE new_users (id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, email TEXT, age INTEGER);\nDROP TABLE users;\nALTER TABLE new_users RENAME TO users;\n",
        "ALTER TABLE users DROP COLUMN age;\n",
    );
    sandbox.run(["test"]).check(expect![[r#"
        exit 1
        --- stdout
        Not proved on SQLite:
          - table users had 2 row(s) and has 0 after up
          - table users had 2 row(s) and has 0 after down
        --- stderr
        migrations/2024-02-01-000000_rebuild
        hint: edit the files, then: cargo ops-migrate test
    "#]]);
}

#[test]
fn a_rebuild_that_loses_the_rows_of_children() {
    let sandbox = Sandbox::new();
    sandbox.revision(
        "2024-02-01-000000_posts",
        "CREATE TABLE posts (id INTEGER NOT NULL PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE);\n",
        "DROP TABLE posts;\n",
    );
    sandbox.revision(
        "2024-03-01-000000_rebuild",
        "CREATE TABLE new_users (id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, email TEXT, age INTEGER);\nINSERT INTO new_users (id, name, email) SELECT id, name, email FROM users;\nDROP TABLE users;\nALTER TABLE new_users RENAME TO users;\n",
        "ALTER TABLE users DROP COLUMN age;\n",
    );
    sandbox.run(["test"]).check(expect![[r#"
        exit 1
        --- stdout
        Not proved on SQLite:
          - table posts had 2 row(s) and has 0 after up
          - table posts had 2 row(s) and has 0 after down
        --- stderr
        migrations/2024-03-01-000000_rebuild
        hint: edit the files, then: cargo ops-migrate test
    "#]]);
}

#[test]
fn no_way_back() {
    let sandbox = Sandbox::new();
    sandbox.revision(
        "2024-02-01-000000_age",
        "ALTER TABLE users ADD COLUMN age INTEGER;\n",
        "-- There is no way back.\n",
    );
    sandbox.write(
        "migrations/2024-02-01-000000_age/metadata.toml",
        "run_in_transaction = true\n\n[ops-migrate]\nirreversible = \"ages are not forgotten\"\n",
    );
    sandbox.run(["test"]).check(expect![[r#"
        exit 0
        --- stdout
        Proved on SQLite: up; 1 table with rows; the schema is what it should be each time (<took>)
        --- stderr
        migrations/2024-02-01-000000_age
        warning: 2024-02-01-000000_age has no way back: down was not tried
    "#]]);
}

#[test]
fn as_json() {
    let sandbox = Sandbox::new();
    sandbox.revision("2024-02-01-000000_age", "ALTER TABLE users ADD COLUMN age INTEGER;\n", "SELECT 1;\n");
    let output = sandbox.run(["test", "--all", "--format", "json"]).exits(1);
    let proofs = &output.json()["proofs"];
    assert_eq!((&proofs[0]["proved"], &proofs[1]["proved"]), (&true.into(), &false.into()));
}

#[test]
fn an_unknown_revision() {
    Sandbox::with_chain().run(["test", "nonsense"]).check(expect![[r#"
        exit 2
        --- stderr
        error: there is no revision `nonsense`
        hint: `cargo ops-migrate history` lists the revisions
    "#]]);
}
