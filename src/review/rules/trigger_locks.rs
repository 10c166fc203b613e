//! A trigger made or switched on a table that is in use.

use crate::replay::action::Action;
use crate::review::{Example, POSTGRES, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM118",
    id: "trigger-locks",
    severity: Severity::Off,
    dialects: POSTGRES,
    summary: "a trigger is made, switched or dropped on a table that is in use",
    help: "CREATE TRIGGER locks writers out for a moment, DROP TRIGGER readers as well; both queue behind whoever \
           uses the table.",
    safer: "a low lock_timeout, and once more where it runs out",
    links: &["https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES"],
    examples: &[
        Example::new("DROP TRIGGER t ON users;", &["1 a trigger of users changes while nobody can write to it"]),
        Example::new("CREATE TABLE t (a integer);\nALTER TABLE t DISABLE TRIGGER ALL;", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.standing() {
        let table = match &act.action {
            Action::CreateTrigger { table, .. } | Action::SwitchTrigger { table, .. } => table,
            Action::DropTrigger { table: Some(table), .. } => table,
            _ => continue,
        };
        let text = format!("a trigger of {table} changes while nobody can write to it");
        reports.push(subject.locked(Report::at(step, text), step, act));
    }
}
