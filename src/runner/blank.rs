//! Whether a script has anything to run, by the engine's own view.

use crate::dialect::Dialect;

/// Whether a text has nothing to run: white space, and on PostgreSQL also comments and semicolons.
pub fn is_blank(sql: &str, dialect: Dialect) -> bool {
    if dialect != Dialect::Postgres {
        return sql.trim().is_empty();
    }
    let mut rest = sql.trim_start_matches(['\u{feff}', ';']).trim_start();
    while !rest.is_empty() {
        if let Some(comment) = rest.strip_prefix("--") {
            rest = comment.split_once('\n').map_or("", |(_, rest)| rest);
        } else if let Some(comment) = rest.strip_prefix("/*") {
            rest = after_comment(comment);
        } else {
            return false;
        }
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ';');
    }
    true
}

/// What follows a block comment; PostgreSQL's nest.
fn after_comment(mut rest: &str) -> &str {
    let mut depth = 1;
    while depth > 0 {
        let Some(at) = rest.find(['*', '/']) else { return "" };
        if rest[at..].starts_with("*/") {
            depth -= 1;
            rest = &rest[at + 2..];
        } else if rest[at..].starts_with("/*") {
            depth += 1;
            rest = &rest[at + 2..];
        } else {
            rest = &rest[at + 1..];
        }
    }
    rest
}
