//! Tables of which the schema itself says how many rows they hold at most: one (settings, counters, a
//! state), or one for each value that their key may have. Their locks are as short as a lock can be.

use crate::catalog::{Catalog, Check, IndexKey, Table};

/// How far keys that point to such a table are followed.
const DEEP: usize = 4;

/// How many rows a table can have at most, where its keys tell.
pub(super) fn at_most(table: &Table, catalog: &Catalog) -> Option<u64> {
    let values = || {
        let [key] = table.key_columns() else { return None };
        let ty = &table.column(key, catalog.dialect)?.ty;
        let kind = catalog.enums.iter().find(|(name, _)| ty.array == 0 && name.to_string() == ty.base)?.1;
        u64::try_from(kind.values.len()).ok()
    };
    if has_one_row(table, catalog) { Some(1) } else { values() }
}

/// Whether a table can have one row at most: a unique index whose keys are constants, a key whose columns
/// a CHECK lets have one value only, or a key that is a foreign key to such a table.
fn has_one_row(table: &Table, catalog: &Catalog) -> bool {
    one_row(table, catalog, DEEP)
}

fn one_row(table: &Table, catalog: &Catalog, deep: usize) -> bool {
    let constant = table.indexes.iter().filter(|index| index.unique && index.predicate.is_none()).any(|index| {
        index.parts.iter().all(|part| matches!(&part.key, IndexKey::Expr(expr) if is_constant(&expr.normal())))
    });
    let indexes = table.indexes.iter().filter(|index| index.unique && index.predicate.is_none());
    let by_index = indexes.map(|index| index.columns().map(str::to_owned).collect::<Vec<_>>());
    let by_unique = table.uniques.iter().map(|unique| unique.columns.clone());
    let mut keys = by_index.chain(by_unique).chain([table.key_columns().to_vec()]).filter(|key| !key.is_empty());
    let is_required = |name: &String| table.column(name, catalog.dialect).is_some_and(|column| !column.nullable);
    let is_pinned = |name: &String| is_required(name) && table.checks.iter().any(|check| pins(check, name));
    constant
        || keys.any(|key| {
            key.iter().all(is_pinned)
                || (deep > 0 && key.iter().all(is_required) && is_of_one(table, &key, catalog, deep))
        })
}

/// Whether the columns are a foreign key to a table with one row.
fn is_of_one(table: &Table, columns: &[String], catalog: &Catalog, deep: usize) -> bool {
    let mut keys = table.foreign_keys.iter().filter(|key| key.columns == columns && key.references != table.name);
    keys.any(|key| catalog.table(&key.references).is_some_and(|parent| one_row(parent, catalog, deep - 1)))
}

/// Whether a check lets a column have one value: `id = 1`, or the column alone, which is a boolean then.
fn pins(check: &Check, column: &str) -> bool {
    let text = check.expr.normal().to_lowercase();
    let text = bare(&text);
    let column = column.to_lowercase();
    let is_it = |side: &str| bare(side).trim_matches('"') == column;
    is_it(text)
        || is_it(text.trim_end_matches("is true").trim_end())
        || text.split_once('=').is_some_and(|(left, right)| {
            !left.ends_with(['<', '>', '!'])
                && ((is_it(left) && is_constant(right)) || (is_it(right) && is_constant(left)))
        })
}

fn bare(text: &str) -> &str {
    text.trim().trim_start_matches('(').trim_end_matches(')').trim()
}

/// Whether an expression is a number, a text, or true.
fn is_constant(text: &str) -> bool {
    let text = bare(text).split("::").next().unwrap_or_default().trim();
    let is_text = text.len() > 1
        && text.starts_with('\'')
        && text.find('\'').is_some_and(|_| text[1..].find('\'').is_some_and(|end| end + 2 == text.len()));
    is_text || text.eq_ignore_ascii_case("true") || (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::{at_most, has_one_row};
    use crate::catalog::{Catalog, Name};
    use crate::dialect::Dialect::Postgres;
    use crate::replay;

    #[test]
    fn keys_tell() {
        let cases = [
            ("CREATE TABLE t (id integer); CREATE UNIQUE INDEX i ON t ((true));", true),
            ("CREATE TABLE t (id integer); CREATE UNIQUE INDEX i ON t ((1));", true),
            ("CREATE TABLE t (id integer PRIMARY KEY CHECK (id = 1));", true),
            ("CREATE TABLE t (id boolean PRIMARY KEY DEFAULT true CHECK (id));", true),
            ("CREATE TABLE t (id boolean PRIMARY KEY, CHECK (id IS TRUE));", true),
            ("CREATE TABLE t (id text PRIMARY KEY CHECK (id = 'only'));", true),
            (
                "CREATE TABLE p (id integer PRIMARY KEY CHECK (id = 1)); CREATE TABLE t (p integer PRIMARY KEY REFERENCES p);",
                true,
            ),
            ("CREATE TABLE t (id integer PRIMARY KEY CHECK (id >= 1));", false),
            ("CREATE TABLE t (id integer PRIMARY KEY CHECK (id = 1 OR id = 2));", false),
            ("CREATE TABLE t (id integer CHECK (id = 1));", false),
            ("CREATE TABLE t (id integer PRIMARY KEY, a boolean NOT NULL CHECK (a));", false),
            ("CREATE TABLE t (id integer); CREATE UNIQUE INDEX i ON t ((true)) WHERE id > 1;", false),
            ("CREATE TABLE t (id integer); CREATE UNIQUE INDEX i ON t (id, (true));", false),
        ];
        for (sql, expected) in cases {
            let mut catalog = Catalog::empty(Postgres);
            replay::follow(&mut catalog, sql, "up.sql", &mut replay::Unwatched);
            let table = catalog.table(&Name::new("t")).unwrap();
            assert_eq!(has_one_row(table, &catalog), expected, "{sql}");
        }
    }

    #[test]
    fn a_key_of_an_enum_has_as_many_rows_as_values() {
        let mut catalog = Catalog::empty(Postgres);
        let sql = "CREATE TYPE kind AS ENUM ('a', 'b'); CREATE TABLE t (kind kind PRIMARY KEY);";
        replay::follow(&mut catalog, sql, "up.sql", &mut replay::Unwatched);
        assert_eq!(at_most(catalog.table(&Name::new("t")).unwrap(), &catalog), Some(2));
    }
}
