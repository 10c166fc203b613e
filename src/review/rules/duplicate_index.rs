//! Two indexes that are one.

use crate::catalog::{Index, Table};
use crate::dialect::Dialect::{Postgres, Sqlite};
use crate::replay::action::Action;
use crate::review::{ALL, Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM302",
    id: "duplicate-index",
    severity: Severity::Warn,
    dialects: ALL,
    summary: "a new index repeats another index or key, in the schema after the whole chain",
    help: "Every write keeps both up to date, and no query needs the second.",
    safer: "leave it out",
    links: &["https://www.postgresql.org/docs/current/indexes-unique.html"],
    examples: &[
        Example::new("CREATE INDEX users_id ON users (id);", &["1 users_id repeats the primary key of users"]),
        Example::new("CREATE INDEX b ON users (nick);", &["1 b repeats a of users"])
            .on("CREATE TABLE users (id integer PRIMARY KEY, nick text); CREATE INDEX a ON users (nick);")
            .only(&[Postgres, Sqlite]),
        Example::new("CREATE UNIQUE INDEX b ON users (nick);", &[])
            .on("CREATE TABLE users (id integer PRIMARY KEY, nick text); CREATE INDEX a ON users (nick);")
            .only(&[Postgres, Sqlite]),
        Example::new("CREATE INDEX users_both ON users (id, nick);", &[])
            .on("CREATE TABLE users (id integer PRIMARY KEY, nick varchar(20));"),
        Example::new("CREATE INDEX b ON users (nick);\nDROP INDEX a;", &[])
            .on("CREATE TABLE users (id integer PRIMARY KEY, nick text); CREATE INDEX a ON users (nick);")
            .only(&[Postgres, Sqlite]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    let last = subject.world.last.unwrap_or(subject.after);
    for (step, act) in subject.acts() {
        let Action::CreateIndex(new) = &act.action else { continue };
        let Some(table) = last.table(&new.table) else { continue };
        let known = act.before.as_ref().map_or(&[][..], |table| table.indexes.as_slice());
        let made = act.after.iter().flat_map(|table| &table.indexes).find(|index| !known.contains(index));
        let Some(index) = made.filter(|index| table.indexes.contains(index)) else { continue };
        if let Some(twin) = twin(table, index) {
            reports.push(Report::at(step, format!("{} repeats {twin} of {}", index.name, table.name)));
        }
    }
}

/// What of the table does the same work.
fn twin(table: &Table, index: &Index) -> Option<String> {
    let twin = table.indexes.iter().find(|other| {
        other.name != index.name
            && (other.unique || !index.unique)
            && Index { name: String::new(), unique: false, ..(*other).clone() }
                == Index { name: String::new(), unique: false, ..index.clone() }
    });
    if let Some(twin) = twin {
        return Some(twin.name.clone());
    }
    let is_plain = index.method.is_none() && index.predicate.is_none() && index.include.is_empty();
    let columns: Vec<&str> = index.columns().collect();
    let whole = is_plain
        && index
            .parts
            .iter()
            .all(|p| p.collation.is_none() && p.operator_class.is_none() && p.prefix.is_none() && !p.descending);
    if !whole || columns.len() != index.parts.len() {
        return None;
    }
    let same = |names: &[String]| !names.is_empty() && names.iter().map(String::as_str).eq(columns.iter().copied());
    if same(table.key_columns()) {
        return Some("the primary key".to_owned());
    }
    let unique = table.uniques.iter().find(|unique| same(&unique.columns))?;
    Some(match &unique.name {
        Some(name) => format!("the unique constraint {name}"),
        None => "a unique constraint".to_owned(),
    })
}
