//! `protect`, `unprotect`, and what a protected database wants (fault matrix, row 74).

use expect_test::expect;

use crate::common::Sandbox;

/// Three revisions applied, a row in each table, and the mark.
fn protected() -> Sandbox {
    let sandbox = Sandbox::applied();
    sandbox.execute("INSERT INTO users (id, name, bio) VALUES (1, 'a', 'b'); INSERT INTO posts VALUES (1, 1, 't')");
    sandbox.run(["protect", "--reason", "customers are in it"]).check(expect![[r#"
        exit 0
        --- stdout
        app.db is protected now.
    "#]]);
    sandbox
}

fn count(sandbox: &Sandbox) -> String {
    sandbox.query("SELECT count(*) AS line FROM __diesel_schema_migrations")
}

#[test]
fn the_mark_is_shown_with_its_origin() {
    let sandbox = protected();
    let _ = sandbox.run(["protect"]).exits(0).says(&["Nothing to do: app.db is protected (since <time>, by "]);
    let _ =
        sandbox.run(["status"]).exits(0).says(&["protected app.db is protected (since <time>", "customers are in it"]);
    let found = sandbox.run(["status", "--format", "json"]).exits(0).json();
    let mark = &found["chains"][0]["database"]["protected"];
    assert_eq!(mark["reason"], "customers are in it");
    assert!(mark["since"].as_str().unwrap().ends_with('Z') && mark["user"].is_string() && mark["host"].is_string());
}

#[test]
fn row_74_nothing_is_taken_back_without_the_name() {
    let sandbox = protected();
    for args in [
        &["rollback"][..],
        &["rollback", "--yes"],
        &["rollback", "--yes", "--allow-data-loss"],
        &["stamp", "base", "--yes"],
        &["unprotect"],
    ] {
        let _ = sandbox.run(args.iter().copied()).exits(2).says(&[
            "app.db is protected",
            "and nobody is there to ask",
            "hint: say so beforehand: --database-name NAME",
        ]);
    }
    for name in ["app", "APP.DB", "", "app.db "] {
        let args = ["rollback", "--allow-data-loss", "--database-name", name];
        let _ = sandbox.run(args).exits(1).says(&["is not the name of this database: nothing was changed"]);
    }
    let _ = sandbox.run_answering("other\n", ["rollback", "--allow-data-loss"]).exits(1).says(&["nothing was changed"]);
    assert_eq!(count(&sandbox), "3");
    let _ = sandbox.run(["rollback", "--plan"]).exits(0).says(&["the values of users.bio (1 row)"]);
    let _ = sandbox.run(["rollback", "--allow-data-loss", "--database-name", "app.db"]).exits(0);
    assert_eq!(count(&sandbox), "2");
    let _ = sandbox.run(["rollback", "-q"]).exits(2).says(&["warning: this loses the rows of posts (1 row)"]);
    // The name is no answer to the question of the loss.
    let _ = sandbox.run(["rollback", "--database-name", "app.db"]).exits(2).says(&["--allow-data-loss"]);
    let _ = sandbox.run_answering("app.db\ny\n", ["rollback"]).exits(0);
    assert_eq!(count(&sandbox), "1");
}

#[test]
fn an_upgrade_is_asked_about_only_where_it_loses() {
    let sandbox = protected();
    sandbox.revision("2024-04-01-000000_add_nick", "ALTER TABLE users ADD COLUMN nick TEXT;\n", "SELECT 1;\n");
    let _ = sandbox.run(["upgrade"]).exits(0);
    sandbox.revision("2024-05-01-000000_drop_nick", "ALTER TABLE users DROP COLUMN nick;\n", "SELECT 1;\n");
    // No row has a value.
    let _ = sandbox.run(["upgrade"]).exits(0).says_nothing_of(&["this loses"]);
    sandbox.revision("2024-06-01-000000_drop_posts", "DROP TABLE posts;\n", "SELECT 1;\n");
    let _ = sandbox
        .run(["upgrade"])
        .exits(2)
        .says(&["warning: this loses the rows of posts (1 row)", "the upgrade loses rows or values"]);
    assert_eq!(count(&sandbox), "5");
    let _ = sandbox.run(["upgrade", "--database-name", "app.db"]).exits(0);
    assert_eq!(count(&sandbox), "6");
}

#[test]
fn the_mark_goes_with_the_name_typed() {
    let sandbox = protected();
    let _ = sandbox.run_answering("app.db\n", ["unprotect"]).exits(0).says(&["app.db is not protected any more"]);
    let _ = sandbox.run(["unprotect"]).exits(0).says(&["Nothing to do: app.db is not protected."]);
    let _ = sandbox.run(["rollback", "--allow-data-loss"]).exits(0);
}

#[test]
fn a_database_that_is_not_there_cannot_be_marked() {
    let sandbox = Sandbox::with_chain();
    let _ = sandbox.run(["protect"]).exits(5).says(&["no such database file"]);
    assert!(!sandbox.path("app.db").exists());
}

#[test]
fn what_a_plan_loses_is_followed_through_its_renames() {
    let sandbox = Sandbox::applied();
    sandbox.execute("INSERT INTO users (id, name, bio) VALUES (1, 'a', 'b'), (2, 'c', NULL)");
    sandbox.revision(
        "2024-04-01-000000_people",
        "ALTER TABLE users RENAME TO people;\nALTER TABLE people RENAME COLUMN bio TO about;\n",
        "ALTER TABLE people RENAME COLUMN about TO bio;\nALTER TABLE people RENAME TO users;\n",
    );
    sandbox.revision("2024-05-01-000000_less", "ALTER TABLE people DROP COLUMN about;\n", "SELECT 1;\n");
    sandbox.revision(
        "2024-06-01-000000_tmp",
        "CREATE TABLE tmp (id INTEGER PRIMARY KEY);\nDROP TABLE tmp;\n",
        "SELECT 1;\n",
    );
    sandbox.run(["upgrade", "--plan"]).check(expect![[r#"
        exit 0
        --- stdout
        3 revisions to apply:
          20240401000000  people  2024-04-01-000000_people
          20240501000000  less  2024-05-01-000000_less
          20240601000000  tmp  2024-06-01-000000_tmp
        --- stderr
        warning: this loses the values of people.about (1 row)
    "#]]);
    let _ = sandbox.run(["upgrade", "20240401000000"]).exits(0);
    // Newest first: bio has its old name only after the first step.
    sandbox.run(["rollback", "-2", "--plan"]).check(expect![[r#"
        exit 0
        --- stdout
        2 revisions to take back:
          20240401000000  people  2024-04-01-000000_people
          20240301000000  add bio  2024-03-01-000000_add_bio
        --- stderr
        warning: this loses the values of users.bio (1 row)
    "#]]);
}

mod postgres_tests {
    use ops_migrate::dialect::Dialect;

    use crate::common::{MANIFEST, Sandbox, scratch};

    #[test]
    fn the_name_is_that_of_the_database() {
        let mut scratch = scratch("OPS_MIGRATE_TEST_POSTGRES", Dialect::Postgres);
        let url = scratch.database().url().clone();
        let name = scratch.database().text("SELECT current_database()::text AS row", &[]).unwrap().unwrap();
        let sandbox = Sandbox::without_revisions();
        sandbox.write("Cargo.toml", MANIFEST.replace("sqlite", "postgres"));
        sandbox.write(".env", format!("DATABASE_URL={url}\n"));
        sandbox.revision(
            "2024-01-01-000000_users",
            "CREATE TABLE users (id integer PRIMARY KEY, name text);",
            "DROP TABLE users;",
        );
        let _ = sandbox.run(["upgrade"]).exits(0);
        scratch.database().execute("INSERT INTO users VALUES (1, 'a')").unwrap();
        let _ = sandbox.run(["protect"]).exits(0).says(&["is protected now"]);
        let _ = sandbox
            .run(["rollback", "--allow-data-loss"])
            .exits(2)
            .says(&["is protected", "the rows of users (1 row)"]);
        let _ = sandbox.run(["rollback", "--allow-data-loss", "--database-name", &name]).exits(0);
    }
}
