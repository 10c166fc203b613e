//! A foreign key checked while both tables are locked.

use crate::catalog::Name;
use crate::replay::action::{Action, ConstraintKind, NewConstraint};
use crate::review::{Act, Example, POSTGRES, Report, Rule, Severity, Subject, Work};

pub(super) const RULE: Rule = Rule {
    code: "OM112",
    id: "foreign-key-not-valid",
    severity: Severity::Warn,
    dialects: POSTGRES,
    summary: "a foreign key is added and checked in one step, on a table that is in use",
    help: "It locks both tables against writes until every row is checked. NOT VALID checks only what is written \
           from then on, in a moment; VALIDATE CONSTRAINT then reads the rows and blocks neither readers nor writers.",
    safer: "NOT VALID, and VALIDATE CONSTRAINT in the next revision",
    links: &["https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT"],
    examples: &[
        Example::new(
            "ALTER TABLE users ADD CONSTRAINT users_boss FOREIGN KEY (id) REFERENCES bosses (id);",
            &["1 writers of users and bosses wait while every row of users is checked"],
        )
        .on(BOSSES),
        Example::new(
            "ALTER TABLE users ADD CONSTRAINT users_boss FOREIGN KEY (id) REFERENCES bosses (id) NOT VALID;",
            &[],
        )
        .on(BOSSES),
        Example::new(
            "ALTER TABLE users DROP CONSTRAINT boss, ADD CONSTRAINT boss FOREIGN KEY (id) REFERENCES bosses (id) ON DELETE CASCADE;",
            &["1 readers and writers of users and bosses wait while every row of users is checked"],
        )
        .on("CREATE TABLE bosses (id integer PRIMARY KEY); CREATE TABLE users (id integer PRIMARY KEY CONSTRAINT boss REFERENCES bosses (id));"),
        Example::new("ALTER TABLE users ADD COLUMN boss integer REFERENCES bosses (id);", &[]).on(BOSSES),
        Example::new("CREATE TABLE t (id integer);\nALTER TABLE t ADD FOREIGN KEY (id) REFERENCES users (id);", &[]),
    ],
    check,
};

const BOSSES: &str = "CREATE TABLE bosses (id integer PRIMARY KEY); CREATE TABLE users (id integer PRIMARY KEY);";

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    super::check_not_valid::report_scans(subject, reports, RULE.id, added, |subject, step, new| {
        let tables: Vec<String> =
            [Some(&new.table), new.references.as_ref()].into_iter().flatten().map(Name::to_string).collect();
        let held = tables.iter().filter(|table| subject.held(step, table).is_some()).count();
        let who = match held {
            0 => format!("writers of {}", tables.join(" and ")),
            _ if held == tables.len() => format!("readers and writers of {}", tables.join(" and ")),
            _ => format!("writers of {} and readers of what is locked already", tables.join(" and ")),
        };
        format!("{who} wait while every row of {} is checked", new.table)
    });
}

/// The key that reads every row; a column that the same revision adds without a value has NULL in each.
fn added<'a>(subject: &Subject<'_>, act: &'a Act) -> Option<&'a NewConstraint> {
    let Action::AddConstraint(new) = &act.action else { return None };
    let scans = subject.lock_of(act).is_some_and(|lock| lock.work > Work::Catalog);
    let is_key = new.kind == ConstraintKind::ForeignKey && act.before.is_some();
    (is_key && scans && !subject.is_empty_column(new)).then_some(new)
}
