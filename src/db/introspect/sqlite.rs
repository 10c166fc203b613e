//! The catalog of an SQLite database: the statements that `sqlite_schema` keeps, replayed.
//! (`ALTER TABLE` rewrites them, so they always tell the present state: sqlite.org/schematab.html.)

use std::collections::BTreeSet;

use serde::Deserialize;

use super::is_ours;
use crate::catalog::{Catalog, Name, Uncertain};
use crate::db::Database;
use crate::dialect::Dialect;
use crate::error::Result;
use crate::place::Place;

#[derive(Deserialize)]
struct Object {
    name: String,
    table: String,
    sql: String,
}

/// Tables first, in the order of their making, then what stands on them. Left out: SQLite's own
/// tables and indexes, and the tables in which a virtual table keeps its data.
const OBJECTS: &str = "
    SELECT json_object('name', name, 'table', tbl_name, 'sql', sql) AS row FROM sqlite_schema
    WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
        AND tbl_name NOT IN (SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow')
    ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 WHEN 'view' THEN 2 ELSE 3 END, rowid";

pub(super) fn introspect(db: &mut Database) -> Result<Catalog> {
    let mut catalog = Catalog::empty(Dialect::Sqlite);
    for object in db.rows::<Object>(OBJECTS, &[])? {
        if is_ours(&object.table) {
            continue;
        }
        // The engine took it, so it is not wrong; what we cannot read is said to be uncertain.
        if let Err(error) = crate::replay::sqlite::apply(&mut catalog, &object.sql, "database") {
            catalog.uncertain.push(Uncertain {
                objects: BTreeSet::from([Name::new(object.name), Name::new(object.table)]),
                words: BTreeSet::new(),
                reason: error.message,
                at: Place::file("database"),
            });
        }
    }
    Ok(catalog)
}

#[cfg(test)]
mod tests {
    use crate::db::testing::{sqlite, with};

    #[test]
    fn a_table_of_ours_or_of_the_engine_never_appears() {
        let (_dir, url) = sqlite();
        let mut db = with(
            &url,
            "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP);
             CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT UNIQUE);
             CREATE VIRTUAL TABLE words USING fts5(word);
             CREATE INDEX t_a ON t (a);",
        );
        crate::db::ledger::ensure(&mut db).unwrap();
        let names: Vec<String> = db
            .rows::<super::Object>(super::OBJECTS, &[])
            .unwrap()
            .into_iter()
            .filter(|o| !super::is_ours(&o.table))
            .map(|o| o.name)
            .collect();
        assert_eq!(names, ["t", "words", "t_a"]);
    }
}
