//! What becomes of a run that ended without a word: the database and the journal tell how most of
//! them went, and the next run goes on; of the others a person has to tell, after a look at the
//! schema.

use std::collections::HashSet;
use std::time::Duration;

use super::batch;
use super::books::Books;
use super::by_statement::{self, Progress};
use super::course::{Row as Begin, lock, make_tables, recorded, refuse_pooled};
use super::failure::settle_statement;
use super::texts::{Reader, full};
use super::{Event, Step};
use crate::db::ledger::journal::{Journal, Row};
use crate::db::ledger::{self, Direction, Entry, Outcome, State};
use crate::db::lock::Lock;
use crate::db::{DIESEL_TABLE, Database};
use crate::error::{Error, Kind, Result};

/// What the next run will do about a run that ended without a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Prospect {
    /// The database itself tells how it went: that will be recorded.
    Certain(Outcome),
    /// It goes on behind what is in place.
    Resumes(Progress),
    /// A person has to tell; with the journal's reason, where one was kept.
    Doubt(Option<Progress>),
}

/// What the next run will do about an open row; `step` is its revision as the files have it now.
///
/// # Errors
/// `Database` with the engine's own words.
pub fn prospect(db: &mut Database, entry: &Entry, applied: bool, step: Option<&Step>) -> Result<Prospect> {
    if let Some(outcome) = told_by_database(entry, applied) {
        return Ok(Prospect::Certain(outcome));
    }
    if entry.units.is_some() && Journal::of(db, entry.id)?.rows(db)?.is_empty() {
        let words = "the run was interrupted before anything of it was in place";
        return Ok(Prospect::Certain(Outcome::Failed(Duration::ZERO, words.to_owned())));
    }
    let of_ledger = of_ledger(entry);
    let texts = step.into_iter().chain(of_ledger.iter().flatten());
    let mut last = None;
    for step in texts {
        match by_statement::progress(db, entry, step)? {
            Some(progress) if progress.doubt.is_none() => return Ok(Prospect::Resumes(progress)),
            other => last = last.or(other),
        }
    }
    Ok(Prospect::Doubt(last))
}

/// The way back of a revision as the ledger has it.
pub fn way_back(entry: &Entry, in_transaction: bool) -> Step {
    Step {
        version: entry.version.clone(),
        name: entry.name.clone(),
        revision: entry.revision.clone(),
        direction: Direction::Down,
        sql: entry.down_sql.clone(),
        file: format!("{}/down.sql (as the ledger has it)", entry.name),
        down_sql: entry.down_sql.clone(),
        checksum_up: entry.checksum_up.clone(),
        checksum_down: entry.checksum_down.clone(),
        in_transaction,
        batch: None,
        is_outline: false,
    }
}

/// The same for a way back that was begun, with either mode: which one it ran in is not kept.
fn of_ledger(entry: &Entry) -> Option<[Step; 2]> {
    let is_open = entry.direction == Direction::Down && entry.units.is_some();
    is_open.then(|| [true, false].map(|in_transaction| way_back(entry, in_transaction)))
}

/// The runners' lock over a database in which no run is half done, with the tables to write into: from
/// here on those write who apply nothing.
///
/// # Errors
/// `Locked` while another runner works; `NeedsResolve` where a crashed run left a step half done.
pub(super) fn settled<'a>(
    db: &'a mut Database,
    wait: Duration,
    on_event: &mut dyn FnMut(Event<'_>),
) -> Result<Lock<'a>> {
    let mut db = lock(db, wait, on_event)?;
    make_tables(&mut db)?;
    settle(&mut db, &[], None, on_event)?;
    Ok(db)
}

/// Ends the rows of crashed runs where the database tells how they went; the versions of those that
/// the plan goes on with, and their rows. A way back that was begun is gone to its end first.
pub(super) fn settle(
    db: &mut Database,
    plan: &[Step],
    texts: Option<Reader<'_>>,
    on_event: &mut dyn FnMut(Event<'_>),
) -> Result<Vec<(String, i64)>> {
    let mut open = Vec::new();
    if db.guard.is_none() {
        settle_each(db, (plan, texts), &mut open, on_event)?;
    } else {
        // Without the lock a run of this moment may end between two looks.
        db.atomically(|db| settle_each(db, (plan, texts), &mut open, on_event))?;
    }
    Ok(open)
}

/// What the plan goes on with is added to `open`.
fn settle_each(
    db: &mut Database,
    (plan, texts): (&[Step], Option<Reader<'_>>),
    open: &mut Vec<(String, i64)>,
    on_event: &mut dyn FnMut(Event<'_>),
) -> Result<()> {
    let all = ledger::unfinished(db)?;
    let mut applied = HashSet::new();
    for entry in &all {
        if db.is_applied(&entry.version)? {
            applied.insert(entry.version.as_str());
        }
    }
    let ends = ledger::of_ends(&all, &|version| applied.contains(version));
    for entry in &all {
        let step = plan.iter().find(|step| step.version == entry.version && step.direction == entry.direction);
        let text = step.filter(|_| entry.units.is_some()).map(|step| full(step, texts)).transpose()?;
        let is_told = ends.iter().any(|end| end.id == entry.id);
        match prospect(db, entry, applied.contains(entry.version.as_str()), text.as_deref())? {
            // Behind a pooler it may be a run of this moment: it tells itself, or a later run does.
            Prospect::Certain(Outcome::Failed(..)) if db.guard.is_some() => {}
            // Written ahead, and never begun.
            Prospect::Certain(Outcome::Failed(..)) if !is_told => ledger::discard(db, entry.id)?,
            Prospect::Certain(outcome) => {
                ledger::finish(db, entry.id, &outcome)?;
                if is_told {
                    on_event(Event::Settled { name: &entry.name, how: how(&outcome) });
                }
            }
            Prospect::Resumes(Progress { done, total, .. }) => {
                on_event(Event::Resumed { name: &entry.name, done, total });
                if step.is_some() {
                    open.push((entry.version.clone(), entry.id));
                } else {
                    end_the_way_back(db, entry, plan, on_event)?;
                }
            }
            Prospect::Doubt(_) if step.is_none() && entry.units.is_some() && entry.direction == Direction::Up => {
                return Err(elsewhere(entry));
            }
            Prospect::Doubt(progress) => return Err(in_doubt(entry, progress.as_ref())),
        }
    }
    Ok(())
}

/// Goes on with a way back that this run did not plan; a plan that goes up was made for another
/// state, and ends here.
fn end_the_way_back(
    db: &mut Database,
    entry: &Entry,
    plan: &[Step],
    on_event: &mut dyn FnMut(Event<'_>),
) -> Result<()> {
    let texts = of_ledger(entry).into_iter().flatten();
    for step in texts {
        let fits = by_statement::progress(db, entry, &step)?.is_some_and(|progress| progress.doubt.is_none());
        if fits {
            if db.guard.is_some() {
                refuse_pooled(db, &step)?;
            }
            recorded(
                db,
                &step,
                &entry.run_id,
                Begin::Again(entry.id),
                (&Books::new(), &[]),
                &mut batch::Wishes::none(&mut |_| {}),
            )
            .map_err(|stopped| *stopped.error)?;
            on_event(Event::Settled { name: &entry.name, how: "it was reverted" });
            break;
        }
    }
    if plan.iter().any(|step| step.direction == Direction::Up) {
        let text =
            format!("a rollback of {} had been interrupted; it is complete now, and nothing was applied", entry.name);
        return Err(Error::new(Kind::Change, text).hint("to apply it again: cargo ops-migrate upgrade"));
    }
    Ok(())
}

fn elsewhere(entry: &Entry) -> Error {
    Error::new(Kind::NeedsResolve, format!("{} is half applied: its run was interrupted", entry.name))
        .hint(format!("this goes on with it: cargo ops-migrate upgrade {}", entry.version))
        .hint(format!(
            "or undo by hand what is in place, then: cargo ops-migrate resolve {} --rolled-back",
            entry.version
        ))
}

fn how(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Applied(_) => "it was applied",
        Outcome::Reverted(_) => "it was reverted",
        Outcome::Failed(..) => "it was rolled back",
        Outcome::Halfway(..) => "it failed halfway",
    }
}

/// How a run went that wrote no end, where that is certain. Diesel writes its row after the text
/// has run, so a row there (or its absence after a revert) is proof; without it only a transaction
/// proves that nothing is left.
fn told_by_database(entry: &Entry, applied: bool) -> Option<Outcome> {
    match (entry.direction, applied) {
        (Direction::Up, true) => Some(Outcome::Applied(Duration::ZERO)),
        (Direction::Down, false) => Some(Outcome::Reverted(Duration::ZERO)),
        _ if entry.in_transaction => {
            Some(Outcome::Failed(Duration::ZERO, "the run was interrupted; the database rolled it back".to_owned()))
        }
        _ => None,
    }
}

fn in_doubt(entry: &Entry, progress: Option<&Progress>) -> Error {
    let (name, way, began) = (&entry.name, entry.direction.as_str(), &entry.started_at);
    let how = match (entry.state, &entry.error) {
        (State::Halfway, Some(error)) => format!("failed ({error}), and the database did not undo it"),
        _ if entry.units.is_some() => "was interrupted".to_owned(),
        _ => "ended without a word, and it had no transaction".to_owned(),
    };
    let mut message = format!("a run of {name} ({way}) that began at {began} {how}: parts of it may be in place");
    let version = &entry.version;
    let doubt = progress.and_then(|progress| Some((progress, progress.doubt.as_ref()?)));
    if let Some((Progress { done, total, .. }, doubt)) = doubt {
        message = format!("{message}; {done} of {total} statements are; {doubt}");
    }
    let mut error = Error::new(Kind::NeedsResolve, message);
    if doubt.is_some_and(|(_, doubt)| doubt.contains("was begun")) {
        error = error.hint(settle_statement(version));
    }
    error.hint(format!(
        "compare the schema with {way}.sql and mend it by hand; then, where all of the revision is in place: \
         cargo ops-migrate resolve {version} --applied; where nothing of it is: \
         cargo ops-migrate resolve {version} --rolled-back"
    ))
}

/// What a person found in the database about a revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// All of the revision is in place.
    Applied,
    /// Nothing of it is.
    RolledBack,
    /// The statement took effect of which nobody can tell: the next run goes on behind it.
    StatementDone,
    /// It did not: the next run goes on with it.
    StatementUndone,
}

/// What is done with the row that Diesel keeps of a revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DieselRow {
    Write,
    Delete,
    /// It says the right thing already.
    Leave,
}

/// How the bookkeeping is brought in line with what a person found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    pub entry: Entry,
    pub diesel_row: DieselRow,
    /// How the ledger's row will end; `None` where the next run goes on with it.
    pub outcome: Option<Outcome>,
    /// The statement that was settled by itself: whether it took effect.
    pub statement: Option<bool>,
}

impl Resolution {
    /// Works out what has to be written about a run that never ended.
    ///
    /// # Errors
    /// `Undecided` where the database itself proves the opposite of what was found.
    pub fn new(entry: Entry, found: Found, applied: bool) -> Result<Self> {
        let statement = match found {
            Found::StatementDone => Some(true),
            Found::StatementUndone => Some(false),
            Found::Applied | Found::RolledBack => None,
        };
        if statement.is_some() && entry.units.is_some() && told_by_database(&entry, applied).is_none() {
            return Ok(Self { entry, diesel_row: DieselRow::Leave, outcome: None, statement });
        }
        let outcome = match (entry.direction, found) {
            (Direction::Up, Found::Applied) => Outcome::Applied(Duration::ZERO),
            (Direction::Down, Found::RolledBack) => Outcome::Reverted(Duration::ZERO),
            _ => Outcome::Failed(Duration::ZERO, "the run was interrupted; resolved by hand".to_owned()),
        };
        let proof = told_by_database(&entry, applied);
        if let Some(proof) = proof.filter(|proof| statement.is_some() || how(proof) != how(&outcome)) {
            return Err(Error::undecided(format!("the database itself tells of {}: {}", entry.name, how(&proof)))
                .hint("the next `cargo ops-migrate upgrade` records that"));
        }
        let diesel_row = match (found, applied) {
            (Found::Applied, false) => DieselRow::Write,
            (Found::RolledBack, true) => DieselRow::Delete,
            _ => DieselRow::Leave,
        };
        if statement.is_some() {
            return Err(Error::undecided(format!("no journal was kept of the run of {}", entry.name))
                .hint("say how the whole of it ended: --applied or --rolled-back"));
        }
        Ok(Self { entry, diesel_row, outcome: Some(outcome), statement: None })
    }

    /// Writes both tables at once, under the runners' lock.
    ///
    /// # Errors
    /// `Locked` while another runner works (then nothing has crashed); `Undecided` where somebody
    /// else was faster; `Database` where the tables cannot be written.
    pub fn write(&self, db: &mut Database, lock_wait: Duration, on_event: &mut dyn FnMut(Event<'_>)) -> Result<()> {
        let mut db = lock(db, lock_wait, on_event)?;
        make_tables(&mut db)?;
        db.atomically(|db| self.write_rows(db))
    }

    fn write_rows(&self, db: &mut Database) -> Result<()> {
        if !ledger::unfinished(db)?.contains(&self.entry) {
            return Err(Error::undecided(format!("somebody else has settled {} meanwhile", self.entry.name)));
        }
        if let Some(done) = self.statement {
            return self.write_statement(db, done);
        }
        let version = [Some(self.entry.version.as_str())];
        match self.diesel_row {
            DieselRow::Write => {
                db.execute_with(&format!("INSERT INTO {DIESEL_TABLE} (version) VALUES ($1)"), &version)?
            }
            DieselRow::Delete => {
                db.execute_with(&format!("DELETE FROM {DIESEL_TABLE} WHERE version = $1"), &version)?
            }
            DieselRow::Leave => 0,
        };
        self.outcome.as_ref().map_or(Ok(()), |outcome| ledger::finish(db, self.entry.id, outcome))
    }

    fn write_statement(&self, db: &mut Database, done: bool) -> Result<()> {
        let journal = Journal::of(db, self.entry.id)?;
        let Some(row) = journal.rows(db)?.into_iter().find(|row| !row.done) else {
            return Err(Error::undecided(format!("no statement of {} is in doubt", self.entry.name))
                .hint("say how the whole of it ended: --applied or --rolled-back"));
        };
        if done { journal.done(db, row.unit) } else { journal.forget(db, row.unit) }
    }
}

/// What the journal says about an open row, in the order of its statements.
///
/// # Errors
/// `Database` with the engine's own words.
pub fn journal(db: &mut Database, entry: &Entry) -> Result<Vec<Row>> {
    if entry.units.is_none() {
        return Ok(Vec::new());
    }
    Journal::of(db, entry.id)?.rows(db)
}
