//! What earlier revisions tell of a table beyond its shape: where values were copied to before what held
//! them is dropped, and which tables were made for one row.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};

use super::step::Step;
use crate::catalog::Name;
use crate::chain::{Chain, Content, Revision};
use crate::dialect::Dialect;
use crate::replay::action::{Action, Rows, actions};
use crate::sql;
use crate::tree::Tree;

/// The revisions before the one under review, each read once: while it is followed, or when somebody asks
/// for what is before it.
pub(super) struct Past<'a> {
    tree: &'a dyn Tree,
    chain: &'a Chain,
    dialect: Dialect,
    known: RefCell<Known>,
}

#[derive(Default)]
struct Known {
    /// Which positions of the chain were read, and up to where all were.
    read: HashSet<usize>,
    upto: usize,
    copies: Vec<Copy>,
    /// Tables that were made for one row, with the position of the revision.
    single: BTreeMap<Name, usize>,
}

/// A statement that fills a table or a new column from others.
struct Copy {
    position: usize,
    rows: Rows,
    words: HashSet<String>,
}

impl<'a> Past<'a> {
    pub(super) fn new(tree: &'a dyn Tree, chain: &'a Chain, dialect: Dialect) -> Self {
        Self { tree, chain, dialect, known: RefCell::default() }
    }

    /// The directory of the earlier revision that copied columns of a table to another place.
    pub(super) fn copied_by(&self, revision: &Revision, table: &Name, columns: &[&str]) -> Option<&'a str> {
        let until = self.read_until(revision)?;
        let known = self.known.borrow();
        let is_it = |copy: &&Copy| {
            let says = |name: &str| copy.words.contains(&name.to_lowercase());
            let is_written = |column: &&str| copy.rows.columns.iter().any(|written| written == column);
            let is_elsewhere = copy.rows.table != *table || (!copy.rows.from_query && !columns.iter().any(is_written));
            copy.position < until && says(&table.name) && columns.iter().all(|column| says(column)) && is_elsewhere
        };
        let copy = known.copies.iter().filter(is_it).max_by_key(|copy| copy.position)?;
        Some(&self.chain.revisions()[copy.position].directory)
    }

    /// Whether an earlier revision made the table and put one row into it: settings, a state.
    pub(super) fn is_made_for_one_row(&self, revision: &Revision, table: &str) -> bool {
        let Some(until) = self.read_until(revision) else { return false };
        let known = self.known.borrow();
        known.single.iter().any(|(name, position)| *position < until && name.to_string() == table)
    }

    /// Reads what is before a revision, and tells its position.
    fn read_until(&self, revision: &Revision) -> Option<usize> {
        let until = self.chain.position(&revision.id)?;
        let from = self.known.borrow().upto;
        for (position, earlier) in self.chain.revisions().iter().enumerate().take(until).skip(from) {
            if self.known.borrow().read.contains(&position) {
                continue;
            }
            let script = self.chain.up(self.tree, earlier).ok();
            let text = script.filter(|s| s.content == Content::Statements).map(|s| s.text).unwrap_or_default();
            let statements = match fills(&text) {
                true => sql::statements(self.dialect, &text).unwrap_or_default(),
                false => Vec::new(),
            };
            let read: Vec<(&str, Vec<Action>)> =
                statements.iter().map(|s| (s.text, actions(self.dialect, s.text))).collect();
            self.learn_from(position, read.iter().map(|(text, actions)| (*text, actions.iter())));
        }
        Some(until)
    }

    /// Takes in a revision that was followed.
    pub(super) fn learn(&self, revision: &Revision, steps: &[Step]) {
        let Some(position) = self.chain.position(&revision.id) else { return };
        self.learn_from(
            position,
            steps.iter().map(|step| (step.text.as_str(), step.acts.iter().map(|act| &act.action))),
        );
    }

    fn learn_from<'s, A>(&self, position: usize, statements: impl Iterator<Item = (&'s str, A)>)
    where
        A: Iterator<Item = &'s Action>,
    {
        let mut known = self.known.borrow_mut();
        if !known.read.insert(position) {
            return;
        }
        while known.read.contains(&known.upto) {
            known.upto += 1;
        }
        let (mut added, mut made) = (HashSet::new(), HashSet::new());
        for (text, actions) in statements {
            for action in actions {
                let rows = match action {
                    Action::CreateTable { table, .. } => {
                        made.insert(table.clone());
                        continue;
                    }
                    Action::AddColumn(new) => {
                        added.insert((new.table.clone(), new.column.clone()));
                        continue;
                    }
                    Action::Insert(rows) if rows.from_query => rows,
                    Action::Update(rows)
                        if rows.columns.iter().any(|c| added.contains(&(rows.table.clone(), c.clone()))) =>
                    {
                        rows
                    }
                    _ => continue,
                };
                if rows.from_query && made.contains(&rows.table) && is_limited_to_one(text) {
                    known.single.insert(rows.table.clone(), position);
                }
                known.copies.push(Copy { position, rows: rows.clone(), words: words(text) });
            }
        }
    }
}

/// Whether a script can hold anything that is looked for.
fn fills(text: &str) -> bool {
    let text = text.to_lowercase();
    text.contains("update") || text.contains("insert")
}

/// Whether a query ends with LIMIT 1.
fn is_limited_to_one(statement: &str) -> bool {
    let mut words = statement.trim_end_matches(|c: char| c == ';' || c.is_whitespace()).split_whitespace().rev();
    words.next() == Some("1") && words.next().is_some_and(|word| word.eq_ignore_ascii_case("limit"))
}

/// The words of a text, in small letters.
fn words(text: &str) -> HashSet<String> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.split(|c: char| !is_part(c)).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}
