//! A table that Diesel cannot describe.

use crate::dialect::Dialect::{self, Mysql, Postgres};
use crate::replay::action::Action;
use crate::review::{Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM301",
    id: "table-without-primary-key",
    severity: Severity::Warn,
    dialects: DIALECTS,
    summary: "a new table has no primary key, in the schema after the whole chain",
    help: "Diesel supports only tables with one: `diesel print-schema` refuses the table or leaves it out, and no \
           struct of it can be Identifiable. Logical replication cannot find its rows either.",
    safer: "a primary key, be it over several columns",
    links: &["https://docs.rs/diesel/latest/diesel/macro.table.html"],
    examples: &[
        Example::new("CREATE TABLE t (a integer);", &["1 t has no primary key: Diesel has no table! for it"]),
        Example::new("CREATE TABLE t (a integer PRIMARY KEY);", &[]),
        Example::new("CREATE TABLE t (a integer);\nALTER TABLE t ADD PRIMARY KEY (a);", &[]),
        Example::new("CREATE TEMPORARY TABLE t (a integer);", &[]),
        Example::new("CREATE TABLE t (a integer) PARTITION BY RANGE (a);", &[]).only(&[Postgres]),
    ],
    check,
};

const DIALECTS: &[Dialect] = &[Postgres, Mysql];

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.acts() {
        let Action::CreateTable { table, temporary: false, .. } = &act.action else { continue };
        let last = subject.world.last.unwrap_or(subject.after);
        let Some(found) = last.table(table).filter(|_| act.before.is_none()) else { continue };
        let is_part = found.options.partition_of.is_some() || found.options.partition_by.is_some();
        if found.primary_key.is_some() || is_part || last.doubt(table).is_some() {
            continue;
        }
        reports.push(Report::at(step, format!("{table} has no primary key: Diesel has no table! for it")));
    }
}
