//! The fault matrix, servers: killed, full, slow, silent, and changed under a run. Each test has a
//! server of its own. What each row is stands in `tests/FAULTS.md`.

use std::time::Duration;

use ops_migrate::db::ledger;

use crate::matrix_runs::{ended, is_whole, said, small_chain, times};
use crate::runner::{Backend, until};
use crate::servers::{Mariadb, Pgbouncer, Postgres, Server};

/// Gives the server's place to something else.
fn database(server: &Server<Postgres>) -> Backend {
    Backend::at(&server.database("postgres"))
}

/// A run is in the middle: its ledger has an open row.
fn in_the_middle(backend: &Backend) {
    until(|| {
        let db = ops_migrate::db::Database::connect(&backend.url);
        db.is_ok_and(|mut db| ledger::unfinished(&mut db).is_ok_and(|open| !open.is_empty()))
    });
}

mod postgres_tests {
    use super::{
        Backend, Duration, Pgbouncer, Postgres, Server, database, ended, in_the_middle, is_whole, said, small_chain,
        times, until,
    };

    /// The whole server dies in the middle of a revision, and comes back.
    #[test]
    fn row_17_the_server_is_killed() {
        let mut server = Server::<Postgres>::start().unwrap();
        let backend = database(&server);
        small_chain(&backend, 6);
        backend.sandbox.revision(
            "2024-01-09-000000_slow",
            "CREATE TABLE s (x integer); SELECT pg_sleep(1.5);",
            "DROP TABLE s;",
        );
        for kill in 0..times(2, 20) {
            let runner = backend.upgrade();
            in_the_middle(&backend);
            std::thread::sleep(Duration::from_millis(kill as u64 * 97 % 900));
            server.crash().unwrap();
            until(|| server.restart().is_ok());
            // It is back soon enough for the runner, or the next one goes on.
            let output = runner.output();
            assert!(matches!(output.status.code(), Some(0 | 5)), "{}", said(&output));
            let _ = backend.sandbox.run(["upgrade", "--lock-wait", "20"]).exits(0);
            backend.database().execute("INSERT INTO log VALUES (9)").unwrap();
            is_whole(&backend, 7);
            let _ = backend.sandbox.run(["rollback", "base", "--allow-data-loss", "--yes"]).exits(0);
        }
    }

    /// The server stays away: the run says that it is, and the next one goes on.
    #[test]
    fn row_17_the_server_stays_away() {
        let mut server = Server::<Postgres>::start().unwrap();
        let backend = database(&server);
        backend.sandbox.revision(
            "2024-01-01-000000_a",
            "CREATE TABLE a (x integer); SELECT pg_sleep(20);",
            "DROP TABLE a;",
        );
        let runner = backend.upgrade();
        in_the_middle(&backend);
        server.crash().unwrap();
        let text = ended(runner, 5);
        assert!(!text.contains("Canary") && text.contains("hint: "), "{text}");
        let _ = backend.sandbox.run(["status"]).exits(5).says(&["start the server"]);
        until(|| server.restart().is_ok());
        backend.sandbox.revision("2024-01-01-000000_a", "CREATE TABLE a (x integer);", "DROP TABLE a;");
        let _ = backend.sandbox.run(["upgrade"]).exits(0);
        assert_eq!(backend.versions().len(), 1);
    }

    /// The pooler is started anew in the middle: each transaction was there as a whole or not at all.
    #[test]
    fn row_29_the_pooler_is_started_anew() {
        let server = Server::<Postgres>::start().unwrap();
        let mut pooler = Server::<Pgbouncer>::in_front_of(&server).unwrap();
        let backend = database(&server);
        small_chain(&backend, 20);
        backend.sandbox.revision(
            "2024-01-20-000000_t20",
            "SELECT pg_sleep(1); INSERT INTO log VALUES (20);",
            "SELECT 1;",
        );
        backend.sandbox.write(".env", format!("DATABASE_URL={}\n", pooler.database("postgres")));
        let runner = backend.upgrade();
        in_the_middle(&backend);
        pooler.crash().unwrap();
        until(|| pooler.restart().is_ok());
        let output = runner.output();
        assert!(matches!(output.status.code(), Some(0 | 5)), "{}", said(&output));
        let _ = backend.sandbox.run(["upgrade", "--lock-wait", "20"]).exits(0);
        is_whole(&backend, 20);
    }

    /// Full: a small disk of its own for a table space.
    #[test]
    fn row_45_the_disk_of_the_server_is_full() {
        let server = Server::<Postgres>::with_small_disk("8m").unwrap();
        let backend = database(&server);
        backend.database().execute(&format!("CREATE TABLESPACE small LOCATION '{}'", server.small())).unwrap();
        small_chain(&backend, 3);
        let up = |rows: u32| {
            format!(
                "CREATE TABLE big TABLESPACE small AS SELECT repeat('x', 1000) AS x FROM generate_series(1, {rows});
            INSERT INTO log VALUES (4);"
            )
        };
        backend.sandbox.revision("2024-01-04-000000_big", &up(100_000), "DROP TABLE big; DELETE FROM log WHERE n = 4;");
        let full = backend.sandbox.run(["upgrade"]).exits(1);
        let _ = full.says(&["No space left on device", "nothing of it is in place"]);
        assert_eq!(backend.versions().len(), 3);
        backend.sandbox.revision("2024-01-04-000000_big", &up(10), "DROP TABLE big; DELETE FROM log WHERE n = 4;");
        let _ = backend.sandbox.run(["upgrade"]).exits(0);
        is_whole(&backend, 4);
    }

    /// The server takes no writes any more, from one revision to the next.
    #[test]
    fn row_80_the_server_becomes_a_reader() {
        let server = Server::<Postgres>::start().unwrap();
        let backend = database(&server);
        small_chain(&backend, 3);
        backend.sandbox.revision(
            "2024-01-03-000000_t3",
            "INSERT INTO log VALUES (3); SELECT pg_sleep(1);",
            "DELETE FROM log WHERE n = 3;",
        );
        backend.sandbox.revision("2024-01-04-000000_t4", "INSERT INTO log VALUES (4);", "DELETE FROM log WHERE n = 4;");
        let runner = backend.upgrade();
        in_the_middle(&backend);
        until(|| backend.versions().len() >= 2);
        backend.database().execute("ALTER SYSTEM SET default_transaction_read_only = on").unwrap();
        backend.database().execute("SELECT pg_reload_conf()").unwrap();
        let text = ended(runner, 5);
        assert!(text.contains("read-only transaction"), "{text}");
        let versions = backend.versions().len();
        assert!((2..=3).contains(&versions), "{versions}");
        let mut admin = backend.database();
        admin.execute("SET default_transaction_read_only = off").unwrap();
        admin.execute("ALTER SYSTEM RESET default_transaction_read_only").unwrap();
        admin.execute("SELECT pg_reload_conf()").unwrap();
        until(|| {
            let setting = "SELECT current_setting('default_transaction_read_only') AS row";
            backend.database().text(setting, &[]).unwrap().as_deref() == Some("off")
        });
        let _ = backend.sandbox.run(["upgrade"]).exits(0);
        is_whole(&backend, 4);
    }

    /// A slow network: each message takes its time, and nothing is misread as lost.
    #[cfg(all(unix, feature = "failpoints"))]
    #[test]
    fn row_24_a_slow_network() {
        use crate::common::proxy::{Cut, Proxy};
        let server = Server::<Postgres>::start().unwrap();
        let backend = database(&server);
        small_chain(&backend, 2);
        let url = server.database("postgres");
        let folder = tempfile::tempdir().unwrap();
        let listen = folder.path().join(".s.PGSQL.5432");
        let (before, rest) = url.split_once('@').unwrap();
        let (host, database) = rest.split_once('/').unwrap();
        let upstream = std::path::PathBuf::from(host.replace("%2F", "/")).join(".s.PGSQL.5432");
        let delay = Duration::from_millis(times(40, 200) as u64);
        let _proxy = Proxy::start(&listen, upstream, "", 0, Cut::Slow(delay));
        let slow = format!("{before}@{}/{database}", folder.path().to_str().unwrap().replace('/', "%2F"));
        let text = ended(backend.start(&["upgrade", "--database-url", &slow], &[]), 0);
        assert!(!text.contains("connected again"), "{text}");
        is_whole(&backend, 2);
    }

    /// A backup that was made in the middle of a run, loaded on another server: the lock of the old one
    /// is no lock here, and the next run goes on with what the backup has.
    #[test]
    fn row_53_a_backup_of_the_middle() {
        let server = Server::<Postgres>::start().unwrap();
        let backend = database(&server);
        small_chain(&backend, 3);
        let _ = backend.sandbox.run(["upgrade"]).exits(0);
        backend.sandbox.revision(
            "2024-01-04-000000_t4",
            "INSERT INTO log VALUES (4); SELECT pg_sleep(3);",
            "SELECT 1;",
        );
        let runner = backend.upgrade();
        in_the_middle(&backend);
        let mut admin = backend.database();
        admin.execute("CREATE DATABASE middle").unwrap();
        let dump = std::process::Command::new("sh")
            .args(["-c", "pg_dump \"$1\" | psql -q \"$2\""])
            .args(["sh", &server.database("postgres"), &server.database("middle")])
            .output()
            .unwrap();
        assert!(dump.status.success(), "{}", said(&dump));
        let _ = ended(runner, 0);
        let copy = Backend::at(&server.database("middle"));
        small_chain(&copy, 3);
        copy.sandbox.revision("2024-01-04-000000_t4", "INSERT INTO log VALUES (4);", "SELECT 1;");
        let _ = copy.sandbox.run(["status"]).exits(8).says(&["a run of 2024-01-04-000000_t4 crashed"]);
        let _ = copy.sandbox.run(["upgrade"]).exits(2).says(&["it is a restored backup or a copy"]);
        let _ = copy.sandbox.run(["upgrade", "--accept-database"]).exits(0);
        is_whole(&copy, 4);
    }
}

mod mariadb {
    use super::{Backend, Duration, Mariadb, Server, ended, in_the_middle, is_whole, said, small_chain, times, until};

    /// The whole server dies: in a change of the schema, and between rows.
    #[test]
    fn row_18_the_server_is_killed() {
        let mut server = Server::<Mariadb>::start().unwrap();
        let backend = Backend::at(&server.database("ops"));
        small_chain(&backend, 4);
        backend.sandbox.revision(
            "2024-01-05-000000_slow",
            "CREATE TABLE s AS SELECT seq AS id FROM seq_1_to_300000;
             ALTER TABLE s ADD COLUMN w INT NOT NULL DEFAULT 0, ALGORITHM = COPY;
             UPDATE s SET w = w + 1;
             ALTER TABLE s ADD PRIMARY KEY (id), ALGORITHM = COPY;
             UPDATE s SET w = w * 2 + 1;
             INSERT INTO log VALUES (5);",
            "DROP TABLE s; DELETE FROM log WHERE n = 5;",
        );
        for kill in 0..times(3, 40) {
            let runner = backend.upgrade();
            in_the_middle(&backend);
            std::thread::sleep(Duration::from_millis(kill as u64 * 673 % 2500));
            server.crash().unwrap();
            until(|| server.restart().is_ok());
            let output = runner.output();
            assert!(matches!(output.status.code(), Some(0 | 5)), "{}", said(&output));
            let _ = backend.sandbox.run(["upgrade", "--lock-wait", "20"]).exits(0);
            is_whole(&backend, 5);
            let sum = "SELECT concat(count(*), ' ', min(w), ' ', max(w)) AS `row` FROM s";
            assert_eq!(backend.database().text(sum, &[]).unwrap().as_deref(), Some("300000 3 3"));
            let _ = backend.sandbox.run(["rollback", "base", "--allow-data-loss", "--yes"]).exits(0);
        }
    }

    /// Full: a small disk of its own for one table.
    #[test]
    fn row_46_the_disk_of_the_server_is_full() {
        let server = Server::<Mariadb>::with_small_disk("4m").unwrap();
        let backend = Backend::at(&server.database("ops"));
        small_chain(&backend, 3);
        let up = |rows: u32| {
            format!(
                "CREATE TABLE big (x VARCHAR(1000)) DATA DIRECTORY = '{}';
                 INSERT INTO big SELECT repeat('x', 1000) FROM seq_1_to_{rows};
                 INSERT INTO log VALUES (4);",
                server.small()
            )
        };
        backend.sandbox.revision("2024-01-04-000000_big", &up(100_000), "DROP TABLE big;");
        let full = backend.sandbox.run(["upgrade"]).exits(1);
        let _ = full.says(&["The table 'big' is full", "1 of 3 statements are in place"]);
        backend.sandbox.revision("2024-01-04-000000_big", &up(10), "DROP TABLE big;");
        let _ = backend.sandbox.run(["upgrade"]).exits(0).says(&["goes on from there"]);
        is_whole(&backend, 4);
    }

    /// The server takes no writes any more, from one revision to the next.
    #[test]
    fn row_80_the_server_becomes_a_reader() {
        let server = Server::<Mariadb>::start().unwrap();
        let backend = Backend::at(&server.database("ops"));
        backend
            .database()
            .execute("CREATE USER app@localhost IDENTIFIED BY 'Canary-S3cret'; GRANT ALL ON ops.* TO app@localhost")
            .unwrap();
        let url = server.database("ops").replace("ops:", "app:");
        backend.sandbox.write(".env", format!("DATABASE_URL={url}\n"));
        small_chain(&backend, 3);
        backend.sandbox.revision(
            "2024-01-03-000000_t3",
            "CREATE TABLE t3 (x INT); DO sleep(1); INSERT INTO log VALUES (3);",
            "DROP TABLE t3; DELETE FROM log WHERE n = 3;",
        );
        let runner = backend.upgrade();
        until(|| backend.versions().len() == 2);
        std::thread::sleep(Duration::from_millis(300));
        backend.database().execute("SET GLOBAL read_only = 1").unwrap();
        let text = ended(runner, 5);
        assert!(text.contains("read-only"), "{text}");
        backend.database().execute("SET GLOBAL read_only = 0").unwrap();
        let _ = backend.sandbox.run(["upgrade"]).exits(0);
        is_whole(&backend, 3);
    }
}
