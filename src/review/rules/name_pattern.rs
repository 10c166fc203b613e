//! A name that is not written like the others.

use crate::dialect::Dialect::{Mysql, Postgres, Sqlite};
use crate::review::{ALL, Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM314",
    id: "name-pattern",
    severity: Severity::Off,
    dialects: ALL,
    summary: "a new name is not in small letters, digits and underscores",
    help: "Such a name has to be quoted wherever somebody writes SQL, and `table!` needs #[sql_name] for it.",
    safer: "snake_case",
    links: &["https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS"],
    examples: &[
        Example::new(
            "CREATE TABLE t (nickName integer);",
            &["1 nickName is not in small letters, digits and underscores"],
        )
        .only(&[Sqlite, Mysql]),
        Example::new(
            "CREATE TABLE \"Others\" (id integer);",
            &["1 Others is not in small letters, digits and underscores"],
        )
        .only(&[Postgres, Sqlite]),
        Example::new("CREATE TABLE t (nick_2 integer);", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    let fits = |name: &str| name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    for (step, name) in subject.new_names() {
        if !fits(&name) {
            reports.push(Report::at(step, format!("{name} is not in small letters, digits and underscores")));
        }
    }
}
