//! One backend's chain changed, and the other's not.

use crate::chain::{Chain, Revision};
use crate::review::{ALL, Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM605",
    id: "multi-backend-parity",
    severity: Severity::Warn,
    dialects: ALL,
    summary: "a project with a chain for each database, and only one of them got this revision",
    help: "The same code runs on all of them: on the others the table or column is not there.",
    safer: "write the twin: the same change in that database's SQL",
    links: &["https://docs.rs/diesel_migrations"],
    examples: &[
        Example::new("ALTER TABLE users ADD COLUMN age integer;", &["up.sql other/migrations has no revision `new`"])
            .with_sibling(),
        Example::new("UPDATE users SET nick = '';", &[]).with_sibling(),
        Example::new("ALTER TABLE users ADD COLUMN age integer;", &[]),
    ],
    check,
};

/// How many of the revisions before are looked at; where three of five have a twin, that is the custom.
const BEFORE: usize = 5;

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    let world = subject.world;
    if subject.operations.is_empty() || !world.unreleased {
        return;
    }
    let at = world.chain.position(&subject.revision.id).unwrap_or_default();
    let before = &world.chain.revisions()[at.saturating_sub(BEFORE)..at];
    for sibling in world.siblings.iter().map(|sibling| &sibling.chain).filter(|sibling| !sibling.is_empty()) {
        let twins = before.iter().filter(|revision| has_twin(sibling, revision)).count();
        if !before.is_empty() && twins * 5 >= before.len() * 3 && !has_twin(sibling, subject.revision) {
            let text = format!("{} has no revision `{}`", sibling.directory, subject.revision.slug);
            reports.push(Report::file(&subject.up.script.file, text));
        }
    }
}

/// By its version, or by its name: the time stamps may differ.
fn has_twin(chain: &Chain, revision: &Revision) -> bool {
    chain.by_version(&revision.version).is_some() || chain.revisions().iter().any(|other| other.slug == revision.slug)
}
