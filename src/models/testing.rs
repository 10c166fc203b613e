//! Models from short texts, for the tests of other modules.

use super::{Models, assemble, parse_file};

/// `users: id Integer, nick Nullable<Text>` for each table; the first column is the key.
pub(crate) fn models(tables: &[&str]) -> Models {
    let text: String = tables.iter().map(|text| block(text)).collect();
    let file = "src/schema.rs".to_owned();
    let parsed = parse_file(&file, &text).unwrap();
    assemble(&[(file, std::rc::Rc::new(parsed))], &[]).unwrap()
}

fn block(text: &str) -> String {
    let (table, columns) = text.split_once(": ").unwrap();
    let columns: Vec<(&str, &str)> = columns.split(", ").map(|column| column.split_once(' ').unwrap()).collect();
    let lines: String = columns.iter().map(|(name, ty)| format!("        {name} -> {ty},\n")).collect();
    format!("diesel::table! {{\n    {table} ({}) {{\n{lines}    }}\n}}\n", columns[0].0)
}
