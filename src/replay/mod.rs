//! Replay: statements applied to a catalog in memory, so that the schema at every revision is
//! known without a server. What cannot be followed makes the objects it names uncertain.

pub mod action;
mod cursor;
pub mod mysql;
pub mod postgres;
mod select;
#[cfg(test)]
mod server_testing;
pub mod sqlite;
#[cfg(test)]
mod testing;
mod text;

use self::text::Touched;
use crate::catalog::{Catalog, Uncertain};
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::place::Place;
use crate::sql::{self, Statement};

/// Applies every statement of `sql` (the text of `file`) to the catalog.
///
/// # Errors
/// Where the text does not parse, with its place. What parses and cannot be followed is no error:
/// it is added to [`Catalog::uncertain`].
pub fn apply(catalog: &mut Catalog, sql: &str, file: &str) -> Result<()> {
    match catalog.dialect {
        Dialect::Postgres => postgres::apply(catalog, sql, file),
        Dialect::Sqlite => sqlite::apply(catalog, sql, file),
        Dialect::Mysql => mysql::apply(catalog, sql, file),
    }
}

/// Who looks on while a script is replayed.
pub trait Watch {
    /// The catalog that a statement meets.
    fn before(&mut self, catalog: &Catalog, statement: &Statement<'_>);

    /// What the statement made of it.
    fn after(&mut self, catalog: &Catalog, statement: &Statement<'_>);
}

/// Nobody looks on.
pub struct Unwatched;

impl Watch for Unwatched {
    fn before(&mut self, _catalog: &Catalog, _statement: &Statement<'_>) {}

    fn after(&mut self, _catalog: &Catalog, _statement: &Statement<'_>) {}
}

/// [`apply`], watched, and past whatever does not parse: the errors, with their places.
pub fn follow(catalog: &mut Catalog, sql: &str, file: &str, watch: &mut dyn Watch) -> Vec<Error> {
    let prepared = Prepared::of(catalog.dialect, sql);
    follow_prepared(catalog, sql, file, &prepared, watch)
}

/// What can be told of a script before anybody knows the schema that it meets: on another thread, say.
#[derive(Debug, Default)]
pub struct Prepared {
    /// The other dialects' texts are split as they are followed, at a price that does not count.
    postgres: Option<sql::postgres::Parsed>,
}

impl Prepared {
    /// Reads a script's text.
    pub fn of(dialect: Dialect, sql: &str) -> Self {
        Self { postgres: (dialect == Dialect::Postgres).then(|| sql::postgres::Parsed::of(sql)) }
    }
}

/// [`follow`] for a text that was prepared.
pub fn follow_prepared(
    catalog: &mut Catalog,
    sql: &str,
    file: &str,
    prepared: &Prepared,
    watch: &mut dyn Watch,
) -> Vec<Error> {
    match catalog.dialect {
        Dialect::Postgres => {
            let parsed = prepared.postgres.as_ref();
            let read = || sql::postgres::Parsed::of(sql);
            let (statements, errors) = parsed.map_or_else(|| read().told(sql, file), |parsed| parsed.told(sql, file));
            postgres::follow(catalog, sql, file, &statements, watch);
            errors
        }
        Dialect::Sqlite => sqlite::follow(catalog, sql, file, watch),
        Dialect::Mysql => mysql::follow(catalog, sql, file, watch),
    }
}

/// Of a statement that is too long to be read in full, what it does to the schema is not known; one that
/// moves rows does nothing to it.
fn note_long(catalog: &mut Catalog, statement: &Statement<'_>, sql: &str, file: &str) {
    const ROWS: [&str; 8] = ["insert", "update", "delete", "select", "with", "values", "copy", "replace"];
    let verb = statement.text.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    if sql::is_long(statement.text) && !ROWS.iter().any(|word| verb.eq_ignore_ascii_case(word)) {
        let place = Place::at_offset(file, sql, statement.offset);
        let reason = "a statement of more than a megabyte is not read".to_owned();
        note_doubt(catalog, Touched::default(), reason, place);
    }
}

/// Notes, once, that objects may differ from the catalog from here on; no object: any may.
fn note_doubt(catalog: &mut Catalog, touched: Touched, reason: String, at: Place) {
    let Touched { objects, words } = touched;
    if !catalog.uncertain.iter().any(|u| u.objects == objects && u.words == words && u.reason == reason) {
        catalog.uncertain.push(Uncertain { objects, words, reason, at });
    }
}

#[cfg(test)]
mod tests {
    use crate::catalog::{Catalog, Name};
    use crate::dialect::Dialect;

    fn catalog(dialect: Dialect, tables: usize, columns: usize) -> Catalog {
        let columns: String = (0..columns).map(|n| format!(", c{n} varchar(9) NOT NULL")).collect();
        let sql: String =
            (0..tables).map(|n| format!("CREATE TABLE t{n} (id integer PRIMARY KEY{columns});\n")).collect();
        let mut catalog = Catalog::empty(dialect);
        super::apply(&mut catalog, &sql, "up.sql").unwrap();
        catalog
    }

    /// What makes a long chain cost what its length is, however large its tables become.
    #[test]
    fn a_change_of_one_table_copies_nothing_that_stays() {
        // With how many columns of the table it changes or makes.
        let cases = [
            ("ADD COLUMN extra integer", 1),
            ("DROP COLUMN c7", 0),
            ("RENAME COLUMN c7 TO name", 1),
            ("RENAME TO u", 0),
        ];
        for dialect in [Dialect::Postgres, Dialect::Sqlite, Dialect::Mysql] {
            let before = catalog(dialect, 100, 100);
            let old = &before.tables[&Name::new("t42")];
            for (change, touched) in cases {
                let mut after = before.clone();
                super::apply(&mut after, &format!("ALTER TABLE t42 {change};"), "up.sql").unwrap();
                let copied = after
                    .tables
                    .iter()
                    .filter(|(name, table)| !before.tables.get(name).is_some_and(|known| known.is_one_with(table)));
                let copied: Vec<_> = copied.map(|(_, table)| table).collect();
                assert_eq!(copied.len(), 1, "{dialect}: {change}");
                let new = copied[0].columns.iter().filter(|c| !old.columns.iter().any(|known| known.is_one_with(c)));
                assert_eq!(new.count(), touched, "{dialect}: {change}");
            }
        }
    }
}
