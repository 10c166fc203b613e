//! A default that running code counts on.

use crate::catalog::Name;
use crate::dialect::Dialect::{self, Mysql, Postgres};
use crate::operation::Operation;
use crate::replay::action::Action;
use crate::review::{Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM206",
    id: "default-dropped",
    severity: Severity::Warn,
    dialects: DIALECTS,
    summary: "a NOT NULL column loses its default",
    help: "Every INSERT that leaves the column out fails from now on: that of the release that still runs, and of every \
           struct for Insertable that does not have the field.",
    safer: "give the value in the application first, release that, then drop the default",
    links: &["https://www.postgresql.org/docs/current/ddl-default.html"],
    examples: &[
        Example::new(
            "ALTER TABLE users ALTER COLUMN score DROP DEFAULT;",
            &["1 users.score is NOT NULL and loses its default: an INSERT without it fails"],
        )
        .on("CREATE TABLE users (id integer PRIMARY KEY, score integer NOT NULL DEFAULT 0);"),
        Example::new("ALTER TABLE users ALTER COLUMN score DROP DEFAULT;", &[])
            .on("CREATE TABLE users (id integer PRIMARY KEY, score integer DEFAULT 0);"),
        Example::new(
            "ALTER TABLE users RENAME COLUMN score TO points;\nALTER TABLE users ALTER COLUMN points DROP DEFAULT;",
            &[],
        )
        .on("CREATE TABLE users (id integer PRIMARY KEY, score integer NOT NULL DEFAULT 0);"),
        Example::new("ALTER TABLE users ALTER COLUMN score SET DEFAULT 1;", &[])
            .on("CREATE TABLE users (id integer PRIMARY KEY, score integer NOT NULL DEFAULT 0);"),
    ],
    check,
};

const DIALECTS: &[Dialect] = &[Postgres, Mysql];

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for operation in subject.operations {
        let Operation::AlterDefault { table, from, to } = operation else { continue };
        if !from.fills_itself() || from.nullable || to.fills_itself() {
            continue;
        }
        // Under a new name nobody knows it, and a trigger may give the value.
        let has_trigger = |of: &Operation| matches!(of, Operation::CreateTrigger { table: at, .. } if at == table);
        if is_named_anew(subject, table, &to.name) || subject.operations.iter().any(has_trigger) {
            continue;
        }
        // What no release has yet nobody leaves out.
        let is_unreleased = subject.acts().any(|(_, act)| {
            let is_it = act.action.column() == Some(&to.name) && act.action.table() == Some(table);
            is_it && (act.is_new || act.is_new_column)
        });
        if is_unreleased {
            continue;
        }
        let text = format!("{table}.{} is NOT NULL and loses its default: an INSERT without it fails", to.name);
        let drops = |action: &Action| matches!(action, Action::SetDefault { table: of, column, default: None } if of == table && *column == to.name);
        let report = |text| subject.report_where(&drops, &[&table.name, &to.name], text);
        reports.push(match subject.trigger_beside(table) {
            Some(file) => report(format!("{text}, unless the trigger of {file} gives it")).severity(Severity::Info),
            None => report(text),
        });
    }
}

fn is_named_anew(subject: &Subject<'_>, table: &Name, column: &str) -> bool {
    subject.operations.iter().any(
        |operation| matches!(operation, Operation::RenameColumn { table: of, to, .. } if of == table && to == column),
    )
}
