//! `rebase`: puts the revisions that nobody else has behind another head. Only files change: names of
//! directories and `revises`. What the result does is compared with what was meant before anything is
//! written.

use std::collections::HashSet;

use clap::Args;
use serde::Serialize;

use super::published::{Published, all_published};
use super::{project, view};
use crate::chain::rebase::{Moved, Rebased};
use crate::chain::{Chain, Revision};
use crate::cli::Global;
use crate::context::Context;
use crate::error::{Error, Kind, Outcome, Result};
use crate::layout::Group;
use crate::place::Place;
use crate::project::Project;
use crate::store::{self, Renamed, Replaced};
use crate::ui::Tone;

/// Put the revisions of one branch behind those of another: one line out of two heads.
///
/// Where two branches each added revisions to the same one, those that are not published follow the
/// others afterwards: their `revises` names another parent, and their directories get a later date where
/// they would sort before it. What is published is what the upstream branch has (else main or master),
/// and the other side of a merge or rebase that is going on. Statements stay as they are: where they
/// would do something else behind the others, nothing is written.
#[derive(Debug, Args)]
pub struct Rebase {
    /// The first revision to move, with all that follow it; without it, all that are not published
    #[arg(value_name = "REVISION[..]")]
    pub revision: Option<String>,
    /// The head that they are to follow
    #[arg(long, value_name = "HEAD")]
    pub onto: Option<String>,
    /// Show what would be moved, and write nothing
    #[arg(long)]
    pub plan: bool,
    /// Do not ask for confirmations
    #[arg(short, long)]
    pub yes: bool,
}

const REBASE: view::Consent = view::Consent {
    question: "Move them?",
    refused: "nothing was written",
    why: "revisions get another parent, and directories another name",
};

/// A chain of which something moves.
struct Line<'a> {
    group: &'a Group,
    chain: Chain,
    rebased: Rebased<'a>,
}

#[derive(Serialize)]
struct MovedView<'a> {
    id: &'a str,
    from: String,
    to: String,
    version_before: &'a str,
    version: &'a str,
    /// `null` for a revision made by Diesel, which names no parent.
    revises: Option<&'a str>,
}

impl Rebase {
    /// Runs the command.
    ///
    /// # Errors
    /// Where the project or a chain cannot be read, nobody knows what to move, it is published or
    /// applied, the result would do something else, or it cannot be written.
    pub fn run(&self, global: &Global, cx: &mut Context) -> Result<Outcome> {
        let project = project(cx, global)?;
        let mut lines = Vec::new();
        for group in self.groups(&project)? {
            lines.extend(self.line(&project, group)?);
        }
        if lines.is_empty() && !cx.ui.is_json() {
            cx.ui.line("Nothing to move: the revisions are one line.")?;
        }
        for line in &lines {
            line.rebased.check(&line.chain, line.group.dialect, &mut project.cache())?;
            refuse_applied(&project, line, cx)?;
            if !cx.ui.is_json() {
                line.tell(cx)?;
            }
        }
        let is_written = !self.plan && !lines.is_empty();
        if is_written {
            view::agree(self.yes, &REBASE, cx)?;
            for line in &lines {
                let (files, renamed) = line.files();
                store::rewrite(&project.path(&line.group.directory), &files, &[], &renamed)?;
            }
            tell_next(&lines, cx)?;
        }
        if cx.ui.is_json() {
            let moved: Vec<MovedView<'_>> = lines.iter().flat_map(Line::views).collect();
            cx.ui.json(&serde_json::json!({ "schema_version": 1, "moved": moved, "written": is_written }))?;
        }
        Ok(Outcome::Fine)
    }

    /// Where revisions are named, the chains that have them; else all.
    fn groups<'a>(&self, project: &'a Project) -> Result<Vec<&'a Group>> {
        let groups: Vec<&Group> = project.layout.groups.iter().collect();
        let names: Vec<&str> = self.first().into_iter().chain(self.onto.as_deref()).collect();
        if groups.len() < 2 || names.is_empty() {
            return Ok(groups);
        }
        let mut found = Vec::new();
        for group in groups {
            let chain = Chain::load(&project.tree, &group.directory)?;
            if names.iter().all(|name| view::revision_at(project, &chain, name).is_ok()) {
                found.push(group);
            }
        }
        match found.is_empty() {
            true => Err(Error::undecided(format!("no chain has {}", names.join(" and ")))
                .hint("`cargo ops-migrate heads` lists them")),
            false => Ok(found),
        }
    }

    fn first(&self) -> Option<&str> {
        self.revision.as_deref().map(|text| text.strip_suffix("..").unwrap_or(text))
    }

    /// What moves in a chain; `None` where nothing does.
    fn line<'a>(&self, project: &'a Project, group: &'a Group) -> Result<Option<Line<'a>>> {
        let chain = Chain::load(&project.tree, &group.directory)?;
        let published = Published::of(project, group)?;
        let named = |text: Option<&str>| -> Result<Option<Revision>> {
            let found = text.map(|text| view::revision_at(project, &chain, text)).transpose()?.flatten();
            Ok(found.cloned())
        };
        let onto = named(self.onto.as_deref())?;
        let moving = match named(self.first())? {
            Some(first) => Some(after(&chain, &first, published.as_ref())),
            None => moving(&chain, onto.as_ref(), published.as_ref()),
        };
        let Some(moving) = moving else {
            return if chain.heads().len() < 2 { Ok(None) } else { Err(nobody_knows(&chain)) };
        };
        refuse_published(&chain, &moving, published.as_ref())?;
        let onto = match onto {
            Some(onto) if moving.contains(&onto.id) => {
                return Err(Error::undecided(format!("{} is among those that are to follow it", onto.label())));
            }
            Some(onto) => onto,
            None => only_head(&chain, &moving, published.as_ref())?,
        };
        let rebased = chain.rebased(&project.tree, &moving, &onto)?;
        let is_as_it_was = rebased.changed().next().is_none() && chain.heads().len() < 2;
        Ok(Some(Line { group, chain, rebased }).filter(|_| !is_as_it_was))
    }
}

/// A revision and all that build on it, but for what only Diesel's order puts behind it.
fn after(chain: &Chain, first: &Revision, published: Option<&Published>) -> HashSet<String> {
    let is_stranger = |revision: &Revision| !revision.ours && published.is_some_and(|known| known.has(revision));
    let mut found = chain.and_after(&first.id);
    let strangers = chain.revisions().iter().filter(|revision| is_stranger(revision) && revision.id != first.id);
    strangers.for_each(|stranger| {
        found.remove(&stranger.id);
    });
    found
}

/// What nobody else has; without knowledge of that, what a named head does not build on.
fn moving(chain: &Chain, onto: Option<&Revision>, published: Option<&Published>) -> Option<HashSet<String>> {
    let all = chain.revisions().iter();
    match (onto, published) {
        (_, Some(known)) if onto.is_none_or(|onto| known.has(onto)) && !is_all_known(chain, known) => {
            Some(all.filter(|revision| !known.has(revision)).map(|revision| revision.id.clone()).collect())
        }
        (Some(onto), _) => Some(chain.beside(&onto.id)),
        // Nothing moves; which heads there are is told where one is looked for.
        (None, Some(_)) => Some(HashSet::new()),
        (None, None) => None,
    }
}

fn is_all_known(chain: &Chain, published: &Published) -> bool {
    chain.revisions().iter().all(|revision| published.has(revision))
}

fn nobody_knows(chain: &Chain) -> Error {
    let heads: Vec<String> = chain.heads().into_iter().map(Revision::label).collect();
    Error::new(Kind::SeveralHeads, format!("which revisions are to move? The heads are {}", heads.join(", ")))
        .at(Place::file(&chain.directory))
        .hint("name the head that the others are to follow: cargo ops-migrate rebase --onto HEAD")
}

/// What others have keeps its name and its parent.
fn refuse_published(chain: &Chain, moving: &HashSet<String>, published: Option<&Published>) -> Result<()> {
    let Some(known) = published.filter(|known| !known.is_own) else { return Ok(()) };
    let found = chain.revisions().iter().find(|revision| moving.contains(&revision.id) && known.has(revision));
    match found {
        None => Ok(()),
        Some(revision) => Err(Error::new(
            Kind::Change,
            format!("{} is published: {} has it; nothing was written", revision.label(), known.branch),
        )
        .at(Place::file(chain.path_of(&revision.directory)))
        .hint("move the revisions that nobody else has: cargo ops-migrate rebase REVISION..")
        .hint("or let a new revision follow both: cargo ops-migrate merge")),
    }
}

/// The one head of what stays.
fn only_head(chain: &Chain, moving: &HashSet<String>, published: Option<&Published>) -> Result<Revision> {
    let heads = chain.heads_among(&|revision| !moving.contains(&revision.id));
    match heads.as_slice() {
        [one] => Ok((*one).clone()),
        [] => Err(nobody_knows(chain)),
        several => {
            let branch = published.map_or("another branch", |known| known.branch.as_str());
            let error = all_published(chain, several, branch);
            Err(match published.is_some_and(|known| known.is_own) {
                true => error.hint(format!(
                    "or, where nobody else has it: cargo ops-migrate rebase --onto {} {}..",
                    several.first().map_or("HEAD", |head| &head.id),
                    several.last().map_or("REVISION", |head| &head.id),
                )),
                false => error,
            })
        }
    }
}

/// A version that a database has applied must not vanish: it would run the revision again.
fn refuse_applied(project: &Project, line: &Line<'_>, cx: &mut Context) -> Result<()> {
    let applied = match view::applied_at_hand(project, line.group) {
        Ok(applied) => applied.unwrap_or_default(),
        Err(error) => {
            cx.ui.warn(format!("the database was not asked whether it has one of these applied: {error}"));
            return Ok(());
        }
    };
    let has = |one: &&Moved| one.is_renamed() && applied.contains(&one.revision.version);
    let Some(first) = line.rebased.changed().find(has) else { return Ok(()) };
    let message = format!(
        "{} is applied in the database, which would know it under another version ({}) and run it again; \
         nothing was written",
        first.revision.label(),
        first.version
    );
    Err(Error::new(Kind::Change, message)
        .at(Place::file(line.chain.path_of(&first.revision.directory)))
        .hint(format!("take it back first: cargo ops-migrate rollback {}", line.way_back(&first.revision, &applied))))
}

impl Line<'_> {
    /// The target of a rollback that takes `first` back, and of the other branch nothing where that goes.
    fn way_back(&self, first: &Revision, applied: &[String]) -> String {
        let moves = |revision: &Revision| self.rebased.line.iter().any(|one| one.revision.id == revision.id);
        let from = self.chain.position(&first.id).unwrap_or_default();
        let own = self.chain.revisions()[from..].iter().filter(|r| moves(r) && applied.contains(&r.version)).count();
        let current: Vec<&Revision> = self.chain.current(applied).into_iter().filter(|r| moves(r)).collect();
        match (current.as_slice(), &first.parent) {
            ([one], _) => format!("{}-{own}", one.id),
            (_, Some(parent)) => parent.clone(),
            (_, None) => "base".to_owned(),
        }
    }

    fn tell(&self, cx: &mut Context) -> Result<()> {
        cx.ui.line(format!("Behind {}:", self.rebased.onto.label()))?;
        for one in self.rebased.changed() {
            let revises = if one.is_reparented() { format!("  revises {}", one.parent) } else { String::new() };
            let name = cx.ui.tone(&one.directory, Tone::Note);
            let was = if one.is_renamed() { format!("{} -> ", one.revision.directory) } else { String::new() };
            cx.ui.line(format!("  {was}{name}{revises}"))?;
        }
        if self.rebased.changed().any(Moved::is_renamed) {
            cx.ui.status(
                "to Diesel a renamed revision is another version: a database elsewhere that has it applied takes the \
                 old one back first (cargo ops-migrate rollback --unknown)",
            );
        }
        Ok(())
    }

    fn files(&self) -> (Vec<Replaced>, Vec<Renamed>) {
        let text = |one: &Moved| {
            let file = format!("{}/metadata.toml", one.directory);
            let bytes = self.rebased.tree.over.get(&self.chain.path_of(&file))?;
            Some((file, String::from_utf8_lossy(bytes).into_owned()))
        };
        let files = self.rebased.changed().filter(|one| one.is_reparented()).filter_map(text).collect();
        let renamed = self.rebased.changed().filter(|one| one.is_renamed());
        (files, renamed.map(|one| (one.revision.directory.clone(), one.directory.clone())).collect())
    }

    fn views(&self) -> impl Iterator<Item = MovedView<'_>> {
        self.rebased.changed().map(|one| MovedView {
            id: &one.id,
            from: self.chain.path_of(&one.revision.directory),
            to: self.chain.path_of(&one.directory),
            version_before: &one.revision.version,
            version: &one.version,
            revises: one.revision.ours.then_some(one.parent.as_str()),
        })
    }
}

fn tell_next(lines: &[Line<'_>], cx: &mut Context) -> Result<()> {
    if !cx.ui.is_json() {
        cx.ui.line(cx.ui.tone("Moved.", Tone::Good))?;
    }
    let directories: Vec<&str> = lines.iter().map(|line| line.group.directory.as_str()).collect();
    let tests: Vec<String> = lines
        .iter()
        .flat_map(|line| line.rebased.changed())
        .map(|one| format!("cargo ops-migrate test {}", one.id))
        .collect();
    cx.ui.hint(format!("prove what was moved: {}", tests.join("; ")));
    cx.ui.status(format!("next: git add --all {}; cargo ops-migrate upgrade", directories.join(" ")));
    Ok(())
}
