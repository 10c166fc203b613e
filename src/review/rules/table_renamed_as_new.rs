//! A table renamed by dropping it and making one like it.

use crate::catalog::{Column, Shared, Table};
use crate::operation::Operation;
use crate::review::{ALL, Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM208",
    id: "table-rename-as-drop-and-create",
    severity: Severity::Warn,
    dialects: ALL,
    summary: "a table goes and one with the same columns comes",
    help: "A tool that compares two schemas cannot see a rename. Dropping and creating loses every row.",
    safer: "rename it",
    links: &["https://www.postgresql.org/docs/current/sql-altertable.html", "https://sqlite.org/lang_altertable.html"],
    examples: &[
        Example::new(
            "CREATE TABLE people (id integer PRIMARY KEY, nick text, email text);\nDROP TABLE users;",
            &["2 users is dropped and people created with the same columns: was it renamed? Its rows are lost"],
        )
        .on("CREATE TABLE users (id integer PRIMARY KEY, nick text, email text);"),
        Example::new(
            "CREATE TABLE people (id integer PRIMARY KEY, a text, b text, c text, d date);\nDROP TABLE users;",
            &["2 users is dropped and people created with 4 of its 5 columns: was it renamed? Its rows are lost"],
        )
        .on("CREATE TABLE users (id integer PRIMARY KEY, a text, b text, c text, d text);"),
        Example::new("CREATE TABLE posts (id integer PRIMARY KEY, title text, body text);\nDROP TABLE users;", &[])
            .on("CREATE TABLE users (id integer PRIMARY KEY, nick text, email text);"),
        Example::new(
            "CREATE TABLE people (id integer PRIMARY KEY, nick text, email text);\nINSERT INTO people SELECT * FROM users;\nDROP TABLE users;",
            &[],
        )
        .on("CREATE TABLE users (id integer PRIMARY KEY, nick text, email text);"),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for operation in subject.operations {
        let Operation::DropTable { table } = operation else { continue };
        let twin = subject.operations.iter().find_map(|other| match other {
            Operation::CreateTable { table: new } => Some((new, likeness(table, new)?)),
            _ => None,
        });
        let Some((twin, shared)) = twin.filter(|_| !super::data_loss::is_moved(subject, operation)) else { continue };
        let is_all = shared == table.columns.len() && shared == twin.columns.len();
        let with = if is_all {
            "the same columns".to_owned()
        } else {
            format!("{shared} of its {} columns", table.columns.len())
        };
        let text = format!(
            "{} is dropped and {} created with {with}: was it renamed? Its rows are lost",
            table.name, twin.name
        );
        let sql = format!("ALTER TABLE {} RENAME TO {};", subject.sql(&table.name), subject.quote(&twin.name.name));
        let report = subject.report_at(&["drop", &table.name.name], text).about(table.name.to_string());
        reports.push(report.safer(sql.clone()).sql(sql));
    }
}

/// How many columns are the same, where four of five are, and at least three.
fn likeness(old: &Table, new: &Table) -> Option<usize> {
    let same = |c: &&Shared<Column>| new.columns.iter().any(|n| n.name == c.name && n.ty == c.ty);
    let shared = old.columns.iter().filter(same).count();
    (shared >= 3 && shared * 5 >= 4 * old.columns.len().max(new.columns.len())).then_some(shared)
}
