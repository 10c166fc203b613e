//! What differs between two catalogs, as operations in an order that holds for every dependency.
//! The same input always gives the same operations. How they become SQL is left to `render`.

mod enums;
mod objects;
mod order;
mod partition;
mod renames;
mod table;

use std::collections::BTreeMap;

pub(crate) use self::enums::columns_of_type;
pub(crate) use self::order::{Level, in_order, level};
pub use self::renames::{Parts, Renames};
use crate::catalog::{Catalog, Commented, Expr, Name, Table, Trigger};
use crate::operation::Operation;

/// What only a person knows about the way from one catalog to the other.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    pub renames: Renames,
    /// The value of existing rows for a column that is or becomes NOT NULL, by its new names.
    pub fills: BTreeMap<(Name, String), Expr>,
    /// How old values become new ones where a type changes, by new names.
    pub using: BTreeMap<(Name, String), Expr>,
    /// The same on the way back, by old names.
    pub back_using: BTreeMap<(Name, String), Expr>,
    /// Which value of an enum takes the place of one that goes, by the enum's new name.
    pub values: Parts,
    /// The same on the way back, for values that come: by the enum's old name; of a MySQL column, by
    /// its whole path.
    pub back_values: Parts,
    /// One of the catalogs was read from a server, which writes views, functions and triggers anew:
    /// only what survives that is compared.
    pub server_texts: bool,
}

/// The operations that lead from one catalog to the other. The order of columns and the values'
/// order of an enum are no difference, and neither is the name of a constraint where one side has
/// none or the dialect makes nothing of it (SQLite).
pub fn diff(from: &Catalog, to: &Catalog, answers: &Answers) -> Vec<Operation> {
    let renamed = answers.renames.apply(from);
    let mut found = answers.renames.operations(from);
    enums::diff_enums(&renamed, to, answers, &mut found);
    objects::diff_objects(&renamed, to, answers, &mut found);
    for (name, table) in &to.tables {
        match renamed.table(name) {
            Some(old) => {
                let old = partition::followed(old, table, &renamed, to);
                table::diff_table(&old, table, &renamed, to, answers, &mut found);
            }
            None => create_table(table, &mut found),
        }
    }
    let dropped: Vec<&Table> = renamed.tables.values().map(|t| &**t).filter(|t| to.table(&t.name).is_none()).collect();
    drop_tables(&dropped, &renamed, &mut found);
    drop_callers(&dropped, &renamed, to, &mut found);
    diff_comments(&renamed, to, &mut found);
    in_order(found, &renamed, to)
}

/// The operations on one table, in no order. `catalog` tells the keys of the tables that are
/// referenced, where a foreign key does not name them.
pub fn of_table(from: &Table, to: &Table, catalog: &Catalog) -> Vec<Operation> {
    let mut found = Vec::new();
    table::diff_table(from, to, catalog, catalog, &Answers::default(), &mut found);
    found
}

/// Comments on what is no table, column, enum or view: those that are there after, and those that go
/// from what stays. What is renamed takes its comment along.
fn diff_comments(from: &Catalog, to: &Catalog, found: &mut Vec<Operation>) {
    let mut before = Catalog { comments: from.comments.clone(), ..Catalog::empty(from.dialect) };
    for operation in &*found {
        match operation {
            Operation::RenameIndex { table, from, index } => before.move_comments(|on| {
                let old = Commented::Index(table.with_name(from.clone()));
                (*on == old).then(|| Commented::Index(table.with_name(index.name.clone())))
            }),
            Operation::RenameConstraint { table, from, to } => before.move_comments(|on| {
                let old = Commented::Constraint(table.clone(), from.clone());
                (*on == old).then(|| Commented::Constraint(table.clone(), to.clone()))
            }),
            _ => {}
        }
    }
    let mut change = |on: &Commented| {
        let (old, new) = (before.comment(on).cloned(), to.comment(on).cloned());
        if old != new {
            found.push(Operation::Comment { on: on.clone(), from: old, to: new });
        }
    };
    to.comments.iter().for_each(|comment| change(&comment.on));
    let gone = before.comments.iter().filter(|comment| to.comment(&comment.on).is_none());
    gone.filter(|comment| to.has(&comment.on)).for_each(|comment| change(&comment.on));
}

/// A new table; its foreign keys, indexes and triggers are operations of their own, so that tables
/// that reference each other need no order.
fn create_table(table: &Table, found: &mut Vec<Operation>) {
    let name = table.name.clone();
    for key in &table.foreign_keys {
        found.push(Operation::AddForeignKey { table: name.clone(), key: key.clone() });
    }
    for index in &table.indexes {
        found.push(Operation::CreateIndex { table: name.clone(), index: index.clone() });
    }
    for trigger in &table.triggers {
        found.push(Operation::CreateTrigger { table: name.clone(), trigger: trigger.clone() });
    }
    table::diff_policies(&[], table, found);
    if let Some(comment) = &table.comment {
        found.push(Operation::SetComment { table: name.clone(), column: None, from: None, to: Some(comment.clone()) });
    }
    for column in table.columns.iter().filter(|c| c.comment.is_some()) {
        let (column, to) = (Some(column.name.clone()), column.comment.clone());
        found.push(Operation::SetComment { table: name.clone(), column, from: None, to });
    }
    found.push(Operation::CreateTable { table: table.clone() });
}

/// Dropped tables, those that reference others first; a cycle loses its foreign keys before.
fn drop_tables(dropped: &[&Table], catalog: &Catalog, found: &mut Vec<Operation>) {
    let mut left: Vec<&Table> = dropped.to_vec();
    while !left.is_empty() {
        let free = left.iter().position(|table| {
            !left.iter().any(|other| other.name != table.name && references(other, &table.name, catalog))
        });
        let next = left.remove(free.unwrap_or(0));
        if free.is_none() {
            for other in left.iter().filter(|other| references(other, &next.name, catalog)) {
                for key in other.foreign_keys.iter().filter(|k| k.references.same(&next.name, catalog.dialect)) {
                    found.push(Operation::DropForeignKey { table: other.name.clone(), key: key.clone() });
                }
            }
        }
        found.push(Operation::DropTable { table: next.clone() });
    }
}

/// Triggers of dropped tables whose function goes too: it goes first, and not while they call it.
fn drop_callers(dropped: &[&Table], from: &Catalog, to: &Catalog, found: &mut Vec<Operation>) {
    for table in dropped {
        let calls = |trigger: &&Trigger| {
            trigger.function.as_ref().is_some_and(|function| objects::function_goes(function, from, to))
        };
        found.extend(
            table
                .triggers
                .iter()
                .filter(calls)
                .map(|trigger| Operation::DropTrigger { table: table.name.clone(), trigger: trigger.clone() }),
        );
    }
}

fn references(table: &Table, other: &Name, catalog: &Catalog) -> bool {
    table.foreign_keys.iter().any(|key| key.references.same(other, catalog.dialect))
}

#[cfg(test)]
mod tests;
