//! An index that another one begins with.

use crate::catalog::{Index, IndexKey, IndexPart};
use crate::review::{ALL, Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM310",
    id: "redundant-index",
    severity: Severity::Off,
    dialects: ALL,
    summary: "a new index has the columns that another index or key begins with, in the schema after the whole chain",
    help: "The longer one serves the same queries; every write keeps both up to date.",
    safer: "leave it out, unless the shorter one is much smaller and read much more",
    links: &["https://www.postgresql.org/docs/current/indexes-multicolumn.html"],
    examples: &[
        Example::new(
            "CREATE INDEX a ON users (nick);\nCREATE INDEX b ON users (nick, id);",
            &["1 b of users begins with the columns of a"],
        )
        .on(SCHEMA),
        Example::new("CREATE INDEX a ON users (nick);\nCREATE INDEX b ON users (id, nick);", &[]).on(SCHEMA),
        Example::new("CREATE UNIQUE INDEX a ON users (nick);\nCREATE INDEX b ON users (nick, id);", &[]).on(SCHEMA),
    ],
    check,
};

const SCHEMA: &str = "CREATE TABLE users (id integer PRIMARY KEY, nick varchar(20));";

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    let last = subject.world.last.unwrap_or(subject.after);
    for (step, table, index) in subject.new_indexes(last) {
        let columns: Vec<&str> = index.columns().collect();
        if index.unique || !is_plain(index) || columns.is_empty() {
            continue;
        }
        let begins = |names: &[&str]| names.len() > columns.len() && names[..columns.len()] == columns[..];
        let by_index =
            table.indexes.iter().find(|other| is_plain(other) && begins(&other.columns().collect::<Vec<_>>()));
        let of_key = |names: &[String]| begins(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let longer = match by_index {
            Some(index) => index.name.clone(),
            None if of_key(table.key_columns()) => "the primary key".to_owned(),
            None if table.uniques.iter().any(|unique| of_key(&unique.columns)) => "a unique constraint".to_owned(),
            None => continue,
        };
        let text = format!("{longer} of {} begins with the columns of {}", table.name, index.name);
        reports.push(Report::at(step, text));
    }
}

/// Whether it is an index of columns and nothing else.
fn is_plain(index: &Index) -> bool {
    let is_bare = |part: &IndexPart| {
        matches!(part.key, IndexKey::Column(_))
            && !part.descending
            && part.operator_class.is_none()
            && part.collation.is_none()
    };
    index.method.is_none() && index.predicate.is_none() && index.parts.iter().all(is_bare)
}
