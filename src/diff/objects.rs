//! What differs beside tables: schemas, extensions, domains, sequences, functions, views. Texts of
//! functions and views are carried, not understood, so they are equal or not.

use std::collections::{BTreeMap, BTreeSet};

use super::Answers;
use super::table::diff_indexes;
use crate::catalog::{AutoValue, Catalog, Domain, Expr, Function, Name, Sequence, SqlType, View};
use crate::dialect::Dialect;
use crate::operation::{Object, Operation};
use crate::sql::postgres::{Token, TokenKind, body, create, tokens};

/// How two objects of one name differ.
enum Change {
    None,
    InPlace,
    /// The old one has to go first.
    Anew,
}

/// Adds the operations that lead from one catalog's objects to the other's.
pub(super) fn diff_objects(from: &Catalog, to: &Catalog, answers: &Answers, found: &mut Vec<Operation>) {
    diff_names(&from.schemas, &to.schemas, Object::Schema, found);
    diff_names(&from.extensions, &to.extensions, Object::Extension, found);
    diff_map(&from.domains, &to.domains, Object::Domain, domain_change, found);
    diff_sequences(from, to, found);
    let change = |a: &Function, b: &Function| function_change(a, b, answers.server_texts);
    diff_map(&from.functions, &to.functions, Object::Function, change, found);
    let change = |a: &View, b: &View| view_change(a, b, answers.server_texts);
    diff_map(&from.views, &to.views, Object::View, change, found);
    for (name, view) in &to.views {
        let Some(old) = from.views.get(name) else { continue };
        if !matches!(view_change(old, view, answers.server_texts), Change::Anew) {
            diff_indexes(&old.indexes, &view.indexes, name, found);
        }
    }
}

fn diff_names(
    from: &BTreeSet<String>,
    to: &BTreeSet<String>,
    object: fn(String) -> Object,
    found: &mut Vec<Operation>,
) {
    found.extend(to.difference(from).map(|name| Operation::CreateObject { object: object(name.clone()) }));
    found.extend(from.difference(to).map(|name| Operation::DropObject { object: object(name.clone()) }));
}

fn diff_map<T: Clone>(
    from: &BTreeMap<Name, T>,
    to: &BTreeMap<Name, T>,
    object: fn(T) -> Object,
    change: impl Fn(&T, &T) -> Change,
    found: &mut Vec<Operation>,
) {
    for (name, new) in to {
        let old = from.get(name);
        match old.map_or(Change::Anew, |old| change(old, new)) {
            Change::None => {}
            Change::InPlace => found
                .extend(old.map(|old| Operation::ChangeObject { from: object(old.clone()), to: object(new.clone()) })),
            Change::Anew => {
                found.extend(old.map(|old| Operation::DropObject { object: object(old.clone()) }));
                found.push(Operation::CreateObject { object: object(new.clone()) });
            }
        }
    }
    let gone = from.iter().filter(|(name, _)| !to.contains_key(*name));
    found.extend(gone.map(|(_, old)| Operation::DropObject { object: object(old.clone()) }));
}

fn domain_change(a: &Domain, b: &Domain) -> Change {
    let has = |domain: &Domain, check| domain.checks.contains(check);
    let checks = a.checks.iter().all(|check| has(b, check)) && b.checks.iter().all(|check| has(a, check));
    let same = checks && (&a.base, a.not_null, &a.default) == (&b.base, b.not_null, &b.default);
    if same { Change::None } else { Change::InPlace }
}

/// A `serial` column makes its sequence and takes it along; only the options are the sequence's own.
fn diff_sequences(from: &Catalog, to: &Catalog, found: &mut Vec<Operation>) {
    let (from_serial, to_serial) = (of_serials(from), of_serials(to));
    let change = |from: Sequence, to: &Sequence| Operation::ChangeObject {
        from: Object::Sequence(from),
        to: Object::Sequence(to.clone()),
    };
    for (name, new) in &to.sequences {
        match from.sequences.get(name) {
            Some(old) if to_serial.contains(name) == from_serial.contains(name) => {
                if (&old.options, &old.owned_by) != (&new.options, &new.owned_by) {
                    found.push(change(old.clone(), new));
                }
            }
            _ => {
                let bare = Sequence { owned_by: None, ..new.clone() };
                let made = if to_serial.contains(name) {
                    Sequence { options: String::new(), ..new.clone() }
                } else {
                    found.push(Operation::CreateObject { object: Object::Sequence(bare.clone()) });
                    bare
                };
                if made != *new {
                    found.push(change(made, new));
                }
            }
        }
    }
    for (name, old) in from.sequences.iter().filter(|(name, _)| !from_serial.contains(*name)) {
        let goes_along = old
            .owned_by
            .as_ref()
            .is_some_and(|(table, column)| to.table(table).is_none_or(|t| t.column(column, to.dialect).is_none()));
        if !goes_along && (!to.sequences.contains_key(name) || to_serial.contains(name)) {
            found.push(Operation::DropObject { object: Object::Sequence(old.clone()) });
        }
    }
}

fn of_serials(catalog: &Catalog) -> BTreeSet<&Name> {
    let columns = catalog.tables.values().flat_map(|t| &t.columns);
    columns
        .filter_map(|c| match &c.auto {
            Some(AutoValue::Serial { sequence }) => Some(sequence),
            _ => None,
        })
        .collect()
}

/// `server` where one of both texts was written by the server, which keeps only the body.
fn function_change(a: &Function, b: &Function, server: bool) -> Change {
    let folded = |sql: &str| sql.split_whitespace().collect::<Vec<_>>().join(" ");
    let bodies = || body(&a.sql).map(|t| folded(&t)) == body(&b.sql).map(|t| folded(&t));
    let whole = |sql: &str| tokens(&create(sql)).iter().map(spelled).collect::<Vec<_>>().join(" ");
    if a.sql == b.sql || whole(&a.sql) == whole(&b.sql) || (server && bodies()) {
        Change::None
    } else if result(&a.sql) == result(&b.sql) {
        Change::InPlace
    } else {
        Change::Anew
    }
}

/// Whether a function stays as it is; true of one that either catalog lacks.
pub(super) fn function_stays(name: &Name, from: &Catalog, to: &Catalog, server: bool) -> bool {
    match (function(name, from), function(name, to)) {
        (Some(a), Some(b)) => matches!(function_change(a, b, server), Change::None),
        _ => true,
    }
}

/// Whether a function goes for good.
pub(super) fn function_goes(name: &Name, from: &Catalog, to: &Catalog) -> bool {
    function(name, from).is_some() && function(name, to).is_none()
}

/// The function of that name, whatever its arguments.
fn function<'a>(name: &Name, catalog: &'a Catalog) -> Option<&'a Function> {
    let is_it = |one: &&Function| one.name.schema == name.schema && bare(&one.name.name) == name.name;
    catalog.functions.values().find(is_it)
}

/// A function's name without its arguments.
fn bare(name: &str) -> &str {
    name.split_once('(').map_or(name, |(name, _)| name)
}

/// What `CREATE OR REPLACE` cannot change: the arguments with their names, and what is returned.
fn result(sql: &str) -> String {
    const BEHIND: [&str; 14] = [
        "language",
        "as",
        "immutable",
        "stable",
        "volatile",
        "strict",
        "called",
        "security",
        "parallel",
        "cost",
        "rows",
        "set",
        "window",
        "leakproof",
    ];
    let tokens = tokens(sql);
    let open = tokens.iter().position(|t| t.text == "(").unwrap_or(0);
    let rest = tokens.iter().skip(open).take_while(|t| t.kind != TokenKind::Text);
    let until = rest.take_while(|t| !BEHIND.iter().any(|word| t.is(word)));
    until.map(|t| spelled(t).to_ascii_lowercase()).collect::<Vec<_>>().join(" ")
}

/// A token in the one spelling of it: other names of a type mean that type (PostgreSQL manual, table 8.1),
/// words are the same in any letters, and the blanks of a body do not count.
fn spelled(token: &Token<'_>) -> String {
    const NAMES: [&str; 12] = [
        "int",
        "int2",
        "int4",
        "int8",
        "bool",
        "float4",
        "float8",
        "varchar",
        "decimal",
        "timestamptz",
        "timetz",
        "bpchar",
    ];
    match token.kind {
        TokenKind::Text => token.text.split_whitespace().collect::<Vec<_>>().join(" "),
        _ if token.text.starts_with('"') => token.text.to_owned(),
        _ => {
            let word = token.text.to_ascii_lowercase();
            if NAMES.contains(&word.as_str()) { SqlType::new(&word, Dialect::Postgres).base } else { word }
        }
    }
}

fn view_change(a: &View, b: &View, server: bool) -> Change {
    let texts = || Expr::new(a.sql.as_str()) == Expr::new(b.sql.as_str());
    let same = a.materialized == b.materialized && if server { a.depends_on == b.depends_on } else { texts() };
    match (same, a.comment == b.comment) {
        (false, _) => Change::Anew,
        (true, false) => Change::InPlace,
        (true, true) => Change::None,
    }
}
