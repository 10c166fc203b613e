//! Records revisions as applied or not applied without running them: Diesel's table and the ledger,
//! both in one transaction, under the runners' lock. Whether that is true of the schema is for the
//! person to know who asks for it.

use std::borrow::Cow;
use std::time::Duration;

use super::course::{Taken, record};
use super::crash::settled;
use super::{Direction, Event, Step, new_run_id};
use crate::db::ledger;
use crate::db::{DIESEL_TABLE, Database};
use crate::error::Result;

/// What the id of a run begins with that recorded revisions without running them.
pub const STAMP: &str = "stamp-";

/// What is recorded.
#[derive(Debug, Clone, Copy)]
pub enum Records<'a> {
    /// In both tables: steps up become applied, and steps down not applied; the rows of versions without
    /// a directory go.
    Both(&'a [Step], &'a [String]),
    /// In the ledger alone: that steps are as Diesel's table says, which is believed.
    Ledger(&'a [Step]),
}

/// Records steps; those that are so already (another runner was faster) are left out.
///
/// # Errors
/// `Locked` while another runner works; `NeedsResolve` where a crashed run left a step half done;
/// `Database` where the tables cannot be written: then none of it is.
pub fn stamp(
    db: &mut Database,
    records: Records<'_>,
    lock_wait: Duration,
    on_event: &mut dyn FnMut(Event<'_>),
) -> Result<()> {
    let mut db = settled(db, lock_wait, on_event)?;
    db.atomically(|db| match records {
        Records::Both(steps, forgotten) => write(db, steps, forgotten),
        Records::Ledger(steps) => rebuild(db, steps),
    })
}

fn rebuild(db: &mut Database, steps: &[Step]) -> Result<()> {
    let run_id = format!("{STAMP}{}", new_run_id());
    let entries = ledger::entries(db)?;
    let believed = ledger::believed(&entries);
    for step in steps {
        let is_up = step.direction == Direction::Up;
        if db.is_applied(&step.version)? == is_up && believed.contains(step.version.as_str()) != is_up {
            record(db, &[Taken::now(Cow::Borrowed(step), Duration::ZERO)], &run_id)?;
        }
    }
    Ok(())
}

fn write(db: &mut Database, steps: &[Step], forgotten: &[String]) -> Result<()> {
    let run_id = format!("{STAMP}{}", new_run_id());
    for step in steps {
        if db.is_applied(&step.version)? == (step.direction == Direction::Up) {
            continue;
        }
        let row = match step.direction {
            Direction::Up => format!("INSERT INTO {DIESEL_TABLE} (version) VALUES ($1)"),
            Direction::Down => format!("DELETE FROM {DIESEL_TABLE} WHERE version = $1"),
        };
        db.execute_with(&row, &[Some(&step.version)])?;
        record(db, &[Taken::now(Cow::Borrowed(step), Duration::ZERO)], &run_id)?;
    }
    for version in forgotten {
        db.execute_with(&format!("DELETE FROM {DIESEL_TABLE} WHERE version = $1"), &[Some(version)])?;
    }
    Ok(())
}
