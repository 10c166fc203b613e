//! A table without what every table has to have.

use crate::replay::action::Action;
use crate::review::{ALL, Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM315",
    id: "required-columns",
    severity: Severity::Warn,
    dialects: ALL,
    summary: "a new table lacks columns that the settings ask of every table (`required-columns`)",
    help: "Nothing is asked for unless `required-columns` names columns in [package.metadata.ops-migrate.review].",
    safer: "the columns, or a comment that allows the table to be without",
    links: &["https://docs.rs/cargo-ops-migrate"],
    examples: &[
        Example::new("CREATE TABLE t (id integer PRIMARY KEY);", &["1 t lacks created_at"])
            .required_columns(&["created_at"]),
        Example::new("CREATE TABLE t (id integer PRIMARY KEY, created_at date);", &[])
            .required_columns(&["created_at"]),
        Example::new("CREATE TEMPORARY TABLE t (id integer);", &[]).required_columns(&["created_at"]),
        Example::new("CREATE TABLE t (id integer PRIMARY KEY);", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.acts() {
        let Action::CreateTable { table, temporary: false, .. } = &act.action else { continue };
        let Some(made) = subject.after.table(table).filter(|_| act.before.is_none()) else { continue };
        let lacks = |name: &&String| made.column(name, subject.dialect()).is_none();
        let missing: Vec<&str> = subject.world.required_columns.iter().filter(lacks).map(String::as_str).collect();
        if !missing.is_empty() {
            reports.push(Report::at(step, format!("{table} lacks {}", missing.join(", "))));
        }
    }
}
