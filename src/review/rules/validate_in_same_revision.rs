//! NOT VALID and VALIDATE in one transaction.

use crate::replay::action::Action;
use crate::review::mend::{self, Cut};
use crate::review::{Example, POSTGRES, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM115",
    id: "validate-in-same-revision",
    severity: Severity::Warn,
    dialects: POSTGRES,
    summary: "a constraint is added NOT VALID and validated in the same transaction",
    help: "The lock that ADD CONSTRAINT took is kept until the transaction ends, so it is held while every row is \
           read: NOT VALID has won nothing.",
    safer: "VALIDATE CONSTRAINT in the next revision",
    links: &["https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES"],
    examples: &[
        Example::new(
            "ALTER TABLE users ADD CONSTRAINT c CHECK (id > 0) NOT VALID;\nALTER TABLE users VALIDATE CONSTRAINT c;",
            &["2 constraint c of users is validated while the lock of line 1 is still held"],
        ),
        Example::new("ALTER TABLE users VALIDATE CONSTRAINT c;", &[])
            .on("CREATE TABLE users (id integer); ALTER TABLE users ADD CONSTRAINT c CHECK (id > 0) NOT VALID;"),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    let mut added = Vec::new();
    for (step, act) in subject.standing().filter(|_| subject.in_transaction()) {
        match &act.action {
            Action::AddConstraint(new) if new.not_valid => added.push((&new.table, &new.name, step.offset)),
            Action::ValidateConstraint { table, constraint } => {
                let same =
                    |(t, name, _): &&(_, &Option<String>, usize)| *t == table && name.as_ref() == Some(constraint);
                let Some((_, _, offset)) = added.iter().find(same) else { continue };
                let line = crate::place::line_at(&subject.up.script.text, *offset);
                let text = format!(
                    "constraint {constraint} of {table} is validated while the lock of line {line} is still held"
                );
                let fix = mend::split(subject, "validate it in the next revision", &|other| {
                    if other.offset == step.offset { Cut::After } else { Cut::With }
                });
                reports.push(Report::at(step, text).fix(fix));
            }
            _ => {}
        }
    }
}
