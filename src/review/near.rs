//! The part of a schema that some scripts speak of: small enough to be copied for every revision of
//! a long chain, large enough that replaying the scripts on it gives what it gives on the whole.

use std::collections::HashSet;

use crate::catalog::{Catalog, Name, Table};

/// The objects of a catalog that the texts may change or look at.
pub(super) fn near(catalog: &Catalog, texts: &[&str]) -> Catalog {
    let texts: Vec<String> = texts.iter().map(|text| text.to_lowercase()).collect();
    let words: HashSet<&str> = texts.iter().flat_map(|text| words(text)).collect();
    // What these reach is not in their words.
    if ["cascade", "schema", "owned", "search_path", "extension", "do", "execute", "prepare", "call"]
        .iter()
        .any(|word| words.contains(word))
    {
        return catalog.clone();
    }
    let said = |name: &str| {
        // Nearly every name is one word in small letters.
        if words.contains(name) {
            return true;
        }
        if name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b.is_ascii_digit()) {
            return false;
        }
        let name = name.split('(').next().unwrap_or_default().to_lowercase();
        self::words(&name).all(|word| words.contains(word))
    };
    let named = |name: &Name| said(&name.name);
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
    let tables = catalog.tables.iter().filter(|(_, table)| wanted(table));
    part.tables = tables.map(|(name, table)| (name.clone(), table.clone())).collect();
    let views = catalog.views.iter().filter(|(name, view)| {
        named(name) || view.depends_on.iter().any(named) || view.indexes.iter().any(|i| said(&i.name))
    });
    part.views = views.map(|(name, view)| (name.clone(), view.clone())).collect();
    let functions = catalog.functions.iter().filter(|(name, _)| named(name));
    part.functions = functions.map(|(name, function)| (name.clone(), function.clone())).collect();
    let sequences = catalog.sequences.iter().filter(|(name, sequence)| {
        named(name) || sequence.owned_by.as_ref().is_some_and(|(table, _)| part.tables.contains_key(table))
    });
    part.sequences = sequences.map(|(name, sequence)| (name.clone(), sequence.clone())).collect();
    // The replay takes away comments on what is not there.
    part.prune_comments();
    part
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}
