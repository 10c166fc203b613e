//! Which revisions others have already: those of the branch that work is based on, and of what is being
//! merged or rebased onto. `rebase` leaves them where they are, and `heads` and `status` say by them
//! which command makes one line of several heads.

use std::collections::HashSet;

use crate::chain::rebase::WAY_OUT;
use crate::chain::{Chain, Revision};
use crate::error::{Error, Kind, Result};
use crate::git::{Repo, Rev};
use crate::layout::Group;
use crate::place::Place;
use crate::project::Project;
use crate::words::counted;

/// The revisions that others have.
pub struct Published {
    /// Who has them, as git calls it.
    pub branch: String,
    /// Whether nobody but this clone can be meant: the branch is a local one, and checked out.
    pub is_own: bool,
    ids: HashSet<String>,
}

impl Published {
    /// Of a chain as the branch has it; `None` without git, or without a branch to compare with.
    ///
    /// # Errors
    /// Where the repository cannot be read.
    pub fn of(project: &Project, group: &Group) -> Result<Option<Self>> {
        let Some(repo) = &project.repo else { return Ok(None) };
        let (base, head) = (repo.base_branch()?, repo.head()?);
        let is_here = base.as_ref().is_some_and(|(_, id)| Some(id) == head.as_ref());
        let others = if is_here { Vec::new() } else { beside(repo)? };
        let named = others.first().map(|_| "what is being merged or rebased onto".to_owned());
        let Some(branch) = base.as_ref().map(|(name, _)| name.clone()).or(named) else { return Ok(None) };
        let mut ids = HashSet::new();
        for commit in base.into_iter().map(|(_, id)| id).chain(others) {
            // What cannot be read there is not known to anybody.
            if let Ok(chain) = Chain::load(&repo.tree(Rev::Commit(commit)), &group.directory) {
                ids.extend(chain.revisions().iter().map(|revision| revision.id.clone()));
            }
        }
        let is_own = is_here && !branch.contains('/');
        Ok(Some(Self { branch, is_own, ids }))
    }

    pub fn has(&self, revision: &Revision) -> bool {
        self.ids.contains(&revision.id)
    }
}

/// The commits on the other side of a merge or rebase that is going on.
fn beside(repo: &Repo) -> Result<Vec<String>> {
    let merged = repo.merge_heads()?.into_iter().map(|head| head.id);
    Ok(merged.chain(repo.rebased_onto()).collect())
}

/// What makes one line of several heads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WayOut {
    /// One branch alone is published: the other goes behind it.
    Rebase,
    /// Several are.
    Merge,
}

impl WayOut {
    /// `None` where there is one head, or nobody knows.
    pub fn of(chain: &Chain, published: Option<&Published>) -> Option<Self> {
        let published = published.filter(|_| chain.heads().len() > 1)?;
        match chain.heads_among(&|revision| published.has(revision)).len() {
            0 => None,
            1 => Some(Self::Rebase),
            _ => Some(Self::Merge),
        }
    }

    /// The command for it.
    pub fn command(self) -> &'static str {
        match self {
            Self::Rebase => "cargo ops-migrate rebase",
            Self::Merge => "cargo ops-migrate merge",
        }
    }
}

/// What `heads` and `status` say of several heads; `None` where there is one.
///
/// # Errors
/// As for [`Published::of`].
pub fn hint(project: &Project, group: &Group, chain: &Chain) -> Result<Option<String>> {
    if chain.heads().len() < 2 {
        return Ok(None);
    }
    let way_out = WayOut::of(chain, Published::of(project, group)?.as_ref());
    Ok(Some(way_out.map_or_else(|| WAY_OUT.to_owned(), |way| format!("one line of them: {}", way.command()))))
}

/// Where several heads are published, only a revision that follows them all makes one of them.
pub fn all_published(chain: &Chain, heads: &[&Revision], branch: &str) -> Error {
    let names: Vec<String> = heads.iter().map(|head| head.label()).collect();
    let count = counted(heads.len(), "head");
    Error::new(Kind::SeveralHeads, format!("{count} are published ({branch} has them): {}", names.join(", ")))
        .at(Place::file(&chain.directory))
        .hint("a revision that follows them all: cargo ops-migrate merge")
}
