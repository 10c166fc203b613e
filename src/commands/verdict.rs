//! How the gate's answers are told: to a person, as JSON, or as a report that a service shows beside
//! the code.

use serde_json::{Value, json};

use super::gate::Held;
use super::view::{AgreedView, ChangeView};
use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::gate::Verdict;
use crate::git::{Repo, Rev, worktree_tree};
use crate::judge::{self, Judged, Judgement};
use crate::layout::Mode;
use crate::models::Change;
use crate::place::Place;
use crate::project::FileCache;
use crate::report::{Finding, GATE, Level, Service, report};
use crate::tree::{Memo, Tree as _, join, parent};
use crate::ui::Tone;
use crate::words::first_of;

/// What the gate found about one tree.
#[derive(Debug)]
pub struct Answer {
    pub judgement: Judgement,
    pub tree: Rev,
    pub held: Held,
    /// The commit that brought what blocks, with its subject.
    pub since: Option<String>,
}

/// Tells the answers in the format that was asked for; a person is told nothing where all is well.
///
/// # Errors
/// Where stdout cannot be written.
pub fn tell(answers: &[Answer], repo: &Repo, cx: &mut Context) -> Result<Outcome> {
    if cx.ui.is_json() {
        let backends: Vec<Value> = answers.iter().flat_map(as_json).collect();
        cx.ui.json(&json!({ "schema_version": 1, "backends": backends }))?;
    } else if let Some(service) = cx.ui.format.report() {
        let findings: Vec<Finding> =
            answers.iter().flat_map(|answer| &answer.judgement.backends).flat_map(findings_of).collect();
        tell_report(service, &findings, cx)?;
    }
    if cx.ui.is_json() || matches!(cx.ui.format.report(), Some(Service::Gitlab | Service::Sarif)) {
        return Ok(outcome(answers));
    }
    for answer in answers {
        tell_answer(answer, repo, cx);
    }
    Ok(outcome(answers))
}

fn outcome(answers: &[Answer]) -> Outcome {
    if answers.iter().any(|answer| answer.judgement.blocks()) { Outcome::Change } else { Outcome::Fine }
}

/// Prints a report.
///
/// # Errors
/// Where stdout cannot be written.
pub fn tell_report(service: Service, findings: &[Finding], cx: &mut Context) -> Result<()> {
    let text = report(service, findings);
    if text.is_empty() { Ok(()) } else { cx.ui.line(text) }
}

fn as_json(answer: &Answer) -> Vec<Value> {
    let one = |judged: &Judged| {
        let mut value = verdict_json(&judged.verdict);
        value["package"] = json!(judged.package);
        value["chain_errors"] = json!(judged.chain_errors.iter().map(ToString::to_string).collect::<Vec<_>>());
        value["notes"] = json!(judged.notes);
        if let Held::Push(to) = &answer.held {
            value["push_to"] = json!(to);
        }
        if let Some(since) = answer.since.as_ref().filter(|_| judged.finds()) {
            value["since"] = json!(since);
        }
        value
    };
    answer.judgement.backends.iter().map(one).collect()
}

/// A verdict for JSON output.
pub fn verdict_json(verdict: &Verdict) -> Value {
    let mut value = json!({
        "missing": verdict.missing.iter().map(|m| ChangeView::new(&m.change)).collect::<Vec<_>>(),
        "inherited": verdict.inherited.iter().map(ChangeView::new).collect::<Vec<_>>(),
        "undecided": verdict.unsure.iter().map(|(c, _)| ChangeView::new(c)).collect::<Vec<_>>(),
    });
    if !verdict.standing.is_empty() {
        value["agreed"] = json!(verdict.standing.iter().map(AgreedView::new).collect::<Vec<_>>());
    }
    value
}

fn findings_of(judged: &Judged) -> Vec<Finding> {
    let mut found = verdict_findings(&judged.verdict, &judged.package);
    found.extend(judged.chain_errors.iter().map(|error| finding_of(error, Level::Error)));
    found
}

/// What a service shows of a verdict about a package.
pub fn verdict_findings(verdict: &Verdict, package: &str) -> Vec<Finding> {
    let finding = |level, change: &Change, message: String| Finding {
        check: GATE,
        end: None,
        level,
        place: change.place().clone(),
        message,
        key: format!("{package} {}", change.key()),
    };
    let missing = verdict.missing.iter().map(|missing| {
        let message = format!("{} has no migration in {}", missing.change.in_words(), missing.groups.join(", "));
        finding(Level::Error, &missing.change, message)
    });
    let unsure = verdict.unsure.iter().map(|(change, reason)| {
        finding(Level::Warning, change, format!("not decided ({reason}): {}", change.in_words()))
    });
    missing.chain(unsure).collect()
}

/// An error as a finding.
pub fn finding_of(error: &Error, level: Level) -> Finding {
    let message = [&[error.to_string()][..], &error.hints].concat().join("\n");
    let place = error.place.clone().unwrap_or_else(|| Place::file(""));
    Finding { check: GATE, level, place, end: None, message, key: error.message.clone() }
}

fn tell_answer(answer: &Answer, repo: &Repo, cx: &mut Context) {
    let several = answer.judgement.backends.len() > 1;
    for judged in &answer.judgement.backends {
        for error in &judged.chain_errors {
            let word = if judged.mode == Mode::Warn { "warning" } else { "blocked" };
            cx.ui.stderr_line(&format!("ops-migrate: {} {word}: {error}", answer.held));
            for hint in &error.hints {
                cx.ui.hint(hint);
            }
        }
        if judged.verdict.blocks() {
            tell_block(judged, several, repo, answer, cx);
        } else if judged.chain_errors.is_empty() {
            tell_notes(judged, &answer.held, repo, cx);
        }
        tell_end(judged, answer, cx);
    }
}

fn tell_notes(judged: &Judged, held: &Held, repo: &Repo, cx: &mut Context) {
    for note in &judged.notes {
        cx.ui.status(format!("ops-migrate: {note}"));
    }
    for (change, reason) in &judged.verdict.unsure {
        cx.ui.status(format!("ops-migrate: not decided here ({reason}): {}", change.describe()));
    }
    let inherited = &judged.verdict.inherited;
    if *held == Held::Check {
        for change in inherited {
            cx.ui.status(format!("inherited drift: {}", change.describe()));
        }
        for standing in &judged.verdict.standing {
            cx.ui.status(standing.describe());
        }
    } else if let Some(first) = inherited.first() {
        let more = if inherited.len() > 1 { format!(" and {} more", inherited.len() - 1) } else { String::new() };
        let whose = side_of(first, judged, repo).map(|side| format!(" from {side}")).unwrap_or_default();
        cx.ui.status(format!("ops-migrate: inherited drift{whose}, which does not block: {}{more}", first.describe()));
    }
}

/// Which side of a merge brings a difference that ours has not: the branch as the user named it, or its
/// commit.
fn side_of(change: &Change, judged: &Judged, repo: &Repo) -> Option<String> {
    let (_, commit) = judged.theirs.iter().find(|(key, _)| *key == change.key())?;
    let heads = repo.merge_heads().unwrap_or_default();
    let name = heads.into_iter().find(|head| head.id == *commit).and_then(|head| head.name);
    let short = || commit.get(..10).unwrap_or(commit).to_owned();
    Some(format!("{} (theirs)", name.unwrap_or_else(short)))
}

/// The block: the whole finding in the first line, the changes with their places, the fix.
fn tell_block(judged: &Judged, several: bool, repo: &Repo, answer: &Answer, cx: &mut Context) {
    let missing = &judged.verdict.missing;
    cx.ui.stderr_line(&cx.ui.err_tone(&format!("ops-migrate: {}", headline(judged)), Tone::Bad));
    let (shown, more) = first_of(missing, 5);
    for one in shown {
        let groups = if judged.layout.groups.len() > 1 {
            format!("  (not in {})", one.groups.join(", "))
        } else {
            String::new()
        };
        let place = cx.ui.err_tone(&one.change.place().to_string(), Tone::Faint);
        cx.ui.stderr_line(&format!("  {:<48} {place}{groups}", one.change.describe()));
    }
    if more > 0 {
        cx.ui.stderr_line(&format!("  and {more} more"));
    }
    if let Some(since) = &answer.since {
        cx.ui.stderr_line(&format!("  since {since}"));
    }
    cx.ui.stderr_line(&fix(judged, several, repo, answer, cx));
}

/// The finding in one sentence.
fn headline(judged: &Judged) -> String {
    match (judged.verdict.missing.first(), judged.chain_errors.first()) {
        (Some(first), _) => format!("{} in {} has no migration", first.change.in_words(), first.change.place()),
        (None, Some(error)) => error.to_string(),
        (None, None) => String::new(),
    }
}

/// The way out and what it costs. Programs that show a failed push show its last line, so that is the
/// finding again.
fn tell_end(judged: &Judged, answer: &Answer, cx: &mut Context) {
    if !judged.finds() {
        return;
    }
    let held = &answer.held;
    match (held, judged.mode) {
        (Held::Check, _) => {}
        (Held::Commit | Held::Patch, Mode::Warn) => {
            cx.ui.stderr_line("only a warning (pre-commit = \"warn\"): pre-push and CI check again");
        }
        (_, Mode::Warn) => cx.ui.stderr_line("only a warning (pre-push = \"warn\"): CI checks again"),
        (Held::Commit, _) => {
            cx.ui.stderr_line("skip once: OPS_MIGRATE_SKIP=1 git commit …   (pre-push and CI check again)");
        }
        (Held::Patch, _) => {
            cx.ui.stderr_line("skip once: OPS_MIGRATE_SKIP=1 git am --continue   (pre-push and CI check again)");
        }
        (Held::Push(_), _) => {
            cx.ui.stderr_line("skip once: OPS_MIGRATE_SKIP=1 git push …   (CI checks again)");
            let since = answer.since.as_ref().map(|since| format!(" (since {since})")).unwrap_or_default();
            cx.ui.stderr_line(&format!("ops-migrate: {held} blocked: {}{since}", headline(judged)));
        }
    }
}

/// The command that mends what is missing, for the directory that the user stands in.
fn fix(judged: &Judged, several: bool, repo: &Repo, answer: &Answer, cx: &Context) -> String {
    let files = Memo::new(repo.tree(answer.tree.clone()));
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
        return if !matches!(answer.held, Held::Commit | Held::Patch) {
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
