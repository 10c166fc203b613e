//! A length that somebody will have to change.

use crate::review::{Example, POSTGRES, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM305",
    id: "prefer-text",
    severity: Severity::Off,
    dialects: POSTGRES,
    summary: "a new column is varchar with a length",
    help: "text is as fast, and a CHECK of the length can be changed without a lock on every reader; a length that is part of the type cannot become smaller without reading all rows.",
    safer: "text, with CHECK (char_length(…) <= n) where the length matters",
    links: &["https://wiki.postgresql.org/wiki/Don%27t_Do_This#Don.27t_use_varchar.28n.29_by_default"],
    examples: &[
        Example::new("CREATE TABLE t (nick varchar(40));", &["1 t.nick has its length in its type"]),
        Example::new("CREATE TABLE t (nick text, name varchar);", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, table, column) in subject.new_columns() {
        if column.ty.base == "character varying" && !column.ty.args.is_empty() {
            reports.push(Report::at(step, format!("{}.{} has its length in its type", table.name, column.name)));
        }
    }
}
