//! Two statements are a transaction, even without one.

use super::needs_no_transaction::{alone, refusing};
use crate::review::mend;
use crate::review::{Example, POSTGRES, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM702",
    id: "no-transaction-stands-alone",
    severity: Severity::Error,
    dialects: POSTGRES,
    summary: "a statement that refuses to run in a transaction is not alone in its script",
    help: "Diesel sends a script as one message, and PostgreSQL runs the statements of one message in an implicit \
           transaction, whatever metadata.toml says: CONCURRENTLY is refused as soon as a second statement stands \
           beside it, be it only SET lock_timeout.",
    safer: "one revision for each such statement; time limits belong to the session that runs the migrations",
    links: &["https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-MULTI-STATEMENT"],
    examples: &[
        Example::new(
            "SET lock_timeout = '1s';\nCREATE INDEX CONCURRENTLY users_nick ON users (nick);",
            &["2 CREATE INDEX CONCURRENTLY is refused: up.sql has 2 statements, which run as one transaction"],
        )
        .no_transaction(),
        Example::new(
            "CREATE INDEX CONCURRENTLY users_nick ON users (nick);",
            &["down.sql:1 DROP INDEX CONCURRENTLY is refused: down.sql has 2 statements, which run as one transaction"],
        )
        .down("DROP INDEX CONCURRENTLY users_nick;\nSELECT 1;")
        .no_transaction(),
        Example::new("-- alone\nCREATE INDEX CONCURRENTLY users_nick ON users (nick);;\n", &[]).no_transaction(),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    if subject.in_transaction() {
        return;
    }
    for (script, way) in [("up.sql", subject.up), ("down.sql", subject.down)] {
        let count = way.steps.len();
        for step in way.steps.iter().filter(|_| count > 1) {
            let Some(what) = refusing(step) else { continue };
            let text = format!("{what} is refused: {script} has {count} statements, which run as one transaction");
            let sql = format!("-- a revision of its own, with run_in_transaction = false\n{};", step.text);
            let fix = || mend::split(subject, "a revision of its own for each such statement", &alone);
            let is_ups = std::ptr::eq(way, subject.up);
            reports.push(Report::at(step, text).sql(sql).fix(is_ups.then(fix).flatten()));
        }
    }
}
