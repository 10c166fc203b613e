//! What `upgrade` and `rollback` share: a plan told, printed as a script, and run.

use std::time::Duration;

use super::view;
use crate::chain::target::{self, Plan};
use crate::chain::{self, Chain};
use crate::context::Context;
use crate::db::{DIESEL_TABLE, Database, ledger};
use crate::dialect::Dialect;
use crate::error::{Error, Kind, Outcome, Result};
use crate::place::Place;
use crate::runner::{self, Direction};
use crate::tree::Tree;

/// How long a run waits for others.
#[derive(Debug, clap::Args)]
pub struct Waits {
    /// How many seconds to wait for another runner
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    pub lock_wait: u64,
    /// How many seconds a statement may wait for a table that others hold, before it lets them pass
    /// and tries again; 0: as long as the server says
    #[arg(long, value_name = "SECONDS", default_value_t = 2)]
    pub table_wait: u64,
    /// How often a revision that waited for a table in vain is tried again
    #[arg(long, value_name = "N", default_value_t = 30)]
    pub table_retries: u32,
}

/// The table in which Diesel keeps what is applied, as it makes it.
const CREATE_DIESEL_TABLE: &str = "\
CREATE TABLE IF NOT EXISTS __diesel_schema_migrations (
    version VARCHAR(50) PRIMARY KEY NOT NULL,
    run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
";

/// Tells what is about to happen, step by step.
///
/// # Errors
/// Where stdout cannot be written.
pub fn tell_plan(plan: &Plan<'_>, cx: &mut Context) -> Result<()> {
    let verb = match plan.direction {
        target::Direction::Up => "apply",
        target::Direction::Down => "take back",
    };
    for version in &plan.unknown {
        cx.ui.warn(format!("the database has version {version}, which is not in this chain (another branch?)"));
    }
    if !plan.unknown.is_empty() {
        cx.ui.hint("to take that back, from the text that the ledger kept: cargo ops-migrate rollback --unknown");
    }
    for revision in &plan.out_of_order {
        cx.ui.warn(format!("{} is older than what is applied already", revision.label()));
    }
    if plan.steps.is_empty() {
        cx.ui.line(format!("Nothing to {verb}."))?;
    } else {
        cx.ui.line(format!("{} to {verb}:", view::counted(plan.steps.len(), "revision")))?;
    }
    for revision in &plan.steps {
        let line = view::revision_line(revision, cx);
        cx.ui.line(format!("  {line}"))?;
        for what in revision.lossy.iter().filter(|_| plan.direction == target::Direction::Up) {
            cx.ui.line(format!("      loses {what}"))?;
        }
    }
    Ok(())
}

/// Refuses where the text of an applied revision is not the one that ran: what is in the database is
/// not what the files say. Line ends and a byte order mark do not count; a comment is worth a warning.
///
/// # Errors
/// `Edited` with every revision that differs; where a file of the chain cannot be read.
pub fn refuse_edited(
    tree: &dyn Tree,
    chain: &Chain,
    applied: &[String],
    database: &mut Database,
    cx: &mut Context,
) -> Result<()> {
    let texts = ledger::texts(database)?;
    let mut edited = Vec::new();
    for revision in chain.revisions().iter().filter(|revision| applied.contains(&revision.version)) {
        let Some((checksum, tokens)) = texts.get(&revision.version).filter(|(checksum, _)| !checksum.is_empty()) else {
            continue;
        };
        let up = chain.up(tree, revision)?;
        if chain::checksum(&up.text) == *checksum {
            continue;
        }
        if tokens.as_ref() == Some(&chain::token_checksum(database.dialect(), &up.text)) {
            cx.ui.warn(format!("{}: a comment was edited after it was applied", up.file));
        } else {
            edited.push((revision.label(), up.file));
        }
    }
    let Some((_, first)) = edited.first() else { return Ok(()) };
    let names: Vec<&str> = edited.iter().map(|(label, _)| label.as_str()).collect();
    Err(Error::new(Kind::Edited, format!("edited after it was applied here: {}", names.join(", ")))
        .at(Place::file(first))
        .hint("put the text back and write what is to change as a new revision: cargo ops-migrate create")
        .hint("or take it back and apply it again: cargo ops-migrate rollback, then upgrade")
        .hint("or go on with the database as it is: cargo ops-migrate upgrade --allow-edited"))
}

/// Prints the script of a plan, with Diesel's own bookkeeping, so that it can be run by hand.
///
/// # Errors
/// Where a file of the chain cannot be read or stdout cannot be written.
pub fn print_script(
    tree: &dyn Tree,
    chain: &Chain,
    plan: &Plan<'_>,
    dialect: Dialect,
    cx: &mut Context,
) -> Result<Outcome> {
    let direction = match plan.direction {
        target::Direction::Up => Direction::Up,
        target::Direction::Down => Direction::Down,
    };
    if direction == Direction::Up {
        cx.ui.line(CREATE_DIESEL_TABLE)?;
    }
    for step in view::steps(tree, chain, &plan.steps, direction)? {
        cx.ui.line(script_of(&step, dialect))?;
    }
    Ok(Outcome::Fine)
}

/// A step as a script, with the row that Diesel keeps about it.
fn script_of(step: &runner::Step, dialect: Dialect) -> String {
    let version = dialect.literal(&step.version);
    let row = match step.direction {
        Direction::Up => format!("INSERT INTO {DIESEL_TABLE} (version) VALUES ({version});"),
        Direction::Down => format!("DELETE FROM {DIESEL_TABLE} WHERE version = {version};"),
    };
    let sql = step.sql.trim_end();
    let body = if step.in_transaction { format!("BEGIN;\n{sql}\n{row}\nCOMMIT;") } else { format!("{sql}\n{row}") };
    format!("-- {}\n{body}\n", step.file)
}

/// Runs steps and tells each as it ends.
///
/// # Errors
/// Where a step fails or the lock is not to be had.
pub fn run(database: &mut Database, steps: &[runner::Step], waits: &Waits, cx: &mut Context) -> Result<Outcome> {
    let verb = match steps.first().map(|s| s.direction) {
        Some(Direction::Down) => "took back",
        _ => "applied",
    };
    let mut lines: Vec<String> = Vec::new();
    let mut progress = cx.ui.progress(steps.len() as u64);
    let outcome = runner::run(
        database,
        steps,
        runner::Options {
            lock_wait: Duration::from_secs(waits.lock_wait),
            table_wait: (waits.table_wait > 0).then(|| Duration::from_secs(waits.table_wait)),
            table_retries: waits.table_retries,
            catch_signals: true,
            on_event: &mut |event| match event {
                runner::Event::Started { step, .. } => progress.step(&step.name),
                runner::Event::Finished { step, duration } => {
                    lines.push(format!("{verb} {} ({})", step.name, view::duration_text(duration)));
                }
                runner::Event::Skipped { step } => lines.push(format!("{} was done by another runner", step.name)),
                runner::Event::Settled { name, how } => lines.push(format!("{name}, from a run that crashed: {how}")),
                runner::Event::Resumed { name, done, total } => lines
                    .push(format!("{name} was interrupted behind statement {done} of {total}, and goes on from there")),
                runner::Event::Blocked { step, blockers } => {
                    let who = if blockers.is_empty() { "others".to_owned() } else { blockers.join("; ") };
                    lines.push(format!("{} waits for a table that is held by {who}", step.name));
                }
                runner::Event::Reconnected { error } => lines.push(format!("connected again, after: {error}")),
                runner::Event::Failed { .. } => {}
            },
        },
    );
    progress.finish();
    drop(progress);
    for line in lines {
        cx.ui.line(line)?;
    }
    outcome.map_err(|error: Error| error.hint("cargo ops-migrate status tells where the database stands now"))?;
    Ok(Outcome::Fine)
}
