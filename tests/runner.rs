//! Runners as real processes: two at the same time, and one that is killed in the middle.

use std::io::Read as _;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use ops_migrate::db::ledger::{self, State};
use ops_migrate::db::scratch::Scratch;
use ops_migrate::db::{Database, DatabaseUrl, lock};
use ops_migrate::dialect::Dialect;

use crate::common::{MANIFEST, Sandbox, scratch};

/// A statement that runs for minutes and holds nothing that readers need.
const SLOW_ON_SQLITE: &str = "SELECT count(*) FROM (WITH RECURSIVE n (x) AS
    (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 4000000000) SELECT x FROM n);";

/// The server goes on with a statement when its client is gone: long enough to be killed, and short
/// enough to wait for its end.
const SLOW_ON_POSTGRES: &str = "SELECT pg_sleep(2);";

const FIRST: &str = "2024-01-01-000000_first";
const SECOND: &str = "2024-02-01-000000_second";
const VERSION: &str = "20240201000000";

/// A crate with a database of its own.
pub(crate) struct Backend {
    pub(crate) sandbox: Sandbox,
    pub(crate) url: DatabaseUrl,
    slow: &'static str,
    /// A statement that changes nothing but the session.
    setting: &'static str,
    /// How it is reached behind a pooler.
    pooler: Option<String>,
    // Dropped with the backend.
    _scratch: Option<Scratch>,
}

impl Backend {
    pub(crate) fn sqlite() -> Self {
        let sandbox = Sandbox::without_revisions();
        let url = DatabaseUrl::sqlite_file(sandbox.path("app.db"));
        Self { sandbox, url, slow: SLOW_ON_SQLITE, setting: "PRAGMA cache_size = 100;", pooler: None, _scratch: None }
    }

    pub(crate) fn postgres() -> Self {
        let mut scratch = scratch("OPS_MIGRATE_TEST_POSTGRES", Dialect::Postgres);
        let url = scratch.database().url().clone();
        let sandbox = Sandbox::without_revisions();
        sandbox.write("Cargo.toml", MANIFEST.replace("sqlite", "postgres"));
        // The server trusts local users: there is no password to be hidden.
        sandbox.write(".env", format!("DATABASE_URL={url}\n"));
        let setting = "SET lock_timeout = 1000;";
        Self { sandbox, url, slow: SLOW_ON_POSTGRES, setting, pooler: None, _scratch: Some(scratch) }
    }

    /// The same database behind pgbouncer's transaction pooling.
    #[expect(clippy::disallowed_methods, reason = "the harness names its servers there")]
    pub(crate) fn postgres_behind_a_pooler() -> Self {
        let mut backend = Self::postgres();
        let pooler = std::env::var("OPS_MIGRATE_TEST_PGBOUNCER").expect("run cargo xtask test");
        let name = backend.database().text("SELECT current_database()::text AS row", &[]).unwrap().unwrap();
        backend.pooler = Some(pooler.replace("6432/postgres", &format!("6432/{name}")));
        backend.sandbox.write(".env", format!("DATABASE_URL={}\n", backend.pooler.as_ref().unwrap()));
        backend
    }

    #[cfg(feature = "mysql")]
    pub(crate) fn mysql() -> Self {
        let mysql = crate::mysql::Backend::new();
        let url = DatabaseUrl::parse(&mysql.url()).unwrap();
        let (slow, setting) = ("DO sleep(2);", "SET @x = 1;");
        Self { sandbox: mysql.sandbox, url, slow, setting, pooler: None, _scratch: Some(mysql.scratch) }
    }

    /// On a server of the test's own, whose database is there and goes with it.
    pub(crate) fn at(url: &str) -> Self {
        let sandbox = Sandbox::without_revisions();
        sandbox.write("Cargo.toml", MANIFEST.replace("sqlite", url.split(':').next().unwrap()));
        sandbox.write(".env", format!("DATABASE_URL={url}\n"));
        Self { sandbox, url: DatabaseUrl::parse(url).unwrap(), slow: "", setting: "", pooler: None, _scratch: None }
    }

    pub(crate) fn database(&self) -> Database {
        Database::connect(&self.url).unwrap()
    }

    pub(crate) fn versions(&self) -> Vec<String> {
        self.database().applied().unwrap().into_iter().map(|row| row.version).collect()
    }

    /// Starts `cargo ops-migrate upgrade` as a process.
    pub(crate) fn upgrade(&self) -> Running {
        self.start(&["upgrade"], &[])
    }

    /// Starts a command that takes the lock as a process, with variables of its own.
    pub(crate) fn start(&self, args: &[&str], vars: &[(&str, String)]) -> Running {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-ops-migrate"));
        command.arg("ops-migrate").args(args).args(["--lock-wait", "60"]).env_clear().envs(&self.sandbox.vars);
        command.envs(vars.iter().map(|(name, value)| (name, value)));
        // In a sandbox without toolchains, rustup would not know which cargo to run.
        command.env("CARGO", env!("CARGO"));
        command.current_dir(self.sandbox.path("")).stdout(Stdio::piped()).stderr(Stdio::piped());
        Running { child: Some(command.spawn().unwrap()), read: Vec::new() }
    }

    /// Writes two revisions, the second of which runs long, and kills a runner in the middle of it.
    fn kill_in_the_middle(&self, in_transaction: bool) {
        self.sandbox.revision(FIRST, "CREATE TABLE a (x integer);", "DROP TABLE a;");
        // A setting between them: without a transaction, each of them is done by itself.
        let between = if in_transaction { "" } else { self.setting };
        let up = format!("CREATE TABLE b (x integer);\n{between}{}\n", self.slow);
        self.sandbox.revision(SECOND, &up, "DROP TABLE b;");
        if !in_transaction {
            self.sandbox.write(&format!("migrations/{SECOND}/metadata.toml"), "run_in_transaction = false\n");
        }
        let runner = self.upgrade();
        // An SQLite file is made by the runner itself.
        until(|| Database::exists(&self.url));
        let mut database = self.database();
        until(|| ledger::unfinished(&mut database).is_ok_and(|open| open.iter().any(|entry| entry.version == VERSION)));
        std::thread::sleep(Duration::from_millis(300));
        runner.kill();
        // A server notices when the statement is over.
        until(|| lock::holder(&mut database).unwrap().is_none());
        assert_eq!(self.versions(), ["20240101000000"]);
    }

    /// The same revision, but quick.
    fn make_quick(&self) {
        self.sandbox.revision(SECOND, "CREATE TABLE b (x integer);\n", "DROP TABLE b;");
    }
}

/// A process that ends with this value.
pub(crate) struct Running {
    child: Option<Child>,
    /// What was read of its stdout already.
    read: Vec<u8>,
}

impl Running {
    pub(crate) fn output(mut self) -> Output {
        let mut output = self.child.take().unwrap().wait_with_output().unwrap();
        output.stdout.splice(..0, self.read.drain(..));
        output
    }

    /// Returns when it says that it waits for the lock: then it has made its plan.
    pub(crate) fn until_it_waits(&mut self) {
        self.until_it_says("waits for another runner");
    }

    /// Returns when its stdout has these words.
    pub(crate) fn until_it_says(&mut self, words: &str) {
        let stdout = self.child.as_mut().unwrap().stdout.as_mut().unwrap();
        while !String::from_utf8_lossy(&self.read).contains(words) {
            let mut byte = [0];
            assert_eq!(
                stdout.read(&mut byte).unwrap(),
                1,
                "it did not say `{words}`: {}",
                String::from_utf8_lossy(&self.read)
            );
            self.read.extend(byte);
        }
    }

    /// Whether it has yet to end.
    pub(crate) fn is_running(&mut self) -> bool {
        self.child.as_mut().unwrap().try_wait().unwrap().is_none()
    }

    /// The same process, and nobody reads what it says.
    pub(crate) fn deaf(mut self) -> Self {
        if let Some(child) = &mut self.child {
            drop(child.stdout.take());
            drop(child.stderr.take());
        }
        self
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap().success());
    }

    /// By SIGKILL, if it still runs.
    #[cfg(all(unix, feature = "failpoints"))]
    pub(crate) fn kill_now(mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// By SIGKILL: nothing of the process can react to it.
    pub(crate) fn kill(mut self) {
        let mut child = self.child.take().unwrap();
        assert_eq!(child.try_wait().unwrap(), None, "the runner was done before it could be killed");
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

pub(crate) fn until(mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !condition() {
        assert!(Instant::now() < deadline, "waited in vain");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// How many runners at once: 50 in the long run.
#[expect(clippy::disallowed_methods, reason = "the harness says how long it may take")]
fn crowd() -> usize {
    if std::env::var_os("OPS_MIGRATE_FAULTS").is_some() { 50 } else { 12 }
}

/// A crowd on a fresh database, 20 times in the long run.
fn crowds(fresh: impl Fn() -> Backend) {
    for _ in 0..crate::matrix_runs::times(1, 20) {
        exactly_once(&fresh(), crowd());
    }
}

/// Rows 1, 3, 4: many processes, twenty revisions: each is applied by one of them, and every loser
/// waits and is content.
pub(crate) fn exactly_once(backend: &Backend, runners: usize) {
    backend.sandbox.revision("2024-01-01-000000_log", "CREATE TABLE log (n integer);", "DROP TABLE log;");
    for n in 2..=20 {
        let up = format!("CREATE TABLE t{n} (x integer);\nINSERT INTO log VALUES ({n});\n");
        backend.sandbox.revision(&format!("2024-01-{n:02}-000000_t{n}"), &up, &format!("DROP TABLE t{n};"));
    }
    let running: Vec<Running> = (0..runners).map(|_| backend.upgrade()).collect();
    let outputs: Vec<Output> = running.into_iter().map(Running::output).collect();
    let mut lines = Vec::new();
    for output in &outputs {
        let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(0), "{stdout}{stderr}");
        lines.extend(stdout.lines().filter(|line| line.starts_with("applied ")).map(str::to_owned));
    }
    assert_eq!(lines.len(), 20, "{lines:#?}");
    assert_eq!(backend.versions().len(), 20);
    let mut database = backend.database();
    let entries = ledger::entries(&mut database).unwrap();
    assert!(entries.iter().all(|entry| entry.state == State::Applied), "{entries:#?}");
    assert_eq!(entries.len(), 20);
    let log = database.text("SELECT concat(count(*), ' ', count(DISTINCT n)) AS \"row\" FROM log", &[]).unwrap();
    assert_eq!(log.as_deref(), Some("19 19"));
}

/// The database undoes the half step, `status` says so, and the next run records it and goes on.
fn a_kill_inside_a_transaction_is_mended(backend: &Backend) {
    backend.kill_in_the_middle(true);
    assert!(!backend.database().has_table("b").unwrap());
    let status = backend.sandbox.run(["status"]).exits(8);
    let _ = status.says(&["a run of 2024-02-01-000000_second crashed", "cargo ops-migrate upgrade records that"]);
    backend.make_quick();
    let upgrade = backend.sandbox.run(["upgrade"]).exits(0);
    let _ = upgrade.says(&["from a run that crashed: it was rolled back", "applied 2024-02-01-000000_second"]);
    assert_eq!(backend.versions(), ["20240101000000", VERSION]);
    assert!(ledger::unfinished(&mut backend.database()).unwrap().is_empty());
}

/// The journal tells how far it got: `status` says so, and the next run goes on there.
fn a_kill_without_a_transaction_is_gone_on_with(backend: &Backend, in_transaction: bool) {
    backend.kill_in_the_middle(in_transaction);
    let _ = backend.sandbox.run(["status"]).exits(8).says(&["statements are in place", "upgrade goes on with"]);
    backend.make_quick();
    let upgrade = backend.sandbox.run(["upgrade"]).exits(0);
    let _ = upgrade.says(&["goes on from there", "applied 2024-02-01-000000_second"]);
    assert_eq!(backend.versions(), ["20240101000000", VERSION]);
    assert!(ledger::unfinished(&mut backend.database()).unwrap().is_empty());
}

/// Row 14: a signal cancels the statement on the server, undoes it, gives the lock back and says so;
/// the next run goes on.
fn a_signal_ends_a_run_in_good_order(backend: &Backend, signal: &str, code: i32) {
    backend.sandbox.revision(FIRST, "CREATE TABLE a (x integer);", "DROP TABLE a;");
    // MySQL's sleep() takes an interruption for its end.
    let long = "SELECT count(*) FROM seq_1_to_20000000000 WHERE seq % 7 = 3";
    let slow = backend.slow.replace("DO sleep(2)", long).replace("(2)", "(60)");
    let up = format!("CREATE TABLE b (x integer);\n{slow}\n");
    backend.sandbox.revision(SECOND, &up, "DROP TABLE b;");
    let runner = backend.upgrade();
    until(|| Database::exists(&backend.url));
    let mut database = backend.database();
    until(|| ledger::unfinished(&mut database).is_ok_and(|open| open.iter().any(|entry| entry.version == VERSION)));
    std::thread::sleep(Duration::from_millis(300));
    let sent = Instant::now();
    runner.signal(signal);
    let output = runner.output();
    let took = sent.elapsed();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert!(took < Duration::from_secs(2), "{took:?}");
    if database.dialect() != Dialect::Sqlite {
        assert!(text.contains(&format!("SIG{signal}: the run was ended in good order")), "{text}");
    }
    assert_eq!(lock::holder(&mut database).unwrap(), None);
    backend.make_quick();
    let _ = backend.sandbox.run(["upgrade"]).exits(0);
    assert_eq!(backend.versions(), ["20240101000000", VERSION]);
}

#[test]
fn row_14_a_signal_ends_a_run_on_sqlite() {
    a_signal_ends_a_run_in_good_order(&Backend::sqlite(), "INT", 130);
}

const READS: [&[&str]; 5] = [&["status"], &["history"], &["current"], &["upgrade", "--plan"], &["rollback", "--plan"]];

/// Which tables are there of those that a run makes.
fn tables(backend: &Backend) -> [bool; 4] {
    let mut db = backend.database();
    ["a", "__ops_migrate_ledger", "__ops_migrate_journal", "__diesel_schema_migrations"]
        .map(|table| db.has_table(table).unwrap())
}

/// Row 51: commands that read do so as a role that may do nothing else, and make nothing.
fn reading_writes_nothing_as(backend: &Backend, reader: &str) {
    backend.sandbox.revision(FIRST, "CREATE TABLE a (x integer);", "DROP TABLE a;");
    for applied in [false, true] {
        if applied {
            let _ = backend.sandbox.run(["upgrade"]).exits(0);
        }
        let before = tables(backend);
        for args in READS {
            let expected = backend.sandbox.run(args.iter().copied()).code;
            let output = backend.sandbox.run([args, &["--database-url", reader]].concat());
            assert_eq!(output.code, expected, "{}", output.text());
        }
        assert_eq!(tables(backend), before);
    }
}

/// Row 30: and on a server that takes no writes, where `upgrade` says what is wrong.
fn reading_needs_no_writes(backend: &Backend, refuse: &str, allow: &str) {
    let mut admin = backend.database();
    let expected = READS.map(|args| backend.sandbox.run(args.iter().copied()).code);
    admin.execute(refuse).unwrap();
    assert_eq!(READS.map(|args| backend.sandbox.run(args.iter().copied()).code), expected);
    backend.sandbox.revision(SECOND, "CREATE TABLE b (x integer);", "DROP TABLE b;");
    let _ = backend.sandbox.run(["upgrade"]).exits(5).says(&["takes no writes", "primary"]);
    admin.execute(allow).unwrap();
    let _ = backend.sandbox.run(["upgrade"]).exits(0);
}

/// Rows 40 and 41: a reader keeps its transaction open. The run lets others pass, tells who it is,
/// tries again, and goes on when the reader is done.
fn a_reader_holds_the_table(backend: &Backend, alter: &str) {
    backend.sandbox.revision(FIRST, "CREATE TABLE a (x integer);", "DROP TABLE a;");
    let _ = backend.sandbox.run(["upgrade"]).exits(0);
    backend.sandbox.revision(SECOND, alter, "DROP TABLE a;");
    let mut reader = backend.database();
    reader.execute("BEGIN").unwrap();
    let _ = reader.texts("SELECT 'x' AS \"row\" FROM a", &[]);
    let _ = reader.execute("INSERT INTO a VALUES (1)");
    let blocked = backend.sandbox.run(["upgrade", "--table-wait", "1", "--table-retries", "1"]).exits(7);
    let _ = blocked.says(&["cannot apply 2024-02-01-000000_second", "held by process ", "--table-retries"]);
    assert_eq!(backend.versions(), ["20240101000000"]);
    let mut runner = backend.start(&["upgrade", "--table-wait", "1"], &[]);
    runner.until_it_says("waits for a table that is held by process ");
    reader.execute("COMMIT").unwrap();
    let output = runner.output();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(backend.versions(), ["20240101000000", VERSION]);
}

#[test]
fn two_processes_apply_each_revision_once() {
    exactly_once(&Backend::sqlite(), 2);
}

#[test]
fn row_3_a_crowd_applies_each_revision_once() {
    crowds(Backend::sqlite);
}

#[test]
fn a_killed_runner_with_a_transaction() {
    a_kill_inside_a_transaction_is_mended(&Backend::sqlite());
}

#[test]
fn a_killed_runner_without_a_transaction() {
    a_kill_without_a_transaction_is_gone_on_with(&Backend::sqlite(), false);
}

mod postgres_tests {
    use super::{
        Backend, a_kill_inside_a_transaction_is_mended, a_kill_without_a_transaction_is_gone_on_with, exactly_once,
    };

    #[test]
    fn two_processes_apply_each_revision_once() {
        exactly_once(&Backend::postgres(), 2);
    }

    #[test]
    fn row_1_a_crowd_applies_each_revision_once() {
        super::crowds(Backend::postgres);
    }

    #[test]
    fn a_killed_runner_with_a_transaction() {
        a_kill_inside_a_transaction_is_mended(&Backend::postgres());
    }

    #[test]
    fn a_killed_runner_without_a_transaction() {
        a_kill_without_a_transaction_is_gone_on_with(&Backend::postgres(), false);
    }

    #[test]
    fn row_14_signals_end_a_run() {
        super::a_signal_ends_a_run_in_good_order(&Backend::postgres(), "INT", 130);
        super::a_signal_ends_a_run_in_good_order(&Backend::postgres(), "TERM", 143);
        super::a_signal_ends_a_run_in_good_order(&Backend::postgres(), "HUP", 129);
        super::a_signal_ends_a_run_in_good_order(&Backend::postgres_behind_a_pooler(), "INT", 130);
    }

    #[test]
    fn rows_30_and_51_reading_writes_nothing() {
        let backend = Backend::postgres();
        let mut db = backend.database();
        let name = db.text("SELECT current_database()::text AS row", &[]).unwrap().unwrap();
        let role = format!("reader_{}", std::process::id());
        db.execute(&format!("CREATE ROLE {role} LOGIN; ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {role}"))
            .unwrap();
        let url = backend.url.to_string().replace("ops:***", &role);
        super::reading_writes_nothing_as(&backend, &url);
        super::reading_needs_no_writes(
            &backend,
            &format!("ALTER DATABASE {name} SET default_transaction_read_only = on"),
            &format!(
                "SET default_transaction_read_only = off; ALTER DATABASE {name} RESET default_transaction_read_only"
            ),
        );
        db.execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).unwrap();
    }

    #[test]
    fn row_40_a_reader_holds_the_table() {
        super::a_reader_holds_the_table(&Backend::postgres(), "ALTER TABLE a ADD COLUMN y integer;");
    }

    /// Row 27: behind pgbouncer's transaction pooling each revision is applied once; row 28: what
    /// has no transaction is refused there before anything is changed.
    #[test]
    fn rows_27_and_28_behind_a_pooler() {
        super::crowds(Backend::postgres_behind_a_pooler);
        let backend = Backend::postgres_behind_a_pooler();
        exactly_once(&backend, 6);
        backend.sandbox.revision("2024-05-01-000000_index", "CREATE INDEX CONCURRENTLY i ON log (n);", "DROP INDEX i;");
        backend.sandbox.write("migrations/2024-05-01-000000_index/metadata.toml", "run_in_transaction = false\n");
        let refused = backend.sandbox.run(["upgrade"]).exits(2);
        let _ = refused.says(&["goes through a pooler", "--database-url"]);
        let _ = backend.sandbox.run(["current"]).exits(0).says(&["20240120000000"]);
        let direct = backend.url.to_string().replace("***", "x");
        let _ = backend.sandbox.run(["upgrade", "--database-url", &direct]).exits(0);
        let leaked = "SELECT count(*)::text AS row FROM pg_locks WHERE locktype = 'advisory'
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        assert_eq!(backend.database().text(leaked, &[]).unwrap().as_deref(), Some("0"));
    }

    /// Row 27: the tool's own tables are made by many at once, of which one makes them.
    #[test]
    fn row_27_everybody_makes_the_tables() {
        use ops_migrate::db::lock::Lock;
        use ops_migrate::db::{DatabaseUrl, ledger, settings};
        for _ in 0..5 {
            let backend = Backend::postgres_behind_a_pooler();
            let url = DatabaseUrl::parse(backend.pooler.as_ref().unwrap()).unwrap();
            let together = std::sync::Barrier::new(8);
            std::thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| {
                        let mut database = ops_migrate::db::Database::connect(&url).unwrap();
                        let wait = std::time::Duration::from_secs(20);
                        let mut locked = Lock::acquire(&mut database, wait, &mut |_| ()).unwrap();
                        together.wait();
                        settings::ensure(&mut locked).unwrap();
                        ledger::ensure(&mut locked).unwrap();
                    });
                }
            });
        }
    }

    #[test]
    fn status_during_a_run_tells_of_a_runner_and_not_of_a_crash() {
        let backend = Backend::postgres();
        backend.sandbox.revision(super::FIRST, "SELECT pg_sleep(1);", "SELECT 1;");
        let runner = backend.upgrade();
        let mut database = backend.database();
        super::until(|| !super::ledger::unfinished(&mut database).unwrap().is_empty());
        let _ = backend.sandbox.run(["status", "--quiet"]).says(&["a runner is at work now: process "]);
        assert_eq!(runner.output().status.code(), Some(0));
    }
}

#[cfg(feature = "mysql")]
mod mysql_tests {
    use super::{Backend, FIRST, SECOND, a_kill_without_a_transaction_is_gone_on_with, exactly_once};

    #[test]
    fn two_processes_apply_each_revision_once() {
        exactly_once(&Backend::mysql(), 2);
    }

    #[test]
    fn row_4_a_crowd_applies_each_revision_once() {
        super::crowds(Backend::mysql);
    }

    #[test]
    fn row_14_signals_end_a_run() {
        super::a_signal_ends_a_run_in_good_order(&Backend::mysql(), "INT", 130);
        super::a_signal_ends_a_run_in_good_order(&Backend::mysql(), "TERM", 143);
    }

    #[test]
    fn row_51_reading_writes_nothing() {
        let backend = Backend::mysql();
        let mut db = backend.database();
        let name = db.text("SELECT database() AS `row`", &[]).unwrap().unwrap();
        let role = format!("reader_{}", std::process::id());
        db.execute(&format!("CREATE USER {role}@localhost; GRANT SELECT ON {name}.* TO {role}@localhost")).unwrap();
        let url = backend.url.to_string().replace("ops:***", &role);
        // The whole server's switch would stop the other tests: the role is the proof.
        super::reading_writes_nothing_as(&backend, &url);
        db.execute(&format!("DROP USER {role}@localhost")).unwrap();
    }

    /// Row 66: more than the server takes in one piece, and many statements.
    #[test]
    fn row_66_a_large_file_is_sent_in_pieces() {
        let backend = Backend::mysql();
        let row = "x".repeat(100_000);
        let large: String = (0..180).map(|n| format!("INSERT INTO a VALUES ({n}, '{row}');\n")).collect();
        let many: String = (0..50_000).map(|n| format!("INSERT INTO b VALUES ({n});\n")).collect();
        let tables = "CREATE TABLE a (x INT, y TEXT); CREATE TABLE b (x INT);";
        let tables = tables.replace("TEXT", "LONGTEXT");
        backend.sandbox.revision(FIRST, &tables, "DROP TABLE a; DROP TABLE b;");
        backend.sandbox.revision(SECOND, &large, "DELETE FROM a;");
        backend.sandbox.revision("2024-03-01-000000_many", &format!("{many}ALTER TABLE b ADD y INT;"), "SELECT 1;");
        let _ = backend.sandbox.run(["upgrade"]).exits(0);
        let count = "SELECT concat((SELECT count(*) FROM a), ' ', (SELECT count(*) FROM b)) AS `row`";
        assert_eq!(backend.database().text(count, &[]).unwrap().as_deref(), Some("180 50000"));
    }

    #[test]
    fn row_41_a_reader_holds_the_table() {
        super::a_reader_holds_the_table(&Backend::mysql(), "ALTER TABLE a ADD COLUMN y integer;");
    }

    /// Also with one: the server commits every change of the schema at once.
    #[test]
    fn a_killed_runner_with_a_transaction() {
        a_kill_without_a_transaction_is_gone_on_with(&Backend::mysql(), true);
    }

    #[test]
    fn a_killed_runner_without_a_transaction() {
        a_kill_without_a_transaction_is_gone_on_with(&Backend::mysql(), false);
    }
}
