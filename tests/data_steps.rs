//! Data steps in batches, from `create --data` to the database.

use expect_test::expect;

use crate::common::Sandbox;
use crate::runner::{Backend, until};

/// Three revisions applied, 25 rows, and a data step for them, scaffolded and filled in.
fn with_step() -> Sandbox {
    let sandbox = Sandbox::applied();
    sandbox.execute(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25)
         INSERT INTO users (id, name) SELECT i, 'N' || i FROM n",
    );
    let _ = sandbox.run(["create", "fill bio", "--data", "users", "--batch-size", "10"]).exits(0);
    let up = format!("{}/up.sql", sandbox.newest());
    sandbox.edit(&up, "SET id = id -- what changes", "SET bio = coalesce(bio, '') || lower(name)");
    sandbox
}

#[test]
fn the_scaffold() {
    let sandbox = Sandbox::with_chain();
    sandbox.run(["create", "fill bio", "--data", "users", "--dry-run"]).check(expect![[r#"
        exit 0
        --- stdout

        -- migrations/<time>-<id>_fill_bio/up.sql
        -- Runs once for every 1000 rows of users, in the order of id. Each batch is a transaction; a run
        -- that ends early goes on after the last one. The condition of a batch takes the place of the TRUE
        -- behind the mark. A plain `diesel migration run` runs the text as it stands, for all rows at once.
        UPDATE users
        SET id = id -- what changes
        WHERE /* ops-migrate: batch */ TRUE;

        -- migrations/<time>-<id>_fill_bio/down.sql
        -- What the step changed stays. Write the statements that take it back where that is needed.
        SELECT 1;

        -- migrations/<time>-<id>_fill_bio/metadata.toml
        run_in_transaction = true

        [ops-migrate]
        revision = "<id>"
        revises = "20240301000000"
        message = "fill bio"
        created = "<time>"
        data = true

        [ops-migrate.batch]
        table = "users"
        key = "id"
        size = 1000
        --- stderr
        dry run: nothing was written
    "#]]);
    for (what, message) in
        [("nobody", "the revisions make no table `nobody`"), ("users.nothing", "users has no column `nothing`")]
    {
        let _ = sandbox.run(["create", "x", "--data", what]).exits(2).says(&[message]);
    }
    let _ = sandbox.run(["create", "x", "--data", "users.name", "--dry-run"]).exits(0).says(&["key = \"name\""]);
    let _ = sandbox.run(["create", "x", "--batch-size", "5"]).exits(2);
}

#[test]
fn it_is_checked_proved_and_run_in_batches() {
    let sandbox = with_step();
    let _ = sandbox.run(["check"]).exits(0);
    let _ = sandbox.run(["test"]).exits(0).says(&["Proved on SQLite"]);
    let output = sandbox.run(["upgrade", "--format", "json"]).exits(0);
    let rows: Vec<u64> = output
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .filter(|event| event["event"] == "progress")
        .map(|event| event["rows"].as_u64().unwrap())
        .collect();
    assert_eq!(rows, [10, 20]);
    assert_eq!(sandbox.query("SELECT count(*) AS line FROM users WHERE bio = lower(name)"), "25");
    let _ = sandbox.run(["status", "--verify"]).exits(0);
    let _ = sandbox.run(["rollback"]).exits(0);
}

#[test]
fn the_text_is_valid_sql_for_everybody_else() {
    let sandbox = with_step();
    sandbox.execute(&sandbox.read(&format!("{}/up.sql", sandbox.newest())));
    assert_eq!(sandbox.query("SELECT count(*) AS line FROM users WHERE bio = lower(name)"), "25");
}

#[test]
fn a_failed_batch_keeps_those_before_and_the_next_run_goes_on() {
    let sandbox = with_step();
    sandbox.execute(
        "CREATE TRIGGER no BEFORE UPDATE ON users WHEN NEW.id = 15 BEGIN SELECT raise(ABORT, 'not this one'); END",
    );
    let _ = sandbox.run(["upgrade"]).exits(1).says(&["not this one", "the batches before stay done"]);
    assert_eq!(sandbox.query("SELECT count(bio) AS line FROM users"), "10");
    sandbox.execute("DROP TRIGGER no");
    let _ = sandbox.run(["upgrade"]).exits(0).says(&["goes on after the 10 rows that are done"]);
    assert_eq!(sandbox.query("SELECT count(*) AS line FROM users WHERE bio = lower(name)"), "25", "each row once");
}

#[test]
fn a_statement_without_the_mark_is_refused_before_anything_runs() {
    let sandbox = with_step();
    let up = format!("{}/up.sql", sandbox.newest());
    sandbox.write(&up, "UPDATE users SET bio = '';\n");
    let _ = sandbox
        .run(["upgrade"])
        .exits(2)
        .says(&["no place for the condition of a batch", "WHERE /* ops-migrate: batch */ TRUE"]);
    assert_eq!(sandbox.query("SELECT count(bio) AS line FROM users"), "0");
}

#[test]
fn replicas_are_watched_on_postgresql_alone() {
    let _ = with_step().run(["upgrade", "--max-lag", "5"]).exits(2).says(&["--max-lag is for PostgreSQL"]);
}

const BATCHES: &str = "migrations/2024-02-01-000000_fill/metadata.toml";

fn batches(pause_ms: u32) -> String {
    format!(
        "run_in_transaction = true\n[ops-migrate]\ndata = true\n[ops-migrate.batch]\ntable = \"t\"\nkey = \"id\"\nsize = 5\npause_ms = {pause_ms}\n"
    )
}

/// A table of a hundred rows, and a revision to be run that adds one to each in twenty batches.
fn with_batches(backend: &Backend, pause_ms: u32) {
    backend.sandbox.revision(
        "2024-01-01-000000_t",
        "CREATE TABLE t (id integer PRIMARY KEY, a integer);",
        "DROP TABLE t;",
    );
    let _ = backend.sandbox.run(["upgrade"]).exits(0);
    let rows: Vec<String> = (1..=100).map(|id| format!("({id}, 0)")).collect();
    backend.database().execute(&format!("INSERT INTO t VALUES {}", rows.join(", "))).unwrap();
    let up = "UPDATE t SET a = a + 1 WHERE /* ops-migrate: batch */ TRUE;";
    backend.sandbox.revision("2024-02-01-000000_fill", up, "SELECT 1;");
    backend.sandbox.write(BATCHES, batches(pause_ms));
}

/// A runner is killed between batches, or inside of one; the next one does the rest, no row twice.
fn a_killed_run_goes_on(backend: &Backend) {
    with_batches(backend, 200);
    let runner = backend.upgrade();
    let mut database = backend.database();
    let mut count = |value: u32| {
        let sql = format!("SELECT concat(count(*), '') AS \"row\" FROM t WHERE a = {value}");
        database.text(&sql, &[]).unwrap().unwrap().parse::<u32>().unwrap()
    };
    until(|| count(1) >= 10);
    runner.kill();
    let done = count(1);
    assert!((10..100).contains(&done) && done % 5 == 0, "{done}");
    backend.sandbox.write(BATCHES, batches(0));
    let mut database = backend.database();
    until(|| ops_migrate::db::lock::holder(&mut database).unwrap().is_none());
    let _ = backend.sandbox.run(["status"]).exits(8).says(&["cargo ops-migrate upgrade records that"]);
    let _ = backend.sandbox.run(["upgrade"]).exits(0).says(&[&format!("goes on after the {done} rows that are done")]);
    assert_eq!((count(1), backend.versions().len()), (100, 2));
}

#[test]
fn a_killed_run_goes_on_on_sqlite() {
    a_killed_run_goes_on(&Backend::sqlite());
}

mod postgres_tests {
    #[test]
    fn a_killed_run_goes_on_on_postgres() {
        super::a_killed_run_goes_on(&crate::runner::Backend::postgres());
    }

    /// Row 27: behind a pooler no lock is held between the batches, and still each runs once; also where
    /// others are connected to the server itself.
    #[test]
    fn row_27_runners_behind_a_pooler_and_past_it() {
        let backend = crate::runner::Backend::postgres_behind_a_pooler();
        super::with_batches(&backend, 20);
        let direct = backend.url.to_string().replace("***", "x");
        let past = || backend.start(&["upgrade", "--database-url", &direct], &[]);
        let running = [backend.upgrade(), backend.upgrade(), past(), backend.upgrade(), past()];
        for runner in running {
            let output = runner.output();
            assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        }
        let once = backend.database().text("SELECT concat(min(a), max(a)) AS \"row\" FROM t", &[]).unwrap();
        assert_eq!(once.as_deref(), Some("11"));
    }

    /// A replica that stands still stops the data step, and only for as long as it does.
    #[test]
    fn a_replica_that_lags_is_waited_for() {
        use std::time::{Duration, Instant};

        use ops_migrate::db::{Database, DatabaseUrl};

        use crate::servers::{Postgres, Server};

        let primary = Server::<Postgres>::start().unwrap();
        let replica = Server::<Postgres>::replica_of(&primary).unwrap();
        let backend = crate::runner::Backend::at(&primary.database("postgres"));
        super::with_batches(&backend, 100);
        let mut replica = Database::connect(&DatabaseUrl::parse(&replica.database("postgres")).unwrap()).unwrap();
        let is_streaming = "SELECT count(*)::text AS row FROM pg_stat_replication WHERE state = 'streaming'";
        super::until(|| backend.database().text(is_streaming, &[]).unwrap().as_deref() == Some("1"));
        replica.execute("SELECT pg_wal_replay_pause()").unwrap();
        let mut database = backend.database();
        let mut done = || {
            let text = database.text("SELECT count(*)::text AS row FROM t WHERE a = 1", &[]).unwrap();
            text.unwrap().parse::<u32>().unwrap()
        };
        let began = Instant::now();
        let mut runner = backend.start(&["upgrade", "--max-lag", "1"], &[]);
        // Twenty batches in more than two seconds, of which it may do those of the first one or two.
        super::until(|| done() > 0);
        std::thread::sleep(Duration::from_millis(2500));
        let before = done();
        std::thread::sleep(Duration::from_secs(1));
        assert!((5..100).contains(&before) && runner.is_running(), "{before} rows are done");
        assert_eq!(done(), before, "it goes on although the replica stands still");
        replica.execute("SELECT pg_wal_replay_resume()").unwrap();
        let output = runner.output();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(done() == 100 && began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
        super::until(|| {
            let there = replica.text("SELECT count(*)::text AS row FROM t WHERE a = 1", &[]);
            there.unwrap().as_deref() == Some("100")
        });
    }
}

#[cfg(feature = "mysql")]
mod mysql_tests {
    #[test]
    fn a_killed_run_goes_on_on_mysql() {
        super::a_killed_run_goes_on(&crate::runner::Backend::mysql());
    }
}
