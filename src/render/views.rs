//! Views: as statements, and what steps aside with them.

use std::collections::BTreeSet;

use super::table::create_index;
use super::text::terminated;
use crate::catalog::{Catalog, Name, View};
use crate::dialect::Dialect;
use crate::operation::{Object, Operation};

/// The views that the operations drop.
pub(super) fn dropped_views(operations: &[Operation]) -> BTreeSet<Name> {
    let dropped = operations.iter().filter_map(|operation| match operation {
        Operation::DropObject { object } => object.view(),
        _ => None,
    });
    dropped.map(|view| view.name.clone()).collect()
}

/// Drops these views, and those that use them, and makes again what the other catalog has of them;
/// `renamed` is the catalog before, with the renames done.
pub(super) fn step_aside(mut gone: BTreeSet<Name>, operations: &mut Vec<Operation>, renamed: &Catalog, to: &Catalog) {
    for view in renamed.views_in_order() {
        if !view.depends_on.is_disjoint(&gone) {
            gone.insert(view.name.clone());
        }
    }
    for name in gone.difference(&dropped_views(operations)) {
        // A view brings its comment and its indexes, so steps of their own are not needed.
        let is_part = |o: &Operation| match o {
            Operation::ChangeObject { to, .. } => to.view().is_some_and(|view| view.name == *name),
            other => other.table() == Some(name),
        };
        operations.retain(|o| !is_part(o));
        let object = |view: &View| Object::View(view.clone());
        let drop = renamed.views.get(name).map(|view| Operation::DropObject { object: object(view) });
        let create = to.views.get(name).map(|view| Operation::CreateObject { object: object(view) });
        operations.extend(drop.into_iter().chain(create));
    }
}

pub(super) fn drop_view(view: &View, dialect: Dialect) -> String {
    format!("DROP {} {};", kind(view), view.name.sql(dialect))
}

/// A view with its indexes and its comment.
pub(super) fn create_view(view: &View, dialect: Dialect) -> Vec<String> {
    let mut statements = vec![terminated(&view.sql)];
    statements.extend(view.indexes.iter().map(|index| create_index(&view.name, index, dialect)));
    if let Some(comment) = view.comment.as_ref().filter(|_| dialect == Dialect::Postgres) {
        let (name, text) = (view.name.sql(dialect), dialect.literal(comment));
        statements.push(format!("COMMENT ON {} {name} IS {text};", kind(view)));
    }
    statements
}

fn kind(view: &View) -> &'static str {
    if view.materialized { "MATERIALIZED VIEW" } else { "VIEW" }
}
