//! `check`: do models and revisions of a tree agree? The same code as the hooks, for CI and other
//! hook managers.

use std::collections::BTreeSet;

use clap::Args;

use super::gate::{self, Ask, Held};
use super::{project, verdict, view};
use crate::cli::Global;
use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::gate::{Produced, Verdict, verdict as gate_verdict};
use crate::git::{Repo, Rev};
use crate::hooks::Push;
use crate::models::owned::{contradiction, without_shared};
use crate::models::{Change, changes, drift};
use crate::report::Level;
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
    /// What the environment tells: a hook manager's push or commit, or a pull request in CI
    #[arg(long, conflicts_with_all = ["staged", "tree", "range", "pre_push"])]
    pub auto: bool,
    /// Of a range or a push every commit, not the tip alone
    #[arg(long)]
    pub each_commit: bool,
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
        let result = self.outcome(global, cx);
        if let (Err(error), Some(service)) = (&result, cx.ui.format.report()) {
            verdict::tell_report(service, &[verdict::finding_of(error, Level::Error)], cx)?;
        }
        result
    }

    fn outcome(&self, global: &Global, cx: &mut Context) -> Result<Outcome> {
        let told = if self.auto { Told::by_environment(cx) } else { self.told() };
        let name = match &told {
            None => return self.work_tree(global, cx),
            Some(Told::Staged) => Some("check"),
            Some(Told::Pushed | Told::Push { .. }) => Some("pre-push"),
            Some(Told::Tree(_) | Told::Range(_) | Told::Proposed) => None,
        };
        if name.is_some_and(|name| gate::is_skipped(name, cx)) {
            return Ok(Outcome::Fine);
        }
        let repo = gate::open(cx)?;
        // Asked for by name, a commit that a partial clone has not fetched is worth the network; what a
        // hook asks is not.
        let repo = if name.is_some() { repo } else { repo.with_fetch() };
        let asks = match told.unwrap_or(Told::Staged) {
            Told::Staged => vec![Ask::staged(&repo, cx)?],
            Told::Tree(rev) => vec![of_tree(&repo, &rev)?],
            Told::Range(range) => vec![of_range(&repo, &range)?],
            Told::Proposed => vec![proposed(&repo)?],
            Told::Pushed => gate::pushed(&repo, &self.args, cx)?,
            Told::Push { remote, push } => gate::of_push(&repo, &push, &remote)?.into_iter().collect(),
        };
        gate::settle(&repo, asks, self.each_commit, &gate::choice(global), cx)
    }

    /// What the options name; `None` for the work tree.
    fn told(&self) -> Option<Told> {
        match self {
            Self { pre_push: true, .. } => Some(Told::Pushed),
            Self { staged: true, .. } => Some(Told::Staged),
            Self { tree: Some(rev), .. } => Some(Told::Tree(rev.clone())),
            Self { range: Some(range), .. } => Some(Told::Range(range.clone())),
            _ => None,
        }
    }

    /// The work tree: what changed since the chain was last touched has to be carried by it; what
    /// differed before is listed, and counts with `--all`.
    fn work_tree(&self, global: &Global, cx: &mut Context) -> Result<Outcome> {
        let project = project(cx, global)?;
        let mut parsed = Parsed::recall(&project.cache());
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
        parsed.keep(&mut project.cache());
        let outcome = if verdict.blocks() || !without.is_empty() { Outcome::Change } else { Outcome::Fine };
        if cx.ui.is_json() {
            let mut value = verdict::verdict_json(&verdict);
            value["schema_version"] = serde_json::json!(1);
            let of_shared = without.iter().map(|(of, table, at)| {
                serde_json::json!({ "columns": of, "table": table, "file": at.file, "line": at.line })
            });
            value["without_shared_columns"] = of_shared.collect();
            cx.ui.json(&value)?;
            return Ok(outcome);
        }
        if let Some(service) = cx.ui.format.report() {
            verdict::tell_report(service, &verdict::verdict_findings(&verdict, &project.layout.package), cx)?;
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
        for standing in &verdict.standing {
            cx.ui.line(standing.describe())?;
        }
        if !without.is_empty() {
            cx.ui.line(cx.ui.tone("Tables without the shared columns that this project requires:", Tone::Bad))?;
            for (of, table, at) in &without {
                let place = cx.ui.tone(&at.to_string(), Tone::Faint);
                cx.ui.line(format!("  {:<48} {place}", format!("{table} without {of}")))?;
            }
            cx.ui.hint("embed them: #[ops(shared(…))] or #[diesel(embed)] in the struct that derives OpsModel; or name the table in shared-columns-except");
        }
        Ok(outcome)
    }
}

/// What is to be checked.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Told {
    Staged,
    Tree(String),
    Range(String),
    /// What git says on stdin.
    Pushed,
    /// One reference of a push, as a manager hands it on.
    Push {
        remote: String,
        push: Push,
    },
    /// HEAD in CI: the merge of a pull request, or a branch.
    Proposed,
}

impl Told {
    /// What the variables of hook managers and CI services say. pre-commit and prek name a push by its
    /// remote and may leave out its ends; `run --from-ref A --to-ref B` compares from the merge base. In
    /// a commit's hook git itself names the index.
    fn by_environment(cx: &Context) -> Option<Self> {
        let (from, to) = (cx.var("PRE_COMMIT_FROM_REF"), cx.var("PRE_COMMIT_TO_REF"));
        if let Some(remote) = cx.var("PRE_COMMIT_REMOTE_NAME") {
            let push = Push {
                local_ref: cx.var("PRE_COMMIT_LOCAL_BRANCH").unwrap_or("HEAD").to_owned(),
                local_id: to.unwrap_or("HEAD").to_owned(),
                remote_ref: cx.var("PRE_COMMIT_REMOTE_BRANCH").unwrap_or("HEAD").to_owned(),
                remote_id: from.map(str::to_owned),
            };
            return Some(Self::Push { remote: remote.to_owned(), push });
        }
        if let (Some(from), Some(to)) = (from, to) {
            return Some(Self::Range(format!("{from}...{to}")));
        }
        if cx.var("GIT_INDEX_FILE").is_some() || cx.var("CI").is_none_or(|ci| ci == "false") {
            return Some(Self::Staged);
        }
        Some(match cx.var("CI_MERGE_REQUEST_DIFF_BASE_SHA") {
            Some(base) => Self::Range(format!("{base}...HEAD")),
            None => Self::Proposed,
        })
    }
}

/// A commit against its parents.
fn of_tree(repo: &Repo, rev: &str) -> Result<Ask> {
    let tip = repo.resolve(rev)?;
    let parents: Vec<Rev> = repo.parents(&tip)?.into_iter().map(Rev::Commit).collect();
    let parents = if parents.is_empty() { vec![Rev::Empty] } else { parents };
    Ok(Ask { tree: Rev::Commit(tip), parents, commits: Vec::new(), held: Held::Check })
}

/// HEAD in CI: a merge is a pull request with its target as the first parent, and all that it brings is
/// asked about.
fn proposed(repo: &Repo) -> Result<Ask> {
    let head = repo.resolve("HEAD")?;
    match repo.parents(&head)?.as_slice() {
        [target, _, ..] => of_range(repo, &format!("{target}..{head}")),
        _ => of_tree(repo, &head),
    }
}

fn of_range(repo: &Repo, range: &str) -> Result<Ask> {
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
    let commits = repo.commits_since(&base, &tip)?;
    Ok(Ask { tree: Rev::Commit(tip), parents: vec![Rev::Commit(base)], commits, held: Held::Check })
}
