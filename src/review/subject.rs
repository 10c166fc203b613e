//! What a rule looks at.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use super::few;
use super::lock::{Lock, LockMode, Work};
use super::past::Past;
use super::rows::Rows;
use super::rule::Report;
use super::step::{Act, Step, has_words};
use super::taken::{self, lock_of};
use crate::catalog::{Catalog, Column, Function, Index, Name, Table};
use crate::chain::{Chain, Content, Revision, Script};
use crate::dialect::Dialect;
use crate::error::Error;
use crate::models::Models;
use crate::operation::Operation;
use crate::place::line_at;
use crate::replay::action::{Action, NewConstraint};
use crate::tree::Tree;

/// What is the same for every revision of a chain under review.
pub struct World<'a> {
    pub chain: &'a Chain,
    pub dialect: Dialect,
    /// The models of the tree under review, where they can be read.
    pub models: Option<&'a Models>,
    /// The schema after the whole chain, where it can be told.
    pub last: Option<&'a Catalog>,
    /// PostgreSQL's major version; `None`: any that is supported.
    pub server_version: Option<u32>,
    /// The chains of the same project for other databases.
    pub siblings: &'a [Sibling],
    /// The directories that the base branch has, where there is one.
    pub released: Option<&'a BTreeSet<String>>,
    /// Those of them whose up.sql is another one here.
    pub edited: &'a BTreeSet<String>,
    /// Columns that every new table has to have.
    pub required_columns: &'a [String],
    /// What every new name has to look like, where somebody says so.
    pub name_pattern: Option<&'a regex::Regex>,
    /// As in [`super::Review::unreleased`].
    pub unreleased: bool,
    /// How many rows tables have, and up to how many a table is small.
    pub rows: Option<(&'a Rows, u64)>,
}

/// A chain of the same project for another database.
pub struct Sibling {
    pub chain: Chain,
    /// The schema after it, where that is wanted and can be told.
    pub last: Option<Catalog>,
}

/// A script that was followed.
pub struct Way<'a> {
    pub script: &'a Script,
    pub steps: Vec<Step>,
    /// How many more statements there are that put rows into a table like the one before.
    pub alike: usize,
    /// Where the first stands of those that nobody looks at, since there are so many before them, and how
    /// many these are.
    pub beyond: Option<(usize, usize)>,
    /// What does not parse in it.
    pub errors: Vec<Error>,
}

/// The text of `metadata.toml`, read when somebody asks: few do, and opening files is most of what a
/// review of a long chain costs.
pub struct Metadata<'a> {
    tree: &'a dyn Tree,
    file: &'a str,
    text: OnceCell<Option<String>>,
}

impl<'a> Metadata<'a> {
    /// That file of a tree.
    pub fn new(tree: &'a dyn Tree, file: &'a str) -> Self {
        Self { tree, file, text: OnceCell::new() }
    }

    /// What it says; `None` where there is no such file.
    pub fn text(&self) -> Option<&str> {
        let read = || self.tree.read(self.file).ok().flatten();
        let text = self.text.get_or_init(|| read().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()));
        text.as_deref()
    }

    /// The text where somebody asked for it.
    pub fn known(&self) -> Option<&str> {
        self.text.get().and_then(Option::as_deref)
    }
}

/// A revision with all that the rules look at.
pub struct Subject<'a> {
    pub world: &'a World<'a>,
    pub revision: &'a Revision,
    pub up: &'a Way<'a>,
    pub down: &'a Way<'a>,
    /// The path and text of metadata.toml; no text where there is none.
    pub metadata_file: &'a str,
    pub metadata: Metadata<'a>,
    /// The whole schema before and after `up.sql`.
    pub before: &'a Catalog,
    pub after: &'a Catalog,
    /// The part of them that the two scripts speak of, and what `down.sql` makes of it.
    pub near_before: &'a Catalog,
    pub near_after: &'a Catalog,
    pub near_back: &'a Catalog,
    /// What up.sql comes to, in sum.
    pub operations: &'a [Operation],
    pub(super) past: &'a Past<'a>,
    /// Where up.sql first locks each table against readers.
    pub(super) exclusive: OnceCell<Vec<Held>>,
}

/// A table that up.sql has locked ACCESS EXCLUSIVE.
pub(super) struct Held {
    /// Where the statement stands that locks it.
    since: usize,
    /// Where it gets the name under which it is meant.
    from: usize,
    table: String,
}

impl Subject<'_> {
    pub fn dialect(&self) -> Dialect {
        self.world.dialect
    }

    /// Whether Diesel runs it in a transaction.
    pub fn in_transaction(&self) -> bool {
        self.revision.run_in_transaction
    }

    /// Everything that up.sql does, with its statement.
    pub fn acts(&self) -> impl Iterator<Item = (&Step, &Act)> {
        self.up.acts()
    }

    /// Of that, what happens to tables (and views) that others use already: what rules about locks
    /// and rows look at.
    pub fn standing(&self) -> impl Iterator<Item = (&Step, &Act)> {
        self.acts().filter(|(_, act)| !act.is_new)
    }

    /// The lock that one step takes on PostgreSQL; `None` where it takes none on a table that is there.
    pub fn lock_of(&self, act: &Act) -> Option<Lock> {
        let mut lock = lock_of(act, self.before)?;
        if lock.work == Work::Rewrite && self.is_utc() && taken::is_time_zone(act) {
            lock.work = Work::Index;
        }
        Some(lock)
    }

    /// Whether up.sql sets the session's time zone to UTC, in which `timestamp` and `timestamptz` have the
    /// same bytes (PostgreSQL 12); their indexes are built anew all the same.
    fn is_utc(&self) -> bool {
        self.acts().any(|(_, act)| match &act.action {
            Action::Set { name, value: Some(value), .. } => {
                matches!(name.to_ascii_lowercase().as_str(), "timezone" | "time zone")
                    && value.trim_matches('\'').eq_ignore_ascii_case("utc")
            }
            _ => false,
        })
    }

    /// The first line up to which the script has locked a table against readers, when a statement runs:
    /// locks are kept until the transaction ends, and a statement takes the strongest of its parts at once.
    pub fn held(&self, step: &Step, table: &str) -> Option<u32> {
        let of = |held: &&Held| {
            let before = held.since < step.offset && held.from < step.offset && self.in_transaction();
            held.table == table && (held.since == step.offset || before)
        };
        let held = self.exclusive.get_or_init(|| self.exclusive_locks()).iter().rev().find(of)?;
        Some(line_at(&self.up.script.text, held.since))
    }

    /// Where up.sql first locks each table ACCESS EXCLUSIVE, under each name that it gives to it.
    fn exclusive_locks(&self) -> Vec<Held> {
        let mut seen = BTreeSet::new();
        let mut found: Vec<Held> = Vec::new();
        for (step, act) in self.standing().filter(|_| self.dialect() == Dialect::Postgres) {
            let lock = self.lock_of(act).filter(|lock| lock.mode == LockMode::AccessExclusive && act.before.is_some());
            for table in lock.into_iter().flat_map(|lock| lock.tables) {
                // Outside of a transaction each statement takes its own.
                if seen.insert((table.clone(), if self.in_transaction() { 0 } else { step.offset })) {
                    found.push(Held { since: step.offset, from: step.offset, table });
                }
            }
            if let Action::RenameTable { table, to } = &act.action {
                let since = found.iter().rev().find(|held| held.table == table.to_string()).map(|held| held.since);
                if let Some(since) = since {
                    seen.insert((to.to_string(), 0));
                    found.push(Held { since, from: step.offset, table: to.to_string() });
                }
            }
        }
        found
    }

    /// The name that a table has when the script begins, by the one that it ends with.
    pub fn first_name(&self, table: &Name) -> Name {
        self.renamed_back(table.clone(), usize::MAX)
    }

    /// The same, by the name that a statement at an offset knows it by.
    pub(super) fn named_first(&self, table: &str, offset: usize) -> String {
        let renamed = self.acts().any(|(_, act)| matches!(act.action, Action::RenameTable { .. }));
        let known = named(self.near_before, table).or_else(|| named(self.near_after, table)).filter(|_| renamed);
        known.map_or_else(|| table.to_owned(), |known| self.renamed_back(known.name.clone(), offset).to_string())
    }

    fn renamed_back(&self, table: Name, offset: usize) -> Name {
        let renames: Vec<(&Name, &Name)> = self
            .acts()
            .take_while(|(step, _)| step.offset < offset)
            .filter_map(|(_, act)| match &act.action {
                Action::RenameTable { table, to } => Some((table, to)),
                _ => None,
            })
            .collect();
        renames.into_iter().rev().fold(table, |name, (from, to)| if name == *to { from.clone() } else { name })
    }

    /// The line of up.sql in which a statement begins.
    pub(super) fn line(&self, step: &Step) -> u32 {
        line_at(&self.up.script.text, step.offset)
    }

    /// The tables that the statement at an offset of up.sql is about.
    pub fn tables_at(&self, offset: usize) -> Vec<String> {
        let acts = self.acts().filter(|(step, _)| step.offset == offset);
        let mut names: Vec<String> =
            acts.filter_map(|(_, act)| act.before.as_ref()).map(|t| t.name.to_string()).collect();
        names.dedup();
        names
    }

    /// How many tables refer to one, and how many indexes it has: what tells how much it is used.
    pub(super) fn users_of(&self, table: &str) -> (usize, usize) {
        let indexes = |table: &Table| table.indexes.len() + table.uniques.len();
        let found = named(self.near_before, table).or_else(|| named(self.near_after, table));
        found.map_or((0, 0), |table| (self.before.referencing(&table.name).count(), indexes(table)))
    }

    /// Whether a statement writes few rows, whatever the table has.
    pub fn writes_few(&self, step: &Step, act: &Act) -> bool {
        few::writes_few(self, step, act)
    }

    /// The earlier revision that filled a column of every row, or says in a comment how that is done.
    pub fn filled_by(&self, table: &Name, column: &str) -> Option<&str> {
        self.past.filled_by(self.revision, table, column)
    }

    /// Whether an earlier revision worked out the rows of a table from others, and functions keep them so.
    pub fn is_derived(&self, table: &Name) -> bool {
        let keeps = |function: &Function| {
            let writes = [["insert", "into"], ["delete", "from"], ["update", "set"]];
            writes.iter().any(|words| has_words(&function.sql, words)) && has_words(&function.sql, &[&table.name])
        };
        self.past.is_worked_out(self.revision, table) && self.before.functions.values().any(keeps)
    }

    /// The file with the trigger of a table that stands beside the revisions, where there is one.
    pub fn trigger_beside(&self, table: &Name) -> Option<String> {
        self.past.trigger_beside(table)
    }

    /// The directory of an earlier revision that copied these columns of a table to another place, or says
    /// in a comment how that is done (true).
    pub fn copied_by(&self, table: &Name, columns: &[&str]) -> Option<(&str, bool)> {
        self.past.copied_by(self.revision, table, columns)
    }

    /// A report with the lock of its step, or the stronger one that the script holds by then.
    pub fn locked(&self, report: Report, step: &Step, act: &Act) -> Report {
        let mut lock = self.lock_of(act);
        if let Some(lock) = lock.as_mut().filter(|lock| lock.tables.iter().all(|t| self.held(step, t).is_some())) {
            *lock =
                Lock { mode: LockMode::AccessExclusive, blocks: LockMode::AccessExclusive.blocks(), ..lock.clone() };
        }
        Report { lock, ..report }
    }

    /// Whether all columns of a constraint are new in this revision and NULL in every row.
    pub fn is_empty_column(&self, new: &NewConstraint) -> bool {
        let is_added = |column: &String| {
            self.acts().any(|(_, act)| {
                matches!(&act.action, Action::AddColumn(added)
                    if added.table == new.table && added.column == *column && added.default.is_none()
                        && !added.identity && added.generated.is_none())
            })
        };
        !new.columns.is_empty() && new.columns.iter().all(|c| is_added(c) && !self.fills(&new.table.name, c))
    }

    /// The first statement whose text has all the words, in any letter case.
    pub fn step_with(&self, words: &[&str]) -> Option<&Step> {
        self.up.steps.iter().find(|step| step.has_words(words))
    }

    /// A report about the first statement that has the words, or the last of them where none has all (a
    /// table has another name there), one that changes the schema before one that writes rows; about the
    /// file where none has.
    pub fn report_at(&self, words: &[&str], text: impl Into<String>) -> Report {
        let last = words.last().map_or(&[][..], std::slice::from_ref);
        let is_ddl = |step: &&Step| !step.acts.iter().all(|act| act.action.is_data());
        let with = |words: &[&str]| {
            let first = self.up.steps.iter().filter(is_ddl).find(|step| step.has_words(words));
            first.or_else(|| self.step_with(words))
        };
        let step = with(words).or_else(|| with(last).filter(|_| words.len() > 1));
        Report::at_or(step, &self.up.script.file, text)
    }

    /// A report about the first statement that does something, or else has the words.
    pub fn report_where(&self, does: &dyn Fn(&Action) -> bool, words: &[&str], text: impl Into<String>) -> Report {
        match self.acts().find(|(_, act)| does(&act.action)) {
            Some((step, _)) => Report::at(step, text),
            None => self.report_at(words, text),
        }
    }

    /// Whether a statement writes values into a column: an UPDATE of it, or the copy of a rebuild.
    pub fn fills(&self, table: &str, column: &str) -> bool {
        self.up.steps.iter().any(|step| {
            let text = step.text.to_lowercase();
            let writes = text.starts_with("update")
                || (text.starts_with("insert") && text.contains("select"))
                || text.starts_with("with");
            writes && has_words(&text, &[table, column])
        })
    }

    /// Every column that up.sql makes, in a new table or in one that is there.
    pub fn new_columns(&self) -> Vec<(&Step, &Table, &Column)> {
        let mut found = Vec::new();
        for (step, act) in self.acts() {
            let Some(after) = &act.after else { continue };
            match &act.action {
                Action::CreateTable { .. } if act.before.is_none() => {
                    found.extend(after.columns.iter().map(|column| (step, &**after, &**column)));
                }
                Action::AddColumn(new) => {
                    let column = after.column(&new.column, self.dialect());
                    found.extend(column.map(|column| (step, &**after, column)));
                }
                _ => {}
            }
        }
        found
    }

    /// Every index that up.sql makes and that a later schema still has, with its table there.
    pub fn new_indexes<'b>(&'b self, last: &'b Catalog) -> Vec<(&'b Step, &'b Table, &'b Index)> {
        let mut found = Vec::new();
        for (step, act) in self.acts() {
            let Action::CreateIndex(new) = &act.action else { continue };
            let Some(table) = last.table(&new.table) else { continue };
            let known = act.before.as_ref().map_or(&[][..], |table| table.indexes.as_slice());
            let made = act.after.iter().flat_map(|table| &table.indexes).find(|index| !known.contains(index));
            found.extend(made.filter(|index| table.indexes.contains(index)).map(|index| (step, table, index)));
        }
        found
    }

    /// Every name that up.sql gives to a table, column, index or constraint.
    pub fn new_names(&self) -> Vec<(&Step, String)> {
        let mut found: Vec<(&Step, String)> = Vec::new();
        for (step, act) in self.acts() {
            let made = act.after.as_ref().map(|after| names_made(act.before.as_deref(), after)).unwrap_or_default();
            for name in act.action.new_name().iter().chain(&made) {
                // The clauses of one statement share the table after all of them.
                if !found.iter().any(|(_, other)| other == name) {
                    found.push((step, (*name).to_owned()));
                }
            }
        }
        found
    }

    /// Whether down.sql claims to take the revision back.
    pub fn goes_back(&self) -> bool {
        self.revision.irreversible.is_none() && self.down.script.content == Content::Statements
    }

    /// A name as SQL of the dialect.
    pub fn sql(&self, name: &Name) -> String {
        name.sql(self.dialect())
    }

    /// An identifier as SQL of the dialect.
    pub fn quote(&self, name: &str) -> String {
        self.dialect().quote(name)
    }
}

impl Way<'_> {
    /// Everything that the script does, with its statement.
    pub fn acts(&self) -> impl Iterator<Item = (&Step, &Act)> {
        self.steps.iter().flat_map(|step| step.acts.iter().map(move |act| (step, act)))
    }
}

/// The table of that name in a catalog.
pub(super) fn named<'a>(catalog: &'a Catalog, table: &str) -> Option<&'a Table> {
    catalog.tables.values().find(|found| found.name.to_string() == table).map(|found| &**found)
}

/// The names in a table that it did not have before. Nearly all of its columns are the same.
fn names_made<'t>(before: Option<&'t Table>, after: &'t Table) -> BTreeSet<&'t str> {
    let Some(before) = before else { return names_of(after, 0) };
    let same = before.columns_alike(after);
    &names_of(after, same) - &names_of(before, same)
}

/// What of a table has a name, without the columns before one of them.
fn names_of(table: &Table, from: usize) -> BTreeSet<&str> {
    let constraints = table.foreign_keys.iter().map(|key| key.name.as_deref());
    let constraints = constraints.chain(table.checks.iter().map(|check| check.name.as_deref()));
    let constraints = constraints.chain(table.uniques.iter().map(|unique| unique.name.as_deref())).flatten();
    let columns = table.columns[from..].iter().map(|column| column.name.as_str());
    let indexes = table.indexes.iter().map(|index| index.name.as_str());
    columns.chain(indexes).chain(constraints).chain([table.name.name.as_str()]).collect()
}
