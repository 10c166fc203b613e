//! Kills: a process that is ended at every side effect, and at random moments, on each engine, up
//! and down. Whatever happened, the next run ends in the state of a run that nobody disturbed. Of
//! the places, a few are tried each time; `cargo xtask test --faults N` tries all of them, and N
//! random kills on each engine, and prints the table.

#![cfg(all(unix, feature = "failpoints"))]

use std::collections::BTreeSet;
use std::io::Write;
use std::time::Instant;

use ops_migrate::db::introspect::introspect;
use ops_migrate::db::{Database, ledger};
use ops_migrate::dialect::Dialect;

use crate::common::proxy::{Cut, Proxy};
use crate::runner::Backend;

/// A revision: its directory, both texts, and whether one transaction holds them.
struct Revision(&'static str, &'static str, &'static str, bool);

const POSTGRES: [Revision; 3] = [
    Revision(
        "2024-01-01-000000_a",
        "CREATE TABLE a (id serial PRIMARY KEY, v int, w int NOT NULL DEFAULT 0);
         INSERT INTO a (v) VALUES (1), (2), (3);",
        "DROP TABLE a;",
        true,
    ),
    Revision(
        "2024-02-01-000000_b",
        "SET lock_timeout = '5s'; CREATE TABLE c AS SELECT id, w FROM a; UPDATE a SET w = w * 2 + v;
         CREATE UNIQUE INDEX CONCURRENTLY ia ON a (w); VACUUM a; INSERT INTO c SELECT id + 1000, w + 1 FROM a;
         CREATE INDEX CONCURRENTLY ON c (w); UPDATE c SET w = w * 2 + 1;",
        "UPDATE a SET w = w - 1; DROP INDEX CONCURRENTLY ia; DROP TABLE c; UPDATE a SET w = w + 5;",
        false,
    ),
    Revision(
        "2024-03-01-000000_c",
        "INSERT INTO c VALUES (5000, 1); ALTER TABLE c ADD COLUMN k int DEFAULT 7;",
        "ALTER TABLE c DROP COLUMN k; UPDATE c SET w = w + 1;",
        true,
    ),
];

const SQLITE: [Revision; 3] = [
    Revision(
        "2024-01-01-000000_a",
        "CREATE TABLE a (id INTEGER PRIMARY KEY, v int, w int NOT NULL DEFAULT 0);
         INSERT INTO a (v) VALUES (1), (2), (3);",
        "DROP TABLE a;",
        true,
    ),
    Revision(
        "2024-02-01-000000_b",
        "PRAGMA foreign_keys = OFF; BEGIN; CREATE TABLE c (id int, w int); INSERT INTO c SELECT id, w FROM a;
         UPDATE a SET w = w * 2 + v; COMMIT; PRAGMA foreign_keys = ON; UPDATE c SET w = w * 2 + 1; VACUUM;
         INSERT INTO c SELECT id + 1000, w + 1 FROM a;",
        "UPDATE a SET w = w - 1; PRAGMA foreign_keys = OFF; DROP TABLE c; VACUUM; UPDATE a SET w = w + 5;",
        false,
    ),
    Revision(
        "2024-03-01-000000_c",
        "INSERT INTO c VALUES (5000, 1); ALTER TABLE c ADD COLUMN k int DEFAULT 7;",
        "ALTER TABLE c DROP COLUMN k; UPDATE c SET w = w + 1;",
        true,
    ),
];

/// With ids of their own: those that the engine counts have gaps after what it took back.
#[cfg(feature = "mysql")]
const MYSQL: [Revision; 3] = [
    Revision(
        "2024-01-01-000000_a",
        "CREATE TABLE a (id INT PRIMARY KEY AUTO_INCREMENT, v INT);
         INSERT INTO a (id, v) VALUES (1, 1), (2, 2), (3, 3); ALTER TABLE a ADD COLUMN w INT NOT NULL DEFAULT 0;
         UPDATE a SET w = w + v; UPDATE a SET w = w * 2 + 1;",
        "UPDATE a SET w = w + 1; ALTER TABLE a DROP COLUMN v; DROP TABLE a;",
        true,
    ),
    Revision(
        "2024-02-01-000000_b",
        "CREATE INDEX ia ON a (w); CREATE TABLE b AS SELECT id, w FROM a; ALTER TABLE b ADD PRIMARY KEY (id);
         INSERT INTO b SELECT id + 1000, w + 1 FROM a; RENAME TABLE b TO c; CREATE VIEW vw AS SELECT id, w FROM c;
         UPDATE c SET w = w * 2; CREATE TABLE d (x INT); CREATE TABLE e (x INT); DROP TABLE d, e;",
        "UPDATE c SET w = w - 1; DROP VIEW vw; RENAME TABLE c TO b; DROP TABLE b; DROP INDEX ia ON a;
         UPDATE a SET w = w + 5;",
        true,
    ),
    Revision(
        "2024-03-01-000000_c",
        "CREATE TRIGGER tg BEFORE INSERT ON c FOR EACH ROW BEGIN SET NEW.w = NEW.w + 1; END;
         INSERT INTO c VALUES (5000, 1); INSERT INTO c VALUES (5001, 1); ALTER TABLE c ADD k BIGINT DEFAULT 7;
         TRUNCATE TABLE a; SET foreign_key_checks = 0; INSERT INTO a (id, w) VALUES (9, 1);",
        "ALTER TABLE c DROP k; UPDATE c SET w = w + 1; DROP TRIGGER tg;",
        false,
    ),
];

/// A backend with its revisions, and how to empty its database.
struct Field {
    backend: Backend,
    name: &'static str,
}

impl Field {
    fn new(name: &'static str, backend: Backend, revisions: &[Revision]) -> Self {
        for Revision(directory, up, down, in_transaction) in revisions {
            backend.sandbox.revision(directory, up, down);
            let metadata = format!("run_in_transaction = {in_transaction}\n");
            backend.sandbox.write(&format!("migrations/{directory}/metadata.toml"), metadata);
        }
        Self { backend, name }
    }

    fn empty(&self) {
        let mut db = self.backend.database();
        let sql = match db.dialect() {
            Dialect::Sqlite => {
                drop(db);
                for end in ["", "-wal", "-shm", "-journal", ".ops-migrate.lock"] {
                    let _ = std::fs::remove_file(self.backend.sandbox.path(&format!("app.db{end}")));
                }
                return;
            }
            Dialect::Postgres => "DROP SCHEMA public CASCADE; CREATE SCHEMA public".to_owned(),
            Dialect::Mysql => {
                let name = db.text("SELECT database() AS `row`", &[]).unwrap().unwrap();
                format!("DROP DATABASE {name}; CREATE DATABASE {name} CHARACTER SET utf8mb4;")
            }
        };
        db.execute(&sql).unwrap();
    }

    /// Runs a command to its end, whatever that is.
    fn run(&self, args: &[&str], vars: &[(&str, String)]) -> std::process::Output {
        self.backend.start(args, vars).output()
    }

    fn succeed(&self, args: &[&str]) {
        let output = self.run(args, &[]);
        let text = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{}: {args:?}\n{text}", self.name);
    }

    /// Everything that has to be equal: schema, rows, versions, and that nothing is left open.
    fn state(&self) -> String {
        let mut db = self.backend.database();
        let mut state = format!("{:?}\n{:?}\n", self.backend.versions(), introspect(&mut db).unwrap());
        for (table, columns) in [("a", "id, ':', w"), ("b", "id, ':', w"), ("c", "id, ':', w")] {
            if db.has_table(table).unwrap() {
                state.push_str(&format!("{table} {:?}\n", rows(&mut db, table, columns)));
            }
        }
        let open = ledger::unfinished(&mut db).unwrap();
        state.push_str(&format!("{} open\n", open.len()));
        state
    }

    /// The state before a command: nothing for `upgrade`, everything for `rollback`.
    fn prepare(&self, direction: Direction) {
        self.empty();
        if direction == Direction::Down {
            self.succeed(Direction::Up.args());
        }
    }
}

fn rows(db: &mut Database, table: &str, columns: &str) -> Vec<String> {
    let mut rows: Vec<String> = db
        .texts(&format!("SELECT concat({columns}) AS `row` FROM {table}").replace('`', quote(db)), &[])
        .unwrap()
        .into_iter()
        .flatten()
        .collect();
    rows.sort();
    rows
}

fn quote(db: &Database) -> &'static str {
    if db.dialect() == Dialect::Mysql { "`" } else { "" }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Up,
    Down,
}

impl Direction {
    fn args(self) -> &'static [&'static str] {
        match self {
            Self::Up => &["upgrade"],
            Self::Down => &["rollback", "base", "--allow-data-loss", "--yes"],
        }
    }
}

/// How many random kills were asked for; `None` in the ordinary suite.
#[expect(clippy::disallowed_methods, reason = "the harness says how long it may take")]
fn asked() -> Option<usize> {
    std::env::var("OPS_MIGRATE_FAULTS").ok()?.parse().ok()
}

fn tell(line: &str) {
    // Captured, but in the long run.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Rows 9, 12, 13, 38: ended at each place that a run passes, and run again.
fn every_place(field: &Field) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    for direction in [Direction::Up, Direction::Down] {
        field.prepare(direction);
        let trace = field.backend.sandbox.path("trace");
        let _ = std::fs::remove_file(&trace);
        let output = field.run(direction.args(), &[("OPS_MIGRATE_FAILPOINT_TRACE", trace.display().to_string())]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let reference = field.state();
        let places: Vec<String> = std::fs::read_to_string(&trace).unwrap().lines().map(str::to_owned).collect();
        seen.extend(places.iter().cloned());
        let step = if asked().is_some() { 1 } else { places.len().div_ceil(7) };
        let mut tried = 0;
        for place in (1..=places.len()).rev().step_by(step) {
            field.prepare(direction);
            let killed = field.run(direction.args(), &[("OPS_MIGRATE_FAILPOINT", place.to_string())]);
            let name = &places[place - 1];
            assert_eq!(killed.status.code(), None, "{}: place {place}, {name}, was not passed", field.name);
            field.succeed(direction.args());
            assert_eq!(field.state(), reference, "{} {direction:?}: killed at place {place}, {name}", field.name);
            tried += 1;
        }
        tell(&format!(
            "| {} | {direction:?} | {tried} of {} places | 0 inconsistent | 0 by hand |",
            field.name,
            places.len()
        ));
    }
    seen
}

/// Rows 10 and 11: one to three SIGKILLs at random moments, the second ones in the resumed run.
fn random_kills(field: &Field) {
    let kills = asked().unwrap_or(4);
    field.prepare(Direction::Up);
    let began = Instant::now();
    field.succeed(Direction::Up.args());
    let (whole, reference) = (began.elapsed(), field.state());
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut done = 0;
    while done < kills {
        field.prepare(Direction::Up);
        random = next(random);
        for _ in 0..=(random % 3) {
            random = next(random);
            let runner = field.backend.upgrade();
            std::thread::sleep(whole.mul_f64((random % 1000) as f64 / 1000.0));
            runner.kill_now();
            done += 1;
        }
        field.succeed(Direction::Up.args());
        assert_eq!(field.state(), reference, "{}: after {done} random kills", field.name);
    }
    tell(&format!("| {} | Up | {done} random kills | 0 inconsistent | 0 by hand |", field.name));
}

/// Rows 21 and 22: the connection is cut at a COMMIT, before the server has seen it or behind it. The
/// run connects again, finds out which, and ends well by itself; `server` is the socket, and `url` is
/// given the name of the proxy's.
fn cut_at_every_commit(field: &Field, server: &std::path::Path, url: impl Fn(&std::path::Path) -> String) {
    field.prepare(Direction::Up);
    field.succeed(Direction::Up.args());
    let reference = field.state();
    let folder = tempfile::tempdir().unwrap();
    let listen = folder.path().join(server.file_name().unwrap());
    let (step, mut tried) = (if asked().is_some() { 1 } else { 5 }, 0);
    for cut in [Cut::Before, Cut::Behind] {
        for at in (1..200).step_by(step) {
            field.prepare(Direction::Up);
            let proxy = Proxy::start(&listen, server.to_owned(), "COMMIT", at, cut);
            let args = ["upgrade", "--database-url", &url(&listen)].map(str::to_owned);
            let output = field.run(&args.each_ref().map(String::as_str), &[]);
            let text = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
            assert_eq!(output.status.code(), Some(0), "{}: cut {cut:?} COMMIT {at}\n{text}", field.name);
            assert_eq!(field.state(), reference, "{}: cut {cut:?} COMMIT {at}", field.name);
            if proxy.seen() < at {
                break;
            }
            assert!(text.contains("connected again"), "{}: cut {cut:?} COMMIT {at}\n{text}", field.name);
            tried += 1;
        }
    }
    tell(&format!("| {} | Up | {tried} cuts at COMMIT | 0 inconsistent | 0 by hand |", field.name));
}

/// xorshift64
fn next(mut x: u64) -> u64 {
    x ^= x << 13;
    x ^= x >> 7;
    x ^ (x << 17)
}

#[test]
fn rows_9_to_13_a_killed_run_on_sqlite_ends_as_if_nothing_had_been() {
    let field = Field::new("SQLite", Backend::sqlite(), &SQLITE);
    every_place(&field);
    random_kills(&field);
}

mod postgres_tests {
    use super::{Backend, Field, POSTGRES, cut_at_every_commit, every_place, random_kills};

    #[test]
    fn rows_21_and_22_a_connection_is_cut_at_a_commit() {
        let field = Field::new("PostgreSQL", Backend::postgres(), &POSTGRES);
        let url = field.backend.url.to_string().replace("***", "x");
        let (before, rest) = url.split_once('@').unwrap();
        let (host, database) = rest.split_once('/').unwrap();
        let server = std::path::PathBuf::from(host.replace("%2F", "/")).join(".s.PGSQL.5432");
        cut_at_every_commit(&field, &server, |proxy| {
            let host = proxy.parent().unwrap().to_str().unwrap().replace('/', "%2F");
            format!("{before}@{host}/{database}")
        });
    }

    #[test]
    fn rows_9_to_13_a_killed_run_ends_as_if_nothing_had_been() {
        let field = Field::new("PostgreSQL", Backend::postgres(), &POSTGRES);
        every_place(&field);
        random_kills(&field);
    }
}

#[cfg(feature = "mysql")]
mod mysql_tests {
    use super::{Backend, Field, MYSQL, cut_at_every_commit, every_place, random_kills};

    #[test]
    fn rows_21_and_22_a_connection_is_cut_at_a_commit() {
        let field = Field::new("MariaDB", Backend::mysql(), &MYSQL);
        let url = field.backend.sandbox.read(".env").trim().trim_start_matches("DATABASE_URL=").to_owned();
        let (before, server) = url.split_once("unix_socket=").unwrap();
        cut_at_every_commit(&field, std::path::Path::new(server), |proxy| {
            format!("{before}unix_socket={}", proxy.display())
        });
    }

    /// The engine with every place: none in the sources is without its kill.
    #[test]
    fn rows_9_to_13_a_killed_run_ends_as_if_nothing_had_been() {
        let field = Field::new("MariaDB", Backend::mysql(), &MYSQL);
        let seen = every_place(&field);
        let mut missing = Vec::new();
        for file in ["src/runner.rs", "src/runner/by_statement.rs", "src/db/ledger/version.rs"] {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
            for rest in std::fs::read_to_string(path).unwrap().split("failpoint::hit(\"").skip(1) {
                let name = rest.split('"').next().unwrap();
                if !seen.contains(name) && !name.starts_with("runner: behind a step's text") {
                    missing.push(name.to_owned());
                }
            }
        }
        assert!(missing.is_empty(), "no run passes {missing:?}");
        random_kills(&field);
    }
}
