//! About how many rows each table has, as the server keeps it in mind; counted where it does not.

use std::collections::BTreeMap;

use super::Database;
use crate::catalog::Name;
use crate::dialect::Dialect;
use crate::error::Result;

/// Rows by table, under the name that SQL gives it in the default schema.
///
/// # Errors
/// `Database` with the engine's own words.
pub fn estimated(db: &mut Database) -> Result<BTreeMap<String, u64>> {
    let sql = match db.dialect() {
        // -1 where neither VACUUM nor ANALYZE has looked at it (PostgreSQL manual 53.11).
        Dialect::Postgres => {
            "SELECT CASE WHEN n.nspname = current_schema() THEN '' ELSE n.nspname || '.' END || c.relname
                || ' ' || c.reltuples::bigint AS row
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
                AND n.nspname NOT LIKE 'pg_toast%' ORDER BY 1"
        }
        Dialect::Mysql => {
            "SELECT concat(table_name, ' ', coalesce(table_rows, -1)) AS `row` FROM information_schema.tables
             WHERE table_schema = database() AND table_type = 'BASE TABLE' ORDER BY table_name"
        }
        Dialect::Sqlite => {
            "SELECT name || ' -1' AS row FROM sqlite_schema
             WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
        }
    };
    let mut found = BTreeMap::new();
    for line in db.texts(sql, &[])?.into_iter().flatten() {
        let Some((table, rows)) = line.rsplit_once(' ') else { continue };
        let rows = match rows.parse::<u64>() {
            Ok(rows) => rows,
            Err(_) => db.count_rows(&name(table))?,
        };
        found.insert(table.to_owned(), rows);
    }
    Ok(found)
}

fn name(table: &str) -> Name {
    match table.split_once('.') {
        Some((schema, table)) => Name::qualified(schema, table),
        None => Name::new(table),
    }
}
