//! Whether a database is what its recorded revisions should have made: the revisions that count as
//! applied are replayed, whatever their order, and every object is compared. Where all that a
//! revision makes is missing, it was recorded and never ran.

use super::difference::{Agreement, agreement};
use crate::catalog::Catalog;
use crate::chain::{Chain, Content, Revision};
use crate::dialect::Dialect;
use crate::error::Result;
use crate::explain;
use crate::operation::Operation;
use crate::replay;
use crate::tree::Tree;

/// How a database stands to what it has recorded.
#[derive(Debug, Default)]
pub struct Recorded {
    pub agreement: Agreement,
    /// Versions of which nothing is there, of what they make and what no later one takes away.
    pub never_ran: Vec<String>,
}

/// Compares a database with the replay of the revisions that it has recorded.
///
/// # Errors
/// Where a script cannot be read or does not parse.
pub fn recorded(
    tree: &dyn Tree,
    chain: &Chain,
    dialect: Dialect,
    applied: &[String],
    actual: &Catalog,
) -> Result<Recorded> {
    let is_known = |revision: &&Revision| applied.contains(&revision.version) && revision.repair.is_none();
    let known: Vec<&Revision> = chain.revisions().iter().filter(is_known).collect();
    let expected = expected(tree, chain, dialect, applied)?;
    let agreement = agreement(&expected, actual);
    let never_ran =
        if agreement.different.is_empty() { Vec::new() } else { never_ran(tree, chain, &known, &expected, actual)? };
    Ok(Recorded { agreement, never_ran })
}

/// The schema that the revisions give that count as applied, whatever their order.
///
/// # Errors
/// Where a script cannot be read or does not parse.
pub fn expected(tree: &dyn Tree, chain: &Chain, dialect: Dialect, applied: &[String]) -> Result<Catalog> {
    let mut expected = Catalog::empty(dialect);
    for revision in chain.revisions().iter().filter(|r| applied.contains(&r.version) && r.repair.is_none()) {
        let script = chain.up(tree, revision)?;
        if script.content == Content::Statements {
            replay::apply(&mut expected, &script.text, &script.file)?;
        }
    }
    Ok(expected)
}

/// Only asked where something differs: it looks at every revision by itself.
fn never_ran(
    tree: &dyn Tree,
    chain: &Chain,
    known: &[&Revision],
    expected: &Catalog,
    actual: &Catalog,
) -> Result<Vec<String>> {
    let mut before = Catalog::empty(expected.dialect);
    let mut found = Vec::new();
    for revision in known {
        let script = chain.up(tree, revision)?;
        if script.content != Content::Statements {
            continue;
        }
        let effect = explain::effect(&before, &script.text, &script.file)?;
        let mut made = effect.operations.iter().filter_map(|op| Some((is_there(op, expected)?, is_there(op, actual)?)));
        let mut wanted = made.by_ref().filter(|(wanted, _)| *wanted).peekable();
        if wanted.peek().is_some() && wanted.all(|(_, there)| !there) {
            found.push(revision.version.clone());
        }
        before = effect.after;
    }
    Ok(found)
}

/// Whether a catalog has what an operation makes; `None` for those that make nothing with a name.
fn is_there(operation: &Operation, catalog: &Catalog) -> Option<bool> {
    let table = |name| catalog.table(name);
    Some(match operation {
        Operation::CreateTable { table: made } => table(&made.name).is_some(),
        Operation::AddColumn { table: name, column, .. } => {
            table(name).is_some_and(|table| table.columns.iter().any(|other| other.name == column.name))
        }
        Operation::CreateIndex { table: name, index } => {
            table(name).is_some_and(|table| table.indexes.iter().any(|other| other.name == index.name))
        }
        _ => return None,
    })
}
