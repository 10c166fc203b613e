//! A way back that the server refuses.

use super::super::refused::refusals;
use crate::dialect::Dialect::{Mysql, Postgres};
use crate::review::{ALL, Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM601",
    id: "down-does-not-run",
    severity: Severity::Error,
    dialects: ALL,
    summary: "down.sql speaks of what is not there, or drops what others still need",
    help: "It was followed on the schema that up.sql leaves: the server refuses this statement, and the revision \
           cannot be taken back on the day when that is needed.",
    safer: "the reverse of each statement of up.sql, the last one first; `cargo ops-migrate test` runs it",
    links: &["https://docs.rs/diesel_migrations"],
    examples: &[
        Example::new(
            "CREATE UNIQUE INDEX users_nick ON users (nick);",
            &["down.sql:1 down.sql does not run: users_nick is an index of users, not a constraint"],
        )
        .down("ALTER TABLE users DROP CONSTRAINT users_nick;")
        .only(&[Postgres]),
        Example::new(
            "CREATE TABLE a (id integer PRIMARY KEY);\nCREATE TABLE b (a_id integer REFERENCES a (id));",
            &["down.sql:1 down.sql does not run: drops table a, which b references, without CASCADE"],
        )
        .down("DROP TABLE a;\nDROP TABLE b;")
        .only(&[Postgres]),
        Example::new(
            "ALTER TABLE users ADD COLUMN age integer;",
            &["down.sql:2 down.sql does not run: drops table user, which is not there"],
        )
        .down("ALTER TABLE users DROP COLUMN age;\nDROP TABLE user;")
        .only(&[Mysql]),
        Example::new("CREATE TABLE a (id integer);\nCREATE TABLE b (id integer);", &[])
            .down("DROP TABLE b;\nDROP TABLE a;"),
        Example::new("CREATE TABLE a (id integer);", &[]).down("DROP TABLE IF EXISTS b;\nDROP TABLE a;"),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    if !subject.goes_back() || !subject.down.errors.is_empty() || !subject.up.errors.is_empty() {
        return;
    }
    for (step, reason) in refusals(subject.down, subject.near_after, subject.near_back) {
        if is_named_not_null(subject, &reason) {
            continue;
        }
        let reason =
            confused(subject, &reason).unwrap_or_else(|| reason.replace("no earlier revision creates", "is not there"));
        reports.push(Report::at_or(step, &subject.down.script.file, format!("down.sql does not run: {reason}")));
    }
}

/// PostgreSQL 18 keeps NOT NULL as a constraint with a name, which the replay does not.
fn is_named_not_null(subject: &Subject<'_>, reason: &str) -> bool {
    subject.world.server_version.is_none_or(|version| version >= 18)
        && reason.contains(" constraint ")
        && reason.contains("_not_null")
}

/// The one confusion that deserves its own words: a unique index is dropped as a constraint.
fn confused(subject: &Subject<'_>, reason: &str) -> Option<String> {
    let name = reason.strip_prefix("drops constraint ")?.split(" of ").next()?;
    let tables = subject.near_after.tables.values();
    let table = tables.into_iter().find(|table| table.indexes.iter().any(|index| index.name == name))?;
    Some(format!("{name} is an index of {}, not a constraint", table.name))
}
