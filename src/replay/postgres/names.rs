//! Default names of constraints, indexes and sequences, by the rules of the server's
//! `makeObjectName`, `ChooseRelationName` and `ChooseIndexNameAddition`: what two parts are cut to
//! fit 63 bytes, and what number avoids a name that is taken in the schema.

use super::Replay;
use crate::catalog::{AutoValue, Column, Name, Shared, Table};
use crate::dialect::{POSTGRES_NAME, clip, object_name};

/// Among which names a new one must be free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// Indexes and sequences: tables, views, sequences and indexes.
    Relations,
    /// Checks and foreign keys: constraints of any table.
    Constraints,
    /// Keys and exclusion constraints, which are both.
    Both,
}

impl Replay<'_> {
    /// `<first>_<second>_<label>` with a number where that is taken in the schema of `table`.
    pub(super) fn free_name(&self, table: &Name, second: Option<&str>, label: &str, taken: Taken) -> String {
        let mut number = 0;
        loop {
            let label = if number == 0 { label.to_owned() } else { format!("{label}{number}") };
            let name = object_name(&table.name, second, &label);
            if !self.is_taken(&table.with_name(name.clone()), taken) {
                self.catalog.heard(&name);
                return name;
            }
            number += 1;
        }
    }

    fn is_taken(&self, name: &Name, taken: Taken) -> bool {
        (taken != Taken::Constraints && self.is_relation(name))
            || (taken != Taken::Relations && self.is_constraint(name))
    }

    /// Whether a table, view, sequence or index has that name.
    pub(super) fn is_relation(&self, name: &Name) -> bool {
        let catalog = &*self.catalog;
        catalog.tables.contains_key(name)
            || catalog.views.contains_key(name)
            || catalog.sequences.contains_key(name)
            || (catalog.may_have(&name.name) && (self.index_owner(name).is_some() || self.is_key(name)))
            || self.is_identity(name)
    }

    /// The index of a key, which is no entry of its own.
    fn is_key(&self, name: &Name) -> bool {
        self.catalog.tables.values().filter(|t| t.name.schema == name.schema).any(|t| has_key(t, &name.name))
    }

    /// The sequence of an identity column, which is no entry of its own: `<table>_<column>_seq`, cut
    /// where that is too long.
    fn is_identity(&self, name: &Name) -> bool {
        let Some(stem) = name.name.strip_suffix("_seq") else { return false };
        let made = |table: &Table| {
            let is_identity = |c: &&Shared<Column>| matches!(c.auto, Some(AutoValue::Identity { .. }));
            let mut identities = table.columns.iter().filter(is_identity);
            identities.any(|c| object_name(&table.name.name, Some(&c.name), "seq") == name.name)
        };
        if name.name.len() + 4 > POSTGRES_NAME {
            return self.catalog.tables.values().filter(|t| t.name.schema == name.schema).any(|t| made(t));
        }
        let mut tables = stem.match_indices('_').map(|(at, _)| name.with_name(&stem[..at]));
        tables.any(|table| self.catalog.tables.get(&table).is_some_and(|table| made(table)))
    }

    fn is_constraint(&self, name: &Name) -> bool {
        self.catalog.may_have(&name.name)
            && (self
                .catalog
                .tables
                .values()
                .filter(|t| t.name.schema == name.schema)
                .any(|t| has_constraint(t, &name.name))
                || self
                    .catalog
                    .domains
                    .values()
                    .filter(|d| d.name.schema == name.schema)
                    .any(|d| d.checks.iter().any(|c| c.name.as_deref() == Some(name.name.as_str()))))
    }
}

/// Whether a constraint of the table has that name.
fn has_constraint(table: &Table, name: &str) -> bool {
    table.foreign_keys.iter().any(|c| c.name.as_deref() == Some(name))
        || table.checks.iter().any(|c| c.name.as_deref() == Some(name))
        || has_key(table, name)
}

/// Whether a constraint of the table that is kept by an index has that name.
fn has_key(table: &Table, name: &str) -> bool {
    table.primary_key.as_ref().is_some_and(|c| c.name.as_deref() == Some(name))
        || table.uniques.iter().any(|c| c.name.as_deref() == Some(name))
        || table.excludes.iter().any(|c| c.name.as_deref() == Some(name))
}

/// Whether the server would have made that name, with or without a number.
pub(super) fn is_default_name(name: Option<&str>, first: &str, second: Option<&str>, label: &str) -> bool {
    let made = object_name(first, second, label);
    name.is_none_or(|name| name.strip_prefix(made.as_str()).is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit())))
}

/// The columns' names joined for use as the second part of a name.
pub(super) fn joined<'a>(columns: impl IntoIterator<Item = &'a str>) -> String {
    let mut joined = String::new();
    for column in columns {
        if !joined.is_empty() {
            joined.push('_');
        }
        joined.push_str(column);
        if joined.len() > POSTGRES_NAME {
            break;
        }
    }
    joined
}

/// Names of an index's columns made distinct by numbers.
pub(super) fn distinct(columns: Vec<String>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for column in columns {
        let mut name = column.clone();
        let mut number = 0;
        while names.contains(&name) {
            number += 1;
            let suffix = number.to_string();
            name = format!("{}{suffix}", clip(&column, POSTGRES_NAME - suffix.len()));
        }
        names.push(name);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::{distinct, joined, object_name};

    #[test]
    fn long_names_lose_from_the_longer_part() {
        let long = "a".repeat(60);
        assert_eq!(object_name("t", Some("c"), "key"), "t_c_key");
        assert_eq!(object_name(&long, None, "pkey"), format!("{}_pkey", "a".repeat(58)));
        assert_eq!(object_name(&long, Some("column"), "fkey"), format!("{}_column_fkey", "a".repeat(51)));
        assert_eq!(object_name(&long, Some(&long), "key").len(), 63);
    }

    #[test]
    fn columns_are_joined_and_numbered() {
        assert_eq!(joined(["a", "b"]), "a_b");
        assert_eq!(distinct(vec!["expr".into(), "expr".into(), "a".into()]), ["expr", "expr1", "a"]);
    }
}
