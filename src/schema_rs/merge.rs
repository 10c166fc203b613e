//! Edits in place: a schema file that people write in too follows a change of the schema item by
//! item. What the change brought is taken over where the file still says what was there before;
//! where it says something of its own it is left alone, and that is told. All other bytes stay.

use std::collections::BTreeSet;
use std::ops::Range;

use super::block::{self, BlockSides, Version};
use super::lists;
use super::outline::{Block, Join, List, Outline};
use super::print;
use super::settings::Shape;
use super::text::{Edits, Slot, dedented, slot};
use crate::catalog::Name;
use crate::error::{Error, Result};
use crate::models::{self, ModelTable};

/// The printed texts that a file is compared with.
#[derive(Debug, Clone, Copy)]
pub struct Sides<'a> {
    /// What was printed before the change.
    pub before: &'a str,
    /// What is printed right after it: only what differs between these two is touched.
    pub after: &'a str,
    /// What the file is to say of that: the same, or what later revisions made of it.
    pub target: &'a str,
    /// Tables that are left alone: another file declares them, nobody wants them, or what they are
    /// is not certain.
    pub aside: &'a BTreeSet<Name>,
    pub shape: Shape,
}

/// A file after its edits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    pub text: String,
    /// What was edited, in words: `added users.nick`.
    pub edits: Vec<String>,
    /// What was left alone because the file says something of its own, in words with the line.
    pub kept: Vec<String>,
}

/// Brings a file in step with a change of the schema.
///
/// # Errors
/// Where the file does not parse, or the edits would leave it so that it does not.
pub fn merge(path: &str, text: &str, sides: &Sides<'_>) -> Result<Merged> {
    let ours = Outline::read(path, text)?;
    let mut work = Work {
        text,
        sides,
        tables: ours.blocks.iter().map(|block| block.model.rust_name.clone()).collect(),
        before: Outline::read("before", sides.before)?,
        after: Outline::read("after", sides.after)?,
        target: Outline::read("target", sides.target)?,
        ours: &ours,
        edits: Edits::new(text),
        told: Vec::new(),
        kept: Vec::new(),
    };
    // In the order in which they stand in a file.
    work.types();
    work.blocks();
    work.joins();
    work.lists();
    let Work { edits, told, kept, .. } = work;
    let merged = Merged { text: edits.apply(), edits: told, kept };
    if merged.text != text {
        models::parse_file(path, &merged.text).map_err(|error| {
            Error::undecided(format!("{path} would not parse after its edits, and is left as it is: {error}"))
        })?;
    }
    Ok(merged)
}

/// The work on one file.
struct Work<'a> {
    text: &'a str,
    sides: &'a Sides<'a>,
    ours: &'a Outline,
    before: Outline,
    after: Outline,
    target: Outline,
    /// Rust names of the tables that the file has once it is edited.
    tables: BTreeSet<String>,
    edits: Edits<'a>,
    told: Vec<String>,
    kept: Vec<String>,
}

impl Work<'_> {
    fn blocks(&mut self) {
        let names = |outline: &Outline| outline.blocks.iter().map(|b| b.model.name.clone()).collect::<Vec<Name>>();
        for name in names(&self.target) {
            let is_new = self.before.block(&name).is_none();
            match self.ours.block(&name) {
                _ if self.after.block(&name).is_none() || self.sides.aside.contains(&name) => {}
                Some(ours) if is_new => self.compare(ours, &name),
                Some(ours) => self.follow(ours, &name),
                None if is_new => self.add_block(&name),
                None => {}
            }
        }
        for name in names(&self.before) {
            let stays = self.target.block(&name).is_some() || self.after.block(&name).is_some();
            let stays = stays || self.sides.aside.contains(&name);
            if let Some(ours) = self.ours.block(&name).filter(|_| !stays) {
                self.remove_block(ours, &name);
            }
        }
    }

    /// A table that is new, and that the file has already.
    fn compare(&mut self, ours: &Block, name: &Name) {
        if self.target.block(name).is_some_and(|target| !same_table(&ours.model, &target.model)) {
            self.kept.push(format!("{}: table {name} is not as the revisions make it", ours.model.at));
        }
    }

    fn follow(&mut self, ours: &Block, name: &Name) {
        let (Some(before), Some(after), Some(target)) =
            (self.before.block(name), self.after.block(name), self.target.block(name))
        else {
            return;
        };
        let sides = BlockSides {
            ours: Version { block: ours, text: self.text },
            before: Version { block: before, text: self.sides.before },
            after: Version { block: after, text: self.sides.after },
            target: Version { block: target, text: self.sides.target },
        };
        // Which of several variants is compiled nobody knows.
        let mut aside = Edits::new(self.text);
        let edits = if ours.model.conditional { &mut aside } else { &mut self.edits };
        let told = block::follow(&sides, edits);
        self.kept.extend(told.kept.into_iter().map(|(at, what)| format!("{at}: {what}")));
        if ours.model.conditional {
            let left = told.edits.into_iter().map(|what| format!("{}: under a cfg, left alone: {what}", ours.model.at));
            self.kept.extend(left);
        } else {
            self.told.extend(told.edits);
        }
    }

    fn add_block(&mut self, name: &Name) {
        let Some(target) = self.target.block(name) else { return };
        let item = dedented(self.sides.target, &target.whole);
        let order: Vec<_> =
            self.target.blocks.iter().map(|b| self.ours.block(&b.model.name).map(|b| b.whole.clone())).collect();
        let at = self.target.blocks.iter().position(|b| b.model.name == *name).unwrap_or_default();
        let slot = match slot(&order, at) {
            Slot::End => self.behind_everything(),
            slot => slot,
        };
        self.edits.insert(slot, &item, true);
        self.tables.insert(target.model.rust_name.clone());
        self.told.push(format!("added table {name}"));
    }

    /// Behind the last block, else behind the declared types.
    fn behind_everything(&self) -> Slot {
        let last = self.ours.blocks.last().map(|block| &block.whole);
        let last = last.or(self.ours.type_module.as_ref().map(|(whole, _)| whole));
        last.cloned().map_or(Slot::End, Slot::After)
    }

    fn remove_block(&mut self, ours: &Block, name: &Name) {
        let is_untouched = self.before.block(name).is_some_and(|before| same_table(&ours.model, &before.model));
        if !is_untouched || ours.model.conditional {
            self.kept.push(format!("{}: table {name} is gone, and the file has one of its own", ours.model.at));
            return;
        }
        self.edits.remove(&ours.whole, true);
        self.tables.remove(&ours.model.rust_name);
        self.told.push(format!("removed table {name}"));
    }

    fn joins(&mut self) {
        let pair = |a: &Join, b: &Join| {
            (a.child == b.child && a.parent == b.parent) || (a.child == b.parent && a.parent == b.child)
        };
        let same = |a: &Join, b: &Join| a.child == b.child && a.parent == b.parent && a.column == b.column;
        let has = |outline: &Outline, join: &Join| outline.joins.iter().any(|other| same(other, join));
        let is_gone = |join: &&Join| {
            let taken_back = !has(&self.target, join) && !has(&self.after, join);
            let stays = self.tables.contains(&join.child) && self.tables.contains(&join.parent);
            has(&self.before, join) && (taken_back || !stays)
        };
        let (gone, left): (Vec<&Join>, Vec<&Join>) = self.ours.joins.iter().partition(is_gone);
        let mut added = 0;
        for (at, join) in self.target.joins.iter().enumerate() {
            let is_new = !has(&self.before, join) && has(&self.after, join);
            let is_there = left.iter().any(|other| pair(other, join));
            if !is_new || is_there || !self.tables.contains(&join.child) || !self.tables.contains(&join.parent) {
                continue;
            }
            let find = |join: &Join| self.ours.joins.iter().find(|other| same(other, join)).map(|o| o.whole.clone());
            let order: Vec<_> = self.target.joins.iter().map(find).collect();
            let item = &self.sides.target[join.whole.clone()];
            match (slot(&order, at), self.ours.joins.last()) {
                (Slot::End, Some(last)) => self.edits.insert(Slot::After(last.whole.clone()), item, false),
                (Slot::End, None) => self.edits.insert(self.behind_everything(), item, added == 0),
                (slot, _) => self.edits.insert(slot, item, false),
            }
            added += 1;
            self.told.push(format!("joined {} to {}", join.child, join.parent));
        }
        for (at, join) in gone.iter().enumerate() {
            let is_last = added == 0 && gone.len() == self.ours.joins.len();
            self.edits.remove(&join.whole, is_last && at == 0);
            self.told.push(format!("removed the join of {} to {}", join.child, join.parent));
        }
    }

    fn lists(&mut self) {
        let plan = lists::plan(&self.ours.lists, &self.before, &self.target, &self.tables);
        let all_go = plan.new.is_empty() && plan.lists.iter().all(Vec::is_empty);
        for (at, (list, tables)) in self.ours.lists.iter().zip(&plan.lists).enumerate() {
            if tables.is_empty() {
                self.edits.remove(&list.whole, all_go && at == 0);
                self.told.push("removed a list of tables that may appear in one query".to_owned());
            } else if !tables.iter().eq(list.tables.iter().map(|(name, _)| name)) {
                let start = self.text[..list.whole.start].rfind('\n').map_or(0, |newline| newline + 1);
                let indent = &self.text[start..list.whole.start];
                let inside = self.text[list.inside.clone()].to_owned();
                if inside.contains("//") || inside.contains("/*") {
                    self.edit_names(list, tables);
                } else {
                    let inside = lists::inside(tables, indent, self.sides.shape);
                    self.edits.replace(list.inside.clone(), inside);
                }
                self.told.push("the tables that may appear in one query".to_owned());
            }
        }
        let last = self.ours.lists.last().map(|list| &list.whole);
        let last = last.or(self.ours.joins.last().map(|join| &join.whole));
        for (at, tables) in plan.new.iter().enumerate() {
            let slot = last.cloned().map_or_else(|| self.behind_everything(), Slot::After);
            let apart = self.ours.lists.is_empty() && at == 0;
            self.edits.insert(slot, print::same_query(tables, 0, self.sides.shape).trim_end(), apart);
            self.told.push("a list of tables that may appear in one query".to_owned());
        }
    }

    /// A list with comments in it, name by name.
    fn edit_names(&mut self, list: &List, tables: &[String]) {
        let with_comma = |range: &Range<usize>| {
            let rest = &self.text[range.end..list.inside.end];
            range.start..range.end + if rest.starts_with(',') { 1 } else { 0 }
        };
        for (name, range) in &list.tables {
            if !tables.contains(name) {
                self.edits.remove(&with_comma(range), false);
            }
        }
        let find =
            |name: &String| list.tables.iter().find(|(known, _)| known == name).map(|(_, range)| with_comma(range));
        let order: Vec<_> = tables.iter().map(find).collect();
        for (at, name) in tables.iter().enumerate().filter(|(at, _)| order[*at].is_none()) {
            let slot = slot(&order, at);
            if let Slot::After(before) = &slot
                && !self.text[before.clone()].ends_with(',')
            {
                self.edits.end_with_comma(before.end);
            }
            self.edits.insert(slot, &format!("{name},"), false);
        }
    }

    fn types(&mut self) {
        let has = |outline: &Outline, name: &str| outline.types.iter().any(|ty| ty.name == name);
        let new: Vec<usize> = (0..self.target.types.len())
            .filter(|at| {
                let name = &self.target.types[*at].name;
                !has(&self.before, name) && has(&self.after, name) && !has(self.ours, name)
            })
            .collect();
        let items: Vec<String> =
            new.iter().map(|at| dedented(self.sides.target, &self.target.types[*at].whole)).collect();
        match (&self.ours.type_module, &self.target.type_module) {
            _ if new.is_empty() => {}
            (None, Some((whole, inside))) => {
                let head = dedented(self.sides.target, &(whole.start..inside.start));
                let lines: Vec<&str> = items.iter().flat_map(|item| item.lines().chain([""])).collect();
                let tab = self.sides.shape.tab_spaces;
                let body: String = lines[..lines.len() - 1]
                    .iter()
                    .map(|line| if line.is_empty() { "\n".to_owned() } else { format!("{:tab$}{line}\n", "") })
                    .collect();
                let slot = self.ours.blocks.first().map_or(Slot::End, |block| Slot::Before(block.whole.clone()));
                self.edits.insert(slot, &format!("{head}\n{body}}}"), true);
            }
            _ => {
                let find = |name: &str| self.ours.types.iter().find(|ty| ty.name == name).map(|ty| ty.whole.clone());
                let order: Vec<_> = self.target.types.iter().map(|ty| find(&ty.name)).collect();
                for (at, item) in new.iter().zip(&items) {
                    match (slot(&order, *at), self.ours.types.last(), &self.ours.type_module) {
                        (Slot::End, Some(last), _) => self.edits.insert(Slot::After(last.whole.clone()), item, true),
                        (Slot::End, None, Some((_, inside))) => {
                            self.edits.replace(inside.end..inside.end, format!("\n{item}\n"));
                        }
                        (slot, _, _) => self.edits.insert(slot, item, true),
                    }
                }
            }
        }
        self.told.extend(new.iter().map(|at| format!("added the SQL type {}", self.target.types[*at].name)));
        self.unused_types(new.is_empty());
    }

    fn unused_types(&mut self, none_is_new: bool) {
        let has = |outline: &Outline, name: &str| outline.types.iter().any(|ty| ty.name == name);
        let kept_by = |name: &str, block: &Block| {
            let uses = |text: &str| text.ends_with(&format!("sql_types::{name};"));
            let printed = self.before.block(&block.model.name);
            let is_printed = |text: &str| printed.is_some_and(|p| p.imports.iter().any(|import| import.text == text));
            block.imports.iter().any(|import| uses(&import.text) && !is_printed(&import.text))
        };
        let gone: Vec<Range<usize>> = self
            .ours
            .types
            .iter()
            .filter(|ty| has(&self.before, &ty.name) && !has(&self.target, &ty.name) && !has(&self.after, &ty.name))
            .filter(|ty| !self.ours.blocks.iter().any(|block| kept_by(&ty.name, block)))
            .map(|ty| {
                self.told.push(format!("removed the SQL type {}", ty.name));
                ty.whole.clone()
            })
            .collect();
        match &self.ours.type_module {
            Some((whole, _)) if none_is_new && !gone.is_empty() && gone.len() == self.ours.types.len() => {
                self.edits.remove(whole, true);
            }
            _ => gone.iter().for_each(|range| self.edits.remove(range, true)),
        }
    }
}

/// Whether two declarations say the same: key, columns, types.
fn same_table(a: &ModelTable, b: &ModelTable) -> bool {
    let same = |a: &ModelTable, b: &ModelTable| {
        a.columns.iter().all(|column| b.column(&column.name).is_some_and(|other| column.same_type(other)))
    };
    a.primary_key == b.primary_key && a.columns.len() == b.columns.len() && same(a, b)
}
