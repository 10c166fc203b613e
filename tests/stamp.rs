//! `stamp`: where the database stands is recorded, and nothing runs.

use expect_test::expect;

use crate::common::Sandbox;

fn versions(sandbox: &Sandbox) -> String {
    sandbox.query("SELECT version AS line FROM __diesel_schema_migrations ORDER BY version").replace('\n', " ")
}

/// A database whose first two tables are there already, made by nobody's revision.
fn by_hand() -> Sandbox {
    let sandbox = Sandbox::with_chain();
    fs_err::write(sandbox.path("app.db"), "").unwrap();
    sandbox.execute(&sandbox.read("migrations/2024-01-01-000000_create_users/up.sql"));
    sandbox.execute(&sandbox.read("migrations/2024-02-01-000000_create_posts/up.sql"));
    sandbox
}

#[test]
fn a_database_that_was_there_before() {
    let sandbox = by_hand();
    sandbox.run(["stamp", "20240201000000", "--plan"]).check(expect![[r#"
        exit 0
        --- stdout
        2 revisions recorded as applied, without running:
          20240101000000  create users  2024-01-01-000000_create_users
          20240201000000  create posts  2024-02-01-000000_create_posts
        --- stderr
        warning: the schema is not touched: this is right only where it is already as these revisions make it
    "#]]);
    assert_eq!(sandbox.query("SELECT count(*) AS line FROM sqlite_master WHERE name LIKE '\\_\\_%' ESCAPE '\\'"), "0");
    let _ = sandbox.run(["stamp", "20240201000000"]).exits(2).says(&["say so beforehand: --yes"]);
    let _ = sandbox.run_answering("n\n", ["stamp", "20240201000000"]).exits(1).says(&["nothing was recorded"]);
    let _ = sandbox.run(["stamp", "20240201000000", "--yes"]).exits(0).says(&["Recorded."]);
    assert_eq!(versions(&sandbox), "20240101000000 20240201000000");
    let _ = sandbox.run(["status", "--verify"]).exits(3).says(&["the schema is what its revisions give"]);
    let _ = sandbox.run(["upgrade"]).exits(0).says(&["applied 2024-03-01-000000_add_bio"]);
    let ledger = sandbox.query("SELECT version || ' ' || state || ' ' || (run_id LIKE 'stamp-%') AS line FROM __ops_migrate_ledger ORDER BY id");
    assert_eq!(ledger, "20240101000000 applied 1\n20240201000000 applied 1\n20240301000000 applied 0");
    sandbox.run(["stamp", "head", "--yes"]).check(expect![[r#"
        exit 0
        --- stdout
        Nothing to record.
    "#]]);
}

#[test]
fn back_and_to_the_base() {
    let sandbox = Sandbox::applied();
    sandbox.run(["stamp", "-1", "--yes"]).check(expect![[r#"
        exit 0
        --- stdout
        1 revision recorded as not applied, without running:
          20240301000000  add bio  2024-03-01-000000_add_bio
        Recorded.
        --- stderr
        warning: the schema is not touched: this is right only where it is already as these revisions make it
        hint: cargo ops-migrate status --verify compares the schema with what is recorded now
    "#]]);
    assert_eq!(versions(&sandbox), "20240101000000 20240201000000");
    let _ = sandbox.run(["stamp", "base", "--yes"]).exits(0);
    assert_eq!(versions(&sandbox), "");
    assert_eq!(sandbox.query("SELECT count(*) AS line FROM posts"), "0", "the schema is not touched");
    let _ = sandbox.run(["stamp", "heads", "-y"]).exits(0);
    assert_eq!(versions(&sandbox), "20240101000000 20240201000000 20240301000000");
}

#[test]
fn versions_of_another_branch_stay_unless_purged() {
    let sandbox = Sandbox::applied();
    sandbox.execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('20239999000000')");
    let plan = sandbox.run(["stamp", "head", "--format", "json"]).exits(0).json();
    assert_eq!((&plan["left"][0], &plan["done"]), (&"20239999000000".into(), &false.into()));
    let _ = sandbox.run(["stamp", "head"]).exits(0).says(&["stays recorded; --purge forgets it", "Nothing to record."]);
    let done = sandbox.run(["stamp", "head", "--purge", "--yes", "--format", "json"]).exits(0).json();
    assert_eq!((&done["forgotten"][0], &done["done"]), (&"20239999000000".into(), &true.into()));
    assert_eq!(versions(&sandbox), "20240101000000 20240201000000 20240301000000");
}

#[test]
fn a_target_that_is_none_and_a_database_that_is_not_there() {
    let sandbox = Sandbox::with_chain();
    let _ = sandbox.run(["stamp", "head", "--yes"]).exits(5).says(&["no such database file"]);
    let _ = Sandbox::applied().run(["stamp", "nonsense"]).exits(2).says(&["there is no revision `nonsense`"]);
}

/// What the ledger says: versions, states, and whether it was stamped.
fn ledger(sandbox: &Sandbox) -> String {
    sandbox.query(
        "SELECT group_concat(version || ' ' || state || ' ' || (run_id LIKE 'stamp-%'), ', ') AS line
         FROM (SELECT * FROM __ops_migrate_ledger ORDER BY id)",
    )
}

#[test]
fn row_77_a_ledger_that_was_lost() {
    let sandbox = Sandbox::applied();
    sandbox.execute("DROP TABLE __ops_migrate_ledger; DROP TABLE __ops_migrate_journal");
    sandbox.run(["stamp", "--rebuild-ledger", "--plan"]).check(expect![[r#"
        exit 0
        --- stdout
        3 revisions recorded in the ledger as applied, as Diesel's table has it:
          20240101000000  create users  2024-01-01-000000_create_users
          20240201000000  create posts  2024-02-01-000000_create_posts
          20240301000000  add bio  2024-03-01-000000_add_bio
        --- stderr
        warning: the files are believed as they are now: a text that was edited since it ran is not noticed
    "#]]);
    let _ = sandbox.run(["stamp", "--rebuild-ledger", "--yes"]).exits(0).says(&["Recorded."]);
    assert_eq!(versions(&sandbox), "20240101000000 20240201000000 20240301000000");
    assert_eq!(ledger(&sandbox), "20240101000000 applied 1, 20240201000000 applied 1, 20240301000000 applied 1");
    let _ = sandbox.run(["stamp", "--rebuild-ledger", "--yes"]).exits(0).says(&["Nothing to record."]);
    let _ = sandbox.run(["status", "--verify"]).exits(0).says_nothing_of(&["not in the ledger"]);
    // It knows the texts again, and the ways back of another branch.
    sandbox.edit("migrations/2024-02-01-000000_create_posts/up.sql", "title TEXT", "title VARCHAR");
    sandbox.revision("2024-04-01-000000_more", "SELECT 1;\n", "SELECT 1;\n");
    let _ = sandbox.run(["upgrade"]).exits(6).says(&["2024-02-01-000000_create_posts"]);
    sandbox.git(["checkout", "--quiet", "."]);
    fs_err::remove_dir_all(sandbox.path("migrations/2024-03-01-000000_add_bio")).unwrap();
    let _ = sandbox.run(["rollback", "--unknown", "--allow-data-loss"]).exits(0);
    assert_eq!(versions(&sandbox), "20240101000000 20240201000000");
}

#[test]
fn what_another_tool_has_done_is_written_to_the_ledger() {
    let sandbox = Sandbox::applied();
    // Diesel itself: one applied, one taken back; and one of which there is no file.
    sandbox.execute(
        "DELETE FROM __ops_migrate_ledger WHERE version = '20240201000000';
         DELETE FROM __diesel_schema_migrations WHERE version = '20240301000000';
         ALTER TABLE users DROP COLUMN bio;
         INSERT INTO __diesel_schema_migrations (version) VALUES ('20239999000000')",
    );
    let _ = sandbox
        .run(["status", "--verify"])
        .says(&["1 revision not in the ledger", "cargo ops-migrate stamp --rebuild-ledger"]);
    sandbox.run(["stamp", "--rebuild-ledger", "--yes"]).check(expect![[r#"
        exit 0
        --- stdout
        1 revision recorded in the ledger as applied, as Diesel's table has it:
          20240201000000  create posts  2024-02-01-000000_create_posts
        1 revision recorded in the ledger as not applied, as Diesel's table has it:
          20240301000000  add bio  2024-03-01-000000_add_bio
        Recorded.
        --- stderr
        warning: version 20239999000000 has no files in this chain: the ledger can know nothing of it
        warning: the files are believed as they are now: a text that was edited since it ran is not noticed
        hint: cargo ops-migrate status --verify compares the schema with what is recorded now
    "#]]);
    assert_eq!(versions(&sandbox), "20239999000000 20240101000000 20240201000000");
    assert!(ledger(&sandbox).ends_with("20240301000000 reverted 1, 20240201000000 applied 1"), "{}", ledger(&sandbox));
    for args in [&["stamp"][..], &["stamp", "head", "--rebuild-ledger"], &["stamp", "--rebuild-ledger", "--purge"]] {
        let _ = sandbox.run(args.iter().copied()).exits(2);
    }
}
