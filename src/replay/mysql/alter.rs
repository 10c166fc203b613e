//! ALTER TABLE in its many forms. The server collects all clauses and then makes the table anew:
//! what is dropped and changed goes by the names before the statement, keys by those after it.

use super::Replay;
use super::column::{Definition, as_stored};
use super::cursor::Cursor;
use super::key::{Constraint, is_constraint};
use super::table::{option, partition};
use crate::catalog::{Column, Name, mysql as normal};
use crate::sql::mysql;

impl Replay<'_> {
    pub(super) fn alter_table(&mut self, mut cx: Cursor<'_>) {
        let tolerant = cx.if_exists();
        let Some(name) = cx.name() else { return };
        if self.is_temporary(&name) {
            return;
        }
        let Some(name) = self.catalog.table_key(&name) else {
            return self.unknown("alters", "table", &name, tolerant);
        };
        if cx.eat("wait") {
            cx.next();
        }
        cx.eat("nowait");
        let highest = self.catalog.table(&name).map_or(0, normal::highest_foreign_key);
        let mut clauses = Vec::new();
        for mut part in cx.parts() {
            // Options may follow each other without commas.
            while !part.is_done() {
                clauses.push(part.clone());
                if !skip_option(&mut part) {
                    break;
                }
            }
        }
        clauses.sort_by_key(pass);
        let mut constraints = Vec::new();
        let mut renamed = None;
        for clause in clauses {
            if let Some(new) = self.clause(&name, clause, &mut constraints) {
                renamed = Some(new);
            }
        }
        self.add_constraints(&name, constraints, highest);
        self.settle(&name);
        if let Some(new) = renamed {
            self.rename_table(&name, &new, false);
        }
    }

    /// Does one clause; keys and constraints are collected, and a new name of the table is told.
    fn clause(&mut self, table: &Name, mut cx: Cursor<'_>, constraints: &mut Vec<Constraint>) -> Option<Name> {
        if cx.eat("add") {
            self.add(table, cx, constraints);
        } else if cx.eat("drop") {
            self.drop_clause(table, cx);
        } else if cx.eat("modify") {
            cx.eat("column");
            let tolerant = cx.if_exists();
            let name = cx.ident()?;
            self.redefine(table, &name, name.clone(), cx, tolerant, constraints);
        } else if cx.eat("change") {
            cx.eat("column");
            let tolerant = cx.if_exists();
            let (from, to) = (cx.ident()?, cx.ident()?);
            self.redefine(table, &from, to, cx, tolerant, constraints);
        } else if cx.eat("alter") {
            self.alter_column(table, cx);
        } else if cx.eat("rename") {
            return self.rename_clause(table, cx);
        } else if cx.eat_all(&["convert", "to"]) {
            self.convert(table, cx);
        } else if cx.eat_all(&["partition", "by"]) || cx.are(&["remove", "partitioning"]) {
            let by = (!cx.is("remove")).then(|| partition(&mut cx));
            if let Some(table) = self.catalog.table_mut(table) {
                table.options.partition_by = by;
            }
        } else {
            self.set_option(table, cx);
        }
        None
    }

    fn set_option(&mut self, name: &Name, mut cx: Cursor<'_>) {
        let Some(table) = self.catalog.table_mut(name) else { return };
        let mut options = table.options.clone();
        let mut comment = table.comment.clone();
        if !option(&mut options, &mut comment, &mut cx) {
            return;
        }
        let old = table.options.collation.clone();
        table.comment = comment;
        table.options = options;
        let keeps = table.columns.clone();
        normal::settle(table);
        if table.options.collation == old || old.is_none() {
            return;
        }
        // Columns keep the character set that they had.
        for (column, before) in table.columns.iter_mut().zip(keeps) {
            if normal::is_text(&column.ty) && before.collation.is_none() {
                column.collation.clone_from(&old);
            }
        }
        normal::settle(table);
    }

    /// CONVERT TO CHARACTER SET: the table and all of its columns.
    fn convert(&mut self, name: &Name, mut cx: Cursor<'_>) {
        let Some(table) = self.catalog.table_mut(name) else { return };
        let mut comment = None;
        while !cx.is_done() && option(&mut table.options, &mut comment, &mut cx) {}
        for column in &mut table.columns {
            (column.charset, column.collation) = (None, None);
        }
    }

    fn add(&mut self, table: &Name, mut cx: Cursor<'_>, constraints: &mut Vec<Constraint>) {
        if !cx.is("column") && is_constraint(&cx) {
            constraints.extend(Constraint::read(&mut cx));
            return;
        }
        if cx.eat("partition") || cx.are(&["system", "versioning"]) || cx.are(&["period", "for"]) {
            if cx.is("system") {
                self.doubt([table.clone()], format!("table {table} keeps the versions of its rows"));
            }
            return;
        }
        cx.eat("column");
        let tolerant = cx.if_not_exists();
        let several = cx.is("(").then(|| cx.group()).flatten();
        let definitions = several.map_or_else(|| vec![cx], |group| group.parts());
        for mut definition in definitions {
            let Some(name) = definition.ident() else { continue };
            let known = self.catalog.table(table).is_some_and(|t| t.column(&name, self.catalog.dialect).is_some());
            if known {
                let reason = format!("adds column {table}.{name}, which an earlier revision creates already");
                self.unknown_part(table, reason, tolerant);
                continue;
            }
            let definition = Definition::read(name, definition);
            self.insert_column(table, definition.column, definition.place);
            constraints.extend(definition.keys.into_iter().map(Constraint::Key));
            constraints.extend(definition.foreign_key.map(Constraint::ForeignKey));
        }
    }

    fn drop_clause(&mut self, table: &Name, mut cx: Cursor<'_>) {
        if cx.eat_all(&["primary", "key"]) {
            let dropped = self.catalog.table_mut(table).and_then(|t| t.primary_key.take());
            if dropped.is_none() {
                self.unknown_part(table, format!("drops the primary key of {table}, which has none"), false);
            }
        } else if cx.eat_all(&["foreign", "key"]) {
            let tolerant = cx.if_exists();
            cx.ident().into_iter().for_each(|key| self.drop_foreign_key(table, &key, tolerant));
        } else if cx.eat_any(&["key", "index"]) {
            let tolerant = cx.if_exists();
            cx.ident().into_iter().for_each(|key| self.drop_key(table, &key, tolerant));
        } else if cx.eat_any(&["constraint", "check"]) {
            let tolerant = cx.if_exists();
            cx.ident().into_iter().for_each(|name| self.drop_constraint(table, &name, tolerant));
        } else if cx.is("partition") || cx.are(&["system", "versioning"]) {
        } else {
            cx.eat("column");
            let tolerant = cx.if_exists();
            let Some(column) = cx.ident() else { return };
            if self.need_column(table, &column, tolerant) {
                self.catalog.drop_column(table, &column);
                self.forget_implied(table);
            }
        }
    }

    /// Indexes that went with their columns need no remembering.
    fn forget_implied(&mut self, table: &Name) {
        let Some(table) = self.catalog.table_mut(table) else { return };
        let indexes = &table.indexes;
        table.implied_indexes.retain(|name| indexes.iter().any(|index| index.name == *name));
    }

    /// Whether the column is there; a doubt where it is not.
    fn need_column(&mut self, table: &Name, column: &str, tolerant: bool) -> bool {
        let known = self.catalog.table(table).is_some_and(|t| t.column(column, self.catalog.dialect).is_some());
        if !known {
            let reason = format!("alters column {table}.{column}, which no earlier revision creates");
            self.unknown_part(table, reason, tolerant);
        }
        known
    }

    /// MODIFY and CHANGE: the definition replaces all of the old one, keys excepted.
    fn redefine(
        &mut self,
        table: &Name,
        from: &str,
        to: String,
        cx: Cursor<'_>,
        tolerant: bool,
        constraints: &mut Vec<Constraint>,
    ) {
        if !self.need_column(table, from, tolerant) {
            return;
        }
        let definition = Definition::read(to.clone(), cx);
        constraints.extend(definition.keys.into_iter().map(Constraint::Key));
        constraints.extend(definition.foreign_key.map(Constraint::ForeignKey));
        if from != to {
            self.rename_column(table, from, &to);
        }
        let dialect = self.catalog.dialect;
        let Some(found) = self.catalog.table_mut(table) else { return };
        let is_key = found.key_columns().iter().any(|key| dialect.same_name(key, &to));
        let Some(at) = found.columns.iter().position(|c| dialect.same_name(&c.name, &to)) else { return };
        let nullable = definition.column.nullable && !is_key;
        let column = Column { nullable, ..as_stored(definition.column) };
        match definition.place {
            None => found.columns[at] = column.into(),
            place => {
                found.columns.remove(at);
                self.insert_column(table, column, place);
            }
        }
    }

    fn alter_column(&mut self, table: &Name, mut cx: Cursor<'_>) {
        if cx.eat_any(&["index", "key"]) {
            return;
        }
        cx.eat("column");
        let tolerant = cx.if_exists();
        let Some(name) = cx.ident() else { return };
        if !self.need_column(table, &name, tolerant) {
            return;
        }
        let dialect = self.catalog.dialect;
        let Some(column) = self.catalog.table_mut(table).and_then(|t| t.column_mut(&name, dialect)) else { return };
        if cx.eat_all(&["set", "default"]) {
            column.default = mysql::default_value(cx.rest(), &column.ty);
        } else if cx.eat_all(&["drop", "default"]) {
            column.default = None;
        }
    }

    fn rename_clause(&mut self, table: &Name, mut cx: Cursor<'_>) -> Option<Name> {
        if cx.eat("column") {
            let tolerant = cx.if_exists();
            let (from, true, to) = (cx.ident()?, cx.eat("to"), cx.ident()?) else { return None };
            if self.need_column(table, &from, tolerant) {
                self.rename_column(table, &from, &to);
            }
        } else if cx.eat_any(&["index", "key"]) {
            cx.if_exists();
            let (from, true, to) = (cx.ident()?, cx.eat("to"), cx.ident()?) else { return None };
            self.rename_key(table, &from, &to);
        } else {
            cx.eat_any(&["to", "as", "="]);
            return cx.name();
        }
        None
    }

    /// Views and the bodies of triggers keep the names that they were written with.
    fn rename_column(&mut self, table: &Name, from: &str, to: &str) {
        let triggers = self.catalog.table(table).map(|t| t.triggers.clone()).unwrap_or_default();
        self.catalog.rename_column(table, from, to);
        if let Some(table) = self.catalog.table_mut(table) {
            table.triggers = triggers;
        }
    }

    pub(super) fn rename_table(&mut self, from: &Name, to: &Name, tolerant: bool) {
        if self.is_temporary(from) {
            self.temporary.retain(|table| table != from);
            self.temporary.insert(to.clone());
            return;
        }
        if let Some(key) = self.catalog.find_key(&self.catalog.views, from) {
            return self.rename_view(&key, to);
        }
        let Some(key) = self.catalog.table_key(from) else {
            return self.unknown("renames", "table", from, tolerant);
        };
        let views = self.catalog.views.clone();
        self.catalog.rename_table(&key, to);
        self.catalog.views = views;
        for doubt in &mut self.catalog.uncertain {
            if doubt.objects.remove(&key) {
                doubt.objects.insert(to.clone());
            }
        }
    }
}

/// Moves past a table option, and says whether there was one.
fn skip_option(cx: &mut Cursor<'_>) -> bool {
    let (mut options, mut comment) = (Default::default(), None);
    if option(&mut options, &mut comment, cx) {
        return true;
    }
    // ROW_FORMAT = DYNAMIC and others that do not count.
    let other = cx.is_at(1, "=");
    if other {
        (0..3).for_each(|_| cx.skip_one());
    }
    other
}

/// When a clause is done.
fn pass(clause: &Cursor<'_>) -> u8 {
    let mut cx = clause.clone();
    if cx.eat("drop") {
        let column = !["primary", "foreign", "key", "index", "constraint", "check", "partition", "system"]
            .iter()
            .any(|word| cx.is(word));
        return u8::from(column);
    }
    match () {
        // Columns that come or are told anew in the same statement have the new one.
        () if ["default", "charset", "character", "collate"].iter().any(|word| cx.is(word)) => 1,
        () if cx.are(&["rename", "index"]) || cx.are(&["rename", "key"]) => 0,
        () if ["modify", "change", "alter", "add"].iter().any(|word| cx.is(word)) || cx.are(&["rename", "column"]) => 2,
        () => 3,
    }
}
