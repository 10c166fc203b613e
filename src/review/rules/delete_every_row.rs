//! DELETE without a condition.

use crate::replay::action::{Action, Rows};
use crate::review::{ALL, Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM205",
    id: "delete-every-row",
    severity: Severity::Warn,
    dialects: ALL,
    summary: "DELETE empties a table that is in use",
    help: "It has no condition, or one that is always true. No way back brings the rows again, and what references them \
           goes as its foreign keys say.",
    safer: "a condition; or say in a comment why all of them may go",
    links: &["https://www.postgresql.org/docs/current/sql-delete.html"],
    examples: &[
        Example::new("DELETE FROM users;", &["1 every row of users goes"]),
        Example::new("DELETE FROM users WHERE 1 = 1;", &["1 every row of users goes"]),
        Example::new("DELETE FROM users WHERE nick IS NULL;", &[]),
        Example::new(
            "CREATE TABLE kept (id integer);\nINSERT INTO kept SELECT id FROM users;\nDELETE FROM users;",
            &[],
        ),
        Example::new("DELETE FROM users;\nDROP TABLE users;", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.standing() {
        let (Action::Delete(rows), Some(_)) = (&act.action, &act.before) else { continue };
        if rows.from_query || !rows.condition.as_deref().is_none_or(is_always_true) || is_kept(subject, rows) {
            continue;
        }
        reports.push(Report::at(step, format!("every row of {} goes", rows.table)));
    }
}

pub(super) fn is_always_true(condition: &str) -> bool {
    let folded: String = condition.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase();
    matches!(folded.trim_matches(['(', ')']), "true" | "1" | "1=1" | "'1'='1'" | "nottrue=false")
}

/// Whether the rows are kept elsewhere, or their table goes as well and is spoken of as that.
fn is_kept(subject: &Subject<'_>, rows: &Rows) -> bool {
    subject.after.table(&rows.table).is_none()
        || subject.acts().any(|(step, act)| match &act.action {
            Action::Insert(other) => other.from_query && step.has_words(&[&rows.table.name]),
            Action::CreateTable { from_query: true, .. } => step.has_words(&[&rows.table.name]),
            _ => false,
        })
}
