//! The first word of a statement decides who reads on.

use super::{Action, Cursor, Lexicon, Transaction, alter, create, folded, rows};
use crate::catalog::Name;

/// What a statement does; empty where its verb is unknown.
pub(super) fn statement<L: Lexicon>(sql: &str) -> Vec<Action> {
    let mut cx = Cursor::<L>::new(sql);
    let Some(verb) = cx.next() else { return Vec::new() };
    let verb = verb.text.to_ascii_lowercase();
    match verb.as_str() {
        "create" => create::create(cx),
        "alter" => alter::alter(cx),
        "drop" => drop(cx),
        "rename" => rename_tables(cx),
        "insert" | "replace" | "update" | "delete" | "with" | "merge" | "copy" | "load" => rows::rows(&verb, cx),
        "truncate" => one(truncate(cx)),
        "select" | "values" | "table" | "explain" | "analyze" | "show" | "notify" | "listen" => one(Action::Query),
        "set" => one(set(cx)),
        "reset" => one(Action::Set { name: cx.path().join(".").to_ascii_lowercase(), value: None, local: false }),
        "pragma" => one(pragma(cx)),
        "begin" | "start" => one(Action::Transaction(Transaction::Begin)),
        "commit" | "end" => one(Action::Transaction(Transaction::Commit)),
        "rollback" if cx.has("to") => one(Action::Transaction(Transaction::Savepoint)),
        "rollback" | "abort" => one(Action::Transaction(Transaction::Rollback)),
        "savepoint" | "release" => one(Action::Transaction(Transaction::Savepoint)),
        "reindex" => one(reindex(cx)),
        "refresh" => refresh(cx),
        "cluster" => one(cluster(cx)),
        "vacuum" => one(vacuum(cx)),
        "lock" => one(lock(cx)),
        "comment" => {
            cx.eat("on");
            one(Action::Comment { on: folded(&cx) })
        }
        "grant" => one(Action::Grant),
        "revoke" => one(Action::Revoke),
        "do" | "call" | "execute" | "prepare" | "deallocate" => one(Action::Opaque { what: verb }),
        _ => Vec::new(),
    }
}

pub(super) fn one(action: Action) -> Vec<Action> {
    vec![action]
}

fn drop<L: Lexicon>(mut cx: Cursor<'_, L>) -> Vec<Action> {
    cx.eat_any(&["temporary", "foreign"]);
    let materialized = cx.eat("materialized");
    let Some(kind) = cx.next() else { return Vec::new() };
    let mut kind = kind.text.to_ascii_lowercase();
    if materialized {
        kind = format!("materialized {kind}");
    }
    let concurrently = cx.eat("concurrently");
    let tolerant = cx.if_exists();
    let cascade = cx.has("cascade");
    if kind == "owned" {
        return one(Action::Opaque { what: "drop owned".to_owned() });
    }
    if matches!(kind.as_str(), "trigger" | "policy" | "rule") {
        let Some(name) = cx.name() else { return Vec::new() };
        let table = if cx.eat("on") { cx.name() } else { None };
        return one(match kind.as_str() {
            "trigger" => Action::DropTrigger { table, trigger: name.name },
            _ => Action::DropObject { kind, name: table.unwrap_or(name), tolerant, cascade },
        });
    }
    let dropped = |mut part: Cursor<'_, L>| {
        let name = part.name()?;
        Some(match kind.as_str() {
            "table" | "tables" => Action::DropTable { table: name, tolerant, cascade },
            "index" => {
                let table = if part.eat("on") { part.name() } else { None };
                Action::DropIndex { index: name, table, concurrently, tolerant, cascade }
            }
            _ => Action::DropObject { kind: kind.clone(), name, tolerant, cascade },
        })
    };
    cx.parts().into_iter().filter_map(dropped).collect()
}

/// MySQL's `RENAME TABLE a TO b, c TO d`.
fn rename_tables<L: Lexicon>(mut cx: Cursor<'_, L>) -> Vec<Action> {
    if !cx.eat_any(&["table", "tables"]) {
        return Vec::new();
    }
    let renamed = |mut part: Cursor<'_, L>| {
        part.if_exists();
        let table = part.name()?;
        let to = part.eat("to").then(|| part.name()).flatten()?;
        Some(Action::RenameTable { table, to })
    };
    cx.parts().into_iter().filter_map(renamed).collect()
}

fn names<L: Lexicon>(cx: &Cursor<'_, L>) -> Vec<Name> {
    let name = |mut part: Cursor<'_, L>| {
        part.eat("only");
        part.name()
    };
    cx.parts().into_iter().filter_map(name).collect()
}

fn truncate<L: Lexicon>(mut cx: Cursor<'_, L>) -> Action {
    cx.eat("table");
    Action::Truncate { cascade: cx.has("cascade"), tables: names(&cx) }
}

fn set<L: Lexicon>(mut cx: Cursor<'_, L>) -> Action {
    let local = cx.eat("local");
    cx.eat_any(&["session", "global"]);
    if cx.eat("transaction") || cx.eat("constraints") {
        return Action::Set { name: "transaction".to_owned(), value: Some(folded(&cx)), local: true };
    }
    let name = if cx.eat_all(&["time", "zone"]) { "timezone".to_owned() } else { cx.path().join(".") };
    cx.eat_any(&["=", "to", ":="]);
    Action::Set { name: name.to_ascii_lowercase(), value: Some(cx.rest().to_owned()), local }
}

fn pragma<L: Lexicon>(mut cx: Cursor<'_, L>) -> Action {
    let name = cx.path().join(".").to_ascii_lowercase();
    let value = match cx.eat("=") {
        true => Some(cx.rest().to_owned()),
        false => cx.group().map(|mut group| group.rest().to_owned()),
    };
    Action::Set { name, value, local: false }
}

fn reindex<L: Lexicon>(mut cx: Cursor<'_, L>) -> Action {
    let options = cx.group();
    let what = ["index", "table", "schema", "database", "system"].iter().find(|word| cx.eat(word));
    let concurrently = cx.eat("concurrently") || options.is_some_and(|group| group.has("concurrently"));
    Action::Reindex { what: what.unwrap_or(&"").to_string(), name: cx.name(), concurrently }
}

fn refresh<L: Lexicon>(mut cx: Cursor<'_, L>) -> Vec<Action> {
    cx.eat_all(&["materialized", "view"]);
    let concurrently = cx.eat("concurrently");
    cx.name().map(|view| Action::RefreshView { view, concurrently }).into_iter().collect()
}

/// `CLUSTER index ON table` is the old spelling.
fn cluster<L: Lexicon>(mut cx: Cursor<'_, L>) -> Action {
    cx.group();
    cx.eat("verbose");
    let first = cx.name();
    Action::Cluster { table: if cx.eat("on") { cx.name() } else { first } }
}

fn vacuum<L: Lexicon>(mut cx: Cursor<'_, L>) -> Action {
    let mut full = cx.group().is_some_and(|group| group.has("full"));
    full |= cx.eat("full");
    while cx.eat_any(&["freeze", "verbose", "analyze"]) {}
    Action::Vacuum { full, tables: names(&cx) }
}

fn lock<L: Lexicon>(mut cx: Cursor<'_, L>) -> Action {
    cx.eat_any(&["table", "tables"]);
    let tables = names(&cx);
    while !cx.is_done() && !cx.is("in") {
        cx.next();
    }
    let mode = if cx.eat("in") { cx.text_until(&["mode"]).to_ascii_lowercase() } else { String::new() };
    Action::LockTable { tables, mode }
}
