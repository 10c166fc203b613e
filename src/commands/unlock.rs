//! `unlock`: clears away the lock of a runner that is gone.

use clap::Args;

use super::{project, view};
use crate::cli::Global;
use crate::context::Context;
use crate::db::{Database, lock};
use crate::error::{Outcome, Result};

/// Clear away the lock of a runner that is gone; refused while it lives.
#[derive(Debug, Args)]
pub struct Unlock {}

impl Unlock {
    /// Runs the command.
    ///
    /// # Errors
    /// Where the holder lives, with how to end it, or the database is out of reach.
    pub fn run(&self, global: &Global, cx: &mut Context) -> Result<Outcome> {
        let project = project(cx, global)?;
        if !Database::exists(project.database_url()?) {
            cx.ui.line("Nobody holds the lock: the database is not there yet.")?;
            return Ok(Outcome::Fine);
        }
        let removed = lock::unlock(&mut view::open_for_reading(&project)?)?;
        cx.ui.line(if removed {
            "Cleared away the lock of a runner that is gone."
        } else {
            "Nobody holds the lock."
        })?;
        Ok(Outcome::Fine)
    }
}
