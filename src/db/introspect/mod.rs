//! Introspection: the whole catalog of a real database. On PostgreSQL the system catalogs say
//! everything; on SQLite the statements that the database keeps are replayed, since its pragmas
//! know neither checks nor the names of constraints; on MySQL and MariaDB `information_schema` says
//! everything. Diesel's table and the ledger are not part
//! of anybody's schema and never appear.

mod mysql;
mod mysql_tables;
mod postgres;
mod postgres_tables;
mod sqlite;

use super::Database;
use super::ledger::LEDGER_TABLE;
use crate::catalog::Catalog;
use crate::dialect::Dialect;
use crate::error::Result;

/// What the database has now.
///
/// # Errors
/// `Database` with the engine's own words.
pub fn introspect(db: &mut Database) -> Result<Catalog> {
    match db.dialect() {
        Dialect::Sqlite => sqlite::introspect(db),
        Dialect::Postgres => postgres::introspect(db),
        Dialect::Mysql => mysql::introspect(db),
    }
}

/// The options of a sequence that are not the default: a word, what it is, and the default.
fn sequence_options(numbers: &[(&str, i64, i64)], cycle: bool) -> String {
    let set = numbers.iter().filter(|(_, is, default)| is != default);
    let words = set.map(|(word, is, _)| format!("{word} {is}")).chain(cycle.then(|| "CYCLE".to_owned()));
    words.collect::<Vec<_>>().join(" ")
}

/// Tables of the tools.
fn is_ours(table: &str) -> bool {
    table == LEDGER_TABLE || table == super::settings::SETTINGS_TABLE || table == super::DIESEL_TABLE
}
