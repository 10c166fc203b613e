//! NULL forbidden by reading every row under the strongest lock.

use std::cell::OnceCell;

use crate::catalog::Name;
use crate::dialect::object_name;
use crate::replay::action::Action;
use crate::review::mend::{self, Later};
use crate::review::{Act, Example, POSTGRES, Report, Rule, Severity, Subject, Work};

pub(super) const RULE: Rule = Rule {
    code: "OM110",
    id: "set-not-null-scans",
    severity: Severity::Warn,
    dialects: POSTGRES,
    summary: "SET NOT NULL reads the whole table while nobody else can",
    help: "Behind a validated CHECK (column IS NOT NULL) the server knows it already (PostgreSQL 12) and reads \
           nothing; and validating a check that was added NOT VALID blocks neither readers nor writers.",
    safer: "a check first, added NOT VALID and validated in the next revision",
    links: &["https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-SET-DROP-NOT-NULL"],
    examples: &[
        Example::new(
            "ALTER TABLE users ALTER COLUMN nick SET NOT NULL;",
            &["1 every row of users is read while nobody else can, to see that nick is never NULL"],
        ),
        Example::new("ALTER TABLE t ALTER COLUMN a SET NOT NULL;", &[])
            .on("CREATE TABLE t (a integer CONSTRAINT c CHECK (a IS NOT NULL));"),
        Example::new(
            "ALTER TABLE users ADD COLUMN a integer DEFAULT 0;\nALTER TABLE users ALTER id SET NOT NULL;",
            &[],
        ),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    let fix = OnceCell::new();
    for (step, act) in subject.standing() {
        let Some((table, column)) = marked(subject, act) else { continue };
        let text = format!("every row of {table} is read while nobody else can, to see that {column} is never NULL");
        let Later { now, reads, then } = in_two(subject, table, column);
        let alter = format!("ALTER TABLE {} {now}", subject.sql(table));
        let sql = format!("{alter};\n-- in the next revision:\n{reads}\n{}", then.join("\n"));
        let fix = fix.get_or_init(|| {
            mend::read_later(subject, RULE.id, &|step, act| {
                let (table, column) = marked(subject, act).filter(|_| !mend::rewrites(subject, step))?;
                Some(in_two(subject, table, column))
            })
        });
        reports.push(subject.locked(Report::at(step, text), step, act).sql(sql).fix(fix.clone()));
    }
}

/// The column whose rows are all read.
fn marked<'a>(subject: &Subject<'_>, act: &'a Act) -> Option<(&'a Name, &'a String)> {
    let Action::SetNotNull { table, column } = &act.action else { return None };
    let scans = subject.lock_of(act).is_some_and(|lock| lock.work > Work::Catalog);
    (act.before.is_some() && scans).then_some((table, column))
}

/// A check that all rows have passed by then makes the mark a moment's work.
fn in_two(subject: &Subject<'_>, table: &Name, column: &str) -> Later {
    let (name, quoted) = (subject.sql(table), subject.quote(column));
    let check = subject.quote(&object_name(&table.name, Some(column), "not_null"));
    Later {
        now: format!("ADD CONSTRAINT {check} CHECK ({quoted} IS NOT NULL) NOT VALID"),
        reads: format!("ALTER TABLE {name} VALIDATE CONSTRAINT {check};"),
        then: vec![
            format!("ALTER TABLE {name} ALTER COLUMN {quoted} SET NOT NULL;"),
            format!("ALTER TABLE {name} DROP CONSTRAINT {check};"),
        ],
    }
}
