//! `schema.rs` in step with the revisions, for the commands that write, apply or take back one.

use super::view;
use crate::catalog::Catalog;
use crate::chain::{self, Chain, Revision};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::layout::Group;
use crate::project::Project;
use crate::schema_file::{self, Edited, Stretch};
use crate::ui::Tone;

/// What applying these revisions edits in the schema files. Revisions that a file was committed
/// with are left out: what it says of them was somebody's decision.
///
/// # Errors
/// Where diesel.toml, a schema file or a revision cannot be read.
pub fn after_upgrade(project: &Project, group: &Group, chain: &Chain, applied: &[&Revision]) -> Result<Vec<Edited>> {
    let mut found = Vec::new();
    for file in schema_file::of(project, group)? {
        let new = file.unsettled(project, chain, applied)?;
        if new.is_empty() {
            continue;
        }
        let head = at(project, group, chain, None)?;
        let mut stretches = Vec::new();
        for run in runs(chain, &new) {
            let before = view::catalog_before(project, group, chain, run.0)?;
            stretches.push(Stretch { before, after: at(project, group, chain, Some(run.1))? });
        }
        found.extend(file.follow(project, &stretches, Some(&head))?);
    }
    Ok(found)
}

/// What taking these revisions back edits in the schema files.
///
/// # Errors
/// Where diesel.toml, a schema file or a revision cannot be read.
pub fn after_rollback(project: &Project, group: &Group, chain: &Chain, reverted: &[&Revision]) -> Result<Vec<Edited>> {
    let mut stretches = Vec::new();
    for run in runs(chain, reverted).into_iter().rev() {
        let before = at(project, group, chain, Some(run.1))?;
        stretches.push(Stretch { before, after: view::catalog_before(project, group, chain, run.0)? });
    }
    follow(project, group, &stretches)
}

/// What a revision that was made from the models edits in the schema files: what they say already
/// stays, in their own words.
///
/// # Errors
/// Where diesel.toml or a schema file cannot be read.
pub fn after_create(project: &Project, group: &Group, before: &Catalog, after: &Catalog) -> Result<Vec<Edited>> {
    let stretch = Stretch { before: before.clone(), after: after.clone() };
    let mut edited = follow(project, group, &[stretch])?;
    edited.iter_mut().for_each(|one| one.merged.kept.clear());
    Ok(edited)
}

fn follow(project: &Project, group: &Group, stretches: &[Stretch]) -> Result<Vec<Edited>> {
    let mut found = Vec::new();
    for file in schema_file::of(project, group)? {
        found.extend(file.follow(project, stretches, None)?);
    }
    Ok(found)
}

fn at(project: &Project, group: &Group, chain: &Chain, revision: Option<&Revision>) -> Result<Catalog> {
    let id = revision.map(|revision| revision.id.as_str());
    chain::catalog_with_cache(&project.tree, chain, group.dialect, id, &mut project.cache())
}

/// Revisions that follow each other without a gap, as the first and the last of each run.
fn runs<'a>(chain: &Chain, revisions: &[&'a Revision]) -> Vec<(&'a Revision, &'a Revision)> {
    let mut placed: Vec<(usize, &Revision)> =
        revisions.iter().filter_map(|revision| Some((chain.position(&revision.id)?, *revision))).collect();
    placed.sort_by_key(|(position, _)| *position);
    let mut found: Vec<(&Revision, &Revision, usize)> = Vec::new();
    for (position, revision) in placed {
        match found.last_mut() {
            Some((_, last, end)) if *end + 1 == position => (*last, *end) = (revision, position),
            _ => found.push((revision, revision, position)),
        }
    }
    found.into_iter().map(|(first, last, _)| (first, last)).collect()
}

/// Refuses where a schema file would change.
///
/// # Errors
/// `Change`, with what would be edited.
pub fn refuse_changes(edited: &[Edited]) -> Result<()> {
    match edited.iter().find(|edited| edited.is_changed()) {
        None => Ok(()),
        Some(edited) => {
            let what = edited.merged.edits.join("; ");
            Err(Error::new(Kind::Change, format!("{} would change: {what} (--locked-schema)", edited.path))
                .hint("run it without --locked-schema where the file may change, and commit the file"))
        }
    }
}

/// Tells that the schema files stay in step with revisions that were taken back and are still there.
pub fn tell_left(edited: &[Edited], cx: &mut Context) {
    for one in edited.iter().filter(|one| one.is_changed()) {
        cx.ui.status(format!("{} stays as the revisions make it; rollback --schema takes that back too", one.path));
    }
}

/// Writes the schema files and tells what was edited in them, and what was not. The work that they
/// follow is done by now, so that a failure is a warning.
pub fn write_or_warn(project: &Project, edited: Result<Vec<Edited>>, cx: &mut Context) {
    let written = edited.and_then(|edited| write(project, &edited, cx));
    if let Err(error) = written {
        cx.ui.warn(format!("the schema files are left as they are: {error}"));
        error.hints.iter().for_each(|hint| cx.ui.hint(hint));
    }
}

fn write(project: &Project, edited: &[Edited], cx: &mut Context) -> Result<()> {
    for one in edited {
        one.write(project)?;
        if one.is_changed() {
            let line = format!(
                "{} {}: {}",
                cx.ui.tone("Edited", Tone::Good),
                one.path,
                view::abridged(&one.merged.edits, "; ", cx)
            );
            if cx.ui.is_json() {
                cx.ui.status(line);
            } else {
                cx.ui.line(line)?;
            }
        }
        for kept in &one.merged.kept {
            cx.ui.status(format!("left as it is: {kept}"));
        }
        for note in one.notes.iter().filter(|_| one.is_changed()) {
            cx.ui.warn(note);
        }
    }
    Ok(())
}
