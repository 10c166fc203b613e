//! Names inside of texts: which tables a query names, and what views, triggers and expressions read
//! after a rename. SQLite does this on its own tree (sqlite.org/lang_altertable.html sections 3 and
//! 4); here tokens and their neighbours decide, and what they cannot decide is said so.

use std::collections::BTreeSet;

use crate::catalog::{Catalog, Name};
use crate::dialect::Dialect;
use crate::sql::sqlite::{self, Token, TokenKind};

use super::column::closing;
use super::same;

/// A new name and whether it is to be quoted wherever it goes.
pub(super) struct NewName<'a> {
    pub(super) name: &'a str,
    pub(super) quoted: bool,
}

impl NewName<'_> {
    /// What stands for `token`, as SQLite writes it: bare only where both were bare.
    fn instead_of(&self, token: &Token<'_>, text: &str) -> String {
        if !self.quoted && token.kind == TokenKind::Word {
            return self.name.to_owned();
        }
        let space = if text[token.end()..].starts_with('"') { " " } else { "" };
        format!("\"{}\"{space}", self.name.replace('"', "\"\""))
    }
}

/// Words that end a FROM list at their own depth.
const AFTER_FROM: &[&str] = &[
    "select",
    "where",
    "group",
    "order",
    "having",
    "window",
    "limit",
    "set",
    "values",
    "returning",
    "union",
    "except",
    "intersect",
    "default",
];

/// Words behind a table's name that are no alias of it.
const NO_ALIAS: &[&str] = &[
    "on",
    "using",
    "left",
    "right",
    "full",
    "inner",
    "outer",
    "cross",
    "natural",
    "join",
    "indexed",
    "not",
    "begin",
    "when",
    "for",
    "end",
    "do",
    "where",
    "group",
    "order",
    "having",
    "window",
    "limit",
    "set",
    "values",
    "returning",
    "union",
    "except",
    "intersect",
    "default",
    "select",
];

/// Where tables are named as such (behind FROM, JOIN, INTO, UPDATE, IN, a trigger's ON), not as
/// qualifiers of columns.
fn table_places(tokens: &[Token<'_>]) -> Vec<usize> {
    let mut places = Vec::new();
    let mut header = is_trigger(tokens);
    // For each open parenthesis: whether a FROM list is being read.
    let mut lists = vec![false];
    for (at, token) in tokens.iter().enumerate() {
        let in_list = lists.last().copied().unwrap_or(false);
        if token.is_symbol("(") {
            lists.push(begins_source(tokens, at, in_list));
        } else if token.is_symbol(")") && lists.len() > 1 {
            lists.pop();
        } else if token.is_symbol(";") {
            lists = vec![false];
        } else if is_table(tokens, at, in_list, header) {
            places.push(at);
        } else if let Some(list) = lists.last_mut()
            && token.kind == TokenKind::Word
        {
            let is_operator = at > 0 && tokens[at - 1].is_word("distinct");
            if (token.is_word("from") && !is_operator) || token.is_word("join") {
                *list = true;
            } else if token.is_any_word(AFTER_FROM) {
                *list = false;
            }
            header &= !token.is_word("begin");
        }
    }
    places
}

/// Whether an element of a FROM list begins at `at`.
fn begins_source(tokens: &[Token<'_>], at: usize, in_list: bool) -> bool {
    let Some(before) = at.checked_sub(1).map(|at| &tokens[at]) else {
        return false;
    };
    let after_from = before.is_word("from") && !(at > 1 && tokens[at - 2].is_word("distinct"));
    after_from || before.is_word("join") || (in_list && (before.is_symbol(",") || before.is_symbol("(")))
}

fn is_table(tokens: &[Token<'_>], at: usize, in_list: bool, header: bool) -> bool {
    let is_dot = |at: usize| tokens.get(at).is_some_and(|t| t.is_symbol("."));
    let start = if at >= 2 && is_dot(at - 1) { at - 2 } else { at };
    if start == 0 || is_dot(at + 1) || tokens[at].ident().is_none() {
        return false;
    }
    if begins_source(tokens, start, in_list) {
        let called = tokens.get(at + 1).is_some_and(|t| t.is_symbol("("));
        return !called && !tokens[at].is_any_word(&["select", "values", "with"]);
    }
    let before = &tokens[start - 1];
    let keyword = tokens[at].is_any_word(&["of", "on", "or", "set", "begin", "when", "for"]);
    let conflict = start >= 3 && tokens[start - 2].is_word("or") && tokens[start - 3].is_word("update");
    before.is_any_word(&["into", "in"])
        || (before.is_word("update") && !keyword)
        || (header && before.is_word("on"))
        || (conflict && before.kind == TokenKind::Word)
}

fn is_trigger(tokens: &[Token<'_>]) -> bool {
    tokens.iter().take(3).any(|t| t.is_word("trigger"))
}

fn is_name(token: &Token<'_>, name: &str) -> bool {
    token.ident().is_some_and(|ident| same(&ident, name))
}

/// The tables and views that a view's statement names, without its common table expressions.
pub(super) fn sources(tokens: &[Token<'_>]) -> BTreeSet<Name> {
    let is_cte = |name: &str| {
        tokens.windows(3).any(|w| {
            is_name(&w[0], name)
                && (w[1].is_word("as") && (w[2].is_symbol("(") || w[2].is_any_word(&["not", "materialized"]))
                    || w[1].is_symbol("("))
        })
    };
    let with = tokens.iter().any(|t| t.is_word("with"));
    table_places(tokens)
        .into_iter()
        .filter_map(|at| tokens[at].ident())
        .filter(|name| !(with && is_cte(name)))
        .map(|name| Name::new(name.into_owned()))
        .collect()
}

/// `text` with the tokens at these places replaced.
fn replace(text: &str, tokens: &[Token<'_>], places: &[usize], new: &NewName<'_>) -> String {
    let mut result = String::with_capacity(text.len() + 16);
    let mut from = 0;
    for place in places {
        let token = &tokens[*place];
        result.push_str(&text[from..token.offset]);
        result.push_str(&new.instead_of(token, text));
        from = token.end();
    }
    result.push_str(&text[from..]);
    result
}

/// A view's or trigger's statement after a table was renamed; `only_header` leaves a trigger's body
/// alone, as `PRAGMA legacy_alter_table` does.
pub(super) fn table_in_statement(text: &str, old: &str, new: &str, only_header: bool) -> String {
    let tokens = sqlite::significant(text).unwrap_or_default();
    let begin = tokens.iter().position(|t| t.is_word("begin")).filter(|_| only_header).unwrap_or(tokens.len());
    let tables = table_places(&tokens);
    let places: Vec<usize> = (0..begin)
        .filter(|at| {
            is_name(&tokens[*at], old) && (tables.contains(at) || (!only_header && is_qualifier(&tokens, *at)))
        })
        .collect();
    replace(text, &tokens, &places, &NewName { name: new, quoted: true })
}

/// An expression after its table was renamed.
pub(super) fn table_in_expr(text: &str, old: &str, new: &str) -> String {
    let tokens = sqlite::significant(text).unwrap_or_default();
    let places: Vec<usize> =
        (0..tokens.len()).filter(|at| is_name(&tokens[*at], old) && is_qualifier(&tokens, *at)).collect();
    replace(text, &tokens, &places, &NewName { name: new, quoted: true })
}

fn is_qualifier(tokens: &[Token<'_>], at: usize) -> bool {
    let is_dot = |at: usize| tokens.get(at).is_some_and(|t| t.is_symbol("."));
    is_dot(at + 1) && !is_dot(at + 2) && (at < 2 || !is_dot(at - 1) || tokens[at - 2].is_word("main"))
}

fn is_called(tokens: &[Token<'_>], at: usize) -> bool {
    tokens.get(at + 1).is_some_and(|t| t.is_symbol("(")) && tokens[at].kind == TokenKind::Word
}

/// The name before the dot before `at`.
fn qualifier<'a>(tokens: &[Token<'a>], at: usize) -> Option<Token<'a>> {
    (at >= 2 && tokens[at - 1].is_symbol(".")).then(|| tokens[at - 2])
}

/// Whether an expression over a table's columns names this column.
pub(super) fn names_column(text: &str, table: &str, column: &str) -> bool {
    let tokens = sqlite::significant(text).unwrap_or_default();
    !column_places(&tokens, table, column).is_empty()
}

fn column_places(tokens: &[Token<'_>], table: &str, column: &str) -> Vec<usize> {
    let belongs = |at: usize| qualifier(tokens, at).is_none_or(|qualifier| is_name(&qualifier, table));
    // A function, a collation or a type may have the same name.
    let is_other = |at: usize| {
        is_called(tokens, at) || (at > 0 && tokens[at - 1].is_any_word(&["collate", "as"])) || is_qualifier(tokens, at)
    };
    (0..tokens.len()).filter(|at| is_name(&tokens[*at], column) && belongs(*at) && !is_other(*at)).collect()
}

/// An expression over a table's columns after one of them was renamed.
pub(super) fn column_in_expr(text: &str, table: &str, old: &str, new: &NewName<'_>) -> String {
    let tokens = sqlite::significant(text).unwrap_or_default();
    replace(text, &tokens, &column_places(&tokens, table, old), new)
}

/// A view's or trigger's statement after a table's column was renamed; `None` where another table
/// in the same query has a column of that name and nothing says whose it is.
pub(super) fn column_in_statement(
    text: &str,
    table: &str,
    old: &str,
    new: &NewName<'_>,
    catalog: &Catalog,
) -> Option<String> {
    let tokens = sqlite::significant(text).unwrap_or_default();
    let tables = table_places(&tokens);
    let header = if is_trigger(&tokens) { tokens.iter().position(|t| t.is_word("begin")).unwrap_or(0) } else { 0 };
    let on_table = header > 0 && tables.iter().any(|at| *at < header && is_name(&tokens[*at], table));
    let mut places = Vec::new();
    let mut start = 0;
    for end in 0..=tokens.len() {
        if end < tokens.len() && end != header && !tokens[end].is_symbol(";") {
            continue;
        }
        let query = Query { tokens: &tokens, start, end, tables: &tables, table, column: old, on_table };
        places.extend(query.places(catalog)?);
        start = end;
    }
    Some(replace(text, &tokens, &places, new))
}

/// A part of a statement in which table names and aliases mean the same throughout.
struct Query<'q, 'a> {
    tokens: &'q [Token<'a>],
    start: usize,
    end: usize,
    /// Where the whole statement names tables.
    tables: &'q [usize],
    table: &'q str,
    column: &'q str,
    /// Whether it is part of a trigger on the table.
    on_table: bool,
}

impl Query<'_, '_> {
    fn places(&self, catalog: &Catalog) -> Option<Vec<usize>> {
        let mut places = Vec::new();
        for at in (self.start..self.end).filter(|at| is_name(&self.tokens[*at], self.column)) {
            let output = self.tokens[at - 1].is_word("as");
            if self.tables.contains(&at) || is_called(self.tokens, at) || output || is_qualifier(self.tokens, at) {
                continue;
            }
            let belongs = match qualifier(self.tokens, at) {
                Some(qualifier) => self.is_ours(&qualifier),
                None => self.is_ours_unqualified(at, catalog)?,
            };
            if belongs {
                places.push(at);
            }
        }
        Some(places)
    }

    fn own_tables(&self) -> impl Iterator<Item = usize> {
        self.tables.iter().copied().filter(|at| (self.start..self.end).contains(at))
    }

    fn is_ours(&self, qualifier: &Token<'_>) -> bool {
        let Some(name) = qualifier.ident() else {
            return false;
        };
        let aliased = self.own_tables().find(|at| self.alias(*at).is_some_and(|alias| is_name(&alias, &name)));
        if let Some(at) = aliased {
            return is_name(&self.tokens[at], self.table);
        }
        if same(&name, "excluded") {
            return self.own_tables().any(|at| self.is_target(at) && is_name(&self.tokens[at], self.table));
        }
        same(&name, self.table) || (self.on_table && (same(&name, "new") || same(&name, "old")))
    }

    /// The alias of the table that is named at `at`.
    fn alias(&self, at: usize) -> Option<Token<'_>> {
        let next = self.tokens.get(at + 1)?;
        let alias = if next.is_word("as") { self.tokens.get(at + 2)? } else { next };
        (alias.ident().is_some() && !alias.is_any_word(NO_ALIAS)).then_some(*alias)
    }

    fn is_target(&self, at: usize) -> bool {
        let start = if qualifier(self.tokens, at).is_some() { at - 2 } else { at };
        start > 0 && self.tokens[start - 1].is_word("into")
    }

    fn is_ours_unqualified(&self, at: usize, catalog: &Catalog) -> Option<bool> {
        // The list of columns behind INSERT INTO belongs to that table alone.
        let listed = self.own_tables().find(|table| {
            self.is_target(*table)
                && self.tokens.get(table + 1).is_some_and(|t| t.is_symbol("("))
                && (table + 1..closing(self.tokens, table + 1)).contains(&at)
        });
        if let Some(table) = listed {
            return Some(is_name(&self.tokens[table], self.table));
        }
        // The target of an INSERT is no source of its query, but the only one of what follows.
        let after_query = |t: &Token<'_>| t.is_any_word(&["conflict", "returning"]);
        let of_target =
            self.own_tables().any(|at| self.is_target(at)) && self.tokens[self.start..at].iter().any(after_query);
        let sources = || self.own_tables().filter(|at| self.is_target(*at) == of_target);
        if !sources().any(|at| is_name(&self.tokens[at], self.table)) {
            return Some(false);
        }
        let others_have = sources().filter_map(|at| self.tokens[at].ident()).any(|name| {
            let other = catalog.table(&Name::new(name.clone().into_owned()));
            !same(&name, self.table) && other.is_some_and(|t| t.column(self.column, Dialect::Sqlite).is_some())
        });
        (!others_have).then_some(true)
    }
}
