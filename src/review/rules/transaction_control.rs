//! A transaction within Diesel's.

use crate::replay::action::{Action, Transaction};
use crate::review::mend;
use crate::review::{ALL, Example, Fix, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM703",
    id: "transaction-control",
    severity: Severity::Error,
    dialects: ALL,
    summary: "BEGIN, COMMIT or ROLLBACK in a script that Diesel runs in a transaction",
    help: "COMMIT ends Diesel's own transaction: what follows is not taken back when it fails, and a failure leaves \
           half a revision that Diesel believes was never run. SQLite refuses a second BEGIN.",
    safer: "leave it out; or run_in_transaction = false in metadata.toml, and the whole transaction in the script",
    links: &["https://docs.rs/diesel_migrations", "https://sqlite.org/lang_transaction.html"],
    examples: &[
        Example::new(
            "BEGIN;\nALTER TABLE users ADD COLUMN age integer;\nCOMMIT;",
            &["1 BEGIN within Diesel's transaction", "3 COMMIT within Diesel's transaction"],
        ),
        Example::new("BEGIN;\nALTER TABLE users ADD COLUMN age integer;\nCOMMIT;", &[]).no_transaction(),
        Example::new("SAVEPOINT a;\nRELEASE a;", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    if !subject.in_transaction() {
        return;
    }
    let both =
        [subject.up, subject.down].into_iter().flat_map(|way| way.acts().map(move |(step, act)| (way, step, act)));
    for (way, step, act) in both {
        let what = match act.action {
            Action::Transaction(Transaction::Begin) => "BEGIN",
            Action::Transaction(Transaction::Commit) => "COMMIT",
            Action::Transaction(Transaction::Rollback) => "ROLLBACK",
            _ => continue,
        };
        let fix = || Fix::edits(format!("leave {what} out"), vec![mend::instead(way, step, "")]);
        let report = Report::at(step, format!("{what} within Diesel's transaction"));
        // What a ROLLBACK takes back is not to be kept.
        reports.push(report.fix((what != "ROLLBACK").then(fix)));
    }
}
