//! CREATE TABLE, DROP TABLE and the options of tables.

use super::Replay;
use super::column::Definition;
use super::cursor::Cursor;
use super::key::{Constraint, is_constraint};
use crate::catalog::{Column, Expr, Name, Table, TableOptions};
use crate::replay::select::{Selected, selected};
use crate::sql::mysql;

impl Replay<'_> {
    pub(super) fn create_table(&mut self, mut cx: Cursor<'_>, temporary: bool, replace: bool) {
        let tolerant = cx.if_not_exists();
        let Some(name) = cx.name() else { return };
        if temporary {
            self.temporary.insert(name);
            return;
        }
        if replace && let Some(key) = self.catalog.table_key(&name) {
            self.catalog.tables.remove(&key);
        }
        if self.catalog.table(&name).is_some() {
            return self.exists("table", &name, tolerant);
        }
        let mut table = Table::new(name.clone());
        let like = cx.is("like") || cx.are(&["(", "like"]);
        if like {
            return self.create_like(table, cx);
        }
        let is_query = ["select", "with", "("].iter().any(|word| cx.are(&["(", word]));
        let elements = if is_query { None } else { cx.group() };
        self.catalog.tables.insert(name.clone(), table.clone().into());
        if let Some(elements) = elements {
            self.table_elements(&name, &elements);
        }
        self.read_options(&name, &mut table.options, &mut cx);
        if !cx.is_done() {
            self.columns_of_query(&name, cx);
        }
        self.settle(&name);
    }

    /// The columns of a query that only takes them from tables: they keep their type, NOT NULL,
    /// default and comment, and count no more (MariaDB manual, CREATE TABLE … SELECT).
    fn columns_of_query(&mut self, name: &Name, mut cx: Cursor<'_>) {
        cx.eat_any(&["ignore", "replace"]);
        let options = self.catalog.table(name).filter(|t| t.columns.is_empty()).map(|t| t.options.clone());
        let charset = |options: &TableOptions| (options.charset.clone(), options.collation.clone());
        let named = |options: &TableOptions| charset(options) == (None, None);
        // What the columns' characters are may be said by their table.
        let plain = |t: &Table| named(&t.options) || t.columns.iter().all(|c| !is_text(&c.ty.base));
        let sure = options.as_ref().is_some_and(named)
            && self
                .catalog
                .tables
                .values()
                .map(|t| &**t)
                .filter(|t| {
                    cx.remaining().iter().any(|token| mysql::ident(token.text).eq_ignore_ascii_case(&t.name.name))
                })
                .all(plain);
        let Some(selected) = selected(cx, self.catalog).filter(|_| sure) else {
            return self.doubt([name.clone()], format!("table {name} has the columns of a query"));
        };
        let column = |Selected { name, column, optional }: Selected| {
            let counts = column.auto.is_some();
            let default = if counts { Some(Expr::new("0")) } else { column.default };
            let nullable = column.nullable || optional;
            Column { name, nullable, default, auto: None, generated: None, check: None, ..column }.into()
        };
        let columns = selected.into_iter().map(column).collect();
        if let Some(table) = self.catalog.table_mut(name) {
            table.columns = columns;
        }
    }

    /// `LIKE other`: everything but foreign keys and triggers.
    fn create_like(&mut self, table: Table, mut cx: Cursor<'_>) {
        let mut inner = cx.group().unwrap_or(cx);
        inner.eat("like");
        let Some(source) = inner.name() else { return };
        let Some(found) = self.catalog.table(&source).cloned() else {
            self.catalog.tables.insert(table.name.clone(), table.into());
            return self.unknown("is like", "table", &source, false);
        };
        let copy = Table {
            name: table.name.clone(),
            foreign_keys: Vec::new(),
            triggers: Vec::new(),
            implied_indexes: Default::default(),
            ..found
        };
        self.catalog.tables.insert(table.name, copy.into());
    }

    /// The elements in the parentheses: the columns first, since keys name columns that may come
    /// after them; keys in the order in which they stand.
    fn table_elements(&mut self, table: &Name, elements: &Cursor<'_>) {
        let mut constraints = Vec::new();
        for mut element in elements.parts() {
            if element.are(&["period", "for"]) {
                continue;
            }
            if is_constraint(&element) {
                constraints.extend(Constraint::read(&mut element));
            } else if let Some(name) = element.ident() {
                let definition = Definition::read(name, element);
                self.insert_column(table, definition.column, None);
                constraints.extend(definition.keys.into_iter().map(Constraint::Key));
                constraints.extend(definition.foreign_key.map(Constraint::ForeignKey));
            }
        }
        self.add_constraints(table, constraints, 0);
    }

    /// The options behind the parentheses, up to a query.
    fn read_options(&mut self, name: &Name, options: &mut TableOptions, cx: &mut Cursor<'_>) {
        let mut comment = None;
        while !cx.is_done() && !["as", "select", "with", "ignore", "replace", "(", "values"].iter().any(|w| cx.is(w)) {
            if cx.eat_all(&["partition", "by"]) {
                options.partition_by = Some(partition(cx));
            } else if !option(options, &mut comment, cx) {
                cx.next();
            }
        }
        // `WITH SYSTEM VERSIONING` begins like a query.
        if cx.are(&["with", "system"]) {
            self.doubt([name.clone()], format!("table {name} keeps the versions of its rows"));
            cx.rest();
        }
        if let Some(table) = self.catalog.table_mut(name) {
            table.options = options.clone();
            table.comment = comment;
        }
    }

    pub(super) fn drop_table(&mut self, mut cx: Cursor<'_>, tolerant: bool) {
        let Some(name) = cx.name() else { return };
        if self.is_temporary(&name) {
            self.temporary.retain(|table| *table != name);
            return;
        }
        let Some(key) = self.catalog.table_key(&name) else {
            return self.unknown("drops", "table", &name, tolerant);
        };
        // Foreign keys that reference it stay, as they do where the server lets it go.
        self.catalog.tables.remove(&key);
        self.catalog.uncertain.retain(|u| u.objects.len() != 1 || !u.objects.contains(&key));
    }
}

/// Reads one table option; false where it is none that counts for the schema.
pub(super) fn option(options: &mut TableOptions, comment: &mut Option<String>, cx: &mut Cursor<'_>) -> bool {
    let value = |cx: &mut Cursor<'_>| {
        cx.eat("=");
        cx.text()
    };
    if cx.eat_any(&["engine", "type"]) {
        options.engine = value(cx);
    } else if cx.eat("comment") {
        *comment = value(cx).filter(|text| !text.is_empty());
    } else {
        let mut ahead = cx.clone();
        ahead.eat("default");
        if ahead.eat("charset") || ahead.eat_all(&["character", "set"]) {
            (options.charset, options.collation) = (value(&mut ahead), None);
        } else if ahead.eat("collate") {
            options.collation = value(&mut ahead);
        } else {
            return false;
        }
        *cx = ahead;
    }
    true
}

/// `HASH (a) PARTITIONS 4` and the like.
pub(super) fn partition(cx: &mut Cursor<'_>) -> String {
    mysql::expression(cx.rest()).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_text(base: &str) -> bool {
    ["char", "text", "enum", "set"].iter().any(|word| base.contains(word))
}
