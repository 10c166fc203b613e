//! Rows written to a table of ten columns, with a history or without: `writing URL history|plain
//! bulk|single ROWS`. `bulk` inserts a thousand rows a statement, then updates and deletes all of them at
//! once; `single` inserts each by itself. All of it is one transaction. `cargo xtask bench` measures both
//! and shows what is between them.

#![allow(clippy::print_stderr, reason = "a chore talks to the person who runs it")]

use std::process::ExitCode;

use ops_migrate::catalog::{Catalog, Name};
use ops_migrate::db::{Database, DatabaseUrl};
use ops_migrate::diff::Answers;
use ops_migrate::error::Result;
use ops_migrate::history_tables::{History, bring};
use ops_migrate::place::Place;
use ops_migrate::{render, replay};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [url, history, kind, rows] = args.as_slice() else { return ExitCode::from(2) };
    let Ok(rows) = rows.parse() else { return ExitCode::from(2) };
    match written(url, history == "history", kind == "bulk", rows) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn written(url: &str, has_history: bool, bulk: bool, rows: usize) -> Result<()> {
    let mut db = Database::connect(&DatabaseUrl::parse(url)?)?;
    let dialect = db.dialect();
    let empty = Catalog::empty(dialect);
    let mut catalog = empty.clone();
    let columns: Vec<String> = (1..10).map(|c| format!("c{c} varchar(20) NOT NULL")).collect();
    let table = format!("CREATE TABLE written (id integer PRIMARY KEY, {})", columns.join(", "));
    replay::apply(&mut catalog, &table, "schema.sql")?;
    if has_history {
        let history = History { suffix: "_history".to_owned(), keep: true, at: Place::file("schema.sql") };
        bring(&mut catalog, &Name::new("written"), &history);
    }
    let script = render::script(&empty, &catalog, &Answers::default())?;
    db.execute(&script.up)?;
    let done = write(&mut db, bulk, rows);
    db.execute(&script.down)?;
    done
}

fn write(db: &mut Database, bulk: bool, rows: usize) -> Result<()> {
    db.execute("BEGIN")?;
    let numbers: Vec<usize> = (0..rows).collect();
    for some in numbers.chunks(if bulk { 1_000 } else { 1 }) {
        let row = |n: &usize| format!("({n}{})", ", 'twenty letters here'".repeat(9));
        let values: Vec<String> = some.iter().map(row).collect();
        db.execute(&format!("INSERT INTO written VALUES {}", values.join(", ")))?;
    }
    if bulk {
        db.execute("UPDATE written SET c1 = 'other'")?;
        db.execute("DELETE FROM written")?;
    }
    db.execute("COMMIT")
}
