//! `review --fix` and `review --diff`: what is mechanical about the findings, done. Each fix is tried
//! in memory and the result reviewed again, until nothing is left to fix; the result is proved on a
//! scratch database and only then written, all of it or nothing.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use time::Duration;

use super::{Given, Review};
use crate::chain::{self, Chain, Metadata, NoCache, Revision};
use crate::commands::view;
use crate::context::Context;
use crate::diff::{self, Answers};
use crate::error::{Error, Kind, Outcome, Result};
use crate::layout::Group;
use crate::project::Project;
use crate::review::report::Entry;
use crate::review::{self, Edit, Finding, Fix, Part, Settings, Severity};
use crate::store::{self, NewRevision, Replaced};
use crate::tree::{Overlay, Tree};
use crate::ui::Tone;

/// A chain as it is to be.
struct Mended<'a> {
    group: &'a Group,
    tree: Overlay<'a>,
    /// The directories under review, those that a split made included.
    targets: Vec<String>,
    /// What was done, in words.
    done: Vec<String>,
    /// What could not be, and why.
    left: Vec<String>,
    /// What there still is to say.
    entries: Vec<Entry>,
}

/// A file of the result.
#[derive(Serialize)]
struct FileView {
    path: String,
    before: Option<String>,
    after: String,
}

impl Review {
    /// Shows or writes the fixes.
    pub(super) fn run_fix(&self, project: &Project, settings: &Settings, cx: &mut Context) -> Result<Outcome> {
        let mut all = Vec::new();
        for group in &project.layout.groups {
            all.push(self.mended(project, group, settings, cx)?);
        }
        let worst = |all: &[Mended<'_>]| {
            all.iter().flat_map(|one| &one.entries).flat_map(|e| &e.reviewed.findings).map(|f| f.severity).max()
        };
        let fails = worst(&all).is_some_and(|worst| settings.fails(worst));
        let changed = all.iter().any(|one| !one.tree.over.is_empty());
        if self.diff || !changed {
            show(&views(project, &all)?, &all, self.diff, cx)?;
            return Ok(if changed || fails { Outcome::Change } else { Outcome::Fine });
        }
        let views = views(project, &all)?;
        for one in &all {
            self.prove(project, one, cx)?;
        }
        for one in all.iter().filter(|one| !one.tree.over.is_empty()) {
            let (files, new) = one.files(project)?;
            store::rewrite(&project.path(&one.group.directory), &files, &new, &[])?;
        }
        show(&views, &all, false, cx)?;
        if !cx.ui.is_json() {
            all.iter().try_for_each(|one| super::show(&one.entries, cx))?;
        }
        Ok(if fails { Outcome::Change } else { Outcome::Fine })
    }

    fn mended<'a>(
        &self,
        project: &'a Project,
        group: &'a Group,
        settings: &Settings,
        cx: &mut Context,
    ) -> Result<Mended<'a>> {
        let tree = Overlay::new(&project.tree);
        let mut one =
            Mended { group, tree, targets: Vec::new(), done: Vec::new(), left: Vec::new(), entries: Vec::new() };
        let chain = one.readable_chain()?;
        let edited = self.edited(project, group, &chain)?;
        let chosen = self.chosen(project, group, &chain, &edited, cx)?;
        one.targets = chosen.iter().map(|revision| revision.directory.clone()).collect();
        let rows = self.rows(project, settings, cx)?;
        let given = Given { settings, rows: rows.as_ref(), edited: &edited };
        let (mut tried, mut before) = (BTreeSet::new(), None);
        loop {
            let chain = Chain::load(&one.tree, &group.directory)?;
            let chosen: Vec<&Revision> =
                chain.revisions().iter().filter(|r| one.targets.contains(&r.directory)).collect();
            let mut entries = self.review(&one.tree, &mut NoCache, project, group, &chain, &chosen, &given)?;
            self.leave_out_known(project, settings, &mut entries, cx)?;
            let fixes = entries.iter().flat_map(|entry| entry.reviewed.findings.iter().map(move |f| (entry, f)));
            let next = fixes
                .filter_map(|(entry, finding)| Some((entry, finding, finding.fix.clone()?)))
                .find(|(_, finding, _)| tried.insert((finding.fingerprint.clone(), finding.mends)));
            let Some((entry, finding, fix)) = next else {
                one.entries = entries;
                break;
            };
            let directory = entry.reviewed.directory.clone();
            let finding = finding.clone();
            one.apply(&chain, &directory, &finding, fix, cx)?;
            before.get_or_insert(entries);
        }
        if let Some(before) = before.filter(|_| !one.tree.over.is_empty()) {
            self.hold(project, &one, &before)?;
        }
        if !one.tree.over.is_empty() && !self.released {
            self.refuse_released(project, &one)?;
        }
        Ok(one)
    }

    /// What others have run already is not to be changed.
    fn refuse_released(&self, project: &Project, one: &Mended<'_>) -> Result<()> {
        let known = self.known_to_base(project, one.group)?.unwrap_or_default();
        let applied = view::applied_at_hand(project, one.group).ok().flatten().unwrap_or_default();
        let chain = Chain::load(&one.tree, &one.group.directory)?;
        let changed = one.changed_directories();
        for revision in chain.revisions().iter().filter(|r| changed.contains(&r.directory)) {
            let why = if known.contains(&revision.directory) {
                "the base branch has it"
            } else if applied.contains(&revision.version) {
                "the database has it"
            } else {
                continue;
            };
            return Err(Error::new(
                Kind::Change,
                format!("{} is released: {why}; nothing was written", revision.directory),
            )
            .hint("write a new revision for what is to change: cargo ops-migrate create \"…\"")
            .hint("or, where nobody else has run it: --released"));
        }
        Ok(())
    }

    /// The schema and the rows, up and down; where no server is at hand the replay has to do.
    fn prove(&self, project: &Project, one: &Mended<'_>, cx: &mut Context) -> Result<()> {
        if one.tree.over.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = one.changed_directories().into_iter().collect();
        if !self.no_proof {
            let chain = Chain::load(&one.tree, &one.group.directory)?;
            let proofs = view::prove_each(&one.tree, project, one.group, &chain, &names, None, cx)?;
            match proofs.iter().map(|proof| proof.proved).min() {
                Some(Some(true)) => {}
                Some(None) => cx.ui.warn("the result was reviewed and replayed again, and not proved"),
                _ => {
                    return Err(Error::new(Kind::Change, "the result does not hold; nothing was written")
                        .hint("see what it would be: --diff; write it all the same: --no-proof"));
                }
            }
        }
        Ok(())
    }

    /// Whether the chain comes to the same schema as before, and nothing that is worse was found.
    fn hold(&self, project: &Project, one: &Mended<'_>, before: &[Entry]) -> Result<()> {
        let dialect = one.group.dialect;
        let schema = |tree: &dyn Tree| {
            let chain = Chain::load(tree, &one.group.directory)?;
            chain::catalog_with_cache(tree, &chain, dialect, None, &mut NoCache)
        };
        // What Diesel misreads has no schema before.
        let was = schema(&project.tree).ok();
        let now = schema(&one.tree)?;
        let differs = was.map(|was| diff::diff(&was, &now, &Answers::default())).unwrap_or_default();
        let errors = |entries: &[Entry]| -> BTreeSet<&'static str> {
            let findings = entries.iter().flat_map(|entry| &entry.reviewed.findings);
            findings.filter(|f| f.severity == Severity::Error).map(|f| f.code).collect()
        };
        let known = errors(before);
        let worse = errors(&one.entries).into_iter().find(|code| !known.contains(code));
        let why = match (differs.first(), worse) {
            (Some(operation), _) => format!("the schema would differ: {}", operation.describe()),
            (None, Some(code)) => format!("it would bring {code}"),
            (None, None) => return Ok(()),
        };
        Err(Error::new(Kind::Change, format!("the result does not hold: {why}; nothing was written"))
            .hint("do it by hand; cargo ops-migrate review shows how"))
    }
}

impl<'a> Mended<'a> {
    /// The chain, with every metadata.toml that Diesel would misread mended.
    fn readable_chain(&mut self) -> Result<Chain> {
        loop {
            let error = match Chain::load(&self.tree, &self.group.directory) {
                Ok(chain) => return Ok(chain),
                Err(error) => error,
            };
            let file =
                error.place.as_ref().map(|place| place.file.clone()).filter(|file| file.ends_with("/metadata.toml"));
            let Some(file) = file else { return Err(error) };
            let text = self.text(&file)?;
            let Some(new) = review::mended_metadata(&text).filter(|new| *new != text) else { return Err(error) };
            if self.tree.over.insert(file.clone(), new.into_bytes()).is_some() {
                return Err(error);
            }
            self.done.push(format!("{file}: say run_in_transaction where Diesel reads it"));
        }
    }

    fn apply(&mut self, chain: &Chain, directory: &str, finding: &Finding, fix: Fix, cx: &Context) -> Result<()> {
        let title = format!("{}/{directory}: {} ({})", self.group.directory, fix.title, finding.mends);
        let revision = chain.revisions().iter().find(|r| r.directory == directory);
        let Some(revision) = revision else { return Ok(()) };
        let applied = self.edit(&fix.edits)?;
        if !fix.parts.is_empty()
            && let Err(error) = self.split(chain, revision, fix.parts, cx)
        {
            self.left.push(format!("{title}: {error}"));
            return Ok(());
        }
        let told = if applied { &mut self.done } else { &mut self.left };
        told.push(title);
        Ok(())
    }

    fn edit(&mut self, edits: &[Edit]) -> Result<bool> {
        let mut by_file: BTreeMap<&str, Vec<&Edit>> = BTreeMap::new();
        edits.iter().for_each(|edit| by_file.entry(&edit.file).or_default().push(edit));
        let mut new = Vec::new();
        for (file, edits) in by_file {
            let Some(text) = review::edited(&self.text(file)?, &edits) else { return Ok(false) };
            new.push((file.to_owned(), text.into_bytes()));
        }
        self.tree.over.extend(new);
        Ok(true)
    }

    /// The first part keeps the directory; each other one is a revision on top of the one before, and what
    /// followed the revision follows the last.
    fn split(&mut self, chain: &Chain, revision: &Revision, parts: Vec<Part>, cx: &Context) -> Result<()> {
        let next = chain.revisions().iter().map(|r| &r.version).find(|version| **version > revision.version);
        let (mut newest, mut parent) = (revision.version.clone(), revision.id.clone());
        let (mut over, mut targets) = (BTreeMap::new(), Vec::new());
        for (number, part) in parts.into_iter().enumerate() {
            let (directory, metadata) = if number == 0 {
                let file = chain.path(revision, "metadata.toml");
                let text = self.text(&file)?;
                let is_needed = !text.is_empty() || !part.run_in_transaction;
                let new = is_needed.then(|| review::with_transaction(&text, part.run_in_transaction));
                (revision.directory.clone(), new)
            } else {
                let entropy = format!("{parent}{number}");
                let (id, name) = match next {
                    Some(next) => chain::name_between(&newest, next, &part.title, entropy.as_bytes(), &[chain])?,
                    None => {
                        let id = chain::free_id(entropy.as_bytes(), &[chain]);
                        let now = cx.now.checked_add(Duration::seconds(i64::try_from(number).unwrap_or_default()));
                        let name = chain::new_name(now.unwrap_or(cx.now), &id, &part.title, Some(&newest))?;
                        (id, name)
                    }
                };
                let metadata = Metadata {
                    run_in_transaction: part.run_in_transaction,
                    revision: Some(id.clone()),
                    revises: vec![parent],
                    message: Some(format!("{}: {}", revision.message, part.title)),
                    created: Some(name.created),
                    ..Metadata::default()
                };
                (newest, parent) = (name.version, id);
                targets.push(name.directory.clone());
                (name.directory, Some(metadata.render()))
            };
            let files = [("up.sql", Some(part.up)), ("down.sql", Some(part.down)), ("metadata.toml", metadata)];
            for (file, text) in files {
                let path = format!("{}/{directory}/{file}", self.group.directory);
                over.extend(text.map(|text| (path, text.into_bytes())));
            }
        }
        for child in chain.revisions().iter().filter(|r| r.ours && r.parents.contains(&revision.id)) {
            let file = chain.path(child, "metadata.toml");
            let text = self.text(&file)?;
            let text = chain::metadata::with_parent_instead(&text, &file, &revision.id, &parent)?;
            over.extend(text.map(|text| (file, text.into_bytes())));
        }
        self.tree.over.extend(over);
        self.targets.extend(targets);
        Ok(())
    }

    /// A file as the edits count its bytes.
    fn text(&self, file: &str) -> Result<String> {
        let bytes = self.tree.read(file)?.unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
    }

    fn changed_directories(&self) -> BTreeSet<String> {
        let skip = self.group.directory.len() + usize::from(!self.group.directory.is_empty());
        let names = self.tree.over.keys().filter_map(|path| path.get(skip..)?.split_once('/'));
        names.map(|(directory, _)| directory.to_owned()).collect()
    }

    /// Files of revisions that are there, and new revisions with theirs.
    fn files(&self, project: &Project) -> Result<(Vec<Replaced>, Vec<NewRevision>)> {
        let (mut files, mut new): (_, BTreeMap<String, Vec<(&'static str, String)>>) = (Vec::new(), BTreeMap::new());
        for view in self.views(project)? {
            let relative = view.path.strip_prefix(&self.group.directory).unwrap_or(&view.path).trim_start_matches('/');
            let Some((directory, file)) = relative.split_once('/') else { continue };
            let up = format!("{}/{directory}/up.sql", self.group.directory);
            if project.tree.read(&up)?.is_some() {
                files.push((relative.to_owned(), view.after));
                continue;
            }
            let known = ["up.sql", "down.sql", "metadata.toml"].into_iter().find(|known| *known == file);
            new.entry(directory.to_owned()).or_default().extend(known.map(|file| (file, view.after)));
        }
        Ok((files, new.into_iter().collect()))
    }

    fn views(&self, project: &Project) -> Result<Vec<FileView>> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let view = |(path, after): (&String, &Vec<u8>)| -> Result<FileView> {
            let before = project.tree.read(path)?.map(|bytes| text(&bytes));
            Ok(FileView { path: path.clone(), before, after: text(after) })
        };
        let views: Vec<FileView> = self.tree.over.iter().map(view).collect::<Result<_>>()?;
        Ok(views.into_iter().filter(|view| view.before.as_deref() != Some(view.after.as_str())).collect())
    }
}

fn views(project: &Project, all: &[Mended<'_>]) -> Result<Vec<FileView>> {
    let views: Vec<Vec<FileView>> = all.iter().map(|one| one.views(project)).collect::<Result<_>>()?;
    Ok(views.into_iter().flatten().collect())
}

fn show(files: &[FileView], all: &[Mended<'_>], only_shown: bool, cx: &mut Context) -> Result<()> {
    let done: Vec<&String> = all.iter().flat_map(|one| &one.done).collect();
    let left: Vec<&String> = all.iter().flat_map(|one| &one.left).collect();
    if cx.ui.is_json() {
        let written = !only_shown && !files.is_empty();
        let view = serde_json::json!({
            "schema_version": 1, "written": written, "fixes": done, "not_fixed": left, "files": files,
        });
        return cx.ui.json(&view);
    }
    for text in &left {
        cx.ui.warn(format!("not fixed: {text}"));
    }
    if files.is_empty() {
        return cx.ui.line("Nothing here can be fixed mechanically.");
    }
    for text in done {
        cx.ui.status(format!("fix: {text}"));
    }
    for file in files {
        if only_shown {
            cx.ui.line(view::unified(&file.path, file.before.as_deref(), &file.after).trim_end())?;
        } else {
            let wrote = cx.ui.tone("Wrote", Tone::Good);
            cx.ui.line(format!("{wrote} {}", file.path))?;
        }
    }
    Ok(())
}
