//! Partitions: what they take over from the table that they are a part of. A partition's keys and
//! indexes that the parent has too are the parent's.

use super::Replay;
use super::table::inherited;
use crate::catalog::{Column, Expr, ForeignKey, Index, Name, Shared, Unique};

impl Replay<'_> {
    pub(super) fn attach(&mut self, parent: &Name, name: &Name, bounds: Option<Expr>) {
        let Some(whole) = self.catalog.table(parent).cloned() else { return };
        let Some(part) = self.catalog.table_mut(name) else {
            return self.unknown("attaches", "table", name, false);
        };
        part.options.partition_of = Some(parent.clone());
        part.options.partition_bounds = bounds;
        if part.key_columns() == whole.key_columns() {
            part.primary_key = None;
        }
        part.uniques.retain(|u| !whole.uniques.iter().any(|w| same_unique(w, u)));
        part.foreign_keys.retain(|k| !whole.foreign_keys.iter().any(|w| same_key(w, k)));
        part.checks.retain(|c| !whole.checks.contains(c));
        part.indexes.retain(|i| !whole.indexes.iter().any(|w| i.is_like(w)));
        for column in &mut part.columns {
            let nullable = whole.columns.iter().find(|c| c.name == column.name).is_none_or(|c| c.nullable);
            column.nullable &= nullable;
        }
    }

    /// What the parent has becomes the partition's own, under names that the server chose.
    pub(super) fn detach(&mut self, parent: &Name, name: &Name) {
        let Some(whole) = self.catalog.table(parent) else { return };
        let shared = whole.primary_key.is_some()
            || !(whole.uniques.is_empty()
                && whole.foreign_keys.is_empty()
                && whole.checks.is_empty()
                && whole.indexes.is_empty());
        if let Some(part) = self.catalog.table_mut(name) {
            part.options.partition_of = None;
            part.options.partition_bounds = None;
        }
        if shared {
            self.doubt([name.clone()], format!("table {name} keeps keys and indexes of {parent}"));
        }
    }

    /// An index of the whole table takes those of its partitions that are equal to it for its parts (PostgreSQL
    /// manual, CREATE INDEX, Notes).
    pub(super) fn take_over(&mut self, whole: &Name, index: &Index) {
        for partition in self.catalog.partitions(whole) {
            let Some(part) = self.catalog.table_mut(&partition) else { continue };
            match part.indexes.iter().position(|own| own.is_like(index)) {
                Some(at) => drop(part.indexes.remove(at)),
                None => self.take_over(&partition, index),
            }
        }
    }

    /// Changes of a table's columns reach its partitions.
    pub(super) fn partitions_follow(&mut self, table: &Name, before: &[Shared<Column>]) {
        let Some(after) = self.catalog.table(table).map(|t| t.columns.clone()) else { return };
        if after == before {
            return;
        }
        for partition in self.catalog.partitions(table) {
            let Some(own) = self.catalog.table(&partition).map(|t| t.columns.clone()) else { continue };
            for gone in before.iter().filter(|c| !after.iter().any(|a| a.name == c.name)) {
                self.catalog.drop_column(&partition, &gone.name);
            }
            for column in after.iter().filter(|c| !before.contains(c)) {
                let mut new = inherited(column);
                let Some(part) = self.catalog.table_mut(&partition) else { continue };
                match part.columns.iter_mut().find(|c| c.name == column.name) {
                    Some(old) => {
                        new.comment.clone_from(&old.comment);
                        *old = new.into();
                    }
                    None => part.columns.push(new.into()),
                }
            }
            self.partitions_follow(&partition, &own);
        }
    }
}

fn same_unique(a: &Unique, b: &Unique) -> bool {
    a.columns == b.columns && a.nulls_not_distinct == b.nulls_not_distinct
}

fn same_key(a: &ForeignKey, b: &ForeignKey) -> bool {
    ForeignKey { name: b.name.clone(), ..a.clone() } == *b
}
