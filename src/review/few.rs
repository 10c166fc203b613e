//! How many rows a statement writes, as far as its words tell: one, where a key has one value or what it
//! reads from has one row; few, where only rows count that are marked as something which they are not when
//! they are made.

use std::collections::BTreeSet;

use super::step::{Act, Step};
use super::subject::Subject;
use crate::catalog::{Name, Table};
use crate::dialect::Dialect::Postgres;
use crate::replay::action::{Action, Rows};
use crate::sql::postgres::{Token, TokenKind, ident, tokens};

/// Whether a statement writes few rows, however many its table has, and reads few for it.
pub(super) fn writes_few(subject: &Subject<'_>, step: &Step, act: &Act) -> bool {
    let tokens = tokens(&step.text);
    let names = names(subject, &tokens);
    match &act.action {
        Action::Insert(rows) => rows.from_query && (ends_with_one(&tokens) || reads_few(subject, step, &names)),
        Action::Update(rows) | Action::Delete(rows) => {
            // What is asked for each row, or once, may read whole tables.
            let asks = tokens.iter().any(|token| token.is("select"));
            let is_small = subject.small(&rows.table.to_string(), step.offset).is_some();
            let is_short = is_small || chooses_few(subject, act, rows, &names);
            is_short && (!asks || reads_few(subject, step, &names))
        }
        _ => false,
    }
}

/// Whether a query ends with LIMIT 1.
pub(super) fn ends_with_one(tokens: &[Token<'_>]) -> bool {
    let end = tokens.iter().rposition(|token| token.text != ";").map_or(0, |at| at + 1);
    matches!(&tokens[..end], [.., limit, one] if limit.is("limit") && one.text == "1")
}

/// Whether of every table that is read from one row is read at most, or it is small.
fn reads_few(subject: &Subject<'_>, step: &Step, names: &[(String, &Table)]) -> bool {
    let tokens = tokens(&step.text);
    let few = |source: &Source<'_, '_>| {
        let single = single(subject, source.condition, names);
        let is_short = |name: &String| single.contains(name) || subject.small(name, step.offset).is_some();
        source.tables.iter().all(is_short)
    };
    sources(&tokens).is_some_and(|sources| sources.iter().all(few))
}

/// What a query reads from, and the condition behind its WHERE.
struct Source<'t, 's> {
    tables: BTreeSet<String>,
    condition: &'t [Token<'s>],
}

/// Words behind the tables of a FROM, or behind its condition.
const ENDS: [&str; 10] = ["where", "group", "having", "order", "limit", "returning", "union", "on", "window", "for"];

/// The tables and views behind FROM and JOIN, by name; `None` where there is something else.
fn sources<'t, 's>(tokens: &'t [Token<'s>]) -> Option<Vec<Source<'t, 's>>> {
    let mut found = Vec::new();
    for (from, _) in tokens.iter().enumerate().filter(|(_, token)| token.is("from") || token.is("join")) {
        let (mut depth, mut is_next, mut tables) = (0_usize, true, BTreeSet::new());
        for (at, token) in tokens.iter().enumerate().skip(from + 1) {
            match token.text {
                "(" => {
                    depth += 1;
                    is_next = false;
                }
                ")" if depth == 0 => break,
                ")" => depth -= 1,
                _ if depth > 0 => {}
                "," => is_next = true,
                _ if ENDS.iter().any(|word| token.is(word)) || token.is("join") => break,
                _ if is_next && (token.is("only") || token.is("lateral")) => {}
                _ if is_next && token.kind == TokenKind::Word => {
                    // A function makes as many rows as it likes, and other schemas are looked at by nobody.
                    if tokens.get(at + 1).is_some_and(|next| matches!(next.text, "(" | ".")) {
                        return None;
                    }
                    tables.insert(ident(token.text));
                    is_next = false;
                }
                _ => {}
            }
        }
        found.push(Source { tables, condition: condition(&tokens[from..]) });
    }
    // What WITH gives a name is read in its parentheses.
    for three in tokens.windows(3).filter(|three| three[1].is("as") && three[2].text == "(") {
        let name = ident(three[0].text);
        found.iter_mut().for_each(|source| {
            source.tables.remove(&name);
        });
    }
    Some(found)
}

/// What stands behind the WHERE of a query, from its FROM on.
fn condition<'t, 's>(tokens: &'t [Token<'s>]) -> &'t [Token<'s>] {
    let mut depth = 0_usize;
    let mut begin = None;
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "(" => depth += 1,
            ")" if depth == 0 => return begin.map_or(&[], |begin| &tokens[begin..at]),
            ")" => depth -= 1,
            _ if depth > 0 => {}
            _ if begin.is_none() && token.is("where") => begin = Some(at + 1),
            _ if (begin.is_some() && ENDS.iter().any(|word| token.is(word))) || token.is("union") => {
                return begin.map_or(&[], |begin| &tokens[begin..at]);
            }
            _ => {}
        }
    }
    begin.map_or(&[], |begin| &tokens[begin..])
}

/// The tables that a statement names, under the names that it gives them.
fn names<'a>(subject: &'a Subject<'_>, tokens: &[Token<'_>]) -> Vec<(String, &'a Table)> {
    const NO_ALIAS: [&str; 16] = [
        "set",
        "where",
        "on",
        "join",
        "inner",
        "left",
        "right",
        "full",
        "cross",
        "using",
        "order",
        "group",
        "limit",
        "returning",
        "and",
        "select",
    ];
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate().filter(|(_, token)| token.kind == TokenKind::Word) {
        let name = ident(token.text);
        let Some(table) = subject.near_before.table(&Name::new(name.clone())) else { continue };
        let behind = at + 1 + usize::from(tokens.get(at + 1).is_some_and(|next| next.is("as")));
        let alias = tokens.get(behind).filter(|next| next.kind == TokenKind::Word);
        found.extend(
            alias.filter(|next| !NO_ALIAS.iter().any(|word| next.is(word))).map(|next| (ident(next.text), table)),
        );
        found.push((name, table));
    }
    found
}

/// Whether a condition lets few rows of the written table through.
fn chooses_few(subject: &Subject<'_>, act: &Act, rows: &Rows, names: &[(String, &Table)]) -> bool {
    let (Some(table), Some(condition)) = (&act.before, &rows.condition) else { return false };
    let tokens = tokens(condition);
    let single = single(subject, &tokens, names).contains(&table.name.to_string());
    single || conjuncts(&tokens).iter().any(|part| is_marked(table, part, names))
}

/// Of the tables that a statement names, those of which a condition lets one row through, or as many as it
/// lists: they have no more, or a key has one value, a constant or that of such a table.
fn single(subject: &Subject<'_>, condition: &[Token<'_>], names: &[(String, &Table)]) -> BTreeSet<String> {
    let parts = conjuncts(condition);
    let mut found = BTreeSet::new();
    loop {
        let known = found.len();
        for (_, table) in names {
            let name = table.name.to_string();
            let is_it = subject.one_row(&name).is_some() || has_one_key(table, &parts, names, &found);
            if is_it {
                found.insert(name);
            }
        }
        if found.len() == known {
            return found;
        }
    }
}

/// Whether parts of a condition give a key of the table one value, or some that they list.
fn has_one_key(table: &Table, parts: &[&[Token<'_>]], names: &[(String, &Table)], single: &BTreeSet<String>) -> bool {
    let fixed: BTreeSet<String> = parts.iter().filter_map(|part| fixed(table, part, names, single)).collect();
    let by_index = table.indexes.iter().filter(|index| index.unique && index.predicate.is_none());
    let by_index = by_index.filter(|index| index.columns().count() == index.parts.len());
    let by_index = by_index.map(|index| index.columns().map(str::to_owned).collect::<Vec<_>>());
    let uniques = table.uniques.iter().map(|unique| unique.columns.clone());
    let mut keys = uniques.chain([table.key_columns().to_vec()]).chain(by_index).filter(|key| !key.is_empty());
    keys.any(|key| key.iter().all(|column| fixed.contains(column)))
}

/// The parts of a condition between its ANDs; none where it has an OR.
fn conjuncts<'t, 's>(tokens: &'t [Token<'s>]) -> Vec<&'t [Token<'s>]> {
    let mut depth = 0_usize;
    let mut ends = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            _ if token.is("or") => return Vec::new(),
            _ if token.is("and") => ends.push(at),
            _ => {}
        }
    }
    let starts = [0].into_iter().chain(ends.iter().map(|end| end + 1));
    starts.zip(ends.iter().copied().chain([tokens.len()])).map(|(start, end)| &tokens[start..end]).collect()
}

/// The column of the table that a part of a condition lets have one value, or some that it lists.
fn fixed(table: &Table, part: &[Token<'_>], names: &[(String, &Table)], single: &BTreeSet<String>) -> Option<String> {
    if let Some(at) = part.iter().position(|token| token.is("in")) {
        let listed = part.get(at + 2..part.len().checked_sub(1)?)?;
        let are_values = listed.split(|token| token.text == ",").all(is_value);
        return column(&part[..at], names).filter(|(of, _)| are_values && is(of, table)).map(|(_, column)| column);
    }
    let at = part.iter().position(|token| token.text == "=")?;
    let (left, right) = (&part[..at], &part[at + 1..]);
    let given = |side: &[Token<'_>]| {
        is_value(side)
            || column(side, names)
                .and_then(|(of, _)| of)
                .is_some_and(|of| of.name != table.name && single.contains(&of.name.to_string()))
    };
    [(left, right), (right, left)].into_iter().find_map(|(side, other)| {
        column(side, names).filter(|(of, _)| is(of, table) && given(other)).map(|(_, column)| column)
    })
}

/// Whether a column is one of the table's: its own table is not said, or is that.
fn is(of: &Option<&Table>, table: &Table) -> bool {
    of.is_none_or(|of| of.name == table.name)
}

/// A column, with its table where the words say which.
fn column<'a>(side: &[Token<'_>], names: &[(String, &'a Table)]) -> Option<(Option<&'a Table>, String)> {
    match side {
        [column] if column.kind == TokenKind::Word && !column.is("true") => Some((None, ident(column.text))),
        [of, dot, column] if dot.text == "." && column.kind == TokenKind::Word => {
            let name = ident(of.text);
            let (_, table) = names.iter().find(|(known, _)| *known == name)?;
            Some((Some(table), ident(column.text)))
        }
        _ => None,
    }
}

/// Whether it is a constant, with a cast or without.
fn is_value(side: &[Token<'_>]) -> bool {
    let bare = side.split(|token| token.text.starts_with(':')).next().unwrap_or_default();
    matches!(bare, [one] if one.kind == TokenKind::Text || one.is("true") || one.text.bytes().all(|b| b.is_ascii_digit()))
}

/// Whether a part of a condition asks for a truth that rows do not have when they are made.
fn is_marked(table: &Table, part: &[Token<'_>], names: &[(String, &Table)]) -> bool {
    let side = match part {
        [side @ .., is, yes] if is.is("is") && yes.is("true") => side,
        [side @ .., equal, yes]
            if equal.text == "=" && (yes.is("true") || yes.is("'t'") || yes.is("'true'") || yes.is("'1'")) =>
        {
            side
        }
        other => other,
    };
    column(side, names).is_some_and(|(of, name)| {
        let column = of.unwrap_or(table).column(&name, Postgres);
        let default = column.filter(|column| column.ty.base == "boolean").and_then(|column| column.default.as_ref());
        default.is_some_and(|default| default.normal().eq_ignore_ascii_case("false"))
    })
}
