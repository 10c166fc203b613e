//! The part of a schema that some scripts speak of: small enough to be copied for every revision of
//! a long chain, large enough that replaying the scripts on it gives what it gives on the whole.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::catalog::{Catalog, Name, Table, View};

/// The objects of two catalogs, before and after, that the texts may change or look at: whatever
/// concerns them in the one is in the part of the other as well.
pub(super) fn near(before: &Catalog, after: &Catalog, texts: &[&str]) -> (Catalog, Catalog) {
    let texts: Vec<String> = texts.iter().map(|text| text.to_lowercase()).collect();
    let words: HashSet<&str> = texts.iter().flat_map(|text| words(text)).collect();
    // What these reach is not in their words.
    if FAR.iter().any(|word| words.contains(word)) {
        return (before.clone(), after.clone());
    }
    let mut chosen = Chosen::default();
    chosen.add(before, &words);
    chosen.add(after, &words);
    (chosen.part(before), chosen.part(after))
}

const FAR: [&str; 9] = ["cascade", "schema", "owned", "search_path", "extension", "do", "execute", "prepare", "call"];

/// The names of what is near.
#[derive(Default)]
struct Chosen {
    tables: BTreeSet<Name>,
    views: BTreeSet<Name>,
    functions: BTreeSet<Name>,
    sequences: BTreeSet<Name>,
}

impl Chosen {
    fn add(&mut self, catalog: &Catalog, words: &HashSet<&str>) {
        let said = |name: &str| is_said(name, words);
        let named = |name: &Name| said(&name.name);
        let types: HashSet<String> = catalog
            .enums
            .keys()
            .chain(catalog.domains.keys())
            .filter(|name| named(name))
            .map(ToString::to_string)
            .collect();
        let wanted = |table: &Table| {
            named(&table.name)
                || table.indexes.iter().any(|index| said(&index.name))
                || table.foreign_keys.iter().any(|key| named(&key.references))
                || table.options.partition_of.as_ref().is_some_and(named)
                || table.triggers.iter().any(|trigger| trigger.function.as_ref().is_some_and(named))
                || !types.is_empty() && table.columns.iter().any(|column| types.contains(&column.ty.base))
        };
        let views = |view: &View| {
            named(&view.name) || view.depends_on.iter().any(named) || view.indexes.iter().any(|i| said(&i.name))
        };
        self.tables.extend(catalog.tables.iter().filter(|(_, table)| wanted(table)).map(|(name, _)| name.clone()));
        self.views.extend(catalog.views.iter().filter(|(_, view)| views(view)).map(|(name, _)| name.clone()));
        self.functions.extend(catalog.functions.keys().filter(|name| named(name)).cloned());
        let sequences = catalog.sequences.iter().filter(|(name, sequence)| {
            named(name) || sequence.owned_by.as_ref().is_some_and(|(table, _)| self.tables.contains(table))
        });
        self.sequences.extend(sequences.map(|(name, _)| name.clone()));
    }

    fn part(&self, catalog: &Catalog) -> Catalog {
        let mut part = Catalog {
            schemas: catalog.schemas.clone(),
            extensions: catalog.extensions.clone(),
            uncertain: catalog.uncertain.clone(),
            comments: catalog.comments.clone(),
            // Types are few and everywhere.
            enums: catalog.enums.clone(),
            domains: catalog.domains.clone(),
            ..Catalog::empty(catalog.dialect)
        };
        part.tables = these(&catalog.tables, &self.tables);
        part.views = these(&catalog.views, &self.views);
        part.functions = these(&catalog.functions, &self.functions);
        part.sequences = these(&catalog.sequences, &self.sequences);
        // The replay takes away comments on what is not there.
        part.prune_comments();
        part
    }
}

fn these<T: Clone>(all: &BTreeMap<Name, T>, names: &BTreeSet<Name>) -> BTreeMap<Name, T> {
    names.iter().filter_map(|name| Some((name.clone(), all.get(name)?.clone()))).collect()
}

/// Whether all words of a name are said; that of a function has its arguments behind it.
fn is_said(name: &str, said: &HashSet<&str>) -> bool {
    // Nearly every name is one word in small letters.
    if said.contains(name) {
        return true;
    }
    if name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b.is_ascii_digit()) {
        return false;
    }
    let name = name.split('(').next().unwrap_or_default().to_lowercase();
    words(&name).all(|word| said.contains(word))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}
