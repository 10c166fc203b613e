//! A table copied as a whole.

use crate::replay::action::Action;
use crate::review::{Example, POSTGRES, Report, Rule, Severity, Subject, Work};

pub(super) const RULE: Rule = Rule {
    code: "OM120",
    id: "table-rewritten",
    severity: Severity::Warn,
    dialects: POSTGRES,
    summary: "SET LOGGED, SET TABLESPACE, SET ACCESS METHOD, CLUSTER or VACUUM FULL of a table that is in use",
    help: "The table and its indexes are written anew while nobody can read it.",
    safer: "a quiet hour and a low lock_timeout, or pg_repack, which holds the lock for a moment only",
    links: &["https://www.postgresql.org/docs/current/sql-altertable.html", "https://reorg.github.io/pg_repack/"],
    examples: &[
        Example::new("ALTER TABLE users SET UNLOGGED;", &["1 users is written anew while nobody can read it"]),
        Example::new("CLUSTER users USING users_pkey;", &["1 users is written anew while nobody can read it"]),
        Example::new("VACUUM (FULL) users;", &["1 users is written anew while nobody can read it"]).no_transaction(),
        Example::new("VACUUM users;", &[]).no_transaction(),
        Example::new("ALTER TABLE users SET (fillfactor = 70);", &[]),
        Example::new("ALTER TABLE users SET LOGGED;", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.standing() {
        let copies = matches!(
            act.action,
            Action::SetLogged { .. }
                | Action::MoveTable { .. }
                | Action::Cluster { .. }
                | Action::Vacuum { full: true, .. }
        );
        let Some(lock) = subject.lock_of(act).filter(|lock| copies && lock.work == Work::Rewrite) else { continue };
        let text = format!("{} is written anew while nobody can read it", lock.tables.join(", "));
        reports.push(Report::at(step, text).lock(lock));
    }
}
