//! PostgreSQL: foreign keys that stand in the way of a change of the key that they reference. The
//! server refuses to drop that key, so they are dropped before and made again after.

use super::{DIALECT, add_foreign_key, drop_constraint, foreign_key_name};
use crate::catalog::{ForeignKey, Name};
use crate::operation::Operation;
use crate::render::context::Context;
use crate::render::names;

/// What drops the foreign keys that reference a key which the operation drops.
pub(super) fn before(operation: &Operation, context: &Context<'_>) -> Vec<String> {
    on_dropped(operation, context)
        .into_iter()
        .map(|(table, key)| drop_constraint(&table, &foreign_key_name(&table, &key, context)))
        .collect()
}

/// What makes them again, under the names that they had.
pub(super) fn after(context: &Context<'_>) -> Vec<String> {
    context
        .operations
        .iter()
        .flat_map(|operation| on_dropped(operation, context))
        .map(|(table, key)| {
            let name = Some(foreign_key_name(&table, &key, context));
            add_foreign_key(&table, &ForeignKey { name, ..key }, context.to)
        })
        .collect()
}

fn on_dropped(operation: &Operation, context: &Context<'_>) -> Vec<(Name, ForeignKey)> {
    let (table, columns) = match operation {
        Operation::DropPrimaryKey { table, key } => (table, &key.columns),
        Operation::DropUnique { table, unique } => (table, &unique.columns),
        _ => return Vec::new(),
    };
    let primary = context.renamed.table(table).map_or(&[][..], |t| t.key_columns());
    context
        .renamed
        .referencing(table)
        .filter(|(_, key)| {
            let referenced = if key.ref_columns.is_empty() { primary } else { &key.ref_columns };
            same_set(referenced, columns)
        })
        .filter(|(from, key)| !context.drops(&from.name) && !is_dropped(&from.name, key, context))
        .map(|(from, key)| (from.name.clone(), key.clone()))
        .collect()
}

fn same_set(a: &[String], b: &[String]) -> bool {
    a.len() == b.len() && a.iter().all(|one| b.iter().any(|other| DIALECT.same_name(one, other)))
}

fn is_dropped(table: &Name, key: &ForeignKey, context: &Context<'_>) -> bool {
    let name = |key: &ForeignKey| names::foreign_key(table, key);
    context.operations.iter().any(|operation| match operation {
        Operation::DropForeignKey { table: of, key: dropped } => of == table && name(dropped) == name(key),
        _ => false,
    })
}
