//! A new revision that sorts before one that is released.

use crate::review::{ALL, Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM606",
    id: "out-of-order-version",
    severity: Severity::Warn,
    dialects: ALL,
    summary: "a new revision whose version sorts before one that the base branch has",
    help: "Databases that have the later one already run this one after it, new ones before it: the two need not end \
           with the same schema.",
    safer: "give its directory a new time stamp",
    links: &["https://docs.rs/diesel_migrations"],
    examples: &[
        Example::new(
            "ALTER TABLE users ADD COLUMN age integer;",
            &["up.sql it sorts before 2024-03-01-000000_later, which is released"],
        )
        .before_a_released_one(),
        Example::new("ALTER TABLE users ADD COLUMN age integer;", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    let Some(released) = subject.world.released else { return };
    if released.contains(&subject.revision.directory) {
        return;
    }
    let later = subject.world.chain.revisions().iter().rev().find(|other| released.contains(&other.directory));
    let Some(later) = later.filter(|later| later.version > subject.revision.version) else { return };
    reports
        .push(Report::file(&subject.up.script.file, format!("it sorts before {}, which is released", later.directory)));
}
