//! Renames inside of a catalog, with everything that names what is renamed: keys, constraints,
//! foreign keys of other tables, indexes, and the names in expressions, views and triggers.

use super::expr::rename_column;
use super::{Catalog, Column, Commented, Expr, IndexKey, Name, Scope, Shared, Table, mysql, rename_identifier};
use crate::dialect::Dialect;

impl Catalog {
    /// Renames a table; nothing happens where there is none of that name. The queries of PostgreSQL's
    /// views are left: they take a reading of SQL.
    pub fn rename_table(&mut self, from: &Name, to: &Name) {
        let Some(key) = self.table_key(from) else { return };
        let Some(mut table) = self.tables.remove(&key) else { return };
        table.name = to.clone();
        if self.dialect == Dialect::Mysql {
            mysql::rename_foreign_keys(&mut table, &key.name);
        }
        for trigger in &mut table.triggers {
            trigger.sql = rename_in_trigger(&trigger.sql, &from.name, &to.name);
        }
        self.tables.insert(to.clone(), table);
        let dialect = self.dialect;
        for key in self.referencing_mut(from).flat_map(|t| &mut t.foreign_keys) {
            if key.references.same(from, dialect) {
                key.references = to.clone();
            }
        }
        let is_part = |table: &Table| table.options.partition_of.as_ref().is_some_and(|of| of.same(from, dialect));
        self.tables_mut(is_part).for_each(|part| part.options.partition_of = Some(to.clone()));
        for sequence in self.sequences.values_mut() {
            if let Some((owner, _)) = sequence.owned_by.as_mut().filter(|(owner, _)| owner.same(from, dialect)) {
                *owner = to.clone();
            }
        }
        self.move_comments(|on| match on {
            Commented::Constraint(table, name) if *table == key => {
                Some(Commented::Constraint(to.clone(), name.clone()))
            }
            Commented::Trigger(table, name) if *table == key => Some(Commented::Trigger(to.clone(), name.clone())),
            Commented::Policy(table, name) if *table == key => Some(Commented::Policy(to.clone(), name.clone())),
            _ => None,
        });
        for view in self.views.values_mut() {
            if view.depends_on.remove(&key) {
                view.depends_on.insert(to.clone());
                if dialect != Dialect::Postgres {
                    view.sql = rename_identifier(&view.sql, &from.name, &to.name);
                }
            }
        }
    }

    /// Renames a column; nothing happens where there is none of that name. Queries are left: those of
    /// views and policies.
    pub fn rename_column(&mut self, table: &Name, from: &str, to: &str) {
        let dialect = self.dialect;
        let swap = |name: &mut String| {
            if dialect.same_name(name, from) {
                to.clone_into(name);
            }
        };
        for key in self.referencing_mut(table).flat_map(|t| &mut t.foreign_keys) {
            if key.references.same(table, dialect) {
                key.ref_columns.iter_mut().for_each(swap);
            }
        }
        for sequence in self.sequences.values_mut() {
            if let Some((_, column)) = sequence.owned_by.as_mut().filter(|(owner, _)| owner.same(table, dialect)) {
                swap(column);
            }
        }
        let Some(table) = self.table_mut(table) else { return };
        table.column_mut(from, dialect).into_iter().for_each(|column| swap(&mut column.name));
        if let Some(key) = &mut table.primary_key {
            key.columns.iter_mut().for_each(swap);
        }
        table.uniques.iter_mut().flat_map(|u| &mut u.columns).for_each(swap);
        table.foreign_keys.iter_mut().flat_map(|k| &mut k.columns).for_each(swap);
        for trigger in &mut table.triggers {
            trigger.sql = rename_in_trigger(&trigger.sql, from, to);
        }
        for (_, expr) in table.exprs_mut().filter(|(scope, _)| *scope == Scope::Row) {
            expr.sql = rename_column(&expr.sql, from, to);
        }
        for index in &mut table.indexes {
            index.include.iter_mut().for_each(swap);
            for part in &mut index.parts {
                if let IndexKey::Column(name) = &mut part.key {
                    swap(name);
                }
            }
        }
    }

    /// Renames an enum or a domain, and the type of the columns that have it.
    pub fn rename_type(&mut self, from: &Name, to: &Name) {
        if let Some(mut ty) = self.enums.remove(from) {
            ty.name = to.clone();
            self.enums.insert(to.clone(), ty);
        } else if let Some(mut domain) = self.domains.remove(from) {
            domain.name = to.clone();
            self.domains.insert(to.clone(), domain);
            self.move_comments(|on| (*on == Commented::Domain(from.clone())).then(|| Commented::Domain(to.clone())));
        }
        let (old, new) = (from.to_string(), to.to_string());
        let has_type = |table: &Table| table.columns.iter().any(|column| column.ty.base == old);
        let columns = self.tables_mut(has_type).flat_map(|t| &mut t.columns).filter(|c| c.ty.base == old);
        columns.for_each(|column| column.ty.base.clone_from(&new));
        let domains = self.domains.values_mut().filter(|domain| domain.base.base == old);
        domains.for_each(|domain| domain.base.base.clone_from(&new));
    }

    /// Renames a value of an enum, and its literal in the expressions that compare with it: the
    /// server keeps the value itself there, not its name.
    pub fn rename_enum_value(&mut self, name: &Name, from: &str, to: &str) {
        let Some(ty) = self.enums.get_mut(name) else { return };
        ty.values.iter_mut().filter(|v| *v == from).for_each(|v| to.clone_into(v));
        let (old, new) = (self.dialect.literal(from), self.dialect.literal(to));
        let base = name.to_string();
        for table in self.tables_mut(|table| table.columns.iter().any(|column| column.ty.base == base)) {
            let of_type = |c: &&Shared<Column>| c.ty.base == base;
            let columns: Vec<String> = table.columns.iter().filter(of_type).map(|c| c.name.clone()).collect();
            for default in table.columns.iter_mut().filter(|c| c.ty.base == base).filter_map(|c| c.default.as_mut()) {
                default.sql = default.sql.replace(&old, &new);
            }
            let swap = |expr: &mut Expr| {
                if columns.iter().any(|column| rename_column(&expr.sql, column, "\u{1}") != expr.sql) {
                    expr.sql = expr.sql.replace(&old, &new);
                }
            };
            table.checks.iter_mut().map(|check| &mut check.expr).for_each(swap);
            table.excludes.iter_mut().map(|exclude| &mut exclude.text).for_each(swap);
            for policy in &mut table.policies {
                policy.using.iter_mut().chain(&mut policy.check).for_each(swap);
            }
            let computed = table.columns.iter_mut().filter(|c| c.generated.is_some());
            computed.filter_map(|c| c.generated.as_mut()).map(|g| &mut g.expr).for_each(swap);
            for index in &mut table.indexes {
                index.predicate.iter_mut().for_each(swap);
                for part in &mut index.parts {
                    if let IndexKey::Expr(expr) = &mut part.key {
                        swap(expr);
                    }
                }
            }
        }
    }

    /// Removes a table with the sequences that its columns own and the foreign keys that reference it;
    /// false where there is none of that name, and only what is left of one goes.
    pub fn drop_table(&mut self, table: &Name) -> bool {
        let dialect = self.dialect;
        let is_there = self.table_key(table).and_then(|key| self.tables.remove(&key)).is_some();
        let owns = |(owner, _): &(Name, String)| owner.same(table, dialect);
        self.sequences.retain(|_, sequence| !sequence.owned_by.as_ref().is_some_and(owns));
        let others = self.referencing_mut(table);
        others.for_each(|other| other.foreign_keys.retain(|key| !key.references.same(table, dialect)));
        is_there
    }

    /// Removes a column with every constraint and index that names it, as engines do it.
    pub fn drop_column(&mut self, table: &Name, column: &str) {
        let dialect = self.dialect;
        let names = |columns: &[String]| columns.iter().any(|c| dialect.same_name(c, column));
        let key_columns = self.table(table).map(|t| t.key_columns().to_vec()).unwrap_or_default();
        for other in self.referencing_mut(table) {
            other.foreign_keys.retain(|k| {
                let target = if k.ref_columns.is_empty() { &key_columns } else { &k.ref_columns };
                !(k.references.same(table, dialect) && names(target))
            });
        }
        self.sequences.retain(|_, sequence| {
            !sequence.owned_by.as_ref().is_some_and(|(t, c)| t.same(table, dialect) && dialect.same_name(c, column))
        });
        let Some(table) = self.table_mut(table) else { return };
        table.columns.retain(|c| !dialect.same_name(&c.name, column));
        table.uniques.retain(|u| !names(&u.columns));
        table.foreign_keys.retain(|k| !names(&k.columns));
        let mentions = |expr: &Expr| rename_column(&expr.sql, column, "\u{1}") != expr.sql;
        table.checks.retain(|check| !mentions(&check.expr));
        table.excludes.retain(|exclude| !mentions(&exclude.text));
        if dialect == Dialect::Mysql {
            // An index keeps its other columns; only with its last one it goes.
            for index in &mut table.indexes {
                index
                    .parts
                    .retain(|part| !matches!(&part.key, IndexKey::Column(name) if dialect.same_name(name, column)));
            }
            table.indexes.retain(|index| !index.parts.is_empty());
        }
        table.indexes.retain(|index| {
            let in_parts = index.parts.iter().any(|part| match &part.key {
                IndexKey::Column(name) => dialect.same_name(name, column),
                IndexKey::Expr(expr) => mentions(expr),
            });
            !in_parts && !names(&index.include) && !index.predicate.as_ref().is_some_and(mentions)
        });
        if table.primary_key.as_ref().is_some_and(|key| names(&key.columns)) {
            table.primary_key = None;
        }
    }
}

/// The trigger's own name may be that of a table or column, and stays.
fn rename_in_trigger(sql: &str, from: &str, to: &str) -> String {
    const BEHIND_NAME: [&str; 6] = ["before", "after", "instead", "insert", "update", "delete"];
    let lower = sql.to_ascii_lowercase();
    let word = |at: usize, word: &str| {
        let bytes = lower.as_bytes();
        let bounds = [at.checked_sub(1), Some(at + word.len())];
        bounds.into_iter().flatten().all(|i| bytes.get(i).is_none_or(u8::is_ascii_whitespace))
    };
    let first =
        BEHIND_NAME.iter().filter_map(|w| lower.match_indices(w).map(|(at, _)| at).find(|at| word(*at, w))).min();
    let (head, tail) = sql.split_at(first.unwrap_or(0));
    format!("{head}{}", rename_identifier(tail, from, to))
}
