//! `upgrade --single-transaction`: all revisions or none, also where the run is killed, and where each of
//! them allows it.

use ops_migrate::db::ledger;

use crate::matrix_runs::{ended, is_whole, small_chain};
use crate::runner::Backend;

const ARGS: [&str; 2] = ["upgrade", "--single-transaction"];

/// Nothing is there, and nothing is open.
fn is_untouched(backend: &Backend, applied: usize) {
    let mut db = backend.database();
    assert_eq!(db.applied().unwrap().len(), applied);
    assert!(!db.has_table("t4").unwrap());
    assert!(ledger::unfinished(&mut db).unwrap().is_empty());
}

fn all_or_nothing(backend: &Backend) {
    small_chain(backend, 4);
    let _ = backend.sandbox.run(["upgrade", "+2"]).exits(0);
    backend.sandbox.revision("2024-01-05-000000_bad", "INSERT INTO nowhere VALUES (1);", "SELECT 1;");
    let failed = backend.sandbox.run(ARGS).exits(1);
    let _ = failed
        .says(&[
            "cannot apply 2024-01-05-000000_bad",
            "nothing of this run is in place",
            "without --single-transaction",
        ])
        .says_nothing_of(&["applied 2024"]);
    is_untouched(backend, 2);
    std::fs::remove_dir_all(backend.sandbox.path("migrations/2024-01-05-000000_bad")).unwrap();
    let _ = backend.sandbox.run(ARGS).exits(0).says(&["applied 2024-01-03-000000_t3", "applied 2024-01-04-000000_t4"]);
    is_whole(backend, 4);
    let _ = backend.sandbox.run(["rollback", "base", "--allow-data-loss", "--yes"]).exits(0);
    let _ = backend.sandbox.run(ARGS).exits(0);
    is_whole(backend, 4);
}

/// Killed at each place that a run passes.
#[cfg(all(unix, feature = "failpoints"))]
fn killed(backend: &Backend) {
    small_chain(backend, 4);
    let _ = backend.sandbox.run(["upgrade", "+1"]).exits(0);
    let mut place = 0;
    loop {
        place += 1;
        let output = backend.start(&ARGS, &[("OPS_MIGRATE_FAILPOINT", place.to_string())]).output();
        if output.status.success() {
            break;
        }
        // Behind the commit all of it is there.
        if backend.versions().len() == 4 {
            let _ = ended(backend.start(&ARGS, &[]), 0);
            is_whole(backend, 4);
            break;
        }
        is_untouched(backend, 1);
    }
    assert!(place > 5, "only {place} places");
    is_whole(backend, 4);
}

/// Each of these is named, and nothing runs.
fn refused(backend: &Backend, metadata: &str, up: &str, words: &str) {
    small_chain(backend, 2);
    backend.sandbox.revision("2024-01-03-000000_alone", up, "SELECT 1;");
    backend.sandbox.write("migrations/2024-01-03-000000_alone/metadata.toml", metadata);
    let refused = backend.sandbox.run(ARGS).exits(2);
    let _ = refused.says(&["2024-01-03-000000_alone cannot be in one transaction with others", words]);
    assert!(backend.versions().is_empty());
}

#[test]
fn all_or_nothing_on_sqlite() {
    all_or_nothing(&Backend::sqlite());
}

#[cfg(all(unix, feature = "failpoints"))]
#[test]
fn a_killed_run_on_sqlite() {
    killed(&Backend::sqlite());
}

#[test]
fn revisions_that_want_to_be_alone() {
    let (bare, plain) = ("run_in_transaction = false\n", "run_in_transaction = true\n");
    refused(&Backend::sqlite(), bare, "VACUUM;", "run_in_transaction = false");
    let rebuild = "PRAGMA foreign_keys = OFF; CREATE TABLE b (x int); PRAGMA foreign_keys = ON;";
    refused(&Backend::sqlite(), plain, rebuild, "it switches foreign keys off");
}

mod postgres_tests {
    use super::{ARGS, Backend, small_chain};

    #[test]
    fn all_or_nothing() {
        super::all_or_nothing(&Backend::postgres());
    }

    #[cfg(all(unix, feature = "failpoints"))]
    #[test]
    fn a_killed_run() {
        super::killed(&Backend::postgres());
    }

    /// A reader is in the way of the last one: the whole run lets it pass, and is tried again.
    #[test]
    fn a_reader_holds_a_table() {
        let backend = Backend::postgres();
        small_chain(&backend, 2);
        let _ = backend.sandbox.run(["upgrade"]).exits(0);
        backend.sandbox.revision(
            "2024-01-03-000000_t3",
            "CREATE TABLE t3 (x integer); INSERT INTO log VALUES (3);",
            "DROP TABLE t3;",
        );
        backend.sandbox.revision(
            "2024-01-04-000000_wide",
            "ALTER TABLE t2 ADD y integer; INSERT INTO log VALUES (4);",
            "SELECT 1;",
        );
        let mut reader = backend.database();
        reader.execute("BEGIN; INSERT INTO t2 VALUES (1)").unwrap();
        let args = [&ARGS[..], &["--table-wait", "1"]].concat();
        let blocked = backend.sandbox.run([&args[..], &["--table-retries", "1"]].concat()).exits(7);
        let _ = blocked.says(&["held by process "]);
        assert_eq!(backend.versions().len(), 2);
        let runner = backend.start(&args, &[]);
        std::thread::sleep(std::time::Duration::from_millis(1500));
        reader.execute("COMMIT").unwrap();
        let _ = super::ended(runner, 0);
        super::is_whole(&backend, 4);
    }
}

#[cfg(feature = "mysql")]
mod mysql_tests {
    use super::{ARGS, Backend, small_chain};

    #[test]
    fn no_transaction_holds_it() {
        let backend = Backend::mysql();
        small_chain(&backend, 2);
        let _ = backend.sandbox.run(ARGS).exits(2).says(&["--single-transaction is for PostgreSQL and SQLite"]);
        assert!(backend.versions().is_empty());
    }
}
