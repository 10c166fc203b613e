//! Revisions applied: ours beside the diesel CLI, sqlx-cli and Alembic, each on the same statements and a
//! fresh database, in turn, so that what else the machine does meets all of them. SQLite on a disk that
//! is waited for, a PostgreSQL that waits for its disk, and one in memory, where the tools' own work
//! shows; then ten times as many revisions that do nothing, for what their number costs, and as much text
//! as that takes; and what a signal takes to end a run in the middle of a statement. CPU is that of the
//! tool and, on PostgreSQL, of the server. $OURS names a release binary that is built already. Peers that
//! only stand beside the diesel CLI are measured once where each time takes long.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::measure::{children_ticks, spread};
use super::tool::{Tool, project};
use crate::binary;
use crate::servers::{Mariadb, Postgres, Server};
use crate::shell::{self, Result, command};

/// How often each is measured.
const TIMES: usize = 5;

/// How often a tool is asked at once that has nothing to do: CPU is told in ticks of 10 ms.
const BATCH: usize = 10;

/// How often a run is ended by each of the signals.
const SIGNALS: usize = 10;

/// What is applied, and where.
struct Work {
    engine: &'static str,
    place: &'static str,
    count: usize,
    /// The text of the revision of a number.
    text: fn(usize) -> String,
    times: usize,
    /// Beside the diesel CLI alone.
    is_narrow: bool,
}

/// Measures all tools, prints the table.
pub(crate) fn run(count: usize) -> Result {
    let ours = std::env::var_os("OURS").map_or_else(binary::release, |binary| Ok(binary.into()))?;
    let table = |n: usize| format!("CREATE TABLE t{n} (id INTEGER PRIMARY KEY, name TEXT NOT NULL)");
    let nothing = |_| "SELECT 1".to_owned();
    let large = |n: usize| format!("SELECT {n} --{}", "x".repeat(20_000));
    let few = |engine, place| Work { engine, place, count, text: table, times: TIMES, is_narrow: false };
    let works = [
        few("sqlite", "memory"),
        few("sqlite", "disk"),
        few("postgres", "memory"),
        // Half a minute each.
        Work { times: 3, ..few("postgres", "disk") },
        Work { count: count * 10, text: nothing, times: 1, ..few("sqlite", "memory") },
        Work { count: count * 3, text: large, times: 1, is_narrow: true, ..few("sqlite", "memory") },
    ];
    let began = Instant::now();
    let mut text = String::from(
        "| what | wall median, ms | min-max | CPU of tool and server, ms | CPU of the tool, ms | memory, MB |\n\
         |---|---|---|---|---|---|\n",
    );
    for work in works {
        work.measure(&ours, &mut text)?;
    }
    println!("\n{text}");
    signals(&ours)?;
    println!("\nall of it took {:.0} minutes", began.elapsed().as_secs_f64() / 60.0);
    Ok(())
}

/// What SIGINT and SIGTERM take to end a run in the middle of a long statement.
fn signals(ours: &Path) -> Result {
    let (postgres, mariadb) = (Server::<Postgres>::start()?, Server::<Mariadb>::start()?);
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let on_sqlite = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n";
    let cases = [
        ("sqlite", "a recursive query", on_sqlite, scratch.path().join("app.db").display().to_string()),
        ("postgres", "`pg_sleep`", "SELECT pg_sleep(600)", postgres.database("postgres")),
        ("mysql", "`sleep`", "SELECT sleep(600)", mariadb.database("ops")),
        (
            "mysql",
            "a long SELECT",
            "SELECT count(*) FROM seq_1_to_20000000000 WHERE seq % 7 = 3",
            mariadb.database("ops"),
        ),
    ];
    println!("| a signal in | signal | median, ms | min-max | exit codes |\n|---|---|---|---|---|");
    for (number, (engine, what, sql, url)) in cases.into_iter().enumerate() {
        let directory = scratch.path().join(number.to_string());
        // What follows is not begun, also where the engine takes the end of its sleep for a result.
        let revisions =
            [sql, "CREATE TABLE behind (x INTEGER)"].map(|sql| (vec![sql.to_owned()], "SELECT 1".to_owned()));
        project(&directory, engine, &revisions)?;
        for signal in ["INT", "TERM"] {
            let (mut took, mut codes) = (Vec::new(), BTreeSet::new());
            for _ in 0..SIGNALS {
                let (milliseconds, code) = signalled(ours, &directory, &url, signal)?;
                took.push(milliseconds);
                codes.insert(code);
            }
            let took = spread(took);
            println!(
                "| {engine}, {what} | SIG{signal} | {:.0} | {:.0}-{:.0} | {codes:?} |",
                took.median, took.min, took.max
            );
        }
    }
    Ok(())
}

/// How many milliseconds a run goes on behind a signal, and its exit code. One that was not at its statement
/// yet, which a signal ends as it does every process, is no answer.
fn signalled(ours: &Path, directory: &Path, url: &str, signal: &str) -> Result<(f64, i32)> {
    for wait in [700, 1_500, 3_000] {
        if let (took, Some(code)) = signalled_behind(Duration::from_millis(wait), ours, directory, url, signal)? {
            return Ok((took, code));
        }
    }
    Err("the run did not get to its statement in 3 s".to_owned())
}

fn signalled_behind(
    wait: Duration,
    ours: &Path,
    directory: &Path,
    url: &str,
    signal: &str,
) -> Result<(f64, Option<i32>)> {
    let mut upgrade = Command::new(ours);
    upgrade.args(["ops-migrate", "upgrade", "--no-schema", "--accept-database", "--database-url", url]);
    upgrade.current_dir(directory).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = upgrade.spawn().map_err(|error| error.to_string())?;
    std::thread::sleep(wait);
    let began = Instant::now();
    shell::output(&mut command(directory, "kill", &[&format!("-{signal}"), &child.id().to_string()]))?;
    let status = child.wait().map_err(|error| error.to_string())?;
    let took = began.elapsed().as_secs_f64() * 1000.0;
    Ok((took, status.code()))
}

impl Work {
    fn measure(&self, ours: &Path, text: &mut String) -> Result {
        let Self { engine, place, count, times, .. } = *self;
        let folder = if place == "disk" { "/var/tmp" } else { "/dev/shm" };
        let scratch = tempfile::Builder::new().prefix("ops-migrate-bench-").tempdir_in(folder);
        let scratch = scratch.map_err(|error| error.to_string())?;
        let directory = scratch.path().join("project");
        let revisions: Vec<_> = (0..count).map(|n| (vec![(self.text)(n)], "SELECT 1".to_owned())).collect();
        project(&directory, engine, &revisions)?;
        // As projects are.
        shell::output(&mut command(&directory, "git", &["init", "-q"]))?;
        let server = match (engine, place) {
            ("sqlite", _) => None,
            (_, "disk") => Some(Server::<Postgres>::durable()?),
            _ => Some(Server::<Postgres>::start()?),
        };
        let mut tools = tools(ours, engine, &directory);
        tools.retain(|tool| !self.is_narrow || tool.name.contains("ours") || tool.name == "diesel CLI");
        if count > 1_000 {
            // It reads each of its files as a program.
            tools.retain(|tool| tool.name != "Alembic");
        }
        let is_slow = place == "disk";
        let mut figures: Vec<Vec<Figure>> = tools.iter().map(|_| Vec::new()).collect();
        let url = |number: usize, time: usize| match &server {
            None => Ok(directory.join(format!("{number}-{time}.db")).display().to_string()),
            Some(server) => fresh(server, number, time),
        };
        let mut last = vec![String::new(); tools.len()];
        for time in 0..times {
            for (number, tool) in tools.iter().enumerate() {
                let is_beside = tool.name == "sqlx-cli" || tool.name == "Alembic";
                if time > 0 && is_slow && is_beside {
                    continue;
                }
                last[number] = url(number, time)?;
                figures[number].push(measured(tool, &last[number], 1, server.as_ref())?);
            }
        }
        let what = format!("{count} revisions, {engine} ({place})");
        for (tool, figures) in tools.iter().zip(&figures) {
            let _ = writeln!(text, "{}", line(&format!("{what}: {}", tool.name), figures));
        }
        let idle: Vec<usize> = (0..tools.len())
            .filter(|number| !["ours, --single-transaction", "Alembic"].contains(&tools[*number].name))
            .collect();
        let mut again: Vec<Vec<Figure>> = tools.iter().map(|_| Vec::new()).collect();
        for _ in 0..TIMES {
            for number in &idle {
                again[*number].push(measured(&tools[*number], &last[*number], BATCH, server.as_ref())?);
            }
        }
        for number in idle {
            let what = format!("{what}, nothing to do: {}", tools[number].name);
            let _ = writeln!(text, "{}", line(&what, &again[number]));
        }
        Ok(())
    }
}

/// Ours, and those of the others that are there.
fn tools(ours: &Path, engine: &str, directory: &Path) -> Vec<Tool> {
    let each = &["ops-migrate", "upgrade", "--no-schema", "--database-url", "{url}"];
    let single = &["ops-migrate", "upgrade", "--no-schema", "--single-transaction", "--database-url", "{url}"];
    let mut tools = vec![
        Tool::ours("ours", ours, each, directory),
        Tool::ours("ours, --single-transaction", ours, single, directory),
    ];
    tools.extend(Tool::peers(engine, directory));
    tools
}

/// One figure: wall and CPU in milliseconds, memory in MB at its highest.
struct Figure {
    wall: f64,
    /// Of tool and server.
    all: f64,
    cpu: f64,
    memory: f64,
}

/// So many runs, one after the other; what one of them takes.
fn measured(tool: &Tool, url: &str, runs: usize, server: Option<&Server<Postgres>>) -> Result<Figure> {
    let peak = tool.directory.join("peak");
    let mut command = Command::new("/usr/bin/time");
    command.args(["--format", "%M", "--output"]).arg(&peak).arg(&tool.program);
    command.args(tool.args(url)).current_dir(&tool.directory);
    command.stdout(Stdio::null()).stdin(Stdio::null()).stderr(Stdio::piped());
    let of_server = || server.map_or(0.0, Server::ticks);
    let (before, served, began) = (children_ticks()?, of_server(), Instant::now());
    for _ in 0..runs {
        let output = command.output().map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(format!("{}: {}", tool.name, String::from_utf8_lossy(&output.stderr)));
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a few runs")]
    let runs = runs as f64;
    let wall = began.elapsed().as_secs_f64() * 1000.0 / runs;
    let cpu = (children_ticks()? - before) * 10.0 / runs;
    if server.is_some() {
        // A session's time counts once its process is gone, which is a moment behind its client's.
        std::thread::sleep(Duration::from_millis(200));
    }
    let all = cpu + (of_server() - served) * 10.0 / runs;
    let kilobytes = std::fs::read_to_string(&peak).unwrap_or_default().trim().parse::<f64>().unwrap_or_default();
    Ok(Figure { wall, all, cpu, memory: kilobytes / 1024.0 })
}

fn line(what: &str, figures: &[Figure]) -> String {
    let of = |value: fn(&Figure) -> f64| spread(figures.iter().map(value).collect());
    let (wall, all, cpu, memory) = (of(|f| f.wall), of(|f| f.all), of(|f| f.cpu), of(|f| f.memory));
    let text = format!(
        "| {what} | {:.0} | {:.0}-{:.0} | {:.0} | {:.0} | {:.0} |",
        wall.median, wall.min, wall.max, all.median, cpu.median, memory.max
    );
    println!("{text}");
    text
}

fn fresh(server: &Server<Postgres>, number: usize, time: usize) -> Result<String> {
    let name = format!("bench_{number}_{time}");
    let admin = server.database("postgres");
    shell::output(&mut command(Path::new("/"), "psql", &["-q", &admin, "-c", &format!("CREATE DATABASE {name}")]))?;
    Ok(server.database(&name))
}
