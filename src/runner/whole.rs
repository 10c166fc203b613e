//! A plan in one transaction: all of it is there at the end, or nothing. The ledger's rows are written in
//! it, so that a run that is killed leaves no trace at all. What is told and tried again is the course's.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use super::course::{Taken, record};
use super::failure::Failure;
use super::through_diesel::through_diesel;
use super::{Direction, Step, reset, unchecked};
use crate::db::Database;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::place::Place;
use crate::{failpoint, interrupt};

/// How many rows the ledger gets in one statement; SQLite takes 32,766 values (sqlite.org/limits.html).
const ROWS: usize = 100;

/// Refuses what one transaction cannot hold.
///
/// # Errors
/// `Undecided` with the name of the first revision that does not allow it.
pub(super) fn check(db: &Database, plan: &[Step]) -> Result<()> {
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
        } else if unchecked::is_wanted(db, step) {
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
    plan: &'a [Step],
    run_id: &str,
    still: &dyn Fn(&mut Database) -> Result<()>,
    mut begins: impl FnMut(&'a Step, usize),
) -> Result<Vec<Option<Duration>>, (Option<&'a Step>, Failure)> {
    db.begin().map_err(|e| (None, Failure::of_ledger(e)))?;
    let mut at = None;
    let mut took = Vec::new();
    let mut unwritten = Vec::new();
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
            let taken = one(db, step)?;
            took.push(Some(taken.took));
            unwritten.push(taken);
            if unwritten.len() == ROWS { write(db, &mut unwritten, run_id) } else { Ok(()) }
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

fn one<'a>(db: &mut Database, step: &'a Step) -> Result<Taken<'a>, Failure> {
    let began = Instant::now();
    interrupt::cancellable(|| through_diesel(db, step, false))?;
    failpoint::hit("runner: behind a step's text");
    Ok(Taken::now(step, began.elapsed()))
}

/// What is applied before the first step.
fn applied(db: &mut Database) -> Result<HashSet<String>, Failure> {
    let rows = db.applied().map_err(Failure::of_ledger)?;
    Ok(rows.into_iter().map(|row| row.version).collect())
}

/// Writes the rows of the ledger that are due.
fn write(db: &mut Database, unwritten: &mut Vec<Taken<'_>>, run_id: &str) -> Result<(), Failure> {
    record(db, &std::mem::take(unwritten), run_id).map_err(Failure::of_ledger)
}
