//! One `table!` block that follows a change of its table, column by column.

use std::ops::Range;

use super::outline::{Block, Spot};
use super::text::{Edits, Slot, dedented, slot};
use crate::place::Place;

/// A table's block in each of the texts.
pub(super) struct BlockSides<'a> {
    pub(super) ours: Version<'a>,
    pub(super) before: Version<'a>,
    pub(super) after: Version<'a>,
    pub(super) target: Version<'a>,
}

/// A block and the text that it stands in.
#[derive(Clone, Copy)]
pub(super) struct Version<'a> {
    pub(super) block: &'a Block,
    pub(super) text: &'a str,
}

/// What was done, in words, and what was left alone, with its place.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) edits: Vec<String>,
    pub(super) kept: Vec<(Place, String)>,
}

impl Version<'_> {
    /// A column's attributes, one a line.
    fn attributes(&self, spot: &Spot) -> String {
        let lines = self.text[spot.lead.clone()].lines().map(str::trim).filter(|line| !line.is_empty());
        lines.collect::<Vec<_>>().join("\n")
    }

    fn source(&self, range: &Range<usize>) -> &str {
        &self.text[range.clone()]
    }

    fn has_import(&self, text: &str) -> bool {
        let glob = text.rsplit_once("::").map(|(path, _)| format!("{path}::*;"));
        self.block.imports.iter().any(|import| import.text == text || Some(&import.text) == glob.as_ref())
    }
}

/// Whether two columns say the same of type and nullability.
fn same(a: &Spot, b: &Spot) -> bool {
    a.model.same_type(&b.model)
}

/// Brings the block in step.
pub(super) fn follow(sides: &BlockSides<'_>, edits: &mut Edits<'_>) -> Told {
    let mut told = Told::default();
    imports(sides, edits);
    key(sides, edits, &mut told);
    for at in 0..sides.target.block.columns.len() {
        column(sides, at, edits, &mut told);
    }
    for gone in &sides.before.block.columns {
        let name = &gone.model.name;
        let stays = sides.target.block.column(name).is_some() || sides.after.block.column(name).is_some();
        let Some(ours) = sides.ours.block.column(name).filter(|_| !stays) else { continue };
        let path = format!("{}.{name}", sides.ours.block.model.name);
        if same(ours, gone) {
            edits.remove(&(ours.whole.start..ours.end), false);
            told.edits.push(format!("removed {path}"));
        } else {
            let what = format!("{path} is gone, but the file says {} of it", ours.model.type_text());
            told.kept.push((ours.model.at.clone(), what));
        }
    }
    told
}

fn column(sides: &BlockSides<'_>, at: usize, edits: &mut Edits<'_>, told: &mut Told) {
    let target = &sides.target.block.columns[at];
    let name = &target.model.name;
    let path = format!("{}.{name}", sides.ours.block.model.name);
    let (ours, before, after) =
        (sides.ours.block.column(name), sides.before.block.column(name), sides.after.block.column(name));
    let Some(after) = after else { return };
    match (before, ours) {
        (None, None) => {
            add(sides, at, edits);
            told.edits.push(format!("added {path}"));
        }
        (None, Some(ours)) if !same(ours, target) => told.kept.push(differs(ours, target, &path)),
        (Some(before), Some(ours)) => {
            if !same(before, after) && !same(ours, target) {
                if same(ours, before) {
                    edits.replace(ours.ty.clone(), sides.target.source(&target.ty));
                    told.edits.push(format!("{path} is {}", target.model.type_text()));
                } else {
                    told.kept.push(differs(ours, target, &path));
                }
            }
            attributes(sides, (ours, before, after, target), &path, edits, told);
        }
        _ => {}
    }
}

fn differs(ours: &Spot, target: &Spot, path: &str) -> (Place, String) {
    let (ours_type, target_type) = (ours.model.type_text(), target.model.type_text());
    (ours.model.at.clone(), format!("{path} is {ours_type} here, and the revisions give {target_type}"))
}

/// Doc comments, `#[max_length]` and the like.
fn attributes(
    sides: &BlockSides<'_>,
    (ours, before, after, target): (&Spot, &Spot, &Spot, &Spot),
    path: &str,
    edits: &mut Edits<'_>,
    told: &mut Told,
) {
    let (old, new) = (sides.before.attributes(before), sides.target.attributes(target));
    let mine = sides.ours.attributes(ours);
    if old == sides.after.attributes(after) || mine != old || mine == new {
        return;
    }
    // The white space of the line itself comes last in the lead, and first where there is none yet.
    let lead = sides.ours.source(&ours.lead);
    let line = &sides.ours.text[..ours.lead.start];
    let indent = &line[line.rfind('\n').map_or(0, |newline| newline + 1)..];
    let between = if indent.trim().is_empty() { format!("\n{indent}") } else { " ".to_owned() };
    let lines: String = new.lines().map(|line| format!("{line}{between}")).collect();
    let has_name_alone = lead.is_empty() || new.is_empty() || lead.ends_with(char::is_whitespace);
    if has_name_alone {
        edits.replace(ours.lead.clone(), lines);
        told.edits.push(format!("attributes of {path}"));
    }
}

fn add(sides: &BlockSides<'_>, at: usize, edits: &mut Edits<'_>) {
    let Version { block, text } = sides.target;
    let spot = &block.columns[at];
    let item = dedented(text, &(spot.whole.start..spot.ty.end)) + ",";
    let in_ours = |other: &Spot| {
        let found = sides.ours.block.column(&other.model.name)?;
        Some(found.whole.start..found.end)
    };
    let order: Vec<_> = block.columns.iter().map(in_ours).collect();
    let slot = match (slot(&order, at), sides.ours.block.columns.last()) {
        (Slot::End, Some(last)) => Slot::After(last.whole.start..last.end),
        (slot, _) => slot,
    };
    if let Slot::After(neighbour) = &slot
        && let Some(open) = sides.ours.block.columns.iter().find(|c| c.end == neighbour.end && c.end == c.ty.end)
    {
        edits.end_with_comma(open.end);
    }
    edits.insert(slot, &item, false);
}

fn key(sides: &BlockSides<'_>, edits: &mut Edits<'_>, told: &mut Told) {
    let [ours, before, after, target] =
        [sides.ours, sides.before, sides.after, sides.target].map(|version| &version.block.model.primary_key);
    if before == after || ours == target {
        return;
    }
    let model = &sides.ours.block.model;
    if ours == before {
        let new = sides.target.source(&sides.target.block.key);
        // Without parentheses the key is `id`.
        let new = if sides.ours.block.key.is_empty() { format!(" ({new})") } else { new.to_owned() };
        edits.replace(sides.ours.block.key.clone(), new);
        told.edits.push(format!("the key of {}", model.name));
    } else {
        let what = format!(
            "the key of {} is ({}) here, and the revisions give ({})",
            model.name,
            ours.join(", "),
            target.join(", ")
        );
        told.kept.push((model.at.clone(), what));
    }
}

/// The `use` lines that types of new columns need, and those that nothing needs any more.
fn imports(sides: &BlockSides<'_>, edits: &mut Edits<'_>) {
    let ours = sides.ours.block;
    let wanted = &sides.target.block.imports;
    let is_missing = |text: &str| !sides.before.has_import(text) && !sides.ours.has_import(text);
    let order: Vec<_> =
        wanted.iter().map(|w| ours.imports.iter().find(|own| own.text == w.text).map(|own| own.at.clone())).collect();
    let missing: Vec<usize> = (0..wanted.len()).filter(|at| is_missing(&wanted[*at].text)).collect();
    let lines: Vec<&str> = missing.iter().map(|at| sides.target.source(&wanted[*at].at)).collect();
    match ours.imports.last() {
        None if lines.is_empty() => {}
        None => {
            // Up to the first thing in the braces there is only white space.
            let inside = sides.ours.source(&ours.inside);
            let first = ours.inside.start + inside.len() - inside.trim_start().len();
            edits.insert(Slot::Before(first..first), &lines.join("\n"), true);
        }
        Some(last) => {
            for (at, line) in missing.iter().zip(&lines) {
                let slot = match slot(&order, *at) {
                    Slot::End => Slot::After(last.at.clone()),
                    slot => slot,
                };
                edits.insert(slot, line, false);
            }
        }
    }
    let unused =
        |text: &str| sides.before.has_import(text) && !sides.target.has_import(text) && !sides.after.has_import(text);
    let gone: Vec<_> = ours.imports.iter().filter(|import| unused(&import.text)).collect();
    let none_stays = gone.len() == ours.imports.len() && lines.is_empty();
    for (at, import) in gone.iter().enumerate() {
        edits.remove(&import.at, none_stays && at + 1 == gone.len());
    }
}
