//! Runs statements that bring a database to what its recorded revisions make: under the runners'
//! lock, in one transaction where the engine has such, and with a row of their own in the ledger.
//! Diesel's table is not touched: nothing becomes applied. Which statements, is decided by others.

use std::time::{Duration, Instant};

use super::crash::settled;
use super::{Direction, Event, new_run_id, reset};
use crate::chain;
use crate::db::ledger::{self, Outcome, Start};
use crate::db::{Database, is_connection_loss};
use crate::dialect::Dialect;
use crate::error::{Error, Kind, Result};

/// What the id of a run begins with that repaired a database, and its version in the ledger.
pub const REPAIR: &str = "repair";

/// Statements that put a database right.
#[derive(Debug, Clone, Copy)]
pub struct Repair<'a> {
    /// What they do, in words: the name in the ledger.
    pub what: &'a str,
    pub statements: &'a [String],
    /// Whether the statements bring their own transaction.
    pub needs_no_transaction: bool,
}

/// Runs them.
///
/// # Errors
/// `Locked` while another runner works; `NeedsResolve` where a crashed run left a step half done;
/// `Change` with the statement that the database refuses: then none of them is in place, but on
/// MySQL and MariaDB those before it.
pub fn repair(
    db: &mut Database,
    repair: Repair<'_>,
    lock_wait: Duration,
    on_event: &mut dyn FnMut(Event<'_>),
) -> Result<()> {
    let mut db = settled(db, lock_wait, on_event)?;
    let in_transaction = db.dialect() != Dialect::Mysql && !repair.needs_no_transaction;
    let done = if in_transaction { db.atomically(|db| run(db, repair, true)) } else { run(&mut db, repair, false) };
    reset(&mut db);
    done
}

fn run(db: &mut Database, repair: Repair<'_>, in_transaction: bool) -> Result<()> {
    let began = Instant::now();
    let text = repair.statements.join("\n\n");
    let id = start(db, repair, &text)?;
    let mut failed = None;
    for statement in repair.statements {
        // A cluster's lock may be over by now.
        db.check_lease()?;
        if let Err(error) = db.batch(statement) {
            failed = Some((error, statement));
            break;
        }
    }
    let Some((error, statement)) = failed else {
        return ledger::finish(db, id, &Outcome::Applied(began.elapsed()));
    };
    let words = db.words(&error);
    if !in_transaction && !is_connection_loss(&error) {
        ledger::finish(db, id, &Outcome::Failed(began.elapsed(), words.clone()))?;
    }
    let state = if in_transaction { "nothing was changed" } else { "what stands before it is in place" };
    let first = statement.lines().find(|line| !line.starts_with("--")).unwrap_or_default();
    Err(Error::new(Kind::Change, format!("the database refuses `{first}`: {words}"))
        .hint(state)
        .hint("cargo ops-migrate repair --plan shows what is left to be done"))
}

fn start(db: &mut Database, repair: Repair<'_>, text: &str) -> Result<i64> {
    let checksum = chain::checksum(text);
    let run_id = format!("{REPAIR}-{}", new_run_id());
    let name: String = format!("{REPAIR}: {}", repair.what).chars().take(200).collect();
    ledger::start(
        db,
        &Start {
            version: REPAIR,
            revision: None,
            name: &name,
            direction: Direction::Up,
            // One that ended early leaves nothing for a person to settle: the next one compares anew.
            in_transaction: true,
            checksum_up: &checksum,
            checksum_down: "",
            down_sql: "",
            tokens_up: None,
            run_id: &run_id,
            units: None,
        },
    )
}
