//! IF NOT EXISTS on what exists in another form.

use crate::replay::action::Action;
use crate::review::{ALL, Example, Report, Rule, Severity, Subject};

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
        reports.push(Report::at(step, format!("{name} is there already: the statement does nothing")));
    }
}
