//! The columns of a query that takes them from tables as they are, for `CREATE TABLE … AS` and
//! `SELECT … INTO`. Which of a column's properties the new table has is the dialect's to say.

use super::cursor::{Cursor, Lexicon};
use crate::catalog::{Catalog, Column, Table};
use crate::sql::TokenKind;

/// A column of a query.
pub(super) struct Selected {
    /// Its name in the query's result.
    pub(super) name: String,
    /// The column of the table that it comes from.
    pub(super) column: Column,
    /// Whether an outer join may leave it empty.
    pub(super) optional: bool,
}

/// A table in FROM.
struct Source<'c> {
    alias: String,
    table: &'c Table,
    optional: bool,
}

const BEHIND_FROM: [&str; 15] = [
    "where",
    "group",
    "having",
    "window",
    "order",
    "limit",
    "offset",
    "fetch",
    "for",
    "with",
    "procedure",
    "into",
    "lock",
    "union",
    "qualify",
];

const JOINS: [&str; 9] = ["join", "inner", "cross", "left", "right", "full", "natural", "straight_join", ","];

/// The columns of the query at the cursor; `None` where one is an expression, or a table is not
/// known for sure.
pub(super) fn selected<L: Lexicon>(mut cx: Cursor<'_, L>, catalog: &Catalog) -> Option<Vec<Selected>> {
    cx.eat("as");
    if cx.is("(") {
        let inner = cx.group()?;
        return if cx.is_done() || cx.is("with") { selected(inner, catalog) } else { None };
    }
    if !cx.eat("select") || ["union", "intersect", "except"].iter().any(|word| cx.has(word)) {
        return None;
    }
    cx.eat_any(&["all", "distinct"]);
    if cx.eat("on") {
        cx.skip_one();
    }
    let items = cx.until(&["from", "into"]);
    if cx.eat("into") {
        cx.until(&["from"]);
    }
    cx.eat("from").then_some(())?;
    let sources = sources(cx.until(&BEHIND_FROM), catalog)?;
    let columns: Option<Vec<Vec<Selected>>> =
        items.parts().into_iter().map(|item| one(item, &sources, catalog)).collect();
    Some(columns?.into_iter().flatten().collect())
}

fn sources<'c, L: Lexicon>(mut cx: Cursor<'_, L>, catalog: &'c Catalog) -> Option<Vec<Source<'c>>> {
    let mut found: Vec<Source<'c>> = Vec::new();
    let mut optional = false;
    loop {
        cx.eat("only");
        let name = cx.name()?;
        let table = catalog.table(&name).filter(|table| catalog.doubt(&table.name).is_none())?;
        let is_alias = cx.eat("as")
            || cx.peek().is_some_and(|t| t.kind == TokenKind::Word)
                && !JOINS.iter().chain(&["on", "using", "outer"]).any(|word| cx.is(word));
        let alias = if is_alias { cx.ident()? } else { name.name };
        found.push(Source { alias, table, optional });
        optional = false;
        if cx.eat("on") {
            cx.until(&JOINS);
        }
        if cx.is_done() {
            return Some(found);
        }
        let (left, right, full) = (cx.eat("left"), cx.eat("right"), cx.eat("full"));
        optional |= left || full;
        if right || full {
            found.iter_mut().for_each(|source| source.optional = true);
        }
        cx.eat_any(&["inner", "cross", "outer"]);
        // What stands else here (`USING`, `NATURAL`, the names of columns) makes other columns.
        cx.eat_any(&["join", "straight_join", ","]).then_some(())?;
    }
}

/// The columns that one item of the list stands for.
fn one<L: Lexicon>(mut cx: Cursor<'_, L>, sources: &[Source<'_>], catalog: &Catalog) -> Option<Vec<Selected>> {
    let dialect = catalog.dialect;
    let all = |source: &Source<'_>| -> Vec<Selected> {
        let one =
            |column: &Column| Selected { name: column.name.clone(), column: column.clone(), optional: source.optional };
        source.table.columns.iter().map(|column| one(column)).collect()
    };
    if cx.eat("*") {
        return cx.is_done().then(|| sources.iter().flat_map(all).collect());
    }
    let mut path = cx.path();
    if cx.eat("*") {
        let alias = path.pop()?;
        let source = sources.iter().find(|source| dialect.same_name(&source.alias, &alias))?;
        return cx.is_done().then(|| all(source));
    }
    let name = path.pop()?;
    let qualifier = path.pop();
    let is_meant =
        |source: &&Source<'_>| qualifier.as_ref().is_none_or(|alias| dialect.same_name(&source.alias, alias));
    let mut meant = sources.iter().filter(is_meant).filter_map(|s| Some((s, s.table.column(&name, dialect)?)));
    let (source, column) = meant.next()?;
    if meant.next().is_some() {
        return None;
    }
    cx.eat("as");
    let name = if cx.is_done() { column.name.clone() } else { cx.ident()? };
    cx.is_done().then(|| vec![Selected { name, column: column.clone(), optional: source.optional }])
}
