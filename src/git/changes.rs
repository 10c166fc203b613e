//! What differs between two states of the repository, file by file. Renames are not looked for: a
//! moved model is the same schema, and a guess of similarity is noise.

use std::collections::BTreeMap;

use crate::error::{Error, Result};

use super::command::Git;
use super::{GITLINK, LINK, Raw, Repo, Rev, Side, show};

/// A file that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// From the repository's root, with `/`; bytes that are not UTF-8 as `\x` escapes.
    pub path: String,
    /// The blob before; `None` for a file that is new.
    pub old: Option<String>,
    /// The blob after; `None` for a file that is gone.
    pub new: Option<String>,
    /// Whether either side is a symbolic link, whose blob is the path that it leads to.
    pub symlink: bool,
}

impl Repo {
    /// The files that differ between two states, sorted by path. Submodules, files that are only
    /// meant to be added (`git add -N`) and changes of mode alone are left out.
    ///
    /// # Errors
    /// Where a state cannot be read, and where the index has conflicts.
    pub fn changes(&self, from: &Rev, to: &Rev) -> Result<Vec<FileChange>> {
        if from == to {
            return Ok(Vec::new());
        }
        let with_index = *from == Rev::Index || *to == Rev::Index;
        if with_index {
            self.check_index()?;
        }
        let what = if with_index { "the index cannot be read" } else { "the commits cannot be compared" };
        let by_git = |git: &Git| ask(git, from, to);
        // Git keeps the trees of the index at hand, and libgit2 reads them all: one process costs less.
        let raw = if with_index {
            by_git(&self.git).or_else(|_| self.either(what, |library| library.changes(from, to), by_git))?
        } else {
            self.either(what, |library| library.changes(from, to), by_git)?
        };
        settle(raw)
    }
}

/// The differences as the git command tells them.
fn ask(git: &Git, from: &Rev, to: &Rev) -> Result<Vec<Raw>> {
    let name = |rev: &Rev| match rev {
        Rev::Commit(id) => Ok(id.clone()),
        Rev::Empty | Rev::Index => git.empty_tree(),
    };
    let index = ["diff-index", "--cached", "--ita-invisible-in-index", "--raw", "-z", "--no-renames"];
    match (from, to) {
        (Rev::Index, to) => git.raw_changes(&[&index[..], &["-R", &name(to)?]].concat()),
        (from, Rev::Index) => git.raw_changes(&[&index[..], &[&name(from)?]].concat()),
        (from, to) => git.raw_changes(&["diff-tree", "-r", "--raw", "-z", "--no-renames", &name(from)?, &name(to)?]),
    }
}

/// The raw differences as one change for each path.
fn settle(raw: Vec<Raw>) -> Result<Vec<FileChange>> {
    let mut changes: BTreeMap<Vec<u8>, FileChange> = BTreeMap::new();
    for Raw { path, old, new, unmerged } in raw {
        if unmerged {
            return Err(conflict(&path));
        }
        let is_link = |side: &Option<Side>| side.as_ref().is_some_and(|side| side.mode == LINK);
        let links = (is_link(&old), is_link(&new));
        let blob = |side: Option<Side>| side.filter(|side| side.mode != GITLINK).map(|side| side.id);
        let (old, new) = (blob(old), blob(new));
        if old == new && links.0 == links.1 {
            continue;
        }
        let text = show(&path);
        // A file that became a link may come as two differences.
        let change = changes.entry(path).or_insert(FileChange { path: text, old: None, new: None, symlink: false });
        change.old = change.old.take().or(old);
        change.new = change.new.take().or(new);
        change.symlink |= links.0 || links.1;
    }
    Ok(changes.into_values().collect())
}

/// The index is no tree while it holds several versions of a file.
pub(super) fn conflict(path: &[u8]) -> Error {
    Error::undecided(format!("could not check: {} is in conflict; resolve the conflicts first", show(path)))
        .hint("`git status` lists them; `git add` marks them as resolved")
}
