//! An index built while writers wait.

use crate::catalog::{Index, Name};
use crate::dialect::{Dialect, object_name};
use crate::render::create_index;
use crate::replay::action::Action;
use crate::review::mend::{self, Cut};
use crate::review::{Act, Example, POSTGRES, Report, Rule, Severity, Step, Subject};
use crate::sql::tokens;

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
        Example::new(
            "CREATE INDEX logs_at ON logs (at);",
            &["1 index logs_at is built while nobody can write to logs"],
        )
        .on(LOGS),
        Example::new("CREATE INDEX logs_at ON ONLY logs (at);", &[]).on(LOGS),
        Example::new("CREATE INDEX logs_at ON logs (id);", &[]).on(LOGS),
    ],
    check,
};

const LOGS: &str = "CREATE TABLE logs (id integer, at date) PARTITION BY RANGE (at);
CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE INDEX logs_1_id ON logs_1 (id);";

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    let waits = |step: &Step, act: &Act| match &act.action {
        Action::CreateIndex(index) => {
            // An index of that name is left as it is, whatever it is.
            let is_there = index.tolerant
                && act.before.as_ref().is_some_and(|t| t.indexes.iter().any(|i| Some(&i.name) == index.name.as_ref()));
            let is_of_others = act.before.is_some() || subject.before.view(&index.table).is_some();
            !index.concurrently && !is_there && is_of_others && is_built(subject, step, act)
        }
        _ => false,
    };
    let found: Vec<_> = subject.standing().filter(|(step, act)| waits(step, act)).collect();
    if found.is_empty() {
        return;
    }
    // One fix for all of them.
    let fix = mend::split(subject, "build indexes CONCURRENTLY, each in a revision of its own", &|other| {
        let act = found.iter().find(|(step, _)| step.offset == other.offset).map(|(_, act)| act);
        match act.filter(|_| !mend::is_allowed(subject, other, RULE.id)) {
            Some(act) if !is_partitioned(act) => Cut::Alone(concurrently(&other.text)),
            Some(act) => of_partitions(subject, act).map_or(Cut::With, Cut::Behind),
            None => Cut::With,
        }
    });
    for (step, act) in &found {
        let Action::CreateIndex(index) = &act.action else { continue };
        let name = index.name.as_ref().map_or_else(|| "an index".to_owned(), |name| format!("index {name}"));
        let text = match subject.held(step, &index.table.to_string()) {
            Some(line) => format!("{name} is built while nobody can read {}, which line {line} locks", index.table),
            None => format!("{name} is built while nobody can write to {}", index.table),
        };
        let parts = of_partitions(subject, act).filter(|_| is_partitioned(act));
        let fix = fix.clone().filter(|_| !is_partitioned(act) || parts.is_some());
        let alone = "-- metadata.toml: run_in_transaction = false\n";
        let sql = match parts {
            None => format!("{alone}{};", concurrently(&step.text)),
            Some(parts) => {
                let parts: String = parts.iter().map(|part| format!("{alone}{part};\n")).collect();
                format!("{parts}-- in the last revision, which takes them over:\n{};", step.text)
            }
        };
        reports.push(subject.locked(Report::at(step, text), step, act).sql(sql).fix(fix));
    }
}

/// Of a partitioned table the server builds no index CONCURRENTLY.
fn is_partitioned(act: &Act) -> bool {
    act.before.as_ref().is_some_and(|table| table.options.partition_by.is_some())
}

/// The index that an act makes.
fn made(act: &Act) -> Option<&Index> {
    let (before, after) = (act.before.as_ref()?, act.after.as_ref()?);
    after.indexes.iter().find(|index| !before.indexes.contains(index))
}

/// What builds the index of each partition, so that the whole table's finds it there (PostgreSQL manual, CREATE
/// INDEX, Notes); `None` where the table has no partitions that are known, or one that has some itself. `ON ONLY`
/// and `ATTACH PARTITION` would leave the index invalid where the server has a partition that no revision made.
fn of_partitions(subject: &Subject<'_>, act: &Act) -> Option<Vec<String>> {
    let index = made(act)?;
    let catalog = subject.near_before;
    let partitions = catalog.partitions(act.action.table()?);
    let is_plain = |name: &Name| catalog.table(name).is_some_and(|part| part.options.partition_by.is_none());
    let build = |name: &Name| {
        let own = Index { name: object_name(&name.name, Some(&index.name), "idx"), ..index.clone() };
        concurrently(create_index(name, &own, subject.dialect()).trim_end_matches(';'))
    };
    (!partitions.is_empty() && partitions.iter().all(is_plain)).then(|| partitions.iter().map(build).collect())
}

/// Whether rows are read for an index: `ON ONLY` builds none of a partitioned table, and nothing is built where
/// its partitions have theirs.
fn is_built(subject: &Subject<'_>, step: &Step, act: &Act) -> bool {
    let Some(index) = made(act).filter(|_| is_partitioned(act)) else { return true };
    let has =
        |name: &Name| subject.before.table(name).is_some_and(|part| part.indexes.iter().any(|own| own.is_like(index)));
    let partitions = act.action.table().map(|table| subject.before.partitions(table)).unwrap_or_default();
    !step.has_words(&["only"]) && (partitions.is_empty() || !partitions.iter().all(has))
}

/// The statement with CONCURRENTLY behind the kind of what it makes or drops.
pub(in crate::review) fn concurrently(statement: &str) -> String {
    let is_kind = |word: &str| ["index", "view", "table"].iter().any(|kind| word.eq_ignore_ascii_case(kind));
    let kind = tokens(Dialect::Postgres, statement).into_iter().find(|(_, word)| is_kind(word));
    let at = kind.map_or(0, |(at, word)| at + word.len());
    format!("{} CONCURRENTLY{}", &statement[..at], &statement[at..])
}
