//! ALTER TABLE in its many forms.

use super::Replay;
use super::cursor::Cursor;
use super::sequence::changed_identity;
use super::table::{CONSTRAINT_WORDS, bounds};
use crate::catalog::{AutoValue, Expr, Name, PARTITION};
use crate::sql::postgres::{self, mentions};

impl Replay<'_> {
    pub(super) fn alter_table(&mut self, mut cx: Cursor<'_>) {
        let tolerant = cx.if_exists();
        cx.eat("only");
        let Some(name) = cx.name() else { return };
        cx.eat("*");
        if self.is_temporary(&name) {
            return;
        }
        if self.catalog.views.contains_key(&name) {
            // ALTER TABLE works on views too.
            return self.alter_view_named(&name, cx);
        }
        if !self.catalog.tables.contains_key(&name) {
            return self.alter_relation(&name, tolerant, cx);
        }
        if cx.eat("rename") {
            return self.rename_in_table(&name, cx);
        }
        if cx.eat_all(&["set", "schema"]) {
            if let Some(schema) = cx.ident() {
                self.move_table(&name, &Name::qualified(schema, name.name.clone()));
            }
            return;
        }
        if cx.eat_all(&["attach", "partition"]) {
            return cx.name().into_iter().for_each(|partition| self.attach(&name, &partition, bounds(cx.clone())));
        }
        if cx.eat_all(&["detach", "partition"]) {
            return cx.name().into_iter().for_each(|partition| self.detach(&name, &partition));
        }
        let mut actions = cx.parts();
        actions.sort_by_key(pass);
        for action in actions {
            let before = self.catalog.shared_table(&name).filter(|_| self.catalog.may_have(PARTITION));
            self.table_action(&name, action);
            if let Some(before) = before {
                self.partitions_follow(&name, &before.columns);
            }
        }
    }

    /// ALTER TABLE works on indexes and sequences, too.
    fn alter_relation(&mut self, name: &Name, tolerant: bool, cx: Cursor<'_>) {
        if self.catalog.sequences.contains_key(name) {
            self.alter_sequence_named(name, cx);
        } else if self.index_owner(name).is_some() {
            self.alter_index_named(name, tolerant, cx);
        } else {
            self.unknown("alters", "table", name, tolerant);
        }
    }

    /// A table goes into another schema with the sequences of its columns.
    pub(super) fn move_table(&mut self, from: &Name, to: &Name) {
        self.rename_relation(from, to);
        let owned = self.catalog.sequences.values().filter(|s| s.owned_by.as_ref().is_some_and(|(t, _)| t == to));
        for sequence in owned.map(|s| s.name.clone()).collect::<Vec<_>>() {
            self.rename_sequence(&sequence, &to.with_name(sequence.name.clone()));
        }
    }

    fn rename_in_table(&mut self, table: &Name, mut cx: Cursor<'_>) {
        if cx.eat("to") {
            if let Some(new) = cx.ident() {
                self.rename_relation(table, &table.with_name(new));
            }
        } else if cx.eat("constraint") {
            if let (Some(from), true, Some(to)) = (cx.ident(), cx.eat("to"), cx.ident()) {
                self.rename_constraint(table, &from, &to);
            }
        } else {
            cx.eat("column");
            if let (Some(from), true, Some(to)) = (cx.ident(), cx.eat("to"), cx.ident()) {
                self.need_column(table, &from);
                self.rename_column(table, &from, &to);
            }
        }
    }

    /// A table or view; queries that name it follow where that is sure.
    pub(super) fn rename_relation(&mut self, from: &Name, to: &Name) {
        let lost = postgres::rename_relation(self.catalog, from, to);
        self.doubt_lost(lost, &format!("relation {from}"));
        for doubt in &mut self.catalog.uncertain {
            if doubt.objects.remove(from) {
                doubt.objects.insert(to.clone());
            }
        }
    }

    fn rename_column(&mut self, table: &Name, from: &str, to: &str) {
        let lost = postgres::rename_column(self.catalog, table, from, to);
        self.doubt_lost(lost, &format!("column {table}.{from}"));
    }

    /// The server follows a rename into every query; what the text alone does not tell is not known.
    pub(super) fn doubt_lost(&mut self, lost: Vec<Name>, what: &str) {
        for name in lost {
            let reason = format!("{what} is renamed, and what {name} names is not sure");
            self.doubt([name], reason);
        }
    }

    fn need_column(&mut self, table: &Name, column: &str) {
        let known = self.catalog.table(table).is_some_and(|t| t.column(column, self.catalog.dialect).is_some());
        let doubted = self.catalog.doubt(table).is_some();
        if !known && !doubted {
            let reason = format!("alters column {table}.{column}, which no earlier revision creates");
            self.doubt([table.clone()], reason);
        }
    }

    fn table_action(&mut self, table: &Name, mut cx: Cursor<'_>) {
        if self.row_security(table, &mut cx) {
            return;
        }
        if cx.eat("add") {
            let is_constraint =
                ["constraint", "primary", "unique", "foreign", "check", "exclude"].iter().any(|word| cx.is(word))
                    && !cx.is("column");
            if is_constraint && !self.is_column_called_like_a_constraint(&cx) {
                return self.add_constraint(table, cx);
            }
            cx.eat("column");
            let tolerant = cx.if_not_exists();
            let mut ahead = cx.clone();
            let Some(name) = ahead.ident() else { return };
            let known = self.catalog.table(table).is_some_and(|t| t.column(&name, self.catalog.dialect).is_some());
            if known {
                if !tolerant {
                    let reason = format!("adds column {table}.{name}, which an earlier revision creates already");
                    self.doubt([table.clone()], reason);
                }
                return;
            }
            self.add_column(table, cx);
        } else if cx.eat("drop") {
            self.drop_action(table, cx);
        } else if cx.eat("alter") {
            if cx.eat("constraint") {
                return self.alter_constraint(table, cx);
            }
            cx.eat("column");
            if let Some(column) = cx.ident() {
                self.need_column(table, &column);
                self.alter_column(table, &column, cx);
            }
        } else if cx.eat_all(&["validate", "constraint"]) {
            if let Some(name) = cx.ident() {
                self.validate_constraint(table, &name);
            }
        } else if cx.is("set") && (cx.is_at(1, "logged") || cx.is_at(1, "unlogged")) {
            let unlogged = cx.is_at(1, "unlogged");
            if let Some(table) = self.catalog.table_mut(table) {
                table.options.unlogged = unlogged;
            }
        } else if cx.is("inherit") || (cx.is("no") && cx.is_at(1, "inherit")) {
            self.doubt([table.clone()], format!("table {table} changes its parent"));
        }
    }

    /// `ADD check integer` adds a column called `check`; every such word is reserved but `exclude`.
    fn is_column_called_like_a_constraint(&self, cx: &Cursor<'_>) -> bool {
        cx.is("exclude") && !cx.is_at(1, "(") && !cx.is_at(1, "using")
    }

    /// The server makes the indexes of a column anew when its type changes.
    fn remake_indexes(&mut self, table: &Name) {
        let Some(mut indexes) = self.catalog.table_mut(table).map(|t| std::mem::take(&mut t.indexes)) else { return };
        indexes.iter_mut().flat_map(|i| &mut i.parts).for_each(|part| self.undo_idle_cast(table, part));
        if let Some(table) = self.catalog.table_mut(table) {
            table.indexes = indexes;
        }
    }

    fn drop_action(&mut self, table: &Name, mut cx: Cursor<'_>) {
        if cx.eat("constraint") {
            let tolerant = cx.if_exists();
            if let Some(name) = cx.ident() {
                let cascade = cx.has("cascade");
                self.drop_constraint(table, &name, tolerant, cascade);
            }
            return;
        }
        cx.eat("column");
        let tolerant = cx.if_exists();
        let Some(column) = cx.ident() else { return };
        if !tolerant {
            self.need_column(table, &column);
        }
        if cx.has("cascade") {
            self.drop_views_of_column(table, &column);
        }
        self.drop_generated_from(table, &column);
        self.catalog.drop_column(table, &column);
    }

    /// Columns that are computed from one go with it.
    fn drop_generated_from(&mut self, table: &Name, column: &str) {
        let Some(found) = self.catalog.table(table) else { return };
        let computed =
            found.columns.iter().filter(|c| c.generated.as_ref().is_some_and(|g| mentions(&g.expr.sql, column)));
        for name in computed.map(|c| c.name.clone()).collect::<Vec<_>>() {
            self.catalog.drop_column(table, &name);
        }
    }

    fn alter_column(&mut self, table: &Name, column: &str, mut cx: Cursor<'_>) {
        if cx.eat_all(&["set", "data", "type"]) || cx.eat("type") {
            let ty = cx.sql_type(&CONSTRAINT_WORDS);
            let collation = if cx.eat("collate") { cx.path().pop().filter(|name| name != "default") } else { None };
            self.with_column(table, column, |c| {
                c.ty = ty;
                c.collation = collation;
            });
            self.remake_indexes(table);
        } else if cx.eat_all(&["set", "default"]) {
            let default = Expr::new(cx.rest());
            self.set_default(table, column, Some(default));
        } else if cx.eat_all(&["drop", "default"]) {
            self.set_default(table, column, None);
        } else if cx.eat_all(&["set", "not", "null"]) {
            self.with_column(table, column, |c| c.nullable = false);
        } else if cx.eat_all(&["drop", "not", "null"]) {
            self.with_column(table, column, |c| c.nullable = true);
        } else if cx.eat_all(&["add", "generated"]) {
            self.generate(table, column, &mut cx);
        } else if cx.is("restart") || (cx.is("set") && IDENTITY_WORDS.iter().any(|word| cx.is_at(1, word))) {
            self.with_column(table, column, |c| {
                if let Some(AutoValue::Identity { always, options }) = &mut c.auto {
                    *always = new_generation(cx.clone()).unwrap_or(*always);
                    *options = changed_identity(options, &mut cx, &c.ty.base);
                }
            });
        } else if cx.eat_all(&["drop", "identity"]) {
            self.with_column(table, column, |c| {
                c.auto = c.auto.take().filter(|auto| !matches!(auto, AutoValue::Identity { .. }));
            });
        } else if cx.eat_all(&["drop", "expression"]) {
            self.with_column(table, column, |c| c.generated = None);
        }
    }
}

/// When an action runs: the server sorts those of one statement (`AlterTablePass` in tablecmds.c).
fn pass(action: &Cursor<'_>) -> u8 {
    let mut cx = action.clone();
    if cx.eat("drop") {
        return 0;
    }
    if cx.eat("add") {
        if cx.eat("constraint") {
            cx.ident();
        }
        return match () {
            () if cx.is("check") && cx.is_at(1, "(") || cx.is("foreign") && cx.is_at(1, "key") => 5,
            () if ["primary", "unique", "exclude"].iter().any(|word| cx.is(word)) => 4,
            () => 2,
        };
    }
    if !cx.eat("alter") || cx.is("constraint") {
        return 6;
    }
    cx.eat("column");
    cx.ident();
    match () {
        () if cx.is("drop") => 0,
        () if cx.is("type") || cx.is_at(1, "data") => 1,
        () if cx.is("add") || cx.is_at(1, "default") => 5,
        () => 3,
    }
}

/// What may stand behind SET where an identity column is changed.
const IDENTITY_WORDS: [&str; 8] = ["generated", "increment", "minvalue", "maxvalue", "start", "cache", "cycle", "no"];

/// Whether `SET GENERATED` stands among the changes, and whether it says ALWAYS.
fn new_generation(mut cx: Cursor<'_>) -> Option<bool> {
    while !cx.is_done() {
        if cx.eat("generated") {
            return Some(cx.is("always"));
        }
        cx.skip_one();
    }
    None
}
