//! The catalog that the models ask for: a baseline with changes applied to it. What `table!` cannot
//! say (indexes, uniques, checks, defaults, actions of foreign keys) stays as it is.

use super::compare::users_of;
use super::types::sql_type;
use super::{Change, Join, ModelColumn, ModelTable, Models, Rename, owned};
use crate::catalog::{AutoValue, Catalog, Column, EnumType, ForeignKey, Name, PrimaryKey, SqlType, Table};
use crate::dialect::{Dialect, object_name};
use crate::error::{Error, Result};
use crate::history_tables;

/// The baseline with the changes. Histories follow the tables that change, and those that are renamed.
///
/// # Errors
/// Where a column's type has no name in the dialect, or a view would have to be made, with its place.
pub fn desired(baseline: &Catalog, changes: &[Change], models: &Models, renamed: &[Rename]) -> Result<Catalog> {
    let mut catalog = baseline.clone();
    // Types first: columns name them. A history ends before its table does.
    for change in changes {
        apply_enum(change, &mut catalog);
        if let Change::EndHistory { base, history } = change {
            history_tables::end(&mut catalog, base, history);
        }
    }
    for change in changes {
        apply(change, models, &mut catalog)?;
    }
    // A foreign key needs both of its tables.
    for change in changes {
        match change {
            Change::AddTable { table } if models.owned.contains_key(&table.name) => {}
            Change::AddTable { table } => {
                add_foreign_keys(&table.name, models, &mut catalog);
                if catalog.dialect == Dialect::Mysql {
                    fit_keys(&table.name, &mut catalog);
                }
            }
            _ => {}
        }
    }
    owned_sequences(changes, models, &mut catalog);
    let is_touched = |base: &Name| {
        changes.iter().any(|change| change.table() == Some(base)) || renamed.iter().any(|rename| rename.of() == *base)
    };
    for (base, history) in models.history.iter().filter(|(base, _)| is_touched(base)) {
        history_tables::refuse_other(&catalog, base, history)?;
        history_tables::bring(&mut catalog, base, history);
    }
    // A type goes after what used it.
    for change in changes {
        match change {
            Change::DropEnum { ty } if users_of(&ty.name, &catalog).next().is_none() => {
                catalog.enums.remove(&ty.name);
            }
            _ => {}
        }
    }
    Ok(catalog)
}

/// The sequences of columns that are new, or number their rows in another way now.
fn owned_sequences(changes: &[Change], models: &Models, catalog: &mut Catalog) {
    let touched = changes.iter().filter_map(Change::table).filter_map(|name| models.owned.get(name));
    for owned in touched {
        for sequence in &owned.sequences {
            let Some((table, column)) = &sequence.owned_by else { continue };
            let of = catalog.table(table).and_then(|table| table.column(column, catalog.dialect));
            let uses = of.is_some_and(|column| {
                let stated = owned.column(&column.name);
                stated.is_some_and(|stated| (&stated.auto, &stated.default) == (&column.auto, &column.default))
            });
            if uses && !catalog.sequences.contains_key(&sequence.name) {
                catalog.sequences.insert(sequence.name.clone(), sequence.clone());
            }
        }
        // A sequence that was behind `serial` goes with it.
        let is_serial = |table: &Name, column: &str| {
            let column = catalog.table(table).and_then(|table| table.column(column, catalog.dialect));
            column
                .is_none_or(|column| matches!(column.auto, Some(AutoValue::Serial { .. })) || column.default.is_some())
        };
        let gone: Vec<Name> = catalog
            .sequences
            .values()
            .filter(|sequence| {
                let of = sequence.owned_by.as_ref().filter(|(table, _)| *table == owned.table.name);
                of.is_some_and(|(table, column)| !is_serial(table, column))
            })
            .map(|sequence| sequence.name.clone())
            .collect();
        for name in gone {
            catalog.sequences.remove(&name);
        }
    }
}

fn apply_enum(change: &Change, catalog: &mut Catalog) {
    if catalog.dialect != Dialect::Postgres {
        return;
    }
    match change {
        Change::AddEnum { ty } => {
            let new = EnumType { name: ty.name.clone(), values: ty.values.clone(), comment: None };
            catalog.enums.insert(ty.name.clone(), new);
        }
        Change::AddEnumValue { name, value, values, .. } => {
            if let Some(ty) = catalog.enums.get_mut(name) {
                let after = values.iter().skip_while(|v| *v != value).skip(1);
                let next = after.into_iter().find_map(|next| ty.values.iter().position(|v| v == next));
                ty.values.insert(next.unwrap_or(ty.values.len()), value.clone());
            }
        }
        Change::DropEnumValue { name, value, .. } => {
            if let Some(ty) = catalog.enums.get_mut(name) {
                ty.values.retain(|v| v != value);
            }
        }
        _ => {}
    }
}

fn apply(change: &Change, models: &Models, catalog: &mut Catalog) -> Result<()> {
    let dialect = catalog.dialect;
    match change {
        Change::AddTable { table } => {
            let owned = models.owned.get(&table.name).map(|owned| owned.table.clone());
            let built = owned.map_or_else(|| new_table(table, dialect), Ok)?;
            catalog.tables.insert(table.name.clone(), built.into());
        }
        Change::DropTable { table } => {
            catalog.drop_table(&table.name);
        }
        Change::AddColumn { table, column } => {
            let owned = models.owned.get(table).and_then(|owned| owned.column(&column.name)).cloned();
            let built = owned.map_or_else(|| new_column(table, column, dialect), Ok)?;
            if let Some(table) = catalog.table_mut(table) {
                table.columns.push(built.into());
            }
        }
        Change::DropColumn { table, column } => {
            catalog.drop_column(table, &column.name);
            if let Some(history) = models.history.get(table) {
                catalog.drop_column(&history.of(table), &column.name);
            }
        }
        Change::ChangeType { table, to, .. } => {
            let ty = type_of(table, to, dialect)?;
            if let Some(column) = catalog.table_mut(table).and_then(|t| t.column_mut(&to.name, dialect)) {
                column.ty = ty;
            }
        }
        Change::ChangeNullability { table, to, .. } => {
            if let Some(column) = catalog.table_mut(table).and_then(|t| t.column_mut(&to.name, dialect)) {
                column.nullable = to.nullable;
            }
        }
        Change::ChangeKey { table, to, .. } => {
            if let Some(table) = catalog.table_mut(table) {
                let name = table.primary_key.as_ref().and_then(|key| key.name.clone());
                table.primary_key = Some(PrimaryKey { name, columns: to.clone() });
                for column in to {
                    if let Some(column) = table.column_mut(column, dialect) {
                        column.nullable = false;
                    }
                }
            }
        }
        Change::Part { table, operation, .. } => owned::apply(table, operation, catalog),
        // Its parts are changes of their own.
        Change::Own { .. }
        | Change::History { .. }
        | Change::EndHistory { .. }
        | Change::AddEnum { .. }
        | Change::DropEnum { .. }
        | Change::AddEnumValue { .. }
        | Change::DropEnumValue { .. } => {}
    }
    Ok(())
}

const BY_HAND: &str = "cargo ops-migrate create --empty \"…\"";

fn type_of(table: &Name, column: &ModelColumn, dialect: Dialect) -> Result<SqlType> {
    sql_type(column, dialect).ok_or_else(|| {
        Error::undecided(format!("{table}.{} has the type {}, which {dialect} has no name for", column.name, column.ty))
            .at(column.at.clone())
            .hint(format!(
                "declare what it stands for: #[diesel({}(name = \"…\"))] on its struct; or write the revision by hand: {BY_HAND}",
                if dialect == Dialect::Sqlite { "sqlite_type" } else { "postgres_type" }
            ))
    })
}

fn new_column(table: &Name, column: &ModelColumn, dialect: Dialect) -> Result<Column> {
    let ty = type_of(table, column, dialect)?;
    Ok(Column { nullable: column.nullable, ..Column::new(column.name.clone(), ty) })
}

fn new_table(model: &ModelTable, dialect: Dialect) -> Result<Table> {
    if model.is_view {
        return Err(Error::undecided(format!("the query of the view {} is not in the models", model.name))
            .at(model.at.clone())
            .hint(format!("write its CREATE VIEW by hand: {BY_HAND}")));
    }
    let mut table = Table::new(model.name.clone());
    for column in &model.columns {
        table.columns.push(new_column(&model.name, column, dialect)?.into());
    }
    let name = (dialect == Dialect::Postgres).then(|| object_name(&model.name.name, None, "pkey"));
    table.primary_key = Some(PrimaryKey { name, columns: model.primary_key.clone() });
    if let [key] = model.primary_key.as_slice() {
        number_rows(&mut table, key, model, dialect);
    }
    Ok(table)
}

/// The foreign keys that the joins of a new table stand for.
fn add_foreign_keys(table: &Name, models: &Models, catalog: &mut Catalog) {
    for join in models.joins.iter().filter(|join| join.child == *table) {
        let Some(key) = foreign_key(join, models, catalog) else { continue };
        if let Some(table) = catalog.table_mut(table) {
            table.foreign_keys.push(key);
        }
    }
}

/// `None` where a join is something else for certain, or may be: a column that joins several parents
/// refers to none of them, one column cannot refer to a key of several, and nothing to a view.
fn foreign_key(join: &Join, models: &Models, catalog: &Catalog) -> Option<ForeignKey> {
    let parents = models.joins.iter().filter(|other| (&other.child, &other.column) == (&join.child, &join.column));
    let parent = catalog.table(&join.parent)?;
    let [key] = parent.key_columns() else { return None };
    catalog.table(&join.child)?.column(&join.column, catalog.dialect)?;
    (parents.count() == 1).then(|| ForeignKey {
        name: (catalog.dialect == Dialect::Postgres).then(|| object_name(&join.child.name, Some(&join.column), "fkey")),
        ..ForeignKey::new(vec![join.column.clone()], parent.name.clone(), vec![key.clone()])
    })
}

/// MySQL: a foreign key's column has exactly the type of what it references, and a key is no text
/// without a length (MySQL manual, FOREIGN KEY Constraints and Column Prefix Key Parts).
fn fit_keys(name: &Name, catalog: &mut Catalog) {
    let Some(mut table) = catalog.table(name).cloned() else { return };
    for key in table.foreign_keys.clone() {
        let parent = catalog.table(&key.references);
        for (column, target) in key.columns.iter().zip(&key.ref_columns) {
            let target = parent.and_then(|parent| parent.column(target, catalog.dialect));
            let (Some(target), Some(column)) = (target, table.column_mut(column, catalog.dialect)) else { continue };
            column.ty = target.ty.clone();
            (column.charset, column.collation) = (target.charset.clone(), target.collation.clone());
        }
    }
    let in_key: Vec<String> =
        table.key_columns().iter().chain(table.foreign_keys.iter().flat_map(|key| &key.columns)).cloned().collect();
    for column in table.columns.iter_mut().filter(|column| in_key.contains(&column.name)) {
        let bounded = match column.ty.base.as_str() {
            "text" => "varchar",
            "blob" => "varbinary",
            _ => continue,
        };
        column.ty = SqlType::with_args(bounded, vec!["255".to_owned()], 0, catalog.dialect);
    }
    catalog.tables.insert(table.name.clone(), table.into());
}

/// An integer key called `id` numbers itself, as nearly every schema means it; `table!` has no word
/// for it before `#[auto_increment]`.
fn number_rows(table: &mut Table, key: &str, model: &ModelTable, dialect: Dialect) {
    let wanted = key == "id" || model.column(key).is_some_and(|c| c.auto_increment);
    let asked = model.column(key).is_some_and(|c| c.auto_increment);
    let Some(column) = table.column_mut(key, dialect) else { return };
    match dialect {
        Dialect::Postgres if wanted && matches!(column.ty.base.as_str(), "integer" | "bigint" | "smallint") => {
            column.auto = Some(AutoValue::Identity { always: false, options: String::new() });
        }
        // Exactly this type makes the column the row's number (sqlite.org/lang_createtable.html#rowid).
        Dialect::Sqlite if matches!(column.ty.base.as_str(), "INTEGER" | "BIGINT") => {
            column.ty = SqlType::new("INTEGER", dialect);
            column.nullable = false;
            column.auto = asked.then_some(AutoValue::Increment);
        }
        Dialect::Mysql if wanted && column.ty.base.contains("int") => column.auto = Some(AutoValue::Increment),
        _ => {}
    }
}
