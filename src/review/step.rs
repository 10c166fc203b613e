//! The statements of a script as the rules see them: what each does, to which table, what that
//! table was before and is after, and whether anybody uses it yet.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::catalog::{Catalog, Column, Name, Shared, Table};
use crate::dialect::Dialect;
use crate::replay::Watch;
use crate::replay::action::{Action, actions};
use crate::sql::{Statement, head, is_long};

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
    /// Whether that table comes with the very release of this revision, so that nobody can have put rows into
    /// it: where nobody knows of releases, a revision of the same day made it.
    pub comes_along: bool,
    /// Whether the one column that it is about was added by such a revision: no release knows it.
    pub is_new_column: bool,
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

/// When a revision was made, as far as its name and the tags of the repository tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Made {
    /// Counted from some day in the past.
    pub(super) day: Option<i64>,
    /// The first release that has it, counted from the first.
    pub(super) release: Option<usize>,
}

impl Made {
    /// Whether what was made then is in use by now: another release has it, or nobody knows of releases,
    /// and it is older than some days.
    fn is_in_use(self, now: Self, young: i64) -> bool {
        let is_of_release = self.release.is_some() && self.release == now.release;
        let is_young = self.day.zip(now.day).is_some_and(|(made, day)| made >= day - young);
        !is_of_release && !is_young
    }

    /// Whether what was made then comes with what is made now.
    fn comes_with(self, now: Self) -> bool {
        match (self.release, now.release) {
            (None, None) => self.day == now.day,
            releases => releases.0 == releases.1,
        }
    }
}

/// Tables, views and columns that are new in what is under review, followed through renames.
#[derive(Debug, Clone, Default)]
pub(super) struct Fresh {
    /// With the time at which each was made.
    names: BTreeMap<Name, Made>,
    /// The same in small letters, for dialects that take no notice of them.
    folded: BTreeMap<String, usize>,
    /// Columns that were added to tables which are old.
    columns: BTreeMap<(Name, String), Made>,
    pub(super) now: Made,
    /// Whether all of them come together.
    pub(super) together: bool,
    /// The time up to which all is forgotten.
    forgotten: Option<Made>,
    /// Those that were dropped and had been there: a rebuild gives their name to its copy.
    gone: BTreeSet<Name>,
}

impl Fresh {
    pub(super) fn has(&self, name: &Name, dialect: Dialect) -> bool {
        self.names.contains_key(name) || (dialect != Dialect::Postgres && self.folded.contains_key(&folded(name)))
    }

    /// Whether a new table comes with the revision that is followed.
    fn comes_along(&self, name: &Name) -> bool {
        let named = self.names.get(name).or_else(|| {
            let name = folded(name);
            self.names.iter().find(|(other, _)| folded(other) == name).map(|(_, made)| made)
        });
        self.together || named.is_none_or(|made| made.comes_with(self.now))
    }

    fn add(&mut self, name: &Name, made: Made) {
        if self.names.insert(name.clone(), made).is_none() {
            *self.folded.entry(folded(name)).or_default() += 1;
        }
    }

    fn remove(&mut self, name: &Name) -> Option<Made> {
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

    /// Forgets what is in use by now.
    pub(super) fn forget_old(&mut self, young: i64) {
        self.gone.clear();
        let now = self.now;
        // Revisions of one day forget the same.
        if now.day.is_some() && self.forgotten == Some(now) {
            return;
        }
        self.forgotten = Some(now);
        let old: Vec<Name> =
            self.names.iter().filter(|(_, made)| made.is_in_use(now, young)).map(|(name, _)| name.clone()).collect();
        for name in &old {
            self.remove(name);
        }
        self.columns.retain(|_, made| !made.is_in_use(now, young));
    }

    fn has_column(&self, table: &Name, column: &str) -> bool {
        // Few tables have any, so that the copy of a name costs nothing that counts.
        !self.columns.is_empty() && self.columns.contains_key(&(table.clone(), column.to_owned()))
    }

    /// What becomes of columns.
    fn take_columns(&mut self, action: &Action) {
        match action {
            Action::AddColumn(new) if !new.tolerant => {
                self.columns.insert((new.table.clone(), new.column.clone()), self.now);
            }
            Action::DropColumn { table, column, .. } => {
                self.columns.remove(&(table.clone(), column.clone()));
            }
            Action::RenameColumn { table, column, to } => {
                if let Some(made) = self.columns.remove(&(table.clone(), column.clone())) {
                    self.columns.insert((table.clone(), to.clone()), made);
                }
            }
            Action::RenameTable { table, to } => {
                let moved: Vec<_> = self.columns.keys().filter(|(of, _)| of == table).cloned().collect();
                for key in moved {
                    if let Some(made) = self.columns.remove(&key) {
                        self.columns.insert((to.clone(), key.1), made);
                    }
                }
            }
            Action::DropTable { table, .. } => self.columns.retain(|(of, _), _| of != table),
            _ => {}
        }
    }

    fn take(&mut self, action: &Action, catalog: &Catalog) {
        self.take_columns(action);
        match action {
            Action::CreateTable { table, temporary, tolerant, .. }
                if *temporary || !*tolerant || catalog.table(table).is_none() =>
            {
                self.add(table, self.now);
            }
            Action::CreateObject { kind, name, .. } if kind.ends_with("view") && catalog.view(name).is_none() => {
                self.add(name, self.now);
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
    /// Of many statements that put rows into one table, those that are like the one before.
    pub(super) alike: usize,
    /// Those that are not kept, since there are so many before them, and where the first stands.
    pub(super) beyond: Option<(usize, usize)>,
    doubts: usize,
    is_kept: bool,
}

/// From so many statements on, those that put rows into one table are not kept one by one.
const MANY: usize = 1_000;

/// No more statements of a script are kept than so many.
const MOST: usize = 20_000;

impl<'a> Steps<'a> {
    pub(super) fn new(file: &str, fresh: &'a mut Fresh) -> Self {
        Self { file: file.into(), fresh, found: Vec::new(), alike: 0, beyond: None, doubts: 0, is_kept: true }
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
        let (mut is_new, mut comes_along, mut is_new_column) = (false, false, false);
        let before = table.and_then(|name| {
            is_new = self.fresh.has(&name, catalog.dialect);
            comes_along = is_new && self.fresh.comes_along(&name);
            is_new_column = action.column().is_some_and(|column| self.fresh.has_column(&name, column));
            catalog.shared_table(&name)
        });
        Act { action, before, after: None, is_new, comes_along, is_new_column }
    }
}

impl Steps<'_> {
    /// Whether one more statement is kept; else it is counted.
    fn keeps(&mut self, acts: &[Act], offset: usize) -> bool {
        let rows = |acts: &[Act]| match acts {
            [Act { action: Action::Insert(rows), .. }] if !rows.from_query => Some(rows.table.clone()),
            _ => None,
        };
        let last = || self.found.last().and_then(|step| rows(&step.acts));
        if self.found.len() >= MANY && rows(acts).is_some_and(|table| last() == Some(table)) {
            self.alike += 1;
            return false;
        }
        if self.found.len() >= MOST {
            let (_, count) = self.beyond.get_or_insert((offset, 0));
            *count += 1;
            return false;
        }
        true
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
        let text = head(statement.text);
        let mut acts: Vec<Act> = Vec::new();
        for action in actions(catalog.dialect, text) {
            let act = self.act(catalog, action);
            self.fresh.take(&act.action, catalog);
            acts.push(act);
        }
        self.is_kept = self.keeps(&acts, statement.offset);
        if !self.is_kept {
            return;
        }
        self.found.push(Step {
            file: Rc::clone(&self.file),
            offset: statement.offset,
            end: statement.offset + statement.text.len(),
            text: text.to_owned(),
            acts,
            unread: is_long(statement.text),
        });
    }

    fn after(&mut self, catalog: &Catalog, _statement: &Statement<'_>) {
        let Some(step) = self.found.last_mut().filter(|_| self.is_kept) else { return };
        for act in &mut step.acts {
            let name = match &act.action {
                Action::RenameTable { to, .. } => Some(to.clone()),
                other => other.table().cloned().or_else(|| act.before.as_ref().map(|table| table.name.clone())),
            };
            let Some(name) = name else { continue };
            act.after = catalog.shared_table(&name);
        }
        let unknown = |act: &Act| matches!(act.action, Action::Opaque { .. } | Action::Other { .. });
        step.unread |= catalog.uncertain.len() > self.doubts || step.acts.iter().any(unknown);
    }
}
