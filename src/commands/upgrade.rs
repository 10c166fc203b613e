//! `upgrade`: applies revisions, up to head or a target.

use clap::Args;

use super::guard::{Guard, Standing};
use super::{apply, in_step, losses, project, view};
use crate::chain::target::{self, Target};
use crate::chain::{Chain, Revision};
use crate::cli::Global;
use crate::context::Context;
use crate::db::introspect::introspect;
use crate::db::losses::Lost;
use crate::db::{Database, ledger};
use crate::dialect::Dialect;
use crate::error::{Error, Outcome, Result};
use crate::layout::Group;
use crate::project::Project;
use crate::proof;
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
    /// Apply all of it in one transaction, or nothing: PostgreSQL and SQLite, where each of the
    /// revisions can be in one
    #[arg(long)]
    pub single_transaction: bool,
    #[command(flatten)]
    pub waits: apply::Waits,
    /// Leave the schema files of diesel.toml as they are
    #[arg(long)]
    pub no_schema: bool,
    /// Refuse where a schema file of diesel.toml would change
    #[arg(long, conflicts_with = "no_schema")]
    pub locked_schema: bool,
    /// PostgreSQL: between the batches of a data step, wait while a replica that is connected has not
    /// replayed for so long what was written
    #[arg(long, value_name = "SECONDS")]
    pub max_lag: Option<u64>,
    #[command(flatten)]
    pub guard: Guard,
}

/// Where the database stands before the run.
#[derive(Default)]
struct Stand {
    applied: Vec<String>,
    /// Whether a run never ended.
    crashed: bool,
    standing: Standing,
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
        if self.max_lag.is_some() && group.dialect != Dialect::Postgres {
            return Err(Error::undecided(format!("--max-lag is for PostgreSQL, and this is {}", group.dialect))
                .hint("a data step can pause instead: `pause_ms` in its [ops-migrate.batch]"));
        }
        let chain = Chain::load(&project.tree, &group.directory)?;
        let mut stand = self.stand(&project, &chain, cx)?;
        let plan = target.resolve_upgrade(&chain, &stand.1.applied)?;
        if self.sql {
            return apply::print_script(&project.tree, &chain, &plan, group.dialect, cx);
        }
        let (database, Stand { crashed, standing, applied }) = &mut stand;
        let lost = match database {
            Some(database) => losses::of_plan(&project, group, &chain, &plan, database)?,
            None => Vec::new(),
        };
        if self.plan || !cx.ui.quiet || cx.ui.is_json() {
            apply::tell_plan(&plan, &lost, standing, cx)?;
        } else {
            apply::warn_lost(&lost, cx);
        }
        // A run that crashed is settled also where nothing is left to do.
        if self.plan || (plan.steps.is_empty() && !*crashed) {
            return Ok(Outcome::Fine);
        }
        standing.accept(&self.guard, &project, cx)?;
        if standing.protected.is_some() {
            let mut reasons = Vec::new();
            if lost.iter().any(Lost::is_real) || plan.steps.iter().any(|revision| !revision.lossy.is_empty()) {
                reasons.push("the upgrade loses rows or values");
            }
            if let Some(database) = database
                && is_changed_by_hand(&project, group, &chain, applied, database, cx)?
            {
                reasons.push("its schema is not what its revisions give");
            }
            if !reasons.is_empty() {
                standing.agree(&self.guard, &reasons.join("; "), cx)?;
            }
        }
        let steps = view::outlines(&project.tree, &chain, &plan.steps, Direction::Up, group.dialect)?;
        if self.locked_schema {
            in_step::refuse_changes(&in_step::after_upgrade(&project, group, &chain, &plan.steps)?)?;
        }
        let (standing, applied) = (std::mem::take(standing), std::mem::take(applied));
        drop(stand);
        let mut database = view::open_for_writing(&project)?;
        if !self.allow_edited {
            apply::refuse_edited(&project.tree, &chain, &applied, &mut database, cx)?;
        }
        standing.remember(&mut database, self.waits.lock.duration(), apply::tell, cx)?;
        let Self { waits, max_lag, single_transaction, .. } = self;
        let wishes = apply::Wishes {
            max_lag: *max_lag,
            single_transaction: *single_transaction,
            texts: Some(&view::reader(&project.tree, &chain)),
            ..apply::Wishes::of(waits, &applied)
        };
        let outcome = apply::run(&mut database, &steps, &wishes, cx);
        if !self.no_schema {
            // Where one failed, those before it are applied all the same.
            let applied = view::applied_versions(&mut database).unwrap_or_default();
            let done: Vec<&Revision> = plan.steps.iter().copied().filter(|r| applied.contains(&r.version)).collect();
            let edited = in_step::after_upgrade(&project, group, &chain, &done);
            in_step::write_or_warn(&project, edited, cx);
        }
        outcome
    }

    /// Where the database stands, and the connection that told it where anything is in it: for a
    /// script without a database, and for a database that is yet to be made, nothing is.
    fn stand(&self, project: &Project, chain: &Chain, cx: &mut Context) -> Result<(Option<Database>, Stand)> {
        if self.sql && project.database.is_none() {
            cx.ui.status("no database is named: the script starts at the base");
            return Ok((None, Stand::default()));
        }
        if !Database::exists(project.database_url()?) {
            return Ok((None, Stand { standing: Standing::of_new(project, chain), ..Stand::default() }));
        }
        let mut database = view::open_for_reading(project)?;
        let applied = view::applied_versions(&mut database)?;
        let stand = Stand {
            crashed: !ledger::unfinished(&mut database)?.is_empty(),
            standing: Standing::read(project, chain, &applied, &mut database)?,
            applied,
        };
        let has_contents = !stand.applied.is_empty();
        Ok((has_contents.then_some(database), stand))
    }
}

/// Whether a database is otherwise than the revisions that it has recorded make it; names each
/// difference.
fn is_changed_by_hand(
    project: &Project,
    group: &Group,
    chain: &Chain,
    applied: &[String],
    database: &mut Database,
    cx: &mut Context,
) -> Result<bool> {
    let actual = introspect(database)?;
    let found = proof::recorded(&project.tree, chain, group.dialect, applied, &actual)?.agreement.different;
    found.iter().for_each(|difference| cx.ui.warn(format!("not as recorded: {difference}")));
    Ok(!found.is_empty())
}
