//! Tables that read like a list which people keep: categories, roles, currencies, blocked domains. Nobody
//! knows their size from the schema, but a reader takes them for short.

use crate::catalog::{Catalog, Column, IndexKey, Table};
use crate::dialect::Dialect;

/// Whether a table points to others in any of some catalogs.
pub(super) fn refers(table: &Table, catalogs: &[&Catalog]) -> bool {
    let known = catalogs.iter().filter_map(|catalog| catalog.table(&table.name));
    known.chain([table]).any(|table| !table.foreign_keys.is_empty())
}

/// Whether the shape of a table is that of a list: each row has a name of its own, a key of one column
/// tells it, nothing in it is of another table, at most one table is about its rows, nobody has had to
/// make an index, and no column holds a document.
pub(super) fn is_list(table: &Table, catalogs: &[&Catalog]) -> bool {
    let [key] = table.key_columns() else { return false };
    let of = |name: &str| table.column(name, Dialect::Postgres);
    let has_name = names(table).any(|name| of(name).is_some_and(is_text));
    let is_short_key =
        of(key).is_some_and(|key| is_text(key) || matches!(key.ty.base.as_str(), "integer" | "smallint"));
    let users = catalogs.iter().map(|catalog| catalog.referencing(&table.name).count()).max();
    has_name
        && is_short_key
        && !refers(table, catalogs)
        && users.is_none_or(|users| users <= 1)
        && table.indexes.iter().all(|index| index.unique)
        && table.options.partition_by.is_none()
        && !table.columns.iter().any(holds_document)
}

/// The columns that are a key by themselves.
fn names(table: &Table) -> impl Iterator<Item = &str> {
    let alone = |columns: &'_ [String]| columns.len() == 1;
    let uniques = table.uniques.iter().map(|unique| unique.columns.as_slice()).chain([table.key_columns()]);
    let by_index = table.indexes.iter().filter(|index| index.unique && index.parts.len() == 1);
    let by_index = by_index.filter_map(|index| match &index.parts[0].key {
        IndexKey::Column(name) => Some(name.as_str()),
        IndexKey::Expr(_) => None,
    });
    uniques
        .filter(move |columns| alone(columns))
        .flat_map(|columns| columns.first())
        .map(String::as_str)
        .chain(by_index)
}

fn is_text(column: &Column) -> bool {
    matches!(column.ty.base.as_str(), "text" | "character varying" | "citext" | "character") && column.ty.array == 0
}

fn holds_document(column: &Column) -> bool {
    matches!(column.ty.base.as_str(), "json" | "jsonb" | "bytea" | "tsvector" | "xml")
}

#[cfg(test)]
mod tests {
    use super::is_list;
    use crate::catalog::{Catalog, Name};
    use crate::dialect::Dialect::Postgres;
    use crate::replay;

    #[test]
    fn shapes_tell() {
        let cases = [
            ("CREATE TABLE t (id serial PRIMARY KEY, name text NOT NULL UNIQUE, created_at timestamp);", true),
            ("CREATE TABLE t (code varchar(2) PRIMARY KEY, at timestamp);", true),
            ("CREATE TABLE t (id serial PRIMARY KEY, name text); CREATE UNIQUE INDEX i ON t (name);", true),
            (
                "CREATE TABLE t (id serial PRIMARY KEY, name text UNIQUE); CREATE TABLE u (t integer REFERENCES t);",
                true,
            ),
            (
                "CREATE TABLE t (id serial PRIMARY KEY, name text UNIQUE); CREATE TABLE u (t integer REFERENCES t); \
                 CREATE TABLE v (t integer REFERENCES t);",
                false,
            ),
            ("CREATE TABLE t (id serial PRIMARY KEY, name text UNIQUE); CREATE INDEX i ON t (name);", false),
            ("CREATE TABLE t (id bigserial PRIMARY KEY, name text UNIQUE);", false),
            ("CREATE TABLE t (id serial PRIMARY KEY, path text, at timestamp);", false),
            ("CREATE TABLE t (id serial PRIMARY KEY, name text UNIQUE, data jsonb);", false),
            ("CREATE TABLE t (a text, b text, PRIMARY KEY (a, b));", false),
            (
                "CREATE TABLE o (id integer PRIMARY KEY); CREATE TABLE t (name text PRIMARY KEY, o integer REFERENCES o);",
                false,
            ),
        ];
        for (sql, expected) in cases {
            let mut catalog = Catalog::empty(Postgres);
            replay::follow(&mut catalog, sql, "up.sql", &mut replay::Unwatched);
            let table = catalog.table(&Name::new("t")).unwrap();
            assert_eq!(is_list(table, &[&catalog]), expected, "{sql}");
        }
    }
}
