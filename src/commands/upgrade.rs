//! `upgrade`: applies revisions, up to head or a target.

use clap::Args;

use super::{apply, in_step, project, view};
use crate::chain::target::{self, Target};
use crate::chain::{Chain, Revision};
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
    /// Go on although the text of an applied revision was edited
    #[arg(long)]
    pub allow_edited: bool,
    #[command(flatten)]
    pub waits: apply::Waits,
    /// Leave the schema files of diesel.toml as they are
    #[arg(long)]
    pub no_schema: bool,
    /// Refuse where a schema file of diesel.toml would change
    #[arg(long, conflicts_with = "no_schema")]
    pub locked_schema: bool,
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
        let group = project.group()?;
        let chain = Chain::load(&project.tree, &group.directory)?;
        let (applied, crashed) = self.stand(&project, cx)?;
        let plan = target.resolve_upgrade(&chain, &applied)?;
        if self.sql {
            return apply::print_script(&project.tree, &chain, &plan, group.dialect, cx);
        }
        if self.plan || !cx.ui.quiet {
            apply::tell_plan(&plan, cx)?;
        }
        // A run that crashed is settled also where nothing is left to do.
        if self.plan || (plan.steps.is_empty() && !crashed) {
            return Ok(Outcome::Fine);
        }
        let steps = view::steps(&project.tree, &chain, &plan.steps, Direction::Up)?;
        if self.locked_schema {
            in_step::refuse_changes(&in_step::after_upgrade(&project, group, &chain, &plan.steps)?)?;
        }
        let mut database = view::open_for_writing(&project)?;
        if !self.allow_edited {
            apply::refuse_edited(&project.tree, &chain, &applied, &mut database, cx)?;
        }
        let outcome = apply::run(&mut database, &steps, &self.waits, cx);
        if !self.no_schema {
            // Where one failed, those before it are applied all the same.
            let applied = view::applied_versions(&mut database).unwrap_or_default();
            let done: Vec<&Revision> = plan.steps.iter().copied().filter(|r| applied.contains(&r.version)).collect();
            let edited = in_step::after_upgrade(&project, group, &chain, &done);
            in_step::write_or_warn(&project, edited, cx);
        }
        outcome
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
