//! Tables that a struct states wholly: `#[derive(OpsModel)]`. The attributes are read by the parser
//! that the derive has, become the SQL that somebody would have written for them, and that is
//! replayed: so defaults, names and spellings are those that a revision gives, and a table that is
//! there already is no change. What two such tables differ in is said in operations, by the differ.

mod compare;
mod conflict;
mod ddl;
mod print;
mod read;
mod resolve;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub(super) use self::compare::{against, apply, is_satisfied, steps, subject};
pub use self::conflict::contradiction;
pub use self::print::{Known, attributes};
pub use self::read::RawOwner;
pub(super) use self::read::read_owner;
pub use self::resolve::{Cache, Stated, own};
use super::{ModelColumn, ModelTable, Models, Rename};
use crate::catalog::{Catalog, Column, Expr, IndexKey, Name, Sequence, Table};
use crate::dialect::Dialect;
use crate::operation::Operation;
use crate::place::Place;

/// A table as a struct states it, for one dialect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnedTable {
    pub dialect: Dialect,
    /// What it has to be. Triggers and policies are nothing that a struct states.
    pub table: Table,
    /// The sequences of its columns.
    pub sequences: Vec<Sequence>,
    /// The struct in the words of `table!`.
    pub model: ModelTable,
    /// The `table!` block, where there is one.
    pub declared: Option<ModelTable>,
    /// Where an index or a constraint is stated, by its name.
    pub places: BTreeMap<String, Place>,
    /// What the table was called before.
    pub renamed_from: Option<String>,
    /// What columns were called before.
    pub renamed_columns: BTreeMap<String, String>,
    /// What rows that exist get in a new column.
    pub backfills: BTreeMap<String, Expr>,
    /// How old values become new ones where a type changes.
    pub using: BTreeMap<String, Expr>,
    /// The indexes that are made while others write.
    pub concurrent: BTreeSet<String>,
    /// The shared columns that it embeds, by their struct's name.
    pub embeds: BTreeSet<String>,
    /// That every state of its rows is kept.
    #[serde(default)]
    pub history: Option<StatedHistory>,
}

/// `history` of a struct.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatedHistory {
    /// `None`: the project's.
    pub suffix: Option<String>,
    /// Whether it outlives the table.
    pub keep: bool,
    pub at: Place,
}

impl OwnedTable {
    /// Where the struct says what an operation does.
    pub(super) fn place(&self, operation: &Operation) -> &Place {
        let constraint = |name: &Option<String>| name.as_ref().and_then(|name| self.places.get(name));
        let column = |name: &str| self.model.column(name).map(|column| &column.at);
        let found = match operation {
            Operation::CreateIndex { index, .. } | Operation::RenameIndex { index, .. } => {
                let first = index.parts.iter().find_map(|part| match &part.key {
                    IndexKey::Column(name) => column(name),
                    IndexKey::Expr(_) => None,
                });
                self.places.get(&index.name).or(first)
            }
            Operation::AddUnique { unique, .. } => {
                constraint(&unique.name).or_else(|| unique.columns.first().and_then(|name| column(name)))
            }
            Operation::AddForeignKey { key, .. } => {
                constraint(&key.name).or_else(|| key.columns.first().and_then(|name| column(name)))
            }
            Operation::AddCheck { check, .. } => constraint(&check.name),
            Operation::AddExclude { exclude, .. } => constraint(&exclude.name),
            Operation::RenameConstraint { to, .. } => self.places.get(to),
            Operation::AlterType { to, .. }
            | Operation::AlterDefault { to, .. }
            | Operation::AlterColumnKind { to, .. } => column(&to.name),
            Operation::SetNotNull { column: of, .. } | Operation::DropNotNull { column: of, .. } => column(&of.name),
            Operation::SetComment { column: Some(of), .. } => column(of),
            _ => None,
        };
        found.unwrap_or(&self.model.at)
    }

    /// The table with what no struct states taken from another state of it, so that it is no
    /// difference: triggers, policies, what a partition is of, storage that is not named, and the
    /// NULLs that SQLite lets into keys and MariaDB into computed columns.
    pub(super) fn beside(&self, other: &Table) -> Table {
        let mut table = self.table.clone();
        table.triggers.clone_from(&other.triggers);
        table.policies.clone_from(&other.policies);
        table.implied_indexes.clone_from(&other.implied_indexes);
        let options = &other.options;
        table.options.virtual_module.clone_from(&options.virtual_module);
        (table.options.row_security, table.options.forced_row_security) =
            (options.row_security, options.forced_row_security);
        table.options.partition_of.clone_from(&options.partition_of);
        for (own, other) in [
            (&mut table.options.engine, &options.engine),
            (&mut table.options.charset, &options.charset),
            (&mut table.options.collation, &options.collation),
        ] {
            if own.is_none() {
                own.clone_from(other);
            }
        }
        let keys = table.key_columns().to_vec();
        // MariaDB takes no NOT NULL at a computed column.
        let is_theirs = |column: &Column| match self.dialect {
            Dialect::Postgres => false,
            Dialect::Sqlite => keys.contains(&column.name),
            Dialect::Mysql => column.generated.is_some(),
        };
        for column in table.columns.iter_mut().filter(|column| is_theirs(column)) {
            if let Some(before) = other.column(&column.name, self.dialect) {
                column.nullable = before.nullable;
            }
        }
        table
    }

    /// The `table!` block, where it says something else of the columns than the struct.
    pub fn lagging(&self) -> Option<&ModelTable> {
        let declared = self.declared.as_ref()?;
        let same = |column: &ModelColumn| declared.column(&column.name).is_some_and(|known| known.same_type(column));
        let is_same = declared.columns.len() == self.model.columns.len() && self.model.columns.iter().all(same);
        (!is_same).then_some(declared)
    }

    /// The column as the struct states it.
    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        self.table.column(name, self.dialect)
    }

    /// The column in the words of `table!`.
    pub(super) fn model_column(&self, column: &Column) -> ModelColumn {
        match self.model.column(&column.name) {
            Some(known) => known.clone(),
            None => super::compare::as_model(column, &self.model.at, self.dialect),
        }
    }
}

/// The tables that do not embed shared columns which a project requires: which, and where the models
/// have the table.
pub fn without_shared<'a>(
    models: &'a Models,
    required: &'a [String],
    except: &'a [String],
) -> Vec<(&'a str, &'a ModelTable)> {
    let is_its = |table: &&ModelTable| !table.is_view && !except.contains(&table.name.to_string());
    let embeds =
        |table: &ModelTable, of: &String| models.owned.get(&table.name).is_some_and(|owned| owned.embeds.contains(of));
    let pairs = models.tables.values().filter(is_its).flat_map(|table| required.iter().map(move |of| (of, table)));
    pairs.filter(|(of, table)| !embeds(table, of)).map(|(of, table)| (of.as_str(), table)).collect()
}

/// The renames that the structs state and a schema has not seen yet.
pub fn stated_renames(models: &Models, baseline: &Catalog) -> Vec<Rename> {
    let mut found = Vec::new();
    for (name, owned) in &models.owned {
        let old = owned.renamed_from.as_ref().map(|old| name.with_name(old));
        let old = old.filter(|old| baseline.table(name).is_none() && baseline.table(old).is_some());
        if let Some(old) = &old {
            found.push(Rename { table: old.clone(), column: None, to: name.name.clone() });
        }
        let Some(table) = baseline.table(old.as_ref().unwrap_or(name)) else { continue };
        for (column, before) in &owned.renamed_columns {
            let has = |name: &str| table.column(name, baseline.dialect).is_some();
            if has(before) && !has(column) {
                found.push(Rename { table: name.clone(), column: Some(before.clone()), to: column.clone() });
            }
        }
    }
    found
}

/// The structs' tables with renames done, with everything that names what is renamed.
pub(super) fn apply_renames(models: &mut Models, renames: &[Rename]) {
    let Some(dialect) = models.owned.values().next().map(|owned| owned.dialect) else { return };
    let mut catalog = Catalog::empty(dialect);
    for owned in models.owned.values() {
        catalog.tables.insert(owned.table.name.clone(), owned.table.clone().into());
        catalog.sequences.extend(owned.sequences.iter().map(|one| (one.name.clone(), one.clone())));
    }
    let mut names: BTreeMap<Name, Name> = models.owned.keys().map(|name| (name.clone(), name.clone())).collect();
    for rename in renames.iter().filter(|rename| rename.column.is_none()) {
        let to = rename.table.with_name(&rename.to);
        catalog.rename_table(&rename.table, &to);
        if let Some(name) = names.get_mut(&rename.table) {
            *name = to;
        }
    }
    for rename in renames {
        let Some(from) = &rename.column else { continue };
        let table = names.get(&rename.table).unwrap_or(&rename.table);
        catalog.rename_column(table, from, &rename.to);
    }
    for (from, mut owned) in std::mem::take(&mut models.owned) {
        let to = names.remove(&from).unwrap_or(from);
        if let Some(table) = catalog.tables.remove(&to) {
            owned.table = table.into_inner();
        }
        let is_its = |sequence: &&Sequence| sequence.owned_by.as_ref().is_some_and(|(table, _)| *table == to);
        owned.sequences = catalog.sequences.values().filter(is_its).cloned().collect();
        if let Some(model) = models.tables.get(&to) {
            owned.model.clone_from(model);
        }
        models.owned.insert(to, owned);
    }
}

#[cfg(test)]
mod tests;
