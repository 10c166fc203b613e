//! Several tables locked at once.

use std::collections::BTreeSet;

use crate::review::{Example, LockMode, POSTGRES, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM107",
    id: "wide-lock-window",
    severity: Severity::Off,
    dialects: POSTGRES,
    summary: "one transaction holds ACCESS EXCLUSIVE on several tables that are in use",
    help: "The transaction waits for the second table while it locks the first; an application that takes them in \
           the other order makes a deadlock.",
    safer: "one table in a revision",
    links: &["https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-DEADLOCKS"],
    examples: &[
        Example::new(
            "ALTER TABLE a ADD COLUMN x integer;\nALTER TABLE b ADD COLUMN x integer;",
            &["2 a is still locked when b is locked as well"],
        )
        .on("CREATE TABLE a (id integer); CREATE TABLE b (id integer);"),
        Example::new("ALTER TABLE users ADD COLUMN x integer;\nALTER TABLE users ADD COLUMN y integer;", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    if !subject.in_transaction() {
        return;
    }
    let mut held: BTreeSet<String> = BTreeSet::new();
    for (step, act) in subject.standing().filter(|(_, act)| act.before.is_some() && act.action.is_ddl()) {
        let Some(lock) = subject.lock_of(act).filter(|lock| lock.mode == LockMode::AccessExclusive) else { continue };
        for table in lock.tables {
            if let Some(first) = held.first().filter(|_| !held.contains(&table)) {
                reports.push(Report::at(step, format!("{first} is still locked when {table} is locked as well")));
            }
            held.insert(table);
        }
    }
}
