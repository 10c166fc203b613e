//! What SQLite's ALTER TABLE cannot do, at all or as soon as there are rows.

use super::super::refused::refusals;
use crate::dialect::Dialect::{self, Sqlite};
use crate::replay::action::{Action, Generation, NewColumn};
use crate::review::{Act, Example, Report, Rule, Severity, Step, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM502",
    id: "sqlite-statement-refused",
    severity: Severity::Error,
    dialects: SQLITE,
    summary: "SQLite refuses to add or drop the column, perhaps only where the table has rows",
    help: "ADD COLUMN takes no key, and in a table with rows only a constant default, no default other than NULL \
           together with REFERENCES, and no stored generated column. DROP COLUMN refuses what an index, key, check, \
           view or trigger uses. An empty test database shows only half of this.",
    safer: "rebuild the table: create a new one, copy, drop, rename; or drop what uses the column first",
    links: &["https://sqlite.org/lang_altertable.html"],
    examples: &[
        Example::new(
            "ALTER TABLE users ADD COLUMN at text DEFAULT CURRENT_TIMESTAMP;",
            &["1 refused where users has rows: the default of users.at is not constant"],
        ),
        Example::new(
            "ALTER TABLE users ADD COLUMN boss integer DEFAULT 1 REFERENCES users (id);",
            &["1 refused where users has rows: users.boss references a table and has a default"],
        ),
        Example::new(
            "ALTER TABLE users ADD COLUMN twice integer AS (id * 2) STORED;",
            &["1 refused where users has rows: users.twice is generated and stored"],
        ),
        Example::new(
            "ALTER TABLE users ADD COLUMN email text UNIQUE;",
            &["1 refused: SQLite adds no column with a key, as users.email has"],
        ),
        Example::new("ALTER TABLE users ADD COLUMN boss integer REFERENCES users (id);", &[]),
        Example::new("ALTER TABLE users ADD COLUMN n integer NOT NULL DEFAULT 0;", &[]),
        Example::new("ALTER TABLE users ADD COLUMN n integer DEFAULT (-1);", &[]),
    ],
    check,
};

const SQLITE: &[Dialect] = &[Sqlite];

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, reason) in refusals(subject.up, subject.before, subject.after) {
        if reason.contains("SQLite") {
            reports.push(Report::at_or(step, &subject.up.script.file, format!("refused: {reason}")));
        }
    }
    for (step, act) in subject.standing() {
        let Action::AddColumn(new) = &act.action else { continue };
        if let Some(why) = with_rows(step, act, new) {
            let (table, column) = (&new.table, &new.column);
            reports.push(Report::at(
                step,
                format!("refused where {table} has rows: {}", why.replace('%', &format!("{table}.{column}"))),
            ));
        }
    }
}

/// Why SQLite refuses the column in a table with rows; `%` stands for the column.
fn with_rows(step: &Step, act: &Act, new: &NewColumn) -> Option<&'static str> {
    let default = new.default.as_deref().filter(|default| !default.eq_ignore_ascii_case("null"));
    let references =
        step.acts.iter().any(|other| matches!(&other.action, Action::AddConstraint(c) if c.references.is_some()))
            || act.after.as_ref().is_some_and(|t| t.foreign_keys.iter().any(|k| k.columns == [new.column.clone()]));
    if new.generated == Some(Generation::Stored) {
        Some("% is generated and stored")
    } else if references && default.is_some() {
        Some("% references a table and has a default")
    } else if default.is_some_and(|default| !is_constant(default)) {
        Some("the default of % is not constant")
    } else {
        None
    }
}

/// Whether SQLite takes a default for a constant: no time, and no expression in parentheses other
/// than a literal (sqlite.org/lang_altertable.html section 4).
pub(in crate::review) fn is_constant(default: &str) -> bool {
    let lower = default.trim().to_ascii_lowercase();
    if lower.starts_with("current_") {
        return false;
    }
    match lower.strip_prefix('(') {
        // What calls nothing and names nothing.
        Some(inner) => {
            inner.starts_with('\'') && inner.matches('\'').count() == 2
                || !inner.contains(|c: char| c.is_alphabetic() || c == '(')
        }
        None => true,
    }
}
