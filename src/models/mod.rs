//! What the Rust declarations say: `table!`, `joinable!`, SQL type and enum declarations. From here
//! come the changes between two states of the models, whether a catalog satisfies them, and the
//! desired catalog.

mod assemble;
mod attributes;
mod change;
mod compare;
mod desired;
mod enums;
pub mod owned;
mod parse;
mod renames;
mod rust;
mod structs;
mod types;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use self::assemble::assemble;
pub(crate) use self::change::is_internal;
pub use self::change::{Change, changes};
pub use self::compare::{Satisfied, differences, drift, satisfied, unsatisfied};
pub use self::desired::desired;
pub use self::enums::RawEnum;
use self::owned::OwnedTable;
pub use self::parse::{Declarations, declares_for_tests, interesting, mentions_tables, parse_file};
pub use self::renames::{Candidate, Rename, apply_renames, rename_candidates};
pub use self::rust::table_block;
pub use self::structs::{ReadStruct, Suggestion, mentions_structs, parse_structs, suggestions};
pub use self::types::{Fit, fits, sql_type};
use crate::catalog::Name;
use crate::history_tables::History;
use crate::place::Place;

/// The models of one tree.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Models {
    pub tables: BTreeMap<Name, ModelTable>,
    /// Enums that the database knows as types.
    pub enums: BTreeMap<Name, ModelEnum>,
    /// PostgreSQL's names of the SQL types that are declared.
    pub sql_types: BTreeSet<Name>,
    pub joins: Vec<Join>,
    /// Columns that a `patch_file` of diesel.toml takes out of the generated schema: they are
    /// hidden on purpose.
    pub hidden_columns: BTreeSet<String>,
    /// The tables that a struct which derives `OpsModel` states wholly.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub owned: BTreeMap<Name, OwnedTable>,
    /// The tables that have a history.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub history: BTreeMap<Name, History>,
    /// Columns (`table.column`) that are nobody's business here, whatever either side says.
    #[serde(default)]
    pub ignored_columns: BTreeSet<String>,
    /// Where the database may be otherwise, as the project has agreed.
    #[serde(default)]
    pub agreed: Vec<Agreed>,
}

/// A difference between models and revisions that the project has agreed on, in its configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreed {
    /// A table, a column (`table.column`) or an enum type.
    pub item: String,
    /// Why it differs for good; `None` for a table or column that has left the models and leaves the
    /// database with a later release.
    pub reason: Option<String>,
}

impl Agreed {
    /// That the database keeps a table or a column for now.
    pub fn deferred_drop(item: String) -> Self {
        Self { item, reason: None }
    }

    /// Whether it speaks of a change.
    pub fn covers(&self, change: &Change) -> bool {
        let is_drop = matches!(change, Change::DropTable { .. } | Change::DropColumn { .. });
        (self.reason.is_some() || is_drop) && self.item == change.item()
    }
}

impl Models {
    /// Whether a change is asked for: neither hidden nor agreed on.
    pub fn asks_for(&self, change: &Change) -> bool {
        let is_hidden = match change {
            Change::DropColumn { column, .. } => {
                self.hidden_columns.contains(&column.name) || self.ignored_columns.contains(&change.item())
            }
            _ => false,
        };
        !is_hidden && !self.agreed.iter().any(|agreed| agreed.covers(change))
    }

    /// Leaves columns (`table.column`) alone from now on.
    pub fn ignore_columns(&mut self, columns: &[String]) {
        self.ignored_columns.extend(columns.iter().cloned());
        let ignored = &self.ignored_columns;
        for table in self.tables.values_mut() {
            table.columns.retain(|column| !ignored.contains(&format!("{}.{}", table.name, column.name)));
        }
    }
}

/// A `table!` block (or `view!`). Where it has several variants under different `cfg`s, nothing
/// tells which one is compiled: it is all of them, and each column knows where they differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelTable {
    pub name: Name,
    /// The Rust identifier; it may differ from the SQL name.
    pub rust_name: String,
    pub columns: Vec<ModelColumn>,
    /// SQL names of the key columns in the order declared.
    pub primary_key: Vec<String>,
    /// The keys of other `cfg` variants, where they differ from it.
    pub other_keys: Vec<Vec<String>>,
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
    /// What other `cfg` variants say of it, where that differs.
    pub other_forms: Vec<Form>,
    /// Some `cfg` variants of its table lack it.
    pub partial: bool,
    pub at: Place,
}

/// What one `cfg` variant says of a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    pub ty: DieselType,
    pub nullable: bool,
}

/// A Diesel SQL type as named in `table!`: the last segment of its path and its arguments.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DieselType {
    pub name: String,
    pub args: Vec<DieselType>,
    /// For a type declared with `postgres_type(name = "…")`, or made by `DbEnum`: the SQL name that
    /// it stands for.
    pub sql_name: Option<Name>,
    /// For a type declared with `sqlite_type(name = "…")`, or made by `DbEnum`: how SQLite stores
    /// it, as a variant of Diesel's `SqliteType`.
    pub storage: Option<String>,
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

/// The one of a list that is looked for. Two states of a table nearly always have the same order, so
/// the same position is looked at first.
fn beside<T>(list: &[T], at: usize, is: impl Fn(&T) -> bool) -> Option<&T> {
    list.get(at).filter(|one| is(one)).or_else(|| list.iter().find(|one| is(one)))
}

impl ModelTable {
    /// The column of that SQL name.
    pub fn column(&self, name: &str) -> Option<&ModelColumn> {
        self.columns.iter().find(|c| c.name == name)
    }

    /// The keys of its variants.
    fn keys(&self) -> impl Iterator<Item = &Vec<String>> {
        std::iter::once(&self.primary_key).chain(&self.other_keys)
    }

    /// Takes in the declaration of the same table under another `cfg`.
    fn take_variant(&mut self, other: &Self) {
        for column in &mut self.columns {
            match other.column(&column.name) {
                Some(form) => column.take_forms(form),
                None => column.partial = true,
            }
        }
        for column in &other.columns {
            if self.column(&column.name).is_none() {
                self.columns.push(ModelColumn { partial: true, ..column.clone() });
            }
        }
        if !self.keys().any(|key| *key == other.primary_key) {
            self.other_keys.push(other.primary_key.clone());
        }
        self.is_view |= other.is_view;
        self.conditional |= other.conditional;
    }
}

impl ModelColumn {
    /// The type as `table!` would say it, aliases resolved.
    pub fn type_text(&self) -> String {
        self.form().text()
    }

    /// Whether both say the same of type and nullability, by whatever alias. What differs by `cfg`
    /// is never the same.
    pub fn same_type(&self, other: &Self) -> bool {
        let is_one = |column: &Self| column.other_forms.is_empty() && !column.partial;
        is_one(self) && is_one(other) && self.form().same(&other.form())
    }

    fn form(&self) -> Form {
        Form { ty: self.ty.clone(), nullable: self.nullable }
    }

    /// What the variants of its table say of it; one form where they agree.
    fn forms(&self) -> impl Iterator<Item = Form> {
        std::iter::once(self.form()).chain(self.other_forms.iter().cloned())
    }

    /// The column with one of its forms as the first.
    fn with_first(&self, form: Form) -> Self {
        let other_forms = self.forms().filter(|other| *other != form).collect();
        Self { ty: form.ty, nullable: form.nullable, other_forms, ..self.clone() }
    }

    fn take_forms(&mut self, other: &Self) {
        for form in other.forms() {
            if !self.forms().any(|known| known.same(&form)) {
                self.other_forms.push(form);
            }
        }
        self.partial |= other.partial;
    }
}

impl Form {
    /// As `table!` would say it.
    pub fn text(&self) -> String {
        let ty = self.ty.to_string();
        if self.nullable { format!("Nullable<{ty}>") } else { ty }
    }

    /// Whether it means the same.
    fn same(&self, other: &Self) -> bool {
        self.nullable == other.nullable && types::canonical(&self.ty) == types::canonical(&other.ty)
    }
}

impl DieselType {
    /// A type without arguments.
    pub fn plain(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// The type inside of an outer `Nullable`, and whether there was one.
    fn without_nullable(mut self) -> (Self, bool) {
        match self.name.as_str() {
            "Nullable" if self.args.len() == 1 => (self.args.remove(0), true),
            _ => (self, false),
        }
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
