//! One backend's schema, and the others' of the same project.

use std::collections::BTreeMap;

use super::models_ahead_of_chain::few;
use crate::catalog::{Catalog, Column, Table};
use crate::review::{ALL, Example, Report, Rule, Severity, Sibling, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM609",
    id: "backends-differ",
    severity: Severity::Info,
    dialects: ALL,
    summary: "a project with a chain for each database, whose schemas are not the same",
    help: "Said once, at the newest revision of the chain that lacks a table or column, or that lets a column be \
           NULL: the same models run on all of them, and a query that works on the one fails on the other, or meets \
           a NULL that no model has a place for. Types are each database's own business.",
    safer: "a revision that brings this chain to where the others are",
    links: &["https://docs.rs/diesel/latest/diesel/connection/derive.MultiConnection.html"],
    examples: &[
        Example::new(
            "ALTER TABLE users ADD COLUMN size integer;",
            &["up.sql other chains have what this one has not: table posts (other/migrations); users.age \
               (other/migrations); users.nick is NOT NULL (other/migrations)"],
        )
        .beside(
            "CREATE TABLE users (id integer PRIMARY KEY, nick text NOT NULL, age integer);
             CREATE TABLE posts (id integer PRIMARY KEY);",
        ),
        Example::new("ALTER TABLE users ADD COLUMN size integer;", &[])
            .beside("CREATE TABLE users (id bigint NOT NULL PRIMARY KEY, NICK varchar(20), size integer);"),
        Example::new("ALTER TABLE users ADD COLUMN size integer;", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    let world = subject.world;
    let Some(own) = world.last else { return };
    if world.chain.newest().is_none_or(|newest| newest.id != subject.revision.id) {
        return;
    }
    let mut lacks: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for Sibling { chain, last } in world.siblings {
        for what in last.iter().flat_map(|other| lacking(own, other)) {
            lacks.entry(what).or_default().push(&chain.directory);
        }
    }
    let lacks: Vec<String> = lacks.iter().map(|(what, who)| format!("{what} ({})", who.join(", "))).collect();
    if !lacks.is_empty() {
        let text = format!("other chains have what this one has not: {}", few(&lacks));
        reports.push(Report::file(&subject.up.script.file, text));
    }
}

/// What another schema has, or forbids, and one has not, as far as both are known.
fn lacking(own: &Catalog, other: &Catalog) -> Vec<String> {
    let mut found = Vec::new();
    // Partitions are no tables to those who ask.
    for theirs in other.tables.values().filter(|table| table.options.partition_of.is_none()) {
        if own.doubt(&theirs.name).is_some() || other.doubt(&theirs.name).is_some() {
            continue;
        }
        let is_it = |table: &&Table| table.name.name.eq_ignore_ascii_case(&theirs.name.name);
        match own.tables.values().map(|table| &**table).find(is_it) {
            Some(ours) => found.extend(theirs.columns.iter().filter_map(|column| lacking_of(ours, theirs, column))),
            None => found.push(format!("table {}", theirs.name.name)),
        }
    }
    found
}

/// The same of a column of another schema's table.
fn lacking_of(ours: &Table, theirs: &Table, column: &Column) -> Option<String> {
    let is_key = |table: &Table, name: &str| table.key_columns().iter().any(|key| key.eq_ignore_ascii_case(name));
    let name = format!("{}.{}", ours.name.name, column.name);
    let Some(own) = ours.columns.iter().find(|own| own.name.eq_ignore_ascii_case(&column.name)) else {
        return Some(name);
    };
    // A key's columns are never NULL, whatever SQLite says of them.
    let is_keyed = is_key(ours, &own.name) || is_key(theirs, &column.name);
    (own.nullable && !column.nullable && !is_keyed).then(|| format!("{name} is NOT NULL"))
}
