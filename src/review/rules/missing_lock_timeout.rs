//! A strong lock that may be waited for without end.

use crate::replay::action::Action;
use crate::review::{Example, LockMode, POSTGRES, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM122",
    id: "missing-lock-timeout",
    severity: Severity::Off,
    dialects: POSTGRES,
    summary: "a strong lock is taken while no lock_timeout holds",
    help: "While a statement waits for its lock, everybody who comes later waits behind it. `cargo ops-migrate \
           upgrade` can set a timeout for the session; this rule is for projects that run their migrations otherwise.",
    safer: "SET LOCAL lock_timeout before it",
    links: &["https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-LOCK-TIMEOUT"],
    examples: &[
        Example::new("ALTER TABLE users ADD COLUMN a integer;", &["1 users may be waited for without end"]),
        Example::new("SET LOCAL lock_timeout = '2s';\nALTER TABLE users ADD COLUMN a integer;", &[]),
        Example::new(
            "SET LOCAL lock_timeout = '2s';\nRESET lock_timeout;\nALTER TABLE users ADD COLUMN a integer;",
            &["3 users may be waited for without end"],
        ),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    let mut holds = false;
    for (step, act) in subject.standing() {
        if let Action::Set { name, value, .. } = &act.action
            && (name == "lock_timeout" || name == "all")
        {
            let zero = |value: &str| value.trim_matches('\'').trim_start_matches(['0', 'm', 's', ' ']).is_empty();
            holds = value.as_deref().is_some_and(|value| !zero(value));
        }
        let strong = subject.lock_of(act).filter(|lock| lock.mode >= LockMode::Share && act.before.is_some());
        if let (Some(lock), false) = (strong, holds) {
            let sql = format!("SET LOCAL lock_timeout = '5s';\n{};", step.text);
            let text = format!("{} may be waited for without end", lock.tables.join(", "));
            let report = Report::at(step, text).lock(lock);
            // In a file without a transaction a second statement would be the trap itself.
            reports.push(if subject.in_transaction() { report.sql(sql) } else { report });
            return;
        }
    }
}
