//! Values of an enum that go or change places.

use crate::dialect::Dialect::Mysql;
use crate::replay::action::Action;
use crate::review::{Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM405",
    id: "mysql-enum-values",
    severity: Severity::Warn,
    dialects: &[Mysql],
    summary: "an ENUM or SET loses a value, or gets one before the others",
    help: "Rows keep the number of a value: what is removed becomes '' or fails in strict mode, and every value that moves makes the server write the table anew.",
    safer: "new values behind the others; an UPDATE of the rows before a value goes",
    links: &["https://dev.mysql.com/doc/refman/8.4/en/enum.html"],
    examples: &[
        Example::new(
            "ALTER TABLE users MODIFY mood enum('b');",
            &["1 users.mood loses 'a': rows that have it fail or become empty"],
        )
        .on(MOODS),
        Example::new("ALTER TABLE users MODIFY mood enum('c', 'a', 'b');", &["1 values of users.mood change places"])
            .on(MOODS),
        Example::new("ALTER TABLE users MODIFY mood enum('a', 'b', 'c');", &[]).on(MOODS),
    ],
    check,
};

const MOODS: &str = "CREATE TABLE users (id integer PRIMARY KEY, mood enum('a', 'b'));";

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.standing() {
        let Action::DefineColumn { table, column, to } = &act.action else { continue };
        let (Some(old), Some(new)) = (act.column_before(column, Mysql), act.column_after(to, Mysql)) else { continue };
        let is_list = |base: &str| base == "enum" || base == "set";
        if !is_list(&old.ty.base) || old.ty.base != new.ty.base {
            continue;
        }
        let gone: Vec<&str> =
            old.ty.args.iter().filter(|value| !new.ty.args.contains(value)).map(String::as_str).collect();
        let text = match gone.as_slice() {
            [] if new.ty.args.starts_with(&old.ty.args) => continue,
            [] => format!("values of {table}.{column} change places"),
            gone => format!("{table}.{column} loses {}: rows that have it fail or become empty", gone.join(", ")),
        };
        reports.push(Report::at(step, text));
    }
}
