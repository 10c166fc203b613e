//! An index dropped while everybody waits.

use crate::replay::action::Action;
use crate::review::{Example, POSTGRES, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM102",
    id: "drop-index-not-concurrent",
    severity: Severity::Off,
    dialects: POSTGRES,
    summary: "DROP INDEX on a table that is in use, without CONCURRENTLY",
    help: "It takes an ACCESS EXCLUSIVE lock on the table for a moment, and queues behind every running query; \
           whoever comes later waits behind it.",
    safer: "CONCURRENTLY, alone in a revision with run_in_transaction = false in metadata.toml",
    links: &["https://www.postgresql.org/docs/current/sql-dropindex.html"],
    examples: &[
        Example::new("DROP INDEX users_nick;", &["1 index users_nick is dropped while nobody can read users"])
            .on(INDEXED),
        Example::new("DROP INDEX CONCURRENTLY users_nick;", &[]).on(INDEXED).no_transaction(),
        Example::new("CREATE TABLE t (id integer); CREATE INDEX i ON t (id); DROP INDEX i;", &[]),
    ],
    check,
};

const INDEXED: &str =
    "CREATE TABLE users (id integer PRIMARY KEY, nick text); CREATE INDEX users_nick ON users (nick);";

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.standing() {
        let (Action::DropIndex { index, concurrently: false, .. }, Some(table)) = (&act.action, &act.before) else {
            continue;
        };
        let text = format!("index {index} is dropped while nobody can read {}", table.name);
        let sql =
            format!("-- metadata.toml: run_in_transaction = false\nDROP INDEX CONCURRENTLY {};", subject.sql(index));
        reports.push(subject.locked(Report::at(step, text), act).sql(sql));
    }
}
