//! PostgreSQL: views that stand in the way of a change. A column that a view uses can neither
//! change its type nor go, so such views are dropped before and made again after; grants on them
//! have to be given again.

use std::collections::BTreeSet;

use super::context::Context;
use super::table::create_index;
use super::text::{mentions, terminated};
use crate::catalog::{Catalog, Name, View};
use crate::dialect::Dialect;
use crate::operation::Operation;

/// Statements before and after everything else.
pub(super) struct Around {
    pub(super) before: Vec<String>,
    pub(super) after: Vec<String>,
}

/// Drops the views that use a changed column, dependants first, and makes them again.
pub(super) fn around(context: &Context<'_>) -> Around {
    let names = in_the_way(context);
    let order: Vec<&View> = in_order(&context.renamed).into_iter().filter(|v| names.contains(&v.name)).collect();
    let before = order.iter().rev().map(|view| drop_view(view)).collect();
    let after = order.iter().filter_map(|view| context.to.view(&view.name)).flat_map(create_view).collect();
    Around { before, after }
}

fn drop_view(view: &View) -> String {
    let kind = if view.materialized { "MATERIALIZED VIEW" } else { "VIEW" };
    format!("DROP {kind} {};", view.name.sql(Dialect::Postgres))
}

/// A view with its indexes and its comment.
pub(super) fn create_view(view: &View) -> Vec<String> {
    let mut statements = vec![terminated(&view.sql)];
    statements.extend(view.indexes.iter().map(|index| create_index(&view.name, index, Dialect::Postgres)));
    if let Some(comment) = &view.comment {
        let kind = if view.materialized { "MATERIALIZED VIEW" } else { "VIEW" };
        let (name, text) = (view.name.sql(Dialect::Postgres), Dialect::Postgres.literal(comment));
        statements.push(format!("COMMENT ON {kind} {name} IS {text};"));
    }
    statements
}

/// Views in an order in which each finds what it uses.
pub(super) fn in_order(catalog: &Catalog) -> Vec<&View> {
    let mut left: Vec<&View> = catalog.views.values().collect();
    let mut order = Vec::new();
    while !left.is_empty() {
        let waits =
            |view: &View| left.iter().any(|other| other.name != view.name && view.depends_on.contains(&other.name));
        let free = left.iter().position(|view| !waits(view)).unwrap_or(0);
        order.push(left.remove(free));
    }
    order
}

fn in_the_way(context: &Context<'_>) -> BTreeSet<Name> {
    let changed = changed_columns(context);
    let uses = |view: &View| {
        changed.iter().any(|(table, column)| {
            let named = mentions(&view.sql, column, Dialect::Postgres) || view.sql.contains('*');
            view.depends_on.contains(table) && named
        })
    };
    let mut names: BTreeSet<Name> =
        context.renamed.views.values().filter(|view| uses(view)).map(|view| view.name.clone()).collect();
    loop {
        let more: Vec<Name> = context
            .renamed
            .views
            .values()
            .filter(|view| !names.contains(&view.name) && !view.depends_on.is_disjoint(&names))
            .map(|view| view.name.clone())
            .collect();
        if more.is_empty() {
            return names;
        }
        names.extend(more);
    }
}

fn changed_columns(context: &Context<'_>) -> Vec<(Name, String)> {
    let mut changed = Vec::new();
    for operation in context.operations {
        match operation {
            Operation::AlterType { table, to: column, .. } | Operation::DropColumn { table, column } => {
                changed.push((table.clone(), column.name.clone()));
            }
            Operation::AlterColumnKind { table, from, to }
                if from.generated != to.generated || from.collation != to.collation =>
            {
                changed.push((table.clone(), to.name.clone()));
            }
            Operation::RebuildEnum { columns, .. } => changed.extend(columns.iter().cloned()),
            _ => {}
        }
    }
    changed
}
