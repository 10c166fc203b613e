//! Revisions applied: ours beside the diesel CLI, sqlx-cli and Alembic, each on the same statements and a
//! fresh database, in turn, so that what else the machine does meets all of them. SQLite on a disk that
//! is waited for, a PostgreSQL that waits for its disk, and one in memory, where the tools' own work
//! shows; then ten times as many revisions that do nothing, for what their number costs. $OURS names a
//! release binary that is built already.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use super::measure::{children_ticks, spread};
use super::tool::{Tool, project};
use crate::binary;
use crate::servers::{Postgres, Server};
use crate::shell::{self, Result, command};

/// How often each is measured.
const TIMES: usize = 5;

/// How often a tool is asked at once that has nothing to do: CPU is told in ticks of 10 ms.
const BATCH: usize = 10;

/// What is applied, and where.
struct Work {
    engine: &'static str,
    place: &'static str,
    count: usize,
    /// The text of the revision of a number.
    text: fn(usize) -> String,
    times: usize,
}

/// Measures all tools, prints the table.
pub(crate) fn run(count: usize) -> Result {
    let ours = std::env::var_os("OURS").map_or_else(binary::release, |binary| Ok(binary.into()))?;
    let table = |n: usize| format!("CREATE TABLE t{n} (id INTEGER PRIMARY KEY, name TEXT NOT NULL)");
    let nothing = |_| "SELECT 1".to_owned();
    let few = |engine, place| Work { engine, place, count, text: table, times: TIMES };
    let many = |engine, place| Work { engine, place, count: count * 10, text: nothing, times: 1 };
    let works = [
        few("sqlite", "disk"),
        few("postgres", "disk"),
        few("postgres", "memory"),
        many("sqlite", "memory"),
        many("postgres", "memory"),
    ];
    let mut text = String::from(
        "| what | wall median, ms | min-max | CPU of the tool, ms | memory, MB |\n|---|---|---|---|---|\n",
    );
    for work in works {
        work.measure(&ours, &mut text)?;
    }
    println!("\n{text}");
    Ok(())
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
        let tools = tools(ours, engine, &directory);
        let mut figures: Vec<Vec<Figure>> = tools.iter().map(|_| Vec::new()).collect();
        let url = |number: usize, time: usize| match &server {
            None => Ok(directory.join(format!("{number}-{time}.db")).display().to_string()),
            Some(server) => fresh(server, number, time),
        };
        let mut last = vec![String::new(); tools.len()];
        for time in 0..times {
            for (number, tool) in tools.iter().enumerate() {
                last[number] = url(number, time)?;
                figures[number].push(measured(tool, &last[number], 1)?);
            }
        }
        let what = format!("{count} revisions, {engine} ({place})");
        for (tool, figures) in tools.iter().zip(&figures) {
            let _ = writeln!(text, "{}", line(&format!("{what}: {}", tool.name), figures));
        }
        let idle: Vec<usize> = (0..tools.len()).filter(|number| !tools[*number].name.contains("single")).collect();
        let mut again: Vec<Vec<Figure>> = tools.iter().map(|_| Vec::new()).collect();
        for _ in 0..TIMES {
            for number in &idle {
                again[*number].push(measured(&tools[*number], &last[*number], BATCH)?);
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
    cpu: f64,
    memory: f64,
}

/// So many runs, one after the other; what one of them takes.
fn measured(tool: &Tool, url: &str, runs: usize) -> Result<Figure> {
    let peak = tool.directory.join("peak");
    let mut command = Command::new("/usr/bin/time");
    command.args(["--format", "%M", "--output"]).arg(&peak).arg(&tool.program);
    command.args(tool.args(url)).current_dir(&tool.directory);
    command.stdout(Stdio::null()).stdin(Stdio::null()).stderr(Stdio::piped());
    let (before, began) = (children_ticks()?, Instant::now());
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
    let kilobytes = std::fs::read_to_string(&peak).unwrap_or_default().trim().parse::<f64>().unwrap_or_default();
    Ok(Figure { wall, cpu, memory: kilobytes / 1024.0 })
}

fn line(what: &str, figures: &[Figure]) -> String {
    let of = |value: fn(&Figure) -> f64| spread(figures.iter().map(value).collect());
    let (wall, cpu, memory) = (of(|f| f.wall), of(|f| f.cpu), of(|f| f.memory));
    let text = format!(
        "| {what} | {:.0} | {:.0}-{:.0} | {:.0} | {:.0} |",
        wall.median, wall.min, wall.max, cpu.median, memory.max
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
