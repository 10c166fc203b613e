//! Views as statements.

use super::table::create_index;
use super::text::terminated;
use crate::catalog::View;
use crate::dialect::Dialect;

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
