//! `status --verify`, and what is said of a database that knows more than the chain (fault matrix,
//! rows 56, 60 and 78).

use expect_test::expect;

use crate::common::Sandbox;

#[test]
fn all_objects_are_as_recorded() {
    let sandbox = Sandbox::applied();
    let before = sandbox.listing();
    let _ = sandbox.run(["status", "--verify"]).exits(0).says(&["objects as recorded, 0 not"]);
    assert_eq!(sandbox.listing(), before, "nothing is written");
    let _ = sandbox.run(["status", "--verify", "--offline"]).exits(2);
}

#[test]
fn row_60_changes_by_hand_are_named_one_by_one() {
    let sandbox = Sandbox::applied();
    sandbox
        .execute("ALTER TABLE users ADD COLUMN oops TEXT; DROP INDEX posts_user_id; CREATE TABLE extra (id INTEGER)");
    sandbox.run(["status", "--verify"]).check(expect![[r#"
        exit 1
        --- stdout
        chain     migrations (SQLite, 3 revisions)
        head      20240301000000 (add bio)
        database  <root>/app.db (from <root>/.env)
        current   20240301000000 (add bio)
        pending   none
        verified  12 objects as recorded, 3 not
                  the schema is not what its revisions give:
                    index posts_user_id of posts is missing
                    column users.oops is left over
                    table extra is left over
        models    agree with the revisions (table! and the chain)
    "#]]);
    let found = sandbox.run(["status", "--verify", "--format", "json"]).exits(1).json();
    let database = &found["chains"][0]["database"];
    assert_eq!(database["differences"].as_array().unwrap().len(), 3);
    assert!(database["verified"]["never_ran"].as_array().unwrap().is_empty());
}

#[test]
fn row_78_what_was_recorded_and_never_ran_is_told() {
    let sandbox = Sandbox::with_chain();
    let _ = sandbox.run(["upgrade", "20240101000000"]).exits(0);
    let _ = sandbox.run(["stamp", "20240201000000", "--yes"]).exits(0);
    sandbox.execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('20240301000000')");
    let _ = sandbox.run(["status", "--verify"]).exits(1).says(&[
        "recorded, but nothing of it is there: 20240201000000 (create posts), stamped at <time> by ",
        "recorded, but nothing of it is there: 20240301000000 (add bio), recorded by another tool or by hand",
        "table posts is missing",
        "column users.bio is missing",
        "cargo ops-migrate stamp",
    ]);
}

#[test]
fn out_of_order_is_no_reason_to_compare_nothing() {
    let sandbox = Sandbox::applied();
    sandbox.revision(
        "2024-01-15-000000_late",
        "CREATE TABLE late (id INTEGER NOT NULL PRIMARY KEY);\n",
        "DROP TABLE late;\n",
    );
    let _ = sandbox
        .run(["status", "--verify"])
        .exits(3)
        .says(&["objects as recorded, 0 not", "is older than what is applied"]);
    sandbox.execute("DROP TABLE posts");
    let _ = sandbox.run(["status", "--verify"]).exits(1).says(&["table posts is missing"]);
}

#[test]
fn row_56_revisions_of_another_branch() {
    let sandbox = Sandbox::applied();
    fs_err::remove_dir_all(sandbox.path("migrations/2024-03-01-000000_add_bio")).unwrap();
    sandbox.run(["current"]).check(expect![[r#"
        exit 0
        --- stdout
        20240201000000  create posts  2024-02-01-000000_create_posts (head)
        --- stderr
        warning: the database has version 20240301000000, which is not in this chain (another branch?)
    "#]]);
    let _ = sandbox
        .run(["status", "--verify"])
        .exits(1)
        .says(&["20240301000000, which is not in this chain", "column users.bio is left over"]);
    let found = sandbox.run(["current", "--format", "json"]).exits(0).json();
    assert_eq!(found["unknown"][0], "20240301000000");
}
