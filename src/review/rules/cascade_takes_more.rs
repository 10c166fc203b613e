//! CASCADE, and what it takes along.

use crate::operation::{Object, Operation};
use crate::replay::action::Action;
use crate::review::{Act, Example, POSTGRES, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM203",
    id: "cascade-takes-more",
    severity: Severity::Warn,
    dialects: POSTGRES,
    summary: "DROP … CASCADE takes along what no statement names",
    help: "The server drops whatever depends on it: views, foreign keys, columns of the type. Production may have more \
           of these than the revisions know.",
    safer: "drop each of them by name, and leave CASCADE out: then the server refuses where there is more",
    links: &["https://www.postgresql.org/docs/current/ddl-depend.html"],
    examples: &[
        Example::new("DROP TABLE users CASCADE;", &["1 CASCADE takes along: drop view nicks"])
            .on("CREATE TABLE users (id integer, nick text); CREATE VIEW nicks AS SELECT nick FROM users;"),
        Example::new("DROP TYPE mood CASCADE;", &["1 CASCADE takes along: drop column users.mood"])
            .on("CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE users (id integer, mood mood);"),
        Example::new("DROP VIEW nicks;\nDROP TABLE users CASCADE;", &[])
            .on("CREATE TABLE users (id integer, nick text); CREATE VIEW nicks AS SELECT nick FROM users;"),
        Example::new("DROP TABLE users CASCADE;", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    let Some((step, _)) = subject.acts().find(|(_, act)| is_cascade(&act.action)) else { return };
    let taken: Vec<String> =
        subject.operations.iter().filter(|operation| is_taken(subject, operation)).map(Operation::describe).collect();
    if taken.is_empty() {
        return;
    }
    let text = format!("CASCADE takes along: {}", super::models_ahead_of_chain::few(&taken));
    reports.push(Report::at(step, text));
}

fn is_cascade(action: &Action) -> bool {
    matches!(
        action,
        Action::DropTable { cascade: true, .. }
            | Action::DropColumn { cascade: true, .. }
            | Action::DropConstraint { cascade: true, .. }
            | Action::DropObject { cascade: true, .. }
    )
}

/// Whether an operation drops something that no statement drops by its name.
fn is_taken(subject: &Subject<'_>, operation: &Operation) -> bool {
    let says = |found: &dyn Fn(&Act) -> bool| subject.acts().any(|(_, act)| found(act));
    let touches = |table: &crate::catalog::Name, drops: &dyn Fn(&Action) -> bool| {
        says(&|act| act.action.table() == Some(table) && drops(&act.action))
    };
    match operation {
        Operation::DropObject { object: Object::View(view) } => {
            !says(&|act| matches!(&act.action, Action::DropObject { name, .. } if *name == view.name))
        }
        Operation::DropColumn { table, column } => !touches(
            table,
            &|action| matches!(action, Action::DropColumn { column: named, .. } if *named == column.name),
        ),
        // Its own table's statements may drop it in many ways; that of another table drops it by CASCADE.
        Operation::DropForeignKey { table, key } => {
            // One that changes goes and comes.
            let stays =
                subject.after.table(table).is_some_and(|t| t.foreign_keys.iter().any(|k| k.columns == key.columns));
            let drops = |action: &Action| {
                matches!(action, Action::DropConstraint { .. } | Action::DropColumn { .. } | Action::DropTable { .. })
            };
            !stays && !touches(table, &drops)
        }
        _ => false,
    }
}
