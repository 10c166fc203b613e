//! The same faults for ours and for its peers: a run of fifty revisions is killed at random moments, started
//! ten times at once, cut from its server, and held up by a reader. What the databases are like afterwards
//! is looked at here, past all of the tools. Run by `cargo xtask bench --faults-of-peers [KILLS]`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a chore talks to the person who runs it")]
#![allow(clippy::disallowed_methods, reason = "a chore is its own outermost layer")]

#[allow(dead_code, reason = "the tests have more ways to use it")]
#[path = "../../tests/common/proxy.rs"]
mod proxy;
#[path = "../src/bench/tool.rs"]
mod tool;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ops_migrate::db::{Database, DatabaseUrl};

use self::proxy::{Cut, Proxy};
use self::tool::{Tool, project};

type Result<T = ()> = std::result::Result<T, String>;

/// How many revisions a chain has.
const LENGTH: usize = 50;

/// How many runners start at once, and how often.
const CROWD: usize = 10;
const ROUNDS: usize = 5;

/// For how long a reader keeps its table.
const HELD: Duration = Duration::from_secs(3);

fn main() -> ExitCode {
    let kills = std::env::args().nth(1).and_then(|kills| kills.parse().ok()).unwrap_or(100);
    let scratch = tempfile::Builder::new().prefix("ops-migrate-faults-").tempdir();
    let done = scratch.map_err(|error| error.to_string()).and_then(|scratch| {
        // The engines at once: most of the time somebody waits.
        std::thread::scope(|scope| {
            let engines = ["sqlite", "postgres", "mysql"];
            let running = engines.map(|engine| {
                let directory = scratch.path().join(engine);
                (engine, scope.spawn(move || Engine { engine, directory }.run(kills)))
            });
            let mut rows = Vec::new();
            for (engine, thread) in running {
                match thread.join() {
                    Ok(Ok(found)) => rows.extend(found),
                    Ok(Err(error)) => return Err(format!("{engine}: {error}")),
                    Err(_) => return Err(format!("{engine}: a bug of this program")),
                }
            }
            Ok(rows)
        })
    });
    match done {
        Ok(rows) => {
            println!("\n| engine, fault | tool | what was seen |\n|---|---|---|");
            rows.iter().for_each(|row| println!("{row}"));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// What a database is like after a plain run again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// As if nothing had been.
    Whole,
    /// The run again went well, and something is missing or there twice.
    Wrong,
    /// The run again is refused.
    Stuck,
}

#[derive(Clone)]
struct Engine {
    engine: &'static str,
    directory: PathBuf,
}

impl Engine {
    fn run(&self, kills: usize) -> Result<Vec<String>> {
        let chain = revisions(self.engine);
        project(&self.directory, self.engine, &chain)?;
        let ours = PathBuf::from(std::env::var_os("OURS").ok_or("$OURS names no binary")?);
        let args = &["ops-migrate", "upgrade", "--no-schema", "--lock-wait", "60", "--database-url", "{url}"];
        let mut tools = vec![Tool::ours("ours", &ours, args, &self.directory)];
        tools.extend(Tool::peers(self.engine, &self.directory));
        let mut rows = Vec::new();
        for tool in tools {
            let mut row = |fault: &str, seen: String| {
                let row = format!("| {}, {fault} | {} | {seen} |", self.engine, tool.name);
                println!("{row}");
                rows.push(row);
            };
            // What cannot do it undisturbed has no client for this engine.
            let place = Place::new(self.engine, &tool)?;
            let whole = Instant::now();
            let first = place.start(&tool, &place.url)?.wait_with_output().map_err(text)?;
            let whole = whole.elapsed();
            if !first.status.success() || place.look()? != State::Whole {
                row("undisturbed", format!("fails: {}", last_line(&first.stderr)));
                continue;
            }
            drop(place);
            row(&format!("{kills} kills"), self.kills(&tool, kills, whole)?);
            row(&format!("{CROWD} runners at once, {ROUNDS} times"), self.crowd(&tool)?);
            if self.engine != "sqlite" {
                row("the connection is cut", self.cuts(&tool)?);
            }
            row("a reader for 3 s", self.reader(&tool)?);
        }
        Ok(rows)
    }

    /// SIGKILL at random moments of an undisturbed run's time, and then a plain run again.
    fn kills(&self, tool: &Tool, kills: usize, whole: Duration) -> Result<String> {
        let mut random = 0x2545_f491_4f6c_dd1d_u64;
        let mut states = Vec::new();
        for _ in 0..kills {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let place = Place::new(self.engine, tool)?;
            let mut runner = place.start(tool, &place.url)?;
            std::thread::sleep(whole.mul_f64((random % 1000) as f64 / 1000.0));
            runner.kill().map_err(text)?;
            runner.wait_with_output().map_err(text)?;
            states.push(place.again(tool)?);
        }
        Ok(counted(&states))
    }

    fn crowd(&self, tool: &Tool) -> Result<String> {
        let (mut failed, mut states) = (0, Vec::new());
        for _ in 0..ROUNDS {
            let place = Place::new(self.engine, tool)?;
            let running: Vec<Child> = (0..CROWD).map(|_| place.start(tool, &place.url)).collect::<Result<_>>()?;
            for runner in running {
                failed += usize::from(!runner.wait_with_output().map_err(text)?.status.success());
            }
            states.push(place.again(tool)?);
        }
        Ok(format!("{failed} of {} fail; {}", ROUNDS * CROWD, counted(&states)))
    }

    /// Cut before and behind a change of the schema and a COMMIT in the middle of the run.
    fn cuts(&self, tool: &Tool) -> Result<String> {
        let (mut alone, mut tried, mut states) = (0, 0, Vec::new());
        for (word, at) in [("CREATE TABLE t25 ", 1), ("COMMIT", LENGTH / 2)] {
            for cut in [Cut::Before, Cut::Behind] {
                let place = Place::new(self.engine, tool)?;
                let folder = tempfile::tempdir().map_err(text)?;
                let (url, listen, server) = place.behind(folder.path());
                let proxy = Proxy::start(&listen, server, word, at, cut);
                let output = place.start(tool, &url)?.wait_with_output().map_err(text)?;
                if proxy.seen() < at {
                    // It says no such word.
                    continue;
                }
                tried += 1;
                alone += usize::from(output.status.success());
                states.push(place.again(tool)?);
            }
        }
        Ok(format!("{alone} of {tried} go on by themselves; {}", counted(&states)))
    }

    /// A reader's transaction is open while the last revision changes its table, and an application asks for
    /// a row of it all the time.
    fn reader(&self, tool: &Tool) -> Result<String> {
        let mut chain = revisions(self.engine);
        let before = Tool { directory: self.directory.join("before"), ..tool.clone() };
        let behind = Tool { directory: self.directory.join("behind"), ..tool.clone() };
        project(&before.directory, self.engine, &chain)?;
        let alter = "ALTER TABLE t1 ADD COLUMN more INTEGER";
        chain.push((vec![alter.to_owned()], "ALTER TABLE t1 DROP COLUMN more".to_owned()));
        project(&behind.directory, self.engine, &chain)?;
        let place = Place::new(self.engine, tool)?;
        place.start(&before, &place.url)?.wait_with_output().map_err(text)?;
        let read = format!("SELECT CAST(count(*) AS char(9)) AS {} FROM t1", place.row());
        let mut reader = place.database()?;
        reader.execute("BEGIN").map_err(text)?;
        reader.texts(&read, &[]).map_err(text)?;
        let (over, longest) = (AtomicBool::new(false), AtomicU64::new(0));
        let (began, mut took) = (Instant::now(), Duration::ZERO);
        let output = std::thread::scope(|scope| {
            scope.spawn(|| {
                let Ok(mut application) = place.database() else { return };
                while !over.load(Ordering::SeqCst) {
                    let asked = Instant::now();
                    let _ = application.texts(&read, &[]);
                    longest.fetch_max(asked.elapsed().as_millis() as u64, Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(20));
                }
            });
            scope.spawn(move || {
                std::thread::sleep(HELD);
                let _ = reader.execute("COMMIT");
            });
            let output = place.start(&behind, &place.url).and_then(|runner| runner.wait_with_output().map_err(text));
            took = began.elapsed();
            over.store(true, Ordering::SeqCst);
            output
        })?;
        let end = match output.status.success() {
            true => format!("done after {:.1} s", took.as_secs_f64()),
            false => format!("fails after {:.1} s ({})", took.as_secs_f64(), last_line(&output.stderr)),
        };
        Ok(format!("{end}; an application waits {} ms at most", longest.load(Ordering::SeqCst)))
    }
}

/// Fifty small revisions, each of a change of the schema and a row that would tell of a second time.
fn revisions(engine: &str) -> Vec<(Vec<String>, String)> {
    let name = if engine == "mysql" { "VARCHAR(40)" } else { "TEXT" };
    let mut chain = vec![(vec!["CREATE TABLE log (n INTEGER)".to_owned()], "DROP TABLE log".to_owned())];
    chain.extend((1..LENGTH).map(|n| {
        let table = format!("CREATE TABLE t{n} (id INTEGER PRIMARY KEY, name {name} NOT NULL)");
        (vec![table, format!("INSERT INTO log VALUES ({n})")], format!("DROP TABLE t{n}"))
    }));
    chain
}

/// A fresh database, which goes with this value.
struct Place {
    url: String,
    name: String,
    server: Option<String>,
    table: &'static str,
    _folder: Option<tempfile::TempDir>,
}

impl Place {
    fn new(engine: &str, tool: &Tool) -> Result<Self> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let table = match tool.name {
            "sqlx-cli" => "_sqlx_migrations",
            "Alembic" => "alembic_version",
            _ => "__diesel_schema_migrations",
        };
        let name = format!("faults_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::SeqCst));
        let server = match engine {
            "sqlite" => {
                let folder = tempfile::tempdir().map_err(text)?;
                let url = folder.path().join("app.db").display().to_string();
                return Ok(Self { url, name, server: None, table, _folder: Some(folder) });
            }
            "postgres" => "OPS_MIGRATE_TEST_POSTGRES",
            _ => "OPS_MIGRATE_TEST_MYSQL",
        };
        let server = std::env::var(server).map_err(|_| "run cargo xtask bench --faults-of-peers".to_owned())?;
        connect(&server)?.execute(&format!("CREATE DATABASE {name}")).map_err(text)?;
        let (before, database) = server.rsplit_once('/').unwrap_or((&server, ""));
        // A socket's path has slashes of its own.
        let url = match server.split_once("localhost/") {
            Some((before, rest)) => {
                let query = rest.split_once('?').map_or("", |(_, query)| query);
                format!("{before}localhost/{name}?{query}")
            }
            None => format!("{before}/{name}{}", database.split_once('?').map_or("", |_| "")),
        };
        Ok(Self { url, name, server: Some(server), table, _folder: None })
    }

    fn database(&self) -> Result<Database> {
        if self.server.is_some() { connect(&self.url) } else { open(&self.url) }
    }

    fn start(&self, tool: &Tool, url: &str) -> Result<Child> {
        let mut command = Command::new(&tool.program);
        command.args(tool.args(url)).current_dir(&tool.directory);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        command.spawn().map_err(|error| format!("{}: {error}", tool.program.display()))
    }

    /// A plain run again, a few times where the server still works for the one that is gone.
    fn again(&self, tool: &Tool) -> Result<State> {
        for attempt in 0..4 {
            std::thread::sleep(Duration::from_millis(500) * attempt.min(2));
            if self.start(tool, &self.url)?.wait_with_output().map_err(text)?.status.success() {
                return self.look();
            }
        }
        Ok(State::Stuck)
    }

    /// Each table is there, each row once, and the tool's own table says so.
    fn look(&self) -> Result<State> {
        let mut db = self.database()?;
        let row = self.row();
        let kind = if row == "row" { "text" } else { "char" };
        let mut number = |what: &str, from: &str| -> Result<String> {
            let sql = format!("SELECT CAST({what} AS {kind}) AS {row} FROM {from}");
            Ok(db.text(&sql, &[]).map_err(text)?.unwrap_or_default())
        };
        let log = [number("count(*)", "log")?, number("count(DISTINCT n)", "log")?];
        let recorded = match self.table {
            "alembic_version" => number("version_num", self.table)? == format!("r{}", LENGTH - 1),
            table => number("count(*)", table)? == LENGTH.to_string(),
        };
        let mut tables = 0;
        for n in 1..LENGTH {
            tables += usize::from(db.has_table(&format!("t{n}")).map_err(text)?);
        }
        let all = (LENGTH - 1).to_string();
        let is_whole = log == [all.clone(), all] && recorded && tables == LENGTH - 1;
        Ok(if is_whole { State::Whole } else { State::Wrong })
    }

    /// How the column of our queries is called.
    fn row(&self) -> &'static str {
        if self.url.starts_with("mysql") { "`row`" } else { "row" }
    }

    /// The URL through a proxy in a folder, the proxy's place and the server's socket.
    fn behind(&self, folder: &Path) -> (String, PathBuf, PathBuf) {
        if let Some((before, socket)) = self.url.split_once("unix_socket=") {
            let listen = folder.join("s");
            return (format!("{before}unix_socket={}", listen.display()), listen, socket.into());
        }
        let (user, rest) = self.url.split_once('@').unwrap_or_default();
        let (host, database) = rest.split_once('/').unwrap_or_default();
        let socket = ".s.PGSQL.5432";
        let own = folder.display().to_string().replace('/', "%2F");
        (format!("{user}@{own}/{database}"), folder.join(socket), Path::new(&host.replace("%2F", "/")).join(socket))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(server) = &self.server {
            let force = if server.starts_with("postgres") { " WITH (FORCE)" } else { "" };
            let drop = format!("DROP DATABASE {}{force}", self.name);
            // The server goes soon, and with it all of them.
            let _ = connect(server).map(|mut db| db.execute(&drop));
        }
    }
}

fn connect(url: &str) -> Result<Database> {
    DatabaseUrl::parse(url).and_then(|url| Database::connect(&url)).map_err(text)
}

fn open(path: &str) -> Result<Database> {
    Database::connect(&DatabaseUrl::sqlite_file(path)).map_err(text)
}

fn counted(states: &[State]) -> String {
    let count = |state| states.iter().filter(|found| **found == state).count();
    format!(
        "of {}: {} whole, {} inconsistent, {} by hand",
        states.len(),
        count(State::Whole),
        count(State::Wrong),
        count(State::Stuck)
    )
}

fn last_line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let line = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    line.chars().take(90).collect::<String>().replace('|', "/")
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
