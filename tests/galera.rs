//! The fault matrix on a Galera cluster of three nodes (rows 5, 16, 31 to 37): the runners' lock is a
//! lease there. One test, because a cluster takes ten seconds to start; what each row is stands in
//! `tests/FAULTS.md`.

use std::time::{Duration, Instant};

use ops_migrate::db::{Database, DatabaseUrl, lock};

use crate::matrix_files::shell;
use crate::matrix_runs::{ended, is_whole, said, small_chain, times};
use crate::runner::{Backend, Running, until};
use crate::servers::{Galera, Server, tool};

/// A node may lag behind for a moment; then its answer is waited for.
const CURRENT: &str = "SET SESSION wsrep_sync_wait = 15";

struct Cluster {
    server: Server<Galera>,
    urls: Vec<String>,
}

impl Cluster {
    fn start() -> Self {
        let server = Server::<Galera>::start().unwrap();
        let urls = server.database("ops").split(' ').map(str::to_owned).collect();
        Self { server, urls }
    }

    fn connect(&self, node: usize) -> Database {
        let mut db = Database::connect(&DatabaseUrl::parse(&self.urls[node]).unwrap()).unwrap();
        db.execute(CURRENT).unwrap();
        db
    }

    /// A fresh database, and a crate whose `.env` names it at the first node.
    fn backend(&self, name: &str) -> (Backend, [String; 3]) {
        self.connect(0).execute(&format!("CREATE DATABASE {name}")).unwrap();
        let urls = [0, 1, 2].map(|node: usize| self.urls[node].replace("/ops?", &format!("/{name}?")));
        until(|| Database::connect(&DatabaseUrl::parse(&urls[2]).unwrap()).is_ok());
        (Backend::at(&urls[0]), urls)
    }
}

fn upgrade_at(backend: &Backend, url: &str) -> Running {
    backend.start(&["upgrade", "--accept-database", "--database-url", url], &[])
}

/// Row 5: a crowd over all nodes, a fresh database each time: each revision once, and every loser
/// waits and is content.
fn a_crowd(cluster: &Cluster) {
    for round in 0..times(1, 20) {
        let (backend, urls) = cluster.backend(&format!("crowd_{round}"));
        small_chain(&backend, 6);
        let running: Vec<Running> = (0..times(6, 50)).map(|n| upgrade_at(&backend, &urls[n % 3])).collect();
        let texts: Vec<String> = running.into_iter().map(|running| ended(running, 0)).collect();
        let applied: usize = texts.iter().map(|text| text.matches("\napplied ").count()).sum();
        assert_eq!(applied, 6, "{texts:#?}");
        is_whole(&backend, 6);
    }
}

/// Row 31: a node that cannot apply what the cluster has committed is not believed.
fn a_stale_node(cluster: &Cluster) {
    let (backend, urls) = cluster.backend("stale");
    small_chain(&backend, 3);
    let mut third = cluster.connect(2);
    third.execute("FLUSH TABLES WITH READ LOCK").unwrap();
    let first = upgrade_at(&backend, &urls[0]);
    let late = upgrade_at(&backend, &urls[2]);
    std::thread::sleep(Duration::from_secs(2));
    third.execute("UNLOCK TABLES").unwrap();
    let texts = [ended(first, 0), ended(late, 0)];
    assert_eq!(texts.iter().map(|text| text.matches("\napplied ").count()).sum::<usize>(), 3, "{texts:#?}");
    is_whole(&backend, 3);
}

/// Rows 32 and 34: the node of one runner is cut off from the others. It does no work there, and says
/// what helps; the majority's runner does all of it.
fn a_node_apart(cluster: &Cluster) {
    let (backend, urls) = cluster.backend("apart");
    small_chain(&backend, 4);
    let mut third = cluster.connect(2);
    third.execute("SET GLOBAL wsrep_provider_options = 'gmcast.isolate=1'").unwrap();
    let mut look = Database::connect(&DatabaseUrl::parse(&cluster.urls[2]).unwrap()).unwrap();
    let primary = "SELECT variable_value AS `row` FROM information_schema.global_status
        WHERE variable_name = 'wsrep_cluster_status'";
    until(|| look.text(primary, &[]).is_ok_and(|status| status.as_deref() != Some("Primary")));
    let (minority, majority) = (upgrade_at(&backend, &urls[2]), upgrade_at(&backend, &urls[0]));
    let text = ended(minority, 5);
    assert!(text.contains("this node has lost its cluster"), "{text}");
    let _ = ended(majority, 0);
    is_whole(&backend, 4);
    third.execute("SET GLOBAL wsrep_provider_options = 'gmcast.isolate=0'").unwrap();
    let ready = primary.replace("wsrep_cluster_status", "wsrep_ready");
    until(|| look.text(&ready, &[]).is_ok_and(|status| status.as_deref() == Some("ON")));
    let _ = ended(upgrade_at(&backend, &urls[2]), 0);
}

/// Row 33: the holder's node dies with its runner: the lease ends, and the next runner goes on at
/// another node; the node that comes back has the same.
fn a_node_dies(cluster: &mut Cluster) {
    let (backend, urls) = cluster.backend("dies");
    small_chain(&backend, 4);
    backend.sandbox.revision(
        "2024-01-04-000000_t4",
        "CREATE TABLE t4 (x INT); DO sleep(3); INSERT INTO log VALUES (4);",
        "DROP TABLE t4;",
    );
    let runner = upgrade_at(&backend, &urls[2]);
    let at_first = Backend::at(&urls[0]);
    until(|| at_first.database().has_table("t4").unwrap_or_default());
    cluster.server.crash_node(2).unwrap();
    let output = runner.output();
    assert!(!output.status.success(), "{}", said(&output));
    let next = upgrade_at(&backend, &urls[0]);
    let _ = ended(next, 0);
    is_whole(&backend, 4);
    cluster.server.restart_node(2).unwrap();
    let back = Backend::at(&urls[2]);
    back.database().execute(CURRENT).unwrap();
    is_whole(&back, 4);
}

/// Row 37: while a node changes a table, whatever reads that at another one is ended ("Deadlock found"); a
/// reading of ours is done again, and one without that is seen to end.
fn reads_while_tables_change(cluster: &Cluster) {
    let (_backend, urls) = cluster.backend("readings");
    let connect = |node: usize| Database::connect(&DatabaseUrl::parse(&urls[node]).unwrap()).unwrap();
    connect(0).execute("CREATE TABLE x (a INT PRIMARY KEY); INSERT INTO x VALUES (1)").unwrap();
    let mut reader = connect(2);
    until(|| reader.has_table("x").unwrap());
    let is_over = std::sync::atomic::AtomicBool::new(false);
    let (mut read, mut ended, mut wrong) = (0, 0, None);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut writer = connect(0);
            for n in 0.. {
                if is_over.load(std::sync::atomic::Ordering::SeqCst) {
                    break;
                }
                writer.execute(&format!("ALTER TABLE x ADD c{n} INT, ALGORITHM = COPY")).unwrap();
                writer.execute(&format!("ALTER TABLE x DROP c{n}, ALGORITHM = COPY")).unwrap();
                // Else no reading comes to its end, however often it is done.
                std::thread::sleep(Duration::from_millis(150));
            }
        });
        let began = Instant::now();
        while (read < 40 || ended == 0) && began.elapsed() < Duration::from_secs(60) {
            match reader.text("SELECT CAST(a + sleep(0.02) AS char) AS `row` FROM x", &[]) {
                Ok(found) => assert_eq!(found.as_deref(), Some("1")),
                Err(error) => {
                    wrong = Some(error.message);
                    break;
                }
            }
            read += 1;
            if let Err(error) = reader.execute("DO (SELECT a + sleep(0.02) FROM x)") {
                assert!(error.message.contains("Deadlock found"), "{error}");
                ended += 1;
            }
        }
        is_over.store(true, std::sync::atomic::Ordering::SeqCst);
    });
    assert_eq!(wrong, None, "a reading was not done again");
    assert!(read >= 40 && ended > 0, "{read} readings, {ended} ended");
}

/// Row 16: a runner is stopped for longer than its lease. Another one takes it over; the one that wakes
/// up does nothing more, and says why.
fn a_runner_sleeps(cluster: &Cluster) {
    let (backend, urls) = cluster.backend("sleeps");
    small_chain(&backend, 5);
    backend.sandbox.revision(
        "2024-01-03-000000_t3",
        "CREATE TABLE t3 (x INT); DO sleep(1); INSERT INTO log VALUES (3);",
        "DROP TABLE t3;",
    );
    let runner = upgrade_at(&backend, &urls[1]);
    until(|| backend.database().has_table("t3").unwrap());
    runner.signal("STOP");
    let other = upgrade_at(&backend, &urls[0]);
    let _ = ended(other, 0);
    runner.signal("CONT");
    let output = runner.output();
    assert!(matches!(output.status.code(), Some(5 | 7)), "{}", said(&output));
    is_whole(&backend, 5);
}

/// Row 35: a node that keeps changes of the schema to itself is told not to.
fn changes_are_everybodys(cluster: &Cluster) {
    let (backend, urls) = cluster.backend("rsu");
    small_chain(&backend, 2);
    cluster.connect(0).execute("SET GLOBAL wsrep_OSU_method = 'RSU'").unwrap();
    let _ = ended(upgrade_at(&backend, &urls[0]), 0);
    cluster.connect(0).execute("SET GLOBAL wsrep_OSU_method = 'TOI'").unwrap();
    is_whole(&Backend::at(&urls[1]), 2);
}

/// Row 36: our own tables are InnoDB with a primary key, whatever the server makes by itself.
fn tables_that_are_replicated(cluster: &Cluster) {
    let (backend, urls) = cluster.backend("engines");
    small_chain(&backend, 2);
    cluster.connect(0).execute("SET GLOBAL default_storage_engine = MyISAM").unwrap();
    let _ = ended(upgrade_at(&backend, &urls[0]), 0);
    cluster.connect(0).execute("SET GLOBAL default_storage_engine = InnoDB").unwrap();
    let others = "SELECT group_concat(table_name) AS `row` FROM information_schema.tables t
        WHERE table_schema = database() AND table_name LIKE '\\_\\_ops%' AND (engine <> 'InnoDB' OR NOT EXISTS (
            SELECT * FROM information_schema.table_constraints c WHERE c.table_schema = t.table_schema
            AND c.table_name = t.table_name AND c.constraint_type = 'PRIMARY KEY'))";
    assert_eq!(backend.database().text(others, &[]).unwrap(), None);
}

/// Row 37: changes of the schema at another node end our transactions: they are tried again.
fn changes_from_elsewhere(cluster: &Cluster) {
    let (backend, urls) = cluster.backend("aborts");
    backend.sandbox.revision(
        "2024-01-01-000000_log",
        "CREATE TABLE log (n INT PRIMARY KEY); CREATE TABLE app (x INT);",
        "DROP TABLE log;",
    );
    for n in 2..=6 {
        let up = format!(
            "INSERT INTO log (n) VALUES ({n}); SELECT count(*) FROM seq_1_to_6000000 WHERE seq % 7 = 3; INSERT INTO log (n) VALUES ({n}00);"
        );
        backend.sandbox.revision(&format!("2024-01-{n:02}-000000_t{n}"), &up, "SELECT 1;");
    }
    let _ = ended(backend.start(&["upgrade", "+1"], &[]), 0);
    let runner = upgrade_at(&backend, &urls[0]);
    let mut app = Database::connect(&DatabaseUrl::parse(&urls[1]).unwrap()).unwrap();
    let began = Instant::now();
    for n in 0.. {
        if began.elapsed() > Duration::from_secs(3) {
            break;
        }
        app.execute(&format!("ALTER TABLE log ADD COLUMN c{n} INT")).unwrap();
        app.execute(&format!("ALTER TABLE log DROP COLUMN c{n}")).unwrap();
        std::thread::sleep(Duration::from_millis(200));
    }
    let _ = ended(runner, 0);
    let rows = "SELECT concat(count(*), ' ', sum(n)) AS `row` FROM log";
    assert_eq!(backend.database().text(rows, &[]).unwrap().as_deref(), Some("10 2020"));
    assert_eq!(lock::holder(&mut backend.database()).unwrap(), None);
}

/// Row 54: a runner whose clock is two days ahead takes no lease from its holder: its end is the database's.
fn a_clock_that_is_ahead(cluster: &Cluster) {
    let (backend, urls) = cluster.backend("clocks");
    small_chain(&backend, 3);
    backend.sandbox.revision(
        "2024-01-02-000000_t2",
        "CREATE TABLE t2 (x INT); DO sleep(3); INSERT INTO log VALUES (2);",
        "DROP TABLE t2;",
    );
    let runner = upgrade_at(&backend, &urls[0]);
    until(|| backend.database().has_table("t2").unwrap_or_default());
    let faketime = tool("faketime").unwrap();
    let script = format!(
        "exec {} -f +2d \"$0\" ops-migrate upgrade --lock-wait 60 --database-url '{}'",
        faketime.display(),
        urls[1]
    );
    let ahead = shell(&backend.sandbox, &script);
    assert_eq!(ahead.status.code(), Some(0), "{}", said(&ahead));
    assert!(said(&ahead).contains("waits for another runner"), "{}", said(&ahead));
    let _ = ended(runner, 0);
    is_whole(&backend, 3);
}

#[test]
fn rows_5_16_and_31_to_37_on_a_cluster() {
    let mut cluster = Cluster::start();
    a_crowd(&cluster);
    changes_are_everybodys(&cluster);
    tables_that_are_replicated(&cluster);
    changes_from_elsewhere(&cluster);
    a_clock_that_is_ahead(&cluster);
    reads_while_tables_change(&cluster);
    // What waits for the end of a lease, or for nodes that come and go, takes a minute.
    if times(0, 1) == 1 {
        a_runner_sleeps(&cluster);
        a_stale_node(&cluster);
        a_node_apart(&cluster);
        a_node_dies(&mut cluster);
    }
}
