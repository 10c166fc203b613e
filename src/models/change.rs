//! Differences between two states of the models: one vocabulary for `create`, the gate and the
//! messages. Only meaning counts: order, documentation, attributes and the spelling of aliases do
//! not. Where a table has variants under different `cfg`s, a thing has changed only where it differs
//! from every variant of before.

use super::owned::{self, OwnedTable};
use super::types::{Text, canonical};
use super::{DieselType, ModelColumn, ModelEnum, ModelTable, Models, beside};
use crate::catalog::Name;
use crate::history_tables::History;
use crate::operation::Operation;
use crate::place::Place;
use crate::words::counted;

/// One change of the models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    AddTable {
        table: ModelTable,
    },
    DropTable {
        table: ModelTable,
    },
    AddColumn {
        table: Name,
        column: ModelColumn,
    },
    DropColumn {
        table: Name,
        column: ModelColumn,
    },
    ChangeType {
        table: Name,
        from: ModelColumn,
        to: ModelColumn,
    },
    ChangeNullability {
        table: Name,
        from: ModelColumn,
        to: ModelColumn,
    },
    ChangeKey {
        table: Name,
        from: Vec<String>,
        to: Vec<String>,
        at: Place,
    },
    /// A struct states the whole table from now on: what it does not say goes.
    Own {
        owned: Box<OwnedTable>,
    },
    /// What only such a struct can say: an index, a default, a check.
    Part {
        table: Name,
        operation: Box<Operation>,
        at: Place,
    },
    /// A table has a history, which has to follow it. `lacks` says in words what a schema lacks of it,
    /// where that is known.
    History {
        base: Name,
        history: History,
        lacks: Vec<String>,
    },
    /// A table has none any more.
    EndHistory {
        base: Name,
        history: History,
    },
    AddEnum {
        ty: ModelEnum,
    },
    DropEnum {
        ty: ModelEnum,
    },
    AddEnumValue {
        name: Name,
        value: String,
        values: Vec<String>,
        at: Place,
    },
    DropEnumValue {
        name: Name,
        value: String,
        at: Place,
    },
}

impl Change {
    /// Where the models say it.
    pub fn place(&self) -> &Place {
        match self {
            Self::AddTable { table } | Self::DropTable { table } => &table.at,
            Self::AddColumn { column, .. } | Self::DropColumn { column, .. } => &column.at,
            Self::ChangeType { to, .. } | Self::ChangeNullability { to, .. } => &to.at,
            Self::Own { owned } => &owned.model.at,
            Self::History { history, .. } | Self::EndHistory { history, .. } => &history.at,
            Self::ChangeKey { at, .. }
            | Self::Part { at, .. }
            | Self::AddEnumValue { at, .. }
            | Self::DropEnumValue { at, .. } => at,
            Self::AddEnum { ty } | Self::DropEnum { ty } => &ty.at,
        }
    }

    /// The table that it concerns; `None` for types.
    pub fn table(&self) -> Option<&Name> {
        let is_type = matches!(
            self,
            Self::AddEnum { .. } | Self::DropEnum { .. } | Self::AddEnumValue { .. } | Self::DropEnumValue { .. }
        );
        (!is_type).then(|| self.object())
    }

    /// The table or the type that it concerns.
    pub fn object(&self) -> &Name {
        match self {
            Self::AddTable { table } | Self::DropTable { table } => &table.name,
            Self::Own { owned } => &owned.table.name,
            Self::History { base, .. } | Self::EndHistory { base, .. } => base,
            Self::AddColumn { table, .. }
            | Self::DropColumn { table, .. }
            | Self::Part { table, .. }
            | Self::ChangeType { table, .. }
            | Self::ChangeNullability { table, .. }
            | Self::ChangeKey { table, .. } => table,
            Self::AddEnum { ty } | Self::DropEnum { ty } => &ty.name,
            Self::AddEnumValue { name, .. } | Self::DropEnumValue { name, .. } => name,
        }
    }

    /// The bare name of what it is about: a column's, or that of the object.
    pub fn name(&self) -> &str {
        match self {
            Self::AddColumn { column, .. } | Self::DropColumn { column, .. } => &column.name,
            Self::ChangeType { to, .. } | Self::ChangeNullability { to, .. } => &to.name,
            _ => &self.object().name,
        }
    }

    /// Whether it asks for a view, which only a person can write.
    pub fn is_new_view(&self) -> bool {
        matches!(self, Self::AddTable { table } if table.is_view)
    }

    /// The table, the column (`table.column`) or the enum type that it concerns, as configuration
    /// names it.
    pub fn item(&self) -> String {
        match self {
            Self::AddColumn { table, column } | Self::DropColumn { table, column } => {
                format!("{table}.{}", column.name)
            }
            Self::ChangeType { table, to, .. } | Self::ChangeNullability { table, to, .. } => {
                format!("{table}.{}", to.name)
            }
            _ => self.object().to_string(),
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
            Self::Own { owned } => format!("model {}", owned.table.name),
            Self::History { base, .. } | Self::EndHistory { base, .. } => format!("history {base}"),
            Self::Part { table, operation, .. } => format!("part {table} {}", owned::subject(operation)),
            Self::AddEnum { ty } | Self::DropEnum { ty } => format!("enum {}", ty.name),
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
            (Self::Own { owned }, _) => Some(&owned.table.name) == difference.table(),
            (Self::AddColumn { table, column }, Self::Part { table: of, operation, .. }) => {
                table == of && operation.column() == Some(&column.name)
            }
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
            Self::AddTable { table } if table.is_view => format!("+ view {}", table.name),
            Self::AddTable { table } => format!("+ {} ({})", table.name, counted(table.columns.len(), "column")),
            Self::DropTable { table } => format!("- {}", table.name),
            Self::AddColumn { table, column } => format!("+ {table}.{} {}", column.name, column.type_text()),
            Self::DropColumn { table, column } => format!("- {table}.{}", column.name),
            Self::ChangeType { table, from, to } | Self::ChangeNullability { table, from, to } => {
                format!("~ {table}.{} {} -> {}", to.name, from.type_text(), to.type_text())
            }
            Self::ChangeKey { table, from, to, .. } => {
                format!("~ {table} primary key ({}) -> ({})", from.join(", "), to.join(", "))
            }
            Self::Own { owned } => format!("~ {} is stated by a struct", owned.table.name),
            Self::History { base, history, lacks } if lacks.is_empty() => {
                format!("+ history of {base} ({})", history.of(base))
            }
            Self::History { base, lacks, .. } => format!("~ history of {base}: {}", lacks.join(", ")),
            Self::EndHistory { base, history } if history.keep => {
                format!("~ history of {base} ends ({} stays)", history.of(base))
            }
            Self::EndHistory { base, history } => format!("- history of {base} ({})", history.of(base)),
            Self::Part { operation, .. } => format!("{} {}", operation.sign(), operation.describe()),
            Self::AddEnum { ty } => format!("+ enum {} ({})", ty.name, ty.values.join(", ")),
            Self::DropEnum { ty } => format!("- enum {}", ty.name),
            Self::AddEnumValue { name, value, .. } => format!("+ enum {name} '{value}'"),
            Self::DropEnumValue { name, value, .. } => format!("- enum {name} '{value}'"),
        }
    }

    /// As part of a sentence: `users.email added`.
    pub fn in_words(&self) -> String {
        match self {
            Self::AddTable { table } if table.is_view => format!("view {} added", table.name),
            Self::AddTable { table } => format!("table {} added", table.name),
            Self::DropTable { table } => format!("table {} removed", table.name),
            Self::AddColumn { table, column } => format!("{table}.{} added", column.name),
            Self::DropColumn { table, column } => format!("{table}.{} removed", column.name),
            Self::ChangeType { table, to, .. } => format!("{table}.{} changed to {}", to.name, to.type_text()),
            Self::ChangeNullability { table, to, .. } if to.nullable => format!("{table}.{} made nullable", to.name),
            Self::ChangeNullability { table, to, .. } => format!("{table}.{} made not null", to.name),
            Self::ChangeKey { table, .. } => format!("primary key of {table} changed"),
            Self::Own { owned } => format!("table {} stated by a struct", owned.table.name),
            Self::History { base, .. } => format!("history of {base} changed"),
            Self::EndHistory { base, .. } => format!("history of {base} ended"),
            Self::Part { operation, .. } => operation.describe(),
            Self::AddEnum { ty } => format!("enum {} added", ty.name),
            Self::DropEnum { ty } => format!("enum {} removed", ty.name),
            Self::AddEnumValue { name, value, .. } => format!("value {value} added to enum {name}"),
            Self::DropEnumValue { name, value, .. } => format!("value {value} removed from enum {name}"),
        }
    }
}

/// What differs in meaning between two states of the models, by table.
pub fn changes(before: &Models, after: &Models) -> Vec<Change> {
    let mut found = Vec::new();
    for (name, table) in after.tables.iter().filter(|(name, _)| !is_internal(name)) {
        match (before.owned.get(name), after.owned.get(name)) {
            (Some(old), Some(new)) => {
                found.extend(owned::steps(old, new));
                continue;
            }
            (None, Some(new)) => {
                if !before.tables.contains_key(name) {
                    added(table, &mut found);
                }
                found.push(Change::Own { owned: Box::new(new.clone()) });
                continue;
            }
            (_, None) => {}
        }
        match before.tables.get(name) {
            None => added(table, &mut found),
            Some(old) if old == table => {}
            // What a view gives is for its query to say.
            Some(_) if table.is_view => {}
            Some(old) if old.is_view => added(table, &mut found),
            Some(old) => table_changes(old, table, after, &mut found),
        }
    }
    for (name, table) in &before.tables {
        if !after.tables.contains_key(name) && !is_internal(name) {
            found.push(Change::DropTable { table: table.clone() });
        }
    }
    history_changes(before, after, &mut found);
    for (name, ty) in &after.enums {
        match before.enums.get(name) {
            None => found.push(Change::AddEnum { ty: ty.clone() }),
            Some(old) => enum_changes(&old.values, ty, &mut found),
        }
    }
    for (name, ty) in &before.enums {
        if !after.enums.contains_key(name) && !mentions(after, name) {
            found.push(Change::DropEnum { ty: ty.clone() });
        }
    }
    found
}

/// Histories that begin or end, and those of tables that have changed.
fn history_changes(before: &Models, after: &Models, found: &mut Vec<Change>) {
    for (base, history) in &after.history {
        let is_known = before.history.get(base).is_some_and(|known| known.same(history));
        if !is_known || found.iter().any(|change| change.table() == Some(base)) {
            let (base, history) = (base.clone(), history.clone());
            found.push(Change::History { base, history, lacks: Vec::new() });
        }
    }
    for (base, history) in before.history.iter().filter(|(base, _)| !after.history.contains_key(*base)) {
        // The place where it was said is gone.
        let at = after.tables.get(base).map_or_else(|| history.at.clone(), |table| table.at.clone());
        found.push(Change::EndHistory { base: base.clone(), history: History { at, ..history.clone() } });
    }
}

/// Diesel's, the engines' and our own bookkeeping: it is read, and no revision makes it. A bare name that
/// begins with `pg_` is one of PostgreSQL's catalogs (PostgreSQL manual, "The System Catalog Schema").
pub(crate) fn is_internal(name: &Name) -> bool {
    let of_engine = matches!(name.schema.as_deref(), Some("information_schema" | "pg_catalog" | "performance_schema"));
    let begins = |start: &str| name.name.starts_with(start);
    of_engine || begins("__") || begins("sqlite_") || (name.schema.is_none() && begins("pg_"))
}

/// A table that is new: what all of its variants have, and what only some have one by one.
pub(super) fn added(table: &ModelTable, found: &mut Vec<Change>) {
    let is_part = |column: &&ModelColumn| column.partial && !table.primary_key.contains(&column.name) && !table.is_view;
    let (parts, columns): (Vec<_>, Vec<_>) = table.columns.iter().partition(is_part);
    let columns = columns.into_iter().cloned().collect();
    found.push(Change::AddTable { table: ModelTable { columns, ..table.clone() } });
    found.extend(
        parts.into_iter().map(|column| Change::AddColumn { table: table.name.clone(), column: column.clone() }),
    );
}

/// Whether anything still names an SQL type: a declaration of it, or a column.
fn mentions(models: &Models, name: &Name) -> bool {
    fn is_it(ty: &DieselType, name: &Name) -> bool {
        ty.sql_name.as_ref() == Some(name) || ty.args.iter().any(|arg| is_it(arg, name))
    }
    let mut columns = models.tables.values().flat_map(|table| &table.columns);
    models.sql_types.contains(name) || columns.any(|column| column.forms().any(|form| is_it(&form.ty, name)))
}

fn table_changes(old: &ModelTable, new: &ModelTable, after: &Models, found: &mut Vec<Change>) {
    let table = || new.name.clone();
    for (at, column) in new.columns.iter().enumerate() {
        let Some(before) = beside(&old.columns, at, |c| c.name == column.name) else {
            found.push(Change::AddColumn { table: table(), column: column.clone() });
            continue;
        };
        let known = |ty: &DieselType| before.forms().any(|form| canonical(&form.ty) == canonical(ty));
        if let Some(form) = column.forms().find(|form| !known(&form.ty)) {
            let to = column.with_first(form);
            found.push(Change::ChangeType { table: table(), from: before.clone(), to });
        } else if Text::of(before).zip(Text::of(column)).is_some_and(|(old, new)| old.differs(new)) {
            found.push(Change::ChangeType { table: table(), from: before.clone(), to: column.clone() });
        }
        let known = |nullable: bool| before.forms().any(|form| form.nullable == nullable);
        if let Some(form) = column.forms().find(|form| !known(form.nullable)) {
            let to = column.with_first(form);
            found.push(Change::ChangeNullability { table: table(), from: before.clone(), to });
        }
    }
    for (at, column) in old.columns.iter().enumerate() {
        let is_ignored = || after.ignored_columns.contains(&format!("{}.{}", new.name, column.name));
        if beside(&new.columns, at, |c| c.name == column.name).is_none()
            && !after.hidden_columns.contains(&column.name)
            && !is_ignored()
        {
            // The place where it stood is gone: the table's is what can be opened.
            let column = ModelColumn { at: new.at.clone(), ..column.clone() };
            found.push(Change::DropColumn { table: table(), column });
        }
    }
    // Variants with keys of their own leave open which one is meant.
    if new.other_keys.is_empty() && !old.keys().any(|key| *key == new.primary_key) {
        found.push(Change::ChangeKey {
            table: table(),
            from: old.primary_key.clone(),
            to: new.primary_key.clone(),
            at: new.at.clone(),
        });
    }
}

pub(super) fn enum_changes(old: &[String], new: &ModelEnum, found: &mut Vec<Change>) {
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
