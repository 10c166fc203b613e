//! A lock that the statement asks for.

use crate::dialect::Dialect::Mysql;
use crate::replay::action::Action;
use crate::review::{Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM404",
    id: "mysql-lock-option",
    severity: Severity::Warn,
    dialects: &[Mysql],
    summary: "LOCK=SHARED or LOCK=EXCLUSIVE on a table that is in use",
    help: "Writers, and with EXCLUSIVE readers, too, wait until the statement ends. LOCK=NONE lets them through, and the server refuses the statement at once where that cannot be done.",
    safer: "LOCK=NONE",
    links: &["https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-performance.html"],
    examples: &[
        Example::new(
            "ALTER TABLE users ADD COLUMN age integer, LOCK=SHARED;",
            &["1 users is locked against writers, as the statement asks"],
        ),
        Example::new(
            "ALTER TABLE users ADD COLUMN age integer, LOCK=EXCLUSIVE;",
            &["1 users is locked against readers and writers, as the statement asks"],
        ),
        Example::new("ALTER TABLE users ADD COLUMN age integer, LOCK=NONE;", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.standing() {
        let Action::OnlineOption { table, option, value } = &act.action else { continue };
        let whom = match (option.as_str(), value.as_str()) {
            ("lock", "shared") => "writers",
            ("lock", "exclusive") => "readers and writers",
            _ => continue,
        };
        reports.push(Report::at(step, format!("{table} is locked against {whom}, as the statement asks")));
    }
}
