//! A revision that others have already.

use crate::review::{ALL, Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM608",
    id: "released-revision-edited",
    severity: Severity::Error,
    dialects: ALL,
    summary: "up.sql of a revision is another one than on the base branch",
    help: "Databases that have run it are not changed by it any more, and new ones get another schema than those.",
    safer: "put it back as it was, and make the change in a new revision",
    links: &["https://docs.rs/diesel_migrations"],
    examples: &[
        Example::new(
            "ALTER TABLE users ADD COLUMN age integer;",
            &["up.sql it is another one than on the base branch, which others have"],
        )
        .edited(),
        Example::new("ALTER TABLE users ADD COLUMN age integer;", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    if subject.world.edited.contains(&subject.revision.directory) {
        let text = "it is another one than on the base branch, which others have";
        reports.push(Report::file(&subject.up.script.file, text));
    }
}
