//! A new type that makes the server write every row anew.

use crate::catalog::Column;
use crate::replay::action::Action;
use crate::review::{Example, POSTGRES, Report, Rule, Severity, Subject, Work};

pub(super) const RULE: Rule = Rule {
    code: "OM111",
    id: "column-type-rewrites",
    severity: Severity::Warn,
    dialects: POSTGRES,
    summary: "a column's new type makes the server write the whole table anew",
    help: "Where values keep their bytes (varchar to a longer one or to text, numeric with more digits at the same \
           scale) only the catalog changes. Everything else rewrites the table and its indexes while nobody can \
           read.",
    safer: "a new column of the new type, filled in batches and by a trigger; then readers change over, and the old goes",
    links: &["https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES"],
    examples: &[
        Example::new(
            "ALTER TABLE users ALTER COLUMN id TYPE bigint;",
            &["1 users is rewritten: users.id changes from integer to bigint"],
        ),
        Example::new("ALTER TABLE t ALTER COLUMN a TYPE varchar(80);", &[]).on("CREATE TABLE t (a varchar(40));"),
        Example::new("ALTER TABLE t ALTER COLUMN a TYPE text;", &[]).on("CREATE TABLE t (a varchar(40));"),
        Example::new(
            "ALTER TABLE t ALTER COLUMN a TYPE varchar(20);",
            &["1 t is rewritten: t.a changes from character varying(40) to character varying(20)"],
        )
        .on("CREATE TABLE t (a varchar(40));"),
        Example::new(
            "ALTER TABLE t ALTER COLUMN a TYPE timestamptz;",
            &["1 t is rewritten, unless the session's TimeZone is UTC: t.a changes from \
               timestamp without time zone to timestamp with time zone"],
        )
        .on("CREATE TABLE t (a timestamp);"),
        Example::new("SET LOCAL timezone = 'UTC';\nALTER TABLE t ALTER COLUMN a TYPE timestamptz USING a;", &[])
            .on("CREATE TABLE t (a timestamp);"),
        Example::new(
            "SET LOCAL timezone = 'UTC';\nALTER TABLE t ALTER COLUMN a TYPE timestamptz;",
            &["2 indexes of t are built anew: t.a changes from timestamp without time zone to timestamp with time zone"],
        )
        .on("CREATE TABLE t (a timestamp); CREATE INDEX i ON t (a);"),
        Example::new("CREATE TABLE t (a integer);\nALTER TABLE t ALTER a TYPE bigint;", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    let dialect = subject.dialect();
    for (step, act) in subject.standing() {
        let Action::AlterType { table, column, using } = &act.action else { continue };
        let (Some(from), Some(to)) = (act.column_before(column, dialect), act.column_after(column, dialect)) else {
            continue;
        };
        let Some(lock) = subject.lock_of(act).filter(|lock| lock.work > Work::Catalog) else { continue };
        let types = format!("{table}.{column} changes from {} to {}", from.ty, to.ty);
        let text = match lock.work {
            Work::Rewrite if using.is_none() && is_time_zone(from, to) => {
                format!("{table} is rewritten, unless the session's TimeZone is UTC: {types}")
            }
            Work::Rewrite => format!("{table} is rewritten: {types}"),
            _ if !is_indexed(act, column) => continue,
            _ => format!("indexes of {table} are built anew: {types}"),
        };
        reports.push(Report::at(step, text).lock(lock));
    }
}

/// `timestamp` and `timestamptz` are one in UTC (PostgreSQL 12).
fn is_time_zone(from: &Column, to: &Column) -> bool {
    let both = [from.ty.base.as_str(), to.ty.base.as_str()];
    both.iter().all(|base| base.starts_with("timestamp")) && both[0] != both[1]
}

fn is_indexed(act: &crate::review::Act, column: &str) -> bool {
    act.before.as_ref().is_some_and(|table| {
        table.indexes.iter().any(|index| index.columns().any(|name| name == column))
            || table.uniques.iter().any(|unique| unique.columns.iter().any(|name| name == column))
            || table.key_columns().iter().any(|name| name == column)
    })
}
