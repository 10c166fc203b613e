//! LOCK TABLE.

use crate::replay::action::Action;
use crate::review::{Example, LockMode, POSTGRES, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM121",
    id: "lock-table",
    severity: Severity::Warn,
    dialects: POSTGRES,
    summary: "LOCK TABLE in a mode that makes others wait",
    help: "The lock is kept until the transaction ends, whatever else the revision does.",
    safer: "let the statements take the locks that they need",
    links: &["https://www.postgresql.org/docs/current/sql-lock.html"],
    examples: &[
        Example::new("LOCK TABLE users;", &["1 users is locked (ACCESS EXCLUSIVE) until the revision is through"]),
        Example::new("LOCK TABLE users IN ROW EXCLUSIVE MODE;", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.standing() {
        if !matches!(act.action, Action::LockTable { .. }) {
            continue;
        }
        let Some(lock) = subject.lock_of(act).filter(|lock| lock.mode >= LockMode::Share) else { continue };
        let text = format!("{} is locked ({}) until the revision is through", lock.tables.join(", "), lock.mode.name());
        reports.push(Report::at(step, text).lock(lock));
    }
}
