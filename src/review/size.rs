//! The one judgement of which tables are small or empty, with its reason, which all rules about locks and
//! losses share: what the keys of a table allow, what earlier revisions made it for and put into it, and
//! what the script itself has done to it.

use super::finding::{Finding, Severity};
use super::one_row::at_most;
use super::rows::SMALL;
use super::subject::{Subject, named};
use crate::catalog::Catalog;
use crate::replay::action::Action;

/// A table that has few rows.
pub(super) struct Small {
    /// How many at most, where that is known.
    pub(super) rows: Option<u64>,
    /// Why, as a part of a sentence.
    pub(super) why: String,
}

impl Subject<'_> {
    /// Whether a table is small when the statement at an offset of up.sql runs.
    pub(super) fn small(&self, table: &str, offset: usize) -> Option<Small> {
        if self.is_counted_large(table) {
            return None;
        }
        let first = self.named_first(table, offset);
        self.emptied(table, offset).or_else(|| self.by_keys(table)).or_else(|| {
            let one = self.past.made_for_one_row(self.revision, &first);
            let by_making = one.map(|by| Small { rows: Some(1), why: format!("{by} made {first} for one row") });
            by_making.or_else(|| self.list(&first))
        })
    }

    /// Whether it holds one row, as the settings of a whole installation do.
    pub(super) fn one_row(&self, table: &str) -> Option<String> {
        self.small(table, 0).filter(|small| small.rows == Some(1)).map(|small| small.why)
    }

    /// A list that people keep: earlier revisions put its rows into it, and it is about no other table.
    fn list(&self, table: &str) -> Option<Small> {
        let refers = |catalog: &&Catalog| named(catalog, table).is_some_and(|table| !table.foreign_keys.is_empty());
        let catalogs = [Some(self.before), Some(self.after), self.world.last];
        let by = self.past.seeded_by(self.revision, table)?;
        let is_list = !catalogs.into_iter().flatten().any(|catalog| refers(&catalog));
        is_list.then(|| Small { rows: None, why: format!("the rows of {table} came with {by}") })
    }

    fn by_keys(&self, table: &str) -> Option<Small> {
        let (_, limit) = self.world.rows.unwrap_or((&super::rows::Rows::NONE, SMALL));
        // An index that lets one row be is not made where there are more.
        let sides = [(self.before, self.near_before), (self.after, self.near_after)];
        let mut known = sides.into_iter().filter_map(|(catalog, near)| at_most(named(near, table)?, catalog));
        let rows = known.next().filter(|rows| *rows <= limit)?;
        let counted = if rows == 1 { "one row".to_owned() } else { format!("{rows} rows") };
        Some(Small { rows: Some(rows), why: format!("{table} has {counted} at most, as its keys say") })
    }

    /// A table of which the script has thrown all rows away by then.
    fn emptied(&self, table: &str, offset: usize) -> Option<Small> {
        let mut line = None;
        for (step, act) in self.acts().take_while(|(step, _)| step.offset < offset) {
            match &act.action {
                Action::Truncate { tables, .. } if tables.iter().any(|name| name.to_string() == table) => {
                    line = Some(self.line(step));
                }
                Action::Insert(rows) if rows.from_query && rows.table.to_string() == table => line = None,
                _ => {}
            }
        }
        line.map(|line| Small { rows: Some(0), why: format!("line {line} has emptied {table}") })
    }

    fn is_counted_large(&self, table: &str) -> bool {
        self.world.rows.is_some_and(|(rows, small)| rows.tables.get(table).is_some_and(|count| *count > small))
    }
}

/// Lets the size of a table decide, with its reason in the finding's words: nobody waits long for the lock of
/// a small one, and what a list loses, an earlier revision brings again.
pub(super) fn ease(subject: &Subject<'_>, finding: &mut Finding, offset: usize) {
    if finding.severity <= Severity::Info {
        return;
    }
    let is_loss = matches!(finding.code, "OM002" | "OM003" | "OM204" | "OM205") && finding.severity < Severity::Error;
    let small = match &finding.lock {
        // The first table is the one whose rows take the time.
        Some(lock) if finding.code.starts_with("OM1") => {
            lock.tables.first().and_then(|table| subject.small(table, offset))
        }
        None if is_loss => {
            let tables = subject.tables_at(offset);
            let lists: Option<Vec<Small>> =
                tables.iter().map(|table| subject.list(&subject.named_first(table, offset))).collect();
            lists.into_iter().flatten().next()
        }
        _ => None,
    };
    if let Some(small) = small {
        finding.severity = Severity::Info;
        finding.rows = small.rows;
        finding.text = format!("{}; {}", finding.text, small.why);
    }
}
