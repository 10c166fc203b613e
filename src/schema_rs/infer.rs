//! A catalog as `diesel print-schema` sees a database: which tables and foreign keys it prints, in
//! which order, under which Rust names.

use std::collections::BTreeSet;

use super::names::{column_name, rust_name};
use super::settings::{SameQuery, Settings};
use super::types::{self, ColumnType};
use crate::catalog::{Catalog, Column, ForeignKey, Name, SqlType, Table};
use crate::dialect::Dialect;

/// What is printed.
#[derive(Debug, Clone, Default)]
pub(super) struct Schema {
    pub(super) tables: Vec<TableDef>,
    pub(super) joins: Vec<JoinDef>,
    /// Rust names of tables that may appear in one query.
    pub(super) groups: Vec<Vec<String>>,
    /// SQL types to declare, by Rust name.
    pub(super) types: Vec<ColumnType>,
    /// What diesel_cli would refuse, in words.
    pub(super) refused: Vec<String>,
}

/// A `table!`.
#[derive(Debug, Clone)]
pub(super) struct TableDef {
    pub(super) name: Name,
    pub(super) rust_name: String,
    /// Rust names.
    pub(super) key: Vec<String>,
    pub(super) columns: Vec<ColumnDef>,
    pub(super) comment: Option<String>,
}

/// A column of a `table!`.
#[derive(Debug, Clone)]
pub(super) struct ColumnDef {
    pub(super) sql_name: String,
    pub(super) rust_name: String,
    pub(super) ty: ColumnType,
    pub(super) comment: Option<String>,
    /// Whether the type is one of those to declare.
    pub(super) is_declared: bool,
}

/// A `joinable!` in Rust names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct JoinDef {
    pub(super) child: String,
    pub(super) parent: String,
    pub(super) column: String,
}

/// What a catalog is to print-schema.
pub(super) fn infer(catalog: &Catalog, settings: &Settings) -> Schema {
    let mut schema = Schema::default();
    let mut seen: Vec<&Table> = Vec::new();
    for table in tables(catalog, settings) {
        match table_def(table, catalog, settings) {
            Ok(def) => {
                seen.push(table);
                schema.tables.push(def);
            }
            Err(why) => schema.refused.push(why),
        }
    }
    schema.types =
        schema.tables.iter().flat_map(|t| &t.columns).filter(|c| c.is_declared).map(|c| c.ty.clone()).collect();
    schema.types.sort_by(|a, b| a.rust_name.cmp(&b.rust_name));
    schema.types.dedup_by(|a, b| a.rust_name == b.rust_name);
    schema.joins = joins(catalog, &seen);
    schema.groups = match settings.same_query {
        SameQuery::None => Vec::new(),
        SameQuery::AllTables => vec![schema.tables.iter().map(|t| t.rust_name.clone()).collect()],
        SameQuery::Related => related(&schema),
    };
    schema.groups.retain(|group| group.len() > 1);
    schema
}

/// The tables of the schema that is printed, by name; those of the tools are left out.
fn tables<'a>(catalog: &'a Catalog, settings: &Settings) -> Vec<&'a Table> {
    let wanted = settings.schema.as_deref().filter(|schema| *schema != "public");
    let is_hidden = |name: &str| {
        let of_engine = catalog.dialect == Dialect::Sqlite && name.to_ascii_lowercase().starts_with("sqlite");
        name.starts_with("__") || of_engine
    };
    let mut found: Vec<&Table> = catalog
        .tables
        .values()
        .map(|t| &**t)
        .filter(|t| {
            t.name.schema.as_deref() == wanted && !is_hidden(&t.name.name) && settings.filter.admits(&t.name.name)
        })
        .collect();
    found.sort_by(|a, b| a.name.name.cmp(&b.name.name));
    found
}

fn table_def(table: &Table, catalog: &Catalog, settings: &Settings) -> Result<TableDef, String> {
    let rust_table = rust_name(&table.name.name);
    let key = key_columns(table, catalog);
    if key.is_empty() {
        return Err(format!("table {} has no primary key, and Diesel wants one: it is left out", table.name));
    }
    if table.columns.is_empty() {
        return Err(format!("the columns of table {} are not known: it is left out", table.name));
    }
    let mut columns = table.columns.clone();
    // SQLite: a table without a key of its own has its row number.
    if let [name] = key.as_slice()
        && !columns.iter().any(|c| c.name == *name)
    {
        let ty = SqlType::new("INTEGER", catalog.dialect);
        columns.insert(0, Column { nullable: false, ..Column::new(name.clone(), ty) }.into());
    }
    if settings.sort_by_name {
        columns.sort_by(|a, b| a.name.cmp(&b.name));
    }
    let columns = columns
        .iter()
        .map(|column| {
            let ty = match catalog.dialect {
                Dialect::Sqlite => types::sqlite(column, table, catalog, settings),
                Dialect::Postgres => Some(types::postgres(column, catalog, settings)),
                Dialect::Mysql => types::mysql(column, &rust_table, settings),
            };
            let ty = ty.ok_or_else(|| {
                let declared = &column.ty;
                format!("Diesel has no type for {}.{} {declared}: the table is left out", table.name, column.name)
            })?;
            let is_declared = match catalog.dialect {
                Dialect::Mysql => ty.made_for.is_some(),
                dialect => types::declares(&ty, dialect, settings),
            };
            let rust_name = column_name(&column.name, &rust_table);
            let comment = column.comment.clone();
            Ok(ColumnDef { sql_name: column.name.clone(), rust_name, ty, comment, is_declared })
        })
        .collect::<Result<_, String>>()?;
    let key = key.iter().map(|name| column_name(name, &rust_table)).collect();
    Ok(TableDef { name: table.name.clone(), rust_name: rust_table, key, columns, comment: table.comment.clone() })
}

/// The key's columns; a partition has that of its parent. On SQLite diesel_cli gives them in the
/// table's order, and a table without a key has its row number under one of three names
/// (sqlite.org/rowidtable.html).
fn key_columns(table: &Table, catalog: &Catalog) -> Vec<String> {
    let parent = table.options.partition_of.as_ref().filter(|_| table.primary_key.is_none());
    if let Some(parent) = parent.and_then(|name| catalog.table(name)) {
        return key_columns(parent, catalog);
    }
    let key = table.key_columns();
    if catalog.dialect != Dialect::Sqlite {
        return key.to_vec();
    }
    if key.is_empty() {
        let free = ["rowid", "oid", "_rowid_"].into_iter().find(|alias| table.columns.iter().all(|c| c.name != *alias));
        return free.into_iter().map(ToOwned::to_owned).collect();
    }
    table.columns.iter().filter(|c| key.contains(&c.name)).map(|c| c.name.clone()).collect()
}

/// The foreign keys that a join can follow without being told which: of one column, to the other
/// table's key, and the only one between the two tables in either direction.
fn joins(catalog: &Catalog, tables: &[&Table]) -> Vec<JoinDef> {
    let dialect = catalog.dialect;
    let all: Vec<(&Table, &ForeignKey)> =
        catalog.tables.values().flat_map(|table| table.foreign_keys.iter().map(move |key| (&**table, key))).collect();
    let is_pair = |(a, x): &(&Table, &ForeignKey), b: &Table, y: &ForeignKey| {
        (a.name.same(&b.name, dialect) && x.references.same(&y.references, dialect))
            || (a.name.same(&y.references, dialect) && x.references.same(&b.name, dialect))
    };
    let mut found: Vec<(&Name, &Name, JoinDef)> = Vec::new();
    for (child, key) in &all {
        let parent = tables.iter().find(|table| table.name.same(&key.references, dialect));
        let (Some(parent), true) = (parent, tables.iter().any(|table| table.name == child.name)) else { continue };
        let parent_keys = key_columns(parent, catalog);
        let ([column], [parent_key]) = (key.columns.as_slice(), parent_keys.as_slice()) else { continue };
        let to_key = key.ref_columns.first().is_none_or(|column| column == parent_key);
        let only = all.iter().filter(|other| is_pair(other, child, key)).count() == 1;
        if to_key && only && parent.name != child.name {
            let (rust_child, rust_parent) = (rust_name(&child.name.name), rust_name(&parent.name.name));
            let column = column_name(column, &rust_child);
            found.push((&child.name, &parent.name, JoinDef { child: rust_child, parent: rust_parent, column }));
        }
    }
    found.sort_by_key(|(child, parent, _)| (&child.name, &parent.name));
    found.into_iter().map(|(_, _, join)| join).collect()
}

/// Tables that foreign keys connect, in the order of their names, which is that of the tables.
fn related(schema: &Schema) -> Vec<Vec<String>> {
    let mut groups: Vec<BTreeSet<usize>> = Vec::new();
    for (at, table) in schema.tables.iter().enumerate() {
        let is_next = |other: &usize| {
            let (a, b) = (&table.rust_name, &schema.tables[*other].rust_name);
            schema
                .joins
                .iter()
                .any(|join| (&join.child, &join.parent) == (a, b) || (&join.child, &join.parent) == (b, a))
        };
        let (touched, rest): (Vec<_>, Vec<_>) = groups.into_iter().partition(|group| group.iter().any(is_next));
        groups = rest;
        groups.push(touched.into_iter().flatten().chain([at]).collect());
    }
    groups.sort();
    groups.iter().map(|group| group.iter().map(|at| schema.tables[*at].rust_name.clone()).collect()).collect()
}
