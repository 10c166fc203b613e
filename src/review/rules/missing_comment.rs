//! A table that says nothing of itself.

use crate::replay::action::Action;
use crate::review::{Example, POSTGRES, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM316",
    id: "missing-comment",
    severity: Severity::Off,
    dialects: POSTGRES,
    summary: "a new table has no comment, in the schema after the whole chain",
    help: "What it is for is nowhere to be read by those who look at the database.",
    safer: "COMMENT ON TABLE …",
    links: &["https://www.postgresql.org/docs/current/sql-comment.html"],
    examples: &[
        Example::new("CREATE TABLE t (id integer PRIMARY KEY);", &["1 t has no comment"]),
        Example::new("CREATE TABLE t (id integer PRIMARY KEY);\nCOMMENT ON TABLE t IS 'things';", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    let last = subject.world.last.unwrap_or(subject.after);
    for (step, act) in subject.acts() {
        let Action::CreateTable { table, temporary: false, .. } = &act.action else { continue };
        if act.before.is_none() && last.table(table).is_some_and(|made| made.comment.is_none()) {
            reports.push(Report::at(step, format!("{table} has no comment")));
        }
    }
}
