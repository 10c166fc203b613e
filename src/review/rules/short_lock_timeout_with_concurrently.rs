//! A timeout that leaves an invalid index behind.

use crate::replay::action::Action;
use crate::review::{Example, POSTGRES, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM123",
    id: "short-lock-timeout-with-concurrently",
    severity: Severity::Warn,
    dialects: POSTGRES,
    summary: "CONCURRENTLY under a lock_timeout of seconds",
    help: "CONCURRENTLY waits for every transaction that has seen the table, which may take long and blocks nobody. \
           A timeout breaks it off, and an INVALID index stays that every write pays for.",
    safer: "no lock_timeout, or one of minutes, for CONCURRENTLY",
    links: &["https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY"],
    examples: &[
        Example::new(
            "SET lock_timeout = '2s';\nCREATE INDEX CONCURRENTLY i ON users (nick);",
            &["2 a lock_timeout of '2s' breaks CONCURRENTLY off and leaves an invalid index"],
        )
        .no_transaction(),
        Example::new("SET lock_timeout = '10min';\nCREATE INDEX CONCURRENTLY i ON users (nick);", &[]).no_transaction(),
        Example::new("SET lock_timeout = 0;\nCREATE INDEX CONCURRENTLY i ON users (nick);", &[]).no_transaction(),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    let mut timeout: Option<&str> = None;
    for (step, act) in subject.acts() {
        match &act.action {
            Action::Set { name, value, .. } if name == "lock_timeout" => {
                timeout = value.as_deref().filter(|value| seconds(value).is_some_and(|s| s > 0.0 && s < 120.0));
            }
            Action::CreateIndex(index) if index.concurrently => {
                if let Some(timeout) = timeout {
                    let text =
                        format!("a lock_timeout of {timeout} breaks CONCURRENTLY off and leaves an invalid index");
                    reports.push(Report::at(step, text));
                }
            }
            _ => {}
        }
    }
}

/// A setting's value in seconds (PostgreSQL manual 20.1.1); without a unit it counts milliseconds.
fn seconds(value: &str) -> Option<f64> {
    let value = value.trim().trim_matches('\'').trim();
    let digits = value.trim_end_matches(|c: char| c.is_alphabetic() || c == ' ');
    let number: f64 = digits.parse().ok()?;
    Some(match value[digits.len()..].trim() {
        "us" => number / 1e6,
        "" | "ms" => number / 1e3,
        "s" => number,
        "min" => number * 60.0,
        "h" => number * 3600.0,
        _ => return None,
    })
}
