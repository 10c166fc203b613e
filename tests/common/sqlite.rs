//! SQLite without any of our own code, to see what commands really did.

use std::path::Path;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Nullable<Text>)]
    line: Option<String>,
}

/// The rows of a query of one text column, one a line.
pub(crate) fn query(file: &Path, sql: &str) -> String {
    let rows: Vec<Row> =
        diesel::sql_query(format!("SELECT CAST(line AS TEXT) AS line FROM ({sql})")).load(&mut open(file)).unwrap();
    rows.into_iter().map(|row| row.line.unwrap_or_else(|| "NULL".to_owned())).collect::<Vec<_>>().join("\n")
}

/// Runs statements.
pub(crate) fn execute(file: &Path, sql: &str) {
    open(file).batch_execute(sql).unwrap();
}

fn open(file: &Path) -> SqliteConnection {
    assert!(file.exists(), "{} is not there", file.display());
    SqliteConnection::establish(file.to_str().unwrap()).unwrap()
}
