//! The statements of a script as the rules see them: what each does, to which table, what that
//! table was before and is after, and whether anybody uses it yet.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::catalog::{Catalog, Column, Name, Shared, Table};
use crate::dialect::Dialect;
use crate::replay::Watch;
use crate::replay::action::{Action, actions};
use crate::sql::Statement;

/// A statement.
#[derive(Debug, Clone)]
pub struct Step {
    pub file: Rc<str>,
    /// Where it begins and ends in the file, in bytes.
    pub offset: usize,
    pub end: usize,
    /// Without comments before it and without its semicolon.
    pub text: String,
    pub acts: Vec<Act>,
    /// Whether the replay could not follow it.
    pub unread: bool,
}

/// One thing that a statement does.
#[derive(Debug, Clone)]
pub struct Act {
    pub action: Action,
    /// The table that it is about, before the statement; `None` where no revision made one.
    pub before: Option<Shared<Table>>,
    /// The same table after the whole statement, under its new name.
    pub after: Option<Shared<Table>>,
    /// Whether that table (or view) is made by revisions that nobody has applied yet: no reader
    /// waits for its locks, and it has no rows.
    pub is_new: bool,
}

impl Act {
    /// A column of the table before the statement.
    pub fn column_before(&self, name: &str, dialect: Dialect) -> Option<&Column> {
        self.before.as_ref()?.column(name, dialect)
    }

    /// A column of the table after the statement.
    pub fn column_after(&self, name: &str, dialect: Dialect) -> Option<&Column> {
        self.after.as_ref()?.column(name, dialect)
    }
}

impl Step {
    /// Whether all the words stand in its text as whole words, in any letter case.
    pub fn has_words(&self, words: &[&str]) -> bool {
        has_words(&self.text, words)
    }
}

/// Whether all the words stand in a text as whole words, in any letter case.
pub(super) fn has_words(text: &str, words: &[&str]) -> bool {
    let text = text.to_lowercase();
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    words.iter().all(|word| {
        let word = word.to_lowercase();
        text.match_indices(&word)
            .any(|(at, _)| !text[..at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part))
    })
}

/// Tables and views that are new in what is under review, followed through renames.
#[derive(Debug, Clone, Default)]
pub(super) struct Fresh {
    /// With the day on which each was made, where that is known.
    names: BTreeMap<Name, Option<i64>>,
    /// The same in small letters, for dialects that take no notice of them.
    folded: BTreeMap<String, usize>,
    pub(super) today: Option<i64>,
    /// The day before which all is forgotten.
    forgotten: Option<i64>,
    /// Those that were dropped and had been there: a rebuild gives their name to its copy.
    gone: BTreeSet<Name>,
}

impl Fresh {
    pub(super) fn has(&self, name: &Name, dialect: Dialect) -> bool {
        self.names.contains_key(name) || (dialect != Dialect::Postgres && self.folded.contains_key(&folded(name)))
    }

    fn add(&mut self, name: &Name, made: Option<i64>) {
        if self.names.insert(name.clone(), made).is_none() {
            *self.folded.entry(folded(name)).or_default() += 1;
        }
    }

    fn remove(&mut self, name: &Name) -> Option<Option<i64>> {
        let made = self.names.remove(name)?;
        self.forget_folded(name);
        Some(made)
    }

    fn forget_folded(&mut self, name: &Name) {
        if let std::collections::btree_map::Entry::Occupied(mut count) = self.folded.entry(folded(name)) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }

    /// Forgets what was made before a day, or on a day that is not known.
    pub(super) fn forget_before(&mut self, day: Option<i64>) {
        self.gone.clear();
        // Revisions of one day forget the same.
        if day.is_some() && self.forgotten == day {
            return;
        }
        self.forgotten = day;
        let is_old = |made: Option<i64>| made.zip(day).is_none_or(|(made, day)| made < day);
        let old: Vec<Name> = self.names.iter().filter(|(_, made)| is_old(**made)).map(|(n, _)| n.clone()).collect();
        for name in &old {
            self.remove(name);
        }
    }

    fn take(&mut self, action: &Action, catalog: &Catalog) {
        match action {
            Action::CreateTable { table, temporary, tolerant, .. }
                if *temporary || !*tolerant || catalog.table(table).is_none() =>
            {
                self.add(table, self.today);
            }
            Action::CreateObject { kind, name, .. } if kind.ends_with("view") && catalog.view(name).is_none() => {
                self.add(name, self.today);
            }
            Action::RenameTable { table, to } => {
                if let Some(made) = self.remove(table).filter(|_| !self.gone.contains(to)) {
                    self.add(to, made);
                }
            }
            Action::DropTable { table, .. } if self.remove(table).is_none() => {
                self.gone.insert(table.clone());
            }
            _ => {}
        }
    }
}

fn folded(name: &Name) -> String {
    name.to_string().to_ascii_lowercase()
}

/// Notes the steps of a script while it is replayed.
pub(super) struct Steps<'a> {
    pub(super) file: Rc<str>,
    pub(super) fresh: &'a mut Fresh,
    pub(super) found: Vec<Step>,
    doubts: usize,
}

impl<'a> Steps<'a> {
    pub(super) fn new(file: &str, fresh: &'a mut Fresh) -> Self {
        Self { file: file.into(), fresh, found: Vec::new(), doubts: 0 }
    }

    fn act(&self, catalog: &Catalog, action: Action) -> Act {
        let table = match &action {
            Action::DropIndex { index, table: None, .. }
            | Action::RenameIndex { index, .. }
            | Action::AlterIndex { index, .. } => index_owner(catalog, index),
            Action::Reindex { what, name: Some(index), .. } if what == "index" => index_owner(catalog, index),
            Action::Reindex { what, name, .. } if what == "table" => name.clone(),
            Action::RefreshView { view, .. } => Some(view.clone()),
            other => other.table().cloned(),
        };
        let Some(name) = table else { return Act { action, before: None, after: None, is_new: false } };
        Act { action, before: catalog.shared_table(&name), after: None, is_new: self.fresh.has(&name, catalog.dialect) }
    }
}

/// The table or materialized view that an index stands on.
fn index_owner(catalog: &Catalog, index: &Name) -> Option<Name> {
    let is_it = |table: &&Shared<Table>| {
        let dialect = catalog.dialect;
        table.indexes.iter().any(|i| dialect.same_name(&i.name, &index.name))
            && (index.schema.is_none() || index.schema == table.name.schema)
    };
    let view = || catalog.views.values().find(|v| v.indexes.iter().any(|i| i.name == index.name));
    match catalog.tables.values().find(is_it) {
        Some(table) => Some(table.name.clone()),
        None => view().map(|view| view.name.clone()),
    }
}

impl Watch for Steps<'_> {
    fn before(&mut self, catalog: &Catalog, statement: &Statement<'_>) {
        self.doubts = catalog.uncertain.len();
        let mut acts: Vec<Act> = Vec::new();
        for action in actions(catalog.dialect, statement.text) {
            let act = self.act(catalog, action);
            self.fresh.take(&act.action, catalog);
            acts.push(act);
        }
        self.found.push(Step {
            file: Rc::clone(&self.file),
            offset: statement.offset,
            end: statement.offset + statement.text.len(),
            text: statement.text.to_owned(),
            acts,
            unread: false,
        });
    }

    fn after(&mut self, catalog: &Catalog, _statement: &Statement<'_>) {
        let Some(step) = self.found.last_mut() else { return };
        for act in &mut step.acts {
            let name = match &act.action {
                Action::RenameTable { to, .. } => Some(to.clone()),
                other => other.table().cloned().or_else(|| act.before.as_ref().map(|table| table.name.clone())),
            };
            let Some(name) = name else { continue };
            act.after = catalog.shared_table(&name);
        }
        let unknown = |act: &Act| matches!(act.action, Action::Opaque { .. } | Action::Other { .. });
        step.unread = catalog.uncertain.len() > self.doubts || step.acts.iter().any(unknown);
    }
}
