//! CREATE.

use super::read::one;
use super::{Action, Cursor, Lexicon, NewIndex};
use crate::catalog::Name;

pub(super) fn create<L: Lexicon>(mut cx: Cursor<'_, L>) -> Vec<Action> {
    let replace = cx.eat_all(&["or", "replace"]);
    cx.eat_any(&["global", "local"]);
    let mut flags = Flags { replace, ..Flags::default() };
    // ALGORITHM, DEFINER and SQL SECURITY (MySQL) stand before the kind as well.
    while !cx.is_done() && !KINDS.iter().any(|kind| cx.is(kind)) {
        flags.temporary |= cx.is("temp") || cx.is("temporary");
        flags.unique |= cx.is("unique");
        flags.materialized |= cx.is("materialized");
        cx.skip_one();
    }
    let Some(kind) = cx.next() else { return Vec::new() };
    let kind = kind.text.to_ascii_lowercase();
    match kind.as_str() {
        "table" => table(cx, &flags),
        "index" => index(cx, flags.unique),
        "trigger" => trigger(cx),
        "type" => create_type(cx),
        "policy" | "rule" => on_table(cx, kind, replace),
        _ => object(cx, kind, &flags),
    }
}

#[derive(Default)]
struct Flags {
    replace: bool,
    temporary: bool,
    unique: bool,
    materialized: bool,
}

const KINDS: [&str; 24] = [
    "table",
    "index",
    "view",
    "trigger",
    "type",
    "domain",
    "sequence",
    "extension",
    "schema",
    "function",
    "procedure",
    "policy",
    "rule",
    "role",
    "user",
    "database",
    "aggregate",
    "operator",
    "cast",
    "collation",
    "statistics",
    "publication",
    "tablespace",
    "event",
];

fn table<L: Lexicon>(mut cx: Cursor<'_, L>, flags: &Flags) -> Vec<Action> {
    let tolerant = cx.if_not_exists();
    let Some(table) = cx.name() else { return Vec::new() };
    let from_query =
        cx.has("as") && (cx.has("select") || cx.has("with") || cx.has("values") || cx.has("table")) || cx.has("select");
    one(Action::CreateTable { table, temporary: flags.temporary, tolerant, from_query })
}

fn index<L: Lexicon>(mut cx: Cursor<'_, L>, unique: bool) -> Vec<Action> {
    let concurrently = cx.eat("concurrently");
    let tolerant = cx.if_not_exists();
    let name = if cx.is("on") { None } else { cx.name().map(|name| name.name) };
    while !cx.is_done() && !cx.eat("on") {
        cx.next();
    }
    cx.eat("only");
    let Some(table) = cx.name() else { return Vec::new() };
    one(Action::CreateIndex(NewIndex { table, name, unique, concurrently, tolerant }))
}

fn trigger<L: Lexicon>(mut cx: Cursor<'_, L>) -> Vec<Action> {
    cx.if_not_exists();
    let Some(trigger) = cx.name() else { return Vec::new() };
    while !cx.is_done() && !cx.is("on") {
        cx.skip_one();
    }
    cx.eat("on");
    cx.name().map(|table| Action::CreateTrigger { table, trigger: trigger.name }).into_iter().collect()
}

fn create_type<L: Lexicon>(mut cx: Cursor<'_, L>) -> Vec<Action> {
    let Some(name) = cx.name() else { return Vec::new() };
    if cx.eat_all(&["as", "enum"]) {
        return one(Action::CreateEnum { name });
    }
    one(Action::CreateObject { kind: "type".to_owned(), name, replace: false, tolerant: false })
}

/// The name of the table is what a policy or a rule changes.
fn on_table<L: Lexicon>(mut cx: Cursor<'_, L>, kind: String, replace: bool) -> Vec<Action> {
    let Some(own) = cx.name() else { return Vec::new() };
    while !cx.is_done() && !cx.is("on") && !cx.is("to") {
        cx.skip_one();
    }
    let table = if cx.eat_any(&["on", "to"]) { cx.name() } else { None };
    one(Action::CreateObject { kind, name: table.unwrap_or(own), replace, tolerant: false })
}

fn object<L: Lexicon>(mut cx: Cursor<'_, L>, kind: String, flags: &Flags) -> Vec<Action> {
    let tolerant = cx.if_not_exists();
    let name = cx.name().unwrap_or_else(|| Name::new(""));
    let kind = if flags.materialized { format!("materialized {kind}") } else { kind };
    one(Action::CreateObject { kind, name, replace: flags.replace, tolerant })
}
