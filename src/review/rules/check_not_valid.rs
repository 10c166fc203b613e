//! A check of every row under the strongest lock.

use std::cell::OnceCell;

use crate::replay::action::{Action, ConstraintKind, NewConstraint};
use crate::review::mend;
use crate::review::{Act, Example, POSTGRES, Report, Rule, Severity, Step, Subject, Work};

pub(super) const RULE: Rule = Rule {
    code: "OM113",
    id: "check-not-valid",
    severity: Severity::Warn,
    dialects: POSTGRES,
    summary: "a CHECK is added and checked in one step, on a table that is in use",
    help: "Every row is read while nobody else can. NOT VALID checks only what is written from then on, in a moment; \
           VALIDATE CONSTRAINT then reads the rows and blocks neither readers nor writers.",
    safer: "NOT VALID, and VALIDATE CONSTRAINT in the next revision",
    links: &["https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT"],
    examples: &[
        Example::new(
            "ALTER TABLE users ADD CONSTRAINT users_id CHECK (id > 0);",
            &["1 every row of users is checked while nobody else can read it"],
        ),
        Example::new("ALTER TABLE users ADD CONSTRAINT users_id CHECK (id > 0) NOT VALID;", &[]),
        Example::new("CREATE TABLE t (id integer);\nALTER TABLE t ADD CHECK (id > 0);", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    report_scans(subject, reports, RULE.id, added, |_, _, new| {
        format!("every row of {} is checked while nobody else can read it", new.table)
    });
}

/// The constraint of an act where the server reads every row for it.
pub(super) type Added = for<'a> fn(&Subject<'_>, &'a Act) -> Option<&'a NewConstraint>;

/// Reports each constraint that can be added NOT VALID first, with that as the safer way and the fix.
pub(super) fn report_scans(
    subject: &Subject<'_>,
    reports: &mut Vec<Report>,
    rule: &str,
    added: Added,
    text: fn(&Subject<'_>, &Step, &NewConstraint) -> String,
) {
    let fix = OnceCell::new();
    for (step, act) in subject.standing() {
        let Some(new) = added(subject, act) else { continue };
        let sql = in_two_steps(subject, step, act, new);
        let fix = fix.get_or_init(|| {
            mend::read_later(subject, rule, &|step, act| {
                mend::constraint_later(subject, step, act, added(subject, act)?)
            })
        });
        reports.push(subject.locked(Report::at(step, text(subject, step, new)), step, act).sql(sql).fix(fix.clone()));
    }
}

/// The check that reads every row.
fn added<'a>(subject: &Subject<'_>, act: &'a Act) -> Option<&'a NewConstraint> {
    let Action::AddConstraint(new) = &act.action else { return None };
    let scans = subject.lock_of(act).is_some_and(|lock| lock.work > Work::Catalog);
    (new.kind == ConstraintKind::Check && scans && act.before.is_some()).then_some(new)
}

/// The constraint NOT VALID, and its validation.
fn in_two_steps(subject: &Subject<'_>, step: &Step, act: &Act, new: &NewConstraint) -> String {
    let table = subject.sql(&new.table);
    let name =
        new.name.clone().or_else(|| mend::name_of(act, new)).map_or_else(|| "…".to_owned(), |n| subject.quote(&n));
    let first = match step.acts.last() {
        Some(last) if last.action == act.action => format!("{} NOT VALID;", step.text),
        _ => {
            let own = mend::clause_of(subject, step, &act.action).map(str::to_owned);
            format!("ALTER TABLE {table} {} NOT VALID;", own.unwrap_or_else(|| format!("ADD CONSTRAINT {name} …")))
        }
    };
    format!("{first}\n-- in the next revision:\nALTER TABLE {table} VALIDATE CONSTRAINT {name};")
}
