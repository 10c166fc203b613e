//! A rename that was written as drop and add.

use super::data_loss::is_renamed;
use crate::operation::Operation;
use crate::review::{ALL, Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM004",
    id: "rename-as-drop-and-add",
    severity: Severity::Warn,
    dialects: ALL,
    summary: "a column goes and one of the same type and nearly the same name comes",
    help: "A tool that compares two schemas cannot see a rename. Dropping and adding loses every value.",
    safer: "rename it",
    links: &["https://www.postgresql.org/docs/current/sql-altertable.html", "https://sqlite.org/lang_altertable.html"],
    examples: &[
        Example::new(
            "ALTER TABLE users ADD COLUMN nick_name text;\nALTER TABLE users DROP COLUMN nick;",
            &["2 users.nick is dropped and nick_name added with the same type: was it renamed?"],
        ),
        Example::new("ALTER TABLE users RENAME COLUMN nick TO nick_name;", &[]),
        Example::new(
            "ALTER TABLE users ADD COLUMN nick_name text;\nUPDATE users SET nick_name = nick;\nALTER TABLE users DROP COLUMN nick;",
            &[],
        ),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for operation in subject.operations {
        let Operation::DropColumn { table, column } = operation else { continue };
        // Renamed before its old name was given away, or one of several that become one.
        let gone = subject
            .operations
            .iter()
            .filter(|o| matches!(o, Operation::DropColumn { table: t, column: c } if t == table && c.ty == column.ty));
        if is_renamed(subject, table, &column.name) || gone.count() > 2 {
            continue;
        }
        let twin = subject.operations.iter().find_map(|other| match other {
            Operation::AddColumn { table: t, column: c, .. } if t == table && c.ty == column.ty => Some(c),
            _ => None,
        });
        let Some(twin) = twin else { continue };
        if strsim::jaro_winkler(&column.name, &twin.name) < 0.7 || subject.fills(&table.name, &twin.name) {
            continue;
        }
        let text =
            format!("{table}.{} is dropped and {} added with the same type: was it renamed?", column.name, twin.name);
        let sql = format!("ALTER TABLE {table} RENAME COLUMN {} TO {};", column.name, twin.name);
        reports.push(subject.report_at(&[&table.name, &column.name], text).safer(sql.clone()).sql(sql));
    }
}
