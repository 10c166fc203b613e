//! What a rebuilt table does not get back.

use super::sqlite_rebuild_cascades::REBUILD;
use crate::catalog::{Index, Table};
use crate::dialect::Dialect::{self, Sqlite};
use crate::replay::action::Action;
use crate::review::{Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM504",
    id: "sqlite-rebuild-loses",
    severity: Severity::Warn,
    dialects: SQLITE,
    summary: "a rebuilt table has lost indexes, triggers or keys",
    help: "DROP TABLE takes the indexes and triggers along, and the new table has only the keys, checks and defaults \
           that its CREATE TABLE repeats.",
    safer: "make them again after the rename",
    links: &["https://sqlite.org/lang_altertable.html#otheralter"],
    examples: &[
        Example::new(REBUILD, &["3 users is rebuilt without index users_nick"])
            .on("CREATE TABLE users (id integer PRIMARY KEY, nick text); CREATE INDEX users_nick ON users (nick);"),
        Example::new(REBUILD, &["3 users is rebuilt without UNIQUE (nick)"])
            .on("CREATE TABLE users (id integer PRIMARY KEY, nick text UNIQUE);"),
        Example::new(REBUILD, &[]),
        Example::new(
            "CREATE TABLE new_users (id integer PRIMARY KEY);\nINSERT INTO new_users (id) SELECT id FROM users;\nDROP TABLE users;\nALTER TABLE new_users RENAME TO users;",
            &[],
        )
        .on("CREATE TABLE users (id integer PRIMARY KEY, nick text); CREATE INDEX users_nick ON users (nick);"),
    ],
    check,
};

const SQLITE: &[Dialect] = &[Sqlite];

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.acts() {
        let (Action::DropTable { table, .. }, Some(_)) = (&act.action, &act.before) else { continue };
        let (Some(before), Some(after)) = (subject.before.table(table), subject.after.table(table)) else { continue };
        let lost = lost(before, after);
        if lost.is_empty() {
            continue;
        }
        let names: Vec<&str> = lost.iter().map(|lost| lost.what.as_str()).collect();
        let report = Report::at(step, format!("{table} is rebuilt without {}", names.join(", ")));
        let sql: Vec<&str> = lost.iter().filter_map(|lost| lost.sql.as_deref()).collect();
        reports.push(if sql.is_empty() { report } else { report.sql(sql.join("\n")) });
    }
}

/// What the old table had on columns that the new one has.
struct Lost {
    what: String,
    /// The statement that makes it again, where one can.
    sql: Option<String>,
}

fn lost(before: &Table, after: &Table) -> Vec<Lost> {
    let indexes = before
        .indexes
        .iter()
        .filter(|index| is_lost_index(index, after))
        .map(|index| Lost { what: format!("index {}", index.name), sql: index_sql(index, after) });
    let triggers = before.triggers.iter().filter(|trigger| !after.triggers.iter().any(|t| t.name == trigger.name));
    let triggers = triggers
        .map(|trigger| Lost { what: format!("trigger {}", trigger.name), sql: Some(format!("{};", trigger.sql)) });
    let uniques =
        before.uniques.iter().filter(|u| stays(&names(&u.columns), after) && !is_unique(&names(&u.columns), after));
    let uniques = uniques.map(|unique| Lost { what: format!("UNIQUE ({})", unique.columns.join(", ")), sql: None });
    let keys = before.foreign_keys.iter().filter(|key| {
        stays(&names(&key.columns), after) && !after.foreign_keys.iter().any(|other| other.columns == key.columns)
    });
    let keys = keys.map(|key| Lost {
        what: format!("the foreign key ({}) to {}", key.columns.join(", "), key.references),
        sql: None,
    });
    indexes.chain(triggers).chain(uniques).chain(keys).collect()
}

fn names(columns: &[String]) -> Vec<&str> {
    columns.iter().map(String::as_str).collect()
}

fn stays(columns: &[&str], after: &Table) -> bool {
    !columns.is_empty() && columns.iter().all(|column| after.column(column, Sqlite).is_some())
}

fn is_lost_index(index: &Index, after: &Table) -> bool {
    let same = |other: &Index| other.name == index.name || other.parts == index.parts;
    stays(&index.columns().collect::<Vec<_>>(), after) && !after.indexes.iter().any(same)
}

/// Whether rows of the table cannot be alike in the columns.
fn is_unique(columns: &[&str], after: &Table) -> bool {
    names(after.key_columns()) == columns
        || after.uniques.iter().any(|unique| names(&unique.columns) == columns)
        || after.indexes.iter().any(|index| index.unique && index.columns().collect::<Vec<_>>() == columns)
}

/// Of an index of whole columns.
fn index_sql(index: &Index, after: &Table) -> Option<String> {
    let columns: Vec<String> = index.columns().map(|column| Sqlite.quote(column)).collect();
    let unique = if index.unique { "UNIQUE " } else { "" };
    let (name, table) = (Sqlite.quote(&index.name), after.name.sql(Sqlite));
    let is_whole = index.predicate.is_none() && index.parts.len() == columns.len();
    is_whole.then(|| format!("CREATE {unique}INDEX {name} ON {table} ({});", columns.join(", ")))
}
