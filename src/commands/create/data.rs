//! `create --data`: the scaffold of a data step in batches.

use crate::catalog::{Catalog, Table};
use crate::chain::metadata::Batch;
use crate::commands::view::table_name;
use crate::error::{Error, Result};
use crate::runner::batch::MARK;

/// The order in which `TABLE` or `TABLE.KEY` is gone through.
///
/// # Errors
/// Where there is no such table or column, or the primary key is none or of several columns.
pub(super) fn batch(text: &str, size: u32, schema: &Catalog) -> Result<Batch> {
    let (table, key) = match (schema.table(&table_name(text)), text.rsplit_once('.')) {
        (Some(table), _) => (table, None),
        (None, Some((table, key))) => {
            (schema.table(&table_name(table)).ok_or_else(|| no_table(text, table))?, Some(key))
        }
        (None, None) => return Err(no_table(text, text)),
    };
    let key = match key {
        Some(key) if table.columns.iter().any(|column| column.name == key) => key.to_owned(),
        Some(key) => return Err(Error::undecided(format!("--data {text}: {} has no column `{key}`", table.name))),
        None => primary_key(text, table)?,
    };
    Ok(Batch { table: table.name.to_string(), key, size, pause_ms: 0 })
}

fn no_table(text: &str, table: &str) -> Error {
    Error::undecided(format!("--data {text}: the revisions make no table `{table}`"))
        .hint("`cargo ops-migrate schema` lists the tables")
}

fn primary_key(text: &str, table: &Table) -> Result<String> {
    match table.primary_key.as_ref().map(|key| key.columns.as_slice()) {
        Some([key]) => Ok(key.clone()),
        _ => Err(Error::undecided(format!("--data {text}: the primary key of {} is not one column", table.name))
            .hint(format!("name a unique column by whose order the rows are taken: --data {}.COLUMN", table.name))),
    }
}

/// `up.sql` and `down.sql`, to be filled in.
pub(super) fn scripts(batch: &Batch) -> (String, String) {
    let Batch { table, key, size, .. } = batch;
    let up = format!(
        "-- Runs once for every {size} rows of {table}, in the order of {key}. Each batch is a transaction; a run
-- that ends early goes on after the last one. The condition of a batch takes the place of the TRUE
-- behind the mark. A plain `diesel migration run` runs the text as it stands, for all rows at once.
UPDATE {table}
SET {key} = {key} -- what changes
WHERE {MARK} TRUE;
"
    );
    let down =
        "-- What the step changed stays. Write the statements that take it back where that is needed.\nSELECT 1;\n";
    (up, down.to_owned())
}
