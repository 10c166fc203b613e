//! The gate applied to a repository: which files differ, which backends they belong to, what the
//! models and chains of the trees say. One code for commits, merges, pushes and CI.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::catalog::Catalog;
use crate::chain::rebase::WAY_OUT;
use crate::chain::{self, CacheStore, Chain, End};
use crate::error::{Error, Result};
use crate::gate::{self, Produced, Verdict};
use crate::git::{FileChange, Repo, Rev};
use crate::history_tables::rule_in;
use crate::layout::{self, Choice, Group, Layout, Mode};
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
    /// What findings of this backend do, as its configuration says.
    pub mode: Mode,
    pub verdict: Verdict,
    /// What is wrong with the chain itself and was right in every parent (two revisions of one
    /// version, a second head, metadata that Diesel misreads), and a struct and its `table!` that were
    /// changed each in its own way.
    pub chain_errors: Vec<Error>,
    /// Chain errors that a parent had already, and chains that cannot be judged.
    pub notes: Vec<String>,
    /// Of a merge: the inherited differences that another side brings and the first has not, by
    /// [`models::Change::key`], with that side's commit.
    pub theirs: Vec<(String, String)>,
}

impl Judgement {
    /// Whether the tree must not be recorded.
    pub fn blocks(&self) -> bool {
        self.backends.iter().any(|backend| backend.mode == Mode::Block && backend.finds())
    }

    /// Whether a finding about another tree is one of these.
    fn shares(&self, other: &Self) -> bool {
        let named =
            |judgement: &Self| -> BTreeSet<String> { judgement.backends.iter().flat_map(Judged::names).collect() };
        !named(self).is_disjoint(&named(other))
    }
}

impl Judged {
    /// Whether there is anything that would block.
    pub fn finds(&self) -> bool {
        self.verdict.blocks() || !self.chain_errors.is_empty()
    }

    /// What the findings are about: equal for the same finding about another tree.
    fn names(&self) -> Vec<String> {
        let missing = self.verdict.missing.iter().map(|missing| format!("{} {}", self.package, missing.change.key()));
        missing.chain(self.chain_errors.iter().map(ToString::to_string)).collect()
    }
}

/// The gate at work on one repository; files that it has parsed are known to its next answer.
pub struct Judge<'a> {
    repo: &'a Repo,
    choice: &'a Choice,
    /// What the configuration says for this occasion.
    mode: fn(&Layout) -> Mode,
    cache: &'a mut dyn CacheStore,
    /// Recalled when the first model is asked for.
    parsed: Option<Parsed>,
}

impl<'a> Judge<'a> {
    /// A gate that knows nothing yet.
    pub fn new(repo: &'a Repo, choice: &'a Choice, mode: fn(&Layout) -> Mode, cache: &'a mut dyn CacheStore) -> Self {
        Self { repo, choice, mode, cache, parsed: None }
    }

    /// Judges a tree against its parents. Where those cannot be read (a partial clone has not fetched
    /// them), a tree that is right as a whole needs no comparison.
    ///
    /// # Errors
    /// Where the repository, a model or a revision of the tree cannot be read: then nothing is decided.
    pub fn judge(&mut self, tree: &Rev, parents: &[Rev]) -> Result<Judgement> {
        self.against(tree, parents).or_else(|error| match self.against(tree, &[Rev::Empty]) {
            Ok(alone) if !alone.blocks() => Ok(alone),
            _ => Err(error),
        })
    }

    fn against(&mut self, tree: &Rev, parents: &[Rev]) -> Result<Judgement> {
        let touched = touched(self.repo, tree, parents)?;
        if !touched.models && !touched.chain && !touched.revision_gone {
            // Nothing here is this commit's own; what a merge brings along is told as far as it can be read.
            return Ok(if touched.merged {
                self.brought(tree, parents).unwrap_or_default()
            } else {
                Judgement::default()
            });
        }
        let files = Memo::new(self.repo.tree(tree.clone()));
        let mut judgement = Judgement::default();
        for layout in self.layouts(&files)? {
            let mut judged = Judged::new(layout, self.mode);
            if judged.mode == Mode::Off {
                continue;
            }
            match self.backend(&mut judged, &files, parents, &touched) {
                Err(error) if judged.mode == Mode::Warn => judged.chain_errors.push(error),
                found => found?,
            }
            judgement.backends.push(judged);
        }
        Ok(judgement)
    }

    /// The differences that the sides of a merge have already.
    fn brought(&mut self, tree: &Rev, parents: &[Rev]) -> Result<Judgement> {
        let files = Memo::new(self.repo.tree(tree.clone()));
        let touched = Touched { models: true, chain: false, revision_gone: false, merged: true };
        let mut judgement = Judgement::default();
        for layout in self.layouts(&files)? {
            let mut judged = Judged::new(layout, self.mode);
            if judged.mode != Mode::Off {
                self.backend(&mut judged, &files, parents, &touched)?;
                judged.verdict.missing.clear();
                judged.chain_errors.clear();
                judgement.backends.push(judged);
            }
        }
        Ok(judgement)
    }

    fn layouts(&self, files: &dyn Tree) -> Result<Vec<Layout>> {
        let packages = layout::packages_in(files, "")?;
        layout::find_every(files, &packages, self.choice)
    }

    fn backend(&mut self, judged: &mut Judged, files: &dyn Tree, parents: &[Rev], touched: &Touched) -> Result<()> {
        let parsed = self.parsed.get_or_insert_with(|| Parsed::recall(self.cache));
        for group in judged.layout.groups.clone() {
            // What was agreed on is looked at along with whatever else is.
            let own = if touched.models || touched.revision_gone || !judged.layout.agreed.is_empty() {
                let layout = judged.layout.of(&group);
                own_changes(self.repo, files, &layout, parents, self.choice, parsed)?
            } else {
                OwnChanges::default()
            };
            judged.take_contradiction(&own);
            judged.take_group(self.repo, files, &group, parents, own, touched, self.cache)?;
        }
        parsed.keep(self.cache);
        Ok(())
    }

    /// Judges each of some commits against its own parents, and gives the first that is blocked: for
    /// the same reason as a tree that they lead to, where that is given.
    ///
    /// # Errors
    /// As [`Judge::judge`].
    pub fn first_blocked(
        &mut self,
        commits: &[String],
        for_reasons_of: Option<&Judgement>,
    ) -> Result<Option<(String, Judgement)>> {
        for commit in commits {
            let parents = self.repo.parents(commit)?;
            let parents = match parents.is_empty() {
                // What it was made from is not here.
                true if self.repo.is_cut_off(commit) => continue,
                true => vec![Rev::Empty],
                false => parents.into_iter().map(Rev::Commit).collect(),
            };
            let found = match self.judge(&Rev::Commit(commit.clone()), &parents) {
                // It was asked for the tip alone, and that could be read.
                Err(_) if for_reasons_of.is_some() => continue,
                found => found?,
            };
            if found.blocks() && for_reasons_of.is_none_or(|tip| tip.shares(&found)) {
                return Ok(Some((commit.clone(), found)));
            }
        }
        Ok(None)
    }

    /// Whether a project asks for every commit to be judged. One that cannot be read asks for nothing:
    /// nothing of it has changed, or it would have been said.
    pub fn wants_each_commit(&self, tree: &Rev) -> bool {
        let files = Memo::new(self.repo.tree(tree.clone()));
        self.layouts(&files).is_ok_and(|layouts| layouts.iter().any(|layout| layout.each_commit))
    }
}

/// What of the files that differ from every parent matters to us.
struct Touched {
    models: bool,
    chain: bool,
    /// Whether there are fewer revisions.
    revision_gone: bool,
    /// Whether a merge is being made that brings models along, and changes none itself.
    merged: bool,
}

fn touched(repo: &Repo, tree: &Rev, parents: &[Rev]) -> Result<Touched> {
    let sides = sides(repo, tree, parents)?;
    // Each side of a merge may bring a revision: no file is new to both, and yet their chain is.
    let chain = sides.iter().all(|side| side.iter().any(|c| is_revision_file(&c.path)));
    let revision_gone = loses_a_revision(own_files(&sides));
    let models = any_models(repo, own_files(&sides))?;
    let merged =
        *tree == Rev::Index && sides.len() > 1 && !models && any_models(repo, sides.iter().flatten()).unwrap_or(false);
    Ok(Touched { models, chain, revision_gone, merged })
}

/// Whether any of the files says something of the models.
fn any_models<'a>(repo: &Repo, files: impl Iterator<Item = &'a FileChange>) -> Result<bool> {
    for change in files {
        let named = change.path == "diesel.toml" || change.path.ends_with("/diesel.toml");
        let has_rule = change.path.ends_with("Cargo.toml") && changes_rule(repo, change)?;
        if named || has_rule || (change.path.ends_with(".rs") && is_interesting(repo, change)?) {
            return Ok(true);
        }
    }
    Ok(false)
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

/// Whether a manifest has another rule of histories than before.
fn changes_rule(repo: &Repo, change: &FileChange) -> Result<bool> {
    let mut rules = Vec::new();
    for blob in [&change.new, &change.old] {
        let text = blob.as_ref().map(|blob| repo.blob(blob)).transpose()?;
        rules.push(text.and_then(|text| rule_in(&text, "package").or_else(|| rule_in(&text, "workspace"))));
    }
    Ok(rules[0] != rules[1])
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

impl OwnChanges {
    /// A struct and its `table!` that contradict each other, and did so in no parent: seen from the first.
    fn contradiction(&self) -> Option<Error> {
        let seen = self.before.iter().map(|parent| models::owned::contradiction(parent, &self.models));
        seen.collect::<Option<Vec<Error>>>()?.into_iter().next()
    }
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
    match snapshot::models(&files, layout, parsed) {
        Ok(models) if !models.tables.is_empty() => return Ok(models),
        Ok(_) => {}
        // What is not there to be read is no state without models.
        Err(_) => snapshot::check_readable(&files, layout)?,
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

/// What a revision does that is new here, and that is not followed, may be what a change asks for,
/// whatever its text names.
fn doubt_what_is_new(repo: &Repo, parents: &[Rev], catalog: &mut Catalog) -> Result<()> {
    for doubt in catalog.uncertain.iter_mut().filter(|doubt| !doubt.words.is_empty()) {
        for parent in parents {
            if repo.tree(parent.clone()).read(&doubt.at.file)?.is_none() {
                doubt.words.clear();
            }
        }
    }
    Ok(())
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
        let Ok(end) = End::load(&files, &group.directory, group.dialect, cache) else { return Ok(Vec::new()) };
        let catalog = end.catalog(cache)?;
        let known: BTreeSet<String> = drift(models, &catalog).iter().map(models::Change::key).collect();
        lost.retain(|change| !known.contains(&change.key()));
    }
    Ok(lost)
}

impl Judged {
    fn new(layout: Layout, mode: fn(&Layout) -> Mode) -> Self {
        let (package, mode) = (layout.package.clone(), mode(&layout));
        Self {
            package,
            layout,
            mode,
            verdict: Verdict::default(),
            chain_errors: Vec::new(),
            notes: Vec::new(),
            theirs: Vec::new(),
        }
    }

    /// Each chain of the backend has the same.
    fn take_contradiction(&mut self, own: &OwnChanges) {
        let known = |error: &Error| self.chain_errors.iter().any(|known| known.to_string() == error.to_string());
        let new = own.contradiction().filter(|error| !known(error));
        self.chain_errors.extend(new);
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
        touched: &Touched,
        cache: &mut dyn CacheStore,
    ) -> Result<()> {
        let end = match End::load(files, &group.directory, group.dialect, cache) {
            Ok(end) => end,
            Err(error) => return self.take_chain_error(repo, parents, group, error),
        };
        self.take_heads(repo, parents, group, &end.heads)?;
        if own.own.is_empty() && own.models.agreed.is_empty() && !touched.revision_gone && !touched.merged {
            return Ok(());
        }
        let mut catalog = end.catalog(cache)?;
        doubt_what_is_new(repo, parents, &mut catalog)?;
        if touched.revision_gone {
            let lost = lost(repo, group, parents, &own, &catalog, cache)?;
            own.own.extend(lost);
        }
        let produced = Produced { directory: &group.directory, catalog: &catalog };
        self.verdict.add(gate::verdict(&own.models, &own.own, &[produced]));
        self.take_sides(parents, &own.before, &catalog);
        Ok(())
    }

    /// Whose the inherited differences of a merge are.
    fn take_sides(&mut self, parents: &[Rev], before: &[Rc<Models>], catalog: &Catalog) {
        let [ours, others @ ..] = before else { return };
        if others.is_empty() || self.verdict.inherited.is_empty() {
            return;
        }
        let keys = |models: &Models| drift(models, catalog).iter().map(models::Change::key).collect::<BTreeSet<_>>();
        let ours = keys(ours);
        for (parent, models) in parents.iter().skip(1).zip(others) {
            let (Rev::Commit(id), theirs) = (parent, keys(models)) else { continue };
            let inherited = self.verdict.inherited.iter().map(models::Change::key);
            let new = inherited.filter(|key| theirs.contains(key) && !ours.contains(key));
            self.theirs.extend(new.map(|key| (key, id.clone())));
        }
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

    fn take_heads(&mut self, repo: &Repo, parents: &[Rev], group: &Group, heads: &[String]) -> Result<()> {
        if heads.len() < 2 {
            return Ok(());
        }
        let text = format!("{} has {} heads: {}", group.directory, heads.len(), heads.join(", "));
        let inherited = parent_chains(repo, parents, group)?
            .iter()
            .any(|c| c.as_ref().is_ok_and(|c| c.heads().len() >= heads.len()));
        if inherited {
            self.notes.push(format!("inherited: {text}"));
        } else {
            self.chain_errors.push(Error::undecided(text).hint(WAY_OUT));
        }
        Ok(())
    }
}

fn parent_chains(repo: &Repo, parents: &[Rev], group: &Group) -> Result<Vec<Result<Chain>>> {
    parents.iter().map(|parent| Ok(Chain::load(&repo.tree(parent.clone()), &group.directory))).collect()
}

/// As many of the newest revisions are looked at for edits that are not staged.
const EDITED: usize = 10;

/// Revision directories of the work tree that the judged tree lacks, or has otherwise, where they would
/// satisfy what is missing: then the fix is just `git add`.
pub fn forgotten_directories(
    judged: &Judged,
    tree: &dyn Tree,
    work: &dyn Tree,
    cache: &mut dyn CacheStore,
) -> Vec<String> {
    let mut found = Vec::new();
    for group in &judged.layout.groups {
        let lacking: Vec<_> = judged.verdict.missing.iter().filter(|m| m.groups.contains(&group.directory)).collect();
        if lacking.is_empty() {
            continue;
        }
        // To read all of the work tree is worth it only where there is something else in it.
        let unrecorded = unrecorded(group, tree, work);
        if unrecorded.is_empty() {
            return Vec::new();
        }
        let Ok((_, catalog)) = snapshot::baseline(work, group, cache) else { return Vec::new() };
        if lacking.iter().any(|m| satisfied(&m.change, &catalog) == Satisfied::No) {
            return Vec::new();
        }
        found.extend(unrecorded.into_iter().map(|name| format!("{}/{name}", group.directory)));
    }
    found
}

/// Revisions that the work tree alone has; without any, those of the newest that it has otherwise.
fn unrecorded(group: &Group, tree: &dyn Tree, work: &dyn Tree) -> Vec<String> {
    let recorded = chain::directories(tree, &group.directory).unwrap_or_default();
    let known: BTreeSet<&str> = recorded.iter().map(String::as_str).collect();
    let file = |name: &str, file: &str| format!("{}/{name}/{file}", group.directory);
    let mut new = work.directories(&group.directory).unwrap_or_default();
    let stands = |name: &str| matches!(work.read(&file(name, "up.sql")), Ok(Some(_)));
    new.retain(|name| !known.contains(name.as_str()) && stands(name));
    if !new.is_empty() {
        return new;
    }
    let texts = |tree: &dyn Tree, name: &str| {
        chain::REVISION_FILES.iter().map(|of| tree.read(&file(name, of)).ok().flatten()).collect::<Vec<_>>()
    };
    let newest = recorded.iter().rev().take(EDITED);
    newest.filter(|name| stands(name) && texts(tree, name) != texts(work, name)).cloned().collect()
}
