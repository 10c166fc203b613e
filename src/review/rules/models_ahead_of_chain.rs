//! A change of the models that no revision carries.

use crate::models::{self, Change};
use crate::operation::Operation;
use crate::review::{ALL, Example, Report, Rule, Severity, Subject};
use crate::words::listed;

pub(super) const RULE: Rule = Rule {
    code: "OM602",
    id: "models-ahead-of-chain",
    severity: Severity::Info,
    dialects: ALL,
    summary: "the models ask for something that no revision of the chain makes",
    help: "Said once, at the newest revision: the schema after the whole chain is not the one that `table!` describes, \
           so queries fail at run time though they compile.",
    safer: "`cargo ops-migrate create` writes the revision; `cargo ops-migrate check` lists the differences",
    links: &["https://diesel.rs/guides/schema-in-depth"],
    examples: &[
        Example::new(
            "ALTER TABLE users ADD COLUMN age integer;",
            &["up.sql the models differ from the schema after this revision: + users.score Nullable<Integer>"],
        )
        .models(&["users: id Integer, nick Nullable<Text>, age Nullable<Integer>, score Nullable<Integer>"]),
        Example::new("ALTER TABLE users ADD COLUMN age integer;", &[])
            .models(&["users: id Integer, nick Nullable<Text>, age Nullable<Integer>"]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    let world = subject.world;
    let (Some(models), Some(last)) = (world.models, world.last) else { return };
    if world.chain.newest().is_none_or(|newest| newest.id != subject.revision.id) {
        return;
    }
    let mut changes = models::drift(models, last);
    changes.retain(|change| asks(subject, change));
    let changes: Vec<String> = changes.iter().map(Change::describe).collect();
    if !changes.is_empty() {
        let text = format!("the models differ from the schema after this revision: {}", few(&changes));
        reports.push(Report::file(&subject.up.script.file, text));
    }
}

/// Whether queries need it: what the models do not mention harms none, and what this revision drops is
/// said of the drop.
fn asks(subject: &Subject<'_>, change: &Change) -> bool {
    let gone = |name: &str| {
        subject.operations.iter().any(|o| matches!(o, Operation::DropColumn { column, .. } if column.name == name))
    };
    match change {
        // Of histories there is a rule of its own.
        Change::DropTable { .. } | Change::DropColumn { .. } | Change::History { .. } => false,
        Change::AddColumn { column, .. } => !gone(&column.name),
        Change::AddTable { table } => subject.before.table(&table.name).is_none(),
        _ => true,
    }
}

/// The first of many.
pub(super) fn few(all: &[String]) -> String {
    listed(all, "; ", 3)
}
