//! A date that is none.

use crate::dialect::Dialect::{self, Mysql};
use crate::review::{Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM407",
    id: "mysql-zero-date",
    severity: Severity::Warn,
    dialects: MYSQL,
    summary: "a new column has the default '0000-00-00'",
    help: "With NO_ZERO_DATE in sql_mode, as MySQL has it by itself since 5.7, the server refuses the default. Where it is \
           taken, chrono and time cannot read the value: a query that meets one fails.",
    safer: "NULL, CURRENT_TIMESTAMP, or a real date",
    links: &["https://dev.mysql.com/doc/refman/8.4/en/sql-mode.html#sqlmode_no_zero_date"],
    examples: &[
        Example::new(
            "ALTER TABLE users ADD COLUMN seen datetime NOT NULL DEFAULT '0000-00-00 00:00:00';",
            &["1 users.seen has a default that is no date: MySQL refuses it, and chrono cannot read it"],
        ),
        Example::new(
            "CREATE TABLE t (id integer PRIMARY KEY, born date DEFAULT '0000-00-00');",
            &["1 t.born has a default that is no date: MySQL refuses it, and chrono cannot read it"],
        ),
        Example::new("CREATE TABLE t (id integer PRIMARY KEY, born date DEFAULT '1970-01-01');", &[]),
        Example::new("CREATE TABLE t (id integer PRIMARY KEY, note varchar(20) DEFAULT '0000-00-00');", &[]),
    ],
    check,
};

const MYSQL: &[Dialect] = &[Mysql];

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, table, column) in subject.new_columns() {
        let is_time = matches!(column.ty.base.as_str(), "date" | "datetime" | "timestamp");
        let is_zero = |text: &str| text.trim_matches(['\'', '(', ')']).starts_with("0000-00-00");
        if is_time && column.default.as_ref().is_some_and(|default| is_zero(&default.normal())) {
            let text = format!(
                "{}.{} has a default that is no date: MySQL refuses it, and chrono cannot read it",
                table.name, column.name
            );
            reports.push(Report::at(step, text));
        }
    }
}
