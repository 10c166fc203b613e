//! An index built while writers wait.

use crate::replay::action::Action;
use crate::review::mend::{self, Cut};
use crate::review::{Act, Example, POSTGRES, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM101",
    id: "index-not-concurrent",
    severity: Severity::Warn,
    dialects: POSTGRES,
    summary: "CREATE INDEX on a table that is in use, without CONCURRENTLY",
    help: "It holds a SHARE lock until the index is built: every INSERT, UPDATE and DELETE waits. CONCURRENTLY lets \
           them through; it refuses to run in a transaction, so it stands alone in a revision without one.",
    safer: "CONCURRENTLY, alone in a revision with run_in_transaction = false in metadata.toml",
    links: &["https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY"],
    examples: &[
        Example::new(
            "CREATE INDEX users_nick ON users (nick);",
            &["1 index users_nick is built while nobody can write to users"],
        ),
        Example::new("CREATE INDEX CONCURRENTLY users_nick ON users (nick);", &[]).no_transaction(),
        Example::new("CREATE TABLE t (id integer);\nCREATE INDEX ON t (id);", &[]),
        Example::new("CREATE INDEX IF NOT EXISTS users_nick ON users (nick);", &[])
            .on("CREATE TABLE users (id integer PRIMARY KEY, nick text); CREATE INDEX users_nick ON users (nick);"),
        Example::new(
            "ALTER TABLE users ADD COLUMN a integer;\nCREATE INDEX i ON users (a);",
            &["2 index i is built while nobody can read users, which line 1 locks"],
        ),
        Example::new("CREATE TABLE t AS SELECT * FROM users;\nCREATE INDEX ON t (id);", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    let waits = |act: &Act| match &act.action {
        Action::CreateIndex(index) => {
            // An index of that name is left as it is, whatever it is.
            let is_there = index.tolerant
                && act.before.as_ref().is_some_and(|t| t.indexes.iter().any(|i| Some(&i.name) == index.name.as_ref()));
            let is_of_others = act.before.is_some() || subject.before.view(&index.table).is_some();
            !index.concurrently && !is_there && is_of_others
        }
        _ => false,
    };
    let found: Vec<_> = subject.standing().filter(|(_, act)| waits(act)).collect();
    if found.is_empty() {
        return;
    }
    // One fix for all of them.
    let fix = mend::split(subject, "build indexes CONCURRENTLY, each in a revision of its own", &|other| {
        let is_one = found.iter().any(|(step, act)| step.offset == other.offset && is_possible(act));
        if is_one && !mend::is_allowed(subject, other, RULE.id) {
            Cut::Alone(concurrently(&other.text))
        } else {
            Cut::With
        }
    });
    for (step, act) in &found {
        let Action::CreateIndex(index) = &act.action else { continue };
        let name = index.name.as_ref().map_or_else(|| "an index".to_owned(), |name| format!("index {name}"));
        let text = match subject.held(step, &index.table.to_string()) {
            Some(line) => format!("{name} is built while nobody can read {}, which line {line} locks", index.table),
            None => format!("{name} is built while nobody can write to {}", index.table),
        };
        let sql = format!("-- metadata.toml: run_in_transaction = false\n{};", concurrently(&step.text));
        let fix = fix.clone().filter(|_| is_possible(act));
        reports.push(subject.locked(Report::at(step, text), step, act).sql(sql).fix(fix));
    }
}

/// Of a partitioned table the server builds no index CONCURRENTLY.
fn is_possible(act: &Act) -> bool {
    act.before.as_ref().is_none_or(|table| table.options.partition_by.is_none())
}

/// The statement with CONCURRENTLY behind the kind of what it makes or drops.
pub(in crate::review) fn concurrently(statement: &str) -> String {
    let lower = statement.to_ascii_lowercase();
    let behind = ["index", "view", "table"].iter().filter_map(|word| lower.find(word).map(|at| at + word.len())).min();
    let at = behind.unwrap_or(0);
    format!("{} CONCURRENTLY{}", &statement[..at], &statement[at..])
}
