//! Views, triggers, routines and sequences. Their bodies are carried as text.

use super::Replay;
use super::cursor::Cursor;
use crate::catalog::{Function, Name, Sequence, Trigger, View};
use crate::replay::text::relations_in;
use crate::sql::mysql;

impl Replay<'_> {
    pub(super) fn create_view(&mut self, mut cx: Cursor<'_>, sql: &str, replace: bool) {
        let tolerant = cx.if_not_exists();
        let Some(name) = cx.name() else { return };
        if self.catalog.view(&name).is_some() && !replace {
            return self.exists("view", &name, tolerant);
        }
        let depends_on = relations_in(&cx, self.catalog);
        let view = View {
            name: name.clone(),
            materialized: false,
            sql: mysql::definition(sql),
            depends_on,
            indexes: Vec::new(),
            comment: None,
        };
        self.catalog.views.insert(name, view);
    }

    pub(super) fn drop_view(&mut self, mut cx: Cursor<'_>, tolerant: bool) {
        let Some(name) = cx.name() else { return };
        match self.catalog.find_key(&self.catalog.views, &name) {
            Some(key) => drop(self.catalog.views.remove(&key)),
            None => self.unknown("drops", "view", &name, tolerant),
        }
    }

    pub(super) fn rename_view(&mut self, from: &Name, to: &Name) {
        let Some(mut view) = self.catalog.views.remove(from) else { return };
        view.name = to.clone();
        view.sql = crate::catalog::rename_identifier(&view.sql, &from.name, &to.name);
        self.catalog.views.insert(to.clone(), view);
    }

    pub(super) fn create_trigger(&mut self, mut cx: Cursor<'_>, sql: &str, replace: bool) {
        let tolerant = cx.if_not_exists();
        let Some(name) = cx.name() else { return };
        cx.text_until(&["on"]);
        cx.eat("on");
        let Some(table) = cx.name() else { return };
        let owner = self.trigger_owner(&name.name);
        if owner.is_some() && !replace {
            return self.exists("trigger", &name, tolerant);
        }
        if let Some(owner) = owner {
            self.remove_trigger(&owner, &name.name);
        }
        match self.catalog.table_mut(&table) {
            Some(found) => {
                let sql = mysql::definition(sql);
                found.triggers.push(Trigger { name: name.name, sql, function: None });
            }
            None => self.unknown("adds a trigger to", "table", &table, false),
        }
    }

    pub(super) fn drop_trigger(&mut self, mut cx: Cursor<'_>, tolerant: bool) {
        let Some(name) = cx.name() else { return };
        match self.trigger_owner(&name.name) {
            Some(table) => self.remove_trigger(&table, &name.name),
            None => self.unknown("drops", "trigger", &name, tolerant),
        }
    }

    /// The table of a trigger; the name of a trigger is unique in its database.
    fn trigger_owner(&self, name: &str) -> Option<Name> {
        let mut tables = self.catalog.tables.values();
        tables.find(|table| table.triggers.iter().any(|trigger| trigger.name == name)).map(|table| table.name.clone())
    }

    fn remove_trigger(&mut self, table: &Name, name: &str) {
        if let Some(table) = self.catalog.table_mut(table) {
            table.triggers.retain(|trigger| trigger.name != name);
        }
    }

    /// Routines are told apart by their names alone.
    pub(super) fn create_routine(&mut self, mut cx: Cursor<'_>, sql: &str, replace: bool) {
        let tolerant = cx.if_not_exists();
        let Some(name) = cx.name() else { return };
        if self.catalog.functions.contains_key(&name) && !replace {
            return self.exists("routine", &name, tolerant);
        }
        let function = Function { name: name.clone(), sql: mysql::definition(sql) };
        self.catalog.functions.insert(name, function);
    }

    pub(super) fn drop_routine(&mut self, mut cx: Cursor<'_>, tolerant: bool) {
        let Some(name) = cx.name() else { return };
        match self.catalog.find_key(&self.catalog.functions, &name) {
            Some(key) => drop(self.catalog.functions.remove(&key)),
            None => self.unknown("drops", "routine", &name, tolerant),
        }
    }

    pub(super) fn create_sequence(&mut self, mut cx: Cursor<'_>, replace: bool) {
        let tolerant = cx.if_not_exists();
        let Some(name) = cx.name() else { return };
        if self.catalog.sequences.contains_key(&name) && !replace {
            return self.exists("sequence", &name, tolerant);
        }
        let options = cx.rest().split_whitespace().collect::<Vec<_>>().join(" ");
        self.catalog.sequences.insert(name.clone(), Sequence { name, options, owned_by: None });
    }

    pub(super) fn drop_sequence(&mut self, mut cx: Cursor<'_>, tolerant: bool) {
        let Some(name) = cx.name() else { return };
        match self.catalog.find_key(&self.catalog.sequences, &name) {
            Some(key) => drop(self.catalog.sequences.remove(&key)),
            None => self.unknown("drops", "sequence", &name, tolerant),
        }
    }
}
