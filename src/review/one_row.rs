//! Tables of which the schema itself says how many rows they hold at most: one (settings, counters, a
//! state), or one for each value that their key may have. Their locks are as short as a lock can be.

use crate::catalog::{Catalog, Check, IndexKey, Table};

/// How far keys that point to such a table are followed.
const DEEP: usize = 4;

/// How many rows a table can have at most, where its keys tell: a unique index whose keys are constants lets
/// one be, and a key as many as its columns have values together.
pub(super) fn at_most(table: &Table, catalog: &Catalog) -> Option<u64> {
    followed(table, catalog, DEEP)
}

fn followed(table: &Table, catalog: &Catalog, deep: usize) -> Option<u64> {
    let unique = || table.indexes.iter().filter(|index| index.unique && index.predicate.is_none());
    let constant = unique().any(|index| {
        index.parts.iter().all(|part| matches!(&part.key, IndexKey::Expr(expr) if is_constant(&expr.normal())))
    });
    if constant {
        return Some(1);
    }
    let plain = unique().filter(|index| index.columns().count() == index.parts.len());
    let by_index = plain.map(|index| index.columns().map(str::to_owned).collect::<Vec<_>>());
    let by_unique = table.uniques.iter().map(|unique| unique.columns.clone());
    let keys = by_index.chain(by_unique).chain([table.key_columns().to_vec()]).filter(|key| !key.is_empty());
    keys.filter_map(|key| rows_of(table, &key, catalog, deep)).min()
}

/// How many values the columns of a key have together.
fn rows_of(table: &Table, key: &[String], catalog: &Catalog, deep: usize) -> Option<u64> {
    // Any number of rows may have NULL in a key that allows it.
    if !key.iter().all(|name| table.column(name, catalog.dialect).is_some_and(|column| !column.nullable)) {
        return None;
    }
    let parents = |columns: &[String]| {
        let mut keys = table.foreign_keys.iter().filter(|key| key.columns == columns && key.references != table.name);
        keys.find_map(|key| followed(catalog.table(&key.references).filter(|_| deep > 0)?, catalog, deep - 1))
    };
    let values = |name: &String| {
        let column = table.column(name, catalog.dialect)?;
        if table.checks.iter().any(|check| pins(check, name)) {
            return Some(1);
        }
        let of_type = || match (column.ty.array, column.ty.base.as_str()) {
            (0, "boolean") => Some(2),
            (0, base) => {
                let kind = catalog.enums.iter().find(|(name, _)| name.to_string() == base)?.1;
                u64::try_from(kind.values.len()).ok()
            }
            _ => None,
        };
        of_type().or_else(|| parents(std::slice::from_ref(name)))
    };
    parents(key).or_else(|| key.iter().try_fold(1_u64, |rows, name| rows.checked_mul(values(name)?)))
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
    use super::at_most;
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
            assert_eq!(at_most(table, &catalog) == Some(1), expected, "{sql}");
        }
    }

    #[test]
    fn a_key_has_as_many_rows_as_its_columns_have_values() {
        let cases = [
            ("CREATE TABLE t (kind kind PRIMARY KEY);", Some(3)),
            ("CREATE TABLE t (kind kind, on_site boolean, PRIMARY KEY (kind, on_site));", Some(6)),
            (
                "CREATE TABLE p (kind kind PRIMARY KEY); CREATE TABLE t (a boolean NOT NULL, p kind NOT NULL REFERENCES p, UNIQUE (a, p));",
                Some(6),
            ),
            ("CREATE TABLE t (kind kind, n integer, PRIMARY KEY (kind, n));", None),
            ("CREATE TABLE t (kind kind UNIQUE);", None),
            ("CREATE TABLE t (kind kind[] PRIMARY KEY);", None),
            ("CREATE TABLE t (kind kind NOT NULL); CREATE UNIQUE INDEX i ON t (kind, (1 + 1));", None),
        ];
        for (sql, expected) in cases {
            let mut catalog = Catalog::empty(Postgres);
            let sql = format!("CREATE TYPE kind AS ENUM ('a', 'b', 'c'); {sql}");
            replay::follow(&mut catalog, &sql, "up.sql", &mut replay::Unwatched);
            assert_eq!(at_most(catalog.table(&Name::new("t")).unwrap(), &catalog), expected, "{sql}");
        }
    }
}
