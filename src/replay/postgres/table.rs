//! CREATE TABLE and DROP TABLE, and the definitions of columns.

use super::Replay;
use super::cursor::Cursor;
use super::names::{Taken, is_default_name, joined};
use super::sequence::identity_options;
use crate::catalog::{AutoValue, Column, Deferrable, Expr, Generated, Name, Sequence, Shared, SqlType, Table, Unique};
use crate::dialect::Dialect;
use crate::replay::select::{Selected, selected};
use crate::sql::postgres::is_serial;

/// Words that end a type or a default, because a column constraint begins with them.
pub(super) const CONSTRAINT_WORDS: [&str; 16] = [
    "constraint",
    "not",
    "null",
    "default",
    "primary",
    "unique",
    "references",
    "check",
    "generated",
    "collate",
    "deferrable",
    "initially",
    "storage",
    "compression",
    "using",
    "exclude",
];

impl Replay<'_> {
    pub(super) fn create_table(&mut self, mut cx: Cursor<'_>, temporary: bool, unlogged: bool) {
        let tolerant = cx.if_not_exists();
        let Some(name) = cx.name() else { return };
        if temporary {
            self.temporary.insert(name);
            return;
        }
        if self.catalog.tables.contains_key(&name) {
            return self.exists("table", &name, tolerant);
        }
        let mut table = Table::new(name.clone());
        table.options.unlogged = unlogged;
        if cx.eat_all(&["partition", "of"])
            && let Some(parent) = cx.name()
        {
            self.inherit(&mut table, &parent, true);
            table.options.partition_of = Some(parent);
            table.options.partition_bounds = bounds(cx.clone());
        }
        if cx.eat("of") {
            cx.name();
            self.doubt([name.clone()], format!("table {name} has the columns of a composite type"));
        }
        let columns = cx.group();
        let as_query = cx.has("as");
        self.catalog.tables.insert(name.clone(), table.into());
        if as_query {
            let names = columns.iter().flat_map(Cursor::parts).filter_map(|mut part| part.ident()).collect();
            cx.until(&["as"]);
            return self.columns_of_query(&name, names, cx);
        }
        if let Some(columns) = columns {
            self.table_elements(&name, &columns);
        }
        if cx.eat("inherits") {
            for mut parent in cx.group().map(|g| g.parts()).unwrap_or_default() {
                if let (Some(parent), Some(mut table)) = (parent.name(), self.catalog.tables.remove(&name)) {
                    self.inherit(&mut table, &parent, false);
                    self.catalog.tables.insert(name.clone(), table);
                }
            }
        }
        // The bounds of a partition, and other options.
        while !(cx.is_done() || cx.is("partition") && cx.is_at(1, "by")) {
            cx.skip_one();
        }
        if cx.eat_all(&["partition", "by"])
            && let Some(table) = self.catalog.tables.get_mut(&name)
        {
            let method = cx.ident().unwrap_or_default().to_uppercase();
            let keys = cx.group().map(|mut g| g.rest().to_owned()).unwrap_or_default();
            table.options.partition_by = Some(format!("{method} ({keys})"));
        }
    }

    /// The columns of a table that a query makes, under these names, as far as there are any. They
    /// have the types and collations of those that they come from, and nothing else.
    pub(super) fn columns_of_query(&mut self, table: &Name, names: Vec<String>, query: Cursor<'_>) {
        let Some(selected) = selected(query, self.catalog) else {
            return self.doubt([table.clone()], format!("table {table} has the columns of a query"));
        };
        let names = names.into_iter().map(Some).chain(std::iter::repeat(None));
        let column = |(one, name): (Selected, Option<String>)| {
            let collation = one.column.collation;
            Column { collation, ..Column::new(name.unwrap_or(one.name), one.column.ty) }.into()
        };
        let columns = selected.into_iter().zip(names).map(column).collect();
        if let Some(found) = self.catalog.tables.get_mut(table) {
            found.columns = columns;
        }
    }

    /// The elements in the parentheses: columns and LIKE first, since constraints name columns that
    /// may come after them.
    fn table_elements(&mut self, table: &Name, elements: &Cursor<'_>) {
        let mut constraints = Vec::new();
        for mut element in elements.parts() {
            if is_table_constraint(&element) {
                constraints.push(element);
            } else if element.eat("like") {
                self.like(table, element);
            } else {
                self.add_column(table, element);
            }
        }
        for constraint in constraints {
            self.add_constraint(table, constraint);
        }
        self.merge_keys(table);
    }

    /// `UNIQUE PRIMARY KEY` makes one index; so does any key that is given twice in one statement.
    fn merge_keys(&mut self, table: &Name) {
        let Some(found) = self.catalog.tables.get_mut(table) else { return };
        let key = found.key_columns().to_vec();
        // A reference to the table itself may have come before the key that it means.
        for reference in found.foreign_keys.iter_mut().filter(|k| k.references == *table && k.ref_columns.is_empty()) {
            reference.ref_columns.clone_from(&key);
        }
        // A table without rows has nothing to validate: NOT VALID means nothing.
        found.foreign_keys.iter_mut().for_each(|key| key.valid = true);
        found.checks.iter_mut().for_each(|check| check.valid = true);
        let mut kept: Vec<Unique> = Vec::new();
        for unique in std::mem::take(&mut found.uniques) {
            let plain = unique.deferrable == Deferrable::No && !unique.nulls_not_distinct;
            let same = kept.iter_mut().find(|k| Unique { name: unique.name.clone(), ..(**k).clone() } == unique);
            let (first, label) = match (&mut found.primary_key, same) {
                (Some(key), _) if plain && key.columns == unique.columns => (&mut key.name, "pkey"),
                (_, Some(same)) => (&mut same.name, "key"),
                _ => {
                    kept.push(unique);
                    continue;
                }
            };
            // The index takes the first name that was given.
            let columns = joined(unique.columns.iter().map(String::as_str));
            let second = (label == "key").then_some(columns.as_str());
            if is_default_name(first.as_deref(), &table.name, second, label)
                && !is_default_name(unique.name.as_deref(), &table.name, Some(&columns), "key")
            {
                *first = unique.name;
            }
        }
        found.uniques = kept;
    }

    /// The columns of a parent. The keys and checks of a partition stay its parent's; of a table
    /// that inherits, later changes of the parent are not followed.
    fn inherit(&mut self, table: &mut Table, parent: &Name, partition: bool) {
        let Some(parent) = self.catalog.table(parent).cloned() else {
            return self.unknown("builds on", "table", parent, false);
        };
        let columns = parent.columns.iter().filter(|c| !table.columns.iter().any(|own| own.name == c.name));
        let columns: Vec<Shared<Column>> = columns.map(|column| inherited(column).into()).collect();
        table.columns.splice(0..0, columns);
        if !partition {
            table.checks.extend(parent.checks);
            self.doubt([table.name.clone()], format!("table {} inherits from {}", table.name, parent.name));
        }
    }

    fn like(&mut self, table: &Name, mut cx: Cursor<'_>) {
        let Some(source) = cx.name() else { return };
        let Some(source) = self.catalog.table(&source).cloned() else {
            return self.unknown("is like", "table", &source, false);
        };
        let what = LikeOptions::read(cx);
        let Some(target) = self.catalog.tables.get_mut(table) else { return };
        target.columns.extend(source.columns.iter().map(|column| what.copy(column).into()));
        if what.includes("constraints") {
            target.checks.extend(source.checks.clone());
        }
        if what.includes("comments") {
            // The comment of the table itself is not copied.
            for (copy, column) in target.columns.iter_mut().rev().zip(source.columns.iter().rev()) {
                copy.comment.clone_from(&column.comment);
            }
        }
        if what.includes("identity")
            && source.columns.iter().any(|c| matches!(c.auto, Some(AutoValue::Identity { .. })))
        {
            self.doubt([table.clone()], format!("table {table} copies an identity column of {}", source.name));
        }
        if what.includes("indexes") {
            if let Some(key) = &source.primary_key {
                self.add_primary_key(table, None, key.columns.clone());
            }
            if !(source.indexes.is_empty() && source.uniques.is_empty() && source.excludes.is_empty()) {
                self.doubt([table.clone()], format!("table {table} copies the indexes of {}", source.name));
            }
        }
    }

    /// Adds a column from its definition.
    pub(super) fn add_column(&mut self, table: &Name, mut cx: Cursor<'_>) {
        let Some(name) = cx.ident() else { return };
        let ty = cx.sql_type(&CONSTRAINT_WORDS);
        let mut column = Column::new(name.clone(), ty);
        if let Some(integer) = is_serial(&column.ty) {
            let sequence = table.with_name(self.free_name(table, Some(&name), "seq", Taken::Relations));
            let owned_by = Some((table.clone(), name.clone()));
            let entry = Sequence { name: sequence.clone(), options: String::new(), owned_by };
            self.catalog.sequences.insert(sequence.clone(), entry);
            column = Column {
                nullable: false,
                auto: Some(AutoValue::Serial { sequence }),
                ..Column::new(name.clone(), integer)
            };
        }
        if let Some(table) = self.catalog.tables.get_mut(table) {
            table.columns.push(column.into());
        }
        self.column_constraints(table, &name, cx);
    }

    fn column_constraints(&mut self, table: &Name, column: &str, mut cx: Cursor<'_>) {
        let mut constraint_name = None;
        while !cx.is_done() {
            if cx.eat("constraint") {
                constraint_name = cx.ident();
                continue;
            }
            if cx.eat_all(&["not", "null"]) {
                self.with_column(table, column, |c| c.nullable = false);
            } else if cx.eat("null") || cx.eat_all(&["no", "inherit"]) {
            } else if cx.eat("default") {
                let default = Expr::new(cx.text_until(&CONSTRAINT_WORDS));
                self.set_default(table, column, Some(default));
            } else if cx.eat("collate") {
                let collation = cx.path().pop();
                self.with_column(table, column, |c| c.collation = collation);
            } else if cx.eat("generated") {
                self.generate(table, column, &mut cx);
            } else if cx.eat_any(&["storage", "compression"]) {
                cx.next();
            } else {
                self.column_constraint(table, column, constraint_name.take(), &mut cx);
            }
        }
    }

    pub(super) fn with_column(&mut self, table: &Name, column: &str, change: impl FnOnce(&mut Column)) {
        let dialect = self.catalog.dialect;
        if let Some(column) = self.catalog.table_mut(table).and_then(|t| t.column_mut(column, dialect)) {
            change(column);
        }
    }

    /// Sets or drops a default; DEFAULT NULL is none.
    pub(super) fn set_default(&mut self, table: &Name, column: &str, default: Option<Expr>) {
        let default = default.filter(|expr| !expr.sql.trim_matches(['(', ')', ' ']).eq_ignore_ascii_case("null"));
        let sequence = default.as_ref().and_then(|d| self.owned_sequence(table, column, &d.sql));
        if let Some(sequence) = sequence {
            return self.with_column(table, column, |c| {
                c.default = None;
                c.auto = Some(AutoValue::Serial { sequence });
            });
        }
        self.with_column(table, column, |c| {
            if matches!(c.auto, Some(AutoValue::Serial { .. })) {
                c.auto = None;
            }
            c.default = default.map(|default| stored_default(default, &c.ty));
        });
    }

    /// What stands behind GENERATED: an expression, or an identity, whose sequence is a part of the
    /// column and no object of its own.
    pub(super) fn generate(&mut self, table: &Name, column: &str, cx: &mut Cursor<'_>) {
        let always = cx.eat("always");
        if !always {
            cx.eat_all(&["by", "default"]);
        }
        cx.eat("as");
        let identity = cx.eat("identity");
        let inside = cx.group();
        if identity {
            self.with_column(table, column, |c| {
                let options = inside.map(|mut g| identity_options(&mut g, &c.ty.base)).unwrap_or_default();
                c.auto = Some(AutoValue::Identity { always, options });
                c.nullable = false;
            });
        } else {
            let expr = Expr::new(inside.map(|mut g| g.rest().to_owned()).unwrap_or_default());
            let stored = cx.eat("stored");
            cx.eat("virtual");
            self.with_column(table, column, |c| c.generated = Some(Generated { expr, stored }));
        }
    }

    /// The server refuses to drop a table that others reference, unless they go with it.
    pub(super) fn doubt_refused_drops(&mut self, cx: &Cursor<'_>) {
        let gone: Vec<Name> = cx.parts().into_iter().filter_map(|mut part| part.name()).collect();
        for name in &gone {
            if self.is_temporary(name) {
                continue;
            }
            let other =
                self.catalog.referencing(name).map(|(table, _)| &table.name).find(|table| !gone.contains(table));
            let reason = other.map(|other| format!("drops table {name}, which {other} references, without CASCADE"));
            if let (Some(reason), Some(other)) = (reason, other.cloned()) {
                self.doubt([name.clone(), other], reason);
            }
        }
    }

    pub(super) fn drop_table(&mut self, mut cx: Cursor<'_>, tolerant: bool, cascade: bool) {
        let Some(name) = cx.name() else { return };
        if self.temporary.remove(&name) {
            return;
        }
        if !self.catalog.drop_table(&name) {
            return self.unknown("drops", "table", &name, tolerant);
        }
        self.forget_table(&name, cascade);
    }

    /// What goes with a table that is gone already.
    pub(super) fn forget_table(&mut self, name: &Name, cascade: bool) {
        self.catalog.drop_table(name);
        for partition in self.catalog.partitions(name) {
            self.forget_table(&partition, cascade);
        }
        if cascade {
            self.drop_dependent_views(name);
        }
        // What was in doubt about the table went with it.
        self.catalog.uncertain.retain(|u| u.objects.len() != 1 || !u.objects.contains(name));
    }
}

/// The bounds of a partition, from behind the table's name.
pub(super) fn bounds(mut cx: Cursor<'_>) -> Option<Expr> {
    cx.until(&["for", "default"]);
    let text = if cx.is("default") { cx.text_of_one() } else { cx.text_until(&["partition", "using", "tablespace"]) };
    (!text.is_empty()).then(|| Expr::new(text))
}

/// A string given for a number or a truth value is stored as that.
fn stored_default(default: Expr, ty: &SqlType) -> Expr {
    let Some(text) = default.sql.strip_prefix('\'').and_then(|t| t.strip_suffix('\'')) else { return default };
    let number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'.'));
    match (ty.array, ty.base.as_str(), text.to_ascii_lowercase().as_str()) {
        (0, "boolean", "t" | "true" | "yes" | "y" | "on" | "1") => Expr::new("true"),
        (0, "boolean", "f" | "false" | "no" | "n" | "off" | "0") => Expr::new("false"),
        (0, "integer" | "bigint" | "smallint" | "numeric" | "real" | "double precision", number_text) if number => {
            Expr::new(number_text)
        }
        _ => default,
    }
}

/// A parent's column in a child: its sequence and its comment stay the parent's.
pub(super) fn inherited(column: &Column) -> Column {
    let mut copy = Column { auto: None, comment: None, ..column.clone() };
    if let Some(AutoValue::Serial { sequence }) = &column.auto {
        copy.default = Some(next_of(sequence));
    }
    copy
}

/// The default that takes its values from a sequence.
pub(super) fn next_of(sequence: &Name) -> Expr {
    let name = sequence.sql(Dialect::Postgres);
    Expr::new(format!("nextval({})", Dialect::Postgres.literal(&name)))
}

/// What LIKE copies beside names, types and NOT NULL.
struct LikeOptions(Vec<(String, bool)>);

impl LikeOptions {
    fn read(mut cx: Cursor<'_>) -> Self {
        let mut options = Vec::new();
        while !cx.is_done() {
            let including = cx.eat("including");
            if !including {
                cx.eat("excluding");
            }
            options.extend(cx.ident().map(|what| (what, including)));
        }
        Self(options)
    }

    /// The last word about it holds.
    fn includes(&self, what: &str) -> bool {
        self.0.iter().rev().find(|(word, _)| word == what || word == "all").is_some_and(|(_, including)| *including)
    }

    fn copy(&self, column: &Column) -> Column {
        let mut copy = Column { default: None, generated: None, ..inherited(column) };
        if self.includes("defaults") {
            copy.default = inherited(column).default;
        }
        if self.includes("identity") && matches!(column.auto, Some(AutoValue::Identity { .. })) {
            copy.auto.clone_from(&column.auto);
        }
        if self.includes("generated") {
            copy.generated.clone_from(&column.generated);
        }
        copy
    }
}

fn is_table_constraint(cx: &Cursor<'_>) -> bool {
    let after_exclude = cx.is("exclude") && (cx.is_at(1, "(") || cx.is_at(1, "using"));
    cx.is("constraint")
        || (cx.is("primary") && cx.is_at(1, "key"))
        || (cx.is("unique") && (cx.is_at(1, "(") || cx.is_at(1, "nulls") || cx.is_at(1, "using")))
        || (cx.is("foreign") && cx.is_at(1, "key"))
        || (cx.is("check") && cx.is_at(1, "("))
        || after_exclude
}
