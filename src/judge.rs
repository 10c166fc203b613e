//! The gate applied to a repository: which files differ, which backends they belong to, what the
//! models and chains of the trees say. One code for commits, merges, pushes and CI.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::catalog::Catalog;
use crate::chain::{CacheStore, Chain};
use crate::error::{Error, Result};
use crate::gate::{self, Produced, Verdict};
use crate::git::{FileChange, Repo, Rev};
use crate::layout::{self, Choice, Group, Layout};
use crate::models::{self, Models, Satisfied, drift, satisfied};
use crate::snapshot::{self, Parsed};
use crate::tree::{Memo, Tree};

/// What was found about one tree.
#[derive(Debug, Default)]
pub struct Judgement {
    pub backends: Vec<Judged>,
}

/// What was found about one backend of a tree.
#[derive(Debug)]
pub struct Judged {
    pub package: String,
    pub layout: Layout,
    pub verdict: Verdict,
    /// What is wrong with the chain itself and was right in every parent: two revisions of one
    /// version, a second head, metadata that Diesel misreads.
    pub chain_errors: Vec<Error>,
    /// Chain errors that a parent had already, and chains that cannot be judged.
    pub notes: Vec<String>,
}

impl Judgement {
    /// Whether the tree must not be recorded.
    pub fn blocks(&self) -> bool {
        self.backends.iter().any(|b| b.verdict.blocks() || !b.chain_errors.is_empty())
    }
}

/// Judges a tree against its parents.
///
/// # Errors
/// Where the repository, a model or a revision of the tree cannot be read: then nothing is decided.
pub fn judge(
    repo: &Repo,
    tree: &Rev,
    parents: &[Rev],
    choice: &Choice,
    cache: &mut dyn CacheStore,
) -> Result<Judgement> {
    let touched = touched(repo, tree, parents)?;
    if !touched.models && !touched.chain && !touched.revision_gone {
        return Ok(Judgement::default());
    }
    let files = Memo::new(repo.tree(tree.clone()));
    let packages = layout::packages_in(&files, "")?;
    let mut parsed = Parsed::default();
    let mut judgement = Judgement::default();
    for layout in layout::find_every(&files, &packages, choice)? {
        let mut judged = Judged::new(layout);
        for group in judged.layout.groups.clone() {
            let own = if touched.models || touched.revision_gone {
                own_changes(repo, &files, &judged.layout.of(&group), parents, choice, &mut parsed)?
            } else {
                OwnChanges::default()
            };
            judged.take_group(repo, &files, &group, parents, own, touched.revision_gone, cache)?;
        }
        judgement.backends.push(judged);
    }
    Ok(judgement)
}

/// What of the files that differ from every parent matters to us.
struct Touched {
    models: bool,
    chain: bool,
    /// Whether there are fewer revisions.
    revision_gone: bool,
}

fn touched(repo: &Repo, tree: &Rev, parents: &[Rev]) -> Result<Touched> {
    let sides = sides(repo, tree, parents)?;
    // Each side of a merge may bring a revision: no file is new to both, and yet their chain is.
    let chain = sides.iter().all(|side| side.iter().any(|c| is_revision_file(&c.path)));
    let revision_gone = loses_a_revision(own_files(&sides));
    let mut models = false;
    for change in own_files(&sides) {
        let named = change.path == "diesel.toml" || change.path.ends_with("/diesel.toml");
        if named || (change.path.ends_with(".rs") && is_interesting(repo, change)?) {
            models = true;
            break;
        }
    }
    Ok(Touched { models, chain, revision_gone })
}

/// Whether more revisions go than come: one that goes while another comes has a new name, which is an
/// edit.
fn loses_a_revision<'a>(files: impl Iterator<Item = &'a FileChange>) -> bool {
    let (mut gone, mut new) = (0, 0);
    for change in files.filter(|change| change.path.ends_with("/up.sql")) {
        gone += usize::from(change.new.is_none());
        new += usize::from(change.old.is_none());
    }
    gone > new
}

/// The files that differ from each parent; without parents, all of them.
fn sides(repo: &Repo, tree: &Rev, parents: &[Rev]) -> Result<Vec<Vec<FileChange>>> {
    if parents.is_empty() {
        return Ok(vec![repo.changes(&Rev::Empty, tree)?]);
    }
    parents.iter().map(|parent| repo.changes(parent, tree)).collect()
}

/// The files that differ from every parent.
fn own_files(sides: &[Vec<FileChange>]) -> impl Iterator<Item = &FileChange> {
    let (first, others) = sides.split_first().map_or((&[][..], &[][..]), |(first, others)| (&first[..], others));
    let others: Vec<BTreeSet<&str>> =
        others.iter().map(|side| side.iter().map(|change| change.path.as_str()).collect()).collect();
    first.iter().filter(move |change| others.iter().all(|other| other.contains(change.path.as_str())))
}

fn is_revision_file(path: &str) -> bool {
    ["up.sql", "down.sql", "metadata.toml"].iter().any(|name| path.ends_with(&format!("/{name}")))
}

/// Whether the file says something of the models, before or after.
fn is_interesting(repo: &Repo, change: &FileChange) -> Result<bool> {
    for blob in [&change.new, &change.old].into_iter().flatten() {
        if models::interesting(&repo.blob(blob)?) {
            return Ok(true);
        }
    }
    Ok(false)
}

#[derive(Default)]
struct OwnChanges {
    models: Models,
    own: Vec<models::Change>,
    /// The models of each parent.
    before: Vec<Rc<Models>>,
}

fn own_changes(
    repo: &Repo,
    files: &dyn Tree,
    layout: &Layout,
    parents: &[Rev],
    choice: &Choice,
    parsed: &mut Parsed,
) -> Result<OwnChanges> {
    let models = snapshot::models(files, layout, parsed)?;
    let mut before = Vec::new();
    for parent in parents {
        before.push(models_of(repo, parent, layout, choice, parsed)?);
    }
    let contradict = |parent: &Rc<Models>| models::owned::contradiction(parent, &models);
    if !before.is_empty()
        && before.iter().all(|parent| contradict(parent).is_some())
        && let Some(error) = before.first().and_then(contradict)
    {
        return Err(error);
    }
    let own = gate::own_changes(&models, &before.iter().map(Rc::as_ref).collect::<Vec<_>>());
    Ok(OwnChanges { models, own, before })
}

/// The models of another tree for the same backend: by that tree's own layout where it has one,
/// else nothing. A parent whose sources do not parse says nothing either: it is the tree to be
/// recorded that has to be right.
///
/// # Errors
/// Where the repository cannot be read.
pub fn models_of(repo: &Repo, rev: &Rev, layout: &Layout, choice: &Choice, parsed: &mut Parsed) -> Result<Rc<Models>> {
    match rev {
        Rev::Commit(id) => parsed.commit(id, layout, |parsed| read_models(repo, rev, layout, choice, parsed)),
        Rev::Index | Rev::Empty => read_models(repo, rev, layout, choice, parsed).map(Rc::new),
    }
}

fn read_models(repo: &Repo, rev: &Rev, layout: &Layout, choice: &Choice, parsed: &mut Parsed) -> Result<Models> {
    let files = Memo::new(repo.tree(rev.clone()));
    // Nearly always everything is where it was; only else is the whole tree searched.
    if let Ok(models) = snapshot::models(&files, layout, parsed)
        && !models.tables.is_empty()
    {
        return Ok(models);
    }
    let Ok(packages) = layout::packages_in(&files, "") else { return Ok(Models::default()) };
    let every = layout::find_every(&files, &packages, choice).unwrap_or_default();
    let same = every
        .iter()
        .find(|l| l.package == layout.package)
        .or_else(|| every.iter().find(|l| l.groups.iter().any(|g| layout.groups.contains(g))));
    match same {
        Some(theirs) => {
            let theirs = Layout { other_dialects: layout.other_dialects.clone(), ..theirs.clone() };
            Ok(snapshot::models(&files, &theirs, parsed).unwrap_or_default())
        }
        None => Ok(Models::default()),
    }
}

/// What the models say and a revision made that this tree has taken away: it differs now, and in no
/// parent.
fn lost(
    repo: &Repo,
    group: &Group,
    parents: &[Rev],
    own: &OwnChanges,
    catalog: &Catalog,
    cache: &mut dyn CacheStore,
) -> Result<Vec<models::Change>> {
    let mut lost = drift(&own.models, catalog);
    lost.retain(|change| !own.own.iter().any(|known| known.key() == change.key()));
    for (parent, models) in parents.iter().zip(&own.before) {
        if lost.is_empty() {
            break;
        }
        let files = Memo::new(repo.tree(parent.clone()));
        let Ok(chain) = Chain::load(&files, &group.directory) else { return Ok(Vec::new()) };
        let catalog = crate::chain::catalog_with_cache(&files, &chain, group.dialect, None, cache)?;
        let known: BTreeSet<String> = drift(models, &catalog).iter().map(models::Change::key).collect();
        lost.retain(|change| !known.contains(&change.key()));
    }
    Ok(lost)
}

impl Judged {
    fn new(layout: Layout) -> Self {
        let package = layout.package.clone();
        Self { package, layout, verdict: Verdict::default(), chain_errors: Vec::new(), notes: Vec::new() }
    }

    /// Judges one chain of the backend.
    #[expect(clippy::too_many_arguments, reason = "one call, and each is a different thing")]
    fn take_group(
        &mut self,
        repo: &Repo,
        files: &dyn Tree,
        group: &Group,
        parents: &[Rev],
        mut own: OwnChanges,
        revision_gone: bool,
        cache: &mut dyn CacheStore,
    ) -> Result<()> {
        let chain = match Chain::load(files, &group.directory) {
            Ok(chain) => chain,
            Err(error) => return self.take_chain_error(repo, parents, group, error),
        };
        self.take_heads(repo, parents, group, &chain)?;
        if own.own.is_empty() && !revision_gone {
            return Ok(());
        }
        let catalog = crate::chain::catalog_with_cache(files, &chain, group.dialect, None, cache)?;
        if revision_gone {
            let lost = lost(repo, group, parents, &own, &catalog, cache)?;
            own.own.extend(lost);
        }
        let produced = Produced { directory: &group.directory, catalog: &catalog };
        self.verdict.add(gate::verdict(&own.models, &own.own, &[produced]));
        Ok(())
    }

    fn take_chain_error(&mut self, repo: &Repo, parents: &[Rev], group: &Group, error: Error) -> Result<()> {
        let text = error.to_string();
        if parent_chains(repo, parents, group)?.iter().any(|known| matches!(known, Err(old) if old.to_string() == text))
        {
            self.notes.push(format!("inherited: {text}"));
        } else {
            self.chain_errors.push(error);
        }
        Ok(())
    }

    fn take_heads(&mut self, repo: &Repo, parents: &[Rev], group: &Group, chain: &Chain) -> Result<()> {
        let heads = chain.heads();
        if heads.len() < 2 {
            return Ok(());
        }
        let names: Vec<_> = heads.iter().map(|h| h.directory.as_str()).collect();
        let text = format!("{} has {} heads: {}", group.directory, heads.len(), names.join(", "));
        let inherited = parent_chains(repo, parents, group)?
            .iter()
            .any(|c| c.as_ref().is_ok_and(|c| c.heads().len() >= heads.len()));
        if inherited {
            self.notes.push(format!("inherited: {text}"));
        } else {
            self.chain_errors.push(Error::undecided(text).hint(
                "let one follow the other: set its `revises` to the other's revision and give its directory a newer time stamp",
            ));
        }
        Ok(())
    }
}

fn parent_chains(repo: &Repo, parents: &[Rev], group: &Group) -> Result<Vec<Result<Chain>>> {
    parents.iter().map(|parent| Ok(Chain::load(&repo.tree(parent.clone()), &group.directory))).collect()
}

/// Revision directories of the work tree that the judged tree lacks, where they would satisfy what
/// is missing: then the fix is just `git add`.
pub fn forgotten_directories(
    judged: &Judged,
    tree: &dyn Tree,
    work: &dyn Tree,
    cache: &mut dyn CacheStore,
) -> Vec<String> {
    let mut found = Vec::new();
    for group in &judged.layout.groups {
        let Ok(chain) = Chain::load(work, &group.directory) else { return Vec::new() };
        let Ok(catalog) = crate::chain::catalog_with_cache(work, &chain, group.dialect, None, cache) else {
            return Vec::new();
        };
        let lacking: Vec<_> = judged.verdict.missing.iter().filter(|m| m.groups.contains(&group.directory)).collect();
        if lacking.iter().any(|m| satisfied(&m.change, &catalog) == Satisfied::No) {
            return Vec::new();
        }
        let recorded: BTreeSet<String> = match Chain::load(tree, &group.directory) {
            Ok(chain) => chain.revisions().iter().map(|r| r.directory.clone()).collect(),
            Err(_) => BTreeSet::new(),
        };
        let new = chain.revisions().iter().filter(|r| !recorded.contains(&r.directory));
        found.extend(new.map(|r| format!("{}/{}", group.directory, r.directory)));
    }
    found
}
