//! The git repository as plain values: trees, the index, blobs, history and the hooks directory.
//!
//! libgit2 answers where it can, in process and fast; what it cannot read (split and sparse indexes,
//! reftable, SHA-256, a repository of another owner) is asked of the git command. Where both fail the
//! answer is an error that says "could not check", never "no changes".
//!
//! Inside a hook git says through `GIT_DIR`, `GIT_WORK_TREE` and `GIT_INDEX_FILE` which index is to be
//! recorded: for `git commit -a` and `git commit <path>` it is not the repository's own (libgit2
//! #4152). They are read from the variables handed in, never from the process, and made absolute
//! first: libgit2 takes a relative work tree against the git directory, and a missing index file for
//! an empty index.
//!
//! What the contents mean is left to the gate; nothing here writes, except `install`.

mod changes;
mod command;
mod config_hooks;
mod history;
pub mod hook_status;
mod index_file;
pub mod install;
mod library;
mod record;
#[cfg(all(test, unix))]
mod tests;
mod tree;
mod worktree;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

use command::Git;
use library::{Library, Start};

pub use changes::FileChange;
pub use command::without_repository;
pub use history::{MergeHead, Tag};
pub use tree::GitTree;
pub use worktree::{WorkTree, worktree_tree};

const LINK: u32 = 0o120_000;
const GITLINK: u32 = 0o160_000;

/// A state of the repository's files.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rev {
    /// What the next commit records.
    Index,
    /// A commit (or a tree) by its whole hexadecimal id.
    Commit(String),
    /// No files at all: what a first commit is compared with.
    Empty,
}

/// Where the parts of a repository lie; absolute paths.
#[derive(Debug, Clone)]
struct Places {
    git_dir: PathBuf,
    common_dir: PathBuf,
    root: Option<PathBuf>,
    index: PathBuf,
}

/// A file in a tree or an index, as either backend reports it.
#[derive(Debug, Clone)]
struct Item {
    path: Vec<u8>,
    mode: u32,
    id: String,
    unmerged: bool,
}

/// One side of a difference.
#[derive(Debug, Clone)]
struct Side {
    mode: u32,
    id: String,
}

/// A difference, as either backend reports it.
#[derive(Debug, Clone)]
struct Raw {
    path: Vec<u8>,
    old: Option<Side>,
    new: Option<Side>,
    unmerged: bool,
}

impl Raw {
    /// The new side as a file of the tree.
    fn into_item(self) -> Option<Item> {
        let side = match self.new {
            None if self.unmerged => Side { mode: 0, id: String::new() },
            side => side?,
        };
        Some(Item { path: self.path, mode: side.mode, id: side.id, unmerged: self.unmerged })
    }
}

/// A git repository, opened where a command or a hook runs.
pub struct Repo {
    places: Places,
    vars: BTreeMap<String, String>,
    library: Option<Library>,
    /// Why libgit2 could not open it.
    refusal: Option<String>,
    git: Git,
    /// Whether the index was named by `GIT_INDEX_FILE`.
    index_named: bool,
}

impl Repo {
    /// Opens the repository that a folder lies in, or the one that git names in `vars` when it runs a
    /// hook; `None` where there is none. `vars` is the environment; `cwd` is absolute.
    ///
    /// # Errors
    /// Where there is a repository that neither libgit2 nor the git command can open.
    pub fn open(cwd: &Path, vars: &BTreeMap<String, String>) -> Result<Option<Self>> {
        let named = |name: &str| vars.get(name).filter(|value| !value.is_empty()).map(|value| cwd.join(value));
        let git_dir = named("GIT_DIR");
        let start = match &git_dir {
            Some(git_dir) => Start::At(git_dir),
            None => Start::Discover { cwd, ceilings: ceilings(vars) },
        };
        let mut git = Git::new(cwd, vars);
        let (mut library, refusal) = match open_library(&start, vars) {
            Ok(Some(library)) => (Some(library), None),
            Ok(None) if git_dir.is_none() && !looks_like_repository(cwd) => return Ok(None),
            Ok(None) => (None, None),
            Err(refusal) => (None, Some(refusal)),
        };
        let mut places = match &library {
            Some(library) => library.places(),
            None => match ask_places(&git, cwd) {
                Ok(Some(places)) => places,
                Ok(None) => return Ok(None),
                Err(error) => return Err(could_not("the repository cannot be opened", refusal.as_deref(), error)),
            },
        };
        if let Some(root) = named("GIT_WORK_TREE") {
            places.root = Some(root);
        } else if git_dir.is_some() && library.is_some() {
            places.root = root_of_hook(places.root.as_deref(), cwd);
        }
        places.tidy();
        let index = vars.get("GIT_INDEX_FILE").filter(|file| !file.is_empty());
        if let Some(file) = index {
            places.index = index_file(cwd, places.root.as_deref(), file);
        }
        if let Some(library) = &mut library {
            library.set_index_file(&places.index);
        }
        git.pin(&places);
        let index_named = index.is_some();
        Ok(Some(Self { places, vars: vars.clone(), library, refusal, git, index_named }))
    }

    /// Lets git fetch missing objects of a partial clone: for a push, which needs the network anyway.
    #[must_use]
    pub fn with_fetch(mut self) -> Self {
        self.git.allow_fetch();
        self
    }

    /// The root of the work tree; `None` in a bare repository.
    pub fn root(&self) -> Option<&Path> {
        self.places.root.as_deref()
    }

    /// The git directory of this work tree (of a linked one: its own).
    pub fn git_dir(&self) -> &Path {
        &self.places.git_dir
    }

    /// The git directory that all work trees share: where the hooks and our own state are.
    pub fn common_dir(&self) -> &Path {
        &self.places.common_dir
    }

    /// A path on disk as the trees and changes here name it: from the root, with `/`, empty for the root
    /// itself; `None` outside of the work tree. Links in the folders that hold the work tree do not
    /// matter.
    pub fn relative(&self, path: &Path) -> Option<String> {
        let path = real(path);
        let inside = path.strip_prefix(real(self.root()?)).ok()?;
        let names: Vec<String> = inside.iter().map(|name| show(name.as_encoded_bytes())).collect();
        Some(names.join("/"))
    }

    /// Whether there is no work tree.
    pub fn is_bare(&self) -> bool {
        self.places.root.is_none()
    }

    /// The content of a blob.
    ///
    /// # Errors
    /// Where it is missing: in a broken repository, or in a partial clone that has not fetched it.
    pub fn blob(&self, id: &str) -> Result<Vec<u8>> {
        self.either("a file's content cannot be read", |library| library.blob(id), |git| git.blob(id))
            .map_err(|error| self.explain_missing(error))
    }

    /// The files of a state, as a tree of paths from the repository's root.
    pub fn tree(&self, rev: Rev) -> GitTree<'_> {
        GitTree::new(self, rev)
    }

    /// Asks libgit2, then git; the error of both says what could not be checked.
    fn either<T>(
        &self,
        what: &str,
        library: impl FnOnce(&Library) -> Result<T, git2::Error>,
        git: impl FnOnce(&Git) -> Result<T>,
    ) -> Result<T> {
        let refusal = match &self.library {
            None => self.refusal.clone(),
            Some(opened) => match library(opened) {
                Ok(answer) => return Ok(answer),
                Err(error) => Some(error.message().to_owned()),
            },
        };
        git(&self.git).map_err(|error| could_not(what, refusal.as_deref(), error))
    }

    /// An index that git named and that is not there is no empty index: everything would look deleted.
    fn check_index(&self) -> Result<()> {
        let index = &self.places.index;
        // Before the first `git add` there is none yet.
        let is_own = || real(index) == real(&self.places.git_dir).join("index");
        if !self.index_named || index.exists() || is_own() {
            return Ok(());
        }
        Err(Error::undecided(format!("could not check: the index file {} is missing", index.display()))
            .hint("GIT_INDEX_FILE names it; unset it outside of a git hook"))
    }

    fn explain_missing(&self, error: Error) -> Error {
        let promisor = self.git.line(&["config", "--get-regexp", r"^remote\..*\.promisor$"]).is_ok();
        if promisor { error.hint("this is a partial clone: `git fetch --refetch` gets what is missing") } else { error }
    }
}

impl Places {
    /// Drops the trailing slashes that libgit2 leaves.
    fn tidy(&mut self) {
        for path in [&mut self.git_dir, &mut self.common_dir].into_iter().chain(&mut self.root) {
            *path = path.components().collect();
        }
        self.index = self.git_dir.join("index");
    }
}

/// Opens with libgit2; an error in words where it must not or cannot.
fn open_library(start: &Start<'_>, vars: &BTreeMap<String, String>) -> Result<Option<Library>, String> {
    // libgit2 would read another object database than git does.
    let foreign = ["GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_NAMESPACE"];
    if let Some(name) = foreign.iter().find(|name| vars.contains_key(**name)) {
        return Err(format!("{name} is set"));
    }
    Library::open(start).map_err(|error| error.message().to_owned())
}

/// The repository's places in git's own words; `None` where git knows of no repository.
fn ask_places(git: &Git, cwd: &Path) -> Result<Option<Places>> {
    let args = ["rev-parse", "--is-inside-work-tree", "--absolute-git-dir", "--git-common-dir"];
    let output = git.output(&args)?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        if words.contains("not a git repository") {
            return Ok(None);
        }
        let words = words.lines().next().unwrap_or_default().trim_start_matches("fatal: ").to_owned();
        return Err(Error::undecided(words));
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let [inside, git_dir, common_dir] = text.lines().collect::<Vec<_>>()[..] else {
        return Err(Error::undecided("git rev-parse answered in an unknown form"));
    };
    let root = if inside == "true" { Some(PathBuf::from(git.line(&["rev-parse", "--show-toplevel"])?)) } else { None };
    let git_dir = PathBuf::from(git_dir);
    let index = git_dir.join("index");
    Ok(Some(Places { git_dir, common_dir: cwd.join(common_dir), root, index }))
}

/// With `GIT_DIR` and no `GIT_WORK_TREE` git takes the current folder for the work tree; below the one
/// that libgit2 knows that is only a folder in it.
fn root_of_hook(root: Option<&Path>, cwd: &Path) -> Option<PathBuf> {
    let root = root?;
    Some(if real(cwd).starts_with(real(root)) { root.to_owned() } else { cwd.to_owned() })
}

/// Git reads a relative index file against the root; a hook's folder is the root, a program below it
/// may stand elsewhere.
fn index_file(cwd: &Path, root: Option<&Path>, file: &str) -> PathBuf {
    let here = cwd.join(file);
    match root.map(|root| root.join(file)) {
        Some(there) if !here.exists() && there.exists() => there,
        _ => here,
    }
}

/// A path with its links resolved as far as it exists.
fn real(path: &Path) -> PathBuf {
    for existing in path.ancestors() {
        if let Ok(found) = std::fs::canonicalize(existing) {
            let rest = path.strip_prefix(existing).unwrap_or(Path::new(""));
            return found.join(rest).components().collect();
        }
    }
    path.to_owned()
}

fn ceilings(vars: &BTreeMap<String, String>) -> Vec<PathBuf> {
    let Some(list) = vars.get("GIT_CEILING_DIRECTORIES") else { return Vec::new() };
    std::env::split_paths(list).filter(|path| path.is_absolute()).collect()
}

/// Whether git may see a repository where libgit2 saw none.
fn looks_like_repository(cwd: &Path) -> bool {
    cwd.ancestors().any(|folder| folder.join(".git").exists() || folder.join("HEAD").is_file())
}

/// Neither libgit2 nor git could answer.
fn could_not(what: &str, refusal: Option<&str>, error: Error) -> Error {
    let refusal = refusal.map(|refusal| format!(" (libgit2: {refusal})")).unwrap_or_default();
    let mut whole = Error::undecided(format!("could not check: {what}: {error}{refusal}"));
    whole.hints = error.hints;
    whole
}

/// A path as text. Bytes that are not UTF-8 become `\x` escapes.
fn show(path: &[u8]) -> String {
    path.utf8_chunks().fold(String::with_capacity(path.len()), |mut text, chunk| {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
        text
    })
}

/// The bytes behind a text that [`show`] made with escapes; `None` where it has none.
fn unshow(path: &str) -> Option<Vec<u8>> {
    let mut parts = path.split("\\x");
    let mut bytes = parts.next()?.as_bytes().to_vec();
    let mut escapes = 0;
    for part in parts {
        match part.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                bytes.extend_from_slice(&part.as_bytes()[2..]);
                escapes += 1;
            }
            None => {
                bytes.extend_from_slice(b"\\x");
                bytes.extend_from_slice(part.as_bytes());
            }
        }
    }
    (escapes > 0).then_some(bytes)
}
