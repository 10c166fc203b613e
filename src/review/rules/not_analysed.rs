//! What the replay could not follow.

use crate::dialect::Dialect::Postgres;
use crate::review::{ALL, Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM008",
    id: "not-analysed",
    severity: Severity::Info,
    dialects: ALL,
    summary: "a statement that could not be followed",
    help: "What it does to the schema is not known here, so the other rules are silent about it.",
    safer: "`cargo ops-migrate test` runs it on a real database",
    links: &[],
    examples: &[
        Example::new(
            "ALTER TABLE ghosts ADD COLUMN a integer;",
            &["1 not followed: alters table ghosts, which no earlier revision creates"],
        )
        .only(&[Postgres]),
        Example::new("ALTER TABLE users ADD COLUMN a integer;", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for doubt in subject.after.uncertain.iter().skip(subject.before.uncertain.len()) {
        let end = crate::place::line_end(&subject.up.script.text, doubt.at.line);
        let step = subject.up.steps.iter().rfind(|step| step.offset < end && doubt.at.line > 0);
        reports.push(Report::at_or(step, &subject.up.script.file, format!("not followed: {}", doubt.reason)));
    }
}
