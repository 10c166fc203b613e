//! MySQL and MariaDB end a transaction without being asked wherever a statement changes the schema
//! (MySQL manual 15.3.3): which texts can do that, and whether one that failed did. The other
//! engines have nothing like it.

use super::Step;
use crate::db::{Database, is_connection_loss};
use crate::dialect::Dialect;
use crate::sql::mysql::{statements, tokens};

/// A statement that the server refuses inside of a transaction, and that changes nothing outside.
pub(super) const REFUSED_IN_TRANSACTION: &str = "SET TRANSACTION READ WRITE";

/// Whether a text may end the transaction that it runs in: it has a statement that is not about
/// rows alone, or none that can be told.
pub(super) fn is_possible(sql: &str) -> bool {
    let about_rows = |text: &str| tokens(text).first().is_some_and(|first| ROWS.iter().any(|word| first.is(word)));
    !statements(sql).is_ok_and(|found| found.iter().all(|statement| about_rows(statement.text)))
}

/// How statements begin that read or change rows and nothing else.
const ROWS: [&str; 8] = ["insert", "update", "delete", "replace", "select", "with", "values", "do"];

/// Whether a text that failed just now, and is not undone yet, may have left something behind.
pub(super) fn has_happened(db: &mut Database, step: &Step) -> bool {
    if db.dialect() != Dialect::Mysql || step.is_atomic(Dialect::Mysql) {
        return false;
    }
    match db.batch(REFUSED_IN_TRANSACTION) {
        // Nobody can tell.
        Err(error) if is_connection_loss(&error) => true,
        Err(_) if step.in_transaction => false,
        _ => !is_indivisible(&step.sql),
    }
}

/// Whether a failure of the text leaves nothing: it is no more than one statement, and not one that
/// drops several tables (MariaDB manual, Atomic DDL: each is dropped by itself).
fn is_indivisible(sql: &str) -> bool {
    let drops_several = |text: &str| {
        let tokens = tokens(text);
        tokens.first().is_some_and(|first| first.is("drop")) && tokens.iter().any(|token| token.text == ",")
    };
    statements(sql).is_ok_and(|found| found.len() <= 1 && !found.iter().any(|statement| drops_several(statement.text)))
}

#[cfg(test)]
mod tests {
    use super::{is_indivisible, is_possible};

    #[test]
    fn only_texts_about_rows_are_known_to_stay_in_their_transaction() {
        let cases = [
            ("UPDATE t SET created = 1 WHERE x IN (SELECT 1); DELETE FROM u;", false),
            ("INSERT INTO t VALUES (1); ALTER\nTABLE t ADD x int", true),
            ("/*!50000 CREATE */ TABLE t (x int)", true),
            ("INSERT INTO t VALUES ('drop; it') -- alter", false),
            ("SET autocommit = 1; INSERT INTO t VALUES (1)", true),
            ("CALL whatever()", true),
            ("(SELECT 1)", true),
            ("INSERT INTO t VALUES ('", true),
        ];
        for (sql, expected) in cases {
            assert_eq!(is_possible(sql), expected, "{sql}");
        }
    }

    #[test]
    fn one_statement_is_told_from_several() {
        let cases = [
            ("CREATE TABLE t (x int, y int);\n", true),
            ("CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN SET new.x = 1; END", true),
            ("A; B", false),
            ("SELECT ';'", true),
            ("SELECT '", false),
            ("DROP TABLE a, b", false),
            ("DROP TABLE a", true),
        ];
        for (sql, expected) in cases {
            assert_eq!(is_indivisible(sql), expected, "{sql}");
        }
    }
}
