//! `ALTER TABLE` by the rules of sqlite.org/lang_altertable.html, with what a rename does to other
//! tables, views and triggers.

use super::column::Builder;
use super::rename::{self, NewName};
use super::{Replay, ident, same};
use crate::catalog::{Expr, IndexKey, Name, Table};
use crate::dialect::Dialect;
use crate::sql::sqlite::ast::{self, AlterTableBody, ColFlags, ColumnDefinition};

impl Replay<'_> {
    pub(super) fn alter_table(&mut self, table: &ast::QualifiedName<'_>, sql: &str, body: &AlterTableBody<'_>) {
        let Some(name) = self.object(table) else {
            if let AlterTableBody::RenameTo(new) = body
                && self.drop_temp(table)
            {
                self.temp.insert(ident(new).to_ascii_lowercase());
            }
            return;
        };
        let Some(name) = self.catalog.table_key(&name) else {
            return self.unknown("table", name);
        };
        match body {
            AlterTableBody::RenameTo(new) => self.rename_table(&name, ident(new)),
            AlterTableBody::RenameColumn { old, new } => self.rename_column(&name, &ident(old), new),
            AlterTableBody::AddColumn(definition) => self.add_column(&name, sql, definition),
            AlterTableBody::DropColumn(column) => self.drop_column(&name, &ident(column)),
            AlterTableBody::SetColumnNotNull(column, _) => self.set_nullable(&name, &ident(column), false),
            AlterTableBody::DropColumnNotNull(column) => self.set_nullable(&name, &ident(column), true),
            AlterTableBody::AddConstraint(constraint) => {
                if let Some(table) = self.catalog.tables.get_mut(&name) {
                    Builder::new(table, sql, 0).constraint(constraint);
                }
            }
            AlterTableBody::DropConstraint(constraint) => self.drop_constraint(&name, &ident(constraint)),
        }
    }

    /// Notes a statement that SQLite would refuse, as far as the catalog knows.
    fn refused(&mut self, table: &Name, reason: String) {
        self.doubt([table.clone()], reason);
    }

    fn rename_table(&mut self, old: &Name, new: String) {
        let new = Name::new(new);
        if self.exists(&new) && !same(&old.name, &new.name) {
            return self.refused(old, format!("{old} is renamed to {new}, which exists"));
        }
        let Some(mut table) = self.catalog.tables.remove(old) else {
            return;
        };
        table.name = new.clone();
        self.catalog.tables.insert(new.clone(), table);
        for doubt in &mut self.catalog.uncertain {
            if doubt.objects.remove(old) {
                doubt.objects.insert(new.clone());
            }
        }
        let legacy = self.pragmas.legacy_alter_table;
        if !legacy || self.pragmas.foreign_keys == Some(true) {
            self.retarget_references(old, &new);
        } else if self.pragmas.foreign_keys.is_none() {
            self.doubt_references(old);
        }
        self.rename_table_in_texts(old, &new, legacy);
    }

    fn retarget_references(&mut self, old: &Name, new: &Name) {
        let children = self.catalog.tables_mut(|t| references(t, old));
        for key in children.flat_map(|t| &mut t.foreign_keys) {
            if same(&key.references.name, &old.name) {
                key.references = new.clone();
            }
        }
    }

    /// With `legacy_alter_table` the connection's `foreign_keys` decides whether references follow
    /// (sqlite.org/lang_altertable.html section 3, the table), and the file does not say.
    fn doubt_references(&mut self, old: &Name) {
        let children: Vec<Name> = self.catalog.referencing(old).map(|(child, _)| child.name.clone()).collect();
        if !children.is_empty() {
            self.doubt(children, "PRAGMA foreign_keys decides whether references follow a legacy rename");
        }
    }

    fn rename_table_in_texts(&mut self, old: &Name, new: &Name, legacy: bool) {
        let (old, new) = (old.name.as_str(), new.name.as_str());
        for table in self.catalog.tables_mut(|t| same(&t.name.name, new) || !t.triggers.is_empty()) {
            if same(&table.name.name, new) {
                each_expr(table, |expr| *expr = Expr::new(rename::table_in_expr(&expr.sql, old, new)));
            }
            for trigger in &mut table.triggers {
                trigger.sql = rename::table_in_statement(&trigger.sql, old, new, legacy);
            }
        }
        for view in self.catalog.views.values_mut().filter(|_| !legacy) {
            view.sql = rename::table_in_statement(&view.sql, old, new, false);
            if view.depends_on.iter().any(|name| same(&name.name, old)) {
                view.depends_on.retain(|name| !same(&name.name, old));
                view.depends_on.insert(Name::new(new));
            }
        }
    }

    fn rename_column(&mut self, table_name: &Name, old: &str, new: &ast::Name<'_>) {
        let quoted = new.0.starts_with(['"', '`', '[', '\'']);
        let new = ident(new);
        let new = NewName { name: &new, quoted };
        let Some(table) = self.catalog.tables.get_mut(table_name) else {
            return;
        };
        if table.column(old, Dialect::Sqlite).is_none() {
            return self.unknown_column(table_name, old);
        }
        let taken = table.column(new.name, Dialect::Sqlite).is_some() && !same(old, new.name);
        if taken {
            return self.refused(table_name, format!("{table_name}.{old} is renamed to {}, which exists", new.name));
        }
        rename_own_column(table, old, &new);
        let children = self.catalog.tables_mut(|t| references(t, table_name));
        for key in children.flat_map(|t| &mut t.foreign_keys) {
            if same(&key.references.name, &table_name.name) {
                rename_in(&mut key.ref_columns, old, new.name);
            }
        }
        self.rename_column_in_texts(table_name, old, &new);
    }

    fn rename_column_in_texts(&mut self, table: &Name, old: &str, new: &NewName<'_>) {
        let rewrite = |sql: &str, catalog| rename::column_in_statement(sql, &table.name, old, new, catalog);
        let mut undecided = Vec::new();
        let mut triggers = Vec::new();
        for (owner, trigger) in self.catalog.tables.values().flat_map(|t| t.triggers.iter().map(move |i| (t, i))) {
            match rewrite(&trigger.sql, self.catalog) {
                Some(sql) => triggers.push((owner.name.clone(), trigger.name.clone(), sql)),
                None => undecided.push(owner.name.clone()),
            }
        }
        let mut views = Vec::new();
        for view in self.catalog.views.values() {
            match rewrite(&view.sql, self.catalog) {
                Some(sql) => views.push((view.name.clone(), sql)),
                None => undecided.push(view.name.clone()),
            }
        }
        for (owner, name, sql) in triggers {
            let triggers = self.catalog.tables.get_mut(&owner).map(|t| &mut t.triggers);
            if let Some(trigger) = triggers.and_then(|all| all.iter_mut().find(|t| t.name == name)) {
                trigger.sql = sql;
            }
        }
        for (name, sql) in views {
            if let Some(view) = self.catalog.views.get_mut(&name) {
                view.sql = sql;
            }
        }
        if !undecided.is_empty() {
            self.doubt(
                undecided,
                format!("{table}.{old} is renamed, and a view or trigger has it from several tables"),
            );
        }
    }

    fn add_column(&mut self, name: &Name, sql: &str, definition: &ColumnDefinition<'_>) {
        let column = ident(&definition.col_name);
        let Some(table) = self.catalog.tables.get_mut(name) else {
            return;
        };
        if table.column(&column, Dialect::Sqlite).is_some() {
            return self.refused(name, format!("{name}.{column} is added, but existed before"));
        }
        if definition.flags.intersects(ColFlags::PRIMKEY | ColFlags::UNIQUE) {
            let reason = format!("SQLite adds no column with a key, as {name}.{column} has");
            return self.refused(name, reason);
        }
        Builder::new(table, sql, 0).column(definition);
        // A quoted name that was no column is a string (sqlite.org/quirks.html section 8), until
        // there is a column of that name: the engine reads the index anew.
        for part in table.indexes.iter_mut().flat_map(|index| &mut index.parts) {
            let was_text = match &part.key {
                IndexKey::Expr(expr) => {
                    expr.sql.starts_with('"') && same(&crate::sql::sqlite::unquote(&expr.sql), &column)
                }
                IndexKey::Column(_) => false,
            };
            if was_text {
                part.key = IndexKey::Column(column.clone());
            }
        }
    }

    fn drop_column(&mut self, name: &Name, column: &str) {
        let Some(table) = self.catalog.tables.get_mut(name) else {
            return;
        };
        if table.column(column, Dialect::Sqlite).is_none() {
            return self.unknown_column(name, column);
        }
        if let Some(user) = user_of_column(table, column) {
            return self.refused(name, format!("SQLite does not drop {name}.{column}: {user} uses it"));
        }
        table.columns.retain(|c| !same(&c.name, column));
        // Those of the definition itself: with one elsewhere SQLite refuses the statement.
        table.checks.retain(|check| !rename::names_column(&check.expr.sql, &name.name, column));
        table.foreign_keys.retain(|key| !key.columns.iter().any(|c| same(c, column)));
    }

    fn set_nullable(&mut self, name: &Name, column: &str, nullable: bool) {
        let table = self.catalog.tables.get_mut(name);
        match table.and_then(|table| table.column_mut(column, Dialect::Sqlite)) {
            Some(column) => column.nullable = nullable,
            None => self.unknown_column(name, column),
        }
    }

    fn drop_constraint(&mut self, name: &Name, constraint: &str) {
        let Some(table) = self.catalog.tables.get_mut(name) else {
            return;
        };
        let before = table.checks.len();
        table.checks.retain(|check| !check.name.as_ref().is_some_and(|name| same(name, constraint)));
        if table.checks.len() == before {
            self.doubt([name.clone()], format!("{name} has no check {constraint} that is known here"));
        }
    }

    fn unknown_column(&mut self, table: &Name, column: &str) {
        if self.catalog.doubt(table).is_none() {
            self.doubt([table.clone()], format!("the column {table}.{column} is not known here"));
        }
    }
}

/// What keeps a column from being dropped (sqlite.org/lang_altertable.html section 5).
fn user_of_column(table: &Table, column: &str) -> Option<String> {
    let has = |columns: &[String]| columns.iter().any(|c| same(c, column));
    if has(table.key_columns()) {
        return Some("the primary key".to_owned());
    }
    if table.uniques.iter().any(|unique| has(&unique.columns)) {
        return Some("a unique constraint".to_owned());
    }
    let uses = |sql: &str| rename::names_column(sql, &table.name.name, column);
    let index = table.indexes.iter().find(|index| {
        index.predicate.as_ref().is_some_and(|predicate| uses(&predicate.sql))
            || index.parts.iter().any(|part| match &part.key {
                IndexKey::Column(name) => same(name, column),
                IndexKey::Expr(expr) => uses(&expr.sql),
            })
    });
    if let Some(index) = index {
        return Some(format!("the index {}", index.name));
    }
    let generated = table.columns.iter().find(|c| c.generated.as_ref().is_some_and(|g| uses(&g.expr.sql)));
    generated.filter(|c| !same(&c.name, column)).map(|c| format!("the generated column {}", c.name))
}

fn references(table: &Table, other: &Name) -> bool {
    table.foreign_keys.iter().any(|key| same(&key.references.name, &other.name))
}

fn rename_in(names: &mut [String], old: &str, new: &str) {
    for name in names.iter_mut().filter(|name| same(name, old)) {
        new.clone_into(name);
    }
}

fn rename_own_column(table: &mut Table, old: &str, new: &NewName<'_>) {
    for column in table.columns.iter_mut().filter(|c| same(&c.name, old)) {
        new.name.clone_into(&mut column.name);
    }
    if let Some(key) = &mut table.primary_key {
        rename_in(&mut key.columns, old, new.name);
    }
    for unique in &mut table.uniques {
        rename_in(&mut unique.columns, old, new.name);
    }
    for key in &mut table.foreign_keys {
        rename_in(&mut key.columns, old, new.name);
    }
    for part in table.indexes.iter_mut().flat_map(|index| &mut index.parts) {
        if let IndexKey::Column(name) = &mut part.key
            && same(name, old)
        {
            new.name.clone_into(name);
        }
    }
    let name = table.name.name.clone();
    each_expr(table, |expr| *expr = Expr::new(rename::column_in_expr(&expr.sql, &name, old, new)));
}

/// Every expression over the table's columns; a default has none.
fn each_expr(table: &mut Table, mut change: impl FnMut(&mut Expr)) {
    table.checks.iter_mut().for_each(|check| change(&mut check.expr));
    let computed = table.columns.iter_mut().filter(|c| c.generated.is_some());
    computed.filter_map(|c| c.generated.as_mut()).for_each(|generated| change(&mut generated.expr));
    for index in &mut table.indexes {
        index.predicate.iter_mut().for_each(&mut change);
        for part in &mut index.parts {
            if let IndexKey::Expr(expr) = &mut part.key {
                change(expr);
            }
        }
    }
}
