//! An enum value used in the transaction that adds it.

use crate::catalog::Name;
use crate::replay::action::Action;
use crate::review::mend::{self, Cut};
use crate::review::{Example, POSTGRES, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM124",
    id: "enum-value-used-at-once",
    severity: Severity::Error,
    dialects: POSTGRES,
    summary: "a value is added to an enum and used in the same transaction",
    help: "PostgreSQL refuses it: \"unsafe use of new value\". Before PostgreSQL 12, ADD VALUE itself refuses to run \
           in a transaction.",
    safer: "use the value in the next revision",
    links: &["https://www.postgresql.org/docs/current/sql-altertype.html#SQL-ALTERTYPE-NOTES"],
    examples: &[
        Example::new(
            "ALTER TYPE mood ADD VALUE 'ok';\nUPDATE users SET mood = 'ok';",
            &["2 'ok' of enum mood is used in the transaction that adds it: the server refuses"],
        )
        .on(MOOD),
        Example::new("ALTER TYPE mood ADD VALUE 'ok';\nUPDATE users SET mood = 'sad';", &[]).on(MOOD),
        Example::new("ALTER TYPE mood ADD VALUE 'ok';", &[]).on(MOOD),
    ],
    check,
};

const MOOD: &str = "CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE users (id integer, mood mood);";

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    if !subject.in_transaction() {
        return;
    }
    let mut added: Vec<(&Name, &str)> = Vec::new();
    for step in &subject.up.steps {
        for (name, value) in &added {
            let is_function = step.acts.iter().any(|act| {
                matches!(&act.action, Action::CreateObject { kind, .. } if kind == "function" || kind == "procedure")
            });
            if !is_function && says(&step.text, value) {
                let text =
                    format!("'{value}' of enum {name} is used in the transaction that adds it: the server refuses");
                let fix = mend::split(subject, "use the value in the next revision", &|other| {
                    if other.offset == step.offset { Cut::After } else { Cut::With }
                });
                reports.push(Report::at(step, text).fix(fix));
            }
        }
        for act in &step.acts {
            if let Action::AddEnumValue { name, value, .. } = &act.action {
                let known = subject.before.enums.get(name).is_some_and(|ty| ty.values.contains(value));
                if !known {
                    added.push((name, value));
                }
            }
        }
    }
    let is_alter = |report: &Report| {
        let (start, end) = report.range.unwrap_or_default();
        subject.up.script.text.get(start..end).is_some_and(|text| text.to_lowercase().starts_with("alter type"))
    };
    // `ADD VALUE 'b' AFTER 'a'` is no use of `a`.
    reports.retain(|report| !is_alter(report));
}

/// Whether a text has the value as a string of its own.
fn says(statement: &str, value: &str) -> bool {
    statement.contains(&format!("'{}'", value.replace('\'', "''")))
}
