//! MySQL and MariaDB end a transaction without being asked wherever a statement changes the schema
//! (MySQL manual 15.3.3): which texts can do that, and whether one that failed did. The other
//! engines have nothing like it.

use super::Step;
use crate::db::{Database, is_connection_loss};
use crate::dialect::Dialect;

/// A statement that the server refuses inside of a transaction, and that changes nothing outside.
pub(super) const REFUSED_IN_TRANSACTION: &str = "SET TRANSACTION READ WRITE";

/// Whether a text may end the transaction that it runs in. Only a text that has none of the words
/// of such statements, not even in a comment, is known not to.
pub(super) fn is_possible(sql: &str) -> bool {
    let words = sql.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.map(str::to_ascii_lowercase).any(|word| COMMITTING.contains(&word.as_str()))
}

/// Whether a text that failed just now, and is not undone yet, has left something behind.
pub(super) fn has_happened(db: &mut Database, step: &Step) -> bool {
    if db.dialect() != Dialect::Mysql || step.is_atomic(Dialect::Mysql) || is_single(&step.sql) {
        return false;
    }
    // Without a connection nobody can tell.
    let refused = db.batch(REFUSED_IN_TRANSACTION).is_err_and(|error| !is_connection_loss(&error));
    !(refused && step.in_transaction)
}

/// Whether a text is certainly no more than one statement, of which a failure leaves nothing.
fn is_single(sql: &str) -> bool {
    !sql.trim_end_matches(|c: char| c.is_whitespace() || c == ';').contains(';')
}

const COMMITTING: &[&str] = &[
    "alter",
    "analyze",
    "autocommit",
    "begin",
    "cache",
    "call",
    "change",
    "check",
    "commit",
    "create",
    "drop",
    "execute",
    "flush",
    "grant",
    "immediate",
    "install",
    "load",
    "lock",
    "optimize",
    "password",
    "purge",
    "rename",
    "repair",
    "reset",
    "revoke",
    "rollback",
    "start",
    "stop",
    "truncate",
    "uninstall",
    "unlock",
    "xa",
];

#[cfg(test)]
mod tests {
    use super::{is_possible, is_single};

    #[test]
    fn only_texts_about_rows_are_known_to_stay_in_their_transaction() {
        let cases = [
            ("UPDATE t SET created = 1 WHERE x IN (SELECT 1); DELETE FROM u;", false),
            ("INSERT INTO t VALUES (1); ALTER\nTABLE t ADD x int", true),
            ("/*!50000 CREATE */ TABLE t (x int)", true),
            ("INSERT INTO t VALUES ('drop it')", true),
        ];
        for (sql, expected) in cases {
            assert_eq!(is_possible(sql), expected, "{sql}");
        }
    }

    #[test]
    fn one_statement_is_told_from_several() {
        for (sql, expected) in [("CREATE TABLE t (x int);\n", true), ("A; B", false), ("SELECT ';'", false)] {
            assert_eq!(is_single(sql), expected, "{sql}");
        }
    }
}
