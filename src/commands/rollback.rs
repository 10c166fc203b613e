//! `rollback`: takes revisions back, the last one or down to a target.

use clap::Args;

use super::{apply, in_step, project, view};
use crate::catalog::{EnumType, Name};
use crate::chain::target::{self, Plan, Target};
use crate::chain::{self, Chain, Revision};
use crate::cli::Global;
use crate::context::Context;
use crate::db::{Database, ledger};
use crate::dialect::Dialect;
use crate::error::{Error, Kind, Outcome, Result};
use crate::explain;
use crate::layout::Group;
use crate::operation::{Object, Operation};
use crate::project::Project;
use crate::runner::{Direction, Step, way_back};

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
    /// Take back what is applied and not in this chain (after a switch of branches), from the texts
    /// that the ledger kept
    #[arg(long, conflicts_with_all = ["target", "sql", "schema"])]
    pub unknown: bool,
    /// Ask nothing: losing rows or values still wants --allow-data-loss
    #[arg(short, long)]
    pub yes: bool,
    #[command(flatten)]
    pub waits: apply::Waits,
    /// Take what the revisions brought out of the schema files of diesel.toml too: without it they
    /// stay in step with the revisions, which are still there
    #[arg(long)]
    pub schema: bool,
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
        let mut database = view::open_for_reading(&project)?;
        let applied = view::applied_versions(&mut database)?;
        if self.unknown {
            return self.run_unknown(&project, &chain, &applied, database, cx);
        }
        let plan = target.resolve_rollback(&chain, &applied)?;
        if self.sql {
            return apply::print_script(&project.tree, &chain, &plan, group.dialect, cx);
        }
        if self.plan || !cx.ui.quiet {
            apply::tell_plan(&plan, cx)?;
        }
        let lost = losses(&project, group, &chain, &plan, &mut database)?;
        for line in &lost {
            cx.ui.warn(format!("this loses {line}"));
        }
        // A run that crashed is settled also where nothing is left to do.
        if self.plan || (plan.steps.is_empty() && ledger::unfinished(&mut database)?.is_empty()) {
            return Ok(Outcome::Fine);
        }
        if let Some(stuck) = plan.steps.iter().find(|r| r.irreversible.is_some()) {
            let why = stuck.irreversible.as_deref().unwrap_or_default();
            return Err(Error::new(Kind::Change, format!("{} cannot be taken back: {why}", stuck.label())));
        }
        self.agree(&lost, cx)?;
        // Every script is read before the first one runs.
        let steps = view::steps(&project.tree, &chain, &plan.steps, Direction::Down)?;
        drop(database);
        let mut database = view::open_for_writing(&project)?;
        let outcome = apply::run(&mut database, &steps, &self.waits, cx);
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

    /// Newest first, by the order in which they were applied.
    fn run_unknown(
        &self,
        project: &Project,
        chain: &Chain,
        applied: &[String],
        mut database: Database,
        cx: &mut Context,
    ) -> Result<Outcome> {
        let unknown = chain.pending(applied).unknown;
        let mut entries = ledger::entries(&mut database)?;
        entries.retain(|entry| entry.state == ledger::State::Applied);
        entries.reverse();
        let mut steps: Vec<Step> = Vec::new();
        for entry in entries.iter().filter(|entry| unknown.contains(&entry.version)) {
            // MySQL's journal holds what its transactions do not.
            let in_transaction = entry.in_transaction || database.dialect() == Dialect::Mysql;
            if steps.iter().all(|step| step.version != entry.version) {
                steps.push(way_back(entry, in_transaction));
            }
        }
        if let Some(version) = unknown.iter().find(|version| steps.iter().all(|step| step.version != **version)) {
            return Err(Error::undecided(format!("the ledger does not know how to take back version {version}"))
                .hint("switch to the branch that has it, and roll back there"));
        }
        if steps.is_empty() {
            cx.ui.line("Nothing to take back: all that is applied is in this chain.")?;
            return Ok(Outcome::Fine);
        }
        cx.ui.line(format!("{} to take back:", view::counted(steps.len(), "unknown revision")))?;
        for step in &steps {
            cx.ui.line(format!("  {}\n{}", step.name, step.sql.trim_end()))?;
        }
        if self.plan {
            return Ok(Outcome::Fine);
        }
        self.agree(&["whatever these statements drop".to_owned()], cx)?;
        drop(database);
        apply::run(&mut view::open_for_writing(project)?, &steps, &self.waits, cx)
    }

    fn agree(&self, lost: &[String], cx: &mut Context) -> Result<()> {
        if lost.is_empty() || self.allow_data_loss {
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

/// What of the database's present contents the rollback destroys: tables with rows, columns with
/// values.
fn losses(
    project: &Project,
    group: &Group,
    chain: &Chain,
    plan: &Plan<'_>,
    database: &mut Database,
) -> Result<Vec<String>> {
    let mut lost = Vec::new();
    for revision in &plan.steps {
        let catalog =
            chain::catalog_with_cache(&project.tree, chain, group.dialect, Some(&revision.id), &mut project.cache())?;
        let down = chain.down(&project.tree, revision)?;
        let Ok(effect) = explain::effect(&catalog, &down.text, &down.file) else { continue };
        for operation in &effect.operations {
            lost.extend(loss(operation, database));
        }
    }
    Ok(lost)
}

/// What an operation destroys in this database; an object that is not there any more (an earlier
/// step renamed it) counts by the catalog alone.
fn loss(operation: &Operation, database: &mut Database) -> Option<String> {
    let what = operation.loss()?.what;
    let count = match operation {
        Operation::DropTable { table } => database.count_rows(&table.name).ok(),
        Operation::DropColumn { table, column } | Operation::AlterColumnKind { table, to: column, .. } => {
            count_values(database, table, &column.name)
        }
        // How many of them do not fit is seen only when it is done; without values none.
        Operation::AlterType { table, from, .. } => {
            return (count_values(database, table, &from.name) != Some(0)).then_some(what);
        }
        Operation::DropObject { object: Object::Sequence(sequence) } => {
            return (has_counted(database, &sequence.name) != Some(false)).then_some(what);
        }
        Operation::RebuildEnum { from, to, columns, .. } => count_gone(database, from, to, columns),
        _ => None,
    };
    match count {
        Some(0) => None,
        Some(1) => Some(format!("{what} (1 row)")),
        Some(count) => Some(format!("{what} ({count} rows)")),
        None => Some(what),
    }
}

/// The rows with a value that the enum will not have any more.
fn count_gone(database: &mut Database, from: &EnumType, to: &EnumType, columns: &[(Name, String)]) -> Option<u64> {
    let dialect = database.dialect();
    let gone: Vec<_> = from.values.iter().filter(|v| !to.values.contains(v)).map(|v| dialect.literal(v)).collect();
    let mut count = 0;
    for (table, column) in columns {
        let sql = format!(
            "SELECT CAST(count(*) AS TEXT) AS \"row\" FROM {} WHERE CAST({} AS TEXT) IN ({})",
            table.sql(dialect),
            dialect.quote(column),
            gone.join(", ")
        );
        count += database.text(&sql, &[]).ok().flatten()?.parse::<u64>().ok()?;
    }
    Some(count)
}

/// Whether a sequence has ever given a number.
fn has_counted(database: &mut Database, sequence: &Name) -> Option<bool> {
    let sql = format!("SELECT is_called::text AS row FROM {}", sequence.sql(database.dialect()));
    database.text(&sql, &[]).ok().flatten().map(|called| called == "true")
}

fn count_values(database: &mut Database, table: &Name, column: &str) -> Option<u64> {
    let dialect = database.dialect();
    let sql = format!("SELECT CAST(count({}) AS TEXT) AS \"row\" FROM {}", dialect.quote(column), table.sql(dialect));
    database.text(&sql, &[]).ok().flatten()?.parse().ok()
}
