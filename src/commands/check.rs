//! `check`: do models and revisions of a tree agree? The same code as the hooks, for CI and other
//! hook managers.

use std::collections::BTreeSet;

use clap::Args;

use super::gate::{self, Held};
use super::view::ChangeView;
use super::{project, view};
use crate::cli::Global;
use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::gate::{Produced, Verdict, verdict as gate_verdict};
use crate::git::{Repo, Rev};
use crate::judge::{self, Judgement};
use crate::models::owned::{contradiction, without_shared};
use crate::models::{Change, changes, drift};
use crate::project::FileCache;
use crate::snapshot::{self, Parsed};
use crate::ui::Tone;

/// Do models and revisions of a tree agree? For hooks and CI.
#[derive(Debug, Args)]
pub struct Check {
    /// The index, against HEAD: what a commit would record
    #[arg(long, conflicts_with_all = ["tree", "range", "pre_push"])]
    pub staged: bool,
    /// A commit, against its parents
    #[arg(long, value_name = "REV", conflicts_with_all = ["range", "pre_push"])]
    pub tree: Option<String>,
    /// The tip of a range, against what it builds on: BASE..TIP or BASE...TIP
    #[arg(long, value_name = "RANGE", conflicts_with = "pre_push")]
    pub range: Option<String>,
    /// What git writes to a pre-push hook, on stdin
    #[arg(long)]
    pub pre_push: bool,
    /// In the work tree, count drift that was there before as well
    #[arg(long)]
    pub all: bool,
    /// Words that other hook managers add
    #[arg(last = true, hide = true)]
    pub args: Vec<String>,
}

impl Check {
    /// Runs the command.
    ///
    /// # Errors
    /// Where nothing can be decided.
    pub fn run(&self, global: &Global, cx: &mut Context) -> Result<Outcome> {
        if self.pre_push {
            if gate::is_skipped("pre-push", cx) {
                return Ok(Outcome::Fine);
            }
            return gate::pre_push(&gate::open(cx)?, &self.args, &gate::choice(global), cx);
        }
        if !self.staged && self.tree.is_none() && self.range.is_none() {
            return self.work_tree(global, cx);
        }
        let repo = gate::open(cx)?;
        // Asked for by name, a commit that a partial clone has not fetched is worth the network; what a
        // hook asks is not.
        let repo = if self.staged { repo } else { repo.with_fetch() };
        let (tree, parents) = self.sides(&repo)?;
        let mut cache = FileCache::of(&repo);
        let held = if self.staged { Held::Commit } else { Held::Check };
        if self.staged && gate::is_skipped("check", cx) {
            return Ok(Outcome::Fine);
        }
        let judgement = judge::judge(&repo, &tree, &parents, &gate::choice(global), &mut cache)?;
        if cx.ui.is_json() {
            return json_of(&judgement, cx);
        }
        let outcome = gate::tell_judgement(&judgement, &repo, &tree, &held, cx)?;
        for judged in judgement.backends.iter().filter(|_| held == Held::Check && outcome == Outcome::Fine) {
            for change in &judged.verdict.inherited {
                cx.ui.status(format!("inherited drift: {}", change.describe()));
            }
        }
        Ok(outcome)
    }

    fn sides(&self, repo: &Repo) -> Result<(Rev, Vec<Rev>)> {
        if let Some(rev) = &self.tree {
            let oid = repo.resolve(rev)?;
            let parents = repo.parents(&oid)?;
            let parents =
                if parents.is_empty() { vec![Rev::Empty] } else { parents.into_iter().map(Rev::Commit).collect() };
            return Ok((Rev::Commit(oid), parents));
        }
        if let Some(range) = &self.range {
            return range_sides(repo, range);
        }
        Ok((Rev::Index, gate::index_parents(repo)?))
    }

    /// The work tree: what changed since the chain was last touched has to be carried by it; what
    /// differed before is listed, and counts with `--all`.
    fn work_tree(&self, global: &Global, cx: &mut Context) -> Result<Outcome> {
        let project = project(cx, global)?;
        let mut parsed = Parsed::default();
        let mut verdict = Verdict::default();
        let mut without = BTreeSet::new();
        for group in &project.layout.groups {
            let layout = project.layout.of(group);
            let now = snapshot::models(&project.tree, &layout, &mut parsed)?;
            let before = view::models_before(&project, &layout, &mut parsed)?;
            let (_, catalog) = snapshot::baseline(&project.tree, group, &mut project.cache())?;
            let own: Vec<Change> = match &before {
                Some(before) if !self.all => changes(before, &now),
                _ => drift(&now, &catalog),
            };
            let produced = Produced { directory: &group.directory, catalog: &catalog };
            verdict.add(gate_verdict(&now, &own, &[produced]));
            if let Some(error) = before.as_deref().and_then(|before| contradiction(before, &now)) {
                return Err(error);
            }
            let lacking = without_shared(&now, &layout.shared_columns, &layout.shared_columns_except);
            without.extend(
                lacking.into_iter().map(|(of, table)| (of.to_owned(), table.name.to_string(), table.at.clone())),
            );
        }
        let outcome = if verdict.blocks() || !without.is_empty() { Outcome::Change } else { Outcome::Fine };
        if cx.ui.is_json() {
            cx.ui.json(&serde_json::json!({
                "schema_version": 1,
                "missing": verdict.missing.iter().map(|m| ChangeView::new(&m.change)).collect::<Vec<_>>(),
                "inherited": verdict.inherited.iter().map(ChangeView::new).collect::<Vec<_>>(),
                "undecided": verdict.unsure.iter().map(|(c, _)| ChangeView::new(c)).collect::<Vec<_>>(),
                "without_shared_columns": without.iter().map(|(of, table, at)| serde_json::json!({
                    "columns": of, "table": table, "file": at.file, "line": at.line,
                })).collect::<Vec<_>>(),
            }))?;
            return Ok(outcome);
        }
        if verdict.blocks() {
            cx.ui.line(cx.ui.tone("Models without a revision:", Tone::Bad))?;
            for missing in &verdict.missing {
                let several = project.layout.groups.len() > 1;
                let groups = if several { format!("  (not in {})", missing.groups.join(", ")) } else { String::new() };
                cx.ui.line(format!("{}{groups}", view::change_line(&missing.change, cx)))?;
            }
            cx.ui.hint("write it: cargo ops-migrate create \"what changed\"");
        } else {
            cx.ui.line("Models and revisions agree.")?;
        }
        if !verdict.inherited.is_empty() {
            cx.ui.line(format!("Inherited drift ({}), which never blocks:", verdict.inherited.len()))?;
            for change in &verdict.inherited {
                cx.ui.line(view::change_line(change, cx))?;
            }
        }
        for (change, reason) in &verdict.unsure {
            cx.ui.warn(format!("not decided ({reason}): {}", change.describe()));
        }
        if !without.is_empty() {
            cx.ui.line(cx.ui.tone("Tables without the shared columns that this project requires:", Tone::Bad))?;
            for (of, table, at) in &without {
                cx.ui.line(format!(
                    "  {:<48} {}",
                    format!("{table} without {of}"),
                    cx.ui.tone(&at.to_string(), Tone::Faint)
                ))?;
            }
            cx.ui.hint("embed them: #[diesel(embed)] in the struct that derives OpsModel; or name the table in shared-columns-except");
        }
        Ok(outcome)
    }
}

fn range_sides(repo: &Repo, range: &str) -> Result<(Rev, Vec<Rev>)> {
    let (base, tip, symmetric) = match range.split_once("...") {
        Some((base, tip)) => (base, tip, true),
        None => match range.split_once("..") {
            Some((base, tip)) => (base, tip, false),
            None => {
                return Err(Error::undecided(format!("{range} is no range"))
                    .hint("BASE..TIP, or BASE...TIP from their merge base"));
            }
        },
    };
    let commit = |name: &str| repo.resolve(if name.is_empty() { "HEAD" } else { name });
    let (base, tip) = (commit(base)?, commit(tip)?);
    let base = if symmetric {
        repo.merge_base(&base, &tip)?.ok_or_else(|| {
            Error::undecided(format!("{range}: the two have no merge base here"))
                .hint("in CI, fetch the whole history (fetch-depth: 0)")
        })?
    } else {
        base
    };
    Ok((Rev::Commit(tip), vec![Rev::Commit(base)]))
}

fn json_of(judgement: &Judgement, cx: &mut Context) -> Result<Outcome> {
    let backends: Vec<_> = judgement
        .backends
        .iter()
        .map(|b| {
            serde_json::json!({
                "package": b.package,
                "missing": b.verdict.missing.iter().map(|m| ChangeView::new(&m.change)).collect::<Vec<_>>(),
                "inherited": b.verdict.inherited.iter().map(ChangeView::new).collect::<Vec<_>>(),
                "undecided": b.verdict.unsure.iter().map(|(c, _)| ChangeView::new(c)).collect::<Vec<_>>(),
                "chain_errors": b.chain_errors.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "notes": b.notes,
            })
        })
        .collect();
    cx.ui.json(&serde_json::json!({ "schema_version": 1, "backends": backends }))?;
    Ok(if judgement.blocks() { Outcome::Change } else { Outcome::Fine })
}
