//! A name that is a word of SQL.

use crate::review::{ALL, Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM323",
    id: "reserved-word",
    severity: Severity::Off,
    dialects: ALL,
    summary: "a new name is a reserved word of PostgreSQL, SQLite or MySQL",
    help: "It has to be quoted wherever somebody writes SQL; Diesel quotes all names, people do not.",
    safer: "another name",
    links: &["https://www.postgresql.org/docs/current/sql-keywords-appendix.html"],
    examples: &[
        Example::new(
            "ALTER TABLE users RENAME COLUMN nick TO \"order\";",
            &["1 order is a reserved word of some server"],
        )
        .only(&[crate::dialect::Dialect::Postgres, crate::dialect::Dialect::Sqlite]),
        Example::new("ALTER TABLE users ADD COLUMN `select` integer;", &["1 select is a reserved word of some server"])
            .only(&[crate::dialect::Dialect::Mysql]),
        Example::new("CREATE TABLE orders (id integer PRIMARY KEY);", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    let is_simple = |name: &str| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    for (step, name) in subject.new_names() {
        if is_simple(&name) && subject.quote(&name) != name {
            reports.push(Report::at(step, format!("{name} is a reserved word of some server")));
        }
    }
}
