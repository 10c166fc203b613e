//! What differs between two states of one table.

use super::{Answers, Ranked, push};
use crate::catalog::{AutoValue, Catalog, Column, ForeignKey, Index, Table, Unique};
use crate::dialect::Dialect;
use crate::operation::Operation;

/// Adds the operations that lead from one state of a table to the other.
pub(super) fn diff_table(
    old: &Table,
    new: &Table,
    from: &Catalog,
    to: &Catalog,
    answers: &Answers,
    found: &mut Vec<Ranked>,
) {
    diff_columns(old, new, to.dialect, answers, found);
    diff_primary_key(old, new, to.dialect, found);
    let table = || new.name.clone();
    for unique in missing(&old.uniques, &new.uniques, |a, b| same_unique(a, b, to.dialect)) {
        push(found, Operation::DropUnique { table: table(), unique: unique.clone() });
    }
    for unique in missing(&new.uniques, &old.uniques, |a, b| same_unique(a, b, to.dialect)) {
        push(found, Operation::AddUnique { table: table(), unique: unique.clone() });
    }
    for check in missing(&old.checks, &new.checks, |a, b| a.expr == b.expr) {
        push(found, Operation::DropCheck { table: table(), check: check.clone() });
    }
    for check in missing(&new.checks, &old.checks, |a, b| a.expr == b.expr) {
        push(found, Operation::AddCheck { table: table(), check: check.clone() });
    }
    for exclude in missing(&old.excludes, &new.excludes, |a, b| a.text == b.text) {
        push(found, Operation::DropExclude { table: table(), exclude: exclude.clone() });
    }
    for exclude in missing(&new.excludes, &old.excludes, |a, b| a.text == b.text) {
        push(found, Operation::AddExclude { table: table(), exclude: exclude.clone() });
    }
    let same_key = |a: &ForeignKey, b: &ForeignKey| same_foreign_key(a, b, from, to);
    for key in missing(&old.foreign_keys, &new.foreign_keys, same_key) {
        push(found, Operation::DropForeignKey { table: table(), key: key.clone() });
    }
    for key in missing(&new.foreign_keys, &old.foreign_keys, same_key) {
        push(found, Operation::AddForeignKey { table: table(), key: key.clone() });
    }
    for index in missing(&old.indexes, &new.indexes, same_index) {
        push(found, Operation::DropIndex { table: table(), index: index.clone() });
    }
    for index in missing(&new.indexes, &old.indexes, same_index) {
        push(found, Operation::CreateIndex { table: table(), index: index.clone() });
    }
    diff_triggers(old, new, found);
    diff_comments(old, new, to.dialect, found);
}

/// What of `these` has no equal among `those`, each of those counting once.
fn missing<'a, T>(these: &'a [T], those: &[T], same: impl Fn(&T, &T) -> bool) -> Vec<&'a T> {
    let mut used = vec![false; those.len()];
    these
        .iter()
        .filter(|one| match (0..those.len()).find(|at| !used[*at] && same(one, &those[*at])) {
            Some(at) => {
                used[at] = true;
                false
            }
            None => true,
        })
        .collect()
}

fn diff_columns(old: &Table, new: &Table, dialect: Dialect, answers: &Answers, found: &mut Vec<Ranked>) {
    for column in &new.columns {
        let at = (new.name.clone(), column.name.clone());
        match old.column(&column.name, dialect) {
            None => {
                let fill = answers.fills.get(&at).cloned();
                push(found, Operation::AddColumn { table: new.name.clone(), column: column.clone(), fill });
            }
            Some(before) => diff_column(before, column, new, answers, found),
        }
    }
    for column in old.columns.iter().filter(|c| new.column(&c.name, dialect).is_none()) {
        push(found, Operation::DropColumn { table: new.name.clone(), column: column.clone() });
    }
}

fn diff_column(before: &Column, after: &Column, table: &Table, answers: &Answers, found: &mut Vec<Ranked>) {
    let name = || table.name.clone();
    let at = (table.name.clone(), after.name.clone());
    if before.ty != after.ty {
        let using = answers.using.get(&at).cloned();
        push(found, Operation::AlterType { table: name(), from: before.clone(), to: after.clone(), using });
    }
    if before.generated != after.generated
        || !same_auto(before, after)
        || (&before.charset, &before.collation) != (&after.charset, &after.collation)
        || before.on_update != after.on_update
        || before.check != after.check
    {
        push(found, Operation::AlterColumnKind { table: name(), from: before.clone(), to: after.clone() });
    }
    if before.default != after.default {
        push(found, Operation::AlterDefault { table: name(), from: before.clone(), to: after.clone() });
    }
    match (before.nullable, after.nullable) {
        (true, false) => {
            let fill = answers.fills.get(&at).cloned();
            push(found, Operation::SetNotNull { table: name(), column: after.clone(), fill });
        }
        (false, true) => push(found, Operation::DropNotNull { table: name(), column: after.clone() }),
        _ => {}
    }
}

/// The sequence behind a serial column is an implementation detail.
fn same_auto(a: &Column, b: &Column) -> bool {
    match (&a.auto, &b.auto) {
        (Some(AutoValue::Serial { .. }), Some(AutoValue::Serial { .. })) => true,
        (a, b) => a == b,
    }
}

fn same_names(a: &[String], b: &[String], dialect: Dialect) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| dialect.same_name(a, b))
}

fn diff_primary_key(old: &Table, new: &Table, dialect: Dialect, found: &mut Vec<Ranked>) {
    if same_names(old.key_columns(), new.key_columns(), dialect) {
        return;
    }
    if let Some(key) = &old.primary_key {
        push(found, Operation::DropPrimaryKey { table: new.name.clone(), key: key.clone() });
    }
    if let Some(key) = &new.primary_key {
        push(found, Operation::AddPrimaryKey { table: new.name.clone(), key: key.clone() });
    }
}

fn same_unique(a: &Unique, b: &Unique, dialect: Dialect) -> bool {
    same_names(&a.columns, &b.columns, dialect)
        && a.nulls_not_distinct == b.nulls_not_distinct
        && a.deferrable == b.deferrable
}

fn same_foreign_key(a: &ForeignKey, b: &ForeignKey, from: &Catalog, to: &Catalog) -> bool {
    let columns = |key: &ForeignKey| -> Vec<String> {
        if !key.ref_columns.is_empty() {
            return key.ref_columns.clone();
        }
        let target = to.table(&key.references).or_else(|| from.table(&key.references));
        target.map(|t| t.key_columns().to_vec()).unwrap_or_default()
    };
    same_names(&a.columns, &b.columns, to.dialect)
        && a.references.same(&b.references, to.dialect)
        && same_names(&columns(a), &columns(b), to.dialect)
        && (a.on_delete, a.on_update, a.deferrable) == (b.on_delete, b.on_update, b.deferrable)
}

fn same_index(a: &Index, b: &Index) -> bool {
    let unnamed = |index: &Index| Index { name: String::new(), ..index.clone() };
    unnamed(a) == unnamed(b)
}

fn diff_triggers(old: &Table, new: &Table, found: &mut Vec<Ranked>) {
    let folded = |sql: &str| sql.split_whitespace().collect::<Vec<_>>().join(" ");
    let same =
        |a: &crate::catalog::Trigger, b: &crate::catalog::Trigger| a.name == b.name && folded(&a.sql) == folded(&b.sql);
    for trigger in missing(&old.triggers, &new.triggers, same) {
        push(found, Operation::DropTrigger { table: new.name.clone(), trigger: trigger.clone() });
    }
    for trigger in missing(&new.triggers, &old.triggers, same) {
        push(found, Operation::CreateTrigger { table: new.name.clone(), trigger: trigger.clone() });
    }
}

fn diff_comments(old: &Table, new: &Table, dialect: Dialect, found: &mut Vec<Ranked>) {
    if old.comment != new.comment {
        let (from, to) = (old.comment.clone(), new.comment.clone());
        push(found, Operation::SetComment { table: new.name.clone(), column: None, from, to });
    }
    for column in &new.columns {
        let before = old.column(&column.name, dialect).and_then(|c| c.comment.clone());
        if before != column.comment {
            let (name, to) = (Some(column.name.clone()), column.comment.clone());
            push(found, Operation::SetComment { table: new.name.clone(), column: name, from: before, to });
        }
    }
}
