//! Replay: statements applied to a catalog in memory, so that the schema at every revision is
//! known without a server. What cannot be followed makes the objects it names uncertain.

pub mod postgres;
pub mod sqlite;

use crate::catalog::{Catalog, Uncertain};
use crate::dialect::Dialect;
use crate::error::Result;
use crate::place::Place;

/// Applies every statement of `sql` (the text of `file`) to the catalog.
///
/// # Errors
/// Where the text does not parse, with its place. What parses and cannot be followed is no error:
/// it is added to [`Catalog::uncertain`].
pub fn apply(catalog: &mut Catalog, sql: &str, file: &str) -> Result<()> {
    match catalog.dialect {
        Dialect::Postgres => postgres::apply(catalog, sql, file),
        Dialect::Sqlite => sqlite::apply(catalog, sql, file),
        Dialect::Mysql => {
            let reason = "MySQL statements are not followed yet".to_owned();
            if !catalog.uncertain.iter().any(|u| u.reason == reason) {
                catalog.uncertain.push(Uncertain { objects: Default::default(), reason, at: Place::file(file) });
            }
            Ok(())
        }
    }
}
