//! A step that no transaction holds, statement by statement, with a journal: of a crash at any
//! point, the next run finds out how far the step got, and goes on there. What goes together is
//! decided in `units`, how a statement ended that nobody saw end in `evidence`.

mod evidence;
mod units;

use self::evidence::Verdict;
use self::units::{Kind, Unit, units};
use super::failure::{Failure, FileError};
use super::{Step, through_diesel};
use crate::db::Database;
use crate::db::ledger::Entry;
use crate::db::ledger::journal::{Journal, Row};
use crate::dialect::Dialect;
use crate::error::Result;
use crate::{failpoint, interrupt};

/// How much is sent at once, where statements are sent together; servers take 16 MB and more.
const PIECE: usize = 1 << 20;

/// Into how many units a step is divided.
pub(super) fn count(step: &Step, dialect: Dialect) -> usize {
    divided(step, dialect).map_or(0, |units| units.len())
}

/// Whether one transaction holds the whole of a step's text. MySQL ends a transaction at every
/// statement that changes the schema (MySQL manual 15.3.3).
pub(super) fn is_atomic(step: &Step, dialect: Dialect) -> bool {
    let about_rows = |units: Vec<Unit<'_>>| units.len() <= 1 && units.iter().all(|unit| unit.kind == Kind::Together);
    step.in_transaction && (dialect != Dialect::Mysql || divided(step, dialect).is_ok_and(about_rows))
}

/// A text about rows alone, in pieces that a server takes.
#[cfg(feature = "mysql")]
pub(super) fn pieces(step: &Step) -> Vec<&str> {
    let units = divided(step, Dialect::Mysql).unwrap_or_default();
    units.iter().flat_map(|unit| unit.pieces(&step.sql, PIECE)).map(|piece| piece.text).collect()
}

fn divided(step: &Step, dialect: Dialect) -> Result<Vec<Unit<'_>>, units::LeftOpen> {
    units(&step.sql, dialect, step.in_transaction || dialect != Dialect::Mysql)
}

/// The hash of one unit, to write a journal as a killed runner leaves it.
#[cfg(test)]
pub(super) fn hash_of(step: &Step, dialect: Dialect, unit: usize) -> String {
    divided(step, dialect).unwrap()[unit].hash()
}

/// How far a step got that was interrupted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Statements that are in place, counted from the first.
    pub done: usize,
    /// All statements of the step.
    pub total: usize,
    /// The beginning of the one at which it goes on; `None` where all are in place.
    pub next: Option<String>,
    /// Why nobody can tell where to go on.
    pub doubt: Option<String>,
}

/// How far an interrupted step got, from the journal alone; `None` where no journal was kept.
///
/// # Errors
/// `Database` with the engine's own words.
pub(super) fn progress(db: &mut Database, entry: &Entry, step: &Step) -> Result<Option<Progress>> {
    if entry.units.is_none() {
        return Ok(None);
    }
    let rows = Journal::of(db, entry.id)?.rows(db)?;
    let Ok(units) = divided(step, db.dialect()) else { return Ok(None) };
    let at = resume_at(&units, &rows);
    let statements = |units: &[Unit<'_>]| units.iter().map(|unit| unit.statements.len()).sum();
    Ok(Some(Progress {
        done: statements(&units[..at.min(units.len())]),
        total: statements(&units),
        next: units.get(at).and_then(|unit| unit.statements.first()).map(|statement| excerpt(statement.text)),
        doubt: doubt(&units, &rows, at, db.dialect()),
    }))
}

/// The first unit that is not known to be done.
fn resume_at(units: &[Unit<'_>], rows: &[Row]) -> usize {
    let last = rows.iter().filter(|row| row.done).map(|row| row.unit + 1).max().unwrap_or_default();
    let settings = units.iter().skip(last).take_while(|unit| unit.kind == Kind::Session).count();
    // Settings at the end are no work: where nothing follows, all is done.
    if last + settings == units.len() && last > 0 { units.len() } else { last }
}

/// Why the step cannot be resumed at that unit.
fn doubt(units: &[Unit<'_>], rows: &[Row], at: usize, dialect: Dialect) -> Option<String> {
    for row in rows {
        if units.get(row.unit).is_none_or(|unit| unit.hash() != row.text_hash) {
            return Some(format!(
                "`{}` ran, and the file does not say that any more in this place",
                first_line(&row.statement)
            ));
        }
    }
    let open = rows.iter().find(|row| !row.done);
    if let Some(row) = open
        && units[row.unit].kind == Kind::Unknown
    {
        return Some(format!(
            "`{}` was begun, and the server does not tell whether it took effect",
            first_line(&row.statement)
        ));
    }
    // Nothing has run: whatever the file says now is the step.
    if at == 0 || at >= units.len() {
        return None;
    }
    if let Some(unit) = units[..at].iter().find(|unit| unit.kind == Kind::Carried) {
        let statement = unit.statements.first().map_or("", |statement| first_line(statement.text));
        return Some(format!("`{statement}` made something that ended with the session, and more is to follow"));
    }
    let next = units[at..].iter().find(|unit| unit.kind != Kind::Session)?;
    next.reads_session(dialect).then(|| {
        let statement = next.statements.first().map_or("", |statement| first_line(statement.text));
        format!("`{statement}` reads a value of the session that ended")
    })
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

fn excerpt(text: &str) -> String {
    first_line(text).chars().take(100).collect()
}

/// Runs what is left of a step and `record`, which ends its ledger row in the same transaction as
/// Diesel's row. Without a ledger's row nothing is kept, and the whole of it runs.
pub(super) fn run(
    db: &mut Database,
    step: &Step,
    ledger_id: Option<i64>,
    record: impl FnOnce(&mut Database) -> Result<()>,
) -> Result<(), Failure> {
    let Ok(units) = divided(step, db.dialect()) else { return Err(Failure::of_file(&FileError::LeftTransaction)) };
    let journal = ledger_id.map(|id| Journal::of(db, id)).transpose().map_err(Failure::of_ledger)?;
    let rows = match &journal {
        Some(journal) => journal.rows(db).map_err(Failure::of_ledger)?,
        None => Vec::new(),
    };
    let mut work = Work { db, step, journal, units: &units };
    let at = resume_at(&units, &rows);
    for number in 0..units.len() {
        if let Some(signal) = interrupt::caught() {
            let text = format!("not begun, for {}", interrupt::name(signal));
            return Err(work.explained(Failure::of_words(text), number));
        }
        work.unit(number, at, &rows).map_err(|failure| work.explained(failure, number))?;
    }
    work.written(record)
}

struct Work<'a> {
    db: &'a mut Database,
    step: &'a Step,
    journal: Option<Journal>,
    units: &'a [Unit<'a>],
}

impl Work<'_> {
    fn unit(&mut self, number: usize, at: usize, rows: &[Row]) -> Result<(), Failure> {
        let unit = &self.units[number];
        if number < at && unit.kind != Kind::Session {
            return Ok(());
        }
        let begun = rows.iter().find(|row| row.unit == number && !row.done);
        if let Some(row) = begun {
            let verdict = evidence::after(self.db, unit, &self.step.sql, row.evidence.as_deref());
            match verdict.map_err(Failure::of_ledger)? {
                Verdict::Landed => return self.end(number),
                Verdict::Doubt => {
                    let text = format!("nobody can tell whether `{}` took effect", first_line(&row.statement));
                    return Err(Failure { halfway: true, doubt: true, ..Failure::of_words(text) });
                }
                Verdict::Open => {}
            }
        }
        let tolerant = begun.is_some();
        match unit.kind {
            Kind::Session | Kind::Carried => self.bare(number, tolerant),
            Kind::Together => self.together(number),
            _ => self.observed(number, tolerant),
        }
    }

    /// In one transaction with the journal's row.
    fn together(&mut self, number: usize) -> Result<(), Failure> {
        let unit = &self.units[number];
        match unit.begin {
            Some(begin) => self.db.execute(begin),
            None => self.db.begin(),
        }
        .map_err(Failure::of_ledger)?;
        let done = self
            .pieces(number)
            .and_then(|()| self.note(number, true, None).map_err(Failure::of_ledger))
            .and_then(|()| self.commit());
        let Err(failure) = done else { return Ok(()) };
        // An error means that there is none any more.
        let _ = self.db.batch("ROLLBACK");
        if unit.statements.len() == 1 && failure.refuses_transaction() {
            return self.observed(number, false);
        }
        Err(failure)
    }

    fn commit(&mut self) -> Result<(), Failure> {
        self.db.fence().map_err(Failure::of_ledger)?;
        failpoint::hit("journal: before a unit's commit");
        self.db.batch("COMMIT").map_err(|e| Failure::of_engine(self.db, &e))?;
        failpoint::hit("journal: behind a unit's commit");
        Ok(())
    }

    fn pieces(&mut self, number: usize) -> Result<(), Failure> {
        for piece in self.units[number].pieces(&self.step.sql, PIECE) {
            self.send(piece.text, piece.offset)?;
            failpoint::hit("journal: behind statements of a transaction");
        }
        Ok(())
    }

    fn send(&mut self, text: &str, offset: usize) -> Result<(), Failure> {
        self.db.check_lease().map_err(Failure::of_ledger)?;
        let sent = interrupt::cancellable(|| self.db.batch(text));
        sent.map_err(|error| Failure::of_statement(self.db, &error, text, offset))
    }

    /// By itself, without a word in the journal.
    fn bare(&mut self, number: usize, tolerant: bool) -> Result<(), Failure> {
        let unit = &self.units[number];
        let offset = unit.statements.first().map_or(0, |statement| statement.offset);
        let text =
            if tolerant { unit.tolerant(&self.step.sql, self.db.dialect()) } else { unit.text(&self.step.sql).into() };
        self.send(&text, offset)
    }

    /// By itself, with what tells before it and the word that it is done behind it.
    fn observed(&mut self, number: usize, tolerant: bool) -> Result<(), Failure> {
        let unit = &self.units[number];
        let seen = evidence::before(self.db, unit, &self.step.sql).map_err(Failure::of_ledger)?;
        self.noted(|work| work.note(number, false, seen.clone()))?;
        failpoint::hit("journal: a statement is begun");
        let done = self.bare(number, tolerant);
        failpoint::hit("journal: behind a statement that commits by itself");
        // Tables that are still locked are not the journal's.
        if self.db.dialect() == Dialect::Mysql && unit.kind == Kind::Unknown {
            let _ = self.db.batch("UNLOCK TABLES");
        }
        match done {
            Ok(()) => self.end(number),
            Err(failure) => Err(self.after_failure(number, seen.as_deref(), failure)),
        }
    }

    /// A statement that the server refused may be forgotten where it left nothing.
    fn after_failure(&mut self, number: usize, seen: Option<&str>, mut failure: Failure) -> Failure {
        if failure.ours {
            return failure;
        }
        let unit = &self.units[number];
        let verdict = match unit.kind {
            Kind::Unknown if failure.is_syntax() || self.db.dialect() != Dialect::Mysql => Ok(Verdict::Open),
            Kind::Drop if unit.text(&self.step.sql).contains(',') => Ok(Verdict::Landed),
            _ => evidence::after(self.db, unit, &self.step.sql, seen),
        };
        match verdict {
            Ok(Verdict::Open) => {
                if let Some(journal) = &self.journal {
                    // Where this fails the next run looks again.
                    let _ = journal.forget(self.db, number);
                }
            }
            _ => failure.halfway = true,
        }
        failure
    }

    /// A unit that was begun is done.
    fn end(&mut self, number: usize) -> Result<(), Failure> {
        self.noted(|work| match &work.journal {
            Some(journal) => journal.done(work.db, number),
            None => Ok(()),
        })?;
        failpoint::hit("journal: a statement is done");
        Ok(())
    }

    /// Writes to the journal in a transaction of its own: the text may have switched `autocommit` off.
    fn noted(&mut self, write: impl FnOnce(&mut Self) -> Result<()>) -> Result<(), Failure> {
        if self.journal.is_none() {
            return Ok(());
        }
        self.db.begin().map_err(Failure::of_ledger)?;
        write(self).and_then(|()| self.db.fence()).map_err(Failure::of_ledger)?;
        self.db.batch("COMMIT").map_err(|e| Failure::of_engine(self.db, &e))
    }

    fn note(&mut self, number: usize, done: bool, evidence: Option<String>) -> Result<()> {
        let Some(journal) = &self.journal else { return Ok(()) };
        if self.db.dialect() == Dialect::Postgres && may_change_role(&self.step.sql) {
            self.db.execute("SET LOCAL SESSION AUTHORIZATION DEFAULT; SET LOCAL ROLE NONE")?;
        }
        let unit = &self.units[number];
        let statement = unit.statements.first().map_or("", |statement| statement.text);
        let row = Row { unit: number, done, text_hash: unit.hash(), evidence, statement: excerpt(statement) };
        journal.write(self.db, &row)
    }

    /// Diesel's row and the ledger's, together.
    fn written(&mut self, record: impl FnOnce(&mut Database) -> Result<()>) -> Result<(), Failure> {
        super::reset(self.db);
        self.db.begin().map_err(Failure::of_ledger)?;
        let done = through_diesel::record(self.db, self.step)
            .and_then(|()| record(self.db).and_then(|()| self.db.fence()).map_err(Failure::of_ledger))
            .and_then(|()| {
                failpoint::hit("runner: before a step's commit");
                self.db.batch("COMMIT").map_err(|e| Failure::of_engine(self.db, &e))
            });
        failpoint::hit("runner: behind a step's commit");
        done.map_err(|failure| {
            let _ = self.db.batch("ROLLBACK");
            Failure { halfway: !self.units.is_empty(), ..failure }
        })
    }

    /// What stands before the statement that failed is in place.
    fn explained(&self, mut failure: Failure, number: usize) -> Failure {
        let before = &self.units[..number];
        let work = before.iter().any(|unit| unit.kind != Kind::Session);
        failure.halfway |= work;
        let statements = |units: &[Unit<'_>]| units.iter().map(|unit| unit.statements.len()).sum();
        if failure.halfway && self.journal.is_some() {
            failure.in_place = Some((statements(before), statements(self.units)));
        }
        failure
    }
}

fn may_change_role(sql: &str) -> bool {
    let has = |word: &str| sql.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()));
    has("role") || has("authorization")
}
