//! Revisions applied: ours beside the diesel CLI, sqlx-cli and Alembic, each on the same statements and a
//! fresh database, SQLite on disk and a PostgreSQL that waits for its disk. What a peer needs is
//! installed by the caller and named by a variable ($DIESEL, $SQLX, $ALEMBIC); without it its lines are
//! left out, and that is said. $OURS names a release binary that is built already.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use super::measure::{children_ticks, spread};
use crate::binary;
use crate::servers::{Postgres, Server};
use crate::shell::{self, Result, command};

/// How often each is measured.
const TIMES: usize = 3;

/// How a tool is told to bring a database to the head.
struct Tool {
    name: &'static str,
    program: PathBuf,
    /// `{url}` is the database's.
    args: &'static [&'static str],
    directory: PathBuf,
}

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
        project(&directory, engine, count)?;
        for (number, tool) in tools(&ours, &directory).iter().enumerate() {
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
fn tools(ours: &Path, directory: &Path) -> Vec<Tool> {
    let tool = |name, program: PathBuf, args| Tool { name, program, args, directory: directory.to_owned() };
    let mut tools = vec![
        tool("ours", ours.to_owned(), &["ops-migrate", "upgrade", "--no-schema", "--database-url", "{url}"][..]),
        tool(
            "ours, --single-transaction",
            ours.to_owned(),
            &["ops-migrate", "upgrade", "--no-schema", "--single-transaction", "--database-url", "{url}"],
        ),
    ];
    let peers: [(&str, &str, &[&str]); 3] = [
        ("DIESEL", "diesel CLI", &["migration", "run", "--migration-dir", "migrations", "--database-url", "{url}"]),
        ("SQLX", "sqlx-cli", &["migrate", "run", "--source", "sqlx", "--database-url", "{url}"]),
        ("ALEMBIC", "Alembic", &["-x", "url={url}", "upgrade", "head"]),
    ];
    for (variable, name, args) in peers {
        match std::env::var_os(variable) {
            Some(program) => tools.push(tool(name, program.into(), args)),
            None => println!("{name}: ${variable} names none"),
        }
    }
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
    let url_of = if tool.name == "sqlx-cli" && !url.contains("://") {
        format!("sqlite://{url}?mode=rwc")
    } else {
        url.to_owned()
    };
    let url_of = if tool.name == "Alembic" { alchemy(&url_of) } else { url_of };
    command.args(tool.args.iter().map(|arg| arg.replace("{url}", &url_of))).current_dir(&tool.directory);
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

/// As SQLAlchemy spells it.
fn alchemy(url: &str) -> String {
    match url.strip_prefix("postgres://") {
        Some(rest) => {
            let (user, rest) = rest.split_once('@').unwrap_or(("", rest));
            let (host, database) = rest.split_once('/').unwrap_or((rest, ""));
            format!("postgresql+psycopg2://{user}@/{database}?host={}", host.replace("%2F", "/"))
        }
        None => format!("sqlite:///{url}"),
    }
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

/// A chain of small tables, as each of the tools wants it.
fn project(directory: &Path, engine: &str, count: usize) -> Result {
    let write = |path: &str, text: &str| {
        let path = directory.join(path);
        let parent = path.parent().unwrap_or(directory);
        std::fs::create_dir_all(parent).and_then(|()| std::fs::write(&path, text)).map_err(|error| error.to_string())
    };
    let manifest = "[package]\nname = \"bench\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n";
    write("Cargo.toml", &format!("{manifest}diesel = {{ version = \"2\", features = [\"{engine}\"] }}\n"))?;
    write("src/lib.rs", "")?;
    let mut parent = "None".to_owned();
    for n in 0..count {
        let version = 20_240_101_000_000 + n;
        let up = format!("CREATE TABLE t{n} (id INTEGER PRIMARY KEY, name TEXT NOT NULL);\n");
        write(&format!("migrations/{version}_t{n}/up.sql"), &up)?;
        write(&format!("migrations/{version}_t{n}/down.sql"), &format!("DROP TABLE t{n};\n"))?;
        write(&format!("sqlx/{version}_t{n}.sql"), &up)?;
        let script = format!(
            "revision = 'r{n}'\ndown_revision = {parent}\nfrom alembic import op\n\ndef upgrade():\n    op.execute('{}')\n\ndef downgrade():\n    pass\n",
            up.trim().trim_end_matches(';')
        );
        write(&format!("alembic/versions/r{n}.py"), &script)?;
        parent = format!("'r{n}'");
    }
    write("alembic.ini", "[alembic]\nscript_location = alembic\n")?;
    write(
        "alembic/env.py",
        "from alembic import context\nfrom sqlalchemy import create_engine\n\nurl = context.get_x_argument(as_dictionary=True)['url']\n\
         with create_engine(url).connect() as connection:\n    context.configure(connection=connection, transaction_per_migration=True)\n\
         \x20   with context.begin_transaction():\n        context.run_migrations()\n",
    )
}
