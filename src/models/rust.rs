//! Tables as `table!` blocks, in the form that rustfmt and `diesel print-schema` give them.

use super::ModelTable;

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
