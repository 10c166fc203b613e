//! What the Rust declarations say: `table!`, `joinable!`, SQL type and enum declarations. From here
//! come the changes between two states of the models, whether a catalog satisfies them, and the
//! desired catalog.

mod assemble;
mod change;
mod desired;
mod parse;
mod renames;
mod rust;
mod types;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use self::assemble::assemble;
pub use self::change::{Change, Satisfied, changes, drift, satisfied, unsatisfied};
pub use self::desired::desired;
pub use self::parse::{Declarations, interesting, mentions_tables, parse_file};
pub use self::renames::{Candidate, Rename, apply_renames, rename_candidates};
pub use self::rust::{schema_rust, table_block};
pub use self::types::{Fit, fits, sql_type};
use crate::catalog::Name;
use crate::place::Place;

/// The models of one tree.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Models {
    pub tables: BTreeMap<Name, ModelTable>,
    /// Enums that the database knows as types.
    pub enums: BTreeMap<Name, ModelEnum>,
    pub joins: Vec<Join>,
    /// Columns that a `patch_file` of diesel.toml takes out of the generated schema: they are
    /// hidden on purpose.
    pub hidden_columns: BTreeSet<String>,
}

/// A `table!` block (or `view!`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelTable {
    pub name: Name,
    /// The Rust identifier; it may differ from the SQL name.
    pub rust_name: String,
    pub columns: Vec<ModelColumn>,
    /// SQL names of the key columns in the order declared.
    pub primary_key: Vec<String>,
    pub is_view: bool,
    /// Whether it stands under a `cfg`.
    pub conditional: bool,
    pub at: Place,
}

/// A column of a `table!` block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelColumn {
    /// The SQL name.
    pub name: String,
    pub rust_name: String,
    /// Without the outer `Nullable`.
    pub ty: DieselType,
    pub nullable: bool,
    pub max_length: Option<u32>,
    /// `#[auto_increment]`.
    pub auto_increment: bool,
    pub at: Place,
}

/// A Diesel SQL type as named in `table!`: the last segment of its path and its arguments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DieselType {
    pub name: String,
    pub args: Vec<DieselType>,
    /// For a type declared with `postgres_type(name = "…")`: the SQL name that it stands for.
    pub sql_name: Option<Name>,
}

/// A Rust enum that maps to an enum type of the database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelEnum {
    /// The SQL type's name.
    pub name: Name,
    /// SQL labels in the order of the variants.
    pub values: Vec<String>,
    pub at: Place,
}

/// A `joinable!(child -> parent (column))`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Join {
    pub child: Name,
    pub parent: Name,
    /// SQL name of the child's column.
    pub column: String,
    pub at: Place,
}

impl ModelTable {
    /// The column of that SQL name.
    pub fn column(&self, name: &str) -> Option<&ModelColumn> {
        self.columns.iter().find(|c| c.name == name)
    }
}

impl ModelColumn {
    /// The type as `table!` would say it, aliases resolved.
    pub fn type_text(&self) -> String {
        let ty = self.ty.to_string();
        if self.nullable { format!("Nullable<{ty}>") } else { ty }
    }
}

impl std::fmt::Display for DieselType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)?;
        if !self.args.is_empty() {
            let args: Vec<_> = self.args.iter().map(ToString::to_string).collect();
            write!(f, "<{}>", args.join(", "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
