//! money that depends on the locale.

use crate::review::{Example, POSTGRES, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM309",
    id: "no-money",
    severity: Severity::Off,
    dialects: POSTGRES,
    summary: "a new column is money",
    help: "How many digits it keeps, and which currency it prints, depends on lc_monetary of the database, and not on the value.",
    safer: "numeric, and the currency beside it",
    links: &["https://wiki.postgresql.org/wiki/Don%27t_Do_This#Don.27t_use_money"],
    examples: &[
        Example::new("CREATE TABLE t (price money);", &["1 t.price is money, whose digits depend on the locale"]),
        Example::new("CREATE TABLE t (price numeric(12, 2));", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, table, column) in subject.new_columns() {
        if column.ty.base == "money" {
            reports.push(Report::at(
                step,
                format!("{}.{} is money, whose digits depend on the locale", table.name, column.name),
            ));
        }
    }
}
