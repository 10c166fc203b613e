//! `upgrade`: revisions applied, up to head or a target.

use expect_test::expect;

use crate::common::Sandbox;

/// What Diesel has recorded.
fn applied(sandbox: &Sandbox) -> String {
    sandbox.query("SELECT version AS line FROM __diesel_schema_migrations ORDER BY version")
}

#[test]
fn to_head() {
    let sandbox = Sandbox::with_chain();
    sandbox.run(["upgrade"]).check(expect![[r#"
        exit 0
        --- stdout
        3 revisions to apply:
          20240101000000  create users  2024-01-01-000000_create_users
          20240201000000  create posts  2024-02-01-000000_create_posts
          20240301000000  add bio  2024-03-01-000000_add_bio
        applied 2024-01-01-000000_create_users (<took>)
        applied 2024-02-01-000000_create_posts (<took>)
        applied 2024-03-01-000000_add_bio (<took>)
    "#]]);
    assert_eq!(applied(&sandbox), "20240101000000\n20240201000000\n20240301000000");
    sandbox.run(["upgrade"]).check(expect![[r#"
        exit 0
        --- stdout
        Nothing to apply.
    "#]]);
    sandbox.execute("INSERT INTO users (id, name, bio) VALUES (1, 'a', 'b')");
}

#[test]
fn step_by_step_and_by_name() {
    let sandbox = Sandbox::with_chain();
    sandbox.run(["upgrade", "+1"]).check(expect![[r#"
        exit 0
        --- stdout
        1 revision to apply:
          20240101000000  create users  2024-01-01-000000_create_users
        applied 2024-01-01-000000_create_users (<took>)
    "#]]);
    assert_eq!(applied(&sandbox), "20240101000000");
    let _ = sandbox.run(["upgrade", "202402"]).exits(0);
    assert_eq!(applied(&sandbox), "20240101000000\n20240201000000");
    let _ = sandbox.run(["upgrade", "20240201000000+1"]).exits(0);
    assert_eq!(applied(&sandbox), "20240101000000\n20240201000000\n20240301000000");
}

#[test]
fn a_target_that_is_none() {
    let sandbox = Sandbox::with_chain();
    for (target, expected) in [
        (
            "2024",
            expect![[r#"
            exit 2
            --- stderr
            error: `2024` may be any of 3 revisions: 20240101000000 (create users), 20240201000000 (create posts), 20240301000000 (add bio)
            hint: write more of the id
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
            "+9",
            expect![[r#"
            exit 2
            --- stderr
            error: `+9`: only 3 revisions are pending
        "#]],
        ),
        (
            "+x",
            expect![[r#"
            exit 2
            --- stderr
            error: `+x`: a number has to follow the sign
            hint: a target is `head`, `heads`, `base`, `current`, an id or the start of one, `+N`, `-N`, `id+N` or `id-N`
        "#]],
        ),
        (
            "a:b",
            expect![[r#"
            exit 2
            --- stderr
            error: `a:b` is a range, and one revision is needed
        "#]],
        ),
        (
            "head@x",
            expect![[r#"
            exit 2
            --- stderr
            error: `head@x`: there are no branch labels here
            hint: name the revision; `cargo ops-migrate heads` lists the heads
        "#]],
        ),
        (
            "",
            expect![[r#"
            exit 2
            --- stderr
            error: the target is empty
            hint: a target is `head`, `heads`, `base`, `current`, an id or the start of one, `+N`, `-N`, `id+N` or `id-N`
        "#]],
        ),
        (
            "base",
            expect![[r#"
            exit 2
            --- stderr
            error: `base` is before the first revision: nothing to upgrade to
            hint: to revert every revision: `cargo ops-migrate rollback base`
        "#]],
        ),
    ] {
        sandbox.run(["upgrade", target]).check(expected);
    }
    assert!(!sandbox.path("app.db").exists());
}

#[test]
fn a_plan_and_a_script_touch_nothing() {
    let sandbox = Sandbox::with_chain();
    let before = sandbox.listing();
    sandbox.run(["upgrade", "--plan"]).check(expect![[r#"
        exit 0
        --- stdout
        3 revisions to apply:
          20240101000000  create users  2024-01-01-000000_create_users
          20240201000000  create posts  2024-02-01-000000_create_posts
          20240301000000  add bio  2024-03-01-000000_add_bio
    "#]]);
    sandbox.run(["upgrade", "--sql"]).check(expect![[r#"
        exit 0
        --- stdout
        CREATE TABLE IF NOT EXISTS __diesel_schema_migrations (
            version VARCHAR(50) PRIMARY KEY NOT NULL,
            run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
        );

        -- migrations/2024-01-01-000000_create_users/up.sql
        BEGIN;
        CREATE TABLE users (
            id INTEGER NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            email TEXT
        );
        INSERT INTO __diesel_schema_migrations (version) VALUES ('20240101000000');
        COMMIT;

        -- migrations/2024-02-01-000000_create_posts/up.sql
        BEGIN;
        CREATE TABLE posts (
            id INTEGER NOT NULL PRIMARY KEY,
            user_id INTEGER NOT NULL REFERENCES users (id),
            title TEXT NOT NULL
        );
        CREATE INDEX posts_user_id ON posts (user_id);
        INSERT INTO __diesel_schema_migrations (version) VALUES ('20240201000000');
        COMMIT;

        -- migrations/2024-03-01-000000_add_bio/up.sql
        BEGIN;
        ALTER TABLE users ADD COLUMN bio TEXT;
        INSERT INTO __diesel_schema_migrations (version) VALUES ('20240301000000');
        COMMIT;

    "#]]);
    assert_eq!(sandbox.listing(), before);
}

#[test]
fn the_script_does_what_upgrade_does() {
    let sandbox = Sandbox::with_chain();
    let script = sandbox.run(["upgrade", "--sql"]).exits(0).stdout;
    sandbox.write("app.db", "");
    sandbox.execute(&script);
    let _ = sandbox.run(["status"]).exits(0).says(&["pending   none"]);
    let _ = sandbox
        .run(["rollback", "--sql"])
        .exits(0)
        .says(&["DROP COLUMN bio", "DELETE FROM __diesel_schema_migrations"]);
}

#[test]
fn a_revision_that_fails_leaves_the_ones_before() {
    let sandbox = Sandbox::with_chain();
    sandbox.revision(
        "2024-04-01-000000_wrong",
        "CREATE TABLE a (id INTEGER PRIMARY KEY);\nALTER TABLE nobody ADD COLUMN x TEXT;\n",
        "DROP TABLE a;\n",
    );
    sandbox.run(["upgrade"]).check(expect![[r#"
        exit 1
        --- stdout
        4 revisions to apply:
          20240101000000  create users  2024-01-01-000000_create_users
          20240201000000  create posts  2024-02-01-000000_create_posts
          20240301000000  add bio  2024-03-01-000000_add_bio
          20240401000000  wrong  2024-04-01-000000_wrong
        applied 2024-01-01-000000_create_users (<took>)
        applied 2024-02-01-000000_create_posts (<took>)
        applied 2024-03-01-000000_add_bio (<took>)
        --- stderr
        error: migrations/2024-04-01-000000_wrong/up.sql: cannot apply 2024-04-01-000000_wrong: no such table: nobody
        hint: nothing of it is in place, and what was done before it stays; correct the file and run again
        hint: cargo ops-migrate status tells where the database stands now
    "#]]);
    assert_eq!(applied(&sandbox), "20240101000000\n20240201000000\n20240301000000");
    assert_eq!(sandbox.query("SELECT name AS line FROM sqlite_master WHERE name = 'a'"), "");
    let _ = sandbox.run(["status"]).exits(3);
}

#[test]
fn a_version_of_another_branch_is_named() {
    let sandbox = Sandbox::applied();
    fs_err::remove_dir_all(sandbox.path("migrations/2024-03-01-000000_add_bio")).unwrap();
    sandbox.run(["upgrade"]).check(expect![[r#"
        exit 0
        --- stdout
        Nothing to apply.
        --- stderr
        warning: the database has version 20240301000000, which is not in this chain (another branch?)
        hint: cargo ops-migrate rollback --unknown takes it back, by the down.sql that the ledger keeps
    "#]]);
    sandbox.run(["status"]).check(expect![[r#"
        exit 1
        --- stdout
        chain     migrations (SQLite, 2 revisions)
        head      20240201000000 (create posts)
        database  <root>/app.db (from <root>/.env)
        current   20240201000000 (create posts)
        pending   none
        models    agree with the revisions (table! and the chain)
                  inherited drift: 1
                  + users.bio Nullable<Text>                       src/schema.rs:6
        --- stderr
        warning: the database has version 20240301000000, which is not in this chain (another branch?)
        hint: cargo ops-migrate rollback --unknown takes it back, by the down.sql that the ledger keeps
    "#]]);
}

#[test]
fn a_revision_that_sorts_before_what_is_applied() {
    let sandbox = Sandbox::applied();
    sandbox.revision("2024-02-15-000000_late", "CREATE TABLE late (id INTEGER PRIMARY KEY);\n", "DROP TABLE late;\n");
    sandbox.run(["upgrade"]).check(expect![[r#"
        exit 0
        --- stdout
        1 revision to apply:
          20240215000000  late  2024-02-15-000000_late
        applied 2024-02-15-000000_late (<took>)
        --- stderr
        warning: 20240215000000 (late) is older than what is applied already
    "#]]);
}

#[test]
fn the_database_may_be_named_in_several_places() {
    let mut sandbox = Sandbox::with_chain();
    let _ = sandbox.run(["upgrade", "--database-url", "flag.db"]).exits(0);
    assert!(sandbox.path("flag.db").exists());
    sandbox.vars.insert("DATABASE_URL".to_owned(), "env.db".to_owned());
    let _ = sandbox.run(["upgrade"]).exits(0);
    assert!(sandbox.path("env.db").exists() && !sandbox.path("app.db").exists());
    sandbox.vars.remove("DATABASE_URL");
    fs_err::remove_file(sandbox.path(".env")).unwrap();
    sandbox.run(["upgrade"]).check(expect![[r#"
        exit 2
        --- stderr
        error: no database is named
        hint: give --database-url URL, set DATABASE_URL, or write DATABASE_URL=… into .env; `cargo ops-migrate doctor` shows what was looked at
    "#]]);
    let _ = sandbox.run(["upgrade", "--sql"]).exits(0).says(&["the script starts at the base"]);
}

/// Row 55: an applied text that was edited stops the next run; a comment is a warning; line ends and
/// a byte order mark are nothing.
/// The texts of a large plan are read again when their turn comes: they are those that were looked at
/// before it began.
#[test]
fn row_55_a_text_that_is_edited_while_the_run_is_at_work() {
    use crate::runner::{Backend, until};
    let backend = Backend::sqlite();
    let slow =
        "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 20000000) SELECT max(x) FROM n;";
    let large = |text: &str| format!("{text}\n-- {}\n", "x".repeat(1_500_000));
    for (n, up) in [(1, slow.to_owned()), (2, large("CREATE TABLE b (x int);")), (3, large("CREATE TABLE c (x int);"))]
    {
        backend.sandbox.revision(&format!("2024-0{n}-01-000000_r"), &up, "SELECT 1;");
    }
    let running = backend.upgrade();
    until(|| ops_migrate::db::Database::exists(&backend.url));
    let mut database = backend.database();
    until(|| ops_migrate::db::ledger::unfinished(&mut database).is_ok_and(|open| !open.is_empty()));
    backend.sandbox.write("migrations/2024-03-01-000000_r/up.sql", "CREATE TABLE other (x int);\n");
    let text = crate::matrix_runs::ended(running, 6);
    assert!(text.contains("was edited while this run was at work"), "{text}");
    assert_eq!(backend.versions(), ["20240101000000", "20240201000000"]);
    assert!(ops_migrate::db::ledger::unfinished(&mut database).unwrap().is_empty());
    let _ = backend.sandbox.run(["upgrade"]).exits(0);
    assert_eq!(backend.versions().len(), 3);
}

#[test]
fn row_55_an_edited_text_stops_the_run() {
    let sandbox = Sandbox::with_chain();
    let _ = sandbox.run(["upgrade", "20240201000000"]).exits(0);
    let file = format!("{}/up.sql", crate::common::FIRST);
    let text = sandbox.read(&file);
    sandbox.write(&file, text.replace("name TEXT", "name BLOB"));
    let refused = sandbox.run(["upgrade"]).exits(6);
    let _ = refused.says(&["edited after it was applied here", "create_users/up.sql", "--allow-edited"]);
    assert_eq!(sandbox.query("SELECT count(*) AS line FROM __diesel_schema_migrations"), "2");
    sandbox.write(&file, format!("\u{feff}{}", text.replace('\n', "\r\n")));
    let _ = sandbox.run(["upgrade", "20240301000000", "--plan"]).exits(0).says_nothing_of(&["edited"]);
    sandbox.write(&file, format!("-- why\n{text}"));
    let _ = sandbox.run(["upgrade"]).exits(0).says(&["a comment was edited after it was applied", "applied "]);
}

/// Row 80 of locks that nobody holds any more: a killed runner's file.
#[test]
fn unlock_clears_away_what_a_killed_runner_left() {
    let sandbox = Sandbox::applied();
    let _ = sandbox.run(["unlock"]).exits(0).says(&["Nobody holds the lock."]);
    sandbox.write("app.db.ops-migrate.lock", "process 1 of ada on engine\n");
    let _ = sandbox.run(["unlock"]).exits(0).says(&["Cleared away the lock"]);
    let url = ops_migrate::db::DatabaseUrl::sqlite_file(sandbox.path("app.db"));
    let mut holder = ops_migrate::db::Database::connect(&url).unwrap();
    let lock = ops_migrate::db::lock::Lock::acquire(&mut holder, std::time::Duration::ZERO, &mut |_| ()).unwrap();
    let _ = sandbox.run(["unlock"]).exits(7).says(&["the holder lives: process "]);
    lock.release();
}
