//! A new column that has a value of its own in every row.

use crate::catalog::AutoValue;
use crate::replay::action::{Action, Generation, NewColumn};
use crate::review::{Act, Example, POSTGRES, Report, Rule, Severity, Subject, Work};

pub(super) const RULE: Rule = Rule {
    code: "OM109",
    id: "add-column-rewrites",
    severity: Severity::Warn,
    dialects: POSTGRES,
    summary: "a new column makes the server write the whole table anew",
    help: "A volatile default (gen_random_uuid(), clock_timestamp()), serial, identity, a stored generated column and \
           a domain with constraints give each row a value of its own: the table and its indexes are rewritten \
           while nobody can read. Constants and now() are kept once, in the catalog.",
    safer: "add it without a value, then SET DEFAULT, and fill the rows in batches",
    links: &["https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES"],
    examples: &[
        Example::new(
            "ALTER TABLE users ADD COLUMN key uuid NOT NULL DEFAULT gen_random_uuid();",
            &["1 users is rewritten: users.key has a default that differs from row to row"],
        ),
        Example::new("ALTER TABLE users ADD COLUMN n serial;", &["1 users is rewritten: users.n counts its rows"]),
        Example::new(
            "ALTER TABLE users ADD COLUMN n integer GENERATED ALWAYS AS (id * 2) STORED;",
            &["1 users is rewritten: users.n is computed and stored for every row"],
        ),
        Example::new("ALTER TABLE users ADD COLUMN at timestamptz NOT NULL DEFAULT now();", &[]),
        Example::new("ALTER TABLE users ADD COLUMN n integer NOT NULL DEFAULT 0;", &[]),
        Example::new("CREATE TABLE t (a integer);\nALTER TABLE t ADD COLUMN n serial;", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.standing() {
        let Action::AddColumn(new) = &act.action else { continue };
        let Some(lock) = subject.lock_of(act).filter(|lock| lock.work == Work::Rewrite) else { continue };
        if act.before.is_none() || act.column_before(&new.column, subject.dialect()).is_some() {
            continue;
        }
        let text = format!("{0} is rewritten: {0}.{1} {2}", new.table, new.column, why(subject, act, new));
        let mut report = Report::at(step, text).lock(lock);
        if new.generated == Some(Generation::Stored) {
            report = report.safer(
                "a plain column that a trigger fills, its rows in batches; a generated one cannot be had without the \
                 rewrite, at a quiet hour",
            );
        } else if let Some(sql) = in_steps(subject, new) {
            report = report.sql(sql);
        }
        reports.push(report);
    }
}

fn why(subject: &Subject<'_>, act: &Act, new: &NewColumn) -> &'static str {
    let column = act.column_after(&new.column, subject.dialect());
    if new.generated == Some(Generation::Stored) {
        "is computed and stored for every row"
    } else if new.identity || matches!(column.and_then(|c| c.auto.as_ref()), Some(AutoValue::Serial { .. })) {
        "counts its rows"
    } else if new.default.is_some() {
        "has a default that differs from row to row"
    } else {
        "is of a domain with constraints"
    }
}

fn in_steps(subject: &Subject<'_>, new: &NewColumn) -> Option<String> {
    let (table, column) = (subject.sql(&new.table), subject.quote(&new.column));
    let default = new.default.as_ref()?;
    Some(format!(
        "ALTER TABLE {table} ADD COLUMN {column} {};\nALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT {default};\n\
         -- in batches, outside of this transaction:\nUPDATE {table} SET {column} = {default} WHERE {column} IS NULL;",
        new.ty
    ))
}
