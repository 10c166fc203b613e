//! `review --measure`: a revision run on a scratch database with rows, statement by statement; the
//! locks that it really takes (PostgreSQL, and MariaDB where its plugin tells them), how MySQL and MariaDB
//! change a table, the tables that are written anew and the times. What the review says of them is put
//! beside in `beside.rs`.

mod beside;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::chain::{Chain, Revision};
use crate::commands::view;
use crate::context::Context;
use crate::db::Database;
use crate::db::introspect::introspect;
use crate::db::metadata_locks::{INSTALL, MetadataLocks, Seen};
use crate::db::online::{self, Online};
use crate::db::probe::Tables;
use crate::db::scratch::Scratch;
use crate::db::seed::seed;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::layout::Group;
use crate::place::line_at;
use crate::project::Project;
use crate::replay::action::actions;
use crate::review::report::Entry;
use crate::runner::{Direction, run_unrecorded, set_up};
use crate::sql;
use crate::words::counted;

/// What a statement did.
#[derive(Debug, Default, Serialize)]
pub(super) struct Measured {
    line: u32,
    /// How it begins.
    statement: String,
    millis: f64,
    /// The strongest lock on each table that was there before: on PostgreSQL and MariaDB in a transaction, and
    /// on MariaDB before a statement takes a table for itself.
    locks: BTreeMap<String, String>,
    /// Those that it meets held already, by statements before it.
    still_held: BTreeMap<String, String>,
    /// MariaDB: whether it waits for transactions that have read the tables.
    waits_for_readers: bool,
    /// MySQL and MariaDB: how the server changes the table.
    online: Option<Online>,
    rewritten: Vec<String>,
    /// What the review says of its lock.
    expected: Vec<String>,
    /// Where the server does otherwise.
    differs: Vec<String>,
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
        if found.is_empty() && MetadataLocks::is_missing(db) {
            cx.ui.status(format!(
                "this server tells no metadata locks; to see them as well, as its administrator: {INSTALL}"
            ));
        }
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

/// A session with what tells about it.
struct Session<'a> {
    db: &'a mut Database,
    metadata: Option<MetadataLocks>,
    /// The tables before the first statement.
    before: Tables,
    in_transaction: bool,
}

fn run(db: &mut Database, text: &str, in_transaction: bool, entry: &Entry) -> Result<Vec<Measured>> {
    let before = Tables::now(db)?;
    let metadata = MetadataLocks::open(db);
    let mut session = Session { db, metadata, before, in_transaction };
    let mut found: Vec<Measured> = Vec::new();
    if in_transaction {
        session.db.execute("BEGIN")?;
    }
    let (mut held, mut last) = (BTreeMap::new(), session.before.clone());
    for statement in sql::statements(session.db.dialect(), text)? {
        let line = line_at(text, statement.offset);
        let mut one = session.statement(line, statement.text);
        if one.error.is_none() {
            let now = Tables::now(session.db)?;
            one.rewritten = last.rewritten(&now);
            // SQLite's way to change a table: another one gets its name.
            let known = |table: &String| found.iter().any(|other| other.rewritten.contains(table));
            let renamed = session.before.rewritten(&now).into_iter().filter(|table| !known(table));
            let renamed: Vec<String> = renamed.filter(|table| !one.rewritten.contains(table)).collect();
            one.rewritten.extend(renamed);
            // A transaction keeps its locks: this statement's are those that are new.
            let all = session.locks()?;
            let (old, new): (Vec<_>, Vec<_>) =
                all.clone().into_iter().partition(|(table, mode)| held.get(table) == Some(mode));
            one.locks.extend(new);
            one.still_held = old.into_iter().collect();
            (held, last) = (all, now);
            beside::compare(&mut one, entry, session.in_transaction, session.db)?;
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

impl Session<'_> {
    /// Runs a statement; on MySQL and MariaDB in the least way that the server accepts.
    fn statement(&mut self, line: u32, text: &str) -> Measured {
        let Self { db, metadata, before, .. } = self;
        let (mut took, mut seen) = (Duration::ZERO, Seen::default());
        let is_mysql = db.dialect() == Dialect::Mysql;
        let acts = actions(db.dialect(), text);
        let names = acts.iter().filter(|act| act.is_ddl()).filter_map(|act| Some(act.table()?.name.as_str()));
        let tables: Vec<&str> = names.filter(|name| before.names.values().any(|known| known == name)).collect();
        let mut once = |sql: &str| {
            let began = Instant::now();
            let ran;
            (ran, seen) = match metadata {
                Some(metadata) if !tables.is_empty() => metadata.during(&tables, || db.execute(sql)),
                _ => (db.execute(sql), Seen::default()),
            };
            took = began.elapsed().saturating_sub(seen.waited.unwrap_or_default());
            ran
        };
        let ran = if is_mysql { online::run(text, &mut once) } else { once(text).map(|()| None) };
        Measured {
            line,
            statement: text.split_whitespace().take(8).collect::<Vec<_>>().join(" "),
            millis: millis(took),
            waits_for_readers: seen.waited.is_some(),
            locks: std::mem::take(&mut seen.locks),
            still_held: BTreeMap::new(),
            online: ran.as_ref().ok().copied().flatten(),
            rewritten: Vec::new(),
            expected: Vec::new(),
            differs: Vec::new(),
            error: ran.err().map(|error: Error| error.to_string()),
        }
    }

    /// The locks that its transaction holds, those left out that only keep others from taking a table.
    fn locks(&mut self) -> Result<BTreeMap<String, String>> {
        let mut all = match (self.db.dialect(), &mut self.metadata) {
            _ if !self.in_transaction => BTreeMap::new(),
            (Dialect::Postgres, _) => {
                self.before.locks(self.db)?.into_iter().map(|(table, mode)| (table, mode.to_owned())).collect()
            }
            (_, Some(metadata)) => metadata.held(),
            _ => BTreeMap::new(),
        };
        all.retain(|_, mode| !matches!(mode.as_str(), "ACCESS SHARE" | "SHARED_READ"));
        Ok(all)
    }
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
            if let Some(online) = &statement.online {
                cx.ui.line(format!("        the server: {}", online.describe()))?;
            }
            let waits = if statement.waits_for_readers { ", and waits for whoever has read it" } else { "" };
            for (table, mode) in &statement.locks {
                cx.ui.line(format!("        took: {mode} on {table}{waits}"))?;
            }
            for (table, mode) in &statement.still_held {
                cx.ui.line(format!("        still held: {mode} on {table}"))?;
            }
            for table in &statement.rewritten {
                cx.ui.line(format!("        wrote anew: {table}"))?;
            }
            for expected in &statement.expected {
                cx.ui.line(format!("        expected: {expected}"))?;
            }
            for differs in &statement.differs {
                cx.ui.line(format!("        differs: {differs}"))?;
            }
        }
    }
    Ok(())
}
