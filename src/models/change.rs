//! Differences between two states of the models, and between models and a catalog: one vocabulary
//! for `create`, the gate and the messages. Only meaning counts: order, documentation, attributes
//! and the spelling of aliases do not.

use super::types::{Fit, canonical, fits, from_sql};
use super::{ModelColumn, ModelEnum, ModelTable, Models};
use crate::catalog::{Catalog, Column, Name, Table};
use crate::dialect::Dialect;
use crate::place::Place;

/// One change of the models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    AddTable { table: ModelTable },
    DropTable { table: ModelTable },
    AddColumn { table: Name, column: ModelColumn },
    DropColumn { table: Name, column: ModelColumn },
    ChangeType { table: Name, from: ModelColumn, to: ModelColumn },
    ChangeNullability { table: Name, from: ModelColumn, to: ModelColumn },
    ChangeKey { table: Name, from: Vec<String>, to: Vec<String>, at: Place },
    AddEnum { ty: ModelEnum },
    AddEnumValue { name: Name, value: String, values: Vec<String>, at: Place },
    DropEnumValue { name: Name, value: String, at: Place },
}

/// Whether a catalog has what a change asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Satisfied {
    Yes,
    No,
    /// The catalog does not tell; why.
    Unsure(String),
}

impl Change {
    /// Where the models say it.
    pub fn place(&self) -> &Place {
        match self {
            Self::AddTable { table } | Self::DropTable { table } => &table.at,
            Self::AddColumn { column, .. } | Self::DropColumn { column, .. } => &column.at,
            Self::ChangeType { to, .. } | Self::ChangeNullability { to, .. } => &to.at,
            Self::ChangeKey { at, .. } | Self::AddEnumValue { at, .. } | Self::DropEnumValue { at, .. } => at,
            Self::AddEnum { ty } => &ty.at,
        }
    }

    /// The table that it concerns; `None` for types.
    pub fn table(&self) -> Option<&Name> {
        match self {
            Self::AddTable { table } | Self::DropTable { table } => Some(&table.name),
            Self::AddColumn { table, .. }
            | Self::DropColumn { table, .. }
            | Self::ChangeType { table, .. }
            | Self::ChangeNullability { table, .. }
            | Self::ChangeKey { table, .. } => Some(table),
            Self::AddEnum { .. } | Self::AddEnumValue { .. } | Self::DropEnumValue { .. } => None,
        }
    }

    /// What it concerns, however it was changed: equal for two changes of the same thing.
    pub fn key(&self) -> String {
        match self {
            Self::AddTable { table } | Self::DropTable { table } => format!("table {}", table.name),
            Self::AddColumn { table, column } | Self::DropColumn { table, column } => {
                format!("column {table}.{}", column.name)
            }
            Self::ChangeType { table, to, .. } => format!("type {table}.{}", to.name),
            Self::ChangeNullability { table, to, .. } => format!("null {table}.{}", to.name),
            Self::ChangeKey { table, .. } => format!("key {table}"),
            Self::AddEnum { ty } => format!("enum {}", ty.name),
            Self::AddEnumValue { name, value, .. } | Self::DropEnumValue { name, value, .. } => {
                format!("value {name}.{value}")
            }
        }
    }

    /// The column that it gives another form, with its table.
    pub fn changed_column(&self) -> Option<(&Name, &String)> {
        match self {
            Self::ChangeType { table, to, .. } | Self::ChangeNullability { table, to, .. } => Some((table, &to.name)),
            _ => None,
        }
    }

    /// Whether a difference is this change, or a part of it: something of a table, a column or an
    /// enum that is new (and that the database may have in another form).
    pub fn covers(&self, difference: &Self) -> bool {
        let is_part = match (self, difference) {
            (Self::AddTable { table }, _) => Some(&table.name) == difference.table(),
            (
                Self::AddColumn { table, column },
                Self::ChangeType { table: of, to, .. } | Self::ChangeNullability { table: of, to, .. },
            ) => table == of && column.name == to.name,
            (Self::AddEnum { ty }, Self::AddEnumValue { name, .. } | Self::DropEnumValue { name, .. }) => {
                ty.name == *name
            }
            _ => false,
        };
        is_part || self.key() == difference.key()
    }

    /// One line with a sign: `+ users.email Text`.
    pub fn describe(&self) -> String {
        match self {
            Self::AddTable { table } => format!("+ {} ({} columns)", table.name, table.columns.len()),
            Self::DropTable { table } => format!("- {}", table.name),
            Self::AddColumn { table, column } => format!("+ {table}.{} {}", column.name, column.type_text()),
            Self::DropColumn { table, column } => format!("- {table}.{}", column.name),
            Self::ChangeType { table, from, to } | Self::ChangeNullability { table, from, to } => {
                format!("~ {table}.{} {} -> {}", to.name, from.type_text(), to.type_text())
            }
            Self::ChangeKey { table, from, to, .. } => {
                format!("~ {table} primary key ({}) -> ({})", from.join(", "), to.join(", "))
            }
            Self::AddEnum { ty } => format!("+ enum {} ({})", ty.name, ty.values.join(", ")),
            Self::AddEnumValue { name, value, .. } => format!("+ enum {name} '{value}'"),
            Self::DropEnumValue { name, value, .. } => format!("- enum {name} '{value}'"),
        }
    }

    /// As part of a sentence: `users.email added`.
    pub fn in_words(&self) -> String {
        match self {
            Self::AddTable { table } => format!("table {} added", table.name),
            Self::DropTable { table } => format!("table {} removed", table.name),
            Self::AddColumn { table, column } => format!("{table}.{} added", column.name),
            Self::DropColumn { table, column } => format!("{table}.{} removed", column.name),
            Self::ChangeType { table, to, .. } => format!("{table}.{} changed to {}", to.name, to.type_text()),
            Self::ChangeNullability { table, to, .. } if to.nullable => format!("{table}.{} made nullable", to.name),
            Self::ChangeNullability { table, to, .. } => format!("{table}.{} made not null", to.name),
            Self::ChangeKey { table, .. } => format!("primary key of {table} changed"),
            Self::AddEnum { ty } => format!("enum {} added", ty.name),
            Self::AddEnumValue { name, value, .. } => format!("value {value} added to enum {name}"),
            Self::DropEnumValue { name, value, .. } => format!("value {value} removed from enum {name}"),
        }
    }
}

/// What differs in meaning between two states of the models, by table.
pub fn changes(before: &Models, after: &Models) -> Vec<Change> {
    let mut found = Vec::new();
    for (name, table) in &after.tables {
        match before.tables.get(name) {
            None => found.push(Change::AddTable { table: table.clone() }),
            Some(old) => table_changes(old, table, after, &mut found),
        }
    }
    for (name, table) in &before.tables {
        if !after.tables.contains_key(name) {
            found.push(Change::DropTable { table: table.clone() });
        }
    }
    for (name, ty) in &after.enums {
        match before.enums.get(name) {
            None => found.push(Change::AddEnum { ty: ty.clone() }),
            Some(old) => enum_changes(&old.values, ty, &mut found),
        }
    }
    found
}

fn table_changes(old: &ModelTable, new: &ModelTable, after: &Models, found: &mut Vec<Change>) {
    let table = || new.name.clone();
    for column in &new.columns {
        let Some(before) = old.column(&column.name) else {
            found.push(Change::AddColumn { table: table(), column: column.clone() });
            continue;
        };
        let (from, to) = (before.clone(), column.clone());
        if canonical(&before.ty) != canonical(&column.ty) {
            found.push(Change::ChangeType { table: table(), from: from.clone(), to: to.clone() });
        }
        if before.nullable != column.nullable {
            found.push(Change::ChangeNullability { table: table(), from, to });
        }
    }
    for column in &old.columns {
        if new.column(&column.name).is_none() && !after.hidden_columns.contains(&column.name) {
            // The place where it stood is gone: the table's is what can be opened.
            let column = ModelColumn { at: new.at.clone(), ..column.clone() };
            found.push(Change::DropColumn { table: table(), column });
        }
    }
    if old.primary_key != new.primary_key {
        found.push(Change::ChangeKey {
            table: table(),
            from: old.primary_key.clone(),
            to: new.primary_key.clone(),
            at: new.at.clone(),
        });
    }
}

fn enum_changes(old: &[String], new: &ModelEnum, found: &mut Vec<Change>) {
    for value in new.values.iter().filter(|v| !old.contains(v)) {
        found.push(Change::AddEnumValue {
            name: new.name.clone(),
            value: value.clone(),
            values: new.values.clone(),
            at: new.at.clone(),
        });
    }
    for value in old.iter().filter(|v| !new.values.contains(v)) {
        found.push(Change::DropEnumValue { name: new.name.clone(), value: value.clone(), at: new.at.clone() });
    }
}

/// Whether a catalog has what a change asks for.
pub fn satisfied(change: &Change, catalog: &Catalog) -> Satisfied {
    if let Some(doubt) = change.table().and_then(|table| catalog.doubt(table)) {
        return Satisfied::Unsure(doubt.reason.clone());
    }
    match change {
        Change::AddTable { table } => match shape(&table.name, catalog) {
            Shape::View => Satisfied::Yes,
            Shape::Absent => Satisfied::No,
            Shape::Table(found) => {
                let columns = table.columns.iter().map(|c| column_satisfied(table, c, found, catalog));
                columns.fold(Satisfied::Yes, worse)
            }
        },
        Change::DropTable { table } => yes_if(matches!(shape(&table.name, catalog), Shape::Absent)),
        Change::AddColumn { table, column }
        | Change::ChangeType { table, to: column, .. }
        | Change::ChangeNullability { table, to: column, .. } => match shape(table, catalog) {
            Shape::View => Satisfied::Yes,
            Shape::Absent => Satisfied::No,
            Shape::Table(found) => match found.column(&column.name, catalog.dialect) {
                None => Satisfied::No,
                Some(actual) => match change {
                    Change::ChangeType { .. } => type_satisfied(column, actual, catalog),
                    Change::ChangeNullability { .. } => null_satisfied(column, actual, found),
                    _ => worse(type_satisfied(column, actual, catalog), null_satisfied(column, actual, found)),
                },
            },
        },
        Change::DropColumn { table, column } => match shape(table, catalog) {
            Shape::Table(found) => yes_if(found.column(&column.name, catalog.dialect).is_none()),
            Shape::View | Shape::Absent => Satisfied::Yes,
        },
        Change::ChangeKey { table, to, .. } => match shape(table, catalog) {
            Shape::Table(found) => yes_if(same_key(found, to, catalog.dialect)),
            Shape::View | Shape::Absent => Satisfied::Yes,
        },
        Change::AddEnum { .. } | Change::AddEnumValue { .. } | Change::DropEnumValue { .. } => {
            enum_satisfied(change, catalog)
        }
    }
}

/// Only PostgreSQL has enum types of their own.
fn enum_satisfied(change: &Change, catalog: &Catalog) -> Satisfied {
    if catalog.dialect != Dialect::Postgres {
        return Satisfied::Yes;
    }
    let values = |name: &Name| catalog.enums.get(name).map(|ty| &ty.values);
    match change {
        Change::AddEnum { ty } => {
            yes_if(values(&ty.name).is_some_and(|known| ty.values.iter().all(|value| known.contains(value))))
        }
        Change::AddEnumValue { name, value, .. } => yes_if(values(name).is_some_and(|known| known.contains(value))),
        Change::DropEnumValue { name, value, .. } => yes_if(values(name).is_none_or(|known| !known.contains(value))),
        _ => Satisfied::Yes,
    }
}

enum Shape<'a> {
    Table(&'a Table),
    /// A view's columns are not followed.
    View,
    Absent,
}

fn shape<'a>(name: &Name, catalog: &'a Catalog) -> Shape<'a> {
    match catalog.table(name) {
        Some(table) if table.options.virtual_module.is_some() => Shape::View,
        Some(table) => Shape::Table(table),
        None if catalog.view(name).is_some() => Shape::View,
        None => Shape::Absent,
    }
}

fn yes_if(condition: bool) -> Satisfied {
    if condition { Satisfied::Yes } else { Satisfied::No }
}

fn worse(a: Satisfied, b: Satisfied) -> Satisfied {
    match (a, b) {
        (Satisfied::No, _) | (_, Satisfied::No) => Satisfied::No,
        (Satisfied::Yes, other) | (other, _) => other,
    }
}

fn column_satisfied(table: &ModelTable, column: &ModelColumn, found: &Table, catalog: &Catalog) -> Satisfied {
    debug_assert!(found.name.same(&table.name, catalog.dialect));
    match found.column(&column.name, catalog.dialect) {
        None => Satisfied::No,
        Some(actual) => worse(type_satisfied(column, actual, catalog), null_satisfied(column, actual, found)),
    }
}

fn type_satisfied(column: &ModelColumn, actual: &Column, catalog: &Catalog) -> Satisfied {
    match fits(column, &actual.ty, catalog) {
        Fit::Yes => Satisfied::Yes,
        Fit::No => Satisfied::No,
        Fit::Unknown => Satisfied::Unsure(format!("nothing tells which SQL type {} is", column.ty)),
    }
}

/// SQLite lets most primary keys be NULL, and no model says so (diesel issue 852).
fn null_satisfied(column: &ModelColumn, actual: &Column, table: &Table) -> Satisfied {
    let is_key = table.key_columns().iter().any(|key| key.eq_ignore_ascii_case(&column.name));
    yes_if(is_key || column.nullable == actual.nullable)
}

fn same_key(table: &Table, key: &[String], dialect: Dialect) -> bool {
    // A table without a key gets some key in its table!, since Diesel wants one.
    let actual = table.key_columns();
    actual.is_empty() || (actual.len() == key.len() && actual.iter().zip(key).all(|(a, b)| dialect.same_name(a, b)))
}

/// The changes that a catalog does not satisfy for sure. A table that is there in part becomes the
/// columns that are missing.
pub fn unsatisfied(changes: &[Change], catalog: &Catalog) -> Vec<Change> {
    let mut left = Vec::new();
    for change in changes {
        match change {
            Change::AddTable { table } => {
                match shape(&table.name, catalog) {
                    Shape::Table(found) => left.extend(against_table(table, found, catalog).into_iter().filter(|c| {
                        !matches!(c, Change::DropColumn { .. }) && satisfied(c, catalog) != Satisfied::Yes
                    })),
                    _ if satisfied(change, catalog) != Satisfied::Yes => left.push(change.clone()),
                    _ => {}
                }
            }
            _ if satisfied(change, catalog) != Satisfied::Yes => left.push(change.clone()),
            _ => {}
        }
    }
    left
}

/// What the models say and a catalog does not have, and columns that it has and they do not say.
/// Tables that no model mentions are nobody's business here.
pub fn drift(models: &Models, catalog: &Catalog) -> Vec<Change> {
    let mut found = Vec::new();
    for table in models.tables.values().filter(|t| !is_internal(&t.name)) {
        if catalog.doubt(&table.name).is_some() {
            continue;
        }
        match shape(&table.name, catalog) {
            Shape::View => {}
            Shape::Absent => found.push(Change::AddTable { table: table.clone() }),
            Shape::Table(actual) => found.extend(
                against_table(table, actual, catalog)
                    .into_iter()
                    .filter(|c| satisfied(c, catalog) == Satisfied::No)
                    .filter(|c| !matches!(c, Change::DropColumn { column, .. } if models.hidden_columns.contains(&column.name))),
            ),
        }
    }
    for ty in models.enums.values() {
        let missing = Change::AddEnum { ty: ty.clone() };
        match catalog.enums.get(&ty.name) {
            Some(known) => enum_changes(&known.values, ty, &mut found),
            None if satisfied(&missing, catalog) == Satisfied::No => found.push(missing),
            None => {}
        }
    }
    found
}

/// Diesel's, SQLite's and our own bookkeeping.
fn is_internal(name: &Name) -> bool {
    name.name.starts_with("__") || name.name.starts_with("sqlite_")
}

/// A table of the models against the same table of a catalog.
fn against_table(table: &ModelTable, actual: &Table, catalog: &Catalog) -> Vec<Change> {
    let mut found = Vec::new();
    let as_model = |column: &Column| ModelColumn {
        name: column.name.clone(),
        rust_name: column.name.clone(),
        ty: from_sql(&column.ty, catalog.dialect),
        nullable: column.nullable,
        max_length: None,
        auto_increment: false,
        at: table.at.clone(),
    };
    for column in &table.columns {
        let Some(before) = actual.column(&column.name, catalog.dialect) else {
            found.push(Change::AddColumn { table: table.name.clone(), column: column.clone() });
            continue;
        };
        let (name, from, to) = (table.name.clone(), as_model(before), column.clone());
        if type_satisfied(column, before, catalog) != Satisfied::Yes {
            found.push(Change::ChangeType { table: name.clone(), from: from.clone(), to: to.clone() });
        }
        if null_satisfied(column, before, actual) != Satisfied::Yes {
            let from = ModelColumn { ty: to.ty.clone(), ..from };
            found.push(Change::ChangeNullability { table: name, from, to });
        }
    }
    for column in &actual.columns {
        if !table.columns.iter().any(|c| catalog.dialect.same_name(&c.name, &column.name)) {
            found.push(Change::DropColumn { table: table.name.clone(), column: as_model(column) });
        }
    }
    if !same_key(actual, &table.primary_key, catalog.dialect) {
        found.push(Change::ChangeKey {
            table: table.name.clone(),
            from: actual.key_columns().to_vec(),
            to: table.primary_key.clone(),
            at: table.at.clone(),
        });
    }
    found
}
