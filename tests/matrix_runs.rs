//! The fault matrix, runs: others at the same time, signals, stalled processes, limits and rights that
//! change in the middle. What each row is stands in `tests/FAULTS.md`.

use std::process::Output;
use std::time::{Duration, Instant};

use ops_migrate::db::ledger::{self, State};
use ops_migrate::db::lock::{self, Lock};

use crate::runner::{Backend, Running, until};

const FIRST: &str = "2024-01-01-000000_first";
const SECOND: &str = "2024-02-01-000000_second";

/// Everything that a process said.
pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// The process ended with this code.
#[track_caller]
pub(crate) fn ended(running: Running, code: i32) -> String {
    let output = running.output();
    let text = said(&output);
    assert_eq!(output.status.code(), Some(code), "{text}");
    text
}

/// A chain of small revisions, each with a row in a log that would tell of a second time.
pub(crate) fn small_chain(backend: &Backend, length: usize) {
    backend.sandbox.revision("2024-01-01-000000_log", "CREATE TABLE log (n integer);", "DROP TABLE log;");
    for n in 2..=length {
        let up = format!("CREATE TABLE t{n} (x integer);\nINSERT INTO log VALUES ({n});\n");
        let down = format!("DROP TABLE t{n};\nDELETE FROM log WHERE n = {n};\n");
        backend.sandbox.revision(&format!("2024-01-{n:02}-000000_t{n}"), &up, &down);
    }
}

/// The small chain is there as a whole, each of it once.
pub(crate) fn is_whole(backend: &Backend, length: usize) {
    let mut db = backend.database();
    assert_eq!(backend.versions().len(), length);
    let log = db.text("SELECT concat(count(*), ' ', count(DISTINCT n)) AS \"row\" FROM log", &[]);
    // A word of its own on MySQL.
    let log = log.or_else(|_| db.text("SELECT concat(count(*), ' ', count(DISTINCT n)) AS `row` FROM log", &[]));
    assert_eq!(log.unwrap(), Some(format!("{0} {0}", length - 1)));
    assert!(ledger::unfinished(&mut db).unwrap().is_empty());
    assert_eq!(lock::holder(&mut db).unwrap(), None);
}

/// Row 2: one revision is pending, and many want to apply it.
fn one_is_pending(backend: &Backend) {
    small_chain(backend, 3);
    let _ = backend.sandbox.run(["upgrade"]).exits(0);
    let up = "INSERT INTO log VALUES (4);";
    backend.sandbox.revision("2024-01-04-000000_t4", up, "DELETE FROM log WHERE n = 4;");
    let mut held = backend.database();
    let lock = Lock::acquire(&mut held, Duration::ZERO, &mut |_| ()).unwrap();
    let mut running: Vec<Running> = (0..8).map(|_| backend.upgrade()).collect();
    // All of them have made their plan before the first may begin.
    running.iter_mut().for_each(Running::until_it_waits);
    lock.release();
    let texts: Vec<String> = running.into_iter().map(|running| ended(running, 0)).collect();
    let count = |words: &str| texts.iter().filter(|text| text.contains(words)).count();
    assert_eq!(count("applied 2024-01-04-000000_t4 ("), 1, "{texts:#?}");
    assert_eq!(count("t4 was done by another runner ("), 7, "{texts:#?}");
    is_whole(backend, 4);
}

/// Row 7: the ways up and down at once, and a look at it.
fn up_and_down_at_once(backend: &Backend) {
    small_chain(backend, 8);
    // The way down and the look want a database that is there.
    let _ = backend.sandbox.run(["upgrade", "+1"]).exits(0);
    let down = ["rollback", "base", "--allow-data-loss", "--yes"];
    for _ in 0..3 {
        let up = backend.upgrade();
        let back = backend.start(&down, &[]);
        let look = backend.sandbox.run(["status", "--quiet"]);
        assert!([0, 1, 3, 8].contains(&look.code), "{}", look.text());
        for running in [up, back] {
            let output = running.output();
            // A way back that was planned while the way up went on.
            assert!(matches!(output.status.code(), Some(0 | 1)), "{}", said(&output));
        }
    }
    let _ = backend.sandbox.run(["upgrade"]).exits(0);
    is_whole(backend, 8);
}

/// Row 15: a second signal ends the process at once; what it left is gone on with.
fn two_signals(backend: &Backend, slow: &str) {
    backend.sandbox.revision(FIRST, "CREATE TABLE a (x integer);", "DROP TABLE a;");
    backend.sandbox.revision(SECOND, &format!("CREATE TABLE b (x integer);\n{slow}"), "DROP TABLE b;");
    let runner = backend.upgrade();
    until(|| ledger::unfinished(&mut backend.database()).is_ok_and(|open| !open.is_empty()));
    runner.signal("INT");
    runner.signal("INT");
    let output = runner.output();
    assert!(matches!(output.status.code(), None | Some(130)), "{}", said(&output));
    until(|| lock::holder(&mut backend.database()).unwrap().is_none());
    backend.sandbox.revision(SECOND, "CREATE TABLE b (x integer);", "DROP TABLE b;");
    let _ = backend.sandbox.run(["upgrade"]).exits(0);
    assert_eq!(backend.versions().len(), 2);
}

/// Row 15: nobody reads what it says.
fn nobody_listens(backend: &Backend) {
    small_chain(backend, 6);
    let runner = backend.upgrade().deaf();
    let output = runner.output();
    let text = said(&output);
    assert!(!text.contains("bug") && !text.contains("panicked"), "{text}");
    let _ = backend.sandbox.run(["upgrade"]).exits(0);
    is_whole(backend, 6);
}

/// Row 16: a runner that is stopped keeps the lock; the others wait, are told who it is, and it goes on.
fn a_stalled_runner(backend: &Backend, slow: &str) {
    backend.sandbox.revision(FIRST, &format!("CREATE TABLE a (x integer);\n{slow}"), "DROP TABLE a;");
    let runner = backend.upgrade();
    // The lock alone may be that of a moment, in which the database learns whose it is.
    until(|| ledger::unfinished(&mut backend.database()).is_ok_and(|open| !open.is_empty()));
    runner.signal("STOP");
    let refused = backend.sandbox.run(["upgrade", "--lock-wait", "1"]).exits(7);
    let _ = refused.says(&["another runner holds the lock: process "]);
    let _ = backend.sandbox.run(["unlock"]).exits(7).says(&["the holder lives"]);
    runner.signal("CONT");
    let _ = ended(runner, 0);
    assert_eq!(backend.versions().len(), 1);
}

/// Row 42: an application takes two tables the other way round; whoever the server gives up, ours is
/// done as a whole in the end.
fn a_deadlock(backend: &Backend, theirs: [&str; 2], ours: &str) {
    let tables = "CREATE TABLE a (x integer);\nCREATE TABLE b (x integer);\n";
    backend.sandbox.revision(
        FIRST,
        &format!("{tables}INSERT INTO a VALUES (1);\nINSERT INTO b VALUES (1);"),
        "SELECT 1;",
    );
    let _ = backend.sandbox.run(["upgrade"]).exits(0);
    backend.sandbox.revision(SECOND, ours, "SELECT 1;");
    let mut app = backend.database();
    app.execute("BEGIN").unwrap();
    app.execute(theirs[0]).unwrap();
    let runner = backend.start(&["upgrade", "--table-wait", "20"], &[]);
    until(|| ledger::unfinished(&mut backend.database()).is_ok_and(|open| !open.is_empty()));
    std::thread::sleep(Duration::from_millis(500));
    app.execute(theirs[1]).unwrap();
    app.execute("COMMIT").unwrap();
    let text = ended(runner, 0);
    assert!(text.contains("waits for a table that is held by"), "{text}");
    assert_eq!(backend.versions().len(), 2);
}

/// Row 43: the server's own limit is named, and without it the next run goes on.
fn a_limit_of_the_server(backend: &Backend, set: &str, slow: &str, words: &str, url: Option<&str>, reset: &str) {
    backend.sandbox.revision(FIRST, "CREATE TABLE a (x integer);", "DROP TABLE a;");
    backend.sandbox.revision(SECOND, slow, "SELECT 1;");
    backend.database().execute(set).unwrap();
    let args = [&["upgrade"][..], &url.map_or_else(Vec::new, |url| vec!["--database-url", url])].concat();
    let _ = backend.sandbox.run(args.iter().copied()).exits(1).says(&[words, "second/up.sql"]);
    assert_eq!(backend.versions(), ["20240101000000"]);
    backend.database().execute(reset).unwrap();
    let _ = backend.sandbox.run(["upgrade"]).exits(0);
    assert_eq!(backend.versions().len(), 2);
}

/// Row 75: down and up again, many times: the schema is the first one each time.
fn there_and_back(backend: &Backend) {
    small_chain(backend, 5);
    let _ = backend.sandbox.run(["upgrade"]).exits(0);
    let shape =
        |backend: &Backend| format!("{:?}", ops_migrate::db::introspect::introspect(&mut backend.database()).unwrap());
    let first = shape(backend);
    for _ in 0..times(3, 100) {
        let _ = backend.sandbox.run(["rollback", "base", "--allow-data-loss", "--yes"]).exits(0);
        let _ = backend.sandbox.run(["upgrade"]).exits(0);
        assert_eq!(shape(backend), first);
    }
    is_whole(backend, 5);
}

/// How often something is done: more in the long run.
#[expect(clippy::disallowed_methods, reason = "the harness says how long it may take")]
pub(crate) fn times(bounded: usize, long: usize) -> usize {
    if std::env::var_os("OPS_MIGRATE_FAULTS").is_some() { long } else { bounded }
}

/// Row 76: a bug of the tool itself is told as one, leaves nothing open and shows no secret.
#[cfg(feature = "failpoints")]
fn a_bug_of_ours(backend: &Backend) {
    small_chain(backend, 3);
    let place = "runner: behind a step's text=panic".to_owned();
    let runner = backend.start(&["upgrade"], &[("OPS_MIGRATE_FAILPOINT", place)]);
    let text = ended(runner, 70);
    assert!(text.contains("cargo-ops-migrate has a bug at src/failpoint.rs"), "{text}");
    assert!(!text.contains("Canary"), "{text}");
    let _ = backend.sandbox.run(["upgrade", "--lock-wait", "5"]).exits(0);
    is_whole(backend, 3);
}

#[test]
fn row_2_one_is_pending_on_sqlite() {
    one_is_pending(&Backend::sqlite());
}

#[test]
fn row_3_a_crowd_on_a_database_with_a_write_ahead_log() {
    let backend = Backend::sqlite();
    backend.database().execute("PRAGMA journal_mode = WAL").unwrap();
    crate::runner::exactly_once(&backend, 6);
}

#[test]
fn row_7_up_and_down_at_once_on_sqlite() {
    up_and_down_at_once(&Backend::sqlite());
}

#[test]
fn row_8_diesel_itself_runs_before_ours_on_sqlite() {
    let backend = Backend::sqlite();
    beside_diesel(&backend, |url| {
        use diesel::Connection as _;
        let mut connection = diesel::SqliteConnection::establish(url).unwrap();
        run_diesel(&backend, &mut connection);
    });
}

/// All pending revisions, by Diesel itself.
fn run_diesel<DB: diesel::backend::Backend>(
    backend: &Backend,
    connection: &mut impl diesel_migrations::MigrationHarness<DB>,
) {
    let migrations = backend.sandbox.path("migrations");
    let source = diesel_migrations::FileBasedMigrations::from_path(migrations).unwrap();
    connection.run_pending_migrations(source).unwrap();
}

/// Row 8: Diesel, which knows no lock, is faster than a run of ours that has its plan already; its rows
/// count, and the ledger says nothing that it does not know.
fn beside_diesel(backend: &Backend, diesel: impl FnOnce(&str)) {
    small_chain(backend, 4);
    let mut other = backend.database();
    let lock = Lock::acquire(&mut other, Duration::ZERO, &mut |_| ()).unwrap();
    let mut runner = backend.upgrade();
    runner.until_it_waits();
    diesel(&backend.url.to_string().replace("***", "x"));
    lock.release();
    let text = ended(runner, 0);
    assert!(text.contains("t4 was done by another runner (it is not in the ledger)"), "{text}");
    is_whole(backend, 4);
    let _ = backend.sandbox.run(["status", "--verify", "--quiet"]).says(&["not in the ledger"]);
    let _ = backend.sandbox.run(["rollback", "base", "--allow-data-loss", "--yes"]).exits(0);
    let _ = backend.sandbox.run(["upgrade"]).exits(0);
    is_whole(backend, 4);
}

#[test]
fn row_15_nobody_listens_on_sqlite() {
    nobody_listens(&Backend::sqlite());
}

#[test]
fn row_75_there_and_back_on_sqlite() {
    there_and_back(&Backend::sqlite());
}

#[cfg(feature = "failpoints")]
#[test]
fn row_76_a_bug_of_ours_on_sqlite() {
    a_bug_of_ours(&Backend::sqlite());
}

mod postgres_tests {
    use super::{Backend, Duration, FIRST, Instant, Lock, SECOND, State, ended, is_whole, ledger, small_chain, until};

    fn database_of(backend: &Backend) -> String {
        backend.database().text("SELECT current_database()::text AS row", &[]).unwrap().unwrap()
    }

    #[test]
    fn row_2_one_is_pending() {
        super::one_is_pending(&Backend::postgres());
    }

    /// Each schema has a ledger and a lock of its own.
    #[test]
    fn row_6_schemas_of_one_database_side_by_side() {
        let backend = Backend::postgres();
        small_chain(&backend, 6);
        let url =
            |n: usize| backend.url.to_string().replace("***", "x") + &format!("?options=-csearch_path%3Dtenant_{n}");
        let mut db = backend.database();
        for n in 0..10 {
            db.execute(&format!("CREATE SCHEMA tenant_{n}")).unwrap();
        }
        let parsed = ops_migrate::db::DatabaseUrl::parse(&url(0)).unwrap();
        let mut first = ops_migrate::db::Database::connect(&parsed).unwrap();
        let held = Lock::acquire(&mut first, Duration::ZERO, &mut |_| ()).unwrap();
        let running: Vec<_> = (1..10)
            .flat_map(|n| [n, n])
            .map(|n| backend.start(&["upgrade", "--accept-database", "--database-url", &url(n)], &[]))
            .collect();
        for running in running {
            let _ = ended(running, 0);
        }
        let _ = backend.sandbox.run(["upgrade", "--lock-wait", "0", "--database-url", &url(0)]).exits(7);
        held.release();
        let _ = ended(backend.start(&["upgrade", "--database-url", &url(0)], &[]), 0);
        for n in 0..10 {
            let count = format!(
                "SELECT concat((SELECT count(*) FROM tenant_{n}.log), ' ', (SELECT count(*) FROM
                tenant_{n}.__diesel_schema_migrations)) AS row"
            );
            assert_eq!(db.text(&count, &[]).unwrap().as_deref(), Some("5 6"), "tenant_{n}");
        }
    }

    #[test]
    fn row_7_up_and_down_at_once() {
        super::up_and_down_at_once(&Backend::postgres());
    }

    #[test]
    fn row_8_diesel_itself_runs_before_ours() {
        let backend = Backend::postgres();
        super::beside_diesel(&backend, |url| {
            use diesel::Connection as _;
            super::run_diesel(&backend, &mut diesel::PgConnection::establish(url).unwrap());
        });
    }

    /// Both at once: whoever loses says so, and nothing is half.
    #[test]
    fn row_8_diesel_itself_runs_at_the_same_time() {
        let backend = Backend::postgres();
        small_chain(&backend, 10);
        let runner = backend.upgrade();
        let url = backend.url.to_string().replace("***", "x");
        let migrations = backend.sandbox.path("migrations");
        let theirs = std::thread::spawn(move || {
            use diesel::Connection as _;
            use diesel_migrations::MigrationHarness as _;
            let mut connection = diesel::PgConnection::establish(&url).unwrap();
            let source = diesel_migrations::FileBasedMigrations::from_path(migrations).unwrap();
            // It may well lose.
            let _ = connection.run_pending_migrations(source);
        });
        let _ = runner.output();
        theirs.join().unwrap();
        let _ = backend.sandbox.run(["upgrade"]).exits(0);
        is_whole(&backend, 10);
    }

    #[test]
    fn row_15_two_signals() {
        super::two_signals(&Backend::postgres(), "SELECT pg_sleep(4);");
    }

    #[test]
    fn row_15_nobody_listens() {
        super::nobody_listens(&Backend::postgres());
    }

    #[test]
    fn row_16_a_stalled_runner() {
        super::a_stalled_runner(&Backend::postgres(), "SELECT pg_sleep(2);");
    }

    /// The server ends a session that idles in its transaction, or between two: the work goes with the
    /// lock, and the run begins anew on a connection of its own.
    #[cfg(feature = "failpoints")]
    #[test]
    fn row_26_a_session_that_idles_too_long() {
        for (setting, place) in [
            ("idle_in_transaction_session_timeout", "runner: behind a step's text=pause"),
            ("idle_session_timeout", "runner: a step is begun=pause"),
        ] {
            let backend = Backend::postgres();
            small_chain(&backend, 3);
            let name = database_of(&backend);
            backend.database().execute(&format!("ALTER DATABASE {name} SET {setting} = '300ms'")).unwrap();
            let runner = backend.start(&["upgrade", "+1"], &[("OPS_MIGRATE_FAILPOINT", place.to_owned())]);
            // At each try it idles as long: it gives up, and says why.
            let text = ended(runner, 5);
            assert!(text.contains("connected again, after: "), "{text}");
            assert!(backend.database().applied().unwrap().is_empty());
            backend.database().execute(&format!("ALTER DATABASE {name} RESET {setting}")).unwrap();
            let _ = backend.sandbox.run(["upgrade"]).exits(0);
            is_whole(&backend, 3);
        }
    }

    /// A second runner that waited in a statement would be waited for by the index, and both for ever.
    #[test]
    fn row_39_another_runner_waits_while_an_index_is_built() {
        let backend = Backend::postgres();
        backend.sandbox.revision(FIRST, "CREATE TABLE a (x integer);", "DROP TABLE a;");
        let _ = backend.sandbox.run(["upgrade"]).exits(0);
        backend.sandbox.revision(SECOND, "CREATE INDEX CONCURRENTLY i ON a (x);", "DROP INDEX i;");
        backend.sandbox.write(&format!("migrations/{SECOND}/metadata.toml"), "run_in_transaction = false\n");
        let mut reader = backend.database();
        reader.execute("BEGIN; INSERT INTO a VALUES (1)").unwrap();
        let args = ["upgrade", "--table-wait", "0"];
        let (first, second) = (backend.start(&args, &[]), backend.start(&args, &[]));
        std::thread::sleep(Duration::from_millis(1500));
        reader.execute("COMMIT").unwrap();
        let texts = [ended(first, 0), ended(second, 0)];
        assert_eq!(texts.iter().filter(|text| text.contains("applied 2024-02-01")).count(), 1, "{texts:#?}");
        let valid = "SELECT indisvalid::text AS row FROM pg_index WHERE indexrelid = 'i'::regclass";
        assert_eq!(reader.text(valid, &[]).unwrap().as_deref(), Some("true"));
    }

    #[test]
    fn row_42_a_deadlock() {
        let backend = Backend::postgres();
        let name = database_of(&backend);
        // Ours is the one that looks first.
        backend.database().execute(&format!("ALTER DATABASE {name} SET deadlock_timeout = '100ms'")).unwrap();
        super::a_deadlock(
            &backend,
            ["SET deadlock_timeout = '30s'; LOCK TABLE b", "LOCK TABLE a"],
            "ALTER TABLE a ADD y integer; SELECT pg_sleep(1.5); ALTER TABLE b ADD y integer;",
        );
    }

    #[test]
    fn row_43_a_limit_of_the_server() {
        let backend = Backend::postgres();
        let name = database_of(&backend);
        super::a_limit_of_the_server(
            &backend,
            &format!("ALTER DATABASE {name} SET statement_timeout = '700ms'"),
            "SELECT pg_sleep(1.5);",
            "canceling statement due to statement timeout",
            None,
            &format!("ALTER DATABASE {name} RESET statement_timeout"),
        );
    }

    /// Rights that go between two revisions: the run stops there, and what is done stays.
    #[test]
    fn row_50_rights_that_go_in_the_middle() {
        let backend = Backend::postgres();
        let mut db = backend.database();
        let role = format!("worker_{}", std::process::id());
        db.execute(&format!("CREATE ROLE {role} LOGIN; GRANT USAGE, CREATE ON SCHEMA public TO {role}")).unwrap();
        let url = backend.url.to_string().replace("ops:***", &role);
        backend.sandbox.revision(FIRST, "CREATE TABLE a (x integer);", "DROP TABLE a;");
        let _ = backend.sandbox.run(["upgrade", "--database-url", &url]).exits(0);
        db.execute(&format!("REVOKE CREATE ON SCHEMA public FROM {role}")).unwrap();
        backend.sandbox.revision(SECOND, "CREATE TABLE b (x integer);", "DROP TABLE b;");
        let refused = backend.sandbox.run(["upgrade", "--database-url", &url]).exits(1);
        let _ = refused.says(&["permission denied for schema public", "GRANT"]);
        assert_eq!(backend.versions().len(), 1);
        db.execute(&format!("GRANT CREATE ON SCHEMA public TO {role}")).unwrap();
        db.execute(&format!(
            "ALTER TABLE __ops_migrate_ledger OWNER TO ops; GRANT SELECT ON __ops_migrate_ledger TO {role}"
        ))
        .unwrap();
        let refused = backend.sandbox.run(["upgrade", "--database-url", &url]).exits(5);
        let _ = refused.says(&["permission denied for table __ops_migrate_ledger"]);
        assert!(!db.has_table("b").unwrap());
        db.execute(&format!("GRANT INSERT, UPDATE, DELETE ON __ops_migrate_ledger TO {role}")).unwrap();
        let _ = backend.sandbox.run(["upgrade", "--database-url", &url]).exits(0);
        assert_eq!(backend.versions().len(), 2);
        db.execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).unwrap();
    }

    #[test]
    fn row_75_there_and_back() {
        super::there_and_back(&Backend::postgres());
    }

    #[cfg(feature = "failpoints")]
    #[test]
    fn row_76_a_bug_of_ours() {
        super::a_bug_of_ours(&Backend::postgres());
    }

    /// A trigger of somebody refuses the ledger's row: nothing of a revision with a transaction is in
    /// place; of one without, the reason is told, and the next run goes on.
    #[test]
    fn row_79_the_ledgers_row_is_refused() {
        for in_transaction in [true, false] {
            let backend = Backend::postgres();
            backend.sandbox.revision(FIRST, "CREATE TABLE a (x integer);", "DROP TABLE a;");
            let _ = backend.sandbox.run(["upgrade"]).exits(0);
            let mut db = backend.database();
            db.execute(
                "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'against the policy'; END $$;
                 CREATE TRIGGER no BEFORE UPDATE ON __ops_migrate_ledger FOR EACH ROW
                 WHEN (NEW.state = 'applied') EXECUTE FUNCTION no()",
            )
            .unwrap();
            backend.sandbox.revision(SECOND, "CREATE TABLE b (x integer);", "DROP TABLE b;");
            let metadata = format!("run_in_transaction = {in_transaction}\n");
            backend.sandbox.write(&format!("migrations/{SECOND}/metadata.toml"), metadata);
            let _ = backend.sandbox.run(["upgrade"]).exits(5).says(&["against the policy"]);
            assert_eq!(db.has_table("b").unwrap(), !in_transaction);
            assert_eq!(backend.versions().len(), 1);
            db.execute("DROP TRIGGER no ON __ops_migrate_ledger").unwrap();
            let _ = backend.sandbox.run(["upgrade"]).exits(0);
            assert_eq!(backend.versions().len(), 2);
            assert!(ledger::entries(&mut db).unwrap().iter().any(|entry| entry.state == State::Applied));
        }
    }

    /// How long an application waits for its table while a revision wants it: the runner lets it pass.
    #[test]
    fn row_40_an_application_is_not_held_up() {
        let backend = Backend::postgres();
        backend.sandbox.revision(FIRST, "CREATE TABLE a (x integer);", "DROP TABLE a;");
        let _ = backend.sandbox.run(["upgrade"]).exits(0);
        backend.sandbox.revision(SECOND, "ALTER TABLE a ADD COLUMN y integer;", "SELECT 1;");
        let mut reader = backend.database();
        reader.execute("BEGIN; INSERT INTO a (x) VALUES (1)").unwrap();
        let runner = backend.start(&["upgrade", "--table-wait", "1"], &[]);
        let mut app = backend.database();
        let (began, mut longest) = (Instant::now(), Duration::ZERO);
        while began.elapsed() < Duration::from_secs(5) {
            let asked = Instant::now();
            let _ = app.texts("SELECT 'x' AS \"row\" FROM a", &[]).unwrap();
            longest = longest.max(asked.elapsed());
        }
        reader.execute("COMMIT").unwrap();
        let _ = ended(runner, 0);
        assert!(longest < Duration::from_secs(2), "{longest:?}");
        until(|| backend.versions().len() == 2);
    }
}

#[cfg(feature = "mysql")]
mod mysql_tests {
    use super::Backend;

    #[test]
    fn row_2_one_is_pending() {
        super::one_is_pending(&Backend::mysql());
    }

    #[test]
    fn row_7_up_and_down_at_once() {
        super::up_and_down_at_once(&Backend::mysql());
    }

    #[test]
    fn row_15_two_signals() {
        super::two_signals(&Backend::mysql(), "DO sleep(4);");
    }

    #[test]
    fn row_16_a_stalled_runner() {
        super::a_stalled_runner(&Backend::mysql(), "DO sleep(2);");
    }

    #[test]
    fn row_42_a_deadlock() {
        super::a_deadlock(
            &Backend::mysql(),
            // The server gives up the one that has changed less.
            ["UPDATE b SET x = 2; INSERT INTO b SELECT seq FROM seq_1_to_1000", "UPDATE a SET x = 2"],
            "UPDATE a SET x = 3; DO sleep(1.2); UPDATE b SET x = 3;",
        );
    }

    /// Of a user, since the server's own would meet the other tests.
    #[test]
    fn row_43_a_limit_of_the_server() {
        let backend = Backend::mysql();
        let user = format!("slow_{}", std::process::id());
        let url = backend.sandbox.read(".env").trim().trim_start_matches("DATABASE_URL=").to_owned();
        let limited = url.replace("ops:Canary-S3cret", &user);
        super::a_limit_of_the_server(
            &backend,
            &format!("CREATE USER {user}@localhost; GRANT ALL ON *.* TO {user}@localhost WITH MAX_STATEMENT_TIME 0.7"),
            "SELECT count(*) FROM seq_1_to_60000000 WHERE seq % 7 = 3;",
            "max_statement_time exceeded",
            Some(&limited),
            &format!("DROP USER {user}@localhost"),
        );
    }

    /// A person changes the table while a statement on it is in doubt: nobody can tell any more, and
    /// nothing is guessed.
    #[cfg(feature = "failpoints")]
    #[test]
    fn row_61_a_change_by_hand_in_the_middle() {
        let backend = Backend::mysql();
        backend.sandbox.revision(super::FIRST, "CREATE TABLE a (x integer);", "DROP TABLE a;");
        let _ = backend.sandbox.run(["upgrade"]).exits(0);
        let up = "ALTER TABLE a ADD COLUMN y integer;\nALTER TABLE a ADD COLUMN z integer;";
        backend.sandbox.revision(super::SECOND, up, "SELECT 1;");
        // Killed before the statement was sent.
        let place = "journal: a statement is begun=kill".to_owned();
        let runner = backend.start(&["upgrade"], &[("OPS_MIGRATE_FAILPOINT", place)]);
        assert_eq!(runner.output().status.code(), None);
        backend.database().execute("ALTER TABLE a ADD COLUMN w integer").unwrap();
        let refused = backend.sandbox.run(["upgrade"]).exits(8);
        let _ = refused.says(&["ALTER TABLE a ADD COLUMN y integer", "--statement-done", "--statement-undone"]);
        let _ = backend.sandbox.run(["resolve", "20240201000000", "--statement-undone", "--yes"]).exits(0);
        let _ = backend.sandbox.run(["upgrade"]).exits(0);
        let mut db = backend.database();
        let columns = "SELECT group_concat(column_name ORDER BY column_name) AS `row` FROM information_schema.columns
            WHERE table_schema = database() AND table_name = 'a'";
        assert_eq!(db.text(columns, &[]).unwrap().as_deref(), Some("w,x,y,z"));
    }

    #[test]
    fn row_75_there_and_back() {
        super::there_and_back(&Backend::mysql());
    }
}
