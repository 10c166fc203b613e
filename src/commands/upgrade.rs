//! `upgrade`: applies revisions, up to head or a target.

use clap::Args;

use super::{apply, project, view};
use crate::chain::Chain;
use crate::chain::target::{self, Target};
use crate::cli::Global;
use crate::context::Context;
use crate::db::{Database, ledger};
use crate::error::{Outcome, Result};
use crate::runner::Direction;

/// Apply revisions, up to head or a target.
#[derive(Debug, Args)]
pub struct Upgrade {
    /// Where to: head, an id or the start of one, +1, id+2
    #[arg(allow_hyphen_values = true)]
    pub target: Option<String>,
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub plan: bool,
    /// Print the SQL instead of running it; without a database, from the base
    #[arg(long)]
    pub sql: bool,
    /// How many seconds to wait for another runner
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    pub lock_wait: u64,
}

impl Upgrade {
    /// Runs the command.
    ///
    /// # Errors
    /// Where the target is unknown, a revision fails, or another runner holds the lock.
    pub fn run(&self, global: &Global, cx: &mut Context) -> Result<Outcome> {
        let target = match &self.target {
            Some(text) => target::parse(text)?,
            None => Target::head(),
        };
        let project = project(cx, global)?;
        let chain = Chain::load(&project.tree, &project.group()?.directory)?;
        let (applied, crashed) = self.stand(&project, cx)?;
        let plan = target.resolve_upgrade(&chain, &applied)?;
        if self.sql {
            return apply::print_script(&project.tree, &chain, &plan, project.group()?.dialect, cx);
        }
        if self.plan || !cx.ui.quiet {
            apply::tell_plan(&plan, cx)?;
        }
        // A run that crashed is settled also where nothing is left to do.
        if self.plan || (plan.steps.is_empty() && !crashed) {
            return Ok(Outcome::Fine);
        }
        let steps = view::steps(&project.tree, &chain, &plan.steps, Direction::Up)?;
        let mut database = view::open_for_writing(&project)?;
        apply::run(&mut database, &steps, self.lock_wait, cx)
    }

    /// Versions applied, and whether a run never ended: for a script without a database, and for a
    /// database that is yet to be made, none.
    fn stand(&self, project: &crate::project::Project, cx: &mut Context) -> Result<(Vec<String>, bool)> {
        if self.sql && project.database.is_none() {
            cx.ui.status("no database is named: the script starts at the base");
            return Ok((Vec::new(), false));
        }
        if !Database::exists(project.database_url()?) {
            return Ok((Vec::new(), false));
        }
        let mut database = view::open_for_reading(project)?;
        let crashed = !ledger::unfinished(&mut database)?.is_empty();
        Ok((view::applied_versions(&mut database)?, crashed))
    }
}
