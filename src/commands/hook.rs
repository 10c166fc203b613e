//! `hook`: what the installed shims call. It judges the tree that git is about to record or send,
//! and says nothing when all is well.

use std::collections::BTreeSet;

use clap::Args;

use super::view;
use crate::cli::Global;
use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::git::{Repo, Rev};
use crate::hooks::{Push, pushes};
use crate::judge;
use crate::layout::Choice;
use crate::project::FileCache;

/// What the installed hooks call.
#[derive(Debug, Args)]
pub struct Hook {
    /// The hook's name
    pub name: String,
    /// The version of the shim that calls
    #[arg(long, default_value_t = 1)]
    pub shim: u32,
    /// What git gave to the hook
    #[arg(last = true)]
    pub args: Vec<String>,
}

impl Hook {
    /// Runs the hook.
    ///
    /// # Errors
    /// Where nothing could be decided.
    pub fn run(&self, _global: &Global, cx: &mut Context) -> Result<Outcome> {
        if let Some(how) = skipped(cx) {
            let later = if self.name == "pre-push" { "CI checks" } else { "pre-push and CI check" };
            cx.ui.stderr_line(&format!("ops-migrate: {} skipped ({how}); {later} again", self.name));
            return Ok(Outcome::Fine);
        }
        let repo = open(cx)?;
        match self.name.as_str() {
            // Before a clean merge is committed the other side is named only in the environment.
            "pre-commit" | "pre-merge-commit" => pre_commit(&repo, cx),
            "pre-push" => pre_push(&repo, &self.args, cx),
            other => {
                Err(Error::undecided(format!("no hook {other}")).hint("hooks: pre-commit, pre-merge-commit, pre-push"))
            }
        }
    }
}

/// By which variable the user has switched the hooks off.
pub fn skipped(cx: &Context) -> Option<&'static str> {
    if cx.var("OPS_MIGRATE_SKIP").is_some_and(|value| value != "0") {
        return Some("OPS_MIGRATE_SKIP");
    }
    let listed = cx.var("SKIP").is_some_and(|ids| ids.split(',').any(|id| id.trim() == "ops-migrate"));
    listed.then_some("SKIP")
}

/// The repository that git runs the hook in.
///
/// # Errors
/// Where it cannot be read; that is never taken for "no changes".
pub fn open(cx: &Context) -> Result<Repo> {
    Repo::open(&cx.cwd, &cx.vars)?
        .ok_or_else(|| Error::undecided(format!("could not check: {} is in no git repository", cx.cwd.display())))
}

/// The commit that HEAD points to, as the only parent; the empty tree for an unborn branch.
pub fn head_parent(repo: &Repo) -> Result<Vec<Rev>> {
    Ok(vec![repo.head()?.map_or(Rev::Empty, Rev::Commit)])
}

fn pre_commit(repo: &Repo, cx: &mut Context) -> Result<Outcome> {
    let mut parents = head_parent(repo)?;
    parents.extend(repo.merge_heads()?.into_iter().map(|merged| Rev::Commit(merged.id)));
    settle(repo, &Rev::Index, &parents, "commit", cx)
}

/// Judges one tree and tells what blocks.
fn settle(repo: &Repo, tree: &Rev, parents: &[Rev], what: &str, cx: &mut Context) -> Result<Outcome> {
    let judgement = judge::judge(repo, tree, parents, &Choice::default(), &mut FileCache::of(repo))?;
    view::tell_judgement(&judgement, repo, tree, what, cx)
}

fn pre_push(repo: &Repo, args: &[String], cx: &mut Context) -> Result<Outcome> {
    let remote = args.first().map_or("origin", String::as_str).to_owned();
    let mut lines = String::new();
    cx.ui.stdin.read_to_string(&mut lines)?;
    let mut outcome = Outcome::Fine;
    for push in pushes(&lines) {
        let tip = repo.resolve(&format!("{}^{{commit}}", push.local_id))?;
        let bases = push_bases(repo, &tip, &push, &remote)?;
        if bases.is_empty() {
            continue;
        }
        let what = format!("push to {}", push.remote_ref.trim_start_matches("refs/heads/"));
        if settle(repo, &Rev::Commit(tip), &bases, &what, cx)? != Outcome::Fine {
            outcome = Outcome::Change;
        }
    }
    Ok(outcome)
}

/// What the remote has already, which the tip is judged against: its own tip where we have it and
/// build on it, else the parent of the first commit that no branch of it holds; and whatever of it
/// has been merged since, so that nobody answers for what came from others. Empty: nothing new is
/// sent.
fn push_bases(repo: &Repo, tip: &str, push: &Push, remote: &str) -> Result<Vec<Rev>> {
    // What the remote has may not be here: then nothing may be asked about it.
    let known = push.remote_id.as_ref().filter(|id| repo.has_commit(id).unwrap_or(false));
    if known.is_some_and(|known| known == tip) {
        return Ok(Vec::new());
    }
    let new = repo.rev_list_not_on_remote(tip, remote)?;
    let mut bases = Vec::new();
    match known {
        Some(known) if repo.is_ancestor(known, tip)? => bases.push(known.clone()),
        _ => {
            let Some(first) = new.first() else { return Ok(Vec::new()) };
            match repo.parents(first)?.into_iter().next() {
                Some(parent) => bases.push(parent),
                None => return Ok(vec![Rev::Empty]),
            }
        }
    }
    let is_new: BTreeSet<&str> = new.iter().map(String::as_str).collect();
    for commit in &new {
        let merged = repo.parents(commit)?.into_iter().skip(1);
        bases.extend(merged.filter(|parent| !is_new.contains(parent.as_str())));
    }
    newest(repo, bases)
}

/// Those commits that none of the others contains.
fn newest(repo: &Repo, mut commits: Vec<String>) -> Result<Vec<Rev>> {
    commits.sort();
    commits.dedup();
    let mut left = Vec::new();
    for commit in &commits {
        let mut is_old = false;
        for other in commits.iter().filter(|other| *other != commit) {
            is_old = is_old || repo.is_ancestor(commit, other)?;
        }
        if !is_old {
            left.push(Rev::Commit(commit.clone()));
        }
    }
    Ok(left)
}
