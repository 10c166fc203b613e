//! Whoever waits for the runners' lock says who has it, whatever the command; and those who are connected to
//! the server itself and those behind its pooler wait for each other.

use std::time::Duration;

use ops_migrate::db::lock::Lock;
use ops_migrate::dialect::Dialect;

use crate::matrix_runs::{ended, is_whole, said, small_chain};
use crate::runner::Backend;

/// Every command that takes the lock, as a process, one after the other.
fn everybody_says_who_has_the_lock(backend: &Backend) {
    small_chain(backend, 3);
    let _ = backend.sandbox.run(["upgrade", "+1"]).exits(0);
    let mut db = backend.database();
    let name = match db.dialect() {
        Dialect::Sqlite => "app.db".to_owned(),
        Dialect::Postgres => db.text("SELECT current_database()::text AS row", &[]).unwrap().unwrap(),
        Dialect::Mysql => db.text("SELECT database() AS `row`", &[]).unwrap().unwrap(),
    };
    let crash = "INSERT INTO __ops_migrate_ledger (version, name, direction, state, in_transaction, checksum_up,
        checksum_down, down_sql, run_id, user_name, host, tool_version)
        VALUES ('20240103000000', 't3', 'up', 'running', FALSE, '', '', '', '', 'ada', 'engine', '0.1.0')";
    let cases: [(&str, &[&str]); 8] = [
        ("", &["stamp", "20240102000000", "--yes"]),
        ("", &["repair", "--apply", "--yes"]),
        ("DELETE FROM __ops_migrate_ledger", &["stamp", "--rebuild-ledger", "--yes"]),
        ("", &["protect"]),
        ("", &["unprotect", "--database-name", &name]),
        (crash, &["resolve", "20240103000000", "--rolled-back", "--yes"]),
        ("INSERT INTO log VALUES (2)", &["upgrade"]),
        ("", &["rollback", "--yes", "--allow-data-loss"]),
    ];
    for (before, args) in cases {
        if !before.is_empty() {
            db.execute(before).unwrap();
        }
        let mut holder = backend.database();
        let lock = Lock::acquire(&mut holder, Duration::ZERO, &mut |_| ()).unwrap();
        let mut running = backend.start(args, &[]);
        running.until_it_waits();
        lock.release();
        let text = ended(running, 0);
        let told = text.lines().find(|line| line.starts_with("waits for another runner")).unwrap();
        assert!(told.contains("which holds the lock: process "), "{args:?}: {text}");
    }
    let versions = backend.versions();
    assert_eq!(versions, ["20240101000000", "20240102000000"]);
}

/// A result that is one document stays one: the word is on stderr.
#[test]
fn a_document_stays_one() {
    let backend = Backend::sqlite();
    small_chain(&backend, 2);
    let _ = backend.sandbox.run(["upgrade", "+1"]).exits(0);
    let mut holder = backend.database();
    let lock = Lock::acquire(&mut holder, Duration::ZERO, &mut |_| ()).unwrap();
    let running = backend.start(&["stamp", "head", "--yes", "--format", "json"], &[]);
    std::thread::sleep(Duration::from_secs(3));
    lock.release();
    let output = running.output();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["done"], true);
    assert!(String::from_utf8_lossy(&output.stderr).contains("which holds the lock: process "), "{}", said(&output));
}

#[test]
fn everybody_says_who_has_the_lock_on_sqlite() {
    everybody_says_who_has_the_lock(&Backend::sqlite());
}

mod postgres_tests {
    use super::{Backend, Duration, Lock, ended, everybody_says_who_has_the_lock, is_whole, small_chain};
    use crate::runner::until;

    #[test]
    fn everybody_says_who_has_the_lock_on_postgres() {
        everybody_says_who_has_the_lock(&Backend::postgres());
    }

    #[test]
    fn everybody_behind_a_pooler_says_who_has_the_lock() {
        everybody_says_who_has_the_lock(&Backend::postgres_behind_a_pooler());
    }

    /// A runner past the pooler has the lock for its whole run, and one behind it for a transaction: neither
    /// works while the other does.
    #[test]
    fn row_27_runners_past_the_pooler_and_behind_it() {
        let backend = Backend::postgres_behind_a_pooler();
        let direct = backend.url.to_string().replace("***", "x");
        small_chain(&backend, 6);
        backend.sandbox.revision(
            "2024-01-02-000000_t2",
            "CREATE TABLE t2 (x integer); SELECT pg_sleep(1.5); INSERT INTO log VALUES (2);",
            "DROP TABLE t2; DELETE FROM log WHERE n = 2;",
        );
        let mut session = backend.database();
        let held = Lock::acquire(&mut session, Duration::ZERO, &mut |_| ()).unwrap();
        let mut behind = backend.upgrade();
        behind.until_it_waits();
        assert!(!backend.database().has_table("log").unwrap());
        held.release();
        // It sleeps in its second revision, with the lock.
        until(|| backend.database().has_table("log").unwrap());
        let past = backend.start(&["upgrade", "--database-url", &direct], &[]);
        for running in [behind, past] {
            let _ = ended(running, 0);
        }
        is_whole(&backend, 6);
        for _ in 0..3 {
            let _ = backend.sandbox.run(["rollback", "base", "--yes", "--allow-data-loss"]).exits(0);
            let running = [0, 1, 2, 3].map(|n| match n % 2 {
                0 => backend.upgrade(),
                _ => backend.start(&["upgrade", "--database-url", &direct], &[]),
            });
            let texts = running.map(|running| ended(running, 0));
            let applied: usize = texts.iter().map(|text| text.matches("\napplied ").count()).sum();
            assert_eq!(applied, 6, "{texts:#?}");
            is_whole(&backend, 6);
        }
    }

    /// Whoever waits behind a pooler for longer than it may says who is to blame.
    #[test]
    fn behind_a_pooler_nobody_waits_for_ever() {
        let backend = Backend::postgres_behind_a_pooler();
        small_chain(&backend, 2);
        let mut session = backend.database();
        let held = Lock::acquire(&mut session, Duration::ZERO, &mut |_| ()).unwrap();
        let refused = backend.sandbox.run(["upgrade", "--lock-wait", "1"]).exits(7);
        let _ = refused.says(&["another runner holds the lock: process ", "waited 1 s"]);
        held.release();
    }
}

#[cfg(feature = "mysql")]
mod mysql_tests {
    use super::{Backend, everybody_says_who_has_the_lock};

    #[test]
    fn everybody_says_who_has_the_lock_on_mysql() {
        everybody_says_who_has_the_lock(&Backend::mysql());
    }
}
