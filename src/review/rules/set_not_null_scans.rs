//! NULL forbidden by reading every row under the strongest lock.

use crate::replay::action::Action;
use crate::review::{Example, POSTGRES, Report, Rule, Severity, Subject, Work};

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
    for (step, act) in subject.standing() {
        let Action::SetNotNull { table, column } = &act.action else { continue };
        let scans = subject.lock_of(act).is_some_and(|lock| lock.work > Work::Catalog);
        if act.before.is_none() || !scans {
            continue;
        }
        let text = format!("every row of {table} is read while nobody else can, to see that {column} is never NULL");
        let (name, quoted) = (subject.sql(table), subject.quote(column));
        let check = subject.quote(&format!("{}_{column}_not_null", table.name));
        let sql = format!(
            "ALTER TABLE {name} ADD CONSTRAINT {check} CHECK ({quoted} IS NOT NULL) NOT VALID;\n-- in the next revision:\n\
             ALTER TABLE {name} VALIDATE CONSTRAINT {check};\nALTER TABLE {name} ALTER COLUMN {quoted} SET NOT NULL;\n\
             ALTER TABLE {name} DROP CONSTRAINT {check};"
        );
        reports.push(subject.locked(Report::at(step, text), act).sql(sql));
    }
}
