//! A column that may be NULL from now on.

use crate::replay::action::Action;
use crate::review::{Example, POSTGRES, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM213",
    id: "drop-not-null",
    severity: Severity::Off,
    dialects: POSTGRES,
    summary: "a column may be NULL that could not be",
    help: "Code that reads it into a type without Nullable<…> fails at the first such row.",
    safer: "Nullable<…> in `table!` and Option<…> in the structs, released before the first NULL is written",
    links: &["https://docs.rs/diesel/latest/diesel/sql_types/struct.Nullable.html"],
    examples: &[
        Example::new("ALTER TABLE users ALTER COLUMN nick DROP NOT NULL;", &["1 users.nick may be NULL from now on"])
            .on("CREATE TABLE users (id integer PRIMARY KEY, nick text NOT NULL);"),
        Example::new("ALTER TABLE users ALTER COLUMN nick DROP NOT NULL;", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.standing() {
        let Action::DropNotNull { table, column } = &act.action else { continue };
        if act.column_before(column, subject.dialect()).is_some_and(|column| !column.nullable) {
            reports.push(Report::at(step, format!("{table}.{column} may be NULL from now on")));
        }
    }
}
