//! Tables as `table!` blocks, in the form that rustfmt and `diesel print-schema` give them.

use super::types::from_sql;
use super::{DieselType, ModelColumn, ModelTable};
use crate::catalog::{Catalog, Table};
use crate::dialect::Dialect;
use crate::place::Place;

/// One `table!` block.
pub fn table_block(table: &ModelTable) -> String {
    let mut out = String::from("diesel::table! {\n");
    if table.rust_name != table.name.name {
        out.push_str(&format!("    #[sql_name = {:?}]\n", table.name.name));
    }
    let schema = table.name.schema.as_ref().map(|schema| format!("{schema}.")).unwrap_or_default();
    let rust_of = |sql: &String| table.column(sql).map_or_else(|| sql.clone(), |c| c.rust_name.clone());
    let key: Vec<String> = table.primary_key.iter().map(rust_of).collect();
    out.push_str(&format!("    {schema}{} ({}) {{\n", table.rust_name, key.join(", ")));
    for column in &table.columns {
        if column.rust_name != column.name {
            out.push_str(&format!("        #[sql_name = {:?}]\n", column.name));
        }
        if let Some(length) = column.max_length {
            out.push_str(&format!("        #[max_length = {length}]\n"));
        }
        out.push_str(&format!("        {} -> {},\n", column.rust_name, column.type_text()));
    }
    out.push_str("    }\n}\n");
    out
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
    let columns = table.columns.iter().map(|column| ModelColumn {
        name: column.name.clone(),
        rust_name: rust_name(&column.name),
        ty: path(from_sql(&column.ty, dialect)),
        nullable: column.nullable,
        max_length: column.ty.args.first().filter(|_| column.ty.base.contains("char")).and_then(|n| n.parse().ok()),
        auto_increment: false,
        at: Place::default(),
    });
    ModelTable {
        name: table.name.clone(),
        rust_name: rust_name(&table.name.name),
        columns: columns.collect(),
        primary_key: table.key_columns().to_vec(),
        is_view: false,
        conditional: false,
        at: Place::default(),
    }
}

/// A user type stands in the module where `print-schema` puts them.
fn path(ty: DieselType) -> DieselType {
    let name = if ty.sql_name.is_some() { format!("sql_types::{}", ty.name) } else { ty.name };
    DieselType { name, args: ty.args.into_iter().map(path).collect(), sql_name: ty.sql_name }
}

/// A name that Rust accepts: `type` becomes `type_`, as Diesel does it.
fn rust_name(name: &str) -> String {
    let cleaned: String = name.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '_' }).collect();
    let keyword = syn::parse_str::<syn::Ident>(&cleaned).is_err();
    if keyword { format!("{cleaned}_") } else { cleaned }
}
