//! A name that is not written like the others.

use crate::dialect::Dialect::{Mysql, Postgres, Sqlite};
use crate::review::{ALL, Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM314",
    id: "name-pattern",
    severity: Severity::Off,
    dialects: ALL,
    summary: "a new name does not fit `name-pattern`, or is not in small letters, digits and underscores",
    help: "Such a name has to be quoted wherever somebody writes SQL, and `table!` needs #[sql_name] for it. The settings \
           may ask for a pattern of their own, and the rule warns then: \
           `name-pattern = \"^[a-z][a-z0-9_]*$\"` in [package.metadata.ops-migrate.review].",
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
        Example::new("CREATE TABLE app_t (id integer);", &["1 id does not fit `^app_`"]).name_pattern("^app_"),
        Example::new("CREATE TABLE app_t (app_id integer);", &[]).name_pattern("^app_"),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    let is_plain = |name: &str| name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    for (step, name) in subject.new_names() {
        let wrong = match subject.world.name_pattern {
            Some(pattern) => (!pattern.is_match(&name)).then(|| format!("does not fit `{pattern}`")),
            None => (!is_plain(&name)).then(|| "is not in small letters, digits and underscores".to_owned()),
        };
        reports.extend(wrong.map(|wrong| Report::at(step, format!("{name} {wrong}"))));
    }
}
