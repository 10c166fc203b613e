//! A table changed, and its history did not.

use super::models_ahead_of_chain::few;
use crate::dialect::Dialect;
use crate::history_tables::faults;
use crate::review::{ALL, Example, Report, Rule, Severity, Subject};

/// A table with a history that nothing writes yet.
const KEPT: &str = "CREATE TABLE users (id integer PRIMARY KEY, nick text);\nCREATE TABLE users_history (history_id \
    integer PRIMARY KEY, history_operation varchar(6), history_at timestamp, history_by varchar(255), \
    history_transaction bigint, id integer, nick text);";

const POSTGRES: &[Dialect] = &[Dialect::Postgres];

pub(super) const RULE: Rule = Rule {
    code: "OM607",
    id: "history-out-of-step",
    severity: Severity::Warn,
    dialects: ALL,
    summary: "the history of a table is missing, incomplete or of another type",
    help: "The models say that every state of the table's rows is kept. What the history lacks is lost with the next \
           change of a row; a column of another type makes that change fail.",
    safer: "`cargo ops-migrate create` writes what the history lacks, in a revision that is not applied yet or a new one",
    links: &["https://www.postgresql.org/docs/current/plpgsql-trigger.html"],
    examples: &[
        Example::new("ALTER TABLE users ADD COLUMN age integer;", &["1 the history of users: users_history lacks age"])
            .on(KEPT)
            .models(&["users: id Integer, nick Nullable<Text>, age Nullable<Integer>"])
            .with_history()
            .only(POSTGRES),
        Example::new(
            "ALTER TABLE users ADD COLUMN age integer;",
            &["1 the history of users: there is no users_history"],
        )
        .models(&["users: id Integer, nick Nullable<Text>, age Nullable<Integer>"])
        .with_history(),
        Example::new("ALTER TABLE users ADD COLUMN age integer;", &[])
            .models(&["users: id Integer, nick Nullable<Text>, age Nullable<Integer>"]),
        Example::new("CREATE TABLE posts (id integer PRIMARY KEY);", &[])
            .models(&["posts: id Integer"])
            .on("CREATE TABLE users (id integer PRIMARY KEY, nick text);"),
    ],
    check,
};

/// Of what the history lacks after the whole chain, what this revision brought about; at the newest one
/// all of it.
fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    let world = subject.world;
    let (Some(models), Some(last)) = (world.models, world.last) else { return };
    let is_newest = world.chain.newest().is_some_and(|newest| newest.id == subject.revision.id);
    for (base, history) in &models.history {
        let mirror = history.of(base);
        let is_touched =
            || subject.operations.iter().any(|one| one.table().is_some_and(|of| of == base || *of == mirror));
        let is_doubtful = || last.doubt(base).or_else(|| last.doubt(&mirror)).is_some();
        if !(is_newest || is_touched()) || is_doubtful() {
            continue;
        }
        let left = faults(last, base, history);
        if left.is_empty() {
            continue;
        }
        let before = faults(subject.before, base, history);
        let is_new = |fault: &String| left.contains(fault) && !before.contains(fault);
        let mut found: Vec<String> = faults(subject.after, base, history).into_iter().filter(is_new).collect();
        if found.is_empty() && is_newest {
            found = left;
        }
        if !found.is_empty() {
            let text = format!("the history of {base}: {}", few(&found));
            reports.push(subject.report_at(&["alter table", &base.name], text));
        }
    }
}
