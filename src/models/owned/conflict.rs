//! A struct and a `table!` that were both changed, each in its own way.

use crate::error::Error;
use crate::models::{ModelColumn, ModelTable, Models};

/// The first contradiction: `table!` was changed since, and differs from the struct that states the
/// table. Where `table!` is as it was, the struct drives and `create` edits the file.
pub fn contradiction(before: &Models, after: &Models) -> Option<Error> {
    after.owned.iter().find_map(|(name, owned)| {
        let declared = owned.declared.as_ref()?;
        let known = before.owned.get(name).map_or_else(|| before.tables.get(name), |owned| owned.declared.as_ref());
        of_table(known, declared, &owned.model)
    })
}

fn of_table(before: Option<&ModelTable>, declared: &ModelTable, stated: &ModelTable) -> Option<Error> {
    let table = &stated.name;
    for column in &declared.columns {
        let known = before.and_then(|table| table.column(&column.name));
        if known.is_some_and(|known| known.same_type(column)) {
            continue;
        }
        // The first commit that has both says nothing of which came later.
        let is_new_table = before.is_none();
        match stated.column(&column.name) {
            Some(own) if own.same_type(column) => {}
            Some(own) => return Some(differs(table, column, own)),
            None if is_new_table => {}
            None => {
                return Some(
                    Error::undecided(format!(
                        "table! has {table}.{}, and the struct that states the table has not (it is at {})",
                        column.name, stated.at
                    ))
                    .at(column.at.clone())
                    .hint(
                        "add the field to the struct, or take the column out of table!: create edits table! by itself",
                    ),
                );
            }
        }
    }
    let gone = before.map(|table| table.columns.as_slice()).unwrap_or_default();
    let gone = gone.iter().filter(|column| declared.column(&column.name).is_none());
    for column in gone {
        if let Some(own) = stated.column(&column.name) {
            return Some(
                Error::undecided(format!(
                    "table! no longer has {table}.{}, and the struct that states the table does (table! is at {})",
                    column.name, declared.at
                ))
                .at(own.at.clone())
                .hint("take the field out of the struct too, or put the column back"),
            );
        }
    }
    None
}

fn differs(table: &crate::catalog::Name, column: &ModelColumn, own: &ModelColumn) -> Error {
    Error::undecided(format!(
        "{table}.{} is {} in table! and {} in the struct that states the table (it is at {})",
        column.name,
        column.type_text(),
        own.type_text(),
        own.at
    ))
    .at(column.at.clone())
    .hint("make them agree, or undo the change of table!: create edits it to follow the struct")
}
