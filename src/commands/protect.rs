//! `protect` and `unprotect`: the mark of a database that must not lose anything by accident.

use std::time::Duration;

use clap::Args;

use super::apply::{self, LockWait};
use super::guard::{Guard, Standing};
use super::{project, view};
use crate::chain::Chain;
use crate::cli::Global;
use crate::context::Context;
use crate::db::Database;
use crate::db::lock::Lock;
use crate::db::settings::{self, PROTECTED};
use crate::error::{Error, Outcome, Result};
use crate::runner::Event;

/// Mark the database as protected.
///
/// The mark lives in the database and holds for everybody: `rollback`, `stamp`, `unprotect` and an
/// `upgrade` that loses rows or values then want the database's name typed, or given exactly with
/// --database-name where there is no terminal.
#[derive(Debug, Args)]
pub struct Protect {
    /// Why, for those who meet the mark
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub reason: String,
    #[command(flatten)]
    pub lock: LockWait,
    #[command(flatten)]
    pub guard: Guard,
}

/// Take the mark of a protected database away; wants its name typed.
#[derive(Debug, Args)]
pub struct Unprotect {
    #[command(flatten)]
    pub lock: LockWait,
    #[command(flatten)]
    pub guard: Guard,
}

impl Protect {
    /// Runs the command.
    ///
    /// # Errors
    /// Where the database is out of reach, is another one than was meant, or cannot be written.
    pub fn run(&self, global: &Global, cx: &mut Context) -> Result<Outcome> {
        let (mut database, standing) = open(global, &self.guard, cx)?;
        if let Some(mark) = &standing.protected {
            let words = standing.protected_words(mark);
            cx.ui.line(format!("Nothing to do: {words}."))?;
            return Ok(Outcome::Fine);
        }
        standing.remember(&mut database, self.lock.duration(), apply::tell_beside, cx)?;
        write(&mut database, self.lock.duration(), cx, |db| settings::put(db, PROTECTED, &self.reason))?;
        cx.ui.line(format!("{} is protected now.", standing.name))?;
        Ok(Outcome::Fine)
    }
}

impl Unprotect {
    /// Runs the command.
    ///
    /// # Errors
    /// Where the database is out of reach or cannot be written, or its name was not typed.
    pub fn run(&self, global: &Global, cx: &mut Context) -> Result<Outcome> {
        let (mut database, standing) = open(global, &self.guard, cx)?;
        if standing.protected.is_none() {
            cx.ui.line(format!("Nothing to do: {} is not protected.", standing.name))?;
            return Ok(Outcome::Fine);
        }
        standing.agree(&self.guard, "without the mark it can lose rows again", cx)?;
        write(&mut database, self.lock.duration(), cx, |db| settings::remove(db, PROTECTED))?;
        cx.ui.line(format!("{} is not protected any more.", standing.name))?;
        Ok(Outcome::Fine)
    }
}

fn open(global: &Global, guard: &Guard, cx: &mut Context) -> Result<(Database, Standing)> {
    let project = project(cx, global)?;
    let chain = Chain::load(&project.tree, &project.group()?.directory)?;
    let mut database = view::open_for_reading(&project)?;
    let applied = view::applied_versions(&mut database)?;
    let standing = Standing::read(&project, &chain, &applied, &mut database)?;
    standing.accept(guard, &project, cx)?;
    Ok((view::open_for_writing(&project)?, standing))
}

fn write(
    database: &mut Database,
    lock_wait: Duration,
    cx: &mut Context,
    act: impl FnOnce(&mut Database) -> Result<()>,
) -> Result<()> {
    let mut database = apply::telling(cx, apply::tell_beside, |on_event| {
        Lock::acquire(database, lock_wait, &mut |holder| on_event(Event::Waits { holder }))
    })?;
    settings::ensure(&mut database)?;
    act(&mut database).map_err(|error: Error| error.hint("the mark could not be changed"))
}
