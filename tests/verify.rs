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
        --- stderr
        hint: put the schema right: cargo ops-migrate repair (--plan shows how)
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
        hint: cargo ops-migrate rollback --unknown takes it back, by the down.sql that the ledger keeps
    "#]]);
    let _ = sandbox
        .run(["status", "--verify"])
        .exits(1)
        .says(&["20240301000000, which is not in this chain", "column users.bio is left over"]);
    let found = sandbox.run(["current", "--format", "json"]).exits(0).json();
    assert_eq!(found["unknown"][0], "20240301000000");
}

#[test]
fn revisions_of_another_branch_are_taken_back_by_the_ledger() {
    let sandbox = Sandbox::applied();
    sandbox.execute("INSERT INTO users (id, name, bio) VALUES (1, 'a', 'b')");
    let _ = sandbox.run(["rollback", "--unknown"]).exits(0).says(&["every applied version is in this chain"]);
    for name in ["2024-02-01-000000_create_posts", "2024-03-01-000000_add_bio"] {
        fs_err::remove_dir_all(sandbox.path(&format!("migrations/{name}"))).unwrap();
    }
    sandbox.run(["rollback", "--unknown"]).check(expect![[r#"
        exit 2
        --- stdout
        2 revisions to take back, by the down.sql that the ledger keeps:
          2024-03-01-000000_add_bio
          2024-02-01-000000_create_posts
        --- stderr
        warning: this loses the values of users.bio (1 row)
        error: the rollback loses data, and nobody is there to ask
        hint: say so beforehand: --allow-data-loss
    "#]]);
    let plan = sandbox.run(["rollback", "--unknown", "--plan", "--format", "json"]).exits(0).json();
    assert_eq!((&plan["unknown"][0], &plan["losses"][0]["rows"]), (&"20240301000000".into(), &1.into()));
    let _ = sandbox.run(["rollback", "--unknown", "--allow-data-loss"]).exits(0);
    let _ = sandbox.run(["status", "--verify"]).exits(0).says(&["the schema is what its revisions give"]);
    assert_eq!(sandbox.query("SELECT version AS line FROM __diesel_schema_migrations"), "20240101000000");
    sandbox.execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('20249999000000')");
    let _ = sandbox
        .run(["rollback", "--unknown"])
        .exits(1)
        .says(&["keeps no way back from version 20249999000000", "stamp current --purge"]);
    let _ = sandbox.run(["stamp", "current", "--purge", "--yes"]).exits(0);
    assert_eq!(sandbox.query("SELECT version AS line FROM __diesel_schema_migrations"), "20240101000000");
}

#[test]
fn row_60_an_upgrade_of_a_protected_database_stops_where_it_was_changed_by_hand() {
    let sandbox = Sandbox::with_chain();
    let _ = sandbox.run(["upgrade", "+2"]).exits(0);
    let _ = sandbox.run(["protect"]).exits(0);
    sandbox.execute("CREATE TABLE extra (id INTEGER)");
    let _ = sandbox
        .run(["upgrade"])
        .exits(2)
        .says(&["not as recorded: table extra is left over", "its schema is not what its revisions give"]);
    let _ = sandbox.run(["upgrade", "--database-name", "app.db"]).exits(0);
}

#[test]
fn row_77_without_a_ledger_nothing_is_lost_but_its_own_knowledge() {
    let sandbox = Sandbox::applied();
    sandbox.execute("DROP TABLE __ops_migrate_ledger; DROP TABLE __ops_migrate_settings");
    let _ = sandbox.run(["status", "--verify"]).exits(0);
    let _ = sandbox.run(["rollback"]).exits(0);
    let _ = sandbox.run(["upgrade"]).exits(0);
    let _ = sandbox.run(["status", "--verify"]).exits(0);
}
