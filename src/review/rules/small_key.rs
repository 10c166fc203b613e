//! A key that may run out of numbers.

use crate::review::{Example, POSTGRES, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM303",
    id: "prefer-bigint-key",
    severity: Severity::Off,
    dialects: POSTGRES,
    summary: "a new primary key counts with 32 bits or fewer",
    help: "An integer key ends at 2,147,483,647, and changing its type then writes the whole table anew, and every table that references it.",
    safer: "bigint",
    links: &["https://www.postgresql.org/docs/current/datatype-numeric.html"],
    examples: &[
        Example::new("CREATE TABLE t (id serial PRIMARY KEY);", &["1 t.id counts up to 2 thousand million at most"]),
        Example::new("CREATE TABLE t (id bigserial PRIMARY KEY);", &[]),
        Example::new("CREATE TABLE t (id integer PRIMARY KEY);", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, table, column) in subject.new_columns() {
        if column.auto.is_some() && matches!(column.ty.base.as_str(), "integer" | "smallint") {
            reports.push(Report::at(
                step,
                format!("{}.{} counts up to 2 thousand million at most", table.name, column.name),
            ));
        }
    }
}
