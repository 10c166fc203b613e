//! MySQL: the names of keys and constraints on both sides of a change. What stays keeps the name
//! that it has, whatever the other side calls it; so what comes must not take that name, and the way
//! back must speak of it. Names are no difference to the differ.

use std::collections::BTreeSet;

use super::DIALECT;
use crate::catalog::{Catalog, Check, ForeignKey, Index, Table, Unique, mysql};
use crate::render::table::alter_table;

/// Gives everything in `to` that `from` has, too, the name that it has there, and everything else a
/// name that is free. `from` has the renames done.
pub(super) fn align(from: &Catalog, to: &mut Catalog) {
    for table in to.tables.values_mut() {
        if let Some(before) = from.table(&table.name) {
            align_table(before, table);
        }
    }
}

fn align_table(before: &Table, table: &mut Table) {
    // The index that the server makes for a foreign key has its name, so no other index may.
    let of_keys: Vec<ForeignKey> = before.foreign_keys.iter().chain(&table.foreign_keys).cloned().collect();
    let is_of_key = |key: &Key, name: &str| {
        of_keys.iter().any(|of| DIALECT.same_name(&of.name(), name) && !key.columns().eq(&of.columns))
    };
    let own = keys_of(table);
    let aligned = named(&keys_of(before), own.clone(), numbered, is_of_key);
    let implied = own.iter().zip(&aligned).filter(|(key, _)| table.implied_indexes.contains(&key.name()));
    table.implied_indexes = implied.map(|(_, aligned)| aligned.name()).collect();
    let keys: Vec<ForeignKey> = std::mem::take(&mut table.foreign_keys);
    let mut number = mysql::highest_foreign_key(before).max(keys.len());
    let next = |_: &str, _| {
        number += 1;
        mysql::foreign_key_name(before, number)
    };
    let comes = |key: &&ForeignKey| !before.foreign_keys.iter().any(|old| old.same(key));
    let coming: Vec<Vec<String>> = keys.iter().filter(comes).map(|key| key.columns.clone()).collect();
    let is_of_other = |key: &ForeignKey, name: &str| {
        // Made for another foreign key, an index gives way to a new one's own.
        let stays = |index: &Key| !before.implied_indexes.contains(&index.name());
        let replaced = |index: &Key| !stays(index) && coming.iter().any(|columns| index.columns().eq(columns));
        let serves = |index: &Key| key.columns.iter().map(String::as_str).eq(index.columns().take(key.columns.len()));
        let is_other = |index: &Key| DIALECT.same_name(&index.name(), name) && !index.columns().eq(&key.columns);
        aligned.iter().any(|index| is_other(index) && !replaced(index))
            && !aligned.iter().any(|index| stays(index) && serves(index))
    };
    table.foreign_keys = named(&before.foreign_keys, keys, next, is_of_other);
    let checks: Vec<Check> = std::mem::take(&mut table.checks);
    table.checks = named(&before.checks, checks, numbered, |_, _| false);
    (table.uniques, table.indexes) = (Vec::new(), Vec::new());
    for key in aligned {
        match key {
            Key::Unique(unique) => table.uniques.push(unique),
            Key::Index(index) => table.indexes.push(index),
        }
    }
}

/// Unique keys and indexes share their names.
fn keys_of(table: &Table) -> Vec<Key> {
    let uniques = table.uniques.iter().cloned().map(Key::Unique);
    uniques.chain(table.indexes.iter().cloned().map(Key::Index)).collect()
}

/// Gives indexes that the server called otherwise the names that they had: one made for a foreign key
/// goes, name and all, when another foreign key brings its own.
pub(super) fn restored_names(before: &Catalog, left: &Catalog) -> Vec<String> {
    let mut statements = Vec::new();
    for (table, left) in before.tables.values().filter_map(|table| Some((table, left.table(&table.name)?))) {
        let found = keys_of(left);
        let wanted = named(&keys_of(table), found.clone(), numbered, |_, _| false);
        let renamed = found.iter().map(Named::name).zip(wanted.iter().map(Named::name)).filter(|(is, was)| is != was);
        let clauses: Vec<String> = renamed
            .map(|(is, was)| format!("RENAME INDEX {} TO {}", DIALECT.quote(&is), DIALECT.quote(&was)))
            .collect();
        if !clauses.is_empty() {
            statements.push(alter_table(&table.name, &clauses, DIALECT));
        }
    }
    statements
}

/// The name with a number, as the server numbers names that are taken.
fn numbered(name: &str, number: usize) -> String {
    format!("{name}_{}", number + 1)
}

/// What has a name that does not count when it is compared.
trait Named: Clone {
    fn name(&self) -> String;
    fn set_name(&mut self, name: String);
    fn same(&self, other: &Self) -> bool;
}

/// The new elements by the names of the old ones that they equal, or by free ones. Of several that are
/// equal, each keeps its own name where it can. `reserved` are names that a new one may not have.
fn named<T: Named>(
    before: &[T],
    after: Vec<T>,
    mut fresh: impl FnMut(&str, usize) -> String,
    reserved: impl Fn(&T, &str) -> bool,
) -> Vec<T> {
    let mut used = vec![false; before.len()];
    let mut take = |one: &T, by_name: bool| {
        let same = |old: &T| old.same(one) && (!by_name || DIALECT.same_name(&old.name(), &one.name()));
        let at = (0..before.len()).find(|at| !used[*at] && same(&before[*at]))?;
        used[at] = true;
        Some(before[at].name())
    };
    let mut kept: Vec<Option<String>> = after.iter().map(|one| take(one, true)).collect();
    for (one, kept) in after.iter().zip(&mut kept).filter(|(_, kept)| kept.is_none()) {
        *kept = take(one, false);
    }
    let mut taken: BTreeSet<String> = kept.iter().flatten().map(|name| name.to_lowercase()).collect();
    let name = |(mut one, kept): (T, Option<String>)| {
        let is_new = kept.is_none();
        let wanted = kept.unwrap_or_else(|| one.name());
        let mut name = wanted.clone();
        let mut number = 0;
        while is_new && (reserved(&one, &name) || !taken.insert(name.to_lowercase())) {
            number += 1;
            name = fresh(&wanted, number);
        }
        one.set_name(name);
        one
    };
    after.into_iter().zip(kept).map(name).collect()
}

#[derive(Clone)]
enum Key {
    Unique(Unique),
    Index(Index),
}

impl Key {
    fn columns(&self) -> impl Iterator<Item = &str> {
        let (unique, index) = match self {
            Self::Unique(unique) => (Some(unique), None),
            Self::Index(index) => (None, Some(index)),
        };
        let of_unique = unique.into_iter().flat_map(|unique| unique.columns.iter().map(String::as_str));
        of_unique.chain(index.into_iter().flat_map(Index::columns))
    }
}

impl Named for Key {
    fn name(&self) -> String {
        match self {
            Self::Unique(unique) => unique.name.clone().unwrap_or_default(),
            Self::Index(index) => index.name.clone(),
        }
    }

    fn set_name(&mut self, name: String) {
        match self {
            Self::Unique(unique) => unique.name = Some(name),
            Self::Index(index) => index.name = name,
        }
    }

    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Unique(a), Self::Unique(b)) => Unique { name: b.name.clone(), ..a.clone() } == *b,
            (Self::Index(a), Self::Index(b)) => Index { name: b.name.clone(), ..a.clone() } == *b,
            _ => false,
        }
    }
}

impl Named for ForeignKey {
    fn name(&self) -> String {
        self.name.clone().unwrap_or_default()
    }

    fn set_name(&mut self, name: String) {
        self.name = Some(name);
    }

    fn same(&self, other: &Self) -> bool {
        Self { name: other.name.clone(), ..self.clone() } == *other
    }
}

impl Named for Check {
    fn name(&self) -> String {
        self.name.clone().unwrap_or_default()
    }

    fn set_name(&mut self, name: String) {
        self.name = Some(name);
    }

    fn same(&self, other: &Self) -> bool {
        self.expr == other.expr
    }
}
