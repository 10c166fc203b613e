//! Constraints of tables, with the names that the server gives to those without one.

use super::Replay;
use super::cursor::Cursor;
use super::index::key_name;
use super::names::{Taken, distinct, joined};
use crate::catalog::{Action, Check, Commented, Deferrable, Exclude, Expr, ForeignKey, Name, PrimaryKey, Unique};
use crate::sql::postgres::mentions;

impl Replay<'_> {
    /// A constraint behind a column's definition.
    pub(super) fn column_constraint(&mut self, table: &Name, column: &str, name: Option<String>, cx: &mut Cursor<'_>) {
        let columns = vec![column.to_owned()];
        if cx.eat_all(&["primary", "key"]) {
            self.add_primary_key(table, name, columns);
            skip_index_options(cx);
        } else if cx.eat("unique") {
            let nulls = nulls_not_distinct(cx);
            let deferrable = deferrable(cx);
            self.add_unique(table, name, columns, nulls, deferrable);
            skip_index_options(cx);
        } else if cx.eat("references") {
            self.add_foreign_key(table, name, columns, cx);
        } else if cx.eat("check") {
            self.add_check(table, name, cx);
        } else {
            cx.skip_one();
        }
    }

    /// A constraint of its own: `[CONSTRAINT name] …`.
    pub(super) fn add_constraint(&mut self, table: &Name, mut cx: Cursor<'_>) {
        let name = if cx.eat("constraint") { cx.ident() } else { None };
        if cx.eat_all(&["primary", "key"]) {
            if cx.eat_all(&["using", "index"]) {
                return self.key_from_index(table, name, cx.ident(), true);
            }
            let columns = cx.names_in_group();
            self.add_primary_key(table, name, columns);
        } else if cx.eat("unique") {
            if cx.eat_all(&["using", "index"]) {
                return self.key_from_index(table, name, cx.ident(), false);
            }
            let nulls = nulls_not_distinct(&mut cx);
            let columns = cx.names_in_group();
            let included = if cx.eat("include") { cx.names_in_group() } else { Vec::new() };
            let name = name.or_else(|| self.including_name(table, &columns, included));
            skip_index_options(&mut cx);
            let deferrable = deferrable(&mut cx);
            self.add_unique(table, name, columns, nulls, deferrable);
        } else if cx.eat_all(&["foreign", "key"]) {
            let columns = cx.names_in_group();
            if cx.eat("references") {
                self.add_foreign_key(table, name, columns, &mut cx);
            }
        } else if cx.eat("check") {
            self.add_check(table, name, &mut cx);
        } else if cx.eat("exclude") {
            self.add_exclude(table, name, cx);
        } else if cx.eat_all(&["not", "null"])
            && let Some(column) = cx.ident()
        {
            self.with_column(table, &column, |c| c.nullable = false);
        }
    }

    /// From behind EXCLUDE. The default name is made as that of an index.
    fn add_exclude(&mut self, table: &Name, name: Option<String>, mut cx: Cursor<'_>) {
        let text = cx.clone().rest().to_owned();
        let text = if cx.eat("using") { text } else { format!("USING btree {text}") };
        if !cx.is("(") {
            cx.next();
        }
        let keys: Vec<String> = cx.group().map(|g| g.parts().into_iter().map(key_name).collect()).unwrap_or_default();
        let second = joined(distinct(keys).iter().map(String::as_str));
        let name = name.or_else(|| Some(self.free_name(table, Some(&second), "excl", Taken::Both)));
        if let Some(table) = self.catalog.table_mut(table) {
            table.excludes.push(Exclude { name, text: Expr::new(text) });
        }
    }

    pub(super) fn add_primary_key(&mut self, table: &Name, name: Option<String>, columns: Vec<String>) {
        for column in &columns {
            self.with_column(table, column, |c| c.nullable = false);
        }
        let name = name.or_else(|| Some(self.free_name(table, None, "pkey", Taken::Both)));
        if let Some(table) = self.catalog.table_mut(table) {
            table.primary_key = Some(PrimaryKey { name, columns });
        }
    }

    fn add_unique(
        &mut self,
        table: &Name,
        name: Option<String>,
        columns: Vec<String>,
        nulls: bool,
        deferrable: Deferrable,
    ) {
        let second = joined(columns.iter().map(String::as_str));
        let name = name.or_else(|| Some(self.free_name(table, Some(&second), "key", Taken::Both)));
        if let Some(table) = self.catalog.table_mut(table) {
            table.uniques.push(Unique { name, columns, nulls_not_distinct: nulls, deferrable });
        }
    }

    /// The columns that a key only carries along count for its default name.
    fn including_name(&self, table: &Name, columns: &[String], included: Vec<String>) -> Option<String> {
        if included.is_empty() {
            return None;
        }
        let all = distinct(columns.iter().cloned().chain(included).collect());
        Some(self.free_name(table, Some(&joined(all.iter().map(String::as_str))), "key", Taken::Both))
    }

    /// `ADD CONSTRAINT … USING INDEX`: the index becomes the constraint's and takes its name.
    fn key_from_index(&mut self, table: &Name, name: Option<String>, index: Option<String>, primary: bool) {
        let Some(index) = index else { return };
        let Some(found) = self.catalog.table_mut(table) else { return };
        let Some(at) = found.indexes.iter().position(|i| i.name == index) else {
            let reason = format!("uses index {index} of {table}, which no earlier revision creates");
            return self.doubt([table.clone()], reason);
        };
        let removed = found.indexes.remove(at);
        let columns: Vec<String> = removed.columns().map(ToOwned::to_owned).collect();
        let name = Some(name.unwrap_or(index));
        if primary {
            self.add_primary_key(table, name, columns);
        } else {
            self.add_unique(table, name, columns, removed.nulls_not_distinct, Deferrable::No);
        }
    }

    /// From behind REFERENCES.
    fn add_foreign_key(&mut self, table: &Name, name: Option<String>, columns: Vec<String>, cx: &mut Cursor<'_>) {
        let Some(references) = cx.name() else { return };
        let mut ref_columns = cx.names_in_group();
        if ref_columns.is_empty() {
            ref_columns = self.catalog.table(&references).map(|t| t.key_columns().to_vec()).unwrap_or_default();
        }
        let mut key = ForeignKey::new(columns, references, ref_columns);
        loop {
            if cx.eat("match") {
                cx.next();
            } else if cx.eat_all(&["on", "delete"]) {
                key.on_delete = action(cx);
            } else if cx.eat_all(&["on", "update"]) {
                key.on_update = action(cx);
            } else if cx.eat_all(&["not", "valid"]) {
                key.valid = false;
            } else if is_timing(cx) {
                key.deferrable = deferrable(cx);
            } else {
                break;
            }
        }
        let second = joined(key.columns.iter().map(String::as_str));
        key.name = name.or_else(|| Some(self.free_name(table, Some(&second), "fkey", Taken::Constraints)));
        if let Some(table) = self.catalog.table_mut(table) {
            table.foreign_keys.push(key);
        }
    }

    /// From behind CHECK. Without a name it is called by its column if it names just one.
    fn add_check(&mut self, table: &Name, name: Option<String>, cx: &mut Cursor<'_>) {
        let Some(mut group) = cx.group() else { return };
        let expr = Expr::new(group.rest());
        cx.eat_all(&["no", "inherit"]);
        let valid = !cx.eat_all(&["not", "valid"]);
        let columns: Vec<String> = match self.catalog.table(table) {
            Some(table) => table.columns.iter().map(|c| c.name.clone()).filter(|c| mentions(&expr.sql, c)).collect(),
            None => Vec::new(),
        };
        let second = if let [one] = columns.as_slice() { Some(one.as_str()) } else { None };
        let name = name.or_else(|| Some(self.free_name(table, second, "check", Taken::Constraints)));
        if let Some(table) = self.catalog.table_mut(table) {
            table.checks.push(Check { name, expr, valid });
        }
    }

    /// Drops a constraint of any kind by its name.
    pub(super) fn drop_constraint(&mut self, table: &Name, name: &str, tolerant: bool, cascade: bool) {
        let Some(found) = self.catalog.table_mut(table) else { return };
        let is = |other: &Option<String>| other.as_deref() == Some(name);
        let count = |t: &crate::catalog::Table| {
            t.uniques.len()
                + t.foreign_keys.len()
                + t.checks.len()
                + t.excludes.len()
                + usize::from(t.primary_key.is_some())
        };
        let before = count(found);
        let keys: Vec<Vec<String>> = found
            .uniques
            .iter()
            .filter(|u| is(&u.name))
            .map(|u| u.columns.clone())
            .chain(found.primary_key.iter().filter(|k| is(&k.name)).map(|k| k.columns.clone()))
            .collect();
        found.uniques.retain(|c| !is(&c.name));
        found.foreign_keys.retain(|c| !is(&c.name));
        found.checks.retain(|c| !is(&c.name));
        found.excludes.retain(|c| !is(&c.name));
        if found.primary_key.as_ref().is_some_and(|key| is(&key.name)) {
            found.primary_key = None;
        }
        if count(found) == before && !tolerant {
            let reason = format!("drops constraint {name} of {table}, which no earlier revision creates");
            return self.doubt([table.clone()], reason);
        }
        if cascade {
            for other in self.catalog.referencing_mut(table) {
                other.foreign_keys.retain(|key| key.references != *table || !keys.contains(&key.ref_columns));
            }
        }
    }

    pub(super) fn rename_constraint(&mut self, name: &Name, from: &str, to: &str) {
        let Some(table) = self.catalog.table_mut(name) else { return };
        let mut found = false;
        let names = table
            .uniques
            .iter_mut()
            .map(|c| &mut c.name)
            .chain(table.foreign_keys.iter_mut().map(|c| &mut c.name))
            .chain(table.checks.iter_mut().map(|c| &mut c.name))
            .chain(table.excludes.iter_mut().map(|c| &mut c.name))
            .chain(table.primary_key.iter_mut().map(|c| &mut c.name));
        for name in names.filter(|name| name.as_deref() == Some(from)) {
            *name = Some(to.to_owned());
            found = true;
        }
        let of = |constraint: &str| Commented::Constraint(name.clone(), constraint.to_owned());
        self.catalog.move_comments(|on| (*on == of(from)).then(|| of(to)));
        if !found && self.catalog.doubt(name).is_none() {
            let reason = format!("renames constraint {from} of {name}, which no earlier revision creates");
            self.doubt([name.clone()], reason);
        }
    }

    pub(super) fn validate_constraint(&mut self, table: &Name, name: &str) {
        let Some(table) = self.catalog.table_mut(table) else { return };
        let is = |other: &Option<String>| other.as_deref() == Some(name);
        table.foreign_keys.iter_mut().filter(|c| is(&c.name)).for_each(|c| c.valid = true);
        table.checks.iter_mut().filter(|c| is(&c.name)).for_each(|c| c.valid = true);
    }

    /// `ALTER CONSTRAINT name …`: only the timing of a foreign key can change.
    pub(super) fn alter_constraint(&mut self, table: &Name, mut cx: Cursor<'_>) {
        let Some(name) = cx.ident() else { return };
        let timing = deferrable(&mut cx);
        let Some(table) = self.catalog.table_mut(table) else { return };
        for key in table.foreign_keys.iter_mut().filter(|k| k.name.as_deref() == Some(name.as_str())) {
            key.deferrable = timing;
        }
    }
}

fn action(cx: &mut Cursor<'_>) -> Action {
    let action = if cx.eat("cascade") {
        Action::Cascade
    } else if cx.eat("restrict") {
        Action::Restrict
    } else if cx.eat_all(&["set", "null"]) {
        Action::SetNull
    } else if cx.eat_all(&["set", "default"]) {
        Action::SetDefault
    } else {
        cx.eat_all(&["no", "action"]);
        Action::NoAction
    };
    // `SET NULL (column, …)`.
    cx.group();
    action
}

fn is_timing(cx: &Cursor<'_>) -> bool {
    cx.is("deferrable") || cx.is("initially") || (cx.is("not") && cx.is_at(1, "deferrable"))
}

pub(super) fn deferrable(cx: &mut Cursor<'_>) -> Deferrable {
    let mut found = Deferrable::No;
    while is_timing(cx) {
        if cx.eat_all(&["not", "deferrable"]) {
            found = Deferrable::No;
        } else if cx.eat("deferrable") {
            found = Deferrable::InitiallyImmediate;
        } else if cx.eat_all(&["initially", "deferred"]) {
            found = Deferrable::InitiallyDeferred;
        } else if !cx.eat_all(&["initially", "immediate"]) {
            cx.next();
        }
    }
    found
}

pub(super) fn nulls_not_distinct(cx: &mut Cursor<'_>) -> bool {
    let found = cx.eat_all(&["nulls", "not", "distinct"]);
    cx.eat_all(&["nulls", "distinct"]);
    found
}

/// INCLUDE, WITH and USING INDEX TABLESPACE behind a key.
fn skip_index_options(cx: &mut Cursor<'_>) {
    loop {
        if cx.eat("include") || cx.eat("with") {
            cx.group();
        } else if cx.eat_all(&["using", "index", "tablespace"]) {
            cx.next();
        } else {
            return;
        }
    }
}
