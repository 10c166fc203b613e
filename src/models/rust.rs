//! Tables as `table!` blocks, in the form that rustfmt and `diesel print-schema` give them.

use super::types::from_sql;
use super::{DieselType, ModelColumn, ModelTable};
use crate::catalog::{Catalog, Table};
use crate::dialect::Dialect;
use crate::place::Place;

/// One `table!` block.
pub fn table_block(table: &ModelTable) -> String {
    let mut out = format!("diesel::{}! {{\n", if table.is_view { "view" } else { "table" });
    if table.rust_name != table.name.name {
        out.push_str(&format!("    #[sql_name = {:?}]\n", table.name.name));
    }
    let schema = table.name.schema.as_ref().map(|schema| format!("{}.", ident(schema))).unwrap_or_default();
    let rust_of = |sql: &String| ident(table.column(sql).map_or(sql, |c| &c.rust_name));
    let key: Vec<String> = table.primary_key.iter().map(rust_of).collect();
    let key = if key.is_empty() { String::new() } else { format!(" ({})", key.join(", ")) };
    out.push_str(&format!("    {schema}{}{key} {{\n", ident(&table.rust_name)));
    for column in &table.columns {
        if column.rust_name != column.name {
            out.push_str(&format!("        #[sql_name = {:?}]\n", column.name));
        }
        if let Some(length) = column.max_length {
            out.push_str(&format!("        #[max_length = {length}]\n"));
        }
        if column.auto_increment {
            out.push_str("        #[auto_increment]\n");
        }
        out.push_str(&format!("        {} -> {},\n", ident(&column.rust_name), column.type_text()));
    }
    out.push_str("    }\n}\n");
    out
}

/// An identifier as it stands in a source: raw where it is a keyword.
pub(super) fn ident(name: &str) -> String {
    if is_keyword(name) { format!("r#{name}") } else { name.to_owned() }
}

fn is_keyword(name: &str) -> bool {
    syn::parse_str::<syn::Ident>(name).is_err()
}

/// Every table of a catalog as a `table!` block; a table without a primary key has none, since
/// Diesel wants one.
pub fn schema_rust(catalog: &Catalog) -> String {
    let blocks: Vec<String> = catalog
        .tables
        .values()
        .map(|table| match table.key_columns() {
            [] => format!("// {} has no primary key, and Diesel wants one.\n", table.name),
            _ => table_block(&as_model(table, catalog.dialect)),
        })
        .collect();
    blocks.join("\n")
}

fn as_model(table: &Table, dialect: Dialect) -> ModelTable {
    let table_name = rust_name(&table.name.name, None);
    let columns = table.columns.iter().map(|column| ModelColumn {
        name: column.name.clone(),
        rust_name: rust_name(&column.name, Some(&table_name)),
        ty: path(from_sql(&column.ty, dialect)),
        nullable: column.nullable,
        max_length: column.ty.args.first().filter(|_| column.ty.base.contains("char")).and_then(|n| n.parse().ok()),
        auto_increment: false,
        other_forms: Vec::new(),
        partial: false,
        at: Place::default(),
    });
    ModelTable {
        name: table.name.clone(),
        columns: columns.collect(),
        rust_name: table_name,
        primary_key: table.key_columns().to_vec(),
        other_keys: Vec::new(),
        is_view: false,
        conditional: false,
        at: Place::default(),
    }
}

/// A user type stands in the module where `print-schema` puts them.
fn path(ty: DieselType) -> DieselType {
    let name = if ty.sql_name.is_some() { format!("sql_types::{}", ty.name) } else { ty.name };
    DieselType { name, args: ty.args.into_iter().map(path).collect(), ..ty }
}

/// A name that Rust accepts, made as `diesel print-schema` makes it: a keyword, a name that the
/// macro needs for itself and a column called like its table get an underscore.
fn rust_name(name: &str, table: Option<&str>) -> String {
    const RESERVED: [&str; 4] = ["bool", "columns", "is_nullable", "table"];
    let mut cleaned: String = name.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '_' }).collect();
    if cleaned.starts_with(|c: char| c.is_numeric()) {
        cleaned.insert(0, '_');
    }
    let taken = RESERVED.contains(&name) || table == Some(name) || is_keyword(&cleaned);
    if taken { format!("{cleaned}_") } else { cleaned }
}
