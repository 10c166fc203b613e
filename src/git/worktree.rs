//! The files on disk as a [`Tree`]: what `create` and `status` read, where the gate reads the index.
//!
//! Left out, so that both see the same files: `.git`, `node_modules`, cargo's build directories, and
//! nested repositories (submodules, linked work trees below the root). Links are followed to files
//! within the root, and never to directories while listing.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fs::{FileType, Metadata};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;
#[cfg(not(unix))]
use std::time::UNIX_EPOCH;

use crate::error::{Error, Result};
use crate::tree::{self, Entry, Names, Tree};

/// The files below a folder.
#[derive(Debug, Clone)]
pub struct WorkTree {
    root: PathBuf,
    /// Directories that were listed, and reached without a link.
    listed: RefCell<HashSet<String>>,
    /// Directories that hold links.
    linked: RefCell<HashSet<String>>,
    /// Files that were found by name in a directory that was not listed, and reached without a link.
    plain: RefCell<HashSet<String>>,
    /// Real directories of which a few files were looked at, none of them a link.
    picked: RefCell<HashSet<String>>,
}

/// The files below a folder on disk.
pub fn worktree_tree(root: &Path) -> WorkTree {
    let (listed, linked, plain, picked) = Default::default();
    WorkTree { root: root.to_owned(), listed, linked, plain, picked }
}

impl WorkTree {
    /// Where a path really is, or `None` where it does not exist.
    fn real(&self, path: &str) -> Result<Option<PathBuf>> {
        let names = [Some(PathBuf::from(path)), escaped_name(path)];
        for name in names.into_iter().flatten() {
            match fs_err::canonicalize(self.root.join(name)) {
                Ok(found) if found.starts_with(fs_err::canonicalize(&self.root)?) => return Ok(Some(found)),
                Ok(_) => {
                    let root = self.root.display();
                    return Err(Error::undecided(format!("{path} is a symbolic link that leads out of {root}")));
                }
                Err(error) if is_missing(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(None)
    }

    /// The files below a directory; of one right below it just those called `names`, where they tell
    /// enough.
    fn listing(&self, directory: &str, names: &[&str]) -> Result<Rc<Vec<Entry>>> {
        let (mut found, mut picked, mut below) = (Vec::new(), Vec::new(), Vec::new());
        let Some(directory) = tree::join("", directory) else { return Ok(Rc::new(found)) };
        if self.real(&directory)?.is_none() {
            return Ok(Rc::new(found));
        }
        let names = if names.is_empty() || self.may_fold_case(&directory) { &[] } else { names };
        self.list(&directory, true, &mut found, &mut below)?;
        // What is found in order is sorted fast.
        below.sort_unstable();
        for directory in &below {
            if !self.pick(directory, names, &mut picked) {
                self.walk(directory, &mut found)?;
            }
        }
        // A directory that is a link itself is not what its path says.
        if !directory.is_empty() && self.is_real_directory(&directory) {
            self.plain.borrow_mut().extend(picked.iter().map(|entry| entry.path.clone()));
            let mut known = self.picked.borrow_mut();
            for entry in &picked {
                let parent = tree::parent(&entry.path);
                if !known.contains(parent) {
                    known.insert(parent.to_owned());
                }
            }
            let mut listed = self.listed.borrow_mut();
            for entry in &found {
                let parent = tree::parent(&entry.path);
                if !listed.contains(parent) {
                    listed.insert(parent.to_owned());
                }
            }
        }
        found.append(&mut picked);
        found.sort();
        Ok(Rc::new(found))
    }

    /// The files of a directory below the one that was asked for, and of those below it.
    fn walk(&self, directory: &str, found: &mut Vec<Entry>) -> Result<()> {
        let mut below = Vec::new();
        if !self.list(directory, false, found, &mut below)? {
            return Ok(());
        }
        below.iter().try_for_each(|directory| self.walk(directory, found))
    }

    /// Asks a directory for the files called `names`, which costs half of listing it; `false` where
    /// only a listing tells: the first one is missing, something is no plain file or cannot be looked
    /// at, or the directory is a repository of its own.
    fn pick(&self, directory: &str, names: &[&str], found: &mut Vec<Entry>) -> bool {
        let before = found.len();
        let mut file = self.root.join(directory);
        file.push(".git");
        if names.is_empty() || !std::fs::symlink_metadata(&file).is_err_and(|error| is_missing(&error)) {
            return false;
        }
        for (at, name) in names.iter().enumerate() {
            file.set_file_name(name);
            match std::fs::symlink_metadata(&file) {
                // The first is what a reader asks the stamp of.
                Ok(metadata) if metadata.is_file() => found
                    .push(Entry { path: [directory, "/", name].concat(), stamp: (at == 0).then(|| stamp(&metadata)) }),
                Err(error) if at > 0 && is_missing(&error) => {}
                _ => {
                    found.truncate(before);
                    return false;
                }
            }
        }
        found[before..].sort_unstable();
        true
    }

    /// Whether `UP.SQL` may be found as `up.sql`: then only a listing tells how a name is spelt.
    fn may_fold_case(&self, directory: &str) -> bool {
        std::fs::symlink_metadata(self.root.join(directory.to_uppercase())).is_ok()
    }

    /// The files and directories of one directory; `false` where it is not to be entered.
    fn list(&self, directory: &str, is_top: bool, found: &mut Vec<Entry>, below: &mut Vec<String>) -> Result<bool> {
        let before = found.len();
        let entries = match std::fs::read_dir(self.root.join(directory)) {
            Ok(entries) => entries,
            Err(error) if is_missing(&error) => return Ok(false),
            Err(error) => return Err(unreadable(directory, error)),
        };
        for entry in entries {
            let entry = entry.map_err(|error| unreadable(directory, error))?;
            let name = show_name(&entry.file_name());
            let path = if directory.is_empty() { name.clone() } else { [directory, "/", &name].concat() };
            let kind = entry.file_type().map_err(|error| unreadable(&path, error))?;
            if name == ".git" {
                if is_top {
                    continue;
                }
                found.truncate(before);
                below.clear();
                return Ok(false);
            }
            if kind.is_dir() {
                if !self.is_skipped(&name, &path) {
                    below.push(path);
                }
            } else if kind.is_file() || self.leads_to_file(&path, kind)? {
                // Stamps cost a system call each, and few of them are asked for.
                found.push(Entry { path, stamp: None });
            }
        }
        Ok(true)
    }

    /// Whether a directory holds nothing of the project's own. A module may be called `target`, so that
    /// one must carry cargo's mark.
    fn is_skipped(&self, name: &str, path: &str) -> bool {
        match name {
            "node_modules" => true,
            "target" => {
                let target = self.root.join(path);
                target.join("CACHEDIR.TAG").exists() || target.join(".rustc_info.json").exists()
            }
            _ => false,
        }
    }

    /// Whether no part of a directory's path is a link.
    fn is_real_directory(&self, directory: &str) -> bool {
        let ends = directory.match_indices('/').map(|(at, _)| at).chain([directory.len()]);
        ends.into_iter().all(|end| {
            std::fs::symlink_metadata(self.root.join(&directory[..end])).is_ok_and(|metadata| metadata.is_dir())
        })
    }

    /// Whether a link leads to a file, wherever that is: one outside is named when it is read.
    fn leads_to_file(&self, path: &str, kind: FileType) -> Result<bool> {
        if !kind.is_symlink() {
            return Ok(false);
        }
        self.linked.borrow_mut().insert(tree::parent(path).to_owned());
        match std::fs::metadata(self.root.join(path)) {
            Ok(metadata) => Ok(metadata.is_file()),
            Err(error) if is_missing(&error) => Ok(false),
            Err(error) => Err(unreadable(path, error)),
        }
    }

    /// A file that was found to be none itself, or lies in a directory that was listed and holds no
    /// link: no link can be in its path.
    fn is_plain(&self, path: &str) -> bool {
        let parent = tree::parent(path);
        self.plain.borrow().contains(path)
            || (self.listed.borrow().contains(parent) && !self.linked.borrow().contains(parent))
            || (self.picked.borrow().contains(parent)
                && std::fs::symlink_metadata(self.root.join(path)).is_ok_and(|metadata| metadata.is_file()))
    }
}

impl Tree for WorkTree {
    fn files(&self, directory: &str) -> Result<Rc<Vec<Entry>>> {
        self.listing(directory, &[])
    }

    fn outline(&self, directory: &str, names: Names) -> Result<Rc<Vec<Entry>>> {
        self.listing(directory, names)
    }

    fn directories(&self, directory: &str) -> Result<Vec<String>> {
        let Ok(listed) = std::fs::read_dir(self.root.join(directory)) else { return Ok(Vec::new()) };
        let directories = listed.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        let mut names: Vec<String> = directories.map(|entry| show_name(&entry.file_name())).collect();
        names.sort();
        Ok(names)
    }

    fn stamp(&self, entry: &Entry) -> Option<String> {
        // Behind a link the target's own time counts.
        let ask = || std::fs::metadata(self.root.join(&entry.path)).ok().map(|metadata| stamp(&metadata));
        entry.stamp.clone().or_else(ask)
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>> {
        if self.is_plain(path) {
            return match read_small(&self.root.join(path)) {
                Ok(bytes) => Ok(Some(bytes)),
                Err(error) if is_missing(&error) => Ok(None),
                Err(error) => Err(unreadable(path, error)),
            };
        }
        match self.real(path)? {
            Some(file) if file.is_file() => Ok(Some(fs_err::read(file)?)),
            _ => Ok(None),
        }
    }
}

/// A file's bytes. Most files here fit the first buffer, and asking for the size first would cost
/// as much as reading them.
fn read_small(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(4096);
    std::fs::File::open(path)?.take(u64::MAX).read_to_end(&mut bytes)?;
    // The texts of a plan are kept until it has run.
    bytes.shrink_to_fit();
    Ok(bytes)
}

/// Size, time of change and identity. A file replaced within one tick of the file system's clock by
/// another of the same size keeps its stamp only if it is also the same inode.
#[cfg(unix)]
fn stamp(metadata: &Metadata) -> String {
    use std::fmt::Write as _;
    use std::os::unix::fs::MetadataExt;

    let (mtime, ctime) = (metadata.mtime(), metadata.ctime());
    let (size, inode) = (metadata.len(), metadata.ino());
    let mut stamp = String::with_capacity(80);
    let _infallible =
        write!(stamp, "{size}-{mtime}.{}-{ctime}.{}-{inode}", metadata.mtime_nsec(), metadata.ctime_nsec());
    stamp
}

#[cfg(not(unix))]
fn stamp(metadata: &Metadata) -> String {
    let changed = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    format!("{}-{}", metadata.len(), changed.map_or(0, |time| time.as_nanos()))
}

/// A file name as text; bytes that are not UTF-8 as `\x` escapes, as git's paths are shown.
fn show_name(name: &std::ffi::OsStr) -> String {
    super::show(name.as_encoded_bytes())
}

/// The file name behind a text with escapes, if it has some.
#[cfg(unix)]
fn escaped_name(path: &str) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt;
    super::unshow(path).map(|bytes| std::ffi::OsString::from_vec(bytes).into())
}

#[cfg(not(unix))]
fn escaped_name(_: &str) -> Option<PathBuf> {
    None
}

fn is_missing(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory)
}

fn unreadable(path: &str, error: std::io::Error) -> Error {
    Error::undecided(format!("{path} cannot be read")).caused_by(error)
}

#[cfg(all(test, unix))]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    use tempfile::TempDir;

    use super::worktree_tree;
    use crate::chain::REVISION_FILES;
    use crate::tree::{Entry, Tree};

    fn write(root: &Path, file: impl AsRef<Path>) {
        let path = root.join(&file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, file.as_ref().as_os_str().as_bytes()).unwrap();
    }

    /// Revisions as they come, and everything that only looks like one.
    fn sample() -> TempDir {
        let dir = TempDir::new().unwrap();
        let root = dir.path();
        for file in [
            "migrations/README.md",
            "migrations/.hidden/up.txt",
            "migrations/1_whole/up.sql",
            "migrations/1_whole/down.sql",
            "migrations/1_whole/metadata.toml",
            "migrations/2_bare/up.sql",
            "migrations/2_bare/notes/deep.txt",
            "migrations/3_no_up/down.sql",
            "migrations/3_no_up/metadata.toml",
            "migrations/4_group/1_a/up.sql",
            "migrations/5_repository/.git",
            "migrations/5_repository/up.sql",
            "migrations/6_links/down.sql",
            "migrations/8_folders/up.sql/x",
            "migrations/8_folders/metadata.toml",
            "secret",
        ] {
            write(root, file);
        }
        write(&root.join("migrations"), Path::new(OsStr::from_bytes(b"7_\xff/up.sql")));
        std::fs::create_dir(root.join("migrations/9_empty")).unwrap();
        symlink("../1_whole/up.sql", root.join("migrations/6_links/up.sql")).unwrap();
        symlink("1_whole", root.join("migrations/a_link")).unwrap();
        symlink("migrations", root.join("other")).unwrap();
        dir
    }

    fn paths(entries: &[Entry]) -> Vec<&str> {
        entries.iter().map(|entry| entry.path.as_str()).collect()
    }

    #[test]
    fn an_outline_leaves_out_what_a_revision_is_not_known_by() {
        let dir = sample();
        let outline = worktree_tree(dir.path()).outline("migrations", REVISION_FILES).unwrap();
        let whole = worktree_tree(dir.path()).files("migrations").unwrap();
        let (found, mut expected) = (paths(&outline), paths(&whole));
        expected.retain(|path| !["1_whole/down.sql", "2_bare/notes/deep.txt"].iter().any(|out| path.ends_with(out)));
        assert_eq!(found, expected);
        assert_eq!(found.len(), whole.len() - 2);
        assert!(!found.iter().any(|path| ["5_", "7_", "9_", "a_"].iter().any(|part| path.contains(part))));
        // Through a link the paths are those that were asked for.
        let linked = worktree_tree(dir.path()).outline("other", REVISION_FILES).unwrap();
        assert_eq!(
            paths(&linked),
            found.iter().map(|path| path.replacen("migrations", "other", 1)).collect::<Vec<_>>()
        );
        // No letter tells whether case counts here.
        std::fs::rename(dir.path().join("migrations"), dir.path().join("1")).unwrap();
        assert_eq!(worktree_tree(dir.path()).outline("1", REVISION_FILES).unwrap().len(), whole.len());
    }

    #[test]
    fn what_an_outline_did_not_look_at_may_be_a_link() {
        let dir = sample();
        let revision = dir.path().join("migrations/2_bare");
        let outside = |path: &str, tree: &dyn Tree| tree.read(path).unwrap_err().message.contains("leads out of");
        let tree = worktree_tree(dir.path());
        tree.outline("migrations", REVISION_FILES).unwrap();
        assert_eq!(tree.read("migrations/2_bare/up.sql").unwrap().unwrap(), b"migrations/2_bare/up.sql");
        symlink("/etc/passwd", revision.join("down.sql")).unwrap();
        symlink("/etc/passwd", revision.join("metadata.toml")).unwrap();
        for tree in [&tree, &worktree_tree(dir.path())] {
            tree.outline("migrations", REVISION_FILES).unwrap();
            assert!(outside("migrations/2_bare/down.sql", tree));
            assert!(outside("migrations/2_bare/metadata.toml", tree));
        }
    }

    #[test]
    fn the_stamp_of_an_outline_is_that_of_the_file() {
        let dir = sample();
        let up = || {
            let tree = worktree_tree(dir.path());
            let outline = tree.outline("migrations", REVISION_FILES).unwrap();
            let entry = outline.iter().find(|entry| entry.path == "migrations/1_whole/up.sql").unwrap().clone();
            assert_eq!(entry.stamp, tree.stamp(&Entry { stamp: None, ..entry.clone() }));
            entry.stamp.unwrap()
        };
        let before = up();
        std::fs::write(dir.path().join("migrations/1_whole/up.sql"), "SELECT 1").unwrap();
        assert_ne!(up(), before);
    }
}
