//! An exclusion constraint on a table that is in use.

use crate::replay::action::{Action, ConstraintKind};
use crate::review::{Example, POSTGRES, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM117",
    id: "exclusion-constraint",
    severity: Severity::Warn,
    dialects: POSTGRES,
    summary: "an exclusion constraint is added to a table that is in use",
    help: "Its index is built while nobody can read the table, and there is no way to build it CONCURRENTLY.",
    safer: "a quiet hour and a low lock_timeout; or a new table that has it, filled in batches",
    links: &["https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-EXCLUDE"],
    examples: &[
        Example::new(
            "ALTER TABLE users ADD CONSTRAINT e EXCLUDE USING gist (id WITH =);",
            &["1 the index of an exclusion constraint is built while nobody can read users"],
        ),
        Example::new("CREATE TABLE t (a integer);\nALTER TABLE t ADD EXCLUDE USING gist (a WITH =);", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.standing() {
        let Action::AddConstraint(new) = &act.action else { continue };
        if new.kind == ConstraintKind::Exclude {
            let text = format!("the index of an exclusion constraint is built while nobody can read {}", new.table);
            reports.push(subject.locked(Report::at(step, text), step, act));
        }
    }
}
