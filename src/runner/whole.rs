//! A plan in one transaction: all of it is there at the end, or nothing. Diesel's rows and the ledger's are
//! written in it, many at once, so that a revision costs little more than its text, and a run that is
//! killed leaves no trace at all. What is told and tried again is the course's.

use std::borrow::Cow;
use std::collections::HashSet;
use std::time::{Duration, Instant};

use super::course::{Taken, mind_prepared, record};
use super::failure::Failure;
use super::texts::{Reader, full, is_much, size};
use super::through_diesel::text_alone;
use super::{Direction, Step, reset, unchecked};
use crate::db::{DIESEL_TABLE, Database};
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::place::Place;
use crate::{failpoint, interrupt};

/// How many rows Diesel's table and the ledger get in one statement; SQLite takes 32,766 values (sqlite.org/limits.html).
const ROWS: usize = 100;

/// Refuses what one transaction cannot hold.
///
/// # Errors
/// `Undecided` with the name of the first revision that does not allow it.
pub(super) fn check(db: &Database, plan: &[Step], texts: Option<Reader<'_>>) -> Result<()> {
    if db.dialect() == Dialect::Mysql {
        return Err(Error::undecided("--single-transaction is for PostgreSQL and SQLite").hint(
            "MySQL and MariaDB commit at every change of the schema; leave it out: a run that ends early goes on",
        ));
    }
    for step in plan {
        let why = if step.batch.is_some() {
            "it goes through its table in batches, each a transaction"
        } else if !step.is_atomic(db.dialect()) {
            "its metadata.toml says `run_in_transaction = false`"
        } else if unchecked::is_wanted(db, full(step, texts)?.as_ref()) {
            "it switches foreign keys off, which works only outside of a transaction"
        } else {
            continue;
        };
        return Err(Error::undecided(format!("{} cannot be in one transaction with others: {why}", step.name))
            .at(Place::file(&step.file))
            .hint(format!("up to it, and from it on, without --single-transaction: upgrade {}", step.version)));
    }
    Ok(())
}

/// Runs all of the plan and commits it: how long each step took, `None` for one that was done already.
///
/// # Errors
/// The step at which it failed, and why; nothing is in place then, but where the connection was lost at
/// the commit.
pub(super) fn run<'a>(
    db: &mut Database,
    (plan, texts): (&'a [Step], Option<Reader<'_>>),
    run_id: &str,
    still: &dyn Fn(&mut Database) -> Result<()>,
    mut begins: impl FnMut(&'a Step, usize),
) -> Result<Vec<Option<Duration>>, (Option<&'a Step>, Failure)> {
    db.begin().map_err(|e| (None, Failure::of_ledger(e)))?;
    let mut at = None;
    let mut took = Vec::new();
    let (mut unwritten, mut bytes) = (Vec::new(), 0);
    let applied = applied(db);
    let done = applied.and_then(|applied| {
        plan.iter().enumerate().try_for_each(|(number, step)| {
            at = Some(step);
            if let Some(signal) = interrupt::caught() {
                return Err(Failure::of_words(format!("not begun, for {}", interrupt::name(signal))));
            }
            begins(step, number + 1);
            if applied.contains(&step.version) == (step.direction == Direction::Up) {
                took.push(None);
                return Ok(());
            }
            let taken = one(db, full(step, texts).map_err(Failure::of_ledger)?)?;
            took.push(Some(taken.took));
            bytes += size(&taken.step);
            unwritten.push(taken);
            if unwritten.len() < ROWS && !is_much(bytes) {
                return Ok(());
            }
            bytes = 0;
            write(db, &mut unwritten, run_id)
        })
    });
    let done = done.and_then(|()| {
        write(db, &mut unwritten, run_id)?;
        if db.guard.is_some() {
            // Under the session's lock nobody can have overtaken the plan since it was looked at.
            still(db).map_err(Failure::of_ledger)?;
        }
        failpoint::hit("runner: before the commit of a whole run");
        db.batch("COMMIT").map_err(|e| Failure::of_engine(db, &e))
    });
    failpoint::hit("runner: behind the commit of a whole run");
    if done.is_err() {
        // An error means that there is none any more.
        let _ = db.batch("ROLLBACK");
    }
    reset(db);
    done.map_err(|failure| (at, Failure { whole: true, ..failure })).map(|()| took)
}

fn one<'a>(db: &mut Database, step: Cow<'a, Step>) -> Result<Taken<'a>, Failure> {
    let began = Instant::now();
    mind_prepared(db, &step);
    interrupt::cancellable(|| text_alone(db, &step))?;
    failpoint::hit("runner: behind a step's text");
    Ok(Taken::now(step, began.elapsed()))
}

/// What is applied before the first step.
fn applied(db: &mut Database) -> Result<HashSet<String>, Failure> {
    let rows = db.applied().map_err(Failure::of_ledger)?;
    Ok(rows.into_iter().map(|row| row.version).collect())
}

/// Writes the rows that are due: Diesel's, and the ledger's.
fn write(db: &mut Database, unwritten: &mut Vec<Taken<'_>>, run_id: &str) -> Result<(), Failure> {
    let taken = std::mem::take(unwritten);
    diesel_rows(db, &taken).and_then(|()| record(db, &taken, run_id)).map_err(Failure::of_ledger)
}

/// As Diesel writes them, one by one: a version, and the time that the table itself gives it. All of a
/// plan go the same way.
fn diesel_rows(db: &mut Database, taken: &[Taken<'_>]) -> Result<()> {
    let Some(direction) = taken.first().map(|taken| taken.step.direction) else { return Ok(()) };
    let places = |form: fn(usize) -> String| (1..=taken.len()).map(form).collect::<Vec<_>>().join(", ");
    let sql = match direction {
        Direction::Up => format!("INSERT INTO {DIESEL_TABLE} (version) VALUES {}", places(|at| format!("(${at})"))),
        Direction::Down => format!("DELETE FROM {DIESEL_TABLE} WHERE version IN ({})", places(|at| format!("${at}"))),
    };
    let versions: Vec<Option<&str>> = taken.iter().map(|taken| Some(taken.step.version.as_str())).collect();
    db.execute_with(&sql, &versions).map(drop)
}
