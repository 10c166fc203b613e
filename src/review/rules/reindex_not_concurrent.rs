//! Indexes built anew while writers wait.

use super::index_not_concurrent::concurrently;
use crate::replay::action::Action;
use crate::review::{Example, POSTGRES, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM103",
    id: "reindex-not-concurrent",
    severity: Severity::Warn,
    dialects: POSTGRES,
    summary: "REINDEX without CONCURRENTLY",
    help: "Writers of the table wait until it is done, and so does every query that would use the index.",
    safer: "CONCURRENTLY (PostgreSQL 12), alone in a revision with run_in_transaction = false in metadata.toml",
    links: &["https://www.postgresql.org/docs/current/sql-reindex.html#SQL-REINDEX-CONCURRENTLY"],
    examples: &[
        Example::new("REINDEX TABLE users;", &["1 users is reindexed while nobody can write to it"]),
        Example::new("REINDEX TABLE CONCURRENTLY users;", &[]).no_transaction(),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.standing() {
        let Action::Reindex { name, what, concurrently: false } = &act.action else { continue };
        let table = act.before.as_ref().map(|table| &table.name).or(name.as_ref());
        let table = table.map_or_else(|| what.clone(), ToString::to_string);
        let text = match subject.held(step, &table) {
            Some(line) => format!("{table}, which line {line} locks, is reindexed while nobody can read it"),
            None => format!("{table} is reindexed while nobody can write to it"),
        };
        let mut report = subject.locked(Report::at(step, text), step, act);
        if matches!(what.as_str(), "table" | "index") {
            report = report.sql(format!("-- metadata.toml: run_in_transaction = false\n{};", concurrently(&step.text)));
        }
        reports.push(report);
    }
}
