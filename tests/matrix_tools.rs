//! The fault matrix, what takes other programs of the system: a full disk, files that cannot be written,
//! too little memory, other clocks. A program that is missing fails its test. What each row is stands
//! in `tests/FAULTS.md`.

#![cfg(target_os = "linux")]

use std::path::Path;

use ops_migrate::db::{Database, DatabaseUrl};

use crate::common::Sandbox;
use crate::matrix_files::shell;
use crate::matrix_runs::{said, times};
use crate::runner::Backend;
use crate::servers::{name_space, tool};

const FIRST: &str = "2024-01-01-000000_first";
const SECOND: &str = "2024-02-01-000000_second";

/// What is in an SQLite file is sound; the number of its revisions, and whether it has a table.
fn sound(path: &Path, table: &str) -> (usize, bool) {
    let mut db = Database::connect(&DatabaseUrl::sqlite_file(path)).unwrap();
    let check = db.text("SELECT integrity_check AS row FROM pragma_integrity_check", &[]);
    assert_eq!(check.unwrap().as_deref(), Some("ok"));
    (db.applied().unwrap().len(), db.has_table(table).unwrap())
}

/// A disk of one megabyte, in a name space that only this script has.
#[test]
fn row_44_the_disk_of_an_sqlite_database_is_full() {
    let backend = Backend::sqlite();
    let sandbox = &backend.sandbox;
    sandbox.write(".env", "DATABASE_URL=disk/app.db\n");
    sandbox.write("disk/.keep", "");
    sandbox.revision(FIRST, "CREATE TABLE a (x text);", "DROP TABLE a;");
    let up = |rows: u32| {
        format!(
            "CREATE TABLE b (x text);
             INSERT INTO b WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < {rows})
                SELECT hex(zeroblob(500)) FROM n;"
        )
    };
    for (place, rows) in [("much", 100_000), ("little", 10)] {
        sandbox.write(&format!("{place}/{SECOND}/up.sql"), up(rows));
        sandbox.write(&format!("{place}/{SECOND}/down.sql"), "DROP TABLE b;");
    }
    let upgrade = "\"$0\" ops-migrate upgrade; echo \"exit $?\"";
    let script = format!(
        "{} sh -c 'mount -t tmpfs -o size=1m tmpfs disk && {{ {upgrade}; cp -r much/* migrations/; {upgrade}; \
         cp disk/app.db full.db; cp -r little/* migrations/; {upgrade}; cp disk/app.db after.db; }}' \"$0\"",
        name_space("--mount").unwrap().join(" ")
    );
    let output = shell(sandbox, &script);
    let text = said(&output);
    let codes: Vec<&str> = text.lines().filter(|line| line.starts_with("exit ")).collect();
    assert!(matches!(codes[..], ["exit 0", "exit 1" | "exit 5", "exit 0"]), "{text}");
    assert!(text.contains("database or disk is full"), "{text}");
    assert_eq!(sound(&sandbox.path("full.db"), "b"), (1, false));
    assert_eq!(sound(&sandbox.path("after.db"), "b"), (2, true));
    assert!(!sandbox.path("disk/app.db").exists(), "the disk was none of its own");
}

/// Every write of a file fails once, by the kernel: what is there afterwards is the old file or the new.
#[test]
fn row_47_files_of_ours_cannot_be_written() {
    tool("strace").unwrap();
    let mut failed = 0;
    for (syscalls, error) in [
        ("write,pwrite64", "ENOSPC"),
        ("fsync,fdatasync", "EIO"),
        ("rename,renameat,renameat2", "EROFS"),
        ("openat", "EDQUOT"),
    ] {
        for nth in 1..times(8, 60) {
            let sandbox = Sandbox::with_chain();
            sandbox.edit(
                "src/schema.rs",
                "bio -> Nullable<Text>,",
                "bio -> Nullable<Text>,\n        age -> Nullable<Integer>,",
            );
            let before = sandbox.listing();
            // Only what happens in the project: its own files, and no library's.
            let script = format!(
                "exec strace -qq -f -o /dev/null -P '{0}/migrations' -P '{0}/src/schema.rs' -P '{0}' \
                 -e inject={syscalls}:error={error}:when={nth} \"$0\" ops-migrate create age --no-proof --yes",
                sandbox.path("").display()
            );
            let output = shell(&sandbox, &script);
            let text = said(&output);
            assert!(!text.contains("has a bug") && !text.contains("panicked"), "{text}");
            if output.status.success() {
                continue;
            }
            failed += 1;
            assert!(text.contains("error: "), "{text}");
            let after = sandbox.listing();
            for (path, bytes) in &after {
                assert!(
                    before.get(path).is_none_or(|old| old == bytes) || path == "src/schema.rs",
                    "{path} was left otherwise\n{text}"
                );
                assert!(
                    !path.ends_with(".sql") || before.contains_key(path) || !bytes.is_empty(),
                    "{path} is half\n{text}"
                );
            }
            assert!(!sandbox.git(["status", "--porcelain", "--untracked-files=no"]).contains("D "));
        }
    }
    assert!(failed > 0, "nothing was made to fail");
}

/// Less and less memory: it works, or ends with a word or by a signal of the system; whatever it was, the
/// database is what it was before, and the next run does all of it.
#[test]
fn row_48_little_memory() {
    let rows: String = (0..20_000).map(|n| format!("INSERT INTO b VALUES ({n});\n")).collect();
    let mut failed = 0;
    for megabytes in [24, 48, 64, 80, 96, 112, 128, 160, 4096] {
        let sandbox = Sandbox::without_revisions();
        sandbox.revision(FIRST, "CREATE TABLE b (x integer);", "DROP TABLE b;");
        sandbox.revision(SECOND, &rows, "DELETE FROM b;");
        let script = format!("ulimit -c 0; ulimit -v {}; exec \"$0\" ops-migrate upgrade", megabytes * 1024);
        let output = shell(&sandbox, &script);
        let text = said(&output);
        assert!(!text.contains("has a bug") && !text.contains("panicked"), "{megabytes} MB: {text}");
        let code = output.status.code();
        assert!(code != Some(70) && (code != Some(0) || text.contains("second (")), "{megabytes} MB: {code:?} {text}");
        failed += usize::from(code != Some(0));
        let _ = sandbox.run(["upgrade"]).exits(0);
        assert_eq!(sandbox.query("SELECT count(*) || ' ' || count(DISTINCT x) AS line FROM b"), "20000 20000");
    }
    assert!((1..9).contains(&failed), "{failed} of 9 limits were too little");
}

/// Row 67: what a run keeps of its texts does not grow with them.
#[test]
fn row_67_texts_cost_little_memory() {
    tool("time").unwrap();
    let revisions = 150;
    // In MB, where each text has so many bytes.
    let peak = |bytes: usize| {
        let sandbox = Sandbox::without_revisions();
        let line = format!("-- {}\n", "x".repeat(96));
        for n in 0..revisions {
            let up = format!("CREATE TABLE t{n} (x integer);\n{}", line.repeat(bytes / line.len()));
            sandbox.revision(&format!("{}_r", 20_240_000_000_000_u64 + n), &up, &format!("DROP TABLE t{n};"));
        }
        let output = shell(&sandbox, "exec env time -f %M -o peak \"$0\" ops-migrate upgrade --quiet");
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        assert_eq!(sandbox.query("SELECT count(*) AS line FROM __ops_migrate_ledger WHERE state = 'applied'"), "150");
        sandbox.read("peak").trim().parse::<u64>().unwrap() / 1024
    };
    let (few, many) = (peak(100), peak(200_000));
    assert!(many < few + 15, "30 MB of texts cost {} MB", many - few);
}

/// Processes whose clocks are days apart: the lock and the ledger know only the database's.
fn other_clocks(backend: &Backend) {
    tool("faketime").unwrap();
    for (n, clock) in ["-1d", "+1d", "-1d"].iter().enumerate() {
        let up = format!("CREATE TABLE t{n} (x integer);");
        backend.sandbox.revision(&format!("2024-01-0{}-000000_t{n}", n + 1), &up, &format!("DROP TABLE t{n};"));
        let output = shell(&backend.sandbox, &format!("exec faketime -f '{clock}' \"$0\" ops-migrate upgrade"));
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    }
    let entries = ops_migrate::db::ledger::entries(&mut backend.database()).unwrap();
    let order: Vec<&str> = entries.iter().map(|entry| entry.version.as_str()).collect();
    assert_eq!(order, ["20240101000000", "20240102000000", "20240103000000"]);
    assert!(ops_migrate::db::lock::holder(&mut backend.database()).unwrap().is_none());
}

/// The engine is in the process here, and so is its clock.
#[test]
fn row_54_clocks_that_differ_on_sqlite() {
    other_clocks(&Backend::sqlite());
}

mod postgres_tests {
    use super::{Backend, other_clocks};

    #[test]
    fn row_54_clocks_that_differ() {
        let backend = Backend::postgres();
        other_clocks(&backend);
        let far = "SELECT count(*)::text AS row FROM __ops_migrate_ledger
            WHERE abs(extract(epoch FROM clock_timestamp() - started_at)) > 600";
        assert_eq!(backend.database().text(far, &[]).unwrap().as_deref(), Some("0"));
    }
}

#[cfg(feature = "mysql")]
mod mysql_tests {
    use super::{Backend, other_clocks};

    #[test]
    fn row_54_clocks_that_differ() {
        let backend = Backend::mysql();
        other_clocks(&backend);
        let far = "SELECT CAST(count(*) AS char) AS `row` FROM __ops_migrate_ledger
            WHERE abs(timestampdiff(SECOND, utc_timestamp(), started_at)) > 600";
        assert_eq!(backend.database().text(far, &[]).unwrap().as_deref(), Some("0"));
    }
}
