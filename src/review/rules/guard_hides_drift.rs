//! IF NOT EXISTS on what exists in another form.

use crate::catalog::Table;
use crate::replay::{self, action::Action};
use crate::review::{ALL, Act, Example, Report, Rule, Severity, Step, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM603",
    id: "guard-hides-drift",
    severity: Severity::Warn,
    dialects: ALL,
    summary: "IF NOT EXISTS on a table, column or index that an earlier revision made",
    help: "The statement does nothing, and nobody is told: where what is there has another form, the schema is not \
           what this revision says. A left-over index of a CONCURRENTLY that failed stays INVALID behind it, too.",
    safer: "leave the statement out, or write the change from what is there",
    links: &["https://www.postgresql.org/docs/current/sql-createtable.html"],
    examples: &[
        Example::new(
            "CREATE TABLE IF NOT EXISTS users (id integer PRIMARY KEY, age integer);",
            &["1 users is there already: the statement does nothing"],
        ),
        Example::new(
            "CREATE INDEX IF NOT EXISTS users_nick ON users (nick);",
            &["1 users_nick is there already: the statement does nothing, as it has that form"],
        )
        .on("CREATE TABLE users (id integer PRIMARY KEY, nick varchar(20)); CREATE INDEX users_nick ON users (nick);"),
        Example::new("CREATE TABLE IF NOT EXISTS posts (id integer PRIMARY KEY);", &[]),
        Example::new(
            "CREATE INDEX IF NOT EXISTS users_nick ON users (id, nick);",
            &["1 users_nick is there already: the statement does nothing"],
        )
        .on("CREATE TABLE users (id integer PRIMARY KEY, nick varchar(20)); CREATE INDEX users_nick ON users (nick);"),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.acts() {
        let Some(table) = &act.before else { continue };
        let dialect = subject.dialect();
        let name = match &act.action {
            Action::CreateTable { tolerant: true, temporary: false, .. } => table.name.to_string(),
            Action::AddColumn(new) if new.tolerant && table.column(&new.column, dialect).is_some() => {
                format!("{}.{}", table.name, new.column)
            }
            Action::CreateIndex(new) if new.tolerant => {
                let Some(name) = &new.name else { continue };
                if !table.indexes.iter().any(|index| dialect.same_name(&index.name, name)) {
                    continue;
                }
                name.clone()
            }
            _ => continue,
        };
        let text = format!("{name} is there already: the statement does nothing");
        reports.push(if is_same(subject, step, act, table) {
            Report::at(step, format!("{text}, as it has that form")).severity(Severity::Info)
        } else {
            Report::at(step, text)
        });
    }
}

/// Whether the statement would make what is there.
fn is_same(subject: &Subject<'_>, step: &Step, act: &Act, before: &Table) -> bool {
    let mut without = before.clone();
    match &act.action {
        Action::AddColumn(new) => without.columns.retain(|column| column.name != new.column),
        Action::CreateIndex(new) => without.indexes.retain(|index| Some(&index.name) != new.name.as_ref()),
        _ => {}
    }
    let mut catalog = subject.near_before.clone();
    catalog.tables.remove(&before.name);
    if !matches!(act.action, Action::CreateTable { .. }) {
        catalog.tables.insert(before.name.clone(), without.into());
    }
    replay::follow(&mut catalog, &step.text, &step.file, &mut replay::Unwatched);
    let sorted = |table: &Table| {
        let mut columns = table.columns.clone();
        columns.sort_by(|a, b| a.name.cmp(&b.name));
        let mut indexes = table.indexes.clone();
        indexes.sort_by(|a, b| a.name.cmp(&b.name));
        Table { columns, indexes, ..table.clone() }
    };
    catalog.table(&before.name).is_some_and(|made| sorted(made) == sorted(before))
}
