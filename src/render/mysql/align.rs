//! MySQL: the names of keys and constraints on both sides of a change. What stays keeps the name
//! that it has, whatever the other side calls it; so what comes must not take that name, and the way
//! back must speak of it. Names are no difference to the differ.

use std::collections::BTreeSet;

use crate::catalog::{Catalog, Check, ForeignKey, Index, Table, Unique, mysql};

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
    let keys: Vec<ForeignKey> = std::mem::take(&mut table.foreign_keys);
    let mut number = mysql::highest_foreign_key(before).max(keys.len());
    table.foreign_keys = named(&before.foreign_keys, keys, |_, _| {
        number += 1;
        mysql::foreign_key_name(before, number)
    });
    let checks: Vec<Check> = std::mem::take(&mut table.checks);
    table.checks = named(&before.checks, checks, numbered);
    // Unique keys and indexes share their names.
    let new = |unique: &Unique| Key::Unique(unique.clone());
    let keys_of = |t: &Table| -> Vec<Key> {
        t.uniques.iter().map(new).chain(t.indexes.iter().cloned().map(Key::Index)).collect()
    };
    let aligned = named(&keys_of(before), keys_of(table), numbered);
    (table.uniques, table.indexes) = (Vec::new(), Vec::new());
    for key in aligned {
        match key {
            Key::Unique(unique) => table.uniques.push(unique),
            Key::Index(index) => table.indexes.push(index),
        }
    }
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

/// The new elements by the names of the old ones that they equal, or by free ones.
fn named<T: Named>(before: &[T], after: Vec<T>, mut fresh: impl FnMut(&str, usize) -> String) -> Vec<T> {
    let mut used = vec![false; before.len()];
    let mut take = |one: &T| {
        let at = (0..before.len()).find(|at| !used[*at] && before[*at].same(one))?;
        used[at] = true;
        Some(before[at].name())
    };
    let kept: Vec<Option<String>> = after.iter().map(&mut take).collect();
    let mut taken: BTreeSet<String> = kept.iter().flatten().map(|name| name.to_lowercase()).collect();
    let name = |(mut one, kept): (T, Option<String>)| {
        let is_new = kept.is_none();
        let wanted = kept.unwrap_or_else(|| one.name());
        let mut name = wanted.clone();
        let mut number = 0;
        while is_new && !taken.insert(name.to_lowercase()) {
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
