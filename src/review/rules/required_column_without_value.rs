//! A required column without a value for the rows that are there.

use crate::dialect::Dialect::{Mysql, Postgres, Sqlite};
use crate::operation::Operation;
use crate::review::{ALL, Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM001",
    id: "required-column-without-value",
    severity: Severity::Error,
    dialects: ALL,
    summary: "a new NOT NULL column has no default, and nothing fills it",
    help: "Rows that exist have no value for it: PostgreSQL and SQLite refuse the statement as soon as the table has \
           one row, so it passes on an empty test database and fails in production. MySQL fills in 0 or '' silently.",
    safer: "add it nullable, fill it, then set NOT NULL; or give it a default",
    links: &["https://www.postgresql.org/docs/current/sql-altertable.html", "https://sqlite.org/lang_altertable.html"],
    examples: &[
        Example::new(
            "ALTER TABLE users ADD COLUMN age integer NOT NULL;",
            &["1 users.age is NOT NULL without a default: this fails where users has rows"],
        )
        .only(&[Postgres]),
        Example::new(
            "ALTER TABLE users ADD COLUMN age integer NOT NULL;",
            &["1 users.age is NOT NULL without a default: rows of users get 0 or '' without a word"],
        )
        .only(&[Mysql]),
        Example::new("ALTER TABLE users ADD COLUMN age integer NOT NULL DEFAULT 0;", &[]),
        Example::new("ALTER TABLE users ADD COLUMN age integer;", &[]).only(&[Postgres, Sqlite]),
        Example::new("CREATE TABLE t (id integer); ALTER TABLE t ADD COLUMN age integer NOT NULL;", &[])
            .only(&[Postgres, Mysql]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for operation in subject.operations {
        let Operation::AddColumn { table, column, .. } = operation else { continue };
        if column.fills_itself() || subject.fills(&table.name, &column.name) || is_new(subject, operation) {
            continue;
        }
        let outcome = match subject.dialect() {
            Mysql => format!("rows of {table} get 0 or '' without a word"),
            _ => format!("this fails where {table} has rows"),
        };
        let text = format!("{table}.{} is NOT NULL without a default: {outcome}", column.name);
        reports.push(subject.report_at(&[&table.name, &column.name], text));
    }
}

/// Whether the table is made by revisions that are not released either.
fn is_new(subject: &Subject<'_>, operation: &Operation) -> bool {
    let about = |name: &crate::catalog::Name| operation.table().is_some_and(|table| table == name);
    subject.acts().any(|(_, act)| act.is_new && act.action.table().is_some_and(about))
}
