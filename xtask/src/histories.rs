//! The gate over the histories of other people's repositories: a false alarm is what makes people
//! take a hook out again. Trees come straight from git, nothing is checked out; the repositories
//! are only read, but for `--forget`, which works in a clone of its own that borrows the objects.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use crate::binary;
use crate::shell::{self, Result, command};

/// What the gate says of one tree.
struct Verdict {
    /// The commit, or the range that ends in it.
    what: String,
    /// The process exit code; -1 for a crash.
    code: i32,
    /// What it printed.
    text: String,
}

/// Runs the gate over each repository; with `--forget N` also over up to N commits whose new
/// revisions are taken out again, all of which have to be blocked.
pub(crate) fn run(args: &[String]) -> Result {
    let mut paths = Vec::new();
    let mut forget = 0;
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "--forget" => {
                let count = rest.next().and_then(|n| n.parse().ok());
                forget = count.ok_or("--forget wants a number of commits, such as --forget 200")?;
            }
            path => paths.push(std::path::absolute(path).map_err(|error| error.to_string())?),
        }
    }
    if paths.is_empty() {
        return Err("name the repositories: cargo xtask histories PATH…".to_owned());
    }
    let binary = binary::release()?;
    for path in &paths {
        history(&binary, path)?;
        if forget > 0 {
            forgotten(&binary, path, forget)?;
        }
    }
    Ok(())
}

/// Every commit against its parents, and every merge of the first-parent line against the commit
/// that it was merged into, as a pull request is judged.
fn history(binary: &Path, repository: &Path) -> Result {
    println!("\n== {}", repository.display());
    let commits = lines(repository, &["rev-list", "--topo-order", "--reverse", "HEAD"])?;
    let merges = lines(repository, &["rev-list", "--first-parent", "--merges", "--reverse", "HEAD"])?;
    let of_trees = commits.iter().map(|commit| vec!["--tree".to_owned(), commit.clone()]).collect();
    let of_requests = merges.iter().map(|merge| vec!["--range".to_owned(), format!("{merge}^1..{merge}")]).collect();
    let (trees, each_tree) = timed(binary, repository, of_trees)?;
    let (requests, each_request) = timed(binary, repository, of_requests)?;
    let merged: BTreeSet<&String> = merges.iter().collect();
    let of_merges: Vec<&Verdict> = trees.iter().filter(|verdict| merged.contains(&verdict.what)).collect();
    let rows = [
        ("commits", trees.iter().collect(), each_tree),
        ("first-parent merges among them", of_merges, each_tree),
        ("first-parent merges as pull requests", requests.iter().collect::<Vec<_>>(), each_request),
    ];
    println!("| what | judged | blocked | undecided | ms each, wall |\n|---|---|---|---|---|");
    for (what, verdicts, each) in rows {
        let count = |code: &dyn Fn(i32) -> bool| verdicts.iter().filter(|verdict| code(verdict.code)).count();
        let (blocked, undecided) = (count(&|code| code == 1), count(&|code| code != 0 && code != 1));
        println!("| {what} | {} | {blocked} | {undecided} | {each:.1} |", verdicts.len());
    }
    Ok(())
}

/// The gate's answers, of which those that are not a pass are printed, and the milliseconds for each.
fn timed(binary: &Path, repository: &Path, jobs: Vec<Vec<String>>) -> Result<(Vec<Verdict>, f64)> {
    let start = Instant::now();
    let verdicts = judge(binary, repository, jobs)?;
    for verdict in verdicts.iter().filter(|verdict| verdict.code != 0) {
        let word = if verdict.code == 1 { "blocked" } else { "undecided" };
        println!("{word} ({}) {}", verdict.code, verdict.what);
        verdict.text.lines().take(12).for_each(|line| println!("    {line}"));
    }
    let each = start.elapsed().as_secs_f64() * 1000.0 / verdicts.len().max(1) as f64;
    Ok((verdicts, each))
}

/// Commits that changed Rust sources with a new revision beside them, judged without that revision.
fn forgotten(binary: &Path, repository: &Path, most: usize) -> Result {
    let scratch = tempfile::Builder::new().prefix("ops-migrate-histories-").tempdir().map_err(|e| e.to_string())?;
    let clone = scratch.path().join("clone");
    let (from, to) = (repository.display().to_string(), clone.display().to_string());
    shell::output(&mut command(scratch.path(), "git", &["clone", "--quiet", "--bare", "--shared", &from, &to]))?;
    let mut judged = Vec::new();
    for commit in lines(&clone, &["rev-list", "--no-merges", "HEAD", "--", "*.rs"])? {
        if judged.len() == most {
            break;
        }
        let added = lines(&clone, &["diff-tree", "-r", "--no-commit-id", "--name-only", "--diff-filter=A", &commit])?;
        let revisions: BTreeSet<&str> = added.iter().filter_map(|path| path.strip_suffix("/up.sql")).collect();
        let diff = lines(&clone, &["diff-tree", "-p", "-U0", "--no-commit-id", &commit, "--", "*schema*.rs"])?;
        let is_column = |line: &String| line.starts_with(['+', '-']) && line.contains("->") && line.ends_with(',');
        if !revisions.is_empty() && diff.iter().any(is_column) {
            judged.push((commit.clone(), without(&clone, &commit, &revisions)?));
        }
    }
    let jobs = judged.iter().map(|(_, commit)| vec!["--tree".to_owned(), commit.clone()]).collect();
    let verdicts = judge(binary, &clone, jobs)?;
    let blocked = verdicts.iter().filter(|verdict| verdict.code == 1).count();
    for ((commit, _), verdict) in judged.iter().zip(&verdicts).filter(|(_, verdict)| verdict.code != 1) {
        println!("not blocked ({}) without its revision: {commit}", verdict.code);
        verdict.text.lines().take(12).for_each(|line| println!("    {line}"));
    }
    println!("without their revisions: {} judged, {blocked} blocked", verdicts.len());
    Ok(())
}

/// A commit like another, but without some directories.
fn without(clone: &Path, commit: &str, directories: &BTreeSet<&str>) -> Result<String> {
    let index = clone.join("forgotten-index");
    let git = |args: &[&str]| shell::output(command(clone, "git", args).env("GIT_INDEX_FILE", &index));
    git(&["read-tree", commit])?;
    for directory in directories {
        git(&["rm", "-r", "--cached", "--quiet", "--", directory])?;
    }
    let tree = git(&["write-tree"])?;
    let parents = lines(clone, &["rev-list", "--parents", "--max-count=1", commit])?;
    let parents: Vec<String> = parents.iter().flat_map(|line| line.split(' ').skip(1)).map(str::to_owned).collect();
    let mut args = vec!["-c", "user.name=histories", "-c", "user.email=histories@localhost", "commit-tree", "-m", "x"];
    for parent in &parents {
        args.extend(["-p", parent]);
    }
    args.push(tree.trim());
    Ok(git(&args)?.trim().to_owned())
}

/// The gate's answers, in the order of the questions, with as many processes as there are cores.
fn judge(binary: &Path, repository: &Path, jobs: Vec<Vec<String>>) -> Result<Vec<Verdict>> {
    let next = AtomicUsize::new(0);
    let found = Mutex::new(Vec::with_capacity(jobs.len()));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(job) = jobs.get(at) else { return };
                    let verdict = ask(binary, repository, job);
                    if let Ok(mut found) = found.lock() {
                        found.push((at, verdict));
                    }
                }
            });
        }
    });
    let mut found = found.into_inner().map_err(|error| error.to_string())?;
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, verdict)| verdict).collect()
}

fn ask(binary: &Path, repository: &Path, job: &[String]) -> Result<Verdict> {
    let mut check = Command::new(binary);
    check.args(["ops-migrate", "check"]).args(job).current_dir(repository).stdin(Stdio::null());
    let output = check.output().map_err(|error| format!("cannot run {}: {error}", binary.display()))?;
    let text = [output.stderr, output.stdout].concat();
    let what = job.last().cloned().unwrap_or_default();
    Ok(Verdict { what, code: output.status.code().unwrap_or(-1), text: String::from_utf8_lossy(&text).into_owned() })
}

fn lines(repository: &Path, args: &[&str]) -> Result<Vec<String>> {
    let text = shell::output(&mut command(repository, "git", args))?;
    Ok(text.lines().map(str::to_owned).collect())
}
