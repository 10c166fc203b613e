//! The `git` command, for the repositories that libgit2 cannot read and the questions that only git
//! answers: how it is started (which environment, which folder), and how its `-z` output is read.
//! What is asked, and what the answers mean, is left to the modules beside it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};

use crate::error::{Error, Result};

use super::{Item, Places, Raw, Side};

/// Variables that point git at a repository (`git rev-parse --local-env-vars`).
const LOCAL: [&str; 16] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_CONFIG",
    "GIT_CONFIG_PARAMETERS",
    "GIT_CONFIG_COUNT",
    "GIT_OBJECT_DIRECTORY",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_GRAFT_FILE",
    "GIT_INDEX_FILE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_REPLACE_REF_BASE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_COMMON_DIR",
    "GIT_INTERNAL_SUPER_PREFIX",
];

/// The mode of a directory.
const TREE: u32 = 0o40_000;

/// Variables that change what git prints or which paths it means.
const NOISE: [&str; 9] = [
    "GIT_PREFIX",
    "GIT_EXTERNAL_DIFF",
    "GIT_DIFF_OPTS",
    "GIT_TRACE",
    "GIT_TRACE_SETUP",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
    "GIT_LITERAL_PATHSPECS",
];

/// The environment without what ties it to one repository. For every other program that is started
/// from a hook (cargo, diesel, psql, a nested git): a leaked `GIT_INDEX_FILE` lets it destroy the
/// user's index.
pub fn without_repository(vars: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    vars.iter().filter(|(name, _)| !LOCAL.contains(&name.as_str())).map(|(n, v)| (n.clone(), v.clone())).collect()
}

/// How to start git.
pub(super) struct Git {
    cwd: PathBuf,
    env: BTreeMap<String, String>,
    /// Paths as they are, whatever their encoding.
    env_paths: Vec<(&'static str, PathBuf)>,
    batch: RefCell<Option<Batch>>,
}

impl Git {
    /// Git as the user would start it in a folder: it finds the repository by itself.
    pub(super) fn new(cwd: &Path, vars: &BTreeMap<String, String>) -> Self {
        let mut env = vars.clone();
        env.retain(|name, _| !NOISE.contains(&name.as_str()));
        // Never fetch, never ask, never write, never translate.
        for (name, value) in [
            ("GIT_NO_LAZY_FETCH", "1"),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_OPTIONAL_LOCKS", "0"),
            ("GIT_LITERAL_PATHSPECS", "1"),
            ("LC_ALL", "C"),
        ] {
            env.insert(name.to_owned(), value.to_owned());
        }
        Self { cwd: cwd.to_owned(), env, env_paths: Vec::new(), batch: RefCell::new(None) }
    }

    /// Points git at one repository with absolute paths, so that the folder it starts in no longer
    /// matters.
    pub(super) fn pin(&mut self, places: &Places) {
        self.env_paths = vec![("GIT_DIR", places.git_dir.clone()), ("GIT_INDEX_FILE", places.index.clone())];
        self.env.remove("GIT_WORK_TREE");
        if let Some(root) = &places.root {
            self.env_paths.push(("GIT_WORK_TREE", root.clone()));
            self.cwd.clone_from(root);
        } else {
            self.cwd.clone_from(&places.git_dir);
        }
    }

    /// Lets git fetch missing objects of a partial clone.
    pub(super) fn allow_fetch(&mut self) {
        self.env.remove("GIT_NO_LAZY_FETCH");
        *self.batch.borrow_mut() = None;
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.args(args).current_dir(&self.cwd).env_clear().envs(&self.env);
        command.envs(self.env_paths.iter().map(|(name, path)| (name, path)));
        command.stdin(Stdio::null());
        command
    }

    /// Runs git to its end, whatever its exit code.
    pub(super) fn output(&self, args: &[&str]) -> Result<Output> {
        self.command(args).output().map_err(|error| {
            Error::undecided("the git command could not be started")
                .caused_by(error)
                .hint("install git, or put it on the PATH")
        })
    }

    /// What git prints; an exit code other than 0 is an error.
    pub(super) fn run(&self, args: &[&str]) -> Result<Vec<u8>> {
        let output = self.output(args)?;
        if output.status.success() { Ok(output.stdout) } else { Err(failure(args, &output)) }
    }

    /// What git prints, or `None` where its exit code is 1: its way to say no.
    pub(super) fn ask(&self, args: &[&str]) -> Result<Option<Vec<u8>>> {
        let output = self.output(args)?;
        match output.status.code() {
            Some(0) => Ok(Some(output.stdout)),
            Some(1) => Ok(None),
            _ => Err(failure(args, &output)),
        }
    }

    /// One line of what git prints.
    pub(super) fn line(&self, args: &[&str]) -> Result<String> {
        Ok(first_line(&self.run(args)?))
    }

    /// A blob, from one `git cat-file --batch` that is kept for all of them.
    pub(super) fn blob(&self, id: &str) -> Result<Vec<u8>> {
        let mut slot = self.batch.borrow_mut();
        if slot.is_none() {
            *slot = Some(Batch::start(self.command(&["cat-file", "--batch"]))?);
        }
        let Some(batch) = slot.as_mut() else { return Err(Error::undecided("git cat-file did not start")) };
        let found = batch.blob(id);
        if found.is_err() {
            // Whatever is left in the pipe belongs to another question.
            *slot = None;
        }
        found?.ok_or_else(|| Error::undecided(format!("git has no content for blob {id}")))
    }

    /// The entries of the index or of a commit, all of them.
    pub(super) fn items(&self, commit: Option<&str>) -> Result<Vec<Item>> {
        match commit {
            Some(commit) => Ok(ls_tree(&self.run(&["ls-tree", "-r", "-z", "--full-tree", commit])?)),
            // `ls-files -s` shows intent-to-add entries as empty files; against the empty tree the
            // index is listed without them.
            None => {
                let raw = self.raw_changes(&[
                    "diff-index",
                    "--cached",
                    "--raw",
                    "-z",
                    "--no-renames",
                    "--ita-invisible-in-index",
                    &self.empty_tree()?,
                ])?;
                Ok(raw.into_iter().filter_map(Raw::into_item).collect())
            }
        }
    }

    /// The differences that a plumbing command with `--raw -z` prints.
    pub(super) fn raw_changes(&self, args: &[&str]) -> Result<Vec<Raw>> {
        let text = self.run(args)?;
        let raw =
            parse_raw(&text).ok_or_else(|| Error::undecided(format!("git {} answered in an unknown form", args[0])))?;
        let is_tree = |side: &Option<Side>| side.as_ref().is_some_and(|side| side.mode == TREE);
        if raw.iter().all(|raw| !is_tree(&raw.old) && !is_tree(&raw.new)) {
            return Ok(raw);
        }
        // A sparse index holds whole directories outside of the checkout as one entry.
        let mut files = Vec::new();
        for raw in raw {
            if is_tree(&raw.old) || is_tree(&raw.new) {
                let (old, new) = (self.expand(&raw.path, raw.old)?, self.expand(&raw.path, raw.new)?);
                files.extend(old.into_iter().map(|(path, side)| Raw {
                    path,
                    old: Some(side),
                    new: None,
                    unmerged: false,
                }));
                files.extend(new.into_iter().map(|(path, side)| Raw {
                    path,
                    old: None,
                    new: Some(side),
                    unmerged: false,
                }));
            } else {
                files.push(raw);
            }
        }
        Ok(files)
    }

    /// The files that one side of a difference stands for.
    fn expand(&self, path: &[u8], side: Option<Side>) -> Result<Vec<(Vec<u8>, Side)>> {
        match side {
            None => Ok(Vec::new()),
            Some(side) if side.mode != TREE => Ok(vec![(path.to_vec(), side)]),
            Some(side) => {
                let folder = path.strip_suffix(b"/").unwrap_or(path);
                let below = ls_tree(&self.run(&["ls-tree", "-r", "-z", "--full-tree", &side.id])?);
                let whole = |item: Item| ([folder, &item.path].join(&b'/'), Side { mode: item.mode, id: item.id });
                Ok(below.into_iter().map(whole).collect())
            }
        }
    }

    /// The id of the empty tree, which git knows without having it.
    pub(super) fn empty_tree(&self) -> Result<String> {
        let sha256 = self.line(&["rev-parse", "--show-object-format=storage"]).is_ok_and(|format| format == "sha256");
        Ok(if sha256 {
            "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"
        } else {
            "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
        }
        .to_owned())
    }
}

/// A running `git cat-file --batch`.
struct Batch {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Batch {
    fn start(mut command: Command) -> Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Error::undecided("git cat-file has no pipes"));
        };
        Ok(Self { child, stdin, stdout: BufReader::new(stdout) })
    }

    /// The content, or `None` where the object is missing.
    fn blob(&mut self, id: &str) -> Result<Option<Vec<u8>>> {
        writeln!(self.stdin, "{id}")?;
        self.stdin.flush()?;
        let mut header = String::new();
        self.stdout.read_line(&mut header)?;
        // `<id> blob <size>`, else `<id> missing`.
        let Some(size) = header.trim_end().rsplit_once(" blob ").and_then(|(_, size)| size.parse::<usize>().ok())
        else {
            return Ok(None);
        };
        let mut content = vec![0; size + 1];
        self.stdout.read_exact(&mut content)?;
        content.pop();
        Ok(Some(content))
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        // It waits for the next question; there is none, and nothing to report if it is gone.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The first line of an output.
pub(super) fn first_line(output: &[u8]) -> String {
    String::from_utf8_lossy(output).lines().next().unwrap_or_default().to_owned()
}

/// What went wrong, in git's words without their prefix.
fn failure(args: &[&str], output: &Output) -> Error {
    let words = first_line(&output.stderr);
    let words = words.trim_start_matches("fatal: ").trim_start_matches("error: ");
    let code = output.status.code().map_or_else(|| "a signal".to_owned(), |code| format!("exit code {code}"));
    let words = if words.is_empty() { format!("it ended with {code}") } else { words.to_owned() };
    Error::undecided(format!("git {}: {words}", args.first().unwrap_or(&"")))
}

/// `<mode> <type> <id>\t<path>\0`.
fn ls_tree(text: &[u8]) -> Vec<Item> {
    text.split(|&byte| byte == 0)
        .filter_map(|line| {
            let tab = line.iter().position(|&byte| byte == b'\t')?;
            let mut words = std::str::from_utf8(&line[..tab]).ok()?.split(' ');
            let mode = u32::from_str_radix(words.next()?, 8).ok()?;
            let id = words.nth(1)?.to_owned();
            Some(Item { path: line[tab + 1..].to_vec(), mode, id, unmerged: false })
        })
        .collect()
}

/// `:<mode> <mode> <id> <id> <status>\0<path>\0`.
fn parse_raw(text: &[u8]) -> Option<Vec<Raw>> {
    let mut fields = text.split(|&byte| byte == 0);
    let mut found = Vec::new();
    while let Some(head) = fields.next().filter(|head| !head.is_empty()) {
        let mut words = std::str::from_utf8(head).ok()?.strip_prefix(':')?.split(' ');
        let modes = [words.next()?, words.next()?].map(|mode| u32::from_str_radix(mode, 8));
        let ids = [words.next()?, words.next()?];
        let unmerged = words.next()?.starts_with('U');
        let path = fields.next()?.to_vec();
        let [old, new] = [(&modes[0], ids[0]), (&modes[1], ids[1])].map(|(mode, id)| match mode {
            Ok(0) | Err(_) => None,
            Ok(mode) => Some(Side { mode: *mode, id: id.to_owned() }),
        });
        found.push(Raw { path, old, new, unmerged });
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::{ls_tree, parse_raw};

    #[test]
    fn raw_lines_are_read_with_any_path() {
        let zero = "0".repeat(40);
        let text =
            format!(":000000 100644 {zero} {} A\0a \"b\"\n\\.rs\0:100644 000000 abc {zero} D\0x\0", "1".repeat(40));
        let raw = parse_raw(text.as_bytes()).unwrap();
        assert_eq!(raw.len(), 2);
        assert_eq!(raw[0].path, b"a \"b\"\n\\.rs");
        assert!(raw[0].old.is_none() && raw[1].new.is_none());
        assert!(parse_raw(b"warning: something\0").is_none());
        assert_eq!(ls_tree(b"120000 blob ff\ta\tb\0")[0].path, b"a\tb");
    }
}
