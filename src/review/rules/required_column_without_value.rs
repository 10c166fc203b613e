//! A required column without a value for the rows that are there.

use crate::catalog::Name;
use crate::dialect::Dialect::{Mysql, Postgres, Sqlite};
use crate::operation::Operation;
use crate::replay::action::Action;
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
        Example::new(
            "ALTER TABLE users ADD COLUMN age integer NOT NULL DEFAULT 0;\nALTER TABLE users ALTER COLUMN age DROP DEFAULT;",
            &[],
        )
        .only(&[Postgres, Mysql]),
        // The new column takes the old one's name.
        Example::new(
            "ALTER TABLE users ADD COLUMN new_id integer;\nUPDATE users SET new_id = id;\n\
             ALTER TABLE users RENAME COLUMN id TO old_id;\nALTER TABLE users RENAME COLUMN new_id TO id;\n\
             ALTER TABLE users ALTER COLUMN id SET NOT NULL;",
            &[],
        )
        .only(&[Postgres]),
        Example::new("DELETE FROM users;\nALTER TABLE users ADD COLUMN age integer NOT NULL;", &[]).only(&[Postgres]),
        Example::new("DROP TABLE users;\nCREATE TABLE users (id integer PRIMARY KEY, age integer NOT NULL);", &[]),
        Example::new("CREATE TABLE t (id integer); ALTER TABLE t ADD COLUMN age integer NOT NULL;", &[])
            .only(&[Postgres, Mysql]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for operation in subject.operations {
        let Operation::AddColumn { table, column, .. } = operation else { continue };
        let added = added_as(subject, table, &column.name);
        if column.fills_itself()
            || subject.fills(&table.name, added)
            || is_new(subject, operation)
            || has_value(subject, table, added)
        {
            continue;
        }
        let outcome = match subject.dialect() {
            Mysql => format!("rows of {table} get 0 or '' without a word"),
            _ => format!("this fails where {table} has rows"),
        };
        let text = format!("{table}.{} is NOT NULL without a default: {outcome}", column.name);
        reports.push(subject.report_where(
            &|action| matches!(action, Action::AddColumn(new) if new.table == *table && new.column == added),
            &[&table.name, &column.name],
            text,
        ));
    }
}

/// The name that a new column had at first: it may take that of one that goes.
fn added_as<'a>(subject: &'a Subject<'_>, table: &Name, column: &'a str) -> &'a str {
    let renames = subject.acts().filter_map(|(_, act)| match &act.action {
        Action::RenameColumn { table: of, column, to } if of == table => Some((column, to)),
        _ => None,
    });
    let renames: Vec<_> = renames.collect();
    renames.into_iter().rev().fold(column, |name, (from, to)| if to == name { from } else { name })
}

/// Whether no row is left without a value: the column is added with a default that goes later, or the
/// table is emptied or made anew.
fn has_value(subject: &Subject<'_>, table: &Name, column: &str) -> bool {
    subject.acts().any(|(_, act)| match &act.action {
        Action::AddColumn(new) => new.table == *table && new.column == column && new.default.is_some(),
        Action::Delete(rows) => rows.table == *table && rows.condition.is_none() && !rows.from_query,
        Action::Truncate { tables, .. } => tables.contains(table),
        Action::CreateTable { table: new, .. } => new == table && act.after.is_some() && act.before.is_none(),
        _ => false,
    })
}

/// Whether the table is made by revisions that are deployed with this one. Of an older one, however young,
/// somebody may have rows.
fn is_new(subject: &Subject<'_>, operation: &Operation) -> bool {
    let about = |name: &Name| operation.table().is_some_and(|table| table == name);
    subject.acts().any(|(_, act)| act.comes_along && act.action.table().is_some_and(about))
}
