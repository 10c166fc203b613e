//! `rollback`: takes revisions back, the last one or down to a target.

mod unknown;

use clap::Args;

use super::guard::{Guard, Standing};
use super::{apply, in_step, losses, project, view};
use crate::chain::target::{self, Target};
use crate::chain::{Chain, Revision};
use crate::cli::Global;
use crate::context::Context;
use crate::db::ledger;
use crate::db::losses::Lost;
use crate::error::{Error, Kind, Outcome, Result};
use crate::runner::Direction;
use crate::words::counted;

/// Take revisions back, the last one or down to a target.
#[derive(Debug, Args)]
pub struct Rollback {
    /// Where to end: an id (it stays), base, -1, -3; without it, one back
    #[arg(allow_hyphen_values = true)]
    pub target: Option<String>,
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub plan: bool,
    /// Print the SQL instead of running it
    #[arg(long)]
    pub sql: bool,
    /// Go on although rows or values are lost
    #[arg(long)]
    pub allow_data_loss: bool,
    /// Ask nothing: losing rows or values still wants --allow-data-loss
    #[arg(short, long)]
    pub yes: bool,
    #[command(flatten)]
    pub waits: apply::Waits,
    /// Take what the revisions brought out of the schema files of diesel.toml too: without it they
    /// stay in step with the revisions, which are still there
    #[arg(long)]
    pub schema: bool,
    /// Take back the applied versions that are not in this chain (of another branch), by the down.sql
    /// that the ledger keeps
    #[arg(long, conflicts_with_all = ["target", "sql", "schema"])]
    pub unknown: bool,
    #[command(flatten)]
    pub guard: Guard,
}

impl Rollback {
    /// Runs the command.
    ///
    /// # Errors
    /// Where the target is unknown, data would be lost and nobody agreed, a revision cannot be
    /// taken back, or another runner holds the lock.
    pub fn run(&self, global: &Global, cx: &mut Context) -> Result<Outcome> {
        let target = match &self.target {
            Some(text) => target::parse(text)?,
            None => Target::one_back(),
        };
        let project = project(cx, global)?;
        let group = project.group()?;
        let chain = Chain::load(&project.tree, &group.directory)?;
        if self.unknown {
            return self.run_unknown(&project, &chain, cx);
        }
        let mut database = view::open_for_reading(&project)?;
        let applied = view::applied_versions(&mut database)?;
        let plan = target.resolve_rollback(&chain, &applied)?;
        if self.sql {
            return apply::print_script(&project.tree, &chain, &plan, group.dialect, cx);
        }
        let standing = Standing::read(&project, &chain, &applied, &mut database)?;
        let lost = losses::of_plan(&project, group, &chain, &plan, &mut database)?;
        if self.plan || !cx.ui.quiet || cx.ui.is_json() {
            apply::tell_plan(&plan, &lost, &standing, cx)?;
        } else {
            apply::warn_lost(&lost, cx);
        }
        // A run that crashed is settled also where nothing is left to do.
        if self.plan || (plan.steps.is_empty() && ledger::unfinished(&mut database)?.is_empty()) {
            return Ok(Outcome::Fine);
        }
        if let Some(stuck) = plan.steps.iter().find(|r| r.irreversible.is_some()) {
            let why = stuck.irreversible.as_deref().unwrap_or_default();
            return Err(Error::new(Kind::Change, format!("{} cannot be taken back: {why}", stuck.label())));
        }
        standing.accept(&self.guard, &project, cx)?;
        let what = format!("this takes back {}", counted(plan.steps.len(), "revision"));
        standing.agree(&self.guard, &what, cx)?;
        self.agree(&lost, cx)?;
        // Every script is read before the first one runs.
        let steps = view::outlines(&project.tree, &chain, &plan.steps, Direction::Down, group.dialect)?;
        drop(database);
        let mut database = view::open_for_writing(&project)?;
        standing.remember(&mut database, self.waits.lock.duration(), apply::tell, cx)?;
        let texts = view::reader(&project.tree, &chain);
        let wishes = apply::Wishes { texts: Some(&texts), ..apply::Wishes::of(&self.waits, &applied) };
        let outcome = apply::run(&mut database, &steps, &wishes, cx);
        // Where one failed, those before it are taken back all the same.
        let left = view::applied_versions(&mut database).unwrap_or(applied);
        let done: Vec<&Revision> = plan.steps.iter().copied().filter(|r| !left.contains(&r.version)).collect();
        let edited = in_step::after_rollback(&project, group, &chain, &done);
        if self.schema {
            in_step::write_or_warn(&project, edited, cx);
        } else {
            in_step::tell_left(&edited.unwrap_or_default(), cx);
        }
        outcome
    }

    fn agree(&self, lost: &[Lost], cx: &mut Context) -> Result<()> {
        if !lost.iter().any(Lost::is_real) || self.allow_data_loss {
            return Ok(());
        }
        let answer = if self.yes { None } else { cx.ui.confirm("Lose this and go on?")? };
        match answer {
            Some(true) => Ok(()),
            Some(false) => Err(Error::new(Kind::Change, "nothing was changed")),
            None => Err(view::needs_flag("the rollback loses data", "--allow-data-loss")),
        }
    }
}
