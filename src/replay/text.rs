//! What a query or the body of a routine names, as far as its tokens tell.

use std::collections::BTreeSet;

use super::cursor::{Cursor, Lexicon};
use crate::catalog::{Catalog, Name};
use crate::sql::{Token, TokenKind};

/// Tables and views that a query names behind FROM and JOIN.
pub(super) fn relations_in<L: Lexicon>(cx: &Cursor<'_, L>, catalog: &Catalog) -> BTreeSet<Name> {
    let tokens = cx.remaining();
    let mut found = BTreeSet::new();
    // For each open parenthesis: whether a SELECT began in it, and whether its FROM did.
    let mut open = vec![(false, false)];
    for (at, token) in tokens.iter().enumerate() {
        let Some((selects, in_from)) = open.last().copied() else { break };
        let before = at.checked_sub(1).map(|at| &tokens[at]);
        let expected = before.is_some_and(|t| ["from", "join", "only", "lateral", ",", "("].iter().any(|w| t.is(w)));
        if token.is("(") {
            // Parentheses around a join are a part of the FROM.
            open.push((false, in_from && expected));
        } else if token.is(")") {
            open.pop();
        } else if token.is("select") {
            open.pop();
            open.push((true, false));
        } else if token.is("from") {
            open.pop();
            open.push((selects, selects));
        } else if ["where", "group", "order", "having", "window", "limit", "union"].iter().any(|w| token.is(w)) {
            open.pop();
            open.push((selects, false));
        } else if in_from && expected && token.kind == TokenKind::Word {
            let name = Cursor::at(cx, at).name();
            let known = |n: &Name| catalog.table(n).is_some() || catalog.view(n).is_some();
            found.extend(name.filter(known));
        }
    }
    found
}

/// What a text that is not followed may create, change or drop.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Touched {
    /// None: any.
    pub(super) objects: BTreeSet<Name>,
    /// Where any: the words of the text, see [`crate::catalog::Uncertain::words`].
    pub(super) words: BTreeSet<String>,
}

impl<I: IntoIterator<Item = Name>> From<I> for Touched {
    fn from(objects: I) -> Self {
        Self { objects: objects.into_iter().collect(), words: BTreeSet::new() }
    }
}

/// What a body may create, change or drop; `None` where it touches nothing. Dynamic DDL that names
/// nothing may touch any object.
pub(super) fn touched<L: Lexicon>(body: &str) -> Option<Touched> {
    let objects: BTreeSet<Name> = targets::<L>(body)?.into_iter().collect();
    let words = if objects.is_empty() { words(body) } else { BTreeSet::new() };
    Some(Touched { objects, words })
}

/// Those in code, in strings and in comments alike.
fn words(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'));
    words.filter(|word| word.len() > 1).map(str::to_lowercase).collect()
}

/// The objects that a body names; none where it may touch any.
fn targets<L: Lexicon>(body: &str) -> Option<Vec<Name>> {
    let tokens = L::tokens(body);
    let mut objects = Vec::new();
    let mut any = false;
    for (at, token) in tokens.iter().enumerate() {
        if token.kind == TokenKind::Text {
            // The text of an EXECUTE or format().
            if let Some(inner) = L::value(token).and_then(|text| targets::<L>(&text)) {
                any |= inner.is_empty();
                objects.extend(inner);
            }
        } else if ["alter", "create", "drop"].iter().any(|word| token.is(word)) {
            match target::<L>(&tokens[at + 1..]) {
                Some(Target::Named(name)) => objects.push(name),
                Some(Target::Any) => any = true,
                None => {}
            }
        }
    }
    if any {
        return Some(Vec::new());
    }
    (!objects.is_empty()).then_some(objects)
}

enum Target {
    Named(Name),
    Any,
}

/// What a statement is about whose verb stands before `tokens`; an index or trigger is its table's.
fn target<L: Lexicon>(tokens: &[Token<'_>]) -> Option<Target> {
    const BEFORE: [&str; 9] =
        ["or", "replace", "unique", "unlogged", "materialized", "constraint", "temp", "temporary", "foreign"];
    let is = |token: &Token<'_>, words: &[&str]| words.iter().any(|word| token.is(word));
    let skipped = tokens.iter().take_while(|t| is(t, &BEFORE)).count();
    let kind = tokens.get(skipped)?;
    if is(kind, &["index", "trigger", "policy", "rule"]) {
        let end = tokens.iter().position(|t| t.text == ";").unwrap_or(tokens.len());
        let on = tokens[..end].iter().position(|t| t.is("on"));
        return Some(on.and_then(|on| name_at::<L>(&tokens[on + 1..])).map_or(Target::Any, Target::Named));
    }
    if is(kind, &["function", "procedure", "schema", "extension"]) {
        return Some(Target::Any);
    }
    is(kind, &["table", "view", "type", "domain", "sequence"])
        .then(|| name_at::<L>(&tokens[skipped + 1..]).map_or(Target::Any, Target::Named))
}

fn name_at<L: Lexicon>(tokens: &[Token<'_>]) -> Option<Name> {
    let skipped = tokens.iter().take_while(|t| ["if", "not", "exists", "only"].iter().any(|w| t.is(w))).count();
    let mut rest = tokens[skipped..].iter();
    let first = rest.next().filter(|t| t.kind == TokenKind::Word)?;
    let last = rest.next().filter(|t| t.text == ".").and_then(|_| rest.next());
    Some(match last {
        Some(last) => Name::qualified(L::ident(first.text), L::ident(last.text)),
        None => Name::new(L::ident(first.text)),
    })
}
