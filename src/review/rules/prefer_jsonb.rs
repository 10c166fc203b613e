//! json as text.

use crate::review::{Example, POSTGRES, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM307",
    id: "prefer-jsonb",
    severity: Severity::Off,
    dialects: POSTGRES,
    summary: "a new column is json",
    help: "json has no equality, so that DISTINCT, UNION and GROUP BY fail on it, and no index; it is parsed anew whenever it is read.",
    safer: "jsonb, unless the order and blanks of the text matter",
    links: &["https://www.postgresql.org/docs/current/datatype-json.html"],
    examples: &[
        Example::new("CREATE TABLE t (a json);", &["1 t.a is json, which has neither equality nor an index"]),
        Example::new("CREATE TABLE t (a jsonb);", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, table, column) in subject.new_columns() {
        if column.ty.base == "json" {
            reports.push(Report::at(
                step,
                format!("{}.{} is json, which has neither equality nor an index", table.name, column.name),
            ));
        }
    }
}
