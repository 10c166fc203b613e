//! Statements about rows.

use super::read::one;
use super::{Action, Cursor, Lexicon, Rows};

/// INSERT, UPDATE, DELETE, also behind WITH.
pub(super) fn rows<L: Lexicon>(verb: &str, mut cx: Cursor<'_, L>) -> Vec<Action> {
    if verb != "with" {
        return one_verb(verb, cx);
    }
    let mut found = Vec::new();
    // A common table expression may write itself (PostgreSQL manual 7.8.4).
    while !cx.is_done() && !VERBS.iter().any(|word| cx.is(word)) {
        match cx.group() {
            Some(mut group) => {
                let inner = group.next().map(|token| token.text.to_ascii_lowercase()).unwrap_or_default();
                if VERBS[..4].contains(&inner.as_str()) {
                    found.extend(one_verb(&inner, group));
                }
            }
            None => cx.skip_one(),
        }
    }
    let Some(verb) = cx.next() else { return found };
    match verb.text.to_ascii_lowercase().as_str() {
        "select" | "values" | "table" if found.is_empty() => one(Action::Query),
        verb => {
            found.extend(one_verb(verb, cx));
            found
        }
    }
}

const VERBS: [&str; 7] = ["insert", "update", "delete", "merge", "select", "values", "table"];

fn one_verb<L: Lexicon>(verb: &str, cx: Cursor<'_, L>) -> Vec<Action> {
    let action = match verb {
        "insert" | "replace" | "copy" | "load" => insert(cx).map(Action::Insert),
        "update" => update(cx).map(Action::Update),
        "delete" => delete(cx).map(Action::Delete),
        "merge" => insert(cx).map(Action::Update),
        _ => None,
    };
    action.into_iter().collect()
}

fn insert<L: Lexicon>(mut cx: Cursor<'_, L>) -> Option<Rows> {
    // INSERT OR IGNORE, LOW_PRIORITY and the like.
    while !cx.is_done() && !cx.is("into") && cx.remaining().len() > 1 && has_into(&cx) {
        cx.skip_one();
    }
    cx.eat("into");
    let table = cx.name()?;
    let columns = cx.names_in_group();
    let from_query = cx.has("select") || cx.has("with") || cx.is("(") || cx.has("table");
    let condition = condition(&mut cx);
    Some(Rows { table, columns, from_query, condition })
}

fn has_into<L: Lexicon>(cx: &Cursor<'_, L>) -> bool {
    cx.remaining().iter().take(4).any(|token| token.is("into"))
}

fn update<L: Lexicon>(mut cx: Cursor<'_, L>) -> Option<Rows> {
    if cx.eat("or") {
        cx.skip_one();
    }
    cx.eat_any(&["low_priority", "ignore"]);
    cx.eat("only");
    let table = cx.name()?;
    while !cx.is_done() && !cx.is("set") {
        cx.skip_one();
    }
    cx.eat("set");
    let mut columns = Vec::new();
    for mut part in cx.parts() {
        match part.group() {
            Some(group) => columns.extend(group.parts().into_iter().filter_map(|mut p| p.path().pop())),
            None => {
                let column = part.path().pop();
                if part.is("=") {
                    columns.extend(column);
                }
            }
        }
    }
    Some(Rows { table, columns, from_query: cx.has("from"), condition: condition(&mut cx) })
}

fn delete<L: Lexicon>(mut cx: Cursor<'_, L>) -> Option<Rows> {
    cx.eat_any(&["low_priority", "quick", "ignore"]);
    cx.eat("from");
    cx.eat("only");
    let table = cx.name()?;
    Some(Rows { table, columns: Vec::new(), from_query: cx.has("using"), condition: condition(&mut cx) })
}

/// What stands behind WHERE.
fn condition<L: Lexicon>(cx: &mut Cursor<'_, L>) -> Option<String> {
    while !cx.is_done() && !cx.is("where") {
        cx.skip_one();
    }
    cx.eat("where").then(|| cx.text_until(&["returning", "order", "limit"]).to_owned())
}
