//! NULL forbidden while rows may have it.

use crate::catalog::{Expr, Name, Table, Trigger};
use crate::dialect::Dialect::{self, Postgres};
use crate::operation::Operation;
use crate::replay::action::Action;
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
        Example::new(
            "ALTER TABLE users ALTER nick SET NOT NULL;\nALTER TABLE users ALTER name SET NOT NULL;",
            &["1 users.nick becomes NOT NULL, and nothing fills the rows where it is NULL; and 1 more like it in line 2"],
        )
        .on("CREATE TABLE users (id integer PRIMARY KEY, nick text, name text);")
        .only(&[Postgres]),
        Example::new(
            "ALTER TABLE users ALTER nick SET NOT NULL;",
            &["1 users.nick becomes NOT NULL, and nothing fills the rows where it is NULL; 2024-01-01-000000_base does, or says how"],
        )
        .on("CREATE TABLE users (id integer PRIMARY KEY, nick text); UPDATE users SET nick = '' WHERE nick IS NULL;")
        .only(&[Postgres]),
        Example::new(
            "ALTER TABLE users ALTER COLUMN nick SET NOT NULL;",
            &["1 users.nick becomes NOT NULL, and nothing fills the rows where it is NULL; 2024-01-01-000000_base does, or says how"],
        )
        .on("CREATE TABLE users (id integer PRIMARY KEY, nick text);\n-- to be run by hand:\n-- update users\n--   set nick = '';\n")
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
        let sets = |action: &Action, of: Option<&Name>| match action {
            Action::SetNotNull { table: on, column: name } | Action::DefineColumn { table: on, to: name, .. } => {
                *name == column.name && of.is_none_or(|of| of == on)
            }
            _ => false,
        };
        // The statement may know the table by the name that it had before.
        let old = subject.first_name(table);
        let said = [Some(table), Some(&old)].into_iter().flatten();
        let of = said.into_iter().find(|of| subject.acts().any(|(_, act)| sets(&act.action, Some(of))));
        let named = of.unwrap_or(table);
        let text = format!("{named}.{} becomes NOT NULL, and nothing fills the rows where it is NULL", column.name);
        let earlier = subject.filled_by(table, &column.name);
        let is_filled = earlier.is_some() || is_given(subject, table, &column.name);
        let text = earlier.map(|earlier| format!("{text}; {earlier} does, or says how")).unwrap_or(text);
        let mut report = subject.report_where(&|action| sets(action, of), &[&table.name, &column.name], text);
        if is_filled {
            report = report.severity(Severity::Info);
        }
        // By the name that it has in front of the statement.
        let (name, column) = (subject.sql(named), subject.quote(&column.name));
        reports.push(
            report
                .safer(format!("first: UPDATE {name} SET {column} = … WHERE {column} IS NULL"))
                .sql(format!("UPDATE {name} SET {column} = … WHERE {column} IS NULL;")),
        );
    }
}

/// Whether a trigger gives every new row the value.
fn is_given(subject: &Subject<'_>, table: &Name, column: &str) -> bool {
    let Some(table) = subject.before.table(table) else { return false };
    let gives = |trigger: &Trigger| {
        let function = trigger.function.as_ref().and_then(|name| {
            subject.before.functions.values().find(|f| f.name.name.split('(').next() == Some(name.name.as_str()))
        });
        let assigns = |text: &str| {
            let text: String = text.to_lowercase().split_whitespace().collect();
            text.contains(&format!("new.{column}:=")) || text.contains(&format!("new.{column}="))
        };
        let words = trigger.sql.to_lowercase();
        let is_before_insert = words.contains("before") && words.contains("insert");
        is_before_insert && (function.is_some_and(|f| assigns(&f.sql)) || is_search_trigger(&words, column))
    };
    table.triggers.iter().any(gives)
}

/// The server's own trigger function for texts that are searched (PostgreSQL manual 12.4.3).
fn is_search_trigger(words: &str, column: &str) -> bool {
    words.contains("tsvector_update_trigger") && words.contains(&format!("'{}'", column.to_lowercase()))
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
