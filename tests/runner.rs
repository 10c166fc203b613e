//! Runners as real processes: two at the same time, and one that is killed in the middle.

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
    url: DatabaseUrl,
    slow: &'static str,
    // Dropped with the backend.
    _scratch: Option<Scratch>,
}

impl Backend {
    pub(crate) fn sqlite() -> Self {
        let sandbox = Sandbox::without_revisions();
        let url = DatabaseUrl::sqlite_file(sandbox.path("app.db"));
        Self { sandbox, url, slow: SLOW_ON_SQLITE, _scratch: None }
    }

    pub(crate) fn postgres() -> Self {
        let mut scratch = scratch("OPS_MIGRATE_TEST_POSTGRES", Dialect::Postgres);
        let url = scratch.database().url().clone();
        let sandbox = Sandbox::without_revisions();
        sandbox.write("Cargo.toml", MANIFEST.replace("sqlite", "postgres"));
        // The server trusts local users: there is no password to be hidden.
        sandbox.write(".env", format!("DATABASE_URL={url}\n"));
        Self { sandbox, url, slow: SLOW_ON_POSTGRES, _scratch: Some(scratch) }
    }

    #[cfg(feature = "mysql")]
    pub(crate) fn mysql() -> Self {
        let mysql = crate::mysql::Backend::new();
        let url = DatabaseUrl::parse(&mysql.url()).unwrap();
        Self { sandbox: mysql.sandbox, url, slow: "DO sleep(2);", _scratch: Some(mysql.scratch) }
    }

    pub(crate) fn database(&self) -> Database {
        Database::connect(&self.url).unwrap()
    }

    pub(crate) fn versions(&self) -> Vec<String> {
        self.database().applied().unwrap().into_iter().map(|row| row.version).collect()
    }

    /// Starts `cargo ops-migrate upgrade` as a process.
    pub(crate) fn upgrade(&self) -> Running {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-ops-migrate"));
        command.args(["ops-migrate", "upgrade", "--lock-wait", "60"]).env_clear().envs(&self.sandbox.vars);
        // In a sandbox without toolchains, rustup would not know which cargo to run.
        command.env("CARGO", env!("CARGO"));
        command.current_dir(self.sandbox.path("")).stdout(Stdio::piped()).stderr(Stdio::piped());
        Running(Some(command.spawn().unwrap()))
    }

    /// Writes two revisions, the second of which runs long, and kills a runner in the middle of it.
    fn kill_in_the_middle(&self, in_transaction: bool) {
        self.sandbox.revision(FIRST, "CREATE TABLE a (x integer);", "DROP TABLE a;");
        self.sandbox.revision(SECOND, &format!("CREATE TABLE b (x integer);\n{}\n", self.slow), "DROP TABLE b;");
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
pub(crate) struct Running(Option<Child>);

impl Running {
    fn output(mut self) -> Output {
        self.0.take().unwrap().wait_with_output().unwrap()
    }

    /// By SIGKILL: nothing of the process can react to it.
    pub(crate) fn kill(mut self) {
        let mut child = self.0.take().unwrap();
        assert_eq!(child.try_wait().unwrap(), None, "the runner was done before it could be killed");
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
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

/// Two processes, twenty revisions: each is applied by one of them.
fn exactly_once(backend: &Backend) {
    backend.sandbox.revision("2024-01-01-000000_log", "CREATE TABLE log (n integer);", "DROP TABLE log;");
    for n in 2..=20 {
        let up = format!("CREATE TABLE t{n} (x integer);\nINSERT INTO log VALUES ({n});\n");
        backend.sandbox.revision(&format!("2024-01-{n:02}-000000_t{n}"), &up, &format!("DROP TABLE t{n};"));
    }
    let outputs = [backend.upgrade(), backend.upgrade()].map(Running::output);
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
    let log = database.text("SELECT concat(count(*), ' ', count(DISTINCT n)) AS row FROM log", &[]).unwrap();
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

/// Nobody can know how far the step got: `status` and `upgrade` say so and name the command with
/// which a person tells.
fn a_kill_without_a_transaction_is_named(backend: &Backend) {
    a_kill_leaves_doubt(backend, false);
}

fn a_kill_leaves_doubt(backend: &Backend, in_transaction: bool) {
    backend.kill_in_the_middle(in_transaction);
    let resolve = "cargo ops-migrate resolve 20240201000000 --applied";
    let _ = backend.sandbox.run(["status"]).exits(8).says(&["parts of it may be in place", resolve]);
    backend.make_quick();
    let _ = backend.sandbox.run(["upgrade"]).exits(8).says(&["ended without a word", resolve]);
    let _ = backend.sandbox.run(["resolve", VERSION, "--rolled-back"]).exits(2).says(&["--yes"]);
    backend.database().execute("DROP TABLE IF EXISTS b").unwrap();
    let _ = backend.sandbox.run(["resolve", VERSION, "--rolled-back", "--yes"]).exits(0);
    let _ = backend.sandbox.run(["upgrade"]).exits(0).says(&["applied 2024-02-01-000000_second"]);
    assert_eq!(backend.versions(), ["20240101000000", VERSION]);
}

#[test]
fn two_processes_apply_each_revision_once() {
    exactly_once(&Backend::sqlite());
}

#[test]
fn a_killed_runner_with_a_transaction() {
    a_kill_inside_a_transaction_is_mended(&Backend::sqlite());
}

#[test]
fn a_killed_runner_without_a_transaction() {
    let backend = Backend::sqlite();
    a_kill_without_a_transaction_is_named(&backend);
}

mod postgres_tests {
    use super::{Backend, a_kill_inside_a_transaction_is_mended, a_kill_without_a_transaction_is_named, exactly_once};

    #[test]
    fn two_processes_apply_each_revision_once() {
        exactly_once(&Backend::postgres());
    }

    #[test]
    fn a_killed_runner_with_a_transaction() {
        a_kill_inside_a_transaction_is_mended(&Backend::postgres());
    }

    #[test]
    fn a_killed_runner_without_a_transaction() {
        a_kill_without_a_transaction_is_named(&Backend::postgres());
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
    use super::{Backend, a_kill_leaves_doubt, exactly_once};

    #[test]
    fn two_processes_apply_each_revision_once() {
        exactly_once(&Backend::mysql());
    }

    /// Also with one: the server commits every change of the schema at once.
    #[test]
    fn a_killed_runner_with_a_transaction() {
        a_kill_leaves_doubt(&Backend::mysql(), true);
    }

    #[test]
    fn a_killed_runner_without_a_transaction() {
        a_kill_leaves_doubt(&Backend::mysql(), false);
    }
}
