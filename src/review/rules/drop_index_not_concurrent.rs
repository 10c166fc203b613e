//! An index dropped while everybody waits.

use std::cell::OnceCell;

use super::concurrently;
use crate::replay::action::Action;
use crate::review::mend::{self, Cut};
use crate::review::{Act, Example, POSTGRES, Report, Rule, Severity, Step, Subject};

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
    let fix = OnceCell::new();
    for (step, act) in subject.standing() {
        let (Action::DropIndex { index, concurrently: false, .. }, Some(table)) = (&act.action, &act.before) else {
            continue;
        };
        let text = format!("index {index} is dropped while nobody can read {}", table.name);
        let sql =
            format!("-- metadata.toml: run_in_transaction = false\nDROP INDEX CONCURRENTLY {};", subject.sql(index));
        let fix = fix.get_or_init(|| {
            mend::split(subject, "drop indexes CONCURRENTLY, each in a revision of its own", &|step| {
                let is_one = is_possible(subject, step) && !mend::is_allowed(subject, step, RULE.id);
                if is_one { Cut::Alone(concurrently(&step.text)) } else { Cut::With }
            })
        });
        let fix = fix.clone().filter(|_| is_possible(subject, step));
        reports.push(subject.locked(Report::at(step, text), step, act).sql(sql).fix(fix));
    }
}

/// One index by itself, without CASCADE, of a table without partitions: more the server does not drop
/// CONCURRENTLY.
fn is_possible(subject: &Subject<'_>, step: &Step) -> bool {
    let stands = || subject.standing().any(|(other, _)| other.offset == step.offset);
    let [Act { action: Action::DropIndex { concurrently: false, cascade: false, .. }, before: Some(table), .. }] =
        step.acts.as_slice()
    else {
        return false;
    };
    table.options.partition_by.is_none() && stands()
}
