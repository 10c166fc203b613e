//! `status`: current, head, pending, and whether models, chain and database agree.

use expect_test::expect;

use crate::common::Sandbox;

#[test]
fn offline() {
    Sandbox::with_chain().run(["status", "--offline"]).check(expect![[r#"
        exit 0
        --- stdout
        chain     migrations (SQLite, 3 revisions)
        head      20240301000000 (add bio)
        database  not asked (--offline)
        models    agree with the revisions (table! and the chain)
    "#]]);
}

#[test]
fn all_is_well() {
    let sandbox = Sandbox::applied();
    let before = sandbox.listing();
    sandbox.run(["status"]).check(expect![[r#"
        exit 0
        --- stdout
        chain     migrations (SQLite, 3 revisions)
        head      20240301000000 (add bio)
        database  <root>/app.db (from <root>/.env)
        current   20240301000000 (add bio)
        pending   none
                  the schema is what its revisions give
        models    agree with the revisions (table! and the chain)
    "#]]);
    assert_eq!(sandbox.listing(), before, "status writes nothing");
}

#[test]
fn the_database_is_not_there_yet() {
    let sandbox = Sandbox::with_chain();
    sandbox.run(["status"]).check(expect![[r#"
        exit 3
        --- stdout
        chain     migrations (SQLite, 3 revisions)
        head      20240301000000 (add bio)
        database  <root>/app.db (from <root>/.env)
                  not there yet: cargo ops-migrate upgrade makes it
        current   base (nothing is applied)
        pending   3
                  20240101000000 (create users)
                  20240201000000 (create posts)
                  20240301000000 (add bio)
        models    agree with the revisions (table! and the chain)
    "#]]);
    assert!(!sandbox.path("app.db").exists());
}

#[test]
fn revisions_are_pending() {
    let sandbox = Sandbox::with_chain();
    let _ = sandbox.run(["upgrade", "+1"]).exits(0);
    sandbox.run(["status"]).check(expect![[r#"
        exit 3
        --- stdout
        chain     migrations (SQLite, 3 revisions)
        head      20240301000000 (add bio)
        database  <root>/app.db (from <root>/.env)
        current   20240101000000 (create users)
        pending   2
                  20240201000000 (create posts)
                  20240301000000 (add bio)
                  the schema is what its revisions give
        models    agree with the revisions (table! and the chain)
    "#]]);
}

#[test]
fn models_without_a_revision() {
    let sandbox = Sandbox::applied();
    sandbox.edit("src/schema.rs", "name -> Text,", "name -> Text,\n        nick_name -> Nullable<Text>,");
    sandbox.run(["status"]).check(expect![[r#"
        exit 1
        --- stdout
        chain     migrations (SQLite, 3 revisions)
        head      20240301000000 (add bio)
        database  <root>/app.db (from <root>/.env)
        current   20240301000000 (add bio)
        pending   none
                  the schema is what its revisions give
        models    changed without a revision:
                  + users.nick_name Nullable<Text>                 src/schema.rs:5
                  changed since main:
                  + users.nick_name Nullable<Text>                 src/schema.rs:5 (not carried)
        --- stderr
        hint: write it: cargo ops-migrate create "what changed"
    "#]]);
    let _ = sandbox.run(["status", "--offline"]).exits(1);
    let _ = sandbox.run(["create", "add nick name", "--no-proof"]).exits(0);
    let _ = sandbox.run(["status", "--offline"]).exits(0);
    let _ = sandbox.run(["status"]).exits(3);
}

#[test]
fn what_changed_since_the_base_branch() {
    let sandbox = Sandbox::applied();
    sandbox.git(["switch", "--quiet", "--create", "feature"]);
    sandbox.edit("src/schema.rs", "name -> Text,", "name -> Text,\n        nick_name -> Nullable<Text>,");
    let _ = sandbox.run(["create", "add nick name", "--no-proof"]).exits(0);
    sandbox.commit("nick name");
    sandbox.edit("src/schema.rs", "title -> Text,", "title -> Text,\n        score -> Nullable<Integer>,");
    sandbox.run(["status", "--offline"]).check(expect![[r#"
        exit 1
        --- stdout
        chain     migrations (SQLite, 4 revisions)
        head      <id> (add nick name)
        database  not asked (--offline)
        models    changed without a revision:
                  + posts.score Nullable<Integer>                  src/schema.rs:16
                  changed since main:
                  + posts.score Nullable<Integer>                  src/schema.rs:16 (not carried)
                  + users.nick_name Nullable<Text>                 src/schema.rs:5 (carried)
        --- stderr
        hint: write it: cargo ops-migrate create "what changed"
    "#]]);
}

#[test]
fn a_database_that_was_changed_by_hand() {
    let sandbox = Sandbox::applied();
    sandbox.execute("ALTER TABLE users ADD COLUMN by_hand TEXT; DROP INDEX posts_user_id");
    sandbox.run(["status"]).check(expect![[r#"
        exit 1
        --- stdout
        chain     migrations (SQLite, 3 revisions)
        head      20240301000000 (add bio)
        database  <root>/app.db (from <root>/.env)
        current   20240301000000 (add bio)
        pending   none
                  the schema is not what its revisions give:
                    index posts_user_id of posts is missing
                    column users.by_hand is left over
        models    agree with the revisions (table! and the chain)
    "#]]);
}

#[test]
fn without_a_database_url() {
    let sandbox = Sandbox::with_chain();
    fs_err::remove_file(sandbox.path(".env")).unwrap();
    sandbox.run(["status"]).check(expect![[r#"
        exit 2
        --- stderr
        error: no database is named
        hint: give --database-url URL, set DATABASE_URL, or write DATABASE_URL=… into .env; `cargo ops-migrate doctor` shows what was looked at
        hint: or leave the database out: cargo ops-migrate status --offline
    "#]]);
    let _ = sandbox.run(["status", "--offline"]).exits(0);
}

#[test]
fn as_json() {
    let sandbox = Sandbox::with_chain();
    let _ = sandbox.run(["upgrade", "+1"]).exits(0);
    let output = sandbox.run(["status", "--format", "json"]).exits(3);
    let mut json = output.json();
    json["chains"][0]["database"]["url"] = "…".into();
    expect![[r#"
        {
          "chains": [
            {
              "changed_since_base": [],
              "database": {
                "current": [
                  "20240101000000 (create users)"
                ],
                "differences": [],
                "exists": true,
                "out_of_order": [],
                "pending": [
                  "20240201000000 (create posts)",
                  "20240301000000 (add bio)"
                ],
                "unfinished": [],
                "unknown": [],
                "url": "…"
              },
              "dialect": "sqlite",
              "directory": "migrations",
              "heads": [
                "20240301000000"
              ],
              "inherited": [],
              "missing": [],
              "revisions": 3,
              "undecided": []
            }
          ],
          "schema_version": 1
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&json).unwrap());
}

#[test]
fn from_a_directory_below() {
    let mut sandbox = Sandbox::applied();
    sandbox.cwd = "src".to_owned();
    let _ = sandbox.run(["status", "--offline"]).exits(0).says(&["agree with the revisions"]);
    sandbox.cwd = "migrations/2024-01-01-000000_create_users".to_owned();
    let _ = sandbox.run(["history"]).exits(0);
}
