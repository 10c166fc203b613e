//! NULL forbidden while rows may have it.

use crate::catalog::{Expr, Table};
use crate::dialect::Dialect::{self, Postgres};
use crate::operation::Operation;
use crate::review::{ALL, Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM002",
    id: "not-null-without-backfill",
    severity: Severity::Warn,
    dialects: ALL,
    summary: "a column becomes NOT NULL, and nothing fills the rows where it is NULL",
    help: "One row with NULL makes the statement fail, which no empty test database shows.",
    safer: "fill it first",
    links: &["https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-SET-DROP-NOT-NULL"],
    examples: &[
        Example::new(
            "ALTER TABLE users ALTER COLUMN nick SET NOT NULL;",
            &["1 users.nick becomes NOT NULL, and nothing fills the rows where it is NULL"],
        )
        .only(&[Postgres]),
        Example::new(
            "UPDATE users SET nick = '' WHERE nick IS NULL;\nALTER TABLE users ALTER COLUMN nick SET NOT NULL;",
            &[],
        )
        .only(&[Postgres]),
        Example::new("DELETE FROM users WHERE nick IS NULL;\nALTER TABLE users ALTER COLUMN nick SET NOT NULL;", &[])
            .only(&[Postgres]),
        Example::new("ALTER TABLE users ALTER COLUMN nick SET NOT NULL;", &[])
            .on("CREATE TABLE users (id integer PRIMARY KEY, nick text CHECK (nick IS NOT NULL));")
            .only(&[Postgres]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for operation in subject.operations {
        let Operation::SetNotNull { table, column, .. } = operation else { continue };
        let is_settled = subject.fills(&table.name, &column.name) || deletes(subject, &table.name, &column.name);
        if is_settled || is_checked(subject.near_before.table(table), &column.name) {
            continue;
        }
        let text = format!("{table}.{} becomes NOT NULL, and nothing fills the rows where it is NULL", column.name);
        let report = subject.report_at(&[&table.name, &column.name], text);
        let (name, column) = (subject.sql(table), subject.quote(&column.name));
        reports.push(
            report
                .safer(format!("first: UPDATE {name} SET {column} = … WHERE {column} IS NULL"))
                .sql(format!("UPDATE {name} SET {column} = … WHERE {column} IS NULL;")),
        );
    }
}

/// Whether the rows without a value are deleted.
fn deletes(subject: &Subject<'_>, table: &str, column: &str) -> bool {
    let is_it = |text: &str| text.get(..6).is_some_and(|word| word.eq_ignore_ascii_case("delete"));
    subject.up.steps.iter().any(|step| is_it(&step.text) && step.has_words(&[table, column, "is", "null"]))
}

/// Whether a check that all rows have passed says that the column is not NULL.
pub(in crate::review) fn is_checked(table: Option<&Table>, column: &str) -> bool {
    let says = |name: &str| Expr::new(format!("{name} IS NOT NULL"));
    let said = [says(column), says(&Dialect::Postgres.quote(column))];
    table.is_some_and(|table| table.checks.iter().any(|check| check.valid && said.contains(&check.expr)))
}
