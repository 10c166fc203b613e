//! A foreign key that nothing helps to follow back.

use crate::catalog::{ForeignKey, Table};
use crate::replay::action::{Action, ConstraintKind};
use crate::review::{Example, POSTGRES, Report, Rule, Severity, Step, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM125",
    id: "foreign-key-without-index",
    severity: Severity::Off,
    dialects: POSTGRES,
    summary: "a new foreign key has no index that begins with its columns, in the schema after the whole chain",
    help: "Every DELETE of a parent, and every UPDATE of its key, reads the whole child table.",
    safer: "an index on the referencing columns",
    links: &["https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK"],
    examples: &[
        Example::new(
            "CREATE TABLE posts (id integer PRIMARY KEY, user_id integer REFERENCES users (id));",
            &["1 posts (user_id) references users, and no index begins with it"],
        ),
        Example::new(
            "CREATE TABLE posts (id integer PRIMARY KEY, user_id integer REFERENCES users (id));\nCREATE INDEX ON posts (user_id, id);",
            &[],
        ),
        Example::new("CREATE TABLE profiles (user_id integer PRIMARY KEY REFERENCES users (id));", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.acts() {
        let is_key = matches!(&act.action, Action::AddConstraint(new) if new.kind == ConstraintKind::ForeignKey);
        if !is_key && !matches!(act.action, Action::CreateTable { .. } | Action::AddColumn(_)) {
            continue;
        }
        let Some(after) = &act.after else { continue };
        let known = act.before.as_ref().map_or(&[][..], |table| table.foreign_keys.as_slice());
        for key in after.foreign_keys.iter().filter(|key| !known.contains(key)) {
            // What counts is the schema in the end: an index may come in a later revision.
            let last = subject.world.last.unwrap_or(subject.after);
            let Some(table) = last.table(&after.name).filter(|table| table.foreign_keys.contains(key)) else {
                continue;
            };
            if !is_indexed(table, &key.columns) {
                push(subject, step, table, key, reports);
            }
        }
    }
}

fn push(subject: &Subject<'_>, step: &Step, table: &Table, key: &ForeignKey, reports: &mut Vec<Report>) {
    let columns = key.columns.join(", ");
    let text = format!("{} ({columns}) references {}, and no index begins with it", table.name, key.references);
    // The clauses of one ALTER TABLE share the table after all of them.
    if reports.iter().any(|report| report.text == text) {
        return;
    }
    let quoted: Vec<String> = key.columns.iter().map(|column| subject.quote(column)).collect();
    let sql = format!("CREATE INDEX ON {} ({});", subject.sql(&table.name), quoted.join(", "));
    reports.push(Report::at(step, text).sql(sql));
}

/// Whether an index begins with the columns, in any order among themselves.
fn is_indexed(table: &Table, columns: &[String]) -> bool {
    let begins = |names: Vec<&str>| {
        names.len() >= columns.len() && names[..columns.len()].iter().all(|name| columns.iter().any(|c| c == name))
    };
    let whole = |names: &[String]| begins(names.iter().map(String::as_str).collect());
    whole(table.key_columns())
        || table.uniques.iter().any(|unique| whole(&unique.columns))
        || table.indexes.iter().any(|index| index.predicate.is_none() && begins(index.columns().collect()))
}
