//! A tree of files as the gate and the readers see it: the work tree, the index, a commit, or a
//! map in a test. Paths are relative to the tree's root, with `/` between parts.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use crate::error::Result;

/// A file of a tree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    pub path: String,
    /// A value that is equal only where the contents are, such as a blob id, where the listing
    /// itself tells; see [`Tree::stamp`].
    pub stamp: Option<String>,
}

/// Names of files, see [`Tree::outline`].
pub type Names = &'static [&'static str];

/// Read access to a tree of files.
pub trait Tree {
    /// Every file below `directory` (the whole tree for an empty string), sorted by path.
    ///
    /// # Errors
    /// Where the tree cannot be read; a directory that does not exist is an empty list.
    fn files(&self, directory: &str) -> Result<Rc<Vec<Entry>>>;

    /// [`Self::files`] for a reader who knows the files of most directories by name: of a directory
    /// right below `directory` that holds the first of `names`, a tree may leave out all files but
    /// `names`, where asking for them costs less than a listing.
    ///
    /// # Errors
    /// As for [`Self::files`].
    fn outline(&self, directory: &str, _names: Names) -> Result<Rc<Vec<Entry>>> {
        self.files(directory)
    }

    /// The paths of the files of a name below `directory`, sorted.
    ///
    /// # Errors
    /// As for [`Self::files`].
    fn named(&self, directory: &str, name: &str) -> Result<Vec<String>> {
        Ok(named_of(&self.files(directory)?, name))
    }

    /// The names of the directories right below one, sorted; those without files may be left out.
    ///
    /// # Errors
    /// As for [`Self::files`].
    fn directories(&self, directory: &str) -> Result<Vec<String>> {
        let skip = if directory.is_empty() { 0 } else { directory.len() + 1 };
        let files = self.files(directory)?;
        let mut names: Vec<String> =
            files.iter().filter_map(|entry| Some(entry.path.get(skip..)?.split_once('/')?.0.to_owned())).collect();
        names.dedup();
        Ok(names)
    }

    /// A value that is equal only where a file's contents are: what the listing told, or what can be
    /// asked at a price (size and time of change). `None` where nothing of the sort is known.
    fn stamp(&self, entry: &Entry) -> Option<String> {
        entry.stamp.clone()
    }

    /// The bytes of a file; `None` where there is none.
    ///
    /// # Errors
    /// Where the file exists and cannot be read.
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>>;
}

/// A tree in memory.
#[derive(Debug, Clone, Default)]
pub struct MemTree {
    pub files: BTreeMap<String, Vec<u8>>,
}

impl MemTree {
    /// A tree of texts.
    pub fn new<P: Into<String>, T: Into<Vec<u8>>>(files: impl IntoIterator<Item = (P, T)>) -> Self {
        Self { files: files.into_iter().map(|(path, text)| (path.into(), text.into())).collect() }
    }
}

impl Tree for MemTree {
    fn files(&self, directory: &str) -> Result<Rc<Vec<Entry>>> {
        let inside = self.files.keys().filter(|path| is_below(path, directory));
        Ok(Rc::new(inside.map(|path| Entry { path: path.clone(), stamp: None }).collect()))
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.files.get(path).cloned())
    }
}

/// A tree with some files in other words, or new ones, and some directories gone.
pub struct Overlay<'a> {
    under: &'a dyn Tree,
    pub over: BTreeMap<String, Vec<u8>>,
    /// What is below these is not there, unless it is in `over`.
    pub gone: BTreeSet<String>,
}

impl<'a> Overlay<'a> {
    /// As the tree below, so far.
    pub fn new(under: &'a dyn Tree) -> Self {
        Self { under, over: BTreeMap::new(), gone: BTreeSet::new() }
    }

    /// The tree without what was changed.
    pub fn under(&self) -> &'a dyn Tree {
        self.under
    }

    fn is_gone(&self, path: &str) -> bool {
        self.gone.iter().any(|directory| is_below(path, directory))
    }

    fn with_over(&self, listed: &[Entry], directory: &str) -> Rc<Vec<Entry>> {
        let stays = |entry: &&Entry| !self.over.contains_key(&entry.path) && !self.is_gone(&entry.path);
        let mut found: Vec<Entry> = listed.iter().filter(stays).cloned().collect();
        let inside = self.over.keys().filter(|path| is_below(path, directory));
        found.extend(inside.map(|path| Entry { path: path.clone(), stamp: None }));
        found.sort();
        Rc::new(found)
    }
}

impl Tree for Overlay<'_> {
    fn files(&self, directory: &str) -> Result<Rc<Vec<Entry>>> {
        Ok(self.with_over(&self.under.files(directory)?, directory))
    }

    fn outline(&self, directory: &str, names: Names) -> Result<Rc<Vec<Entry>>> {
        Ok(self.with_over(&self.under.outline(directory, names)?, directory))
    }

    fn stamp(&self, entry: &Entry) -> Option<String> {
        if self.over.contains_key(&entry.path) { None } else { self.under.stamp(entry) }
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>> {
        match self.over.get(path) {
            Some(bytes) => Ok(Some(bytes.clone())),
            None if self.is_gone(path) => Ok(None),
            None => self.under.read(path),
        }
    }
}

/// By directory and the names of an outline; none for a full listing.
type Listings = HashMap<(String, Names), Rc<Vec<Entry>>>;

/// A tree that remembers its listings, for one that is asked several times for the same directory.
pub struct Memo<T> {
    inner: T,
    listings: RefCell<Listings>,
}

impl<T: Tree> Memo<T> {
    /// Remembers the listings of `inner` from now on.
    pub fn new(inner: T) -> Self {
        Self { inner, listings: RefCell::default() }
    }

    fn remembered(&self, directory: &str, names: Names) -> Result<Rc<Vec<Entry>>> {
        let key = (directory.to_owned(), names);
        if let Some(known) = self.listings.borrow().get(&key) {
            return Ok(Rc::clone(known));
        }
        let listed = if names.is_empty() { self.inner.files(directory) } else { self.inner.outline(directory, names) }?;
        self.listings.borrow_mut().insert(key, Rc::clone(&listed));
        Ok(listed)
    }
}

impl<T: Tree> Tree for Memo<T> {
    fn files(&self, directory: &str) -> Result<Rc<Vec<Entry>>> {
        self.remembered(directory, &[])
    }

    fn outline(&self, directory: &str, names: Names) -> Result<Rc<Vec<Entry>>> {
        self.remembered(directory, names)
    }

    fn named(&self, directory: &str, name: &str) -> Result<Vec<String>> {
        self.inner.named(directory, name)
    }

    fn directories(&self, directory: &str) -> Result<Vec<String>> {
        self.inner.directories(directory)
    }

    fn stamp(&self, entry: &Entry) -> Option<String> {
        self.inner.stamp(entry)
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>> {
        self.inner.read(path)
    }
}

/// The paths of those files that have a name.
pub fn named_of(files: &[Entry], name: &str) -> Vec<String> {
    let named = files.iter().filter(|entry| entry.path.rsplit('/').next() == Some(name));
    named.map(|entry| entry.path.clone()).collect()
}

/// Whether a path lies below a directory; every path lies below the empty one.
pub fn is_below(path: &str, directory: &str) -> bool {
    directory.is_empty() || path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
}

/// A directory and a relative path in one; `.` and `..` parts are resolved, `None` where they lead
/// out of the tree.
pub fn join(directory: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = directory.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The directory that holds a path; empty at the root.
pub fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

#[cfg(test)]
mod tests {
    use super::{join, parent};

    #[test]
    fn paths_are_joined_within_the_tree() {
        let cases = [
            ("a/b", "../c.rs", Some("a/c.rs")),
            ("", "./src/schema.rs", Some("src/schema.rs")),
            ("a", "../../x", None),
        ];
        for (directory, path, expected) in cases {
            assert_eq!(join(directory, path).as_deref(), expected);
        }
        assert_eq!((parent("a/b/c"), parent("c")), ("a/b", ""));
    }
}
