//! Revisions applied: ours beside the diesel CLI, sqlx-cli and Alembic, each on the same statements and a
//! fresh database, SQLite on disk and a PostgreSQL that waits for its disk. $OURS names a release binary that
//! is built already.

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
const TIMES: usize = 3;

/// Measures all tools, prints the table.
pub(crate) fn run(count: usize) -> Result {
    let ours = std::env::var_os("OURS").map_or_else(binary::release, |binary| Ok(binary.into()))?;
    let server = Server::<Postgres>::durable()?;
    // On a disk: what is in memory waits for nothing.
    let scratch = tempfile::Builder::new().prefix("ops-migrate-bench-").tempdir_in("/var/tmp");
    let scratch = scratch.map_err(|error| error.to_string())?;
    let mut text = String::from(
        "| what | wall median, ms | min-max | CPU of the tool, ms | memory, MB |\n|---|---|---|---|---|\n",
    );
    for engine in ["sqlite", "postgres"] {
        let directory = scratch.path().join(engine);
        project(&directory, engine, &small_tables(count))?;
        for (number, tool) in tools(&ours, engine, &directory).iter().enumerate() {
            let url = |time: usize| match engine {
                "sqlite" => Ok(directory.join(format!("{number}-{time}.db")).display().to_string()),
                _ => fresh(&server, number, time),
            };
            let mut last = String::new();
            let mut figures = Vec::new();
            for time in 0..TIMES {
                last = url(time)?;
                figures.push(measured(tool, &last)?);
            }
            let _ = writeln!(text, "{}", line(&format!("{}, {count} revisions, {engine}", tool.name), &figures));
            if !tool.name.contains("single") {
                let again: Vec<Figure> = (0..TIMES).map(|_| measured(tool, &last)).collect::<Result<_>>()?;
                let _ = writeln!(text, "{}", line(&format!("{}, nothing to do, {engine}", tool.name), &again));
            }
        }
    }
    println!("\n{text}");
    Ok(())
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

fn measured(tool: &Tool, url: &str) -> Result<Figure> {
    let peak = tool.directory.join("peak");
    let mut command = Command::new("/usr/bin/time");
    command.args(["--format", "%M", "--output"]).arg(&peak).arg(&tool.program);
    command.args(tool.args(url)).current_dir(&tool.directory);
    command.stdout(Stdio::null()).stdin(Stdio::null()).stderr(Stdio::piped());
    let (before, began) = (children_ticks()?, Instant::now());
    let output = command.output().map_err(|error| error.to_string())?;
    let wall = began.elapsed().as_secs_f64() * 1000.0;
    if !output.status.success() {
        return Err(format!("{}: {}", tool.name, String::from_utf8_lossy(&output.stderr)));
    }
    let kilobytes = std::fs::read_to_string(&peak).unwrap_or_default().trim().parse::<f64>().unwrap_or_default();
    Ok(Figure { wall, cpu: (children_ticks()? - before) * 10.0, memory: kilobytes / 1024.0 })
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

/// A chain of small tables.
fn small_tables(count: usize) -> Vec<(Vec<String>, String)> {
    let table = |n| format!("CREATE TABLE t{n} (id INTEGER PRIMARY KEY, name TEXT NOT NULL)");
    (0..count).map(|n| (vec![table(n)], format!("DROP TABLE t{n}"))).collect()
}
