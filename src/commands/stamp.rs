//! `stamp`: records where the database stands, without running anything.

use clap::Args;
use serde::Serialize;

use super::apply::{self, LockWait};
use super::guard::{Guard, Standing};
use super::{project, view};
use crate::chain::target::{self, Target};
use crate::chain::{Chain, Revision};
use crate::cli::Global;
use crate::context::Context;
use crate::db::ledger;
use crate::error::{Outcome, Result};
use crate::project::Project;
use crate::runner::{self, Direction, Records};
use crate::words::counted;

/// Record where the database stands, without running anything.
///
/// For a database whose schema is there already: made by hand or from a dump, or before this tool
/// came. The revisions up to the target are recorded as applied, all others as not applied; no
/// statement of theirs runs, neither up nor down. Where that is not true of the schema, the next
/// `upgrade` fails or, worse, does not: `cargo ops-migrate status --verify` compares the two.
///
/// With --rebuild-ledger, Diesel's table is believed and stays as it is: the ledger, where it is lost
/// or does not know of revisions that another tool has applied, is written anew from the files, so that
/// edited texts are noticed from now on and ways back are kept again.
#[derive(Debug, Args)]
pub struct Stamp {
    /// Where the database stands: head, heads, base, an id or the start of one
    #[arg(allow_hyphen_values = true, required_unless_present = "rebuild_ledger")]
    pub target: Option<String>,
    /// Write what the ledger does not know of, from Diesel's table and the files
    #[arg(long, conflicts_with_all = ["target", "purge"])]
    pub rebuild_ledger: bool,
    /// Show what would be recorded, and do nothing
    #[arg(long)]
    pub plan: bool,
    /// Also forget applied versions that are not in this chain
    #[arg(long)]
    pub purge: bool,
    /// Do not ask for confirmations
    #[arg(short, long)]
    pub yes: bool,
    #[command(flatten)]
    pub lock: LockWait,
    #[command(flatten)]
    pub guard: Guard,
}

/// What changes in the records.
struct Change<'a> {
    applied: Vec<&'a Revision>,
    /// Newest first, as they would be reverted.
    not_applied: Vec<&'a Revision>,
    forgotten: Vec<String>,
    /// Versions of no revision here that stay recorded.
    left: Vec<String>,
    /// In the ledger, and not in Diesel's table.
    is_ledger_alone: bool,
}

#[derive(Serialize)]
struct View<'a> {
    schema_version: u32,
    applied: Vec<&'a str>,
    not_applied: Vec<&'a str>,
    forgotten: &'a [String],
    left: &'a [String],
    done: bool,
}

impl Stamp {
    /// Runs the command.
    ///
    /// # Errors
    /// Where the target is unknown, the database is another one than was meant, nobody agreed, a
    /// crashed run is open, or another runner holds the lock.
    pub fn run(&self, global: &Global, cx: &mut Context) -> Result<Outcome> {
        let target = self.target.as_deref().map(target::parse).transpose()?;
        let project = project(cx, global)?;
        let chain = Chain::load(&project.tree, &project.group()?.directory)?;
        let (standing, applied, entries) = look(&project, &chain)?;
        let change = match &target {
            Some(target) => self.change(target, &chain, &applied)?,
            None => Change::of_ledger(&chain, &applied, &entries),
        };
        if !cx.ui.is_json() {
            change.tell(cx)?;
        }
        if self.plan || change.is_empty() {
            return change.json(false, cx);
        }
        standing.accept(&self.guard, &project, cx)?;
        standing.agree(&self.guard, "what is recorded here is believed from now on", cx)?;
        view::agree(self.yes, &view::RECORD, cx)?;
        let mut steps = view::records(&project.tree, &chain, &change.not_applied, Direction::Down)?;
        steps.extend(view::records(&project.tree, &chain, &change.applied, Direction::Up)?);
        let mut database = view::open_for_writing(&project)?;
        standing.remember(&mut database, self.lock.duration(), apply::tell_beside, cx)?;
        let records =
            if change.is_ledger_alone { Records::Ledger(&steps) } else { Records::Both(&steps, &change.forgotten) };
        apply::telling(cx, apply::tell_beside, |on_event| {
            runner::stamp(&mut database, records, self.lock.duration(), on_event)
        })?;
        if !cx.ui.is_json() {
            cx.ui.line("Recorded.")?;
            cx.ui.hint("cargo ops-migrate status --verify compares the schema with what is recorded now");
        }
        change.json(true, cx)
    }

    fn change<'a>(&self, target: &Target, chain: &'a Chain, applied: &[String]) -> Result<Change<'a>> {
        let ends = target.resolve_all(chain, applied)?;
        let wanted: Vec<&str> =
            ends.iter().flat_map(|end| chain.ancestors(&end.id)).map(|r| r.version.as_str()).collect();
        let is_wanted = |revision: &Revision| wanted.contains(&revision.version.as_str());
        let is_applied = |revision: &Revision| applied.contains(&revision.version);
        let unknown = chain.pending(applied).unknown;
        let (forgotten, left) = if self.purge { (unknown, Vec::new()) } else { (Vec::new(), unknown) };
        let revisions = chain.revisions();
        Ok(Change {
            applied: revisions.iter().filter(|r| is_wanted(r) && !is_applied(r)).collect(),
            not_applied: revisions.iter().rev().filter(|r| !is_wanted(r) && is_applied(r)).collect(),
            forgotten,
            left,
            is_ledger_alone: false,
        })
    }
}

impl<'a> Change<'a> {
    /// What the ledger does not know, or knows otherwise than Diesel's table has it.
    fn of_ledger(chain: &'a Chain, applied: &[String], entries: &[ledger::Entry]) -> Self {
        let believed = ledger::believed(entries);
        let is_known = |version: &str| believed.contains(version);
        let is_applied = |revision: &Revision| applied.contains(&revision.version);
        let revisions = chain.revisions();
        Self {
            applied: revisions.iter().filter(|r| is_applied(r) && !is_known(&r.version)).collect(),
            not_applied: revisions.iter().rev().filter(|r| !is_applied(r) && is_known(&r.version)).collect(),
            forgotten: Vec::new(),
            left: chain.pending(applied).unknown.into_iter().filter(|version| !is_known(version)).collect(),
            is_ledger_alone: true,
        }
    }

    fn is_empty(&self) -> bool {
        self.applied.is_empty() && self.not_applied.is_empty() && self.forgotten.is_empty()
    }

    fn tell(&self, cx: &mut Context) -> Result<()> {
        if self.is_empty() {
            cx.ui.line("Nothing to record.")?;
        }
        let parts = [("applied", &self.applied), ("not applied", &self.not_applied)];
        for (word, revisions) in parts.into_iter().filter(|(_, revisions)| !revisions.is_empty()) {
            let count = counted(revisions.len(), "revision");
            cx.ui.line(if self.is_ledger_alone {
                format!("{count} recorded in the ledger as {word}, as Diesel's table has it:")
            } else {
                format!("{count} recorded as {word}, without running:")
            })?;
            for revision in revisions {
                let line = view::revision_line(revision, cx);
                cx.ui.line(format!("  {line}"))?;
            }
        }
        for version in &self.forgotten {
            cx.ui.line(format!("version {version}, which is not in this chain, is forgotten"))?;
        }
        for version in &self.left {
            cx.ui.warn(if self.is_ledger_alone {
                format!("version {version} has no files in this chain: the ledger can know nothing of it")
            } else {
                format!("version {version} is not in this chain and stays recorded; --purge forgets it")
            });
        }
        if self.is_ledger_alone && !self.is_empty() {
            cx.ui.warn("the files are believed as they are now: a text that was edited since it ran is not noticed");
        } else if !self.is_empty() {
            cx.ui.warn("the schema is not touched: this is right only where it is already as these revisions make it");
        }
        Ok(())
    }

    fn json(&self, done: bool, cx: &mut Context) -> Result<Outcome> {
        if cx.ui.is_json() {
            cx.ui.json(&View {
                schema_version: 1,
                applied: self.applied.iter().map(|r| r.version.as_str()).collect(),
                not_applied: self.not_applied.iter().map(|r| r.version.as_str()).collect(),
                forgotten: &self.forgotten,
                left: &self.left,
                done,
            })?;
        }
        Ok(Outcome::Fine)
    }
}

fn look(project: &Project, chain: &Chain) -> Result<(Standing, Vec<String>, Vec<ledger::Entry>)> {
    let mut database = view::open_for_reading(project)?;
    let applied = view::applied_versions(&mut database)?;
    let entries = ledger::entries(&mut database)?;
    Ok((Standing::read(project, chain, &applied, &mut database)?, applied, entries))
}
