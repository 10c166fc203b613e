//! PostgreSQL: schemas, extensions, domains, sequences, functions and views as statements.

use std::collections::BTreeMap;

use super::enums::Anew;
use super::{DIALECT, column, enums};
use crate::catalog::{Catalog, Commented, Domain, Function, Name, Policy, Sequence, View};
use crate::operation::{Object, Operation};
use crate::render::casts::{Cast, cast};
use crate::render::context::Context;
use crate::render::text::{in_parentheses, terminated};
use crate::render::views::{create_view, drop_view};
use crate::sql::postgres::tokens;

/// A new object.
pub(in crate::render) fn create(object: &Object) -> Vec<String> {
    match object {
        Object::Schema(name) => vec![format!("CREATE SCHEMA {};", DIALECT.quote(name))],
        Object::Extension(name) => vec![format!("CREATE EXTENSION IF NOT EXISTS {};", DIALECT.quote(name))],
        Object::Domain(domain) => vec![create_domain(domain)],
        Object::Sequence(sequence) => {
            vec![terminated(&format!("CREATE SEQUENCE {} {}", sequence.name.sql(DIALECT), sequence.options))]
        }
        Object::Function(function) => vec![terminated(&function.sql)],
        Object::View(view) => create_view(view, DIALECT),
    }
}

pub(super) fn drop(object: &Object) -> String {
    match object {
        Object::Schema(name) | Object::Extension(name) => {
            format!("DROP {} {};", object.kind().to_uppercase(), DIALECT.quote(name))
        }
        Object::Domain(_) | Object::Sequence(_) => {
            format!("DROP {} {};", object.kind().to_uppercase(), object.name().sql(DIALECT))
        }
        Object::Function(function) => drop_function(function),
        Object::View(view) => drop_view(view, DIALECT),
    }
}

/// A change in place.
pub(super) fn change(from: &Object, to: &Object, context: &Context<'_>) -> Vec<String> {
    match (from, to) {
        (Object::Domain(from), Object::Domain(to)) if from.base != to.base => rebuild_domain(from, to, context),
        (Object::Domain(from), Object::Domain(to)) => change_domain(from, to),
        (Object::Sequence(_), Object::Sequence(to)) if comes_with_column(to, context) => Vec::new(),
        (Object::Sequence(from), Object::Sequence(to)) => {
            let is_fresh = !context.renamed.sequences.contains_key(&to.name);
            vec![change_sequence(from, to, is_fresh)]
        }
        (Object::Function(_), Object::Function(to)) => vec![replace(to)],
        (Object::View(_), Object::View(to)) => vec![comment(to)],
        _ => Vec::new(),
    }
}

fn create_domain(domain: &Domain) -> String {
    let mut text = format!("CREATE DOMAIN {} AS {}", domain.name.sql(DIALECT), domain.base.sql(DIALECT));
    if let Some(default) = &domain.default {
        text.push_str(&format!(" DEFAULT {default}"));
    }
    if domain.not_null {
        text.push_str(" NOT NULL");
    }
    for check in &domain.checks {
        let name = check.name.as_ref().map(|name| format!("CONSTRAINT {} ", DIALECT.quote(name))).unwrap_or_default();
        text.push_str(&format!(" {name}CHECK {}", in_parentheses(&check.expr.sql)));
    }
    text + ";"
}

/// What columns have is only looked at where a check or NOT NULL is new.
fn change_domain(from: &Domain, to: &Domain) -> Vec<String> {
    let alter = |action: String| format!("ALTER DOMAIN {} {action};", to.name.sql(DIALECT));
    let mut actions = Vec::new();
    for check in from.checks.iter().filter(|check| !to.checks.contains(check)) {
        actions.extend(check.name.as_ref().map(|name| format!("DROP CONSTRAINT {}", DIALECT.quote(name))));
    }
    if from.default != to.default {
        actions.push(match &to.default {
            Some(default) => format!("SET DEFAULT {default}"),
            None => "DROP DEFAULT".to_owned(),
        });
    }
    if from.not_null != to.not_null {
        actions.push(if to.not_null { "SET NOT NULL" } else { "DROP NOT NULL" }.to_owned());
    }
    for check in to.checks.iter().filter(|check| !from.checks.contains(check)) {
        let name = check.name.as_ref().map(|name| format!("CONSTRAINT {} ", DIALECT.quote(name))).unwrap_or_default();
        let valid = if check.valid { "" } else { " NOT VALID" };
        actions.push(format!("ADD {name}CHECK {}{valid}", in_parentheses(&check.expr.sql)));
    }
    actions.into_iter().map(alter).collect()
}

/// What a domain is based on cannot be changed.
fn rebuild_domain(from: &Domain, to: &Domain, context: &Context<'_>) -> Vec<String> {
    let name = to.name.sql(DIALECT);
    let value = |column: &str, array: &str| match cast(column, &from.base, &to.base, [&context.renamed, context.to]) {
        Cast::Using(sql) | Cast::Doubtful(sql) if array.is_empty() => format!("({sql})::{name}"),
        _ => format!("{column}::{}{array}::{name}{array}", to.base.sql(DIALECT)),
    };
    let (create, plain) = (vec![create_domain(to)], from.base.sql(DIALECT));
    enums::rebuild_type(&Anew { kind: "DOMAIN", name: &to.name, create, value: &value, plain }, context)
}

/// Whether the sequence is made, options and all, before a new column takes numbers from it.
fn comes_with_column(sequence: &Sequence, context: &Context<'_>) -> bool {
    context.operations.iter().any(|operation| match operation {
        Operation::AddColumn { table, column, .. } => {
            column::own_sequence(table, column, context.to).is_some_and(|own| own.name == sequence.name)
        }
        _ => false,
    })
}

/// `ALTER SEQUENCE` with everything that changes; an option that goes is set to its default. A fresh
/// one has counted nothing yet, and another start is where it starts.
fn change_sequence(from: &Sequence, to: &Sequence, is_fresh: bool) -> String {
    let (old, new) = (options(&from.options), options(&to.options));
    let number = |word: &str| new.get(word).map(String::as_str);
    let start = match number("INCREMENT BY") {
        Some(down) if down.starts_with('-') => number("MAXVALUE").unwrap_or("-1"),
        _ => number("MINVALUE").unwrap_or("1"),
    };
    let start = format!("START WITH {start}");
    let defaults = [
        ("AS", "AS bigint"),
        ("INCREMENT BY", "INCREMENT BY 1"),
        ("MINVALUE", "NO MINVALUE"),
        ("MAXVALUE", "NO MAXVALUE"),
        ("START WITH", start.as_str()),
        ("CACHE", "CACHE 1"),
        ("CYCLE", "NO CYCLE"),
    ];
    let mut words = Vec::new();
    // Counting the other way round, the limits have other defaults, and the place is outside of them.
    let down = |options: &BTreeMap<&str, String>| options.get("INCREMENT BY").is_some_and(|by| by.starts_with('-'));
    let turns = down(&old) != down(&new);
    let limit = |word: &str| turns && word.ends_with("VALUE");
    for (word, default) in defaults.into_iter().filter(|(word, _)| limit(word) || old.get(word) != new.get(word)) {
        words.push(new.get(word).map_or_else(|| default.to_owned(), |value| format!("{word} {value}")));
    }
    if turns || (is_fresh && old.get("START WITH") != new.get("START WITH")) {
        words.push("RESTART".to_owned());
    }
    if from.owned_by != to.owned_by {
        words.push(match &to.owned_by {
            Some((table, column)) => format!("OWNED BY {}.{}", table.sql(DIALECT), DIALECT.quote(column)),
            None => "OWNED BY NONE".to_owned(),
        });
    }
    let words: Vec<&str> = words.iter().map(|word| word.trim_end()).collect();
    format!("ALTER SEQUENCE {} {};", to.name.sql(DIALECT), words.join(" "))
}

/// Options in the catalog's spelling, by their words.
fn options(text: &str) -> BTreeMap<&'static str, String> {
    const WORDS: [&str; 7] = ["AS", "INCREMENT BY", "MINVALUE", "MAXVALUE", "START WITH", "CACHE", "CYCLE"];
    let mut found = BTreeMap::new();
    let mut rest = text.trim();
    while let Some(word) = WORDS.iter().find(|word| rest.starts_with(**word)) {
        rest = rest[word.len()..].trim_start();
        let value = if *word == "CYCLE" { "" } else { rest.split(' ').next().unwrap_or_default() };
        found.insert(*word, value.to_owned());
        rest = rest[value.len()..].trim_start();
    }
    found
}

fn replace(function: &Function) -> String {
    let tokens = tokens(&function.sql);
    let replaces = tokens.get(1).is_some_and(|token| token.is("or"));
    let behind = tokens.first().map_or(0, |token| token.offset + token.text.len());
    let (create, rest) = function.sql.split_at(if replaces { 0 } else { behind });
    terminated(&if replaces { rest.to_owned() } else { format!("{create} OR REPLACE{rest}") })
}

fn drop_function(function: &Function) -> String {
    format!("DROP {};", routine(function))
}

/// A function or procedure as a statement names it.
fn routine(function: &Function) -> String {
    let procedure = tokens(&function.sql).iter().take(4).any(|token| token.is("procedure"));
    let kind = if procedure { "PROCEDURE" } else { "FUNCTION" };
    let (bare, arguments) = function.name.name.split_once('(').unwrap_or((&function.name.name, ")"));
    let name: Name = function.name.with_name(bare);
    format!("{kind} {}({arguments}", name.sql(DIALECT))
}

fn comment(view: &View) -> String {
    let kind = if view.materialized { "MATERIALIZED VIEW" } else { "VIEW" };
    let text = view.comment.as_ref().map_or_else(|| "NULL".to_owned(), |text| DIALECT.literal(text));
    format!("COMMENT ON {kind} {} IS {text};", view.name.sql(DIALECT))
}

/// A comment on what is no table, column, enum or view; none takes it away.
pub(in crate::render) fn comment_on(on: &Commented, text: Option<&str>, catalog: &Catalog) -> String {
    let text = text.map_or_else(|| "NULL".to_owned(), |text| DIALECT.literal(text));
    let part =
        |kind: &str, table: &Name, name: &str| format!("{kind} {} ON {}", DIALECT.quote(name), table.sql(DIALECT));
    let what = match on {
        Commented::Function(name) => match catalog.functions.get(name) {
            Some(function) => routine(function),
            None => format!("FUNCTION {}", name.sql(DIALECT)),
        },
        Commented::Domain(name) => format!("DOMAIN {}", name.sql(DIALECT)),
        Commented::Sequence(name) => format!("SEQUENCE {}", name.sql(DIALECT)),
        Commented::Schema(name) => format!("SCHEMA {}", DIALECT.quote(name)),
        Commented::Index(name) => format!("INDEX {}", name.sql(DIALECT)),
        Commented::Constraint(table, name) => part("CONSTRAINT", table, name),
        Commented::Trigger(table, name) => part("TRIGGER", table, name),
        Commented::Policy(table, name) => part("POLICY", table, name),
    };
    format!("COMMENT ON {what} IS {text};")
}

pub(in crate::render) fn create_policy(table: &Name, policy: &Policy) -> String {
    let mut text = format!("CREATE POLICY {} ON {}", DIALECT.quote(&policy.name), table.sql(DIALECT));
    if !policy.permissive {
        text.push_str(" AS RESTRICTIVE");
    }
    if policy.command != "ALL" {
        text.push_str(&format!(" FOR {}", policy.command));
    }
    let role = |name: &String| match name.as_str() {
        "public" | "current_user" | "current_role" | "session_user" => name.to_uppercase(),
        other => DIALECT.quote(other),
    };
    if policy.roles != ["public"] {
        text.push_str(&format!(" TO {}", policy.roles.iter().map(role).collect::<Vec<_>>().join(", ")));
    }
    for (word, expr) in [("USING", &policy.using), ("WITH CHECK", &policy.check)] {
        if let Some(expr) = expr {
            text.push_str(&format!(" {word} {}", in_parentheses(&expr.sql)));
        }
    }
    text + ";"
}
