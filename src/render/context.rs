//! What a renderer looks up: both catalogs, the one before under the names that hold once the
//! renames are done, and what the operations of a script say about one table.

use crate::catalog::{Catalog, Column, Name, Table};
use crate::dialect::Dialect;
use crate::diff::Renames;
use crate::error::{Error, Result};
use crate::operation::Operation;

pub(super) struct Context<'a> {
    pub(super) operations: &'a [Operation],
    pub(super) to: &'a Catalog,
    pub(super) from: &'a Catalog,
    /// The catalog before, with the renames of the script done.
    pub(super) renamed: Catalog,
    /// Objects whose texts could not follow the renames.
    pub(super) lost: Vec<Name>,
    renames: Renames,
    /// Whether a comment says what a statement loses.
    pub(super) say_losses: bool,
}

impl<'a> Context<'a> {
    pub(super) fn new(operations: &'a [Operation], from: &'a Catalog, to: &'a Catalog, say_losses: bool) -> Self {
        let renames = Renames::of(operations);
        let (renamed, lost) = renames.followed(from);
        Self { operations, to, from, renamed, lost, renames, say_losses }
    }

    pub(super) fn dialect(&self) -> Dialect {
        self.to.dialect
    }

    /// The table after the script.
    pub(super) fn after(&self, table: &Name) -> Result<&'a Table> {
        self.to
            .table(table)
            .ok_or_else(|| Error::undecided(format!("the schema after the change has no table {table}")))
    }

    /// A column before the script, by its new names.
    pub(super) fn column_before(&self, table: &Name, column: &str) -> Option<&Column> {
        self.renamed.table(table)?.column(column, self.dialect())
    }

    /// The table as it was before its rename; constraints keep names that were made from it.
    pub(super) fn original(&self, table: &Name) -> Option<&'a Table> {
        let old = self.renames.tables.iter().find(|(_, to)| *to == table).map_or(table, |(from, _)| from);
        self.from.table(old)
    }

    /// Columns under the names that they had before the renames.
    pub(super) fn original_columns(&self, table: &Name, columns: &[String]) -> Vec<String> {
        let old = |column: &String| {
            let found = self.renames.columns.iter().find(|((of, _), to)| of == table && *to == column);
            found.map_or_else(|| column.clone(), |((_, from), _)| from.clone())
        };
        columns.iter().map(old).collect()
    }

    /// Whether the script creates the table.
    pub(super) fn creates(&self, table: &Name) -> bool {
        self.operations.iter().any(|o| matches!(o, Operation::CreateTable { table: new } if new.name == *table))
    }

    /// Whether the script drops the table.
    pub(super) fn drops(&self, table: &Name) -> bool {
        self.operations.iter().any(|o| matches!(o, Operation::DropTable { table: old } if old.name == *table))
    }

    /// A comment line for what an operation loses; empty where it loses nothing.
    pub(super) fn loss_comment(&self, operation: &Operation) -> String {
        match operation.loss().filter(|_| self.say_losses) {
            Some(loss) => format!("-- loses {}\n", loss.what.replace('\n', " ")),
            None => String::new(),
        }
    }
}
