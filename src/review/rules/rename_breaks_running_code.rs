//! A name that the running application still uses.

use crate::catalog::Name;
use crate::dialect::Dialect::{Postgres, Sqlite};
use crate::history_tables::is_history;
use crate::replay::action::Action;
use crate::review::{ALL, Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM202",
    id: "rename-breaks-running-code",
    severity: Severity::Info,
    dialects: ALL,
    summary: "a table, column or enum value that running code uses gets another name",
    help: "Until every process runs the new release, the old one asks for the old name and fails. Diesel can give a \
           column another name in Rust alone.",
    safer: "rename in Rust only, with #[sql_name = \"old\"] in `table!`; or leave a view of the old name (tables), or add the \
            new column, write both, and drop the old one a release later",
    links: &["https://docs.rs/diesel/latest/diesel/macro.table.html"],
    examples: &[
        Example::new(
            "ALTER TABLE users RENAME COLUMN nick TO name;",
            &["1 users.nick becomes users.name: code that runs still asks for nick"],
        ),
        Example::new(
            "ALTER TABLE users RENAME TO people;",
            &["1 users becomes people: code that runs still asks for users"],
        ),
        Example::new("ALTER TABLE users RENAME TO people;\nCREATE VIEW users AS SELECT * FROM people;", &[])
            .only(&[Postgres, Sqlite]),
        Example::new("CREATE TABLE t (a integer);\nALTER TABLE t RENAME COLUMN a TO b;", &[]),
        Example::new(
            "CREATE TABLE new_users (id integer PRIMARY KEY);\nDROP TABLE users;\nALTER TABLE new_users RENAME TO users;",
            &[],
        ),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.standing().filter(|(_, act)| !is_of_history(subject, &act.action)) {
        let text = match &act.action {
            Action::RenameTable { table, to } if is_gone(subject, table) => {
                format!("{table} becomes {to}: code that runs still asks for {table}")
            }
            Action::RenameColumn { table, column, to } | Action::DefineColumn { table, column, to }
                if column != to && is_lost(subject, table, column) =>
            {
                format!("{table}.{column} becomes {table}.{to}: code that runs still asks for {column}")
            }
            Action::RenameEnumValue { name, value, to } => {
                format!("'{value}' of {name} becomes '{to}': code that runs still says '{value}'")
            }
            _ => continue,
        };
        reports.push(Report::at(step, text));
    }
}

/// Whether it is said of the table already that a history belongs to.
fn is_of_history(subject: &Subject<'_>, action: &Action) -> bool {
    let (Action::RenameTable { table, .. } | Action::RenameColumn { table, .. }) = action else { return false };
    subject.before.table(table).is_some_and(|table| is_history(table, subject.before))
}

/// Whether the name was a table's before the revision, and is nothing's after it.
fn is_gone(subject: &Subject<'_>, table: &Name) -> bool {
    let (before, after) = (subject.before, subject.after);
    before.table(table).is_some() && after.table(table).is_none() && after.view(table).is_none()
}

fn is_lost(subject: &Subject<'_>, table: &Name, column: &str) -> bool {
    let has =
        |catalog: &crate::catalog::Catalog| catalog.table(table).map(|t| t.column(column, catalog.dialect).is_some());
    has(subject.before) == Some(true) && has(subject.after) == Some(false)
}
