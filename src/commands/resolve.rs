//! `resolve`: settles a run that ended without a word, by what a person found in the database.

use clap::Args;

use super::apply::{self, LockWait};
use super::{project, view};
use crate::cli::Global;
use crate::context::Context;
use crate::db::ledger::journal::Row;
use crate::db::ledger::{self, Entry};
use crate::error::{Error, Outcome, Result};
use crate::runner::{DieselRow, Found, Resolution, journal};

/// Settle a run that crashed halfway, after a look at the database.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("found").required(true))]
pub struct Resolve {
    /// The revision that `status` names: its version, id or directory, or the start of one
    pub revision: String,
    /// All of the revision is in place
    #[arg(long, group = "found")]
    pub applied: bool,
    /// Nothing of the revision is in place
    #[arg(long, group = "found")]
    pub rolled_back: bool,
    /// The statement in doubt took effect: the next upgrade goes on behind it
    #[arg(long, group = "found")]
    pub statement_done: bool,
    /// The statement in doubt did not take effect: the next upgrade goes on with it
    #[arg(long, group = "found")]
    pub statement_undone: bool,
    /// Show what would be recorded, and do nothing
    #[arg(long)]
    pub plan: bool,
    /// Do not ask for confirmations
    #[arg(short, long)]
    pub yes: bool,
    #[command(flatten)]
    pub lock: LockWait,
}

impl Resolve {
    /// Runs the command. It writes no schema: only Diesel's table and the ledger.
    ///
    /// # Errors
    /// Where no such run is open, the database proves the opposite, nobody agreed, or another
    /// runner holds the lock.
    pub fn run(&self, global: &Global, cx: &mut Context) -> Result<Outcome> {
        let project = project(cx, global)?;
        let mut database = view::open_for_reading(&project)?;
        let entry = open_run(&ledger::unfinished(&mut database)?, &self.revision)?.clone();
        let applied = view::applied_versions(&mut database)?.contains(&entry.version);
        let rows = journal(&mut database, &entry)?;
        drop(database);
        let resolution = Resolution::new(entry, self.found(), applied)?;
        tell(&resolution, &rows, cx)?;
        if self.plan {
            return Ok(Outcome::Fine);
        }
        view::agree(self.yes, &view::RECORD, cx)?;
        let mut database = view::open_for_writing(&project)?;
        apply::telling(cx, apply::tell_beside, |on_event| {
            resolution.write(&mut database, self.lock.duration(), on_event)
        })?;
        cx.ui.line(format!("Settled {}.", resolution.entry.name))?;
        Ok(Outcome::Fine)
    }

    fn found(&self) -> Found {
        if self.statement_done {
            Found::StatementDone
        } else if self.statement_undone {
            Found::StatementUndone
        } else if self.applied {
            Found::Applied
        } else {
            Found::RolledBack
        }
    }
}

/// The run that the user means.
fn open_run<'a>(open: &'a [Entry], text: &str) -> Result<&'a Entry> {
    let mut found: Vec<&Entry> = open.iter().filter(|entry| has_name(entry, |name| name == text)).collect();
    if found.is_empty() {
        found = open.iter().filter(|entry| has_name(entry, |name| name.starts_with(text))).collect();
    }
    let list = |entries: &[&Entry]| entries.iter().map(|e| e.name.as_str()).collect::<Vec<_>>().join(", ");
    match found.as_slice() {
        [one] => Ok(one),
        [] if open.is_empty() => Err(Error::undecided("no run has crashed: there is nothing to resolve")),
        [] => Err(Error::undecided(format!("no run of `{text}` has crashed"))
            .hint(format!("open are: {}", list(&open.iter().collect::<Vec<_>>())))),
        several => Err(Error::undecided(format!("`{text}` can be {}", list(several)))),
    }
}

fn has_name(entry: &Entry, test: impl Fn(&str) -> bool) -> bool {
    test(&entry.version) || test(&entry.name) || entry.revision.as_deref().is_some_and(test)
}

fn tell(resolution: &Resolution, rows: &[Row], cx: &mut Context) -> Result<()> {
    let entry = &resolution.entry;
    let ended = match (entry.state, &entry.error) {
        (ledger::State::Halfway, Some(error)) => format!("failed halfway: {error}"),
        _ => "never ended.".to_owned(),
    };
    cx.ui.line(format!(
        "{} ({}) was begun at {} by {} on {}, and {ended}",
        entry.name,
        entry.direction.as_str(),
        entry.started_at,
        entry.user_name,
        entry.host
    ))?;
    for row in rows {
        cx.ui.line(format!("  {}  {}", if row.done { "done " } else { "begun" }, row.statement))?;
    }
    let state = match &resolution.outcome {
        Some(ledger::Outcome::Applied(_)) => "applied",
        Some(ledger::Outcome::Reverted(_)) => "reverted",
        Some(ledger::Outcome::Failed(..) | ledger::Outcome::Halfway(..)) => "failed",
        None => "running",
    };
    cx.ui.line("This will be recorded:")?;
    if let (Some(done), Some(row)) = (resolution.statement, rows.iter().find(|row| !row.done)) {
        let what = if done { "is done" } else { "is yet to be done" };
        return cx.ui.line(format!("  `{}` {what}; the next upgrade goes on from there", row.statement));
    }
    cx.ui.line(format!("  {}: row {} is `{state}`", ledger::LEDGER_TABLE, entry.id))?;
    let version = &entry.version;
    let row = match resolution.diesel_row {
        DieselRow::Write => format!("version {version} is written: it counts as applied"),
        DieselRow::Delete => format!("version {version} is deleted: it counts as not applied"),
        DieselRow::Leave => format!("version {version} stays as it is"),
    };
    cx.ui.line(format!("  {}: {row}", crate::db::DIESEL_TABLE))
}
