//! A setting that outlives its revision.

use crate::dialect::Dialect::{self, Mysql, Postgres};
use crate::replay::action::Action;
use crate::review::mend;
use crate::review::{Example, Fix, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM704",
    id: "session-setting-leaks",
    severity: Severity::Warn,
    dialects: DIALECTS,
    summary: "SET changes the session, and the revisions after this one run with it",
    help: "All pending revisions run in one session, and SET lasts until its end: with another search_path the next \
           revision makes its tables elsewhere, and a database that was upgraded in two steps differs from one that \
           was upgraded in one.",
    safer: "SET LOCAL, which ends with the transaction (PostgreSQL); or set it back at the end of the script",
    links: &[
        "https://www.postgresql.org/docs/current/sql-set.html",
        "https://dev.mysql.com/doc/refman/8.4/en/set-variable.html",
    ],
    examples: &[
        Example::new("SET search_path = app;", &["1 search_path stays changed for the revisions that follow"]),
        Example::new("SET LOCAL search_path = app;", &[]).only(&[Postgres]),
        Example::new("SET lock_timeout = '2s';\nRESET lock_timeout;", &[]).only(&[Postgres]),
        Example::new("SET FOREIGN_KEY_CHECKS = 0;\nDROP TABLE users;\nSET FOREIGN_KEY_CHECKS = 1;", &[]).only(&[Mysql]),
        Example::new("SET @n = 1;", &[]).only(&[Mysql]),
    ],
    check,
};

const DIALECTS: &[Dialect] = &[Postgres, Mysql];

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    let sets: Vec<_> = subject.acts().filter(|(_, act)| matches!(act.action, Action::Set { .. })).collect();
    for (at, (step, act)) in sets.iter().enumerate() {
        let Action::Set { name, value: Some(_), local: false } = &act.action else { continue };
        // A variable of the user's is nobody else's; and who says it twice says it to set it back.
        let is_own = name.is_empty() || name.starts_with('@') || step.text.contains('@');
        let again =
            |other: &Action| matches!(other, Action::Set { name: other, .. } if other == name || other == "all");
        let twice = sets.iter().enumerate().any(|(other, (_, act))| other != at && again(&act.action));
        if is_own || twice {
            continue;
        }
        let report = Report::at(step, format!("{name} stays changed for the revisions that follow"));
        let rest = step.text.get(3..).unwrap_or_default().trim_start();
        let local = subject.dialect() == Postgres && subject.in_transaction();
        let words = format!("SET LOCAL {rest}");
        let fix = || Fix::edits("let it end with the transaction", vec![mend::instead(subject.up, step, &words)]);
        let severity = if decides(name) { RULE.severity } else { Severity::Info };
        let report = report.severity(severity);
        reports.push(if local { report.sql(format!("{words};")).fix(fix()) } else { report });
    }
}

/// Whether the setting decides where the statements of other revisions act, as whom, and whether they
/// succeed: a time zone or a format does so for few.
fn decides(name: &str) -> bool {
    const DECIDE: [&str; 14] = [
        "search_path",
        "schema",
        "role",
        "session authorization",
        "session_authorization",
        "session_replication_role",
        "lock_timeout",
        "statement_timeout",
        "transaction_timeout",
        "row_security",
        "default_tablespace",
        "foreign_key_checks",
        "unique_checks",
        "sql_mode",
    ];
    let name = name.to_ascii_lowercase();
    let bare = name.rsplit(['.', ' ']).next().unwrap_or_default();
    DECIDE.contains(&name.as_str()) || DECIDE.contains(&bare) || name.starts_with("default_transaction")
}
