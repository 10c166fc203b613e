//! SET LOCAL where there is no transaction that it could last for.

use crate::replay::action::{Action, Transaction};
use crate::review::{Example, POSTGRES, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM706",
    id: "set-local-outside-transaction",
    severity: Severity::Warn,
    dialects: POSTGRES,
    summary: "SET LOCAL in a revision that Diesel runs without a transaction",
    help: "PostgreSQL warns that it can only be used in transaction blocks; alone in its script it has no effect, and \
           beside a CONCURRENTLY it makes the server refuse that.",
    safer: "leave it out: settings of the run belong to the session that runs the revisions",
    links: &["https://www.postgresql.org/docs/current/sql-set.html"],
    examples: &[
        Example::new(
            "SET LOCAL lock_timeout = '2s';",
            &["1 SET LOCAL lock_timeout has no effect: there is no transaction"],
        )
        .no_transaction(),
        Example::new("SET LOCAL lock_timeout = '2s';", &[]),
        Example::new("BEGIN;\nSET LOCAL lock_timeout = '2s';\nCOMMIT;", &[]).no_transaction(),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    let mut open = subject.in_transaction();
    for (step, act) in subject.acts() {
        match &act.action {
            Action::Transaction(Transaction::Begin) => open = true,
            Action::Transaction(Transaction::Commit | Transaction::Rollback) => open = false,
            Action::Set { name, local: true, .. } if !open => {
                reports.push(Report::at(step, format!("SET LOCAL {name} has no effect: there is no transaction")));
            }
            _ => {}
        }
    }
}
