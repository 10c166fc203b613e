//! Renames that somebody confirmed: as operations, applied to a catalog, and the other way round.

use std::collections::BTreeMap;

use crate::catalog::{Catalog, Name};
use crate::dialect::Dialect;
use crate::operation::Operation;
use crate::sql::postgres;

/// Columns of tables or values of enums, by their whole and their name, and what stands for each.
pub type Parts = BTreeMap<(Name, String), String>;

/// What keeps its rows or its users under another name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Renames {
    /// Old to new.
    pub tables: BTreeMap<Name, Name>,
    /// By the table's new name and the column's old one; the column's new name.
    pub columns: Parts,
    /// Old to new.
    pub enums: BTreeMap<Name, Name>,
    /// By the enum's new name and the value's old one; the value's new name.
    pub values: Parts,
}

impl Renames {
    /// The renames that lead back.
    #[must_use]
    pub fn inverted(&self) -> Self {
        let (tables, enums) = (swapped(&self.tables), swapped(&self.enums));
        Self {
            columns: parts_swapped(&self.columns, &tables),
            values: parts_swapped(&self.values, &enums),
            tables,
            enums,
        }
    }

    /// The renames among operations.
    pub(crate) fn of(operations: &[Operation]) -> Self {
        let mut renames = Self::default();
        for operation in operations {
            match operation {
                Operation::RenameTable { from, to } => drop(renames.tables.insert(from.clone(), to.clone())),
                Operation::RenameColumn { table, from, to } => {
                    renames.columns.insert((table.clone(), from.clone()), to.clone());
                }
                Operation::RenameEnum { from, to } => drop(renames.enums.insert(from.clone(), to.clone())),
                Operation::RenameEnumValue { name, from, to } => {
                    renames.values.insert((name.clone(), from.clone()), to.clone());
                }
                _ => {}
            }
        }
        renames
    }

    /// The catalog with the renames done, dependants included: keys, constraints, foreign keys of
    /// other tables, indexes, and the names inside of expressions and trigger texts.
    #[must_use]
    pub fn apply(&self, catalog: &Catalog) -> Catalog {
        self.followed(catalog).0
    }

    /// The same, with the objects whose texts name what is renamed in a way that cannot be followed.
    pub(crate) fn followed(&self, catalog: &Catalog) -> (Catalog, Vec<Name>) {
        let mut renamed = catalog.clone();
        let mut lost = Vec::new();
        for (from, to) in &self.tables {
            match renamed.dialect {
                Dialect::Postgres => lost.extend(postgres::rename_relation(&mut renamed, from, to)),
                Dialect::Sqlite | Dialect::Mysql => renamed.rename_table(from, to),
            }
        }
        for ((table, from), to) in &self.columns {
            match renamed.dialect {
                Dialect::Postgres => lost.extend(postgres::rename_column(&mut renamed, table, from, to)),
                Dialect::Sqlite | Dialect::Mysql => renamed.rename_column(table, from, to),
            }
        }
        for (from, to) in &self.enums {
            renamed.rename_type(from, to);
        }
        for ((name, from), to) in &self.values {
            renamed.rename_enum_value(name, from, to);
        }
        (renamed, lost)
    }

    /// The renames as operations: tables and enums before their parts, which go by the new names.
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
            .extend(self.enums.iter().map(|(from, to)| Operation::RenameEnum { from: from.clone(), to: to.clone() }));
        operations.extend(self.values.iter().map(|((name, from), to)| Operation::RenameEnumValue {
            name: name.clone(),
            from: from.clone(),
            to: to.clone(),
        }));
        operations
    }
}

fn swapped(renames: &BTreeMap<Name, Name>) -> BTreeMap<Name, Name> {
    renames.iter().map(|(from, to)| (to.clone(), from.clone())).collect()
}

/// Renames of parts the other way round; `wholes` are the inverted renames of what they are parts of.
fn parts_swapped(parts: &Parts, wholes: &BTreeMap<Name, Name>) -> Parts {
    let swap = |((whole, from), to): (&(Name, String), &String)| {
        ((wholes.get(whole).unwrap_or(whole).clone(), to.clone()), from.clone())
    };
    parts.iter().map(swap).collect()
}
