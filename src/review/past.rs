//! What earlier revisions tell of a table beyond its shape: where values were copied to before what held
//! them is dropped, which columns were filled, which tables were made for one row, for rows that revisions
//! give, or for what is worked out from others; and what the files beside the revisions tell.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};

use super::few::ends_with_one;
use super::step::Step;
use crate::catalog::Name;
use crate::chain::{Chain, Content, Revision};
use crate::dialect::Dialect;
use crate::replay::action::{Action, Rows, actions};
use crate::sql;
use crate::sql::postgres::{Token, tokens};
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
    /// How many rows revisions have put into a table, value by value: at which position, how many.
    given: Vec<(usize, Name, usize)>,
    /// Columns that a statement filled in every row, or wherever they were NULL.
    filled: Vec<(usize, Name, String)>,
    /// Tables whose rows came from a query when they were made.
    queried: BTreeMap<Name, usize>,
}

/// So many rows that a revision brings along are a list, and not a first user.
const SEVERAL: usize = 2;

/// Bytes of an INSERT that are counted in; where a character is cut in two, all are.
const LOOKED_AT: usize = 2_000;

/// A statement that fills a table or a new column from others.
struct Copy {
    position: usize,
    /// Whether it stands in a comment: what somebody does by hand, so that the revision is over soon.
    by_hand: bool,
    rows: Rows,
    words: HashSet<String>,
}

impl<'a> Past<'a> {
    pub(super) fn new(tree: &'a dyn Tree, chain: &'a Chain, dialect: Dialect) -> Self {
        Self { tree, chain, dialect, known: RefCell::default() }
    }

    /// The directory of the earlier revision that copied columns of a table to another place.
    pub(super) fn copied_by(&self, revision: &Revision, table: &Name, columns: &[&str]) -> Option<(&'a str, bool)> {
        let until = self.read_until(revision)?;
        let known = self.known.borrow();
        let is_it = |copy: &&Copy| {
            let says = |name: &str| copy.words.contains(&name.to_lowercase());
            let is_written = |column: &&str| copy.rows.columns.iter().any(|written| written == column);
            let is_elsewhere = copy.rows.table != *table || (!copy.rows.from_query && !columns.iter().any(is_written));
            copy.position < until && says(&table.name) && columns.iter().all(|column| says(column)) && is_elsewhere
        };
        let copy = known.copies.iter().filter(is_it).max_by_key(|copy| copy.position)?;
        Some((self.directory(copy.position), copy.by_hand))
    }

    /// The directory of an earlier revision that made the table and put one row into it: settings, a state.
    pub(super) fn made_for_one_row(&self, revision: &Revision, table: &str) -> Option<&'a str> {
        let until = self.read_until(revision)?;
        let known = self.known.borrow();
        let mut made = known.single.iter().filter(|(name, at)| **at < until && name.to_string() == table);
        made.next().map(|(_, at)| self.directory(*at))
    }

    /// The directory of the first earlier revision that brought rows of the table along, where there are several.
    pub(super) fn seeded_by(&self, revision: &Revision, table: &str) -> Option<&'a str> {
        let until = self.read_until(revision)?;
        let known = self.known.borrow();
        let is_it = |(at, name, _): &&(usize, Name, usize)| *at < until && name.to_string() == table;
        let given = || known.given.iter().filter(is_it);
        let first = given().map(|(at, ..)| *at).min()?;
        (given().map(|(.., count)| count).sum::<usize>() >= SEVERAL).then(|| self.directory(first))
    }

    fn directory(&self, position: usize) -> &'a str {
        &self.chain.revisions()[position].directory
    }

    /// The directory of the last earlier revision that filled a column.
    pub(super) fn filled_by(&self, revision: &Revision, table: &Name, column: &str) -> Option<&'a str> {
        let until = self.read_until(revision)?;
        let known = self.known.borrow();
        let is_it = |(at, of, name): &&(usize, Name, String)| *at < until && of == table && name == column;
        let (at, ..) = known.filled.iter().filter(is_it).max_by_key(|(at, ..)| *at)?;
        Some(self.directory(*at))
    }

    /// Whether the revision that made the table took its rows from a query.
    pub(super) fn is_worked_out(&self, revision: &Revision, table: &Name) -> bool {
        let until = self.read_until(revision);
        until.is_some_and(|until| self.known.borrow().queried.get(table).is_some_and(|at| *at < until))
    }

    /// The first SQL file outside of the chain that makes a trigger on the table: some projects make
    /// theirs anew at every start.
    pub(super) fn trigger_beside(&self, table: &Name) -> Option<String> {
        let files = self.tree.files("").ok()?;
        let is_sql = |path: &&str| {
            let parts: Vec<&str> = path.split('/').collect();
            path.ends_with(".sql") && !matches!(parts.as_slice(), [.., "up.sql" | "down.sql"])
        };
        let mut paths = files.iter().map(|entry| entry.path.as_str()).filter(is_sql);
        paths.find(|path| self.makes_trigger(path, table)).map(str::to_owned)
    }

    fn makes_trigger(&self, path: &str, table: &Name) -> bool {
        let Some(bytes) = self.tree.read(path).ok().flatten() else { return false };
        let text = String::from_utf8_lossy(&bytes);
        let is_it =
            |action: &Action| matches!(action, Action::CreateTrigger { table: on, .. } if on.name == table.name);
        let mentions = text.to_lowercase().contains("trigger") && text.contains(&table.name);
        let statements = sql::statements(self.dialect, &text).ok().filter(|_| mentions).unwrap_or_default();
        statements.iter().any(|statement| actions(self.dialect, statement.text).iter().any(is_it))
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
            self.learn_from(position, read.iter().map(|(text, actions)| (*text, actions.iter())), &text);
        }
        Some(until)
    }

    /// Takes in a revision that was followed.
    pub(super) fn learn(&self, revision: &Revision, steps: &[Step], text: &str) {
        let Some(position) = self.chain.position(&revision.id) else { return };
        self.learn_from(
            position,
            steps.iter().map(|step| (step.text.as_str(), step.acts.iter().map(|act| &act.action))),
            text,
        );
    }

    fn learn_from<'s, A>(&self, position: usize, statements: impl Iterator<Item = (&'s str, A)>, script: &str)
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
                    Action::CreateTable { table, from_query, .. } => {
                        made.insert(table.clone());
                        if *from_query {
                            known.queried.insert(table.clone(), position);
                        }
                        continue;
                    }
                    Action::AddColumn(new) => {
                        added.insert((new.table.clone(), new.column.clone()));
                        continue;
                    }
                    Action::Insert(rows) if !rows.from_query => {
                        known.note_given(position, &rows.table, text);
                        continue;
                    }
                    Action::Insert(rows) => rows,
                    Action::Update(rows) if known.note_filled(position, rows, &added) => continue,
                    Action::Update(rows) => rows,
                    _ => continue,
                };
                if rows.from_query && made.contains(&rows.table) {
                    known.queried.insert(rows.table.clone(), position);
                    if ends_with_one(&tokens(text)) {
                        known.single.insert(rows.table.clone(), position);
                    }
                }
                known.copies.push(Copy { position, by_hand: false, rows: rows.clone(), words: words(text) });
            }
        }
        known.learn_by_hand(position, self.dialect, script);
    }
}

/// The blocks of comment lines from one on that begins like a statement which fills something.
fn commented(script: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut is_open = false;
    for line in script.lines() {
        let Some(said) = line.trim_start().strip_prefix("--") else {
            is_open = false;
            continue;
        };
        let said = said.trim();
        let begins = |word: &str| said.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
        if is_open {
            if let Some(block) = found.last_mut() {
                block.push('\n');
                block.push_str(said);
            }
        } else if begins("update ") || begins("insert into ") || begins("with ") {
            is_open = true;
            found.push(said.to_owned());
        }
    }
    found
}

/// Whether a script can hold anything that is looked for.
fn fills(text: &str) -> bool {
    let text = text.to_lowercase();
    text.contains("update") || text.contains("insert")
}

impl Known {
    /// Takes in the statements that fill something and stand in comments.
    fn learn_by_hand(&mut self, position: usize, dialect: Dialect, script: &str) {
        for block in commented(script) {
            for statement in sql::statements(dialect, &block).unwrap_or_default() {
                for action in actions(dialect, statement.text) {
                    match action {
                        Action::Insert(rows) if rows.from_query => {
                            let words = words(statement.text);
                            self.copies.push(Copy { position, by_hand: true, rows, words });
                        }
                        Action::Update(rows) => {
                            self.note_filled(position, &rows, &HashSet::new());
                        }
                        _ => {}
                    }
                }
            }
        }
    }

    /// Takes note of rows that are given value by value.
    fn note_given(&mut self, position: usize, table: &Name, text: &str) {
        // More than the first need not be counted.
        let head = text.get(..LOOKED_AT).unwrap_or(text);
        match self.given.iter_mut().rev().find(|(at, of, _)| *at == position && of == table) {
            Some((.., count)) if *count >= SEVERAL => {}
            Some((.., count)) => *count += tuples(head),
            None => self.given.push((position, table.clone(), tuples(head))),
        }
    }

    /// Takes note of the columns that an UPDATE fills everywhere; true where it copies nothing, since none of
    /// them is new.
    fn note_filled(&mut self, position: usize, rows: &Rows, added: &HashSet<(Name, String)>) -> bool {
        let condition = rows.condition.as_deref().map(str::to_lowercase);
        if condition.is_none_or(|text| text.contains("is null")) {
            let columns = rows.columns.iter().map(|column| (position, rows.table.clone(), column.clone()));
            self.filled.extend(columns);
        }
        !rows.columns.iter().any(|column| added.contains(&(rows.table.clone(), column.clone())))
    }
}

/// How many rows stand behind VALUES.
fn tuples(statement: &str) -> usize {
    let tokens = tokens(statement);
    let mut depth = 0_usize;
    let from = tokens.iter().position(|token| token.is("values")).unwrap_or(tokens.len());
    let begins = |token: &&Token<'_>| {
        match token.text {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        token.text == "(" && depth == 1
    };
    tokens[from..].iter().filter(begins).count()
}

/// The words of a text, in small letters.
fn words(text: &str) -> HashSet<String> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.split(|c: char| !is_part(c)).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}
