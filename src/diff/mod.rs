//! What differs between two catalogs, as operations in an order that holds for every dependency.
//! The same input always gives the same operations. How they become SQL is left to `render`.

mod renames;
mod table;

use std::collections::{BTreeMap, BTreeSet};

pub use self::renames::Renames;
use crate::catalog::{Catalog, EnumType, Expr, Name, Table};
use crate::operation::Operation;

/// What only a person knows about the way from one catalog to the other.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    pub renames: Renames,
    /// The value of existing rows for a column that is or becomes NOT NULL, by its new names.
    pub fills: BTreeMap<(Name, String), Expr>,
    /// How old values become new ones where a type changes, by new names.
    pub using: BTreeMap<(Name, String), Expr>,
}

/// The operations that lead from one catalog to the other. Names of constraints and indexes, the
/// order of columns and the values' order of an enum are no difference.
pub fn diff(from: &Catalog, to: &Catalog, answers: &Answers) -> Vec<Operation> {
    let renamed = answers.renames.apply(from);
    let mut operations = answers.renames.operations(from);
    let mut found = Vec::new();
    diff_enums(&renamed, to, &mut found);
    for (name, table) in &to.tables {
        match renamed.table(name) {
            Some(old) => table::diff_table(old, table, &renamed, to, answers, &mut found),
            None => create_table(table, &mut found),
        }
    }
    let dropped: Vec<&Table> = renamed.tables.values().filter(|t| to.table(&t.name).is_none()).collect();
    drop_tables(&dropped, &renamed, &mut found);
    found.sort_by_key(|(rank, order, _)| (*rank, *order));
    operations.extend(found.into_iter().map(|(_, _, operation)| operation));
    operations
}

/// When a kind of operation runs. Within a rank the order of finding holds: by table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    DropForeignKey,
    DropTrigger,
    DropIndex,
    DropConstraint,
    DropPrimaryKey,
    Enum,
    CreateTable,
    AddColumn,
    AlterColumn,
    AddPrimaryKey,
    AddConstraint,
    CreateIndex,
    AddForeignKey,
    CreateTrigger,
    Comment,
    DropColumn,
    DropTable,
    DropEnum,
}

type Ranked = (Rank, usize, Operation);

fn rank(operation: &Operation) -> Rank {
    match operation {
        Operation::DropForeignKey { .. } => Rank::DropForeignKey,
        Operation::DropTrigger { .. } => Rank::DropTrigger,
        Operation::DropIndex { .. } => Rank::DropIndex,
        Operation::DropUnique { .. } | Operation::DropCheck { .. } | Operation::DropExclude { .. } => {
            Rank::DropConstraint
        }
        Operation::DropPrimaryKey { .. } => Rank::DropPrimaryKey,
        Operation::CreateEnum { .. }
        | Operation::RenameEnum { .. }
        | Operation::AddEnumValue { .. }
        | Operation::RenameEnumValue { .. }
        | Operation::RebuildEnum { .. } => Rank::Enum,
        Operation::RenameTable { .. } | Operation::RenameColumn { .. } | Operation::CreateTable { .. } => {
            Rank::CreateTable
        }
        Operation::AddColumn { .. } => Rank::AddColumn,
        Operation::AlterType { .. }
        | Operation::SetNotNull { .. }
        | Operation::DropNotNull { .. }
        | Operation::AlterDefault { .. }
        | Operation::AlterColumnKind { .. } => Rank::AlterColumn,
        Operation::AddPrimaryKey { .. } => Rank::AddPrimaryKey,
        Operation::AddUnique { .. } | Operation::AddCheck { .. } | Operation::AddExclude { .. } => Rank::AddConstraint,
        Operation::CreateIndex { .. } => Rank::CreateIndex,
        Operation::AddForeignKey { .. } => Rank::AddForeignKey,
        Operation::CreateTrigger { .. } => Rank::CreateTrigger,
        Operation::SetComment { .. } => Rank::Comment,
        Operation::DropColumn { .. } => Rank::DropColumn,
        Operation::DropTable { .. } => Rank::DropTable,
        Operation::DropEnum { .. } => Rank::DropEnum,
    }
}

/// Adds an operation; those of one rank and table keep the order in which they are added.
fn push(found: &mut Vec<Ranked>, operation: Operation) {
    let order = found.len();
    let rank = rank(&operation);
    found.push((rank, order, operation));
}

/// A new table; its foreign keys, indexes and triggers are operations of their own, so that tables
/// that reference each other need no order.
fn create_table(table: &Table, found: &mut Vec<Ranked>) {
    let name = table.name.clone();
    for key in &table.foreign_keys {
        push(found, Operation::AddForeignKey { table: name.clone(), key: key.clone() });
    }
    for index in &table.indexes {
        push(found, Operation::CreateIndex { table: name.clone(), index: index.clone() });
    }
    for trigger in &table.triggers {
        push(found, Operation::CreateTrigger { table: name.clone(), trigger: trigger.clone() });
    }
    if let Some(comment) = &table.comment {
        push(found, Operation::SetComment { table: name.clone(), column: None, from: None, to: Some(comment.clone()) });
    }
    for column in table.columns.iter().filter(|c| c.comment.is_some()) {
        let (column, to) = (Some(column.name.clone()), column.comment.clone());
        push(found, Operation::SetComment { table: name.clone(), column, from: None, to });
    }
    push(found, Operation::CreateTable { table: table.clone() });
}

/// Dropped tables, those that reference others first; a cycle loses its foreign keys before.
fn drop_tables(dropped: &[&Table], catalog: &Catalog, found: &mut Vec<Ranked>) {
    let mut left: Vec<&Table> = dropped.to_vec();
    while !left.is_empty() {
        let free = left.iter().position(|table| {
            !left.iter().any(|other| other.name != table.name && references(other, &table.name, catalog))
        });
        let next = left.remove(free.unwrap_or(0));
        if free.is_none() {
            for other in left.iter().filter(|other| references(other, &next.name, catalog)) {
                for key in other.foreign_keys.iter().filter(|k| k.references.same(&next.name, catalog.dialect)) {
                    push(found, Operation::DropForeignKey { table: other.name.clone(), key: key.clone() });
                }
            }
        }
        push(found, Operation::DropTable { table: next.clone() });
    }
}

fn references(table: &Table, other: &Name, catalog: &Catalog) -> bool {
    table.foreign_keys.iter().any(|key| key.references.same(other, catalog.dialect))
}

fn diff_enums(from: &Catalog, to: &Catalog, found: &mut Vec<Ranked>) {
    for (name, new) in &to.enums {
        match from.enums.get(name) {
            None => push(found, Operation::CreateEnum { ty: new.clone() }),
            Some(old) => diff_enum(old, new, to, found),
        }
    }
    for (name, old) in &from.enums {
        if !to.enums.contains_key(name) {
            push(found, Operation::DropEnum { ty: old.clone() });
        }
    }
}

fn diff_enum(old: &EnumType, new: &EnumType, to: &Catalog, found: &mut Vec<Ranked>) {
    let kept: BTreeSet<&String> = new.values.iter().collect();
    if old.values.iter().any(|value| !kept.contains(value)) {
        let columns = columns_of_type(&new.name, to);
        push(found, Operation::RebuildEnum { from: old.clone(), to: new.clone(), columns });
        return;
    }
    let mut values = old.values.clone();
    for (at, value) in new.values.iter().enumerate() {
        if values.contains(value) {
            continue;
        }
        let before = new.values[at + 1..].iter().find(|next| values.contains(next)).cloned();
        let position = before.as_ref().and_then(|next| values.iter().position(|v| v == next)).unwrap_or(values.len());
        values.insert(position, value.clone());
        push(found, Operation::AddEnumValue { name: new.name.clone(), value: value.clone(), before });
    }
}

/// Every column that has a user type, arrays of it included.
fn columns_of_type(name: &Name, catalog: &Catalog) -> Vec<(Name, String)> {
    let base = name.to_string();
    let columns = catalog.tables.values().flat_map(|t| t.columns.iter().map(move |c| (&t.name, c)));
    columns.filter(|(_, c)| c.ty.base == base).map(|(table, c)| (table.clone(), c.name.clone())).collect()
}

#[cfg(test)]
mod tests;
