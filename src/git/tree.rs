//! A state of the repository as a [`Tree`]: what the gate reads, never the work tree. Symbolic links
//! are followed within the state, as they would be on disk.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use crate::error::{Error, Result};
use crate::tree::{self, Entry, Tree};

use super::changes::conflict;
use super::{GITLINK, Item, LINK, Repo, Rev, show, unshow};

/// As many links in a row as Linux follows.
const MAX_LINKS: usize = 40;

/// The files of the index or of a commit.
pub struct GitTree<'a> {
    repo: &'a Repo,
    rev: Rev,
    /// All files, where libgit2 cannot look them up one by one; sorted by path.
    listing: OnceCell<Vec<Item>>,
    /// What was listed of a commit: to look a path up, libgit2 would read every tree on the way anew,
    /// and that of a long chain is large.
    known: RefCell<HashMap<Vec<u8>, Item>>,
    /// Whether the index was found to be one that can be judged.
    index_checked: OnceCell<()>,
}

/// Where a path leads once links are followed.
enum Target {
    Path(String),
    /// Out of the repository, or in a circle.
    Nowhere,
}

impl<'a> GitTree<'a> {
    pub(super) fn new(repo: &'a Repo, rev: Rev) -> Self {
        Self { repo, rev, listing: OnceCell::new(), known: RefCell::default(), index_checked: OnceCell::new() }
    }

    /// Everything, from the git command.
    fn listing(&self) -> Result<&[Item]> {
        if let Some(listing) = self.listing.get() {
            return Ok(listing);
        }
        let mut items = match &self.rev {
            Rev::Index => self.repo.git.items(None)?,
            Rev::Commit(id) => self.repo.git.items(Some(id))?,
            Rev::Empty => Vec::new(),
        };
        items.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(self.listing.get_or_init(|| items))
    }

    /// Whether git has listed everything already.
    fn prefers_git(&self) -> bool {
        self.listing.get().is_some()
    }

    fn what(&self) -> &'static str {
        if self.rev == Rev::Index { "the index cannot be read" } else { "a commit's files cannot be read" }
    }

    /// The entries below a directory.
    fn items(&self, directory: &[u8]) -> Result<Vec<Item>> {
        let listed = || -> Result<Vec<Item>> {
            let prefix = if directory.is_empty() { Vec::new() } else { [directory, b"/"].concat() };
            let all = self.listing()?;
            let first = all.partition_point(|item| item.path < prefix);
            Ok(all[first..].iter().take_while(|item| item.path.starts_with(&prefix)).cloned().collect())
        };
        if self.prefers_git() {
            return listed();
        }
        let items = self.repo.either(self.what(), |library| library.items(&self.rev, directory), |_| listed())?;
        if matches!(self.rev, Rev::Commit(_)) {
            self.known.borrow_mut().extend(items.iter().map(|item| (item.path.clone(), item.clone())));
        }
        Ok(items)
    }

    fn check_index(&self) -> Result<()> {
        if self.rev == Rev::Index && self.index_checked.get().is_none() {
            self.repo.check_index()?;
            let _ = self.index_checked.set(());
        }
        Ok(())
    }

    /// The entry at a path.
    fn item(&self, path: &str) -> Result<Option<Item>> {
        if let Some(known) = self.known.borrow().get(path.as_bytes()) {
            return Ok(Some(known.clone()));
        }
        let spellings = [Some(path.as_bytes().to_vec()), unshow(path)];
        for path in spellings.into_iter().flatten() {
            let listed = || -> Result<Option<Item>> {
                let all = self.listing()?;
                Ok(all.binary_search_by(|item| item.path.cmp(&path)).ok().map(|found| all[found].clone()))
            };
            let found = if self.prefers_git() {
                listed()?
            } else {
                self.repo.either(self.what(), |library| library.item(&self.rev, &path), |_| listed())?
            };
            if let Some(item) = found {
                return if item.unmerged { Err(conflict(&item.path)) } else { Ok(Some(item)) };
            }
        }
        Ok(None)
    }

    /// Follows the links in a path, to a file or a directory that may or may not exist.
    fn follow(&self, path: &str) -> Result<Target> {
        let mut path = path.to_owned();
        for _ in 0..MAX_LINKS {
            let Some((link, rest)) = self.first_link(&path)? else { return Ok(Target::Path(path)) };
            let text = self.repo.blob(&link.id)?;
            let text = show(&text);
            let target = Some(text).filter(|text| !text.starts_with('/')).and_then(|text| {
                let target = tree::join(tree::parent(&show(&link.path)), &text)?;
                Some(tree::join(&target, rest).unwrap_or_default())
            });
            match target {
                Some(target) => path = target,
                None => return Ok(Target::Nowhere),
            }
        }
        Ok(Target::Nowhere)
    }

    /// The first part of a path that is a link, and what follows it.
    fn first_link<'p>(&self, path: &'p str) -> Result<Option<(Item, &'p str)>> {
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        for end in ends {
            if let Some(item) = self.item(&path[..end])?.filter(|item| item.mode == LINK) {
                return Ok(Some((item, path.get(end + 1..).unwrap_or_default())));
            }
        }
        Ok(None)
    }

    /// A listed file: a link has its target's content as stamp, and is left out where that is a
    /// directory or missing.
    fn entry(&self, path: String, item: Item) -> Result<Option<Entry>> {
        if item.unmerged {
            return Err(conflict(&item.path));
        }
        if item.mode == GITLINK {
            return Ok(None);
        }
        if item.mode != LINK {
            return Ok(Some(Entry { path, stamp: Some(item.id) }));
        }
        match self.follow(&show(&item.path))? {
            Target::Nowhere => Ok(Some(Entry { path, stamp: None })),
            Target::Path(target) => Ok(self.item(&target)?.map(|target| Entry { path, stamp: Some(target.id) })),
        }
    }
}

impl Tree for GitTree<'_> {
    fn files(&self, directory: &str) -> Result<Rc<Vec<Entry>>> {
        self.check_index()?;
        let directory = directory.trim_matches('/');
        let mut items = self.items(directory.as_bytes())?;
        let mut real = directory.to_owned();
        if items.is_empty() && !directory.is_empty() {
            match (self.follow(directory)?, unshow(directory)) {
                (Target::Path(target), None) if target != directory => {
                    items = self.items(target.as_bytes())?;
                    real = target;
                }
                (_, Some(bytes)) => items = self.items(&bytes)?,
                _ => {}
            }
        }
        let mut entries = Vec::with_capacity(items.len());
        for item in items {
            let mut path = show(&item.path);
            if real != directory {
                path = format!("{directory}{}", path.get(real.len()..).unwrap_or_default());
            }
            entries.extend(self.entry(path, item)?);
        }
        entries.sort();
        Ok(Rc::new(entries))
    }

    fn named(&self, directory: &str, name: &str) -> Result<Vec<String>> {
        self.check_index()?;
        let library = self.repo.library.as_ref().filter(|_| self.rev == Rev::Index && directory.is_empty());
        // Where libgit2 cannot read the index, git lists all of it.
        let Some(items) = library.and_then(|library| library.index_named(name.as_bytes()).ok()) else {
            return Ok(tree::named_of(&self.files(directory)?, name));
        };
        let mut paths = Vec::with_capacity(items.len());
        for item in items {
            paths.extend(self.entry(show(&item.path), item)?.map(|entry| entry.path));
        }
        Ok(paths)
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>> {
        self.check_index()?;
        let mut item = self.item(path)?;
        if item.as_ref().is_none_or(|item| item.mode == LINK) {
            item = match self.follow(path)? {
                Target::Path(target) if target != path => self.item(&target)?,
                Target::Path(_) => None,
                Target::Nowhere => {
                    return Err(Error::undecided(format!(
                        "could not check: {path} is a symbolic link that leads out of the repository"
                    )));
                }
            };
        }
        match item.filter(|item| item.mode != GITLINK) {
            Some(item) => self.repo.blob(&item.id).map(Some),
            None => Ok(None),
        }
    }
}
