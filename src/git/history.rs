//! Commits: which there are, how they follow each other, and which branch work is based on.

use std::collections::BTreeSet;

use crate::error::{Error, Result};

use super::command::{Git, first_line};
use super::{Repo, Rev};

/// A commit that is being merged into the current one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeHead {
    pub id: String,
    /// What git calls it, where it says so.
    pub name: Option<String>,
}

/// A tag of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    pub name: String,
    /// When the commit was made, in seconds since 1970.
    pub time: i64,
    pub commit: String,
}

/// Where new work usually starts from, most telling first; the current branch's upstream is asked for
/// after the first.
const BASES: [&str; 5] = [
    "refs/remotes/origin/HEAD",
    "refs/remotes/origin/main",
    "refs/remotes/origin/master",
    "refs/heads/main",
    "refs/heads/master",
];

/// Name, time and commit of what `for-each-ref` says of a tag: that of an annotated one is its second id.
fn tag_of_line(line: &str) -> Option<(String, i64, String)> {
    let mut words = line.split(' ').filter(|word| !word.is_empty()).rev();
    let (time, commit) = (words.next()?.parse().ok()?, words.next()?);
    Some((line.split(' ').next()?.to_owned(), time, commit.to_owned()))
}

impl Repo {
    /// The commit of HEAD; `None` before the first commit.
    ///
    /// # Errors
    /// Where HEAD cannot be read.
    pub fn head(&self) -> Result<Option<String>> {
        self.either("HEAD cannot be read", |library| library.head(), ask_head)
    }

    /// HEAD as a state: the empty tree before the first commit.
    ///
    /// # Errors
    /// As [`Repo::head`].
    pub fn head_rev(&self) -> Result<Rev> {
        Ok(self.head()?.map_or(Rev::Empty, Rev::Commit))
    }

    /// The commit that a name, an id or an expression stands for; tags are followed.
    ///
    /// # Errors
    /// Where it stands for none.
    pub fn resolve(&self, spec: &str) -> Result<String> {
        let commit = format!("{spec}^{{commit}}");
        let args = ["rev-parse", "--verify", "--quiet", "--end-of-options", &commit];
        self.either(
            "a commit cannot be found",
            |library| library.resolve(spec),
            |git| {
                let output = git.output(&args)?;
                let unknown = || Error::undecided(format!("`{spec}` names no commit in this repository"));
                if output.status.success() { Ok(first_line(&output.stdout)) } else { Err(unknown()) }
            },
        )
    }

    /// When a commit was made, in seconds since 1970.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn time_of(&self, id: &str) -> Result<i64> {
        self.either(
            "a commit cannot be read",
            |library| library.time_of(id),
            |git| {
                let line = git.line(&["show", "-s", "--no-show-signature", "--format=%ct", id])?;
                line.trim().parse().map_err(|_| Error::undecided(format!("git says no time of {id}")))
            },
        )
    }

    /// The tags of commits, the oldest commit first.
    ///
    /// # Errors
    /// Where they cannot be listed.
    pub fn tags(&self) -> Result<Vec<Tag>> {
        let format =
            "--format=%(refname:short) %(objectname) %(*objectname) %(committerdate:unix)%(*committerdate:unix)";
        let tags = self.either(
            "the tags cannot be listed",
            |library| library.tags(),
            |git| {
                let listed = git.run(&["for-each-ref", format, "refs/tags"])?;
                Ok(String::from_utf8_lossy(&listed).lines().filter_map(tag_of_line).collect())
            },
        )?;
        let mut tags: Vec<Tag> = tags.into_iter().map(|(name, time, commit)| Tag { name, time, commit }).collect();
        tags.sort_by(|a, b| a.time.cmp(&b.time).then_with(|| a.name.cmp(&b.name)));
        Ok(tags)
    }

    /// Whether a commit is here; the other side of a push may name one that is not.
    ///
    /// # Errors
    /// Where the repository cannot be read.
    pub fn has_commit(&self, id: &str) -> Result<bool> {
        let commit = format!("{id}^{{commit}}");
        self.either(
            "a commit cannot be looked up",
            |library| library.has_commit(id),
            |git| Ok(git.output(&["cat-file", "-e", &commit])?.status.success()),
        )
    }

    /// The best common ancestor of two commits; `None` for unrelated histories.
    ///
    /// # Errors
    /// Where a commit cannot be read.
    pub fn merge_base(&self, one: &str, other: &str) -> Result<Option<String>> {
        self.either(
            "the common ancestor cannot be found",
            |library| library.merge_base(one, other),
            |git| Ok(git.ask(&["merge-base", one, other])?.map(|output| first_line(&output))),
        )
    }

    /// The parents of a commit; those that a shallow clone cut off are left out.
    ///
    /// # Errors
    /// Where the commit cannot be read.
    pub fn parents(&self, id: &str) -> Result<Vec<String>> {
        self.either(
            "a commit cannot be read",
            |library| library.parents(id),
            |git| {
                let line = git.line(&["rev-list", "--parents", "--max-count=1", id])?;
                Ok(line.split(' ').skip(1).map(str::to_owned).collect())
            },
        )
    }

    /// Whether a shallow clone has cut off what a commit was made from.
    pub fn is_cut_off(&self, id: &str) -> bool {
        std::fs::read_to_string(self.common_dir().join("shallow"))
            .is_ok_and(|list| list.lines().any(|line| line.trim() == id))
    }

    /// Whether a rebase has stopped here: what is amended then is being made anew.
    pub fn is_rebasing(&self) -> bool {
        ["rebase-merge", "rebase-apply"].iter().any(|name| self.git_dir().join(name).exists())
    }

    /// The commit that a rebase, which has stopped here, puts its commits on.
    pub fn rebased_onto(&self) -> Option<String> {
        let read = |name: &str| fs_err::read_to_string(self.git_dir().join(name)).ok();
        let id = ["rebase-merge/onto", "rebase-apply/onto"].iter().find_map(|name| read(name))?;
        Some(id.trim().to_owned()).filter(|id| !id.is_empty())
    }

    /// Whether a rebase is at work here that applies its commits as patches, as `git am` does with mail.
    pub fn is_rebasing_by_patches(&self) -> bool {
        self.git_dir().join("rebase-apply/rebasing").exists()
    }

    /// Whether a commit is, or is reachable from, another.
    ///
    /// # Errors
    /// Where a commit cannot be read.
    pub fn is_ancestor(&self, ancestor: &str, of: &str) -> Result<bool> {
        self.either(
            "the history cannot be read",
            |library| library.is_ancestor(ancestor, of),
            |git| Ok(git.ask(&["merge-base", "--is-ancestor", ancestor, of])?.is_some()),
        )
    }

    /// The commits that are being merged into HEAD. Before git writes `MERGE_HEAD` it names them only
    /// in the variables `GITHEAD_<id>`, which is all that a pre-merge-commit hook can see.
    ///
    /// # Errors
    /// Where HEAD or `MERGE_HEAD` cannot be read.
    pub fn merge_heads(&self) -> Result<Vec<MergeHead>> {
        let is_id = |id: &str| matches!(id.len(), 40 | 64) && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        let named = self.vars.iter().filter_map(|(var, name)| {
            let id = var.strip_prefix("GITHEAD_").filter(|id| is_id(id))?;
            Some(MergeHead { id: id.to_owned(), name: Some(name.clone()).filter(|name| !name.is_empty()) })
        });
        let file = self.git_dir().join("MERGE_HEAD");
        let written = match fs_err::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(Error::undecided("could not check: the merge cannot be read").caused_by(error)),
        };
        let written = written.lines().filter(|id| is_id(id)).map(|id| MergeHead { id: id.to_owned(), name: None });
        let mut heads: Vec<MergeHead> = named.chain(written).collect();
        if !heads.is_empty() {
            let head = self.head()?;
            let mut seen: BTreeSet<String> = head.into_iter().collect();
            heads.retain(|merged| seen.insert(merged.id.clone()));
        }
        Ok(heads)
    }

    /// The branch that work is based on, with its commit: origin's default branch, the upstream of the
    /// current branch, then the usual names; `None` where there is none of them.
    ///
    /// # Errors
    /// Where the references cannot be read.
    pub fn base_branch(&self) -> Result<Option<(String, String)>> {
        let what = "the references cannot be read";
        let upstream = self.either(
            what,
            |library| library.upstream(),
            |git| {
                let output =
                    git.output(&["rev-parse", "--symbolic-full-name", "--verify", "--quiet", "@{upstream}"])?;
                Ok(Some(first_line(&output.stdout)).filter(|name| output.status.success() && !name.is_empty()))
            },
        )?;
        let [first, rest @ ..] = BASES;
        for name in [first].into_iter().chain(upstream.as_deref()).chain(rest) {
            let found = self.either(what, |library| library.reference(name), |git| ask_reference(git, name))?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// The commits that a push of `local` would bring to a remote, oldest first: those that none of its
    /// tracking references reaches. A remote without such references (a bare URL) is compared with
    /// all remotes.
    ///
    /// # Errors
    /// Where the history cannot be read.
    pub fn rev_list_not_on_remote(&self, local: &str, remote: &str) -> Result<Vec<String>> {
        let what = "the commits of the push cannot be listed";
        // A URL is no name; its characters must not become a glob.
        let is_name = !remote.is_empty() && !remote.contains([':', '*', '?', '[', '\\']) && !remote.starts_with('/');
        let prefix = format!("refs/remotes/{remote}/");
        let tracked = is_name
            && self.either(
                what,
                |library| library.has_references(&format!("{prefix}*")),
                |git| Ok(!git.run(&["for-each-ref", "--count=1", "--format=%(refname)", &prefix])?.is_empty()),
            )?;
        let remotes = if tracked { format!("--remotes={remote}") } else { "--remotes".to_owned() };
        let glob = if tracked { format!("{prefix}*") } else { "refs/remotes/*".to_owned() };
        let args = ["rev-list", "--topo-order", "--reverse", local, "--not", &remotes];
        self.either(
            what,
            |library| library.commits_not_on(local, &glob),
            |git| Ok(String::from_utf8_lossy(&git.run(&args)?).lines().map(str::to_owned).collect()),
        )
    }

    /// The commits that one reaches and another does not, oldest first.
    ///
    /// # Errors
    /// Where the history cannot be read.
    pub fn commits_since(&self, base: &str, tip: &str) -> Result<Vec<String>> {
        let args = ["rev-list", "--topo-order", "--reverse", tip, "--not", base];
        self.either(
            "the commits of the range cannot be listed",
            |library| library.commits_since(base, tip),
            |git| Ok(String::from_utf8_lossy(&git.run(&args)?).lines().map(str::to_owned).collect()),
        )
    }

    /// The newest commit, from one on, that changed something below the paths (`git log -1`).
    ///
    /// # Errors
    /// Where the history cannot be read.
    pub fn last_commit_touching(&self, paths: &[&str], from: &str) -> Result<Option<String>> {
        let args = [&["log", "-1", "--format=%H", "--no-show-signature", from, "--"], paths].concat();
        self.either(
            "the history of the migrations cannot be read",
            |library| library.last_commit_touching(paths, from),
            |git| Ok(Some(git.line(&args)?).filter(|line| !line.is_empty())),
        )
    }

    /// The first line of a commit's message.
    ///
    /// # Errors
    /// Where the commit cannot be read.
    pub fn log_subject(&self, id: &str) -> Result<String> {
        self.either(
            "a commit cannot be read",
            |library| library.subject(id),
            |git| git.line(&["log", "-1", "--format=%s", "--no-show-signature", id]),
        )
    }
}

/// HEAD in git's words; an unborn branch is one that HEAD names and that does not exist.
fn ask_head(git: &Git) -> Result<Option<String>> {
    if let Some(id) = git.ask(&["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])? {
        return Ok(Some(first_line(&id)));
    }
    let Some(branch) = git.ask(&["symbolic-ref", "--quiet", "HEAD"])? else {
        return Err(Error::undecided("HEAD leads to no commit"));
    };
    let exists = git.output(&["show-ref", "--verify", "--quiet", &first_line(&branch)])?.status.success();
    if exists { Err(Error::undecided("HEAD leads to no commit")) } else { Ok(None) }
}

fn ask_reference(git: &Git, name: &str) -> Result<Option<(String, String)>> {
    let commit = format!("{name}^{{commit}}");
    let output = git.output(&["rev-parse", "--verify", "--quiet", &commit])?;
    if !output.status.success() {
        return Ok(None);
    }
    let short = git.line(&["rev-parse", "--abbrev-ref", name])?;
    Ok(Some((short, first_line(&output.stdout))))
}
