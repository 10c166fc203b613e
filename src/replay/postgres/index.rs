//! Indexes of tables and materialized views.

use super::Replay;
use super::constraint::nulls_not_distinct;
use super::cursor::Cursor;
use super::names::{Taken, distinct, joined};
use crate::catalog::{Commented, Expr, Index, IndexKey, IndexPart, Name};
use crate::sql::postgres::{TokenKind, internal_type_name, sql_type};

impl Replay<'_> {
    pub(super) fn create_index(&mut self, mut cx: Cursor<'_>, unique: bool) {
        cx.eat("concurrently");
        let tolerant = cx.if_not_exists();
        let name = if cx.is("on") { None } else { cx.ident() };
        cx.eat("on");
        let only = cx.eat("only");
        let Some(table) = cx.name() else { return };
        if self.is_temporary(&table) {
            return;
        }
        let method = if cx.eat("using") { cx.ident().filter(|m| m != "btree") } else { None };
        let Some(group) = cx.group() else { return };
        let mut parts: Vec<(IndexPart, String)> = group.parts().into_iter().map(part).collect();
        parts.iter_mut().for_each(|(part, _)| self.undo_idle_cast(&table, part));
        let include = if cx.eat("include") { cx.names_in_group() } else { Vec::new() };
        let nulls = nulls_not_distinct(&mut cx);
        let with = if cx.eat("with") { cx.group().map(|g| storage_options(&g)) } else { None };
        if cx.eat("tablespace") {
            cx.next();
        }
        let predicate = if cx.eat("where") { Some(Expr::new(cx.rest())) } else { None };
        let name = name.unwrap_or_else(|| {
            let names = distinct(parts.iter().map(|(_, name)| name.clone()).chain(include.iter().cloned()).collect());
            let second = joined(names.iter().map(String::as_str));
            self.free_name(&table, Some(&second), "idx", Taken::Relations)
        });
        if self.is_relation(&table.with_name(name.clone())) {
            return self.exists("index", &table.with_name(name), tolerant);
        }
        let parts = parts.into_iter().map(|(part, _)| part).collect();
        let index =
            Index { name, unique, method, parts, include, predicate, nulls_not_distinct: nulls, with, invalid: false };
        if !only {
            self.take_over(&table, &index);
        }
        if let Some(found) = self.catalog.table_mut(&table) {
            found.indexes.push(index);
        } else if let Some(view) = self.catalog.views.get_mut(&table) {
            view.indexes.push(index);
        } else {
            self.unknown("indexes", "table", &table, false);
        }
    }

    /// `date(d)` of a column that is a date is the column: the server drops such calls.
    pub(super) fn undo_idle_cast(&self, table: &Name, part: &mut IndexPart) {
        let IndexKey::Expr(expr) = &part.key else { return };
        let mut cx = Cursor::new(&expr.sql);
        let (Some(ty), Some(mut group)) = (cx.ident(), cx.group()) else { return };
        let (Some(column), true, true) = (group.ident(), group.is_done(), cx.is_done()) else { return };
        let found = self.catalog.table(table).and_then(|t| t.column(&column, self.catalog.dialect));
        if found.is_some_and(|c| c.ty.args.is_empty() && c.ty.array == 0 && internal_type_name(&c.ty) == ty) {
            part.key = IndexKey::Column(column);
        }
    }

    pub(super) fn drop_index(&mut self, mut cx: Cursor<'_>, tolerant: bool, cascade: bool) {
        let Some(name) = cx.name() else { return };
        let owner = self.index_owner(&name).cloned();
        let Some(indexes) = self.indexes_with(&name) else {
            return self.unknown("drops", "index", &name, tolerant);
        };
        let dropped = indexes.iter().position(|index| index.name == name.name).map(|at| indexes.remove(at));
        if cascade
            && let Some(index) = dropped.filter(|index| index.unique)
            && let Some(owner) = owner
        {
            self.drop_references(&owner, &index);
        }
    }

    /// Foreign keys that had no other key to rest on than a unique index.
    fn drop_references(&mut self, table: &Name, index: &Index) {
        let columns: Vec<String> = index.columns().map(str::to_owned).collect();
        let Some(found) = self.catalog.table(table) else { return };
        if found.key_columns() == columns || found.uniques.iter().any(|unique| unique.columns == columns) {
            return;
        }
        for other in self.catalog.referencing_mut(table) {
            other.foreign_keys.retain(|key| key.references != *table || key.ref_columns != columns);
        }
    }

    pub(super) fn alter_index(&mut self, mut cx: Cursor<'_>) {
        let tolerant = cx.if_exists();
        if let Some(name) = cx.name() {
            self.alter_index_named(&name, tolerant, cx);
        }
    }

    pub(super) fn alter_index_named(&mut self, name: &Name, tolerant: bool, mut cx: Cursor<'_>) {
        if cx.eat("set") || cx.eat("reset") {
            return self.set_storage(name, &mut cx);
        }
        if cx.eat_all(&["attach", "partition"]) {
            // It is a part of the whole table's from then on.
            let Some(part) = cx.name() else { return };
            return match self.indexes_with(&part) {
                Some(indexes) => indexes.retain(|index| index.name != part.name),
                None => self.unknown("attaches", "index", &part, false),
            };
        }
        if !cx.eat_all(&["rename", "to"]) {
            return;
        }
        let Some(new) = cx.ident() else { return };
        if let Some(index) = self.indexes_with(name).and_then(|all| all.iter_mut().find(|i| i.name == name.name)) {
            let old = Commented::Index(name.clone());
            let to = Commented::Index(name.with_name(new.clone()));
            index.name = new;
            return self.catalog.move_comments(|on| (*on == old).then(|| to.clone()));
        }
        // The index of a constraint gives its name to the constraint.
        let is = |constraint: &Option<String>| constraint.as_deref() == Some(name.name.as_str());
        let owner = self.catalog.tables.values().find(|t| {
            t.name.schema == name.schema
                && (t.uniques.iter().any(|u| is(&u.name)) || t.primary_key.as_ref().is_some_and(|k| is(&k.name)))
        });
        match owner.map(|t| t.name.clone()) {
            Some(table) => self.rename_constraint(&table, &name.name, &new),
            None => self.unknown("renames", "index", name, tolerant),
        }
    }

    /// `SET (fillfactor = 70)`, or `RESET (fillfactor)` where no value is given.
    fn set_storage(&mut self, name: &Name, cx: &mut Cursor<'_>) {
        let Some(group) = cx.group() else { return };
        let index = self.indexes_with(name).and_then(|all| all.iter_mut().find(|i| i.name == name.name));
        let Some(index) = index else { return };
        let key = |option: &str| option.split('=').next().unwrap_or_default().to_owned();
        let reset = group.remaining().iter().all(|t| t.text != "=");
        let new: Vec<String> = storage_options(&group).split(", ").map(ToOwned::to_owned).collect();
        let mut options: Vec<String> = index.with.iter().flat_map(|w| w.split(", ")).map(ToOwned::to_owned).collect();
        options.retain(|old| !new.iter().any(|new| key(new) == key(old)));
        options.extend(new.into_iter().filter(|_| !reset));
        index.with = (!options.is_empty()).then(|| options.join(", "));
    }

    /// The list that an index is in.
    fn indexes_with(&mut self, name: &Name) -> Option<&mut Vec<Index>> {
        let owner = self.index_owner(name)?.clone();
        match self.catalog.tables.get_mut(&owner) {
            Some(table) => Some(&mut table.indexes),
            None => self.catalog.views.get_mut(&owner).map(|view| &mut view.indexes),
        }
    }

    /// The table or view whose index has that name.
    pub(super) fn index_owner(&self, name: &Name) -> Option<&Name> {
        let tables = self.catalog.tables.values().map(|t| (&t.name, &t.indexes));
        let views = self.catalog.views.values().map(|v| (&v.name, &v.indexes));
        tables
            .chain(views)
            .find(|(owner, indexes)| owner.schema == name.schema && indexes.iter().any(|i| i.name == name.name))
            .map(|(owner, _)| owner)
    }
}

/// What the server calls a key of an index or of an exclusion constraint in a default name.
pub(super) fn key_name(cx: Cursor<'_>) -> String {
    part(cx).1
}

/// Storage parameters as the server keeps them: `fillfactor=70, fastupdate=off`.
fn storage_options(cx: &Cursor<'_>) -> String {
    let option = |part: &Cursor<'_>| {
        let words = part.remaining().iter().map(|t| t.value().unwrap_or_else(|| t.text.to_ascii_lowercase()));
        let text = words.collect::<String>();
        // A parameter without a value is true.
        if text.contains('=') { text } else { text + "=true" }
    };
    cx.parts().iter().map(option).collect::<Vec<_>>().join(", ")
}

/// One key of an index, and what the server calls it in a default name.
fn part(mut cx: Cursor<'_>) -> (IndexPart, String) {
    let tokens: Vec<_> = cx.remaining().iter().map(|t| (t.kind, t.text)).collect();
    let plain = tokens.first().is_some_and(|(kind, _)| *kind == TokenKind::Word)
        && !tokens.get(1).is_some_and(|(_, text)| matches!(*text, "(" | "." | "::"));
    let mut collated = None;
    let (key, name) = if plain {
        let column = cx.ident().unwrap_or_default();
        (IndexKey::Column(column.clone()), column)
    } else if let Some((column, collation)) = column_in_parentheses(&cx) {
        cx.group();
        collated = collation;
        (IndexKey::Column(column.clone()), column)
    } else {
        let name = expression_name(&tokens);
        let text = if cx.is("(") {
            cx.group().map(|mut g| g.rest().to_owned()).unwrap_or_default()
        } else {
            let mut text = cx.text_until(&["collate", "asc", "desc", "nulls", "("]).to_owned();
            if cx.is("(") {
                let arguments = cx.group().map(|mut g| g.rest().to_owned()).unwrap_or_default();
                text = format!("{text}({arguments})");
            }
            text
        };
        (IndexKey::Expr(Expr::new(text)), name)
    };
    let collation = if cx.eat("collate") { cx.path().pop() } else { collated };
    let mut operator_class = None;
    if cx.peek().is_some_and(|t| t.kind == TokenKind::Word) && !["asc", "desc", "nulls"].iter().any(|w| cx.is(w)) {
        operator_class = cx.path().pop();
        cx.group();
    }
    cx.eat("asc");
    let descending = cx.eat("desc");
    let nulls_first = if cx.eat("nulls") { Some(cx.eat("first")) } else { None };
    // The default of the direction is not spelled out.
    let nulls_first = nulls_first.filter(|first| *first != descending);
    (IndexPart { key, descending, nulls_first, collation, operator_class, prefix: None }, name)
}

/// `(column)` and `(column COLLATE c)` are no expressions to the server.
fn column_in_parentheses(cx: &Cursor<'_>) -> Option<(String, Option<String>)> {
    let mut group = cx.clone().group()?;
    if group.is("(") {
        let found = column_in_parentheses(&group);
        group.skip_one();
        return found.filter(|_| group.is_done());
    }
    let column = group.ident()?;
    let collation = if group.eat("collate") { group.path().pop() } else { None };
    let is_keyword = column.starts_with("current_") || matches!(column.as_str(), "true" | "false" | "null" | "user");
    (group.is_done() && !is_keyword).then_some((column, collation))
}

/// The server's FigureIndexColname: a function's or column's own name, the type of a cast of
/// something nameless, else `expr`.
fn expression_name(tokens: &[(TokenKind, &str)]) -> String {
    let words: Vec<&str> = tokens.iter().map(|(_, text)| *text).collect();
    match words.as_slice() {
        ["(", inner @ .., ")"] if closes_at_end(&words) => {
            let inner: Vec<_> = tokens[1..=inner.len()].to_vec();
            expression_name(&inner)
        }
        [function, "(", ..] if tokens[0].0 == TokenKind::Word && closes_at_end(&words[1..]) => {
            let name = crate::sql::postgres::ident(function);
            if name == "trim" { "btrim".to_owned() } else { name }
        }
        [column] if tokens[0].0 == TokenKind::Word => crate::sql::postgres::ident(column),
        [.., "::", _] | [.., "::", _, _] => {
            let at = words.iter().rposition(|w| *w == "::").unwrap_or(0);
            let inner = expression_name(&tokens[..at]);
            if inner == "expr" { internal_type_name(&sql_type(&words[at + 1..])).to_owned() } else { inner }
        }
        [inner @ .., "]"] => {
            let open = inner.iter().rposition(|w| *w == "[").unwrap_or(0);
            expression_name(&tokens[..open])
        }
        ["case", ..] | ["CASE", ..] => "case".to_owned(),
        _ => "expr".to_owned(),
    }
}

/// Whether the parenthesis that opens first closes last.
fn closes_at_end(words: &[&str]) -> bool {
    let mut depth = 0_i32;
    for (at, word) in words.iter().enumerate() {
        match *word {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at == words.len() - 1;
        }
    }
    false
}
