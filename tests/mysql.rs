//! The commands on MariaDB, in process: what they do to a database whose schema changes no
//! transaction holds, and that its password is in nothing that they print or write.

use ops_migrate::db::Database;
use ops_migrate::db::ledger::{self, State};
use ops_migrate::db::scratch::Scratch;
use ops_migrate::dialect::Dialect;

use crate::common::{MANIFEST, Output, Sandbox, scratch};

const USERS: &str = "2024-01-01-000000_users";
const POSTS: &str = "2024-02-01-000000_posts";

/// What the harness gives to the user of its server.
const PASSWORD: &str = "Canary-S3cret";

const CREATE_USERS: &str = "CREATE TABLE users (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    mood ENUM('sad', 'ok') NOT NULL DEFAULT 'ok',
    seen TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP
);
";
const CREATE_POSTS: &str = "CREATE TABLE posts (
    id INT NOT NULL PRIMARY KEY,
    author INT UNSIGNED NOT NULL,
    FOREIGN KEY (author) REFERENCES users (id)
);
CREATE TRIGGER posts_own BEFORE INSERT ON posts FOR EACH ROW
BEGIN
    SET NEW.id = abs(NEW.id);
    SET NEW.author = NEW.author;
END;
";

const MODELS: &str = "\
diesel::table! {
    users (id) {
        id -> Unsigned<Integer>,
        #[max_length = 3]
        mood -> Varchar,
        seen -> Timestamp,
    }
}

diesel::table! {
    posts (id) {
        id -> Integer,
        author -> Unsigned<Integer>,
    }
}
";

/// A crate with a database of its own, which goes with it.
pub(crate) struct Backend {
    pub(crate) sandbox: Sandbox,
    pub(crate) scratch: Scratch,
    url: String,
}

impl Backend {
    /// Without revisions.
    pub(crate) fn new() -> Self {
        let mut scratch = scratch("OPS_MIGRATE_TEST_MYSQL", Dialect::Mysql);
        let name = scratch.database().text("SELECT database() AS \"row\"", &[]).unwrap().unwrap();
        #[expect(clippy::disallowed_methods, reason = "the scratch database shows its URL without the password")]
        let server = std::env::var("OPS_MIGRATE_TEST_MYSQL").unwrap();
        let url = server.replacen("/ops?", &format!("/{name}?"), 1);
        assert!(url.contains(&name) && url.contains(PASSWORD));
        let sandbox = Sandbox::without_revisions();
        sandbox.write("Cargo.toml", MANIFEST.replace("sqlite", "mysql"));
        sandbox.write(".env", format!("DATABASE_URL={url}\n"));
        Self { sandbox, scratch, url }
    }

    /// With two revisions, and the models that they make.
    fn with_chain() -> Self {
        let backend = Self::new();
        backend.sandbox.write("src/schema.rs", MODELS);
        backend.sandbox.revision(USERS, CREATE_USERS, "DROP TABLE users;\n");
        backend.sandbox.revision(POSTS, CREATE_POSTS, "DROP TABLE posts;\n");
        backend
    }

    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    /// Runs a command; the password is in neither stream.
    #[track_caller]
    fn run<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Output {
        self.sandbox.run(args).says_nothing_of(&[PASSWORD])
    }

    fn database(&mut self) -> &mut Database {
        self.scratch.database()
    }
}

#[test]
fn revisions_go_up_and_down() {
    let mut backend = Backend::with_chain();
    let _ = backend.run(["status"]).exits(3).says(&["base (nothing is applied)", "pending   2", "mysql://ops:***@"]);
    let _ = backend.run(["upgrade", "--plan"]).exits(0).says(&["2 revisions to apply", USERS]);
    let _ = backend.run(["upgrade", "--sql"]).exits(0).says(&["CREATE TABLE users"]);
    assert!(backend.database().applied().unwrap().is_empty());
    let _ = backend.run(["upgrade"]).exits(0).says(&["applied 2024-01-01-000000_users", POSTS]);
    let _ = backend.run(["upgrade"]).exits(0).says(&["Nothing to apply."]);
    let status = backend.run(["status"]).exits(0);
    let _ = status.says(&["current   20240201000000", "pending   none", "the schema is what its revisions give"]);
    backend.database().execute("ALTER TABLE posts ADD note TEXT").unwrap();
    let _ = backend.run(["status"]).exits(1).says(&["column posts.note is left over"]);
    let _ = backend.run(["rollback", "--yes"]).exits(0).says(&["took back 2024-02-01-000000_posts"]);
    let db = backend.database();
    assert!(db.has_table("users").unwrap() && !db.has_table("posts").unwrap());
    let states: Vec<State> = ledger::entries(db).unwrap().into_iter().map(|entry| entry.state).collect();
    assert_eq!(states, [State::Applied, State::Applied, State::Reverted]);
}

#[test]
fn a_revision_is_proved_on_a_scratch_database() {
    let backend = Backend::with_chain();
    let _ = backend.run(["test", "--all"]).exits(0);
    backend.sandbox.revision(POSTS, CREATE_POSTS, "DROP TABLE users;\n");
    let _ = backend.run(["test", "--all"]).exits(1).says(&["down failed"]);
}

#[test]
fn a_change_of_the_models_becomes_a_proved_revision() {
    let mut backend = Backend::with_chain();
    backend.sandbox.commit("two revisions");
    let _ = backend.run(["upgrade"]).exits(0);
    backend.sandbox.edit(
        "src/schema.rs",
        "author -> Unsigned<Integer>,",
        "author -> Unsigned<Integer>,\n        note -> Nullable<Text>,",
    );
    let _ = backend.run(["create", "add note"]).exits(0).says(&["Proved on MySQL"]);
    let _ = backend.run(["upgrade"]).exits(0).says(&["_add_note"]);
    let _ = backend.run(["status"]).exits(0).says(&["the schema is what its revisions give"]);
    let sql = "SELECT column_type AS \"row\" FROM information_schema.columns
        WHERE table_schema = database() AND table_name = 'posts' AND column_name = 'note'";
    assert_eq!(backend.database().text(sql, &[]).unwrap().as_deref(), Some("text"));
    let _ = backend.run(["rollback", "--allow-data-loss"]).exits(0);
    let _ = backend.run(["status"]).exits(3);
}

/// The ledger keeps the half, `status` names it; once the file is right, the next run goes on.
#[test]
fn a_half_applied_revision_is_named_and_gone_on_with() {
    let backend = Backend::with_chain();
    let bad = format!("{CREATE_POSTS}ALTER TABLE nowhere ADD x INT;\n");
    backend.sandbox.revision(POSTS, &bad, "DROP TABLE posts;\n");
    let resolve = "cargo ops-migrate resolve 20240201000000 --applied";
    let failed = backend.run(["upgrade"]).exits(1);
    let _ =
        failed.says(&["cannot apply 2024-02-01-000000_posts", "nowhere", "2 of 3 statements are in place", resolve]);
    let status = backend.run(["status"]).exits(8);
    let _ = status.says(&[
        "a run of 2024-02-01-000000_posts failed halfway",
        "nowhere",
        "goes on with `ALTER TABLE",
        resolve,
    ]);
    backend.sandbox.revision(POSTS, CREATE_POSTS, "DROP TABLE posts;\n");
    let _ = backend.run(["upgrade"]).exits(0).says(&[
        "2024-02-01-000000_posts was interrupted behind statement 2 of 2, and goes on from there",
        "applied 2024-02-01-000000_posts",
    ]);
    let _ = backend.run(["status"]).exits(0).says(&["the schema is what its revisions give"]);
}

/// What ran is not in the file any more: a person has to tell.
#[test]
fn a_half_that_the_file_does_not_know_is_named_until_it_is_resolved() {
    let mut backend = Backend::with_chain();
    backend.sandbox.revision(POSTS, &format!("{CREATE_POSTS}ALTER TABLE nowhere ADD x INT;\n"), "DROP TABLE posts;\n");
    let _ = backend.run(["upgrade"]).exits(1);
    backend.sandbox.revision(POSTS, &CREATE_POSTS.replace("id INT", "id BIGINT"), "DROP TABLE posts;\n");
    let resolve = "cargo ops-migrate resolve 20240201000000 --applied";
    let doubt = "the file does not say that any more";
    let _ = backend.run(["status"]).exits(8).says(&["parts of it may be in place", doubt, resolve]);
    let _ = backend.run(["upgrade"]).exits(8).says(&["parts of it may be in place", doubt, resolve]);
    backend.database().execute("DROP TABLE posts").unwrap();
    let plan = backend.run(["resolve", "20240201", "--rolled-back", "--plan"]).exits(0);
    let _ = plan.says(&["failed halfway: ", "nowhere", "done   CREATE TABLE posts"]);
    let _ = backend.run(["resolve", "20240201", "--rolled-back", "--yes"]).exits(0);
    let _ = backend.run(["upgrade"]).exits(0).says(&["applied 2024-02-01-000000_posts"]);
}

#[test]
fn a_second_runner_is_told_who_holds_the_lock() {
    let backend = Backend::with_chain();
    let mut other = Database::connect(&ops_migrate::db::DatabaseUrl::parse(&backend.url).unwrap()).unwrap();
    let lock = ops_migrate::db::lock::Lock::acquire(&mut other, std::time::Duration::ZERO, &mut |_| ()).unwrap();
    let _ = backend.run(["upgrade", "--lock-wait", "0"]).exits(7).says(&["another runner holds the lock: process "]);
    lock.release();
    let _ = backend.run(["upgrade"]).exits(0);
}

#[test]
fn no_password_where_the_server_refuses_us() {
    let backend = Backend::with_chain();
    for url in [
        backend.url.replace("localhost/", "localhost/not_there_"),
        backend.url.replace("//ops:", "//nobody_here:"),
        backend.url.replace("unix_socket=", "unix_socket=/nowhere"),
        format!("mysql://ops:{PASSWORD}@localhost"),
        format!("mysql://ops:{PASSWORD}@local:host:1/x"),
    ] {
        let _ = backend.run(["status", "--database-url", &url]).says(&["error: "]);
        let _ = backend.run(["upgrade", "--database-url", &url, "--format", "json"]).says(&["error"]);
    }
}

/// The password is in none of what the commands of a guarded database print or write.
#[test]
fn a_protected_database_is_stamped_verified_and_rolled_back() {
    let mut backend = Backend::with_chain();
    let name = backend.database().text("SELECT database() AS \"row\"", &[]).unwrap().unwrap();
    let _ = backend.run(["upgrade", "--format", "json"]).exits(0).says(&["\"event\":\"done\""]);
    let (insert, reason) =
        ("INSERT INTO users () VALUES (); INSERT INTO posts VALUES (1, 1)", format!("it is {PASSWORD}"));
    backend.database().execute(insert).unwrap();
    let _ = backend.sandbox.run(["protect", "--reason", &reason]).exits(0);
    let _ = backend.run(["status", "--verify"]).exits(0).says(&["protected ", "objects as recorded, 0 not"]);
    let rollback = ["rollback", "--allow-data-loss"];
    let _ = backend.run(rollback).exits(2).says(&["this loses the rows of posts (1 row)", "--database-name"]);
    let _ = backend.run(["stamp", "base", "--yes"]).exits(2);
    let _ = backend.run(["stamp", "base", "--yes", "--database-name", "other"]).exits(1);
    let _ = backend.run(["stamp", "-1", "--yes", "--database-name", &name]).exits(0);
    let _ = backend.run(["status", "--verify"]).exits(1).says(&["table posts is left over"]);
    let _ = backend.run(["stamp", "head", "--yes", "--database-name", &name]).exits(0);
    let _ = backend.run(["rollback", "--allow-data-loss", "--database-name", &name, "--format", "json"]).exits(0);
    let _ = backend.run(["unprotect", "--database-name", &name]).exits(0);
    for table in ["__ops_migrate_settings", "__ops_migrate_ledger"] {
        let columns =
            if table.ends_with("settings") { "name, value, user_name, host" } else { "name, down_sql, error, host" };
        let sql = format!("SELECT concat_ws(' ', {columns}) AS `row` FROM {table}");
        let rows = backend.database().texts(&sql, &[]).unwrap();
        assert!(!rows.is_empty() && !format!("{rows:?}").contains(PASSWORD), "{rows:?}");
    }
}
