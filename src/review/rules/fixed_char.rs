//! Text that is filled up with blanks.

use crate::review::{Example, POSTGRES, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM308",
    id: "no-fixed-char",
    severity: Severity::Off,
    dialects: POSTGRES,
    summary: "a new column is char(n)",
    help: "Values are filled up with blanks to the length, which some comparisons then leave out and others do not; it is neither smaller nor faster than text.",
    safer: "text or varchar",
    links: &["https://wiki.postgresql.org/wiki/Don%27t_Do_This#Don.27t_use_char.28n.29"],
    examples: &[
        Example::new("CREATE TABLE t (code char(3));", &["1 t.code is char(n), filled up with blanks"]),
        Example::new("CREATE TABLE t (code text, flag \"char\");", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, table, column) in subject.new_columns() {
        if column.ty.base == "character" {
            reports.push(Report::at(step, format!("{}.{} is char(n), filled up with blanks", table.name, column.name)));
        }
    }
}
