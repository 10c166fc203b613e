//! What `hook` and `check` share: which trees the gate is asked about, and what it answers. How that
//! is told is `verdict`'s.

use std::collections::BTreeSet;
use std::fmt;

use super::verdict::{self, Answer};
use crate::callers;
use crate::cli::Global;
use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::git::{Repo, Rev};
use crate::hooks::{Push, pushes};
use crate::judge::{Judge, Judgement};
use crate::layout::{Choice, Layout, Mode};
use crate::project::FileCache;

/// What a verdict holds back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    Commit,
    /// A commit that `git am` makes.
    Patch,
    /// To which branch or reference.
    Push(String),
    /// Nothing: somebody asked.
    Check,
}

impl Held {
    /// What the configuration of a backend says for it. An explicit question is always answered.
    fn mode(&self) -> fn(&Layout) -> Mode {
        match self {
            Self::Commit | Self::Patch => |layout| layout.pre_commit,
            Self::Push(_) => |layout| layout.pre_push,
            Self::Check => |_| Mode::Block,
        }
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Commit => f.write_str("commit"),
            Self::Patch => f.write_str("patch"),
            Self::Push(to) => write!(f, "push to {to}"),
            Self::Check => f.write_str("check"),
        }
    }
}

/// A question: a tree, what it is judged against, and what hangs on it.
#[derive(Debug, Clone)]
pub struct Ask {
    pub tree: Rev,
    pub parents: Vec<Rev>,
    /// The commits that lead from the parents to the tree, oldest first; empty where there is but the
    /// tree.
    pub commits: Vec<String>,
    pub held: Held,
}

impl Ask {
    /// About what is staged.
    ///
    /// # Errors
    /// Where the repository cannot be read.
    pub fn staged(repo: &Repo, cx: &Context) -> Result<Self> {
        Ok(Self { tree: Rev::Index, parents: index_parents(repo, cx)?, commits: Vec::new(), held: Held::Commit })
    }
}

/// The backend that the command line names, where it names one.
pub fn choice(global: &Global) -> Choice {
    Choice { package: global.package.clone(), ..Choice::default() }
}

/// Whether the user has switched the hooks off for once; then it is said what was not checked.
pub fn is_skipped(name: &str, cx: &mut Context) -> bool {
    let Some(how) = skipped(cx) else { return false };
    let later = if name == "pre-push" { "CI checks" } else { "pre-push and CI check" };
    cx.ui.stderr_line(&format!("ops-migrate: {name} skipped ({how}); {later} again"));
    true
}

/// By which variable the user has switched the hooks off.
fn skipped(cx: &Context) -> Option<&'static str> {
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

/// What a commit of the index would have as parents: HEAD, or the empty tree for an unborn branch,
/// and what is being merged; what HEAD was made from, where it is amended. Before a clean merge is
/// committed the other side is named only in the environment.
fn index_parents(repo: &Repo, cx: &Context) -> Result<Vec<Rev>> {
    let merged = repo.merge_heads()?;
    if merged.is_empty()
        && let Some(amended) = parents_of_amended(repo, cx)?
    {
        return Ok(amended);
    }
    let merged = merged.into_iter().map(|merged| Rev::Commit(merged.id));
    Ok(std::iter::once(repo.head_rev()?).chain(merged).collect())
}

/// The parents of HEAD where the git above us amends it. While a rebase is stopped that is somebody
/// who rewords or mends a commit that was there, and its push is judged.
fn parents_of_amended(repo: &Repo, cx: &Context) -> Result<Option<Vec<Rev>>> {
    if !callers::is_amending(&(cx.callers)()) || repo.is_rebasing() {
        return Ok(None);
    }
    let Some(head) = repo.head()? else { return Ok(None) };
    let parents = repo.parents(&head)?;
    Ok(match parents.is_empty() {
        true if repo.is_cut_off(&head) => None,
        true => Some(vec![Rev::Empty]),
        false => Some(parents.into_iter().map(Rev::Commit).collect()),
    })
}

/// Answers the questions, and tells what blocks; `each_commit` judges every commit on the way, as a
/// project may ask for by its configuration.
///
/// # Errors
/// Where nothing could be decided.
pub fn settle(repo: &Repo, asks: Vec<Ask>, each_commit: bool, choice: &Choice, cx: &mut Context) -> Result<Outcome> {
    let mut answers = Vec::new();
    for ask in asks {
        answers.push(answer(repo, ask, each_commit, choice)?);
    }
    verdict::tell(&answers, repo, cx)
}

fn answer(repo: &Repo, ask: Ask, each_commit: bool, choice: &Choice) -> Result<Answer> {
    let mut cache = FileCache::of(repo);
    let mut judge = Judge::new(repo, choice, ask.held.mode(), &mut cache);
    let judgement = judge.judge(&ask.tree, &ask.parents)?;
    if let Some((commit, found)) = offender(&mut judge, &ask, &judgement, each_commit)? {
        let subject = repo.log_subject(&commit)?;
        let short = commit.get(..10).unwrap_or(&commit);
        let since = Some(format!("{short} {subject}"));
        return Ok(match judgement.blocks() {
            true => Answer { judgement, tree: ask.tree, held: ask.held, since },
            false => Answer { judgement: found, tree: Rev::Commit(commit), held: ask.held, since },
        });
    }
    Ok(Answer { judgement, tree: ask.tree, held: ask.held, since: None })
}

/// The commit that brought what blocks; where all is well in the end, the first that was not, if that
/// counts.
fn offender(
    judge: &mut Judge<'_>,
    ask: &Ask,
    judgement: &Judgement,
    each_commit: bool,
) -> Result<Option<(String, Judgement)>> {
    if judgement.blocks() {
        return judge.first_blocked(&ask.commits, Some(judgement));
    }
    // Of one commit the tip is all there is.
    if ask.commits.len() > 1 && (each_commit || judge.wants_each_commit(&ask.tree)) {
        return judge.first_blocked(&ask.commits, None);
    }
    Ok(None)
}

/// The questions that git writes to a pre-push hook, one for each reference; `args` are the remote's
/// name and URL.
///
/// # Errors
/// Where stdin or the repository cannot be read.
pub fn pushed(repo: &Repo, args: &[String], cx: &mut Context) -> Result<Vec<Ask>> {
    let mut lines = String::new();
    cx.ui.stdin.read_to_string(&mut lines)?;
    let remote = args.first().map_or("origin", String::as_str);
    let asks: Result<Vec<Option<Ask>>> = pushes(&lines).iter().map(|push| of_push(repo, push, remote)).collect();
    Ok(asks?.into_iter().flatten().collect())
}

/// The question that one reference of a push is; `None` where it brings nothing new.
///
/// # Errors
/// Where the repository cannot be read.
pub fn of_push(repo: &Repo, push: &Push, remote: &str) -> Result<Option<Ask>> {
    let tip = repo.resolve(&format!("{}^{{commit}}", push.local_id))?;
    // What the remote has may not be here: then nothing may be asked about it.
    let known = push.remote_id.as_ref().filter(|id| repo.has_commit(id).unwrap_or(false));
    if known.is_some_and(|known| *known == tip) {
        return Ok(None);
    }
    let commits = repo.rev_list_not_on_remote(&tip, remote)?;
    let parents = push_bases(repo, &tip, known, &commits)?;
    let held = Held::Push(push.remote_ref.trim_start_matches("refs/heads/").to_owned());
    Ok((!parents.is_empty()).then_some(Ask { tree: Rev::Commit(tip), parents, commits, held }))
}

/// What the remote has already, which the tip is judged against: its own tip where we have it and
/// build on it, else the parent of the first commit that no branch of it holds; and whatever of it
/// has been merged since, so that nobody answers for what came from others. Empty: nothing new is
/// sent.
fn push_bases(repo: &Repo, tip: &str, known: Option<&String>, new: &[String]) -> Result<Vec<Rev>> {
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
    for commit in new {
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
