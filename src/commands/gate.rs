//! What `hook` and `check` share: which trees the gate judges, and how its verdict is told.

use std::collections::BTreeSet;
use std::fmt;

use crate::cli::Global;
use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::git::{Repo, Rev, worktree_tree};
use crate::hooks::{Push, pushes};
use crate::judge::{self, Judged, Judgement};
use crate::layout::Choice;
use crate::models::Change;
use crate::project::FileCache;
use crate::tree::{Memo, Tree as _, join, parent};
use crate::ui::Tone;

/// What a verdict holds back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    Commit,
    /// To which branch or reference.
    Push(String),
    /// Nothing: somebody asked.
    Check,
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Commit => f.write_str("commit"),
            Self::Push(to) => write!(f, "push to {to}"),
            Self::Check => f.write_str("check"),
        }
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
/// and what is being merged. Before a clean merge is committed the other side is named only in the
/// environment.
///
/// # Errors
/// Where the repository cannot be read.
pub fn index_parents(repo: &Repo) -> Result<Vec<Rev>> {
    let mut parents = vec![repo.head_rev()?];
    parents.extend(repo.merge_heads()?.into_iter().map(|merged| Rev::Commit(merged.id)));
    Ok(parents)
}

/// Judges one tree and tells what blocks.
///
/// # Errors
/// Where nothing could be decided.
pub fn settle(
    repo: &Repo,
    tree: &Rev,
    parents: &[Rev],
    choice: &Choice,
    held: &Held,
    cx: &mut Context,
) -> Result<Outcome> {
    let judgement = judge::judge(repo, tree, parents, choice, &mut FileCache::of(repo))?;
    tell_judgement(&judgement, repo, tree, held, cx)
}

/// Judges the tip of every reference that git writes to a pre-push hook.
///
/// # Errors
/// Where nothing could be decided.
pub fn pre_push(repo: &Repo, args: &[String], choice: &Choice, cx: &mut Context) -> Result<Outcome> {
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
        let held = Held::Push(push.remote_ref.trim_start_matches("refs/heads/").to_owned());
        if settle(repo, &Rev::Commit(tip), &bases, choice, &held, cx)? != Outcome::Fine {
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

/// Tells what the gate found about a tree; silent where all is well.
///
/// # Errors
/// Where stdout cannot be written.
pub fn tell_judgement(
    judgement: &Judgement,
    repo: &Repo,
    tree: &Rev,
    held: &Held,
    cx: &mut Context,
) -> Result<Outcome> {
    let several = judgement.backends.len() > 1;
    for judged in &judgement.backends {
        for error in &judged.chain_errors {
            cx.ui.stderr_line(&format!("ops-migrate: {held} blocked: {error}"));
            for hint in &error.hints {
                cx.ui.hint(hint);
            }
        }
        if judged.verdict.blocks() {
            tell_block(judged, several, repo, tree, held, cx);
        } else {
            tell_notes(judged, held, cx);
        }
    }
    Ok(if judgement.blocks() { Outcome::Change } else { Outcome::Fine })
}

fn tell_notes(judged: &Judged, held: &Held, cx: &mut Context) {
    for note in &judged.notes {
        cx.ui.status(format!("ops-migrate: {note}"));
    }
    for (change, reason) in &judged.verdict.unsure {
        cx.ui.status(format!("ops-migrate: not decided here ({reason}): {}", change.describe()));
    }
    let inherited = &judged.verdict.inherited;
    if let (Some(first), true) = (inherited.first(), *held != Held::Check) {
        let more = if inherited.len() > 1 { format!(" and {} more", inherited.len() - 1) } else { String::new() };
        cx.ui.status(format!("ops-migrate: inherited drift, which does not block: {}{more}", first.describe()));
    }
}

/// The block: the whole finding in the first line, the changes with their places, the fix, the way
/// out and what it costs. Programs that show a failed push show its last line, so that is the finding
/// again.
fn tell_block(judged: &Judged, several: bool, repo: &Repo, tree: &Rev, held: &Held, cx: &mut Context) {
    let missing = &judged.verdict.missing;
    let Some(first) = missing.first() else { return };
    let finding = format!("{} in {} has no migration", first.change.in_words(), first.change.place());
    cx.ui.stderr_line(&cx.ui.err_tone(&format!("ops-migrate: {finding}"), Tone::Bad));
    for one in missing.iter().take(5) {
        let groups = if judged.layout.groups.len() > 1 {
            format!("  (not in {})", one.groups.join(", "))
        } else {
            String::new()
        };
        let place = cx.ui.err_tone(&one.change.place().to_string(), Tone::Faint);
        cx.ui.stderr_line(&format!("  {:<48} {place}{groups}", one.change.describe()));
    }
    if missing.len() > 5 {
        cx.ui.stderr_line(&format!("  and {} more", missing.len() - 5));
    }
    cx.ui.stderr_line(&fix(judged, several, repo, tree, held, cx));
    match held {
        Held::Commit => cx.ui.stderr_line("skip once: OPS_MIGRATE_SKIP=1 git commit …   (pre-push and CI check again)"),
        Held::Push(_) => {
            cx.ui.stderr_line("skip once: OPS_MIGRATE_SKIP=1 git push …   (CI checks again)");
            cx.ui.stderr_line(&format!("ops-migrate: {held} blocked: {finding}"));
        }
        Held::Check => {}
    }
}

/// The command that mends what is missing, for the directory that the user stands in.
fn fix(judged: &Judged, several: bool, repo: &Repo, tree: &Rev, held: &Held, cx: &Context) -> String {
    let files = repo.tree(tree.clone());
    let prefix = cx.var("GIT_PREFIX").map(ToOwned::to_owned).or_else(|| repo.relative(&cx.cwd)).unwrap_or_default();
    let prefix = prefix.trim_end_matches('/');
    let paths = |paths: &[String]| {
        let from_root = |path: &String| shell_word(&if prefix.is_empty() { path.clone() } else { format!(":/{path}") });
        paths.iter().map(from_root).collect::<Vec<_>>().join(" ")
    };
    let forgotten = repo.root().map_or_else(Vec::new, |root| {
        let mut cache = FileCache::of(repo);
        judge::forgotten_directories(judged, &files, &Memo::new(worktree_tree(root)), &mut cache)
    });
    if !forgotten.is_empty() {
        // Git's index for a commit of named paths only, in which everything else is left out.
        let named_only = cx.var("GIT_INDEX_FILE").is_some_and(|file| file.contains("next-index-"));
        return if *held != Held::Commit {
            format!("it is written, but not in what was committed:  git add {} && git commit", paths(&forgotten))
        } else if named_only {
            format!("it is written, but this commit leaves it out:  git commit <paths> {}", paths(&forgotten))
        } else {
            format!("it is written, but not staged:  git add {}", paths(&forgotten))
        };
    }
    let Some(first) = judged.verdict.missing.first() else { return String::new() };
    let mut command = format!("cargo ops-migrate create \"{}\"", suggested_message(&first.change));
    let is_found =
        |directory: &str| join(directory, "Cargo.toml").is_some_and(|path| matches!(files.read(&path), Ok(Some(_))));
    if !std::iter::successors(Some(prefix), |at| (!at.is_empty()).then(|| parent(at))).any(is_found) {
        let manifest = join(&judged.layout.directory, "Cargo.toml").unwrap_or_default();
        let up = prefix.split('/').filter(|part| !part.is_empty()).map(|_| "../").collect::<String>();
        command.push_str(&format!(" --manifest-path {}", shell_word(&format!("{up}{manifest}"))));
    }
    if several {
        command.push_str(&format!(" --package {}", judged.layout.package));
    }
    let lacks = |directory: &String| judged.verdict.missing.iter().any(|m| m.groups.contains(directory));
    let directories: Vec<_> = judged.layout.groups.iter().map(|g| g.directory.clone()).filter(lacks).collect();
    format!("write it:  {command} && git add {}", paths(&directories))
}

/// A word as a shell takes it.
fn shell_word(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_-./:@+,".contains(c);
    if text.chars().all(is_plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// A message for `create` that fits a change.
fn suggested_message(change: &Change) -> String {
    let words: String =
        change.in_words().chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { ' ' }).collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}
