//! A plan in one transaction: all of it is there at the end, or nothing. The ledger's rows are written in
//! it, so that a run that is killed leaves no trace at all. What is told and tried again is the course's.

use std::time::{Duration, Instant};

use super::course::start;
use super::failure::Failure;
use super::through_diesel::through_diesel;
use super::{Direction, Step, reset, unchecked};
use crate::db::Database;
use crate::db::ledger::{self, Outcome};
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::place::Place;
use crate::{failpoint, interrupt};

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
    let done = plan.iter().enumerate().try_for_each(|(number, step)| {
        at = Some(step);
        if let Some(signal) = interrupt::caught() {
            return Err(Failure::of_words(format!("not begun, for {}", interrupt::name(signal))));
        }
        begins(step, number + 1);
        took.push(one(db, step, run_id)?);
        Ok(())
    });
    let done = done.and_then(|()| {
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

fn one(db: &mut Database, step: &Step, run_id: &str) -> Result<Option<Duration>, Failure> {
    if db.is_applied(&step.version).map_err(Failure::of_ledger)? == (step.direction == Direction::Up) {
        return Ok(None);
    }
    let began = Instant::now();
    interrupt::cancellable(|| through_diesel(db, step))?;
    failpoint::hit("runner: behind a step's text");
    let duration = began.elapsed();
    let outcome = match step.direction {
        Direction::Up => Outcome::Applied(duration),
        Direction::Down => Outcome::Reverted(duration),
    };
    start(db, step, run_id).and_then(|id| ledger::finish(db, id, &outcome)).map_err(Failure::of_ledger)?;
    Ok(Some(duration))
}
