//! Another project's database, or a copy on another server, is not written without a question
//! (fault matrix, rows 52 and 53).

use crate::common::Sandbox;

/// A second project with another name and another chain.
fn shop() -> Sandbox {
    let sandbox = Sandbox::without_revisions();
    sandbox.edit("Cargo.toml", "\"app\"", "\"shop\"");
    sandbox.revision(
        "2023-05-05-000000_items",
        "CREATE TABLE items (id INTEGER NOT NULL PRIMARY KEY);\n",
        "DROP TABLE items;\n",
    );
    sandbox
}

/// Copies the database of one project to another.
fn swap(from: &Sandbox, to: &Sandbox) {
    fs_err::copy(from.path("app.db"), to.path("app.db")).unwrap();
}

#[test]
fn row_52_the_database_of_another_project() {
    let (app, shop) = (Sandbox::applied(), shop());
    swap(&app, &shop);
    let before = fs_err::read(shop.path("app.db")).unwrap();
    let words = "app.db belongs to the project `app` (first revision 20240101000000)";
    let unknown = ["rollback", "--unknown", "--allow-data-loss"];
    for args in [&["upgrade"][..], &["stamp", "head", "--yes"], &["protect"], &unknown] {
        let _ = shop.run(args.iter().copied()).exits(2).says(&[
            words,
            "and this is `shop` (first revision 20230505000000)",
            "app.db, from <root>/.env: is it the one that you mean?",
            "--accept-database",
        ]);
    }
    let _ = shop.run_answering("n\n", ["upgrade"]).exits(1).says(&["nothing was changed"]);
    assert_eq!(fs_err::read(shop.path("app.db")).unwrap(), before, "nothing is written before the answer");
    let _ = shop.run(["status"]).says(&[words]);
    let _ = shop.run_answering("y\n", ["upgrade"]).exits(0);
    let _ = shop.run(["upgrade"]).exits(0).says_nothing_of(&["belongs to"]);
}

#[test]
fn row_52_another_project_that_this_tool_has_not_met() {
    let (app, shop) = (Sandbox::applied(), shop());
    app.execute("DROP TABLE __ops_migrate_settings");
    swap(&app, &shop);
    let words = "none of the revisions that app.db has applied is in this chain";
    let _ = shop.run(["upgrade"]).exits(2).says(&[words]);
    let _ = shop.run(["upgrade", "--accept-database"]).exits(0);
    let _ = shop.run(["upgrade"]).exits(0).says_nothing_of(&[words]);
}

#[test]
fn a_renamed_package_and_a_chain_begun_anew_are_the_same_project() {
    let sandbox = Sandbox::applied();
    sandbox.edit("Cargo.toml", "\"app\"", "\"backend\"");
    let _ = sandbox.run(["rollback"]).exits(0);
    let _ = sandbox.run(["upgrade"]).exits(0);
}

mod postgres_tests {
    use ops_migrate::dialect::Dialect;

    use crate::common::{MANIFEST, Sandbox, scratch};

    #[test]
    fn row_53_a_restored_backup_asks_once() {
        let mut scratch = scratch("OPS_MIGRATE_TEST_POSTGRES", Dialect::Postgres);
        let url = scratch.database().url().clone();
        let sandbox = Sandbox::without_revisions();
        sandbox.write("Cargo.toml", MANIFEST.replace("sqlite", "postgres"));
        sandbox.write(".env", format!("DATABASE_URL={url}\n"));
        sandbox.revision("2024-01-01-000000_a", "CREATE TABLE a (id integer PRIMARY KEY);", "DROP TABLE a;");
        let _ = sandbox.run(["upgrade"]).exits(0);
        // What a dump of another server brings along.
        scratch
            .database()
            .execute("UPDATE __ops_migrate_settings SET value = 'postgres 1/2' WHERE name = 'engine'")
            .unwrap();
        sandbox.revision("2024-02-01-000000_b", "CREATE TABLE b (id integer PRIMARY KEY);", "DROP TABLE b;");
        let _ = sandbox.run(["upgrade"]).exits(2).says(&["it is a restored backup or a copy", "--accept-database"]);
        assert!(!scratch.database().has_table("b").unwrap());
        let _ = sandbox.run(["upgrade", "--accept-database"]).exits(0);
        let _ = sandbox.run(["rollback"]).exits(0);
    }
}
