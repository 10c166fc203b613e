//! A time of which nobody knows where.

use crate::review::{Example, POSTGRES, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM306",
    id: "prefer-timestamptz",
    severity: Severity::Off,
    dialects: POSTGRES,
    summary: "a new column is a timestamp without time zone",
    help: "It keeps the digits of a clock without saying whose: what is written from sessions of two time zones cannot be compared. timestamptz takes as much room.",
    safer: "timestamptz",
    links: &["https://wiki.postgresql.org/wiki/Don%27t_Do_This#Don.27t_use_timestamp_.28without_time_zone.29"],
    examples: &[
        Example::new("CREATE TABLE t (at timestamp);", &["1 t.at is a timestamp without time zone"]),
        Example::new("CREATE TABLE t (at timestamptz);", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, table, column) in subject.new_columns() {
        if column.ty.base == "timestamp without time zone" {
            reports.push(Report::at(step, format!("{}.{} is a timestamp without time zone", table.name, column.name)));
        }
    }
}
