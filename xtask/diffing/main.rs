//! Two schemas of 150 tables, 1,500 columns, 400 indexes and 200 foreign keys, of which a tenth of
//! the tables differ: replayed, and compared as often as the argument says. `cargo xtask bench`
//! measures it with none and with many comparisons, so that the replay can be told apart.

use std::fmt::Write as _;
use std::process::ExitCode;

use ops_migrate::catalog::Catalog;
use ops_migrate::dialect::Dialect;
use ops_migrate::diff::{Answers, diff};
use ops_migrate::error::Result;
use ops_migrate::replay;

/// How many operations lead from one of the schemas to the other.
const DIFFERENT: usize = 15;

fn main() -> ExitCode {
    let times = std::env::args().nth(1).and_then(|times| times.parse().ok()).unwrap_or(1);
    match compared(times) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) | Err(_) => ExitCode::FAILURE,
    }
}

fn compared(times: usize) -> Result<bool> {
    let (from, to) = (catalog("integer")?, catalog("bigint")?);
    Ok((0..times).all(|_| diff(&from, &to, &Answers::default()).len() == DIFFERENT))
}

fn catalog(changed: &str) -> Result<Catalog> {
    let mut catalog = Catalog::empty(Dialect::Postgres);
    replay::apply(&mut catalog, &schema(changed), "schema.sql")?;
    Ok(catalog)
}

fn schema(changed: &str) -> String {
    let mut sql = String::new();
    for n in 0_usize..150 {
        let columns: Vec<String> = (1..9).map(|c| format!("c{c} text NOT NULL DEFAULT 'x{c}'")).collect();
        let parent = n.saturating_sub(1);
        let ty = if n.is_multiple_of(10) { changed } else { "integer" };
        let _ = writeln!(
            sql,
            "CREATE TABLE t{n} (id {ty} PRIMARY KEY, {}, parent integer REFERENCES t{parent}, CHECK (c1 <> 'a' AND c2 > c3));",
            columns.join(", ")
        );
        for c in 1..=(if n < 100 { 3 } else { 2 }) {
            let _ = writeln!(sql, "CREATE INDEX t{n}_c{c} ON t{n} (c{c}, lower(c4)) WHERE c{c} <> '';");
        }
        if n < 50 {
            let _ = writeln!(sql, "ALTER TABLE t{n} ADD FOREIGN KEY (id) REFERENCES t{parent};");
        }
    }
    sql
}
