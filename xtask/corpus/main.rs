//! The replay against real engines, on checkouts of other people's projects: a chain is applied on
//! the engine and in memory, revision by revision, and what the engine then says of itself is
//! compared with the replayed catalog, object by object. `cargo xtask corpus` starts the servers.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a chore talks to the person who runs it")]
#![allow(clippy::disallowed_methods, reason = "a chore is its own outermost layer")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use ops_migrate::catalog::Catalog;
use ops_migrate::chain::{Chain, Content};
use ops_migrate::commands::view;
use ops_migrate::db::introspect::introspect;
use ops_migrate::db::scratch::Scratch;
use ops_migrate::db::{Database, DatabaseUrl};
use ops_migrate::dialect::Dialect;
use ops_migrate::error::Error;
use ops_migrate::layout::Group;
use ops_migrate::project::{Options, Project};
use ops_migrate::proof::agreement;
use ops_migrate::replay;
use ops_migrate::runner::{self, Direction};

/// What was found about one chain.
#[derive(Default)]
struct Row {
    revisions: usize,
    equal: usize,
    different: usize,
    uncertain: usize,
    /// The revision that the engine refuses, and its words.
    stopped: Option<String>,
}

/// The server of a dialect, from the variable in which the tests look for it.
fn server(dialect: Dialect) -> Result<Option<DatabaseUrl>, String> {
    let variable = match dialect {
        Dialect::Sqlite => return Ok(None),
        Dialect::Postgres => "OPS_MIGRATE_TEST_POSTGRES",
        Dialect::Mysql => "OPS_MIGRATE_TEST_MYSQL",
    };
    let url = std::env::var(variable).map_err(|_| format!("{variable} names no server: run `cargo xtask corpus`"))?;
    DatabaseUrl::parse(&url).map(Some).map_err(|error| error.to_string())
}

fn main() -> ExitCode {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    match run(&paths) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("corpus: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Compares every chain of each project and prints a table.
fn run(paths: &[String]) -> Result<(), String> {
    let vars: BTreeMap<String, String> = std::env::vars().filter(|(name, _)| name != "DATABASE_URL").collect();
    let mut rows = Vec::new();
    for path in paths {
        let path = std::path::absolute(path).map_err(|error| error.to_string())?;
        // No database of the project's own may be asked, or written to.
        let options = Options { database_url: Some(":memory:".to_owned()), ..Options::default() };
        let project = Project::discover(&path, &vars, &options).map_err(|error| error.to_string())?;
        for group in &project.layout.groups {
            let url = server(group.dialect)?;
            let name = format!("{}, {} ({})", shown(&path), group.directory, group.dialect);
            println!("\n== {name}");
            let row = compare(&project, group, url.as_ref()).map_err(|error| format!("{name}: {error}"))?;
            if let Some(stopped) = &row.stopped {
                println!("the engine stops at {stopped}");
            }
            rows.push((name, row));
        }
    }
    println!("\n| project and chain | revisions | objects compared | equal | different | uncertain |");
    println!("|---|---|---|---|---|---|");
    for (name, Row { revisions, equal, different, uncertain, .. }) in &rows {
        let all = equal + different + uncertain;
        println!("| {name} | {revisions} | {all} | {equal} | {different} | {uncertain} |");
    }
    Ok(())
}

fn shown(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

fn compare(project: &Project, group: &Group, url: Option<&DatabaseUrl>) -> Result<Row, Error> {
    let chain = Chain::load(&project.tree, &group.directory)?;
    let mut scratch = Scratch::create(url, group.dialect)?;
    let mut replayed = Catalog::empty(group.dialect);
    let (mut row, mut told) = (Row::default(), BTreeSet::new());
    for revision in chain.revisions() {
        let script = chain.up(&project.tree, revision)?;
        if script.content == Content::Statements {
            replay::apply(&mut replayed, &script.text, &script.file)?;
        }
        let mut steps = view::steps(&project.tree, &chain, &[revision], Direction::Up)?;
        // Projects switch it off before they run theirs, where a table comes after what references it; the
        // runner begins each step with a session as it should be.
        if group.dialect == Dialect::Mysql {
            steps.iter_mut().for_each(|step| step.sql.insert_str(0, "SET foreign_key_checks = 0;\n"));
        }
        if let Err(error) = apply(scratch.database(), &steps) {
            row.stopped = Some(format!("{}: {error}", revision.label()));
            break;
        }
        let found = agreement(&replayed, &introspect(scratch.database())?);
        row.revisions += 1;
        row.equal += found.equal;
        row.different += found.different.len();
        row.uncertain += found.uncertain;
        for line in found.different.into_iter().filter(|line| told.insert(line.clone())) {
            println!("{}: {line}", revision.label());
        }
    }
    for doubt in &replayed.uncertain {
        println!("uncertain at {}: {}", doubt.at, doubt.reason);
    }
    Ok(row)
}

fn apply(database: &mut Database, steps: &[runner::Step]) -> Result<(), Error> {
    let mut quiet = |_: runner::Event<'_>| {};
    let options = runner::Options::new(Duration::from_secs(10), &mut quiet);
    runner::run(database, steps, options)
}
