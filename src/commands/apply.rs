//! What `upgrade` and `rollback` share: a plan told, printed as a script, and run.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::guard::{ProtectedView, Standing};
use super::live::Live;
use super::view;
use crate::chain::target::{self, Plan};
use crate::chain::{self, Chain, Revision};
use crate::context::Context;
use crate::db::losses::Lost;
use crate::db::watch::Session;
use crate::db::{DIESEL_TABLE, Database, ledger};
use crate::dialect::Dialect;
use crate::error::{Error, Kind, Outcome, Result};
use crate::place::Place;
use crate::runner::{self, Direction, batch};
use crate::tree::Tree;
use crate::words::counted;

/// How long a command waits for the runners' lock.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct LockWait {
    /// How many seconds to wait for another runner
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    lock_wait: u64,
}

impl LockWait {
    pub fn duration(self) -> Duration {
        Duration::from_secs(self.lock_wait)
    }
}

/// How long a run waits for others.
#[derive(Debug, clap::Args)]
pub struct Waits {
    #[command(flatten)]
    pub lock: LockWait,
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

/// One line of `--format json` of `upgrade` and `rollback`: what happens, as it happens. `plan` comes
/// first; after it, for each step, `started` and then `finished` or `failed`; `done` where all of it
/// went well. Fields may be added, so readers skip what they do not know.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Line<'a> {
    Plan {
        schema_version: u32,
        /// `up` or `down`.
        direction: &'static str,
        steps: Vec<StepView<'a>>,
        unknown: &'a [String],
        out_of_order: Vec<&'a str>,
        losses: Vec<&'a Lost>,
        /// The mark of a protected database.
        protected: Option<ProtectedView>,
    },
    /// Another runner holds the lock.
    Waits {
        holder: &'a str,
    },
    /// A row of a crashed run was ended.
    Settled {
        name: &'a str,
        how: &'a str,
    },
    Started {
        version: &'a str,
        name: &'a str,
        number: usize,
        total: usize,
    },
    /// A data step goes on after the rows that a run before has done.
    GoesOn {
        version: &'a str,
        rows: u64,
    },
    /// A run that was interrupted is gone on with, behind `done` of its `total` statements.
    Resumed {
        name: &'a str,
        done: usize,
        total: usize,
    },
    /// Others hold a table that the revision needs; it was undone and is tried again.
    Blocked {
        version: &'a str,
        by: &'a [String],
    },
    /// The connection was lost and is there again.
    Reconnected {
        error: String,
    },
    /// A data step has committed another batch.
    Progress {
        version: &'a str,
        rows: u64,
        total: Option<u64>,
    },
    Finished {
        version: &'a str,
        name: &'a str,
        duration_ms: u64,
    },
    /// Another runner was faster; who, where the ledger knows.
    Skipped {
        version: &'a str,
        name: &'a str,
        by: Option<&'a str>,
    },
    Failed {
        version: &'a str,
        name: &'a str,
        error: String,
        hints: &'a [String],
    },
    Done {
        steps: usize,
        duration_ms: u64,
    },
}

/// A step of the plan.
#[derive(Debug, Serialize)]
struct StepView<'a> {
    id: &'a str,
    version: &'a str,
    directory: &'a str,
    message: &'a str,
    /// What its author says that it loses.
    lossy: &'a [String],
}

/// Tells what is about to happen, step by step, and what that destroys of what is there now.
///
/// # Errors
/// Where stdout cannot be written.
pub fn tell_plan(plan: &Plan<'_>, lost: &[Lost], standing: &Standing, cx: &mut Context) -> Result<()> {
    if cx.ui.is_json() {
        return cx.ui.event(&plan_line(plan, lost, standing));
    }
    let verb = match plan.direction {
        target::Direction::Up => "apply",
        target::Direction::Down => "take back",
    };
    view::warn_unknown(&plan.unknown, cx);
    for revision in &plan.out_of_order {
        cx.ui.warn(format!("{} is older than what is applied already", revision.label()));
    }
    if plan.steps.is_empty() {
        cx.ui.line(format!("Nothing to {verb}."))?;
    } else {
        cx.ui.line(format!("{} to {verb}:", counted(plan.steps.len(), "revision")))?;
    }
    let (mut told, mut lines) = (Vec::new(), Vec::new());
    for revision in &plan.steps {
        lines.push(format!("  {}", view::revision_line(revision, cx)));
        for what in declared(revision, plan.direction) {
            let counted = lost.iter().find(|lost| lost.what == *what);
            let text = counted.map_or_else(|| what.clone(), Lost::describe);
            lines.push(format!("      loses {text}"));
            told.push(what);
        }
    }
    if !lines.is_empty() {
        // At once: a line by itself is a write by itself.
        cx.ui.line(lines.join("\n"))?;
    }
    warn_lost(lost.iter().filter(|lost| !told.contains(&&lost.what)), cx);
    Ok(())
}

/// The same for revisions without files, which the ledger's own texts take back.
///
/// # Errors
/// Where stdout cannot be written.
pub fn tell_kept(steps: &[runner::Step], lost: &[Lost], standing: &Standing, cx: &mut Context) -> Result<()> {
    if cx.ui.is_json() {
        let versions: Vec<String> = steps.iter().map(|step| step.version.clone()).collect();
        return cx.ui.event(&Line::Plan {
            schema_version: 1,
            direction: "down",
            steps: steps.iter().map(StepView::of_step).collect(),
            unknown: &versions,
            out_of_order: Vec::new(),
            losses: lost.iter().collect(),
            protected: standing.protected.as_ref().map(ProtectedView::new),
        });
    }
    if steps.is_empty() {
        return cx.ui.line("Nothing to take back: every applied version is in this chain.");
    }
    let count = counted(steps.len(), "revision");
    cx.ui.line(format!("{count} to take back, by the down.sql that the ledger keeps:"))?;
    for step in steps {
        cx.ui.line(format!("  {}", step.name))?;
    }
    warn_lost(lost, cx);
    Ok(())
}

/// What the metadata says that a step loses.
fn declared(revision: &Revision, direction: target::Direction) -> &[String] {
    match direction {
        target::Direction::Up => &revision.lossy,
        target::Direction::Down => &revision.lossy_down,
    }
}

/// Warns of what is destroyed, also when quiet.
pub fn warn_lost<'a>(lost: impl IntoIterator<Item = &'a Lost>, cx: &mut Context) {
    for lost in lost.into_iter().filter(|lost| lost.is_real()) {
        cx.ui.warn(format!("this loses {}", lost.describe()));
    }
}

impl<'a> StepView<'a> {
    fn of_step(step: &'a runner::Step) -> Self {
        let id = step.revision.as_ref().unwrap_or(&step.version);
        Self { id, version: &step.version, directory: &step.name, message: &step.name, lossy: &[] }
    }
}

fn plan_line<'a>(plan: &'a Plan<'_>, lost: &'a [Lost], standing: &Standing) -> Line<'a> {
    let view = |revision: &&'a Revision| StepView {
        id: &revision.id,
        version: &revision.version,
        directory: &revision.directory,
        message: &revision.message,
        lossy: declared(revision, plan.direction),
    };
    Line::Plan {
        schema_version: 1,
        direction: match plan.direction {
            target::Direction::Up => "up",
            target::Direction::Down => "down",
        },
        steps: plan.steps.iter().map(view).collect(),
        unknown: &plan.unknown,
        out_of_order: plan.out_of_order.iter().map(|revision| revision.version.as_str()).collect(),
        losses: lost.iter().collect(),
        protected: standing.protected.as_ref().map(ProtectedView::new),
    }
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
    let applied: HashSet<&String> = applied.iter().collect();
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

/// How steps run.
pub struct Wishes<'a> {
    pub waits: &'a Waits,
    /// Seconds that a replica may be behind while a data step goes on.
    pub max_lag: Option<u64>,
    /// All of them in one transaction.
    pub single_transaction: bool,
    /// The versions that were applied when the steps were chosen.
    pub planned_on: &'a [String],
    /// Reads the texts of steps that are outlines.
    pub texts: Option<runner::Reader<'a>>,
}

impl<'a> Wishes<'a> {
    /// Nothing but how long to wait.
    pub fn of(waits: &'a Waits, planned_on: &'a [String]) -> Self {
        Self { waits, max_lag: None, single_transaction: false, planned_on, texts: None }
    }
}

/// Runs steps and tells each as it ends.
///
/// # Errors
/// Where a step fails or the lock is not to be had.
pub fn run(database: &mut Database, steps: &[runner::Step], wishes: &Wishes<'_>, cx: &mut Context) -> Result<Outcome> {
    let Wishes { waits, max_lag, single_transaction, planned_on, texts } = *wishes;
    let began = Instant::now();
    let live = Live::start(|| Session::of(database), cx);
    let mut printed = Ok(());
    let options = runner::Options {
        lock_wait: waits.lock.duration(),
        table_wait: (waits.table_wait > 0).then(|| Duration::from_secs(waits.table_wait)),
        table_retries: waits.table_retries,
        single_transaction,
        planned_on: Some(planned_on),
        max_lag: max_lag.map(Duration::from_secs),
        texts,
        catch_signals: true,
        on_event: &mut |event| {
            follow(&live, &event);
            let told = live.aside(|| tell(&event, cx));
            printed = std::mem::replace(&mut printed, Ok(())).and(told);
        },
    };
    let outcome = runner::run(database, steps, options);
    drop(live);
    outcome.map_err(|error: Error| error.hint("cargo ops-migrate status tells where the database stands now"))?;
    printed?;
    if cx.ui.is_json() {
        cx.ui.event(&Line::Done { steps: steps.len(), duration_ms: milliseconds(began.elapsed()) })?;
    }
    Ok(Outcome::Fine)
}

/// What the live line shows of an event.
fn follow(live: &Live, event: &runner::Event<'_>) {
    match event {
        runner::Event::Started { step, number, total } => live.step(&step.name, *number, *total),
        runner::Event::Progress { rows, total, .. } => live.progress(batch::progress_text(*rows, *total)),
        runner::Event::Finished { .. } | runner::Event::Failed { .. } | runner::Event::Skipped { .. } => live.idle(),
        runner::Event::Waits { .. }
        | runner::Event::Settled { .. }
        | runner::Event::GoesOn { .. }
        | runner::Event::Resumed { .. }
        | runner::Event::Blocked { .. }
        | runner::Event::Reconnected { .. } => {}
    }
}

/// How a command tells what happens.
pub type Tell = fn(&runner::Event<'_>, &mut Context) -> Result<()>;

/// Does what has events to be told; the first that cannot be told is the error of what went well.
///
/// # Errors
/// Those of the work, and where nobody takes what is printed.
pub fn telling<T>(
    cx: &mut Context,
    tell: Tell,
    work: impl FnOnce(&mut dyn FnMut(runner::Event<'_>)) -> Result<T>,
) -> Result<T> {
    let mut told = Ok(());
    let done = work(&mut |event| {
        let now = tell(&event, cx);
        told = std::mem::replace(&mut told, Ok(())).and(now);
    })?;
    told.map(|()| done)
}

/// Prints an event beside a result that is one document: where that is for a program, on stderr.
///
/// # Errors
/// Where nobody takes what is printed.
pub fn tell_beside(event: &runner::Event<'_>, cx: &mut Context) -> Result<()> {
    if !cx.ui.is_json() {
        return tell(event, cx);
    }
    if let Some(words) = words(event) {
        cx.ui.status(words);
    }
    Ok(())
}

/// Prints an event, where it is one to be told.
///
/// # Errors
/// Where nobody takes what is printed.
pub fn tell(event: &runner::Event<'_>, cx: &mut Context) -> Result<()> {
    if cx.ui.is_json() {
        return cx.ui.event(&line_of(event));
    }
    words(event).map_or(Ok(()), |words| cx.ui.line(words))
}

/// An event for people; `None` where it is for the live line alone.
fn words(event: &runner::Event<'_>) -> Option<String> {
    Some(match event {
        runner::Event::Finished { step, duration } => {
            let verb = match step.direction {
                Direction::Up => "applied",
                Direction::Down => "took back",
            };
            format!("{verb} {} ({})", step.name, view::duration_text(*duration))
        }
        runner::Event::Skipped { step, by } => {
            let by = by.unwrap_or("it is not in the ledger");
            format!("{} was done by another runner ({by})", step.name)
        }
        runner::Event::Waits { holder } => {
            format!("waits for another runner, which holds the lock: {holder}")
        }
        runner::Event::Settled { name, how } => format!("{name}, from a run that crashed: {how}"),
        runner::Event::GoesOn { step, rows } => {
            format!("{} goes on after the {rows} rows that are done", step.name)
        }
        runner::Event::Resumed { name, done, total } => {
            format!("{name} was interrupted behind statement {done} of {total}, and goes on from there")
        }
        runner::Event::Blocked { step, blockers } => {
            let who = if blockers.is_empty() { "others".to_owned() } else { blockers.join("; ") };
            format!("{} waits for a table that is held by {who}", step.name)
        }
        runner::Event::Reconnected { error } => format!("connected again, after: {error}"),
        runner::Event::Started { .. } | runner::Event::Progress { .. } | runner::Event::Failed { .. } => {
            return None;
        }
    })
}

fn line_of<'a>(event: &'a runner::Event<'_>) -> Line<'a> {
    match event {
        runner::Event::Waits { holder } => Line::Waits { holder },
        runner::Event::Settled { name, how } => Line::Settled { name, how },
        runner::Event::Skipped { step, by } => Line::Skipped { version: &step.version, name: &step.name, by: *by },
        runner::Event::Started { step, number, total } => {
            Line::Started { version: &step.version, name: &step.name, number: *number, total: *total }
        }
        runner::Event::GoesOn { step, rows } => Line::GoesOn { version: &step.version, rows: *rows },
        runner::Event::Resumed { name, done, total } => Line::Resumed { name, done: *done, total: *total },
        runner::Event::Blocked { step, blockers } => Line::Blocked { version: &step.version, by: blockers },
        runner::Event::Reconnected { error } => Line::Reconnected { error: error.to_string() },
        runner::Event::Progress { step, rows, total } => {
            Line::Progress { version: &step.version, rows: *rows, total: *total }
        }
        runner::Event::Finished { step, duration } => {
            Line::Finished { version: &step.version, name: &step.name, duration_ms: milliseconds(*duration) }
        }
        runner::Event::Failed { step, error } => {
            Line::Failed { version: &step.version, name: &step.name, error: error.to_string(), hints: &error.hints }
        }
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
