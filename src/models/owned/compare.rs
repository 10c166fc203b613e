//! What a struct's table and another state of it differ in, as changes made of operations; whether a
//! catalog has what an operation asks for; an operation done to a catalog.

use super::OwnedTable;
use crate::catalog::{Catalog, Column, ForeignKey, Index, Name, Sequence, Table, Unique};
use crate::dialect::Dialect;
use crate::diff;
use crate::models::Change;
use crate::operation::{Object, Operation};

/// What changed between two statements of a table.
pub(in crate::models) fn steps(before: &OwnedTable, after: &OwnedTable) -> Vec<Change> {
    if before == after {
        return Vec::new();
    }
    let catalog = Catalog::empty(after.dialect);
    let mut found = changes(&before.table, &before.sequences, after, &catalog);
    for change in &mut found {
        // What it was in the words of the struct of then.
        if let Change::DropColumn { column, .. } = change
            && let Some(known) = before.model.column(&column.name)
        {
            *column = crate::models::ModelColumn { at: after.model.at.clone(), ..known.clone() };
        }
    }
    found
}

/// In what a catalog's table is not what the struct states.
pub(in crate::models) fn against(owned: &OwnedTable, actual: &Table, catalog: &Catalog) -> Vec<Change> {
    let is_its = |sequence: &&Sequence| sequence.owned_by.as_ref().is_some_and(|(table, _)| *table == actual.name);
    let sequences: Vec<Sequence> = catalog.sequences.values().filter(is_its).cloned().collect();
    changes(actual, &sequences, owned, catalog)
}

fn changes(from: &Table, sequences: &[Sequence], owned: &OwnedTable, catalog: &Catalog) -> Vec<Change> {
    let table = &owned.table.name;
    let mut operations = diff::of_table(from, &owned.beside(from), catalog);
    operations.extend(of_sequences(from, sequences, owned));
    let gone: Vec<String> = operations
        .iter()
        .filter_map(|operation| match operation {
            Operation::DropColumn { column, .. } => Some(column.name.clone()),
            _ => None,
        })
        .collect();
    let mut found = Vec::new();
    for operation in operations.into_iter().filter(|operation| !goes_along(operation, &gone)) {
        match operation {
            Operation::AddColumn { column, .. } => {
                found.push(Change::AddColumn { table: table.clone(), column: owned.model_column(&column) });
                // What no word of `table!` says: a revision may have the column without it.
                let bare = Column { nullable: column.nullable, ..Column::new(column.name.clone(), column.ty.clone()) };
                let (mut old, mut new) = (Table::new(table.clone()), Table::new(table.clone()));
                old.columns.push(bare.into());
                new.columns.push(column.into());
                found.extend(diff::of_table(&old, &new, catalog).into_iter().map(|operation| part(owned, operation)));
            }
            Operation::DropColumn { column, .. } => {
                let column = crate::models::compare::as_model(&column, &owned.model.at, owned.dialect);
                found.push(Change::DropColumn { table: table.clone(), column });
            }
            // What a struct states says nothing of the rows that were there before.
            Operation::ValidateCheck { .. } | Operation::ValidateForeignKey { .. } => {}
            // What is there keeps its name: MySQL gives many of them itself.
            Operation::RenameIndex { .. } if owned.dialect == Dialect::Mysql => {}
            operation => found.push(part(owned, operation)),
        }
    }
    found
}

/// Whether a step is what the drop of a column takes along.
fn goes_along(operation: &Operation, gone: &[String]) -> bool {
    match operation {
        Operation::DropUnique { unique, .. } => unique.columns.iter().any(|column| gone.contains(column)),
        Operation::DropForeignKey { key, .. } => key.columns.iter().any(|column| gone.contains(column)),
        Operation::DropIndex { index, .. } => index.columns().any(|column| gone.iter().any(|name| name == column)),
        _ => false,
    }
}

fn part(owned: &OwnedTable, operation: Operation) -> Change {
    let at = owned.place(&operation).clone();
    Change::Part { table: owned.table.name.clone(), operation: Box::new(operation), at }
}

/// The options of the sequences behind columns that both states have.
fn of_sequences<'a>(
    from: &'a Table,
    sequences: &'a [Sequence],
    owned: &'a OwnedTable,
) -> impl Iterator<Item = Operation> + 'a {
    owned.sequences.iter().filter_map(|new| {
        let (_, column) = new.owned_by.as_ref()?;
        let same = |old: &&Sequence| old.owned_by.as_ref().is_some_and(|(_, of)| of == column);
        let old = sequences.iter().find(same)?;
        from.column(column, owned.dialect)?;
        let renamed = Sequence { name: old.name.clone(), owned_by: old.owned_by.clone(), ..new.clone() };
        (old.options != new.options)
            .then(|| Operation::ChangeObject { from: Object::Sequence(old.clone()), to: Object::Sequence(renamed) })
    })
}

/// What an operation is about: equal for two of the same thing.
pub(in crate::models) fn subject(operation: &Operation) -> String {
    let named = |kind: &str, name: &Option<String>, columns: &[String]| match name {
        Some(name) => format!("{kind} {name}"),
        None => format!("{kind} {}", columns.join(",")),
    };
    match operation {
        Operation::AddUnique { unique, .. } | Operation::DropUnique { unique, .. } => {
            named("unique", &unique.name, &unique.columns)
        }
        Operation::AddCheck { check, .. } | Operation::DropCheck { check, .. } => {
            named("check", &check.name, &[check.expr.normal()])
        }
        Operation::AddExclude { exclude, .. } | Operation::DropExclude { exclude, .. } => {
            named("exclude", &exclude.name, &[exclude.text.normal()])
        }
        Operation::AddForeignKey { key, .. } | Operation::DropForeignKey { key, .. } => {
            named("foreign key", &key.name, &key.columns)
        }
        Operation::CreateIndex { index, .. } | Operation::DropIndex { index, .. } => format!("index {}", index.name),
        Operation::RenameIndex { from, .. } => format!("name of index {from}"),
        Operation::RenameConstraint { from, .. } => format!("name of {from}"),
        Operation::AddPrimaryKey { .. } | Operation::DropPrimaryKey { .. } => "primary key".to_owned(),
        Operation::ChangeOptions { .. } => "options".to_owned(),
        Operation::SetComment { column: Some(column), .. } => format!("comment {column}"),
        Operation::SetComment { column: None, .. } => "comment".to_owned(),
        Operation::AlterType { to, .. } => format!("type {}", to.name),
        Operation::AlterDefault { to, .. } => format!("default {}", to.name),
        Operation::AlterColumnKind { to, .. } => format!("kind {}", to.name),
        Operation::SetNotNull { column, .. } | Operation::DropNotNull { column, .. } => format!("null {}", column.name),
        other => other.describe(),
    }
}

/// Whether a catalog has what an operation brings: whether doing it would change nothing.
pub(in crate::models) fn is_satisfied(table: &Name, operation: &Operation, catalog: &Catalog) -> bool {
    let Some(found) = catalog.table(table) else { return true };
    if let Operation::ChangeObject { to: Object::Sequence(new), .. } = operation {
        return catalog.sequences.get(&new.name).is_none_or(|old| old.options == new.options);
    }
    let mut after = found.clone();
    on_table(operation, &mut after, catalog.dialect);
    after == *found || diff::of_table(found, &after, catalog).is_empty()
}

/// Does an operation to a catalog.
pub(in crate::models) fn apply(table: &Name, operation: &Operation, catalog: &mut Catalog) {
    if let Operation::ChangeObject { to: Object::Sequence(new), .. } = operation {
        if let Some(old) = catalog.sequences.get_mut(&new.name) {
            old.options.clone_from(&new.options);
        }
        return;
    }
    let dialect = catalog.dialect;
    if let Some(table) = catalog.table_mut(table) {
        on_table(operation, table, dialect);
    }
}

fn on_table(operation: &Operation, table: &mut Table, dialect: Dialect) {
    // Only PostgreSQL's constraints are known by their names: with the columns of a constraint renamed,
    // it has the old one elsewhere.
    let named = |one: &Option<String>, wanted: &Option<String>| {
        if dialect == Dialect::Postgres { one.clone() } else { wanted.clone() }
    };
    let same_columns =
        |a: &[String], b: &[String]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| dialect.same_name(a, b));
    match operation {
        Operation::ChangeOptions { to, .. } => table.options.clone_from(to),
        Operation::AlterType { to, .. } => on_column(table, to, dialect, |column| column.ty.clone_from(&to.ty)),
        Operation::SetNotNull { column, .. } | Operation::DropNotNull { column, .. } => {
            on_column(table, column, dialect, |own| own.nullable = column.nullable);
        }
        Operation::AlterDefault { to, .. } => {
            on_column(table, to, dialect, |column| column.default.clone_from(&to.default));
        }
        Operation::AlterColumnKind { to, .. } => on_column(table, to, dialect, |column| {
            column.auto.clone_from(&to.auto);
            column.generated.clone_from(&to.generated);
            column.collation.clone_from(&to.collation);
            column.charset.clone_from(&to.charset);
            column.on_update.clone_from(&to.on_update);
            column.check.clone_from(&to.check);
        }),
        Operation::AddPrimaryKey { key, .. } => {
            table.primary_key = Some(key.clone());
            for column in table.columns.iter_mut().filter(|column| key.columns.contains(&column.name)) {
                column.nullable = false;
            }
        }
        Operation::DropPrimaryKey { key, .. } if same_columns(table.key_columns(), &key.columns) => {
            table.primary_key = None;
        }
        Operation::AddUnique { unique, .. } => {
            add_unless(&mut table.uniques, unique, |one| {
                let one = Unique { name: named(&one.name, &unique.name), ..one.clone() };
                one == *unique
            });
        }
        Operation::DropUnique { unique, .. } => table.uniques.retain(|one| one != unique),
        // What a struct states says nothing of the rows that were there before.
        Operation::AddCheck { check, .. } => {
            add_unless(&mut table.checks, check, |one| {
                (&named(&one.name, &check.name), &one.expr) == (&check.name, &check.expr)
            });
        }
        Operation::DropCheck { check, .. } => {
            table.checks.retain(|one| (&one.name, &one.expr) != (&check.name, &check.expr));
        }
        Operation::AddExclude { exclude, .. } => add(&mut table.excludes, exclude),
        Operation::DropExclude { exclude, .. } => table.excludes.retain(|one| one != exclude),
        Operation::AddForeignKey { key, .. } => {
            add_unless(&mut table.foreign_keys, key, |one| {
                ForeignKey { valid: key.valid, name: named(&one.name, &key.name), ..one.clone() } == *key
            });
        }
        Operation::DropForeignKey { key, .. } => table.foreign_keys.retain(|one| one != key),
        Operation::RenameConstraint { from, to, .. } => rename_constraint(table, from, to),
        Operation::CreateIndex { index, .. } => add_unless(&mut table.indexes, index, |one| {
            let name = if dialect == Dialect::Mysql { &index.name } else { &one.name };
            Index { name: name.clone(), ..one.clone() } == *index
        }),
        Operation::DropIndex { index, .. } => table.indexes.retain(|one| one != index),
        Operation::RenameIndex { from, index, .. } => {
            let unnamed = |index: &Index| Index { name: String::new(), ..index.clone() };
            for one in table.indexes.iter_mut().filter(|one| one.name == *from && unnamed(one) == unnamed(index)) {
                one.name.clone_from(&index.name);
            }
        }
        Operation::SetComment { column: None, to, .. } => table.comment.clone_from(to),
        Operation::SetComment { column: Some(column), to, .. } => {
            if let Some(column) = table.column_mut(column, dialect) {
                column.comment.clone_from(to);
            }
        }
        _ => {}
    }
}

fn on_column(table: &mut Table, of: &Column, dialect: Dialect, change: impl FnOnce(&mut Column)) {
    if let Some(column) = table.column_mut(&of.name, dialect) {
        change(column);
    }
}

fn add<T: Clone + PartialEq>(list: &mut Vec<T>, one: &T) {
    add_unless(list, one, |known| known == one);
}

fn add_unless<T: Clone>(list: &mut Vec<T>, one: &T, is_it: impl Fn(&T) -> bool) {
    if !list.iter().any(is_it) {
        list.push(one.clone());
    }
}

fn rename_constraint(table: &mut Table, from: &str, to: &str) {
    let keys = table.primary_key.iter_mut().map(|one| &mut one.name);
    let uniques = table.uniques.iter_mut().map(|one| &mut one.name);
    let checks = table.checks.iter_mut().map(|one| &mut one.name);
    let excludes = table.excludes.iter_mut().map(|one| &mut one.name);
    let references = table.foreign_keys.iter_mut().map(|one| &mut one.name);
    let names = keys.chain(uniques).chain(checks).chain(excludes).chain(references);
    for name in names.filter(|name| name.as_deref() == Some(from)) {
        *name = Some(to.to_owned());
    }
}
