//! MySQL: what stands in the way of a change and is taken away before and made again after. The
//! server refuses to change a column or key that a foreign key uses, on either side of it, and it
//! leaves the bodies of triggers as they are when a column is renamed.

use super::DIALECT;
use crate::catalog::{Catalog, Column, ForeignKey, Name, Table, Trigger, mysql};
use crate::operation::Operation;
use crate::render::context::Context;
use crate::render::text::mentions;

/// The operations with those that have to stand around them.
pub(super) fn with_surroundings(context: &Context<'_>) -> Vec<Operation> {
    let keys = keys_in_the_way(context);
    let triggers = stale_triggers(context);
    let drop_key =
        |(table, key): &(Name, ForeignKey)| Operation::DropForeignKey { table: table.clone(), key: key.clone() };
    let add_key =
        |(table, key): &(Name, ForeignKey)| Operation::AddForeignKey { table: table.clone(), key: key.clone() };
    let drop_trigger =
        |(table, trigger): &(Name, Trigger)| Operation::DropTrigger { table: table.clone(), trigger: trigger.clone() };
    let create_trigger = |(table, trigger): &(Name, Trigger)| Operation::CreateTrigger {
        table: table.clone(),
        trigger: trigger.clone(),
    };
    let mut all: Vec<Operation> = keys.iter().map(drop_key).collect();
    all.extend(triggers.iter().map(drop_trigger));
    all.extend(context.operations.iter().cloned());
    all.extend(keys.iter().filter(|(table, _)| !context.drops(table)).map(add_key));
    all.extend(triggers.iter().map(create_trigger));
    all
}

/// Foreign keys that no operation drops, and that use what is changed; those of tables that are
/// dropped in the end are in the way, too.
fn keys_in_the_way(context: &Context<'_>) -> Vec<(Name, ForeignKey)> {
    let changed = changed_columns(context);
    let touches = |table: &Name, columns: &[String]| {
        changed
            .iter()
            .any(|(of, column)| of.same(table, DIALECT) && columns.iter().any(|c| DIALECT.same_name(c, column)))
    };
    let mut found = Vec::new();
    for (table, key) in kept_keys(context) {
        let uses = touches(&table.name, &key.columns) || touches(&key.references, &key.ref_columns);
        if uses || loses_target(key, context) {
            found.push((table.name.clone(), key.clone()));
        }
    }
    found
}

/// The foreign keys that no operation drops by itself.
fn kept_keys<'c>(context: &'c Context<'_>) -> impl Iterator<Item = (&'c Table, &'c ForeignKey)> {
    let dropped = |table: &Name, key: &ForeignKey| {
        context.operations.iter().any(|operation| match operation {
            Operation::DropForeignKey { table: of, key: gone } => of == table && gone == key,
            _ => false,
        })
    };
    context
        .renamed
        .tables
        .values()
        .flat_map(|table| table.foreign_keys.iter().map(move |key| (&**table, key)))
        .filter(move |(table, key)| !dropped(&table.name, key))
}

/// Columns whose definition changes in a way that a foreign key forbids.
fn changed_columns(context: &Context<'_>) -> Vec<(Name, String)> {
    let forbidden = |from: &Column, to: &Column| {
        from.ty != to.ty || from.collation != to.collation || from.generated != to.generated
    };
    context
        .operations
        .iter()
        .filter_map(|operation| match operation {
            Operation::AlterType { table, from, to, .. } | Operation::AlterColumnKind { table, from, to }
                if forbidden(from, to) =>
            {
                Some((table.clone(), to.name.clone()))
            }
            Operation::SetNotNull { table, column, .. } | Operation::DropNotNull { table, column } => {
                Some((table.clone(), column.name.clone()))
            }
            _ => None,
        })
        .collect()
}

/// Whether the key that a foreign key references goes, and no other serves it in the same table at
/// the same time.
fn loses_target(key: &ForeignKey, context: &Context<'_>) -> bool {
    let drops_key = context.operations.iter().any(|operation| match operation {
        Operation::DropPrimaryKey { table, .. }
        | Operation::DropUnique { table, .. }
        | Operation::DropIndex { table, .. } => table.same(&key.references, DIALECT),
        _ => false,
    });
    drops_key && !serves_throughout(&key.references, &key.ref_columns, &[&context.renamed, context.to])
}

/// Whether the same key serves the columns before and after.
fn serves_throughout(table: &Name, columns: &[String], catalogs: &[&Catalog; 2]) -> bool {
    let [Some(before), Some(after)] = catalogs.map(|catalog| catalog.table(table)) else { return false };
    let mut kept = Table::new(table.clone());
    kept.primary_key = before.primary_key.clone().filter(|key| after.key_columns() == key.columns);
    kept.uniques =
        before.uniques.iter().filter(|u| after.uniques.iter().any(|o| o.columns == u.columns)).cloned().collect();
    kept.indexes =
        before.indexes.iter().filter(|i| after.indexes.iter().any(|o| o.parts == i.parts)).cloned().collect();
    mysql::serves(&kept, columns)
}

/// Triggers whose bodies name a column of their table that is renamed: to be made again, by its new
/// name.
fn stale_triggers(context: &Context<'_>) -> Vec<(Name, Trigger)> {
    let mut found = Vec::new();
    for operation in context.operations {
        let Operation::RenameColumn { table, to, .. } = operation else { continue };
        let triggers = context.to.table(table).map(|table| table.triggers.as_slice()).unwrap_or_default();
        for trigger in triggers.iter().filter(|trigger| mentions(&trigger.sql, to, DIALECT)) {
            let is_new = |o: &Operation| matches!(o, Operation::CreateTrigger { trigger: new, .. } if new == trigger);
            let entry = (table.clone(), trigger.clone());
            if !context.operations.iter().any(is_new) && !found.contains(&entry) {
                found.push(entry);
            }
        }
    }
    found
}
