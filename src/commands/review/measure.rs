//! `review --measure`: a revision run on a scratch database with rows, statement by statement; the
//! locks that it really takes (PostgreSQL), the tables that it writes anew and its times, beside what the
//! review says of them.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::chain::{Chain, Revision};
use crate::commands::view;
use crate::context::Context;
use crate::db::Database;
use crate::db::introspect::introspect;
use crate::db::probe::Tables;
use crate::db::scratch::Scratch;
use crate::db::seed::seed;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::layout::Group;
use crate::place::line_at;
use crate::project::Project;
use crate::review::report::Entry;
use crate::runner::{Direction, run_unrecorded, set_up};
use crate::sql;
use crate::words::counted;

/// What a statement did.
#[derive(Debug, Serialize)]
pub(super) struct Measured {
    line: u32,
    /// How it begins.
    statement: String,
    millis: f64,
    /// The strongest lock on each table that was there before, on PostgreSQL in a transaction.
    locks: BTreeMap<String, String>,
    /// Those that it meets held already, by statements before it.
    still_held: BTreeMap<String, String>,
    rewritten: Vec<String>,
    /// What the review says of its lock.
    expected: Vec<String>,
    /// Why it failed: the statements after it did not run.
    error: Option<String>,
}

/// A revision that was run.
#[derive(Debug, Serialize)]
pub(super) struct MeasuredRevision {
    directory: String,
    seeded_tables: usize,
    statements: Vec<Measured>,
}

/// Runs revisions under review, each on a scratch database of its own.
///
/// # Errors
/// Where there is no server, the chain cannot be read, or a revision before fails.
pub(super) fn measure(
    project: &Project,
    group: &Group,
    chain: &Chain,
    entries: &[Entry],
    cx: &mut Context,
) -> Result<Vec<MeasuredRevision>> {
    let url = project.database.as_ref().map(|(url, _)| url).filter(|url| url.dialect() == group.dialect);
    let mut found = Vec::new();
    for entry in entries {
        let Some(revision) = chain.revisions().iter().find(|r| r.directory == entry.reviewed.directory) else {
            continue;
        };
        cx.ui.status(format!("{}: runs on a scratch database", entry.directory));
        let before: Vec<&Revision> =
            chain.ancestors(&revision.id).into_iter().filter(|r| r.id != revision.id).collect();
        let mut scratch = Scratch::create(url, group.dialect)?;
        let db = scratch.database();
        set_up(db)?;
        for step in view::steps(&project.tree, chain, &before, Direction::Up)? {
            run_unrecorded(db, &step)?;
        }
        let catalog = introspect(db)?;
        let seeded = seed(db, &catalog)?.tables.len();
        let text = chain.up_sql(&project.tree, revision)?;
        let statements = run(db, &text, revision.run_in_transaction, entry)?;
        found.push(MeasuredRevision { directory: entry.directory.clone(), seeded_tables: seeded, statements });
    }
    Ok(found)
}

fn run(db: &mut Database, text: &str, in_transaction: bool, entry: &Entry) -> Result<Vec<Measured>> {
    let has_locks = db.dialect() == Dialect::Postgres;
    let before = Tables::now(db)?;
    let mut found: Vec<Measured> = Vec::new();
    if in_transaction {
        db.execute("BEGIN")?;
    }
    let (mut held, mut last) = (BTreeMap::new(), before.clone());
    for statement in sql::statements(db.dialect(), text)? {
        let line = line_at(text, statement.offset);
        let began = Instant::now();
        let error = db.execute(statement.text).err().map(|error: Error| error.to_string());
        let took = began.elapsed();
        let mut one = Measured {
            line,
            statement: statement.text.split_whitespace().take(8).collect::<Vec<_>>().join(" "),
            millis: millis(took),
            locks: BTreeMap::new(),
            still_held: BTreeMap::new(),
            rewritten: Vec::new(),
            expected: entry.reviewed.locks.iter().filter(|(at, _)| *at == line).map(|(_, l)| l.describe()).collect(),
            error,
        };
        if one.error.is_none() {
            let now = Tables::now(db)?;
            one.rewritten = last.rewritten(&now);
            // SQLite's way to change a table: another one gets its name.
            let known = |table: &String| found.iter().any(|other| other.rewritten.contains(table));
            let renamed = before.rewritten(&now).into_iter().filter(|table| !known(table));
            let renamed: Vec<String> = renamed.filter(|table| !one.rewritten.contains(table)).collect();
            one.rewritten.extend(renamed);
            // A transaction keeps its locks: this statement's are those that are new.
            let all = if in_transaction && has_locks { before.locks(db)? } else { BTreeMap::new() };
            let strong = all.iter().filter(|(_, mode)| **mode != "ACCESS SHARE");
            let (old, new): (Vec<_>, Vec<_>) = strong.partition(|(table, mode)| held.get(*table) == Some(*mode));
            let by_name = |(table, mode): (&String, &&'static str)| (table.clone(), (*mode).to_owned());
            one.locks = new.into_iter().map(by_name).collect();
            one.still_held = old.into_iter().map(by_name).collect();
            (held, last) = (all, now);
        }
        let failed = one.error.is_some();
        found.push(one);
        if failed {
            break;
        }
    }
    // The scratch database goes anyway.
    Ok(found)
}

fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e5).round() / 100.0
}

/// For people.
pub(super) fn tell(measured: &[MeasuredRevision], cx: &mut Context) -> Result<()> {
    for one in measured {
        let rows = counted(one.seeded_tables, "table");
        cx.ui.line(format!("Measured {} ({rows} with a few rows):", one.directory))?;
        for statement in &one.statements {
            cx.ui.line(format!("  {:>4}: {:>8.2} ms  {}", statement.line, statement.millis, statement.statement))?;
            if let Some(error) = &statement.error {
                cx.ui.line(format!("        failed: {error}"))?;
            }
            for (table, mode) in &statement.locks {
                cx.ui.line(format!("        took: {mode} on {table}"))?;
            }
            for (table, mode) in &statement.still_held {
                cx.ui.line(format!("        still held: {mode} on {table}"))?;
            }
            for table in &statement.rewritten {
                cx.ui.line(format!("        wrote anew: {table}"))?;
            }
            for lock in &statement.expected {
                cx.ui.line(format!("        expected: {lock}"))?;
            }
        }
    }
    Ok(())
}
