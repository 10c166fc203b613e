//! Tables with a history, on each engine: what `create` writes is proved and applied, the triggers fill
//! it, and it follows its table.

use expect_test::{Expect, expect};
use ops_migrate::db::{Database, DatabaseUrl};
use ops_migrate::dialect::Dialect;

use crate::common::{MANIFEST, SCHEMA_OF_CHAIN, Sandbox};
use crate::create::refused;

const MODELS: &str = "\
use ops_migrate_derive::OpsModel;

#[derive(OpsModel)]
#[diesel(table_name = users)]
#[ops(history)]
pub struct User {
    pub id: i32,
    #[ops(max_length = 40)]
    pub name: String,
}
";

/// The engine's own words.
struct Engine {
    dialect: Dialect,
    /// Who it is, within a transaction; and what that needs at its end.
    as_ada: [&'static str; 3],
    nobody: &'static str,
}

const SQLITE: Engine = Engine {
    dialect: Dialect::Sqlite,
    as_ada: ["BEGIN", "INSERT INTO __ops_user (name) VALUES ('ada')", "DELETE FROM __ops_user"],
    nobody: "NULL",
};

/// A crate with the models and a database.
fn sandbox(engine: &Engine, url: &str) -> Sandbox {
    let sandbox = Sandbox::without_revisions();
    let backend = match engine.dialect {
        Dialect::Postgres => "postgres",
        Dialect::Sqlite => "sqlite",
        Dialect::Mysql => "mysql",
    };
    sandbox.write("Cargo.toml", MANIFEST.replace("\"sqlite\"", &format!("\"{backend}\"")));
    sandbox.write(".env", format!("DATABASE_URL={url}\n"));
    sandbox.write("src/lib.rs", "pub mod models;\npub mod schema;\n");
    sandbox.write("src/schema.rs", "");
    sandbox.write("src/models.rs", MODELS);
    sandbox.write("diesel.toml", "[print_schema]\nfile = \"src/schema.rs\"\n");
    sandbox.git(["rm", "--quiet", "--cached", "src/schema.rs"]);
    sandbox
}

/// The history, oldest first: the operation, the row, who, and the number of the transaction.
fn history(db: &mut Database, engine: &Engine, name: &str) -> String {
    let sql = format!(
        "SELECT concat_ws('|', history_operation, id, {name}, CASE WHEN history_by = 'ada' THEN 'ada' ELSE '-' END,
            (SELECT count(DISTINCT t.history_transaction) FROM users_history t WHERE t.history_id <= h.history_id),
            CASE WHEN coalesce(history_by, '') = coalesce({}, '') OR history_by = 'ada' THEN 'well' ELSE history_by END
        ) AS \"row\" FROM users_history h ORDER BY history_id",
        engine.nobody
    );
    let rows = db.texts(&sql, &[]).unwrap();
    rows.into_iter().map(Option::unwrap_or_default).collect::<Vec<_>>().join("\n")
}

fn follows(engine: &Engine, sandbox: &Sandbox, open: impl FnOnce() -> Database) {
    let _ =
        sandbox.run(["create", "users"]).exits(0).says(&["create trigger users_history_delete on users", "Proved on "]);
    sandbox.commit("users");
    let _ = sandbox.run(["check", "--all"]).exits(0).says(&["agree"]);
    let _ = sandbox.run(["upgrade"]).exits(0);
    let mut db = open();
    db.execute("INSERT INTO users (id, name) VALUES (1, 'a'), (2, 'b'), (3, 'c')").unwrap();
    let [begin, user, end] = engine.as_ada;
    for sql in
        [begin, user, "UPDATE users SET name = concat(name, '!')", "DELETE FROM users WHERE id = 2", end, "COMMIT"]
    {
        db.execute(sql).unwrap();
    }
    if engine.dialect == Dialect::Mysql {
        db.execute("SET @ops_user = NULL, @ops_transaction = NULL").unwrap();
    }
    // What is rolled back leaves nothing.
    for sql in ["BEGIN", "DELETE FROM users", "ROLLBACK"] {
        db.execute(sql).unwrap();
    }
    expect![[r#"
        insert|1|a|-|1|well
        insert|2|b|-|1|well
        insert|3|c|-|1|well
        update|1|a!|ada|2|well
        update|2|b!|ada|2|well
        update|3|c!|ada|2|well
        delete|2|b!|ada|2|well"#]]
    .assert_eq(&history(&mut db, engine, "name"));
    renamed(engine, sandbox, &mut db);
}

fn renamed(engine: &Engine, sandbox: &Sandbox, db: &mut Database) {
    sandbox.edit(
        "src/models.rs",
        "    #[ops(max_length = 40)]\n    pub name: String,\n",
        "    #[ops(renamed_from = \"name\")]\n    pub full_name: String,\n    #[ops(backfill = \"7\")]\n    pub age: i64,\n",
    );
    let create = ["create", "full names", "--yes"];
    let told = sandbox.run(create).exits(0);
    let _ = told.says(&["rename column users_history.name to full_name", "add column users_history.age", "Proved on "]);
    sandbox.commit("full names");
    let _ = sandbox.run(["upgrade"]).exits(0);
    let _ = sandbox.run(["status", "--verify"]).exits(0);
    db.execute("UPDATE users SET age = 8 WHERE id = 3").unwrap();
    let rows = history(db, engine, "concat(full_name, ' ', coalesce(cast(age AS char(9)), ''))");
    let rows: Vec<&str> = rows.lines().map(str::trim_end).collect();
    assert_eq!(rows.len(), 8, "{rows:?}");
    assert!(rows[3].starts_with("update|1|a! ") && rows[7].starts_with("update|3|c! 8"), "{rows:?}");
    let _ = sandbox.run(["rollback", "--yes", "--allow-data-loss"]).exits(0);
    db.execute("DELETE FROM users WHERE id = 1").unwrap();
    let rows = history(db, engine, "name");
    assert_eq!(rows.lines().last().map(|line| &line[..11]), Some("delete|1|a!"));
    let _ = sandbox.run(["upgrade"]).exits(0);
    let _ = sandbox.run(["test", "--all"]).exits(0).says(&["up, down, up again"]);
}

#[test]
fn sqlite_keeps_every_state_of_a_row() {
    let sandbox = sandbox(&SQLITE, "app.db");
    let url = sandbox.path("app.db").to_str().unwrap().to_owned();
    follows(&SQLITE, &sandbox, || Database::connect(&DatabaseUrl::parse(&url).unwrap()).unwrap());
}

/// The crate with two tables, one of which the rule leaves out.
fn with_rule(rule: &str) -> Sandbox {
    let sandbox = Sandbox::with_chain();
    sandbox.write("Cargo.toml", format!("{MANIFEST}\n[package.metadata.ops-migrate.history]\n{rule}"));
    sandbox
}

#[test]
fn a_rule_of_the_project_gives_every_table_a_history() {
    let sandbox = with_rule("suffix = \"_version\"\nexcept = [\"posts\"]\n");
    sandbox.run(["check"]).check(expect![[r#"
        exit 1
        --- stdout
        Models without a revision:
          + history of users (users_version)               src/schema.rs:2
        --- stderr
        hint: write it: cargo ops-migrate create "what changed"
    "#]]);
    sandbox.git(["add", "--all"]);
    let _ = sandbox.run(["check", "--staged"]).exits(1).says(&["history of users"]);
    sandbox.run(["create", "history"]).check(expect![[r#"
        exit 0
        --- stdout
        The models changed:
          + history of users (users_version)               src/schema.rs:2
        Here is what it does:
          1. create table __ops_user (2 columns)
          2. create table users_version (9 columns)
          3. create index users_version_id_history_at_idx on users_version
          4. create trigger users_version_insert on users
          5. create trigger users_version_update on users
          6. create trigger users_version_delete on users
        Wrote migrations/<time>-<id>_history/
        Proved on SQLite: up, down, up again; 2 tables with rows; the schema is what it should be each time (<took>)
        --- stderr
        next: git add migrations/<time>-<id>_history; cargo ops-migrate upgrade
    "#]]);
    let _ = sandbox.run(["check", "--all"]).exits(0).says(&["agree"]);
    sandbox.commit("history");
    // The table alone changes by hand.
    sandbox.revision(
        "2026-04-01-000000_city",
        "ALTER TABLE users ADD COLUMN city TEXT;\n",
        "ALTER TABLE users DROP COLUMN city;\n",
    );
    sandbox.edit(
        "src/schema.rs",
        "        bio -> Nullable<Text>,\n",
        "        bio -> Nullable<Text>,\n        city -> Nullable<Text>,\n",
    );
    sandbox.git(["add", "--all"]);
    sandbox.run(["check", "--staged"]).check(expect![[r#"
        exit 1
        --- stderr
        ops-migrate: history of users changed in src/schema.rs:2 has no migration
          ~ history of users: users_version lacks city     src/schema.rs:2
        write it:  cargo ops-migrate create "history of users changed" && git add migrations
        skip once: OPS_MIGRATE_SKIP=1 git commit …   (pre-push and CI check again)
    "#]]);
    let _ = sandbox.run(["review", "20260401000000"]).exits(0).says(&["users_version lacks city"]);
    let _ = sandbox.run(["create", "city in history"]).exits(0).says(&["add column users_version.city", "Proved on"]);
    sandbox.git(["add", "--all"]);
    let _ = sandbox.run(["check", "--staged"]).exits(0);
    sandbox.commit("city");
    // The rule goes: what was kept stays.
    sandbox.write("Cargo.toml", MANIFEST);
    sandbox.run(["create", "no history"]).check(expect![[r#"
        exit 0
        --- stdout
        The models changed:
          ~ history of users ends (users_version stays)    src/schema.rs:2
        Here is what it does:
          1. drop trigger users_version_insert of users
          2. drop trigger users_version_update of users
          3. drop trigger users_version_delete of users
        Wrote migrations/<time>-<id>_no_history/
        Proved on SQLite: up, down, up again; 4 tables with rows; the schema is what it should be each time (<took>)
        --- stderr
        the newest revision is dated <time>, so this one is dated a second later to sort after it
        next: git add migrations/<time>-<id>_no_history; cargo ops-migrate upgrade
    "#]]);
}

/// The files are the same before and after: the rule alone is another.
#[test]
fn a_rule_is_seen_where_structs_state_the_tables() {
    let sandbox = Sandbox::with_chain();
    let printed = sandbox.run(["schema", "--format", "ops"]).exits(0).stdout;
    sandbox.write("src/lib.rs", "pub mod models;\npub mod schema;\n");
    sandbox.write("src/models.rs", format!("use ops_migrate_derive::OpsModel;\n\n{printed}"));
    sandbox.revision("2024-04-01-000000_nothing", "SELECT 1;\n", "SELECT 1;\n");
    sandbox.commit("structs state the tables");
    sandbox.write("Cargo.toml", format!("{MANIFEST}\n[package.metadata.ops-migrate.history]\n"));
    let _ = sandbox.run(["check"]).exits(1).says(&["+ history of posts (posts_history)"]);
    let _ = sandbox.run(["create", "history"]).exits(0).says(&["create table users_history", "Proved on SQLite"]);
    let _ = sandbox.run(["check", "--all"]).exits(0).says(&["agree"]);
}

#[test]
fn a_table_that_goes_leaves_its_history() {
    let sandbox = with_rule("");
    let _ = sandbox.run(["create", "history"]).exits(0);
    sandbox.commit("history");
    let schema = SCHEMA_OF_CHAIN.split("diesel::table! {\n    posts").next().unwrap();
    sandbox.write("src/schema.rs", schema);
    sandbox.run(["create", "no posts"]).check(expect![[r#"
        exit 0
        --- stdout
        The models changed:
          - posts                                          src/schema.rs:11
          ~ history of posts ends (posts_history stays)    src/schema.rs:11
        Here is what it does:
          1. drop table posts
        Look here:
          - loses the rows of posts
          - down makes posts again, without its rows
        Wrote migrations/<time>-<id>_no_posts/
        Proved on SQLite: up, down, up again; 5 tables with rows; the schema is what it should be each time (<took>)
        --- stderr
        next: git add migrations/<time>-<id>_no_posts; cargo ops-migrate upgrade
    "#]]);
    let _ = sandbox.run(["check", "--all"]).exits(0).says(&["agree"]);
}

#[test]
fn what_cannot_be_is_told_with_its_place() {
    let check = |rule: &str, expected: Expect| refused(&with_rule(rule), ["check"], expected);
    check(
        "sufix = \"_v\"\n",
        expect![[r#"
        exit 2
        --- stderr
        error: <root>/Cargo.toml: [metadata.ops-migrate]: unknown field `sufix`, expected one of `suffix`, `keep`, `except`
    "#]],
    );
    check(
        "suffix = \"-v\"\n",
        expect![[r#"
        exit 2
        --- stderr
        error: <root>/Cargo.toml: [metadata.ops-migrate]: `-v` is no suffix of a history
        hint: it is made of letters, digits and `_`: suffix = "_version"
    "#]],
    );
    check(
        "suffix = \"s\"\n",
        expect![[r#"
        exit 2
        --- stderr
        error: src/schema.rs:11: `posts` is called like a history itself (it ends with `s`): give its history another suffix, or none
        hint: choose another suffix in [package.metadata.ops-migrate.history], or name the table in its except
    "#]],
    );
}

mod postgres_tests {
    use ops_migrate::catalog::{Catalog, Name};
    use ops_migrate::dialect::Dialect;
    use ops_migrate::diff::Answers;
    use ops_migrate::history_tables::{History, bring};
    use ops_migrate::place::Place;

    use super::{Engine, follows, sandbox};
    use crate::common::scratch;

    /// What is written to a partition by its own name is seen as well.
    #[test]
    fn a_partition_is_part_of_its_table() {
        let (empty, mut catalog) = (Catalog::empty(Dialect::Postgres), Catalog::empty(Dialect::Postgres));
        let table = "CREATE TABLE users (id integer PRIMARY KEY, nick text) PARTITION BY LIST (id);
            CREATE TABLE users_1 (nick text, id integer NOT NULL); ALTER TABLE users ATTACH PARTITION users_1 FOR VALUES IN (1);";
        ops_migrate::replay::apply(&mut catalog, table, "up.sql").unwrap();
        let history = History { suffix: "_history".to_owned(), keep: true, at: Place::file("up.sql") };
        bring(&mut catalog, &Name::new("users"), &history);
        let script = ops_migrate::render::script(&empty, &catalog, &Answers::default()).unwrap();
        let mut scratch = scratch("OPS_MIGRATE_TEST_POSTGRES", Dialect::Postgres);
        let db = scratch.database();
        db.execute(&script.up).unwrap();
        db.execute("INSERT INTO users_1 (nick, id) VALUES ('a', 1); UPDATE users SET nick = 'b'; DELETE FROM users_1")
            .unwrap();
        let rows = db.texts("SELECT concat_ws('|', history_operation, id, nick) AS \"row\" FROM users_history", &[]);
        let rows: Vec<String> = rows.unwrap().into_iter().flatten().collect();
        assert_eq!(rows, ["insert|1|a", "update|1|b", "delete|1|b"]);
        db.execute(&script.down).unwrap();
    }

    #[test]
    fn postgres_keeps_every_state_of_a_row() {
        let engine = Engine {
            dialect: Dialect::Postgres,
            as_ada: ["BEGIN", "SELECT set_config('ops.user', 'ada', true)", "SELECT 1"],
            nobody: "session_user",
        };
        let mut scratch = scratch("OPS_MIGRATE_TEST_POSTGRES", Dialect::Postgres);
        let url = scratch.database().url().clone();
        let sandbox = sandbox(&engine, &url.to_string());
        follows(&engine, &sandbox, || ops_migrate::db::Database::connect(&url).unwrap());
    }
}

#[cfg(feature = "mysql")]
#[test]
fn mysql_keeps_every_state_of_a_row() {
    let engine = Engine {
        dialect: Dialect::Mysql,
        as_ada: ["SET @ops_user = 'ada', @ops_transaction = 7", "START TRANSACTION", "SELECT 1"],
        nobody: "session_user()",
    };
    let mut backend = crate::mysql::Backend::new();
    let sandbox = sandbox(&engine, &backend.url());
    let url = backend.scratch.database().url().clone();
    follows(&engine, &sandbox, || Database::connect(&url).unwrap());
}
