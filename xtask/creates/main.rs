//! `create` against what other people wrote by hand: for every commit of a history that added a
//! revision and changed the models, the revision is drafted anew from the models before and after,
//! and the tables that it gives are compared with those that the project's own revision gave.
//! Trees come straight from git, nothing is checked out. `cargo xtask creates` runs it.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a chore talks to the person who runs it")]

mod answers;
mod compare;
mod replay;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use ops_migrate::chain::CacheStore;
use ops_migrate::git::Repo;
use ops_migrate::snapshot::Parsed;

use self::replay::{Outcome, Replayed};

/// How many lines are printed of one revision.
const MOST_LINES: usize = 12;

/// Snapshots of catalogs, so that a chain is not replayed from its start for every commit.
#[derive(Default)]
struct Snapshots(HashMap<String, Vec<u8>>);

impl CacheStore for Snapshots {
    fn get(&self, key: &str) -> Option<Vec<u8>> {
        self.0.get(key).cloned()
    }

    fn put(&mut self, key: &str, bytes: &[u8]) {
        self.0.insert(key.to_owned(), bytes.to_owned());
    }
}

/// A commit that added a revision.
struct Commit {
    id: String,
    /// `None` for the first of a history.
    parent: Option<String>,
    subject: String,
}

/// What was found about the revisions of one chain, over a history.
#[derive(Default)]
struct Row {
    judged: usize,
    equal: usize,
    but_for_types: usize,
    different: usize,
    not_comparable: usize,
    restored: usize,
    /// Revisions for which a person had to answer something, and how many renames that were.
    asked: usize,
    renames: usize,
}

impl Row {
    fn take(&mut self, replayed: &Replayed) {
        self.judged += 1;
        self.restored += usize::from(replayed.left_by_down.as_ref().is_some_and(Vec::is_empty));
        let wishes = &replayed.wishes;
        self.renames += wishes.renames.len();
        self.asked += usize::from(!(wishes.renames.is_empty() && wishes.drops.is_empty() && wishes.fills.is_empty()));
        *match &replayed.outcome {
            Outcome::Equal => &mut self.equal,
            Outcome::ButForTypes(_) => &mut self.but_for_types,
            Outcome::Different(_) => &mut self.different,
            Outcome::NotComparable(_) => &mut self.not_comparable,
        } += 1;
    }
}

fn main() -> ExitCode {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    match paths.iter().try_for_each(|path| project(Path::new(path))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("creates: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Judges a history and prints what differs, and a table.
fn project(path: &Path) -> Result<(), String> {
    println!("\n== {}", path.display());
    let path = path.canonicalize().map_err(|error| format!("{}: {error}", path.display()))?;
    let repo = Repo::open(&path, &BTreeMap::new()).map_err(|error| error.to_string())?;
    let repo = repo.ok_or_else(|| format!("{}: no git repository", path.display()))?;
    let (mut parsed, mut snapshots) = (Parsed::default(), Snapshots::default());
    let (mut rows, mut types) = (BTreeMap::<String, Row>::new(), BTreeMap::<String, usize>::new());
    let commits = commits(&path)?;
    for commit in &commits {
        for replayed in replay::replay(&repo, commit, &mut parsed, &mut snapshots) {
            rows.entry(replayed.chain.clone()).or_default().take(&replayed);
            tell(commit, &replayed);
            if let Outcome::ButForTypes(pairs) = replayed.outcome {
                pairs.into_iter().for_each(|pair| *types.entry(pair).or_default() += 1);
            }
        }
    }
    println!("\n{} commits added a revision", commits.len());
    println!("types that table! does not tell apart (created, the project's own):");
    types.iter().for_each(|(pair, count)| println!("    {count} × {pair}"));
    println!(
        "\n| chain | judged | equal | equal but for types | different | not comparable | down restores | asked (renames) |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for (chain, row) in &rows {
        let Row { judged, equal, but_for_types, different, not_comparable, restored, asked, renames } = row;
        let counts = [judged, equal, but_for_types, different, not_comparable, restored].map(ToString::to_string);
        println!("| {chain} | {} | {asked} ({renames}) |", counts.join(" | "));
    }
    Ok(())
}

/// The commits, the oldest first. Which of them changed the models is seen later.
fn commits(repository: &Path) -> Result<Vec<Commit>, String> {
    let mut git = Command::new("git");
    git.args(["log", "--full-history", "--no-merges", "--topo-order", "--reverse", "--no-renames"]);
    git.args(["--diff-filter=A", "--format=%H%x00%P%x00%s", "HEAD", "--", "*/up.sql"]).current_dir(repository);
    let output = git.stdin(Stdio::null()).output().map_err(|error| format!("cannot run git: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let commit = |line: &str| {
        let [id, parent, subject] = line.split('\0').collect::<Vec<_>>()[..] else { return None };
        let parent = Some(parent.to_owned()).filter(|parent| !parent.is_empty());
        Some(Commit { id: id.to_owned(), parent, subject: subject.to_owned() })
    };
    Ok(text.lines().filter_map(commit).collect())
}

/// Prints a revision that is not as the project has it.
fn tell(commit: &Commit, replayed: &Replayed) {
    let (word, lines) = match &replayed.outcome {
        Outcome::Different(lines) => ("different", lines.as_slice()),
        Outcome::NotComparable(reasons) => ("not comparable", reasons.as_slice()),
        Outcome::Equal | Outcome::ButForTypes(_) => ("equal", &[][..]),
    };
    let left = replayed.left_by_down.as_deref().unwrap_or_default();
    if lines.is_empty() && left.is_empty() {
        return;
    }
    println!("{word}: {} {} ({})", &commit.id[..12], commit.subject, replayed.chain);
    lines.iter().take(MOST_LINES).for_each(|line| println!("    {line}"));
    left.iter().take(MOST_LINES).for_each(|line| println!("    after down: {line}"));
}
