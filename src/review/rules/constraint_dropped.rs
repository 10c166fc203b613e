//! A guard that goes.

use crate::catalog::Table;
use crate::dialect::Dialect::Postgres;
use crate::replay::action::{Action, Dropped};
use crate::review::{ALL, Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM211",
    id: "constraint-dropped",
    severity: Severity::Info,
    dialects: ALL,
    summary: "a foreign key, CHECK or unique constraint goes, and nothing like it comes",
    help: "From now on rows may be written that the application believes impossible, and the constraint cannot come back before they are found.",
    safer: "say in the revision why it is not needed any more",
    links: &["https://www.postgresql.org/docs/current/ddl-constraints.html"],
    examples: &[
        Example::new(
            "ALTER TABLE users DROP CONSTRAINT positive;",
            &["1 users loses check positive: rows that break it may come"],
        )
        .on(CHECKED)
        .only(&[Postgres]),
        Example::new(
            "ALTER TABLE users DROP CONSTRAINT positive;\nALTER TABLE users ADD CONSTRAINT over_nine CHECK (id > 9);",
            &[],
        )
        .on(CHECKED)
        .only(&[Postgres]),
        Example::new("DROP TABLE users;", &[]),
    ],
    check,
};

const CHECKED: &str = "CREATE TABLE users (id integer PRIMARY KEY, CONSTRAINT positive CHECK (id > 0));";

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.standing() {
        let Action::DropConstraint { table, constraint: Dropped::Named(name), .. } = &act.action else { continue };
        let (Some(before), Some(after)) = (&act.before, subject.after.table(table)) else { continue };
        let is_it = |other: &Option<String>| other.as_ref() == Some(name);
        let checks = |table: &Table| table.checks.len();
        let what = if let Some(key) = before.foreign_keys.iter().find(|key| is_it(&key.name)) {
            let again = after.foreign_keys.iter().any(|other| other.columns == key.columns);
            let has_columns = key.columns.iter().all(|column| after.column(column, subject.dialect()).is_some());
            (!again && has_columns).then_some("foreign key")
        } else if before.checks.iter().any(|check| is_it(&check.name)) {
            (checks(after) < checks(before)).then_some("check")
        } else {
            None
        };
        if let Some(what) = what {
            reports.push(Report::at(step, format!("{table} loses {what} {name}: rows that break it may come")));
        }
    }
}
