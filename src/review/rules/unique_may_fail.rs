//! Uniqueness that the rows may not have.

use crate::catalog::{Index, Name, Table};
use crate::operation::Operation;
use crate::replay::action::Action;
use crate::review::{ALL, Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM207",
    id: "unique-may-fail-on-rows",
    severity: Severity::Off,
    dialects: ALL,
    summary: "a new unique index or key fails where rows are alike",
    help: "An empty test database does not show it. The query tells whether production has such rows.",
    safer: "run the query before, and remove or merge what it finds in a revision before this one",
    links: &["https://www.postgresql.org/docs/current/indexes-unique.html"],
    examples: &[
        Example::new(
            "CREATE UNIQUE INDEX users_nick ON users (nick);",
            &["1 this fails where two rows of users have the same nick"],
        )
        .on("CREATE TABLE users (id integer PRIMARY KEY, nick varchar(20));"),
        Example::new("CREATE UNIQUE INDEX users_both ON users (id, nick);", &[])
            .on("CREATE TABLE users (id integer PRIMARY KEY, nick varchar(20));"),
        Example::new("CREATE TABLE t (id integer);\nCREATE UNIQUE INDEX t_id ON t (id);", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for operation in subject.operations {
        let (table, columns): (&Name, Vec<&str>) = match operation {
            Operation::AddUnique { table, unique } => (table, unique.columns.iter().map(String::as_str).collect()),
            Operation::AddPrimaryKey { table, key } => (table, key.columns.iter().map(String::as_str).collect()),
            Operation::CreateIndex { table, index } if index.unique && index.predicate.is_none() => {
                (table, index.columns().collect())
            }
            _ => continue,
        };
        let Some(before) = subject.near_before.table(table) else { continue };
        let is_there = |column: &&str| before.column(column, subject.dialect()).is_some();
        if columns.is_empty()
            || !columns.iter().all(is_there)
            || is_unique_already(before, &columns)
            || deletes(subject, table)
        {
            continue;
        }
        let text = format!("this fails where two rows of {table} have the same {}", columns.join(", "));
        let list = columns.iter().map(|column| subject.quote(column)).collect::<Vec<_>>().join(", ");
        let sql = format!("SELECT {list}, count(*) FROM {} GROUP BY {list} HAVING count(*) > 1;", subject.sql(table));
        reports.push(subject.report_at(&[&table.name, columns[0]], text).sql(sql));
    }
}

/// Whether some of the columns, or all, are unique by themselves.
fn is_unique_already(table: &Table, columns: &[&str]) -> bool {
    let within = |names: &[&str]| !names.is_empty() && names.iter().all(|name| columns.contains(name));
    let key: Vec<&str> = table.key_columns().iter().map(String::as_str).collect();
    let of_unique = |columns: &[String]| within(&columns.iter().map(String::as_str).collect::<Vec<_>>());
    let of_index = |index: &Index| {
        let columns: Vec<&str> = index.columns().collect();
        index.unique && index.predicate.is_none() && columns.len() == index.parts.len() && within(&columns)
    };
    within(&key) || table.uniques.iter().any(|unique| of_unique(&unique.columns)) || table.indexes.iter().any(of_index)
}

/// Whether the revision removes rows of the table first.
fn deletes(subject: &Subject<'_>, table: &Name) -> bool {
    subject.acts().any(|(_, act)| matches!(&act.action, Action::Delete(rows) if rows.table == *table))
}
