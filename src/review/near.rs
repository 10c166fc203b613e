//! The part of a schema that some scripts speak of: small enough to be copied for every revision of
//! a long chain, large enough that replaying the scripts on it gives what it gives on the whole.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::step::Step;
use crate::catalog::{AutoValue, Catalog, Name, View};

/// Which tables have to do with a name: those of that name, with an index of it, that reference it,
/// are a part of it, call it or have a column of that type. It only grows along a chain, so that no
/// revision looks at every table again; what it knows too much does no harm.
#[derive(Default)]
pub(super) struct Reach {
    tables: HashMap<String, BTreeSet<Name>>,
    /// Names of several words or with capitals.
    odd: BTreeSet<(String, Name)>,
}

impl Reach {
    /// What the tables of a catalog have to do with, as far as those of the catalog before it had not.
    pub(super) fn learn(&mut self, before: &Catalog, catalog: &Catalog) {
        for (name, table) in &catalog.tables {
            let known = before.tables.get(name);
            if known.is_some_and(|known| known.is_one_with(table)) {
                continue;
            }
            self.note(&name.name, name);
            table.indexes.iter().for_each(|index| self.note(&index.name, name));
            table.foreign_keys.iter().for_each(|key| self.note(&key.references.name, name));
            table.options.partition_of.iter().for_each(|parent| self.note(&parent.name, name));
            let functions = table.triggers.iter().filter_map(|trigger| trigger.function.as_ref());
            functions.for_each(|function| self.note(&function.name, name));
            let new = &table.columns[known.map_or(0, |known| known.columns_alike(table))..];
            let own = new.iter().filter(|column| !column.ty.is_builtin());
            own.for_each(|column| self.note(column.ty.base.rsplit('.').next().unwrap_or_default(), name));
        }
    }

    fn note(&mut self, word: &str, table: &Name) {
        if !is_plain(word) {
            self.odd.insert((word.to_owned(), table.clone()));
        } else if let Some(tables) = self.tables.get_mut(word) {
            tables.insert(table.clone());
        } else {
            self.tables.insert(word.to_owned(), BTreeSet::from([table.clone()]));
        }
    }

    fn tables(&self, words: &Words<'_>) -> BTreeSet<Name> {
        let plain = words.0.iter().filter_map(|word| self.tables.get(*word)).flatten();
        let odd = self.odd.iter().filter(|(name, _)| is_said(name, words)).map(|(_, table)| table);
        plain.chain(odd).cloned().collect()
    }
}

/// The objects of two catalogs, before and after the steps, that the texts may change or look at:
/// whatever concerns them in the one is in the part of the other as well.
pub(super) fn near(
    reach: &Reach,
    before: &Catalog,
    after: &Catalog,
    steps: &[Step],
    texts: &[&str],
) -> (Catalog, Catalog) {
    let texts: Vec<String> = texts.iter().map(|text| text.to_lowercase()).collect();
    let words = Words::of(&texts);
    // What these reach is not in their words.
    if FAR.iter().any(|word| words.has(word)) {
        return (before.clone(), after.clone());
    }
    let mut chosen = Chosen { tables: reach.tables(&words), ..Chosen::default() };
    let new = steps.iter().flat_map(|step| &step.acts).filter_map(|act| act.after.as_ref());
    chosen.tables.extend(new.map(|table| table.name.clone()));
    chosen.add(before, &words);
    chosen.add(after, &words);
    (chosen.part(before), chosen.part(after))
}

/// What a revision may have changed: enough to bring the catalog before it to where the one after it is,
/// without a copy of either.
pub(super) struct Touched {
    tables: BTreeSet<Name>,
    views: BTreeSet<Name>,
    functions: BTreeSet<Name>,
    sequences: BTreeSet<Name>,
}

impl Touched {
    /// By the parts of both.
    pub(super) fn of(before: &Catalog, after: &Catalog) -> Self {
        Self {
            tables: before.tables.keys().chain(after.tables.keys()).cloned().collect(),
            views: before.views.keys().chain(after.views.keys()).cloned().collect(),
            functions: before.functions.keys().chain(after.functions.keys()).cloned().collect(),
            sequences: before.sequences.keys().chain(after.sequences.keys()).cloned().collect(),
        }
    }

    /// Takes over from `after` what may be new.
    pub(super) fn carry(&self, before: &mut Catalog, after: &Catalog) {
        take_over(&mut before.tables, &after.tables, &self.tables);
        take_over(&mut before.views, &after.views, &self.views);
        take_over(&mut before.functions, &after.functions, &self.functions);
        take_over(&mut before.sequences, &after.sequences, &self.sequences);
        before.schemas.clone_from(&after.schemas);
        before.extensions.clone_from(&after.extensions);
        before.enums.clone_from(&after.enums);
        before.domains.clone_from(&after.domains);
        before.comments.clone_from(&after.comments);
        before.uncertain.clone_from(&after.uncertain);
        debug_assert!(*before == *after, "more was changed than the revision's texts speak of");
    }
}

fn take_over<T: Clone>(all: &mut BTreeMap<Name, T>, from: &BTreeMap<Name, T>, names: &BTreeSet<Name>) {
    for name in names {
        match from.get(name) {
            Some(value) => drop(all.insert(name.clone(), value.clone())),
            None => drop(all.remove(name)),
        }
    }
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
    fn add(&mut self, catalog: &Catalog, words: &Words<'_>) {
        let said = |name: &str| is_said(name, words);
        let named = |name: &Name| said(&name.name);
        let views = |view: &View| {
            named(&view.name) || view.depends_on.iter().any(named) || view.indexes.iter().any(|i| said(&i.name))
        };
        self.views.extend(catalog.views.iter().filter(|(_, view)| views(view)).map(|(name, _)| name.clone()));
        self.functions.extend(catalog.functions.keys().filter(|name| named(name)).cloned());
        let columns = self.tables.iter().filter_map(|name| catalog.tables.get(name)).flat_map(|table| &table.columns);
        self.sequences.extend(columns.filter_map(|column| match &column.auto {
            Some(AutoValue::Serial { sequence }) => Some(sequence.clone()),
            _ => None,
        }));
        self.sequences.extend(catalog.sequences.keys().filter(|name| named(name)).cloned());
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
fn is_said(name: &str, said: &Words<'_>) -> bool {
    // Nearly every name is one word in small letters.
    if said.has(name) {
        return true;
    }
    if is_plain(name) {
        return false;
    }
    let name = name.split('(').next().unwrap_or_default().to_lowercase();
    words(&name).all(|word| said.has(word))
}

/// What some texts say, sorted.
struct Words<'a>(Vec<&'a str>);

impl<'a> Words<'a> {
    fn of(texts: &'a [String]) -> Self {
        let mut said: Vec<&str> = texts.iter().flat_map(|text| words(text)).collect();
        said.sort_unstable();
        said.dedup();
        Self(said)
    }

    fn has(&self, word: &str) -> bool {
        self.0.binary_search(&word).is_ok()
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// Whether a name is one word in small letters.
fn is_plain(name: &str) -> bool {
    name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b.is_ascii_digit())
}
