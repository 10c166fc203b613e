//! Everything that libgit2 does for us. It is the fast way (no process is started), and it cannot
//! read every repository: split and sparse indexes, reftable, SHA-256 and some extensions are errors
//! here (libgit2 #6132, #7260), which the caller answers by asking the git command. No type of git2
//! leaves this file except its error.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use git2::{DiffOptions, Error, ErrorClass, ErrorCode, FileMode, Index, ObjectType, Oid, Repository, Sort};

use super::index_file::IndexFile;
use super::{GITLINK, Item, Places, Raw, Rev, Side};

/// A repository that libgit2 could open.
pub(super) struct Library {
    repo: Repository,
    index_file: PathBuf,
    index: OnceCell<IndexFile>,
}

/// How the repository is found.
pub(super) enum Start<'a> {
    /// Upwards from a folder, not entering the ceilings.
    Discover { cwd: &'a Path, ceilings: Vec<PathBuf> },
    /// At `GIT_DIR`.
    At(&'a Path),
}

impl Library {
    /// Opens a repository; `None` where there is none as far as libgit2 can see.
    pub(super) fn open(start: &Start<'_>) -> Result<Option<Self>, Error> {
        // Git does not hash again what it reads, either; `git fsck` does.
        git2::opts::strict_hash_verification(false);
        let opened = match start {
            Start::Discover { cwd, ceilings } => {
                Repository::open_ext(cwd, git2::RepositoryOpenFlags::empty(), ceilings.iter())
            }
            Start::At(git_dir) => {
                Repository::open_ext(git_dir, git2::RepositoryOpenFlags::NO_SEARCH, Vec::<PathBuf>::new())
            }
        };
        match opened {
            Ok(repo) => {
                let index_file = repo.path().join("index");
                Ok(Some(Self { repo, index_file, index: OnceCell::new() }))
            }
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Where the repository lies.
    pub(super) fn places(&self) -> Places {
        Places {
            git_dir: self.repo.path().to_owned(),
            common_dir: self.repo.commondir().to_owned(),
            root: self.repo.workdir().map(Path::to_owned),
            index: self.index_file.clone(),
        }
    }

    /// Reads another index than the repository's own.
    pub(super) fn set_index_file(&mut self, file: &Path) {
        file.clone_into(&mut self.index_file);
        self.index = OnceCell::new();
    }

    fn index(&self) -> Result<&IndexFile, Error> {
        if let Some(index) = self.index.get() {
            return Ok(index);
        }
        let index = IndexFile::read(&self.index_file)?;
        Ok(self.index.get_or_init(|| index))
    }

    /// The commit that HEAD names; `None` before the first commit.
    pub(super) fn head(&self) -> Result<Option<String>, Error> {
        match self.repo.head() {
            Ok(head) => Ok(Some(head.peel_to_commit()?.id().to_string())),
            Err(error) if error.code() == ErrorCode::UnbornBranch => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) fn resolve(&self, spec: &str) -> Result<String, Error> {
        Ok(self.repo.revparse_single(spec)?.peel_to_commit()?.id().to_string())
    }

    pub(super) fn time_of(&self, id: &str) -> Result<i64, Error> {
        Ok(self.repo.find_commit(oid(id)?)?.time().seconds())
    }

    /// Names, seconds since 1970 and commits of the tags, unsorted; tags of other things are left out.
    pub(super) fn tags(&self) -> Result<Vec<(String, i64, String)>, Error> {
        let mut found = Vec::new();
        for reference in self.repo.references_glob("refs/tags/*")? {
            let reference = reference?;
            let (Ok(name), Ok(commit)) = (reference.shorthand(), reference.peel_to_commit()) else { continue };
            found.push((name.to_owned(), commit.time().seconds(), commit.id().to_string()));
        }
        Ok(found)
    }

    pub(super) fn has_commit(&self, id: &str) -> Result<bool, Error> {
        match self.repo.find_commit(oid(id)?) {
            Ok(_) => Ok(true),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub(super) fn merge_base(&self, one: &str, other: &str) -> Result<Option<String>, Error> {
        match self.repo.merge_base(oid(one)?, oid(other)?) {
            Ok(base) => Ok(Some(base.to_string())),
            // Also what a missing object is reported as; then the git command has to say it.
            Err(error) if error.code() == ErrorCode::NotFound && error.class() == ErrorClass::Merge => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) fn is_ancestor(&self, ancestor: &str, of: &str) -> Result<bool, Error> {
        let (ancestor, of) = (oid(ancestor)?, oid(of)?);
        Ok(ancestor == of || self.repo.graph_descendant_of(of, ancestor)?)
    }

    /// The parents; those cut off by a shallow clone are left out.
    pub(super) fn parents(&self, id: &str) -> Result<Vec<String>, Error> {
        let commit = self.repo.find_commit(oid(id)?)?;
        let shallow = self.repo.is_shallow();
        let known = |parent: &Oid| !shallow || self.repo.find_commit(*parent).is_ok();
        Ok(commit.parent_ids().filter(known).map(|parent| parent.to_string()).collect())
    }

    /// Walks as `git log` simplifies a history (git-log, "Default mode"): to the first parent that has
    /// the same below the paths, until a commit has none.
    pub(super) fn last_commit_touching(&self, paths: &[&str], from: &str) -> Result<Option<String>, Error> {
        let mut commit = self.repo.find_commit(oid(from)?)?;
        let here = self.objects(&commit, paths)?;
        loop {
            let mut same = None;
            let parents = self.parents(&commit.id().to_string())?;
            for parent in &parents {
                let parent = self.repo.find_commit(oid(parent)?)?;
                let there = self.objects(&parent, paths)?;
                if there == here {
                    same = Some(parent);
                    break;
                }
            }
            match same {
                Some(parent) => commit = parent,
                None if parents.is_empty() && here.iter().all(Option::is_none) => return Ok(None),
                None => return Ok(Some(commit.id().to_string())),
            }
        }
    }

    /// What a commit has at each of the paths.
    fn objects(&self, commit: &git2::Commit<'_>, paths: &[&str]) -> Result<Vec<Option<Oid>>, Error> {
        let tree = commit.tree()?;
        let object = |path: &&str| match *path {
            "" => Ok(Some(tree.id())),
            path => match tree.get_path(Path::new(path)) {
                Ok(entry) => Ok(Some(entry.id())),
                Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
                Err(error) => Err(error),
            },
        };
        paths.iter().map(object).collect()
    }

    pub(super) fn subject(&self, id: &str) -> Result<String, Error> {
        let commit = self.repo.find_commit(oid(id)?)?;
        Ok(commit.summary_bytes().map(|summary| String::from_utf8_lossy(summary).into_owned()).unwrap_or_default())
    }

    /// The short name and commit of a reference, symbolic ones followed; `None` where it is missing
    /// or leads nowhere.
    pub(super) fn reference(&self, name: &str) -> Result<Option<(String, String)>, Error> {
        let found = self.repo.find_reference(name).and_then(|reference| reference.resolve());
        match found {
            Ok(reference) => {
                let short = String::from_utf8_lossy(reference.shorthand_bytes()).into_owned();
                Ok(Some((short, reference.peel_to_commit()?.id().to_string())))
            }
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The full name of the current branch's upstream.
    pub(super) fn upstream(&self) -> Result<Option<String>, Error> {
        let head = self.repo.find_reference("HEAD")?;
        let Some(branch) = head.symbolic_target()? else { return Ok(None) };
        match self.repo.branch_upstream_name(branch) {
            Ok(name) => Ok(String::from_utf8(name.to_vec()).ok()),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether any reference matches a glob.
    pub(super) fn has_references(&self, glob: &str) -> Result<bool, Error> {
        Ok(self.repo.references_glob(glob)?.next().is_some())
    }

    /// The commits that a commit reaches and no reference of the glob does, oldest first.
    pub(super) fn commits_not_on(&self, id: &str, glob: &str) -> Result<Vec<String>, Error> {
        self.walk_to(id, |walk| walk.hide_glob(glob))
    }

    /// The commits that one reaches and another does not, oldest first.
    pub(super) fn commits_since(&self, base: &str, tip: &str) -> Result<Vec<String>, Error> {
        self.walk_to(tip, |walk| walk.hide(oid(base)?))
    }

    fn walk_to(
        &self,
        tip: &str,
        hide: impl FnOnce(&mut git2::Revwalk<'_>) -> Result<(), Error>,
    ) -> Result<Vec<String>, Error> {
        let mut walk = self.repo.revwalk()?;
        walk.set_sorting(Sort::TOPOLOGICAL | Sort::REVERSE)?;
        walk.push(oid(tip)?)?;
        hide(&mut walk)?;
        walk.map(|commit| Ok(commit?.to_string())).collect()
    }

    /// The differences between two states, as libgit2 tells them.
    pub(super) fn changes(&self, from: &Rev, to: &Rev) -> Result<Vec<Raw>, Error> {
        let mut options = DiffOptions::new();
        options.skip_binary_check(true).include_typechange(true);
        let with_index = [from, to].contains(&&Rev::Index);
        if with_index && let Some(path) = self.index()?.conflict() {
            return Ok(vec![Raw { path: path.to_vec(), old: None, new: None, unmerged: true }]);
        }
        let diff = match (from, to) {
            (Rev::Index, Rev::Index) => return Ok(Vec::new()),
            (Rev::Index, tree) | (tree, Rev::Index) => {
                options.reverse(*from == Rev::Index);
                let index = Index::open(&self.index_file)?;
                self.repo.diff_tree_to_index(self.tree(tree)?.as_ref(), Some(&index), Some(&mut options))?
            }
            (from, to) => {
                let (from, to) = (self.tree(from)?, self.tree(to)?);
                self.repo.diff_tree_to_tree(from.as_ref(), to.as_ref(), Some(&mut options))?
            }
        };
        let mut found: Vec<Raw> = diff.deltas().filter_map(|delta| raw(&delta)).collect();
        if with_index {
            for raw in &mut found {
                let side = if *from == Rev::Index { &mut raw.old } else { &mut raw.new };
                if side.is_some() && self.index()?.at(&raw.path).is_none() {
                    *side = None;
                }
            }
        }
        Ok(found)
    }

    /// The tree of a state; `None` stands for the empty one.
    fn tree(&self, rev: &Rev) -> Result<Option<git2::Tree<'_>>, Error> {
        match rev {
            Rev::Commit(id) => self.repo.find_object(oid(id)?, None)?.peel_to_tree().map(Some),
            Rev::Empty | Rev::Index => Ok(None),
        }
    }

    /// The entries below a directory (`""` for all), and nothing else of the repository.
    pub(super) fn items(&self, rev: &Rev, directory: &[u8]) -> Result<Vec<Item>, Error> {
        match rev {
            Rev::Empty => Ok(Vec::new()),
            Rev::Index => {
                let prefix = if directory.is_empty() { Vec::new() } else { joined(directory, b"") };
                Ok(self.index()?.below(&prefix))
            }
            Rev::Commit(_) => {
                let Some(mut tree) = self.tree(rev)? else { return Ok(Vec::new()) };
                for name in directory.split(|&byte| byte == b'/').filter(|name| !name.is_empty()) {
                    let id = tree.get_name_bytes(name).filter(|entry| entry.kind() == Some(ObjectType::Tree));
                    let Some(id) = id.map(|entry| entry.id()) else { return Ok(Vec::new()) };
                    tree = self.repo.find_tree(id)?;
                }
                let mut found = Vec::new();
                self.walk(&tree, directory, &mut found)?;
                Ok(found)
            }
        }
    }

    fn walk(&self, tree: &git2::Tree<'_>, directory: &[u8], found: &mut Vec<Item>) -> Result<(), Error> {
        for entry in tree {
            let path = joined(directory, entry.name_bytes());
            if entry.kind() == Some(ObjectType::Tree) {
                self.walk(&self.repo.find_tree(entry.id())?, &path, found)?;
            } else {
                let mode = u32::try_from(entry.filemode()).unwrap_or(0);
                found.push(Item { path, mode, id: entry.id().to_string(), unmerged: false });
            }
        }
        Ok(())
    }

    /// The entry at a path; `None` for a directory and for nothing.
    pub(super) fn item(&self, rev: &Rev, path: &[u8]) -> Result<Option<Item>, Error> {
        if *rev == Rev::Index {
            return Ok(self.index()?.at(path));
        }
        let Some(mut tree) = self.tree(rev)? else { return Ok(None) };
        let mut names = path.split(|&byte| byte == b'/').peekable();
        while let Some(name) = names.next() {
            let Some(entry) = tree.get_name_bytes(name).map(|entry| entry.to_owned()) else { return Ok(None) };
            let is_tree = entry.kind() == Some(ObjectType::Tree);
            match (names.peek().is_some(), is_tree) {
                (true, true) => tree = self.repo.find_tree(entry.id())?,
                (false, false) => {
                    let mode = u32::try_from(entry.filemode()).unwrap_or(0);
                    return Ok(Some(Item { path: path.to_vec(), mode, id: entry.id().to_string(), unmerged: false }));
                }
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    /// The files of a name in the index.
    pub(super) fn index_named(&self, name: &[u8]) -> Result<Vec<Item>, Error> {
        Ok(self.index()?.named(name))
    }

    pub(super) fn blob(&self, id: &str) -> Result<Vec<u8>, Error> {
        Ok(self.repo.find_blob(oid(id)?)?.content().to_vec())
    }
}

/// A whole id; libgit2 would take a shorter one and fill it up with zeros.
fn oid(id: &str) -> Result<Oid, Error> {
    if id.len() == 40 { Oid::from_str(id) } else { Err(Error::from_str("this is not a whole SHA-1 id")) }
}

fn joined(directory: &[u8], name: &[u8]) -> Vec<u8> {
    if directory.is_empty() { name.to_vec() } else { [directory, name].join(&b'/') }
}

fn raw(delta: &git2::DiffDelta<'_>) -> Option<Raw> {
    let side = |file: git2::DiffFile<'_>| {
        let absent = file.id().is_zero() && file.mode() != FileMode::Commit;
        let mode = if file.mode() == FileMode::Commit { GITLINK } else { u32::from(file.mode()) };
        (!absent).then(|| Side { mode, id: file.id().to_string() })
    };
    let path = delta.new_file().path_bytes().or_else(|| delta.old_file().path_bytes())?.to_vec();
    let unmerged = delta.status() == git2::Delta::Conflicted;
    let (old, new) = match delta.status() {
        git2::Delta::Added => (None, side(delta.new_file())),
        git2::Delta::Deleted => (side(delta.old_file()), None),
        _ => (side(delta.old_file()), side(delta.new_file())),
    };
    Some(Raw { path, old, new, unmerged })
}
