//! Renames that somebody confirmed: as operations, applied to a catalog, and the other way round.

use std::collections::BTreeMap;

use crate::catalog::{Catalog, Name};
use crate::operation::Operation;

/// Tables and columns that keep their rows under another name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Renames {
    /// Old to new.
    pub tables: BTreeMap<Name, Name>,
    /// By the table's new name and the column's old one; the column's new name.
    pub columns: BTreeMap<(Name, String), String>,
}

impl Renames {
    /// The renames that lead back.
    #[must_use]
    pub fn inverted(&self) -> Self {
        let tables: BTreeMap<_, _> = self.tables.iter().map(|(from, to)| (to.clone(), from.clone())).collect();
        let columns = self.columns.iter().map(|((table, from), to)| {
            let old_table = tables.get(table).unwrap_or(table).clone();
            ((old_table, to.clone()), from.clone())
        });
        Self { columns: columns.collect(), tables }
    }

    /// The catalog with the renames done, dependants included: keys, constraints, foreign keys of
    /// other tables, indexes, and the names inside of expressions and trigger texts.
    #[must_use]
    pub fn apply(&self, catalog: &Catalog) -> Catalog {
        let mut renamed = catalog.clone();
        for (from, to) in &self.tables {
            renamed.rename_table(from, to);
        }
        for ((table, from), to) in &self.columns {
            renamed.rename_column(table, from, to);
        }
        renamed
    }

    /// The renames as operations: tables first, then columns under the new table names.
    pub(super) fn operations(&self, catalog: &Catalog) -> Vec<Operation> {
        let tables = self.tables.iter().filter(|(from, _)| catalog.table(from).is_some());
        let mut operations: Vec<_> =
            tables.map(|(from, to)| Operation::RenameTable { from: from.clone(), to: to.clone() }).collect();
        operations.extend(self.columns.iter().map(|((table, from), to)| Operation::RenameColumn {
            table: table.clone(),
            from: from.clone(),
            to: to.clone(),
        }));
        operations
    }
}
