//! Records revisions as applied or not applied without running them: Diesel's table and the ledger,
//! both in one transaction, under the runners' lock. Whether that is true of the schema is for the
//! person to know who asks for it.

use std::time::Duration;

use super::course::start;
use super::crash::settle;
use super::{Direction, Step, new_run_id, set_up};
use crate::db::ledger::{self, Outcome};
use crate::db::lock::Lock;
use crate::db::{DIESEL_TABLE, Database};
use crate::error::Result;

/// What the id of a run begins with that recorded revisions without running them.
pub const STAMP: &str = "stamp-";

/// Records steps, those up as applied and those down as not applied. Those that are so already
/// (another runner was faster) are left out. `forgotten` are versions without a directory whose
/// rows go.
///
/// # Errors
/// `Locked` while another runner works; `NeedsResolve` where a crashed run left a step half done;
/// `Database` where the tables cannot be written: then none of it is.
pub fn stamp(db: &mut Database, steps: &[Step], forgotten: &[String], lock_wait: Duration) -> Result<()> {
    let mut db = Lock::acquire(db, lock_wait)?;
    set_up(&mut db)?;
    ledger::ensure(&mut db)?;
    settle(&mut db, &[], &mut |_| {})?;
    db.atomically(|db| write(db, steps, forgotten))
}

fn write(db: &mut Database, steps: &[Step], forgotten: &[String]) -> Result<()> {
    let run_id = format!("{STAMP}{}", new_run_id());
    for step in steps {
        if db.is_applied(&step.version)? == (step.direction == Direction::Up) {
            continue;
        }
        let (row, outcome) = match step.direction {
            Direction::Up => {
                (format!("INSERT INTO {DIESEL_TABLE} (version) VALUES ($1)"), Outcome::Applied(Duration::ZERO))
            }
            Direction::Down => {
                (format!("DELETE FROM {DIESEL_TABLE} WHERE version = $1"), Outcome::Reverted(Duration::ZERO))
            }
        };
        db.execute_with(&row, &[Some(&step.version)])?;
        let id = start(db, step, &run_id)?;
        ledger::finish(db, id, &outcome)?;
    }
    for version in forgotten {
        db.execute_with(&format!("DELETE FROM {DIESEL_TABLE} WHERE version = $1"), &[Some(version)])?;
    }
    Ok(())
}
