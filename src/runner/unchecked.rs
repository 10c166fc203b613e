//! SQLite texts that switch foreign keys off inside of their transaction, where that does nothing
//! (sqlite.org/pragma.html, foreign_keys): a table's rebuild would delete the rows that refer to it.
//! The switch is made before the transaction, as its author meant, and what refers to nothing at its
//! end is an error.

use super::Step;
use super::failure::Failure;
use crate::db::Database;
use crate::dialect::Dialect;
use crate::sql::tokens;

/// Whether the text says so.
pub(super) fn is_wanted(db: &Database, step: &Step) -> bool {
    // Most texts are not about it at all.
    db.dialect() == Dialect::Sqlite && step.sql.to_ascii_lowercase().contains("foreign_keys") && switches_off(&step.sql)
}

fn switches_off(sql: &str) -> bool {
    let tokens = tokens(Dialect::Sqlite, sql);
    let is = |at: usize, words: &[&str]| {
        tokens.get(at).is_some_and(|(_, token)| words.iter().any(|word| token.eq_ignore_ascii_case(word)))
    };
    (0..tokens.len()).any(|at| {
        is(at, &["pragma"])
            && is(at + 1, &["foreign_keys"])
            && is(at + 2, &["=", "("])
            && is(at + 3, &["off", "0", "false", "no", "'off'", "\"off\""])
    })
}

/// Switches them off; how many rows refer to nothing already.
pub(super) fn begin(db: &mut Database) -> Result<u64, Failure> {
    let before = broken(db)?;
    db.batch("PRAGMA foreign_keys = OFF").map_err(|e| Failure::of_engine(db, &e))?;
    Ok(before)
}

/// Refuses what the text has broken.
pub(super) fn check(db: &mut Database, before: u64) -> Result<(), Failure> {
    let broken = broken(db)?.saturating_sub(before);
    if broken == 0 {
        return Ok(());
    }
    let rows = if broken == 1 { "1 row refers".to_owned() } else { format!("{broken} rows refer") };
    Err(Failure::of_words(format!("with foreign keys switched off, it leaves a database in which {rows} to nothing")))
}

fn broken(db: &mut Database) -> Result<u64, Failure> {
    let count = db.text("SELECT CAST(count(*) AS text) AS row FROM pragma_foreign_key_check", &[]);
    Ok(count.map_err(Failure::of_ledger)?.and_then(|text| text.parse().ok()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::switches_off;

    #[test]
    fn the_ways_to_say_it() {
        let cases = [
            ("PRAGMA foreign_keys = OFF; SELECT 1", true),
            ("pragma foreign_keys=0", true),
            ("PRAGMA foreign_keys(false);", true),
            ("PRAGMA foreign_keys = ON", false),
            ("-- PRAGMA foreign_keys = OFF\nSELECT 'PRAGMA foreign_keys = OFF'", false),
            ("PRAGMA defer_foreign_keys = ON", false),
        ];
        for (sql, expected) in cases {
            assert_eq!(switches_off(sql), expected, "{sql}");
        }
    }
}
