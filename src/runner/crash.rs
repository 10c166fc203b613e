//! What becomes of a run that ended without a word: the database itself tells how most of them
//! went; of the others a person has to tell, after a look at the schema.

use std::time::Duration;

use super::{Event, set_up};
use crate::db::ledger::{self, Direction, Entry, Outcome, State};
use crate::db::lock::Lock;
use crate::db::{DIESEL_TABLE, Database};
use crate::dialect::Dialect;
use crate::error::{Error, Kind, Result};

/// Ends the rows of crashed runs where the database tells how they went.
pub(super) fn settle(db: &mut Database, on_event: &mut dyn FnMut(Event<'_>)) -> Result<()> {
    for entry in ledger::unfinished(db)? {
        let Some(outcome) = told_by_database(&entry, db.is_applied(&entry.version)?) else {
            return Err(in_doubt(&entry));
        };
        ledger::finish(db, entry.id, &outcome)?;
        on_event(Event::Settled { name: &entry.name, how: how(&outcome) });
    }
    Ok(())
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
pub fn told_by_database(entry: &Entry, applied: bool) -> Option<Outcome> {
    match (entry.direction, applied) {
        (Direction::Up, true) => Some(Outcome::Applied(Duration::ZERO)),
        (Direction::Down, false) => Some(Outcome::Reverted(Duration::ZERO)),
        _ if entry.in_transaction => {
            Some(Outcome::Failed(Duration::ZERO, "the run was interrupted; the database rolled it back".to_owned()))
        }
        _ => None,
    }
}

fn in_doubt(entry: &Entry) -> Error {
    let (name, way, began) = (&entry.name, entry.direction.as_str(), &entry.started_at);
    let how = match (entry.state, &entry.error) {
        (State::Halfway, Some(error)) => format!("failed ({error}), and the database did not undo it"),
        _ => "ended without a word, and it had no transaction".to_owned(),
    };
    Error::new(
        Kind::NeedsResolve,
        format!("a run of {name} ({way}) that began at {began} {how}: parts of it may be in place"),
    )
    .hint(format!(
        "compare the schema with {way}.sql and mend it by hand; then, where all of the revision is in place: \
         cargo ops-migrate resolve {version} --applied; where nothing of it is: \
         cargo ops-migrate resolve {version} --rolled-back",
        version = entry.version
    ))
}

/// What a person found in the database about a revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// All of the revision is in place.
    Applied,
    /// Nothing of it is.
    RolledBack,
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
    /// How the ledger's row will end.
    pub outcome: Outcome,
}

impl Resolution {
    /// Works out what has to be written about a run that never ended.
    ///
    /// # Errors
    /// `Undecided` where the database itself proves the opposite of what was found.
    pub fn new(entry: Entry, found: Found, applied: bool) -> Result<Self> {
        let outcome = match (entry.direction, found) {
            (Direction::Up, Found::Applied) => Outcome::Applied(Duration::ZERO),
            (Direction::Down, Found::RolledBack) => Outcome::Reverted(Duration::ZERO),
            _ => Outcome::Failed(Duration::ZERO, "the run was interrupted; resolved by hand".to_owned()),
        };
        let proof = told_by_database(&entry, applied);
        if let Some(proof) = proof.filter(|proof| how(proof) != how(&outcome)) {
            return Err(Error::undecided(format!("the database itself tells of {}: {}", entry.name, how(&proof)))
                .hint("the next `cargo ops-migrate upgrade` records that"));
        }
        let diesel_row = match (found, applied) {
            (Found::Applied, false) => DieselRow::Write,
            (Found::RolledBack, true) => DieselRow::Delete,
            _ => DieselRow::Leave,
        };
        Ok(Self { entry, diesel_row, outcome })
    }

    /// Writes both tables at once, under the runners' lock.
    ///
    /// # Errors
    /// `Locked` while another runner works (then nothing has crashed); `Undecided` where somebody
    /// else was faster; `Database` where the tables cannot be written.
    pub fn write(&self, db: &mut Database, lock_wait: Duration) -> Result<()> {
        let mut db = Lock::acquire(db, lock_wait)?;
        set_up(&mut db)?;
        if !ledger::unfinished(&mut db)?.contains(&self.entry) {
            return Err(Error::undecided(format!("somebody else has settled {} meanwhile", self.entry.name)));
        }
        let begin = if db.dialect() == Dialect::Sqlite { "BEGIN IMMEDIATE" } else { "BEGIN" };
        db.execute(begin)?;
        let written = self.write_rows(&mut db).and_then(|()| db.execute("COMMIT"));
        if written.is_err() {
            // An error means that there is no transaction any more.
            let _ = db.execute("ROLLBACK");
        }
        written
    }

    fn write_rows(&self, db: &mut Database) -> Result<()> {
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
        ledger::finish(db, self.entry.id, &self.outcome)
    }
}
