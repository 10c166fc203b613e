//! Which names a catalog's indexes and constraints may have: more than they do, never fewer. A new
//! name that is not among them is free without a look at every table.

use std::cell::RefCell;
use std::collections::HashSet;

use super::{Catalog, Table};

/// Words in small letters; `None` until somebody asks. It is no part of the schema.
#[derive(Debug, Clone, Default)]
pub struct Said(RefCell<Option<HashSet<Box<str>>>>);

impl PartialEq for Said {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Said {}

/// Stands among the names where a table is a partition.
pub(crate) const PARTITION: &str = "partition";

impl Catalog {
    /// Whether an index or a constraint may have that name. Where something else than statements that
    /// [`Self::heard`] was told of has changed the catalog since the first question, nobody knows.
    pub(crate) fn may_have(&self, name: &str) -> bool {
        let mut words = self.said.0.borrow_mut();
        !is_plain(name) || words.get_or_insert_with(|| self.names()).contains(name)
    }

    /// Takes note of a statement that was followed, or of a name that was made.
    pub(crate) fn heard(&self, text: &str) {
        if let Some(words) = self.said.0.borrow_mut().as_mut() {
            let lower = text.to_ascii_lowercase();
            let spoken = lower.split(|c: char| !is_plain_char(c)).filter(|word| !word.is_empty());
            for word in spoken {
                if !words.contains(word) {
                    words.insert(word.into());
                }
            }
        }
    }

    fn names(&self) -> HashSet<Box<str>> {
        let of_tables = self.tables.values().flat_map(|table| names_of(table));
        let of_views = self.views.values().flat_map(|view| view.indexes.iter().map(|index| index.name.as_str()));
        let of_domains =
            self.domains.values().flat_map(|domain| domain.checks.iter().filter_map(|c| c.name.as_deref()));
        let parts = self.tables.values().filter(|table| table.options.partition_of.is_some()).map(|_| PARTITION);
        of_tables.chain(of_views).chain(of_domains).chain(parts).map(Into::into).collect()
    }
}

fn names_of(table: &Table) -> impl Iterator<Item = &str> {
    let named = table.primary_key.iter().map(|c| &c.name);
    let named = named.chain(table.uniques.iter().map(|c| &c.name)).chain(table.excludes.iter().map(|c| &c.name));
    let named = named.chain(table.foreign_keys.iter().map(|c| &c.name)).chain(table.checks.iter().map(|c| &c.name));
    named.filter_map(Option::as_deref).chain(table.indexes.iter().map(|index| index.name.as_str()))
}

fn is_plain(name: &str) -> bool {
    name.chars().all(is_plain_char)
}

fn is_plain_char(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'
}
