//! `allow_tables_to_appear_in_same_query!`: which of a file's lists follow which of the printed
//! groups. A list that is as it was printed before becomes the group that it turned into; one that
//! somebody wrote only gains and loses tables that came and went.

use std::collections::BTreeSet;

use super::outline::{List, Outline};
use super::print::same_query;
use super::settings::Shape;

type Group = BTreeSet<String>;

/// What happens to the lists of a file.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// For each list of the file its tables, in order; empty for one that goes.
    pub(super) lists: Vec<Vec<String>>,
    /// Lists to add.
    pub(super) new: Vec<Vec<String>>,
}

/// The plan for a file that has `tables`, which are Rust names.
pub(super) fn plan(ours: &[List], before: &Outline, target: &Outline, tables: &BTreeSet<String>) -> Plan {
    let (old, new) = (groups(before), groups(target));
    let mut plan = Plan { lists: ours.iter().map(names).collect(), new: Vec::new() };
    if old == new {
        return plan;
    }
    let mut placed: Vec<&Group> = new.iter().filter(|group| old.contains(group)).collect();
    for list in &mut plan.lists {
        let set: Group = list.iter().cloned().collect();
        let is_printed = old.contains(&set);
        if is_printed && new.contains(&set) {
            continue;
        }
        let heir = new.iter().find(|group| !placed.contains(group) && !group.is_disjoint(&set));
        match heir {
            Some(group) if is_printed => {
                follow(list, group, |_| true, tables);
                placed.push(group);
            }
            None if is_printed => list.clear(),
            Some(group) => {
                let is_new = |name: &String| !old.iter().any(|g| g.contains(name));
                follow(list, &group.union(&set).cloned().collect(), is_new, tables);
                placed.push(group);
            }
            None => {}
        }
        let is_gone = |name: &String| old.iter().any(|g| g.contains(name)) && !tables.contains(name);
        list.retain(|name| !is_gone(name));
        if list.len() < 2 {
            list.clear();
        }
    }
    for group in new.iter().filter(|group| !placed.contains(group)) {
        let present: Vec<String> = group.iter().filter(|name| tables.contains(*name)).cloned().collect();
        let is_there = plan.lists.iter().any(|list| present.iter().all(|name| list.contains(name)));
        if present.len() > 1 && !is_there {
            plan.new.push(present);
        }
    }
    plan
}

/// Makes a list that group, new names in their place by letter.
fn follow(list: &mut Vec<String>, group: &Group, may_add: impl Fn(&String) -> bool, tables: &BTreeSet<String>) {
    list.retain(|name| group.contains(name));
    for name in group.iter().filter(|name| tables.contains(*name) && may_add(name)) {
        if !list.contains(name) {
            let at = list.iter().position(|other| other > name).unwrap_or(list.len());
            list.insert(at, name.clone());
        }
    }
}

fn groups(outline: &Outline) -> Vec<Group> {
    outline.lists.iter().map(|list| names(list).into_iter().collect()).collect()
}

fn names(list: &List) -> Vec<String> {
    list.tables.iter().map(|(name, _)| name.clone()).collect()
}

/// What stands in the parentheses of a list that starts behind `indent`, as rustfmt gives it.
pub(super) fn inside(tables: &[String], indent: &str, shape: Shape) -> String {
    let printed = same_query(tables, indent.len(), shape);
    let body = printed.split_once('(').map_or("", |(_, rest)| rest).trim_end().trim_end_matches(");");
    body.replace('\n', &format!("\n{indent}"))
}
