//! `create`: what it finds, asks, writes and proves.

use expect_test::expect;

use crate::common::{MANIFEST, SCHEMA, SCHEMA_OF_CHAIN, Sandbox};

/// Adds a nullable column to the models.
pub(crate) fn with_nick_name() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.edit("src/schema.rs", "name -> Text,", "name -> Text,\n        nick_name -> Nullable<Text>,");
    sandbox
}

/// The files of the newest revision as one text.
pub(crate) fn written(sandbox: &Sandbox) -> String {
    let directory = sandbox.newest();
    let files = ["up.sql", "down.sql", "metadata.toml"];
    let text: String =
        files.iter().map(|file| format!("== {file}\n{}", sandbox.read(&format!("{directory}/{file}")))).collect();
    sandbox.normal(&text)
}

/// Asserts that a command leaves every file as it was.
pub(crate) fn refused<'a>(sandbox: &Sandbox, args: impl IntoIterator<Item = &'a str>, expected: expect_test::Expect) {
    let before = sandbox.listing();
    sandbox.run(args).check(expected);
    assert_eq!(sandbox.listing(), before);
}

#[test]
fn a_column_is_added() {
    let sandbox = with_nick_name();
    sandbox.run(["create", "add nick name"]).check(expect![[r#"
        exit 0
        --- stdout
        The models changed:
          + users.nick_name Nullable<Text>                 src/schema.rs:5
        Here is what it does:
          1. add column users.nick_name TEXT
        Wrote migrations/<time>-<id>_add_nick_name/
        Proved on SQLite: up, down, up again; 1 table with rows; the schema is what it should be each time (<took>)
        --- stderr
        next: git add migrations/<time>-<id>_add_nick_name; cargo ops-migrate upgrade
    "#]]);
    expect![[r#"
        == up.sql
        ALTER TABLE users ADD COLUMN nick_name TEXT;
        == down.sql
        ALTER TABLE users DROP COLUMN nick_name;
        == metadata.toml
        run_in_transaction = true

        [ops-migrate]
        revision = "<id>"
        revises = "20240101000000"
        message = "add nick name"
        created = "<time>"
    "#]]
    .assert_eq(&written(&sandbox));
    sandbox.run(["create", "again"]).check(expect![[r#"
        exit 0
        --- stdout
        No changes: the revisions produce what the models say.
    "#]]);
    assert_eq!(sandbox.revisions_in("migrations").len(), 2);
}

#[test]
fn what_is_written_runs_under_plain_diesel() {
    let sandbox = with_nick_name();
    let _ = sandbox.run(["create", "add nick name", "--no-proof"]).exits(0);
    let file = sandbox.path("plain.db");
    let mut database = <diesel::SqliteConnection as diesel::Connection>::establish(file.to_str().unwrap()).unwrap();
    let migrations = diesel_migrations::FileBasedMigrations::from_path(sandbox.path("migrations")).unwrap();
    use diesel_migrations::MigrationHarness as _;
    assert_eq!(database.run_pending_migrations(migrations.clone()).unwrap().len(), 2);
    database.revert_last_migration(migrations.clone()).unwrap();
    assert_eq!(database.run_pending_migrations(migrations).unwrap().len(), 1);
}

#[test]
fn a_table_that_joins_another_is_added() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "src/schema.rs",
        format!(
            "{SCHEMA}
diesel::table! {{
    posts (id) {{
        id -> Integer,
        user_id -> Integer,
        title -> Text,
        score -> Nullable<Double>,
        published -> Bool,
        created_at -> Timestamp,
    }}
}}

diesel::joinable!(posts -> users (user_id));
diesel::allow_tables_to_appear_in_same_query!(posts, users);
"
        ),
    );
    sandbox.run(["create", "add posts"]).check(expect![[r#"
        exit 0
        --- stdout
        The models changed:
          + posts (6 columns)                              src/schema.rs:10
        Here is what it does:
          1. create table posts (6 columns)
          2. add foreign key posts.(user_id) to users
        Wrote migrations/<time>-<id>_add_posts/
        Proved on SQLite: up, down, up again; 1 table with rows; the schema is what it should be each time (<took>)
        --- stderr
        next: git add migrations/<time>-<id>_add_posts; cargo ops-migrate upgrade
    "#]]);
    expect![[r#"
        == up.sql
        CREATE TABLE posts (
            id INTEGER NOT NULL PRIMARY KEY,
            user_id INTEGER NOT NULL,
            title TEXT NOT NULL,
            score DOUBLE,
            published BOOLEAN NOT NULL,
            created_at TIMESTAMP NOT NULL,
            FOREIGN KEY (user_id) REFERENCES users (id)
        );
        == down.sql
        DROP TABLE posts;
        == metadata.toml
        run_in_transaction = true

        [ops-migrate]
        revision = "<id>"
        revises = "20240101000000"
        message = "add posts"
        created = "<time>"
    "#]]
    .assert_eq(&written(&sandbox));
}

#[test]
fn a_table_is_renamed() {
    let sandbox = Sandbox::new();
    sandbox.edit("src/schema.rs", "users (id)", "people (id)");
    let _ = sandbox.run(["create", "rename users"]).exits(2).says(&["--rename users:people"]);
    sandbox.run(["create", "rename users", "--rename", "users:people"]).check(expect![[r#"
        exit 0
        --- stdout
        Here is what it does:
          1. rename table users to people
        Wrote migrations/<time>-<id>_rename_users/
        Proved on SQLite: up, down, up again; 1 table with rows; the schema is what it should be each time (<took>)
        --- stderr
        next: git add migrations/<time>-<id>_rename_users; cargo ops-migrate upgrade
    "#]]);
    expect![[r#"
        == up.sql
        ALTER TABLE users RENAME TO people;
        == down.sql
        ALTER TABLE people RENAME TO users;
        == metadata.toml
        run_in_transaction = true

        [ops-migrate]
        revision = "<id>"
        revises = "20240101000000"
        message = "rename users"
        created = "<time>"
    "#]]
    .assert_eq(&written(&sandbox));
}

#[test]
fn a_column_and_a_table_are_dropped() {
    let sandbox = Sandbox::with_chain();
    sandbox.write(
        "src/schema.rs",
        "diesel::table! {\n    users (id) {\n        id -> Integer,\n        name -> Text,\n        email -> Nullable<Text>,\n    }\n}\n",
    );
    sandbox.run(["create", "no posts, no bio"]).check(expect![[r#"
        exit 0
        --- stdout
        The models changed:
          - users.bio                                      src/schema.rs:2
          - posts                                          src/schema.rs:11
        Here is what it does:
          1. drop column users.bio
          2. drop table posts
        Look here:
          - loses the values of users.bio
          - loses the rows of posts
          - down makes posts again, without its rows
          - down makes users.bio again, without its values
        Wrote migrations/<time>-<id>_no_posts_no_bio/
        Proved on SQLite: up, down, up again; 2 tables with rows; the schema is what it should be each time (<took>)
        --- stderr
        next: git add migrations/<time>-<id>_no_posts_no_bio; cargo ops-migrate upgrade
    "#]]);
    expect![[r#"
        == up.sql
        -- loses the values of users.bio
        ALTER TABLE users DROP COLUMN bio;

        -- loses the rows of posts
        DROP TABLE posts;
        == down.sql
        -- restores the structure only: the values of users.bio are lost
        -- restores the structure only: the rows of posts are lost

        CREATE TABLE posts (
            id INTEGER NOT NULL PRIMARY KEY,
            user_id INTEGER NOT NULL,
            title TEXT NOT NULL,
            FOREIGN KEY (user_id) REFERENCES users (id)
        );

        ALTER TABLE users ADD COLUMN bio TEXT;

        CREATE INDEX posts_user_id ON posts (user_id);
        == metadata.toml
        run_in_transaction = true

        [ops-migrate]
        revision = "<id>"
        revises = "20240301000000"
        message = "no posts, no bio"
        created = "<time>"
        lossy = ["the values of users.bio", "the rows of posts"]
    "#]]
    .assert_eq(&written(&sandbox));
}

#[test]
fn a_type_changes() {
    let sandbox = Sandbox::new();
    sandbox.edit("src/schema.rs", "name -> Text", "name -> Integer");
    sandbox.run(["create", "names are numbers"]).check(expect![[r#"
        exit 0
        --- stdout
        The models changed:
          ~ users.name Text -> Integer                     src/schema.rs:4
        Here is what it does:
          1. change type of users.name from TEXT to INTEGER
        Look here:
          - loses what of users.name does not fit INTEGER
          - users is rebuilt: a new table, its rows copied
        Wrote migrations/<time>-<id>_names_are_numbers/
        Proved on SQLite: up, down, up again; 1 table with rows; the schema is what it should be each time (<took>)
        --- stderr
        next: git add migrations/<time>-<id>_names_are_numbers; cargo ops-migrate upgrade
    "#]]);
    expect![[r#"
        == up.sql
        PRAGMA defer_foreign_keys = ON;

        PRAGMA legacy_alter_table = ON;

        CREATE TABLE _ops_new_users (
            id INTEGER NOT NULL PRIMARY KEY,
            name INTEGER NOT NULL,
            email TEXT
        );

        -- loses what of users.name does not fit INTEGER
        INSERT INTO _ops_new_users (id, name, email)
        SELECT id, CAST(name AS INTEGER), email
        FROM users;

        DROP TABLE users;

        ALTER TABLE _ops_new_users RENAME TO users;

        PRAGMA legacy_alter_table = OFF;

        PRAGMA defer_foreign_keys = OFF;
        == down.sql
        -- restores the structure only: what of users.name does not fit INTEGER is lost

        PRAGMA defer_foreign_keys = ON;

        PRAGMA legacy_alter_table = ON;

        CREATE TABLE _ops_new_users (
            id INTEGER NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            email TEXT
        );

        INSERT INTO _ops_new_users (id, name, email)
        SELECT id, CAST(name AS TEXT), email
        FROM users;

        DROP TABLE users;

        ALTER TABLE _ops_new_users RENAME TO users;

        PRAGMA legacy_alter_table = OFF;

        PRAGMA defer_foreign_keys = OFF;
        == metadata.toml
        run_in_transaction = true

        [ops-migrate]
        revision = "<id>"
        revises = "20240101000000"
        message = "names are numbers"
        created = "<time>"
        lossy = ["what of users.name does not fit INTEGER"]
    "#]]
    .assert_eq(&written(&sandbox));
}

#[test]
fn a_revision_for_hand_written_sql() {
    let sandbox = Sandbox::new();
    sandbox.run(["create", "move data", "--empty"]).check(expect![[r#"
        exit 0
        --- stdout
        Wrote migrations/<time>-<id>_move_data/
        --- stderr
        next: git add migrations/<time>-<id>_move_data; cargo ops-migrate upgrade
    "#]]);
    expect![[r#"
        == up.sql
        -- Write the SQL of this revision here.
        SELECT 1;
        == down.sql
        -- Write the SQL that takes this revision back here.
        SELECT 1;
        == metadata.toml
        run_in_transaction = true

        [ops-migrate]
        revision = "<id>"
        revises = "20240101000000"
        message = "move data"
        created = "<time>"
    "#]]
    .assert_eq(&written(&sandbox));
}

#[test]
fn a_dry_run_writes_nothing() {
    let sandbox = with_nick_name();
    refused(
        &sandbox,
        ["create", "add nick name", "--dry-run"],
        expect![[r#"
        exit 0
        --- stdout
        The models changed:
          + users.nick_name Nullable<Text>                 src/schema.rs:5
        Here is what it does:
          1. add column users.nick_name TEXT

        -- migrations/<time>-<id>_add_nick_name/up.sql
        ALTER TABLE users ADD COLUMN nick_name TEXT;

        -- migrations/<time>-<id>_add_nick_name/down.sql
        ALTER TABLE users DROP COLUMN nick_name;

        -- migrations/<time>-<id>_add_nick_name/metadata.toml
        run_in_transaction = true

        [ops-migrate]
        revision = "<id>"
        revises = "20240101000000"
        message = "add nick name"
        created = "<time>"
        --- stderr
        dry run: nothing was written
    "#]],
    );
}

#[test]
fn a_dry_run_as_json() {
    let sandbox = with_nick_name();
    let before = sandbox.listing();
    let output = sandbox.run(["create", "add nick name", "--dry-run", "--format", "json"]).exits(0);
    let revisions = &output.json()["revisions"];
    assert_eq!(revisions.as_array().unwrap().len(), 1);
    assert_eq!(revisions[0]["operations"][0], "add column users.nick_name TEXT");
    assert_eq!(sandbox.listing(), before);
}

#[test]
fn a_revision_as_json() {
    let output = with_nick_name().run(["create", "add nick name", "--format", "json"]).exits(0);
    let revision = &output.json()["revisions"][0];
    assert_eq!(revision["proof"]["proved"], true);
    assert_eq!(revision["up"], "ALTER TABLE users ADD COLUMN nick_name TEXT;\n");
    let output = Sandbox::new().run(["create", "nothing", "--format", "json"]).exits(0);
    assert_eq!(output.json()["revisions"], serde_json::json!([]));
}

#[test]
fn nothing_changed() {
    let sandbox = Sandbox::with_chain();
    refused(
        &sandbox,
        ["create", "nothing"],
        expect![[r#"
        exit 0
        --- stdout
        No changes: the revisions produce what the models say.
    "#]],
    );
    sandbox.edit(
        "src/schema.rs",
        "        title -> Text,\n",
        "        /// What it is about.\n        title  ->  Text , // said once\n",
    );
    refused(
        &sandbox,
        ["create", "nothing"],
        expect![[r#"
        exit 0
        --- stdout
        No changes: the revisions produce what the models say.
    "#]],
    );
}

#[test]
fn inherited_drift_is_named_and_left_out() {
    let sandbox = Sandbox::new();
    // Models and chain part, and the chain is touched afterwards: the difference is old.
    sandbox.edit("src/schema.rs", "email -> Nullable<Text>", "email -> Text");
    sandbox.write("migrations/2024-02-01-000000_index/up.sql", "CREATE INDEX users_name ON users (name);\n");
    sandbox.write("migrations/2024-02-01-000000_index/down.sql", "DROP INDEX users_name;\n");
    sandbox.commit("drift");
    sandbox.edit("src/schema.rs", "name -> Text,", "name -> Text,\n        nick_name -> Nullable<Text>,");
    sandbox.run(["create", "add nick name"]).check(expect![[r#"
        exit 0
        --- stdout
        The models changed:
          + users.nick_name Nullable<Text>                 src/schema.rs:5
        Here is what it does:
          1. add column users.nick_name TEXT
        Wrote migrations/<time>-<id>_add_nick_name/
        Proved on SQLite: up, down, up again; 1 table with rows; the schema is what it should be each time (<took>)
        --- stderr
        left out, because it was there before (inherited drift, --all writes it): ~ users.email Nullable<Text> -> Text
        next: git add migrations/<time>-<id>_add_nick_name; cargo ops-migrate upgrade
    "#]]);
    expect![[r#"
        == up.sql
        ALTER TABLE users ADD COLUMN nick_name TEXT;
        == down.sql
        ALTER TABLE users DROP COLUMN nick_name;
        == metadata.toml
        run_in_transaction = true

        [ops-migrate]
        revision = "<id>"
        revises = "20240201000000"
        message = "add nick name"
        created = "<time>"
    "#]]
    .assert_eq(&written(&sandbox));
    let _ = sandbox.run(["create", "align", "--all", "--fill", "users.email=''"]).exits(0);
    assert!(sandbox.read(&format!("{}/up.sql", sandbox.newest())).contains("email TEXT NOT NULL"));
}

#[test]
fn two_heads_are_refused() {
    let sandbox = with_nick_name();
    let _ = sandbox.run(["create", "add nick name", "--no-proof"]).exits(0);
    sandbox.commit("one");
    // The same parent again, as another branch would have written it.
    let directory = sandbox.newest();
    let metadata = sandbox.read(&format!("{directory}/metadata.toml"));
    let id = &directory.split('-').nth(4).unwrap()[..12];
    let other = "migrations/2026-03-02-000000-aaaaaaaaaaaa_other";
    sandbox.write(&format!("{other}/up.sql"), "CREATE INDEX users_name ON users (name);\n");
    sandbox.write(&format!("{other}/down.sql"), "DROP INDEX users_name;\n");
    sandbox.write(&format!("{other}/metadata.toml"), metadata.replace(id, "aaaaaaaaaaaa"));
    sandbox.edit(
        "src/schema.rs",
        "name -> Text,\n        nick",
        "name -> Text,\n        age -> Nullable<Integer>,\n        nick",
    );
    refused(
        &sandbox,
        ["create", "add age"],
        expect![[r#"
        exit 4
        --- stderr
        error: migrations: the chain has 2 heads: <id> (add nick name), <id> (add nick name)
        hint: put those that nobody else has behind the others: `cargo ops-migrate rebase`; where all are published: `cargo ops-migrate merge`
    "#]],
    );
    let _ = sandbox.run(["upgrade"]).exits(4);
    let _ = sandbox.run(["status"]).exits(4).says(&["head!"]);
    let _ = sandbox.run(["heads"]).exits(0).says(&["other", "add nick name"]);
    // What the hint says is what helps.
    let _ = sandbox.run(["rebase", "--yes"]).exits(0);
    let _ = sandbox.run(["create", "add age"]).exits(0).says(&["Proved"]);
}

#[test]
fn an_id_that_is_taken_is_not_given_again() {
    // With the same clock and models, two sandboxes come to the same id.
    let id_of = |sandbox: &Sandbox| sandbox.newest().split('-').nth(4).unwrap()[..12].to_owned();
    let first = with_nick_name();
    let _ = first.run(["create", "add nick name", "--no-proof"]).exits(0);
    let second = with_nick_name();
    let taken = format!("2024-02-01-000000-{}_taken", id_of(&first));
    second.revision(&taken, "CREATE INDEX users_name ON users (name);\n", "DROP INDEX users_name;\n");
    let metadata = first.read(&format!("{}/metadata.toml", first.newest()));
    second.write(&format!("migrations/{taken}/metadata.toml"), metadata);
    let _ = second.run(["create", "add nick name"]).exits(0).says(&["Proved"]);
    assert_ne!(id_of(&second), id_of(&first));
}

#[test]
fn one_change_for_two_chains() {
    let sandbox = Sandbox::without_revisions();
    sandbox.write("Cargo.toml", MANIFEST.replace("\"sqlite\"", "\"sqlite\", \"postgres\""));
    for (backend, id) in [("sqlite", "INTEGER NOT NULL PRIMARY KEY"), ("postgres", "SERIAL PRIMARY KEY")] {
        let directory = format!("migrations/{backend}/2024-01-01-000000_create_users");
        let up = format!("CREATE TABLE users (\n    id {id},\n    name TEXT NOT NULL,\n    email TEXT\n);\n");
        sandbox.write(&format!("{directory}/up.sql"), up);
        sandbox.write(&format!("{directory}/down.sql"), "DROP TABLE users;\n");
    }
    sandbox.commit("two chains");
    sandbox.edit("src/schema.rs", "name -> Text,", "name -> Text,\n        nick_name -> Nullable<Text>,");
    sandbox.run(["create", "add nick name"]).check(expect![[r#"
        exit 0
        --- stdout
        The models changed:
          + users.nick_name Nullable<Text>                 src/schema.rs:5
        Here is what it does in migrations/postgres:
          1. add column users.nick_name text
        Here is what it does in migrations/sqlite:
          1. add column users.nick_name TEXT
        Wrote migrations/postgres/<time>-<id>_add_nick_name/
        Wrote migrations/sqlite/<time>-<id>_add_nick_name/
        Proved on SQLite: up, down, up again; 1 table with rows; the schema is what it should be each time (<took>)
        --- stderr
        warning: not proved: no PostgreSQL server is named (--database-url, DATABASE_URL or .env)
        hint: once a server runs: cargo ops-migrate test
        next: git add migrations/postgres/<time>-<id>_add_nick_name migrations/sqlite/<time>-<id>_add_nick_name; cargo ops-migrate upgrade
    "#]]);
    assert_eq!(sandbox.revisions_in("migrations/sqlite").len(), 2);
    assert_eq!(sandbox.revisions_in("migrations/postgres").len(), 2);
    let _ = sandbox.run(["status", "--offline"]).exits(0);
    let _ = sandbox.run(["check"]).exits(0);
    let _ = sandbox.run(["upgrade"]).exits(0);
}

#[test]
fn the_first_revision_of_a_project() {
    let sandbox = Sandbox::without_revisions();
    sandbox.run(["create", "first"]).check(expect![[r#"
        exit 0
        --- stdout
        The models changed:
          + users (3 columns)                              src/schema.rs:2
        Here is what it does:
          1. create table users (3 columns)
        Wrote migrations/<time>-<id>_first/
        Proved on SQLite: up, down, up again; 0 tables with rows; the schema is what it should be each time (<took>)
        --- stderr
        next: git add migrations/<time>-<id>_first; cargo ops-migrate upgrade
    "#]]);
    expect![[r#"
        == up.sql
        CREATE TABLE users (
            id INTEGER NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            email TEXT
        );
        == down.sql
        DROP TABLE users;
        == metadata.toml
        run_in_transaction = true

        [ops-migrate]
        revision = "<id>"
        message = "first"
        created = "<time>"
    "#]]
    .assert_eq(&written(&sandbox));
    let _ = sandbox.run(["upgrade"]).exits(0);
    let _ = sandbox.run(["status"]).exits(0);
}

/// Of many operations alike the first ones are shown; the files have all of them.
#[test]
fn a_long_list_is_told_in_short() {
    let sandbox = Sandbox::with_chain();
    let tables = (1..=14).map(|n| format!("diesel::table! {{ t{n:02} (id) {{ id -> Integer, }} }}\n"));
    sandbox.write("src/schema.rs", SCHEMA_OF_CHAIN.to_owned() + &tables.collect::<String>());
    let told = sandbox.run(["create", "many", "--dry-run"]).exits(0).stdout;
    assert!(told.contains("  3. create table t03 (1 column)\n     and 11 more like these (--verbose)\n"), "{told}");
    assert!(!told.contains("  4. "), "{told}");
    let _ = sandbox.run(["create", "many", "--dry-run", "--verbose"]).exits(0).says(&["  14. create table t14"]);
    let _ = sandbox.run(["create", "many"]).exits(0).says(&["Proved on SQLite"]);
    assert_eq!(sandbox.read("src/schema.rs").matches("table! {").count(), 16);
}
