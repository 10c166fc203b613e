//! Operations as SQL: one script up and one back, with notes where a person has to look. The same
//! engine renders both ways, the sides swapped, so whatever is right for one is right for the
//! other. What differs between two catalogs is decided in `diff`; whether a change is wise, in
//! `review`.

mod casts;
mod context;
mod fill;
mod gone;
mod guarded;
mod mysql;
mod names;
mod notes;
mod parts;
mod postgres;
mod schema;
mod sqlite;
mod table;
mod text;
mod views;

use std::borrow::Cow;

use self::context::Context;
pub use self::guarded::{Guarded, guarded};
pub use self::notes::{Note, Severity};
pub use self::parts::{Part, Ways, parts};
pub use self::schema::schema_sql;
pub use self::table::{create_index, create_table};
use crate::catalog::Catalog;
use crate::dialect::Dialect;
use crate::diff::{self, Answers, Renames};
use crate::error::Result;
use crate::operation::Operation;

/// A change as two files, and how they have to be run.
#[derive(Debug, Clone)]
pub struct Script {
    /// What `up` does.
    pub operations: Vec<Operation>,
    /// What `down` does.
    pub reverse: Vec<Operation>,
    /// The text of `up.sql`.
    pub up: String,
    /// The text of `down.sql`.
    pub down: String,
    /// What `metadata.toml` has to say; Diesel reads one value for both files.
    pub run_in_transaction: bool,
    /// What `down` loses although it brings the schema back: "which rows had …".
    pub lossy_down: Vec<String>,
    pub notes: Vec<Note>,
}

/// Operations as statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Each with its semicolon, comment lines before it included.
    pub statements: Vec<String>,
    /// Whether the statements bring their own transaction.
    pub needs_no_transaction: bool,
}

/// The change from one catalog to the other, both ways.
///
/// # Errors
/// Where the dialect has no form for an operation, or a table would have to be rebuilt that cannot
/// be.
pub fn script(from: &Catalog, to: &Catalog, answers: &Answers) -> Result<Script> {
    let (from, to) = prepared(from, to, answers);
    let (from, to) = (&*from, &*to);
    let operations = diff::diff(from, to, answers);
    let server_texts = answers.server_texts;
    let using = answers.back_using.clone();
    let back = Answers { renames: answers.renames.inverted(), using, server_texts, ..Answers::default() };
    let up_steps = steps(&operations, from, to);
    let up = Context::new(&up_steps, from, to, true);
    let (after, before) = match to.dialect {
        // The server may give other names than were asked for, to indexes of foreign keys.
        Dialect::Mysql => {
            let (after, before) = mysql::prepared(&mysql::left_by(&up)?, from, &back.renames);
            (Cow::Owned(after), Cow::Owned(before))
        }
        Dialect::Postgres | Dialect::Sqlite => (Cow::Borrowed(to), Cow::Borrowed(from)),
    };
    let mut reverse = diff::diff(&after, &before, &back);
    let invented = invent_fills(&mut reverse, from);
    let lossy_down = gone::map_values(&mut reverse, &answers.back_values);
    let down_steps = steps(&reverse, &after, &before);
    let down = Context::new(&down_steps, &after, &before, false);
    let own_transaction = sqlite::needs_own_transaction(&up)? || sqlite::needs_own_transaction(&down)?;
    let up_statements = statements(&up, own_transaction)?;
    let of_commits = notes::of_commits(&up_statements).filter(|_| to.dialect == Dialect::Mysql);
    let up_text = file(&[], up_statements);
    let mut header = notes::down_header(&operations, &invented);
    header.extend(lossy_down.iter().map(|what| format!("loses {what}")));
    let mut down_statements = statements(&down, own_transaction)?;
    if to.dialect == Dialect::Mysql {
        down_statements.extend(mysql::restored_names(from, &down)?);
    }
    let down_text = file(&header, down_statements);
    let mut notes = notes::notes(&up, &down, &invented, own_transaction)?;
    notes.extend(of_commits);
    Ok(Script {
        up: up_text,
        down: down_text,
        run_in_transaction: !own_transaction,
        lossy_down,
        notes,
        operations,
        reverse,
    })
}

/// Operations as statements. `from` and `to` are the catalogs before and after all of them.
///
/// # Errors
/// As [`script`], and where an operation names a table that `to` does not have.
pub fn render(operations: &[Operation], from: &Catalog, to: &Catalog) -> Result<Rendered> {
    let steps = steps(operations, from, to);
    let context = Context::new(&steps, from, to, true);
    let needs_no_transaction = sqlite::needs_own_transaction(&context)?;
    Ok(Rendered { statements: statements(&context, needs_no_transaction)?, needs_no_transaction })
}

/// Both catalogs with everything in them that the dialect's server adds by itself.
fn prepared<'c>(from: &'c Catalog, to: &'c Catalog, answers: &Answers) -> (Cow<'c, Catalog>, Cow<'c, Catalog>) {
    match to.dialect {
        Dialect::Mysql => {
            let (from, to) = mysql::prepared(from, to, &answers.renames);
            (Cow::Owned(from), Cow::Owned(to))
        }
        Dialect::Postgres | Dialect::Sqlite => (Cow::Borrowed(from), Cow::Borrowed(to)),
    }
}

/// The operations, and what has to make way for them.
fn steps<'a>(operations: &'a [Operation], from: &Catalog, to: &Catalog) -> Cow<'a, [Operation]> {
    match to.dialect {
        Dialect::Postgres => Cow::Owned(postgres::steps(operations, &Renames::of(operations).apply(from), to)),
        Dialect::Sqlite => Cow::Owned(sqlite::steps(operations, &Renames::of(operations).apply(from), to)),
        Dialect::Mysql => Cow::Borrowed(operations),
    }
}

fn statements(context: &Context<'_>, own_transaction: bool) -> Result<Vec<String>> {
    match context.dialect() {
        Dialect::Sqlite => sqlite::statements(context, own_transaction),
        Dialect::Postgres => postgres::statements(context),
        Dialect::Mysql => mysql::statements(context),
    }
}

/// Gives the rows that exist on the way back a value, where a dropped NOT NULL column returns.
/// Returns the operations that got one.
fn invent_fills(reverse: &mut [Operation], catalog: &Catalog) -> Vec<Operation> {
    let mut invented = Vec::new();
    for operation in reverse {
        let Operation::AddColumn { column, fill, .. } = operation else { continue };
        if !column.fills_itself() && fill.is_none() {
            *fill = Some(fill::neutral(&column.ty, catalog));
            invented.push(operation.clone());
        }
    }
    invented
}

/// A file: header lines, then the statements, each set off by an empty line. Diesel refuses empty
/// files, so a file without statements selects nothing of interest.
fn file(header: &[String], mut statements: Vec<String>) -> String {
    if statements.is_empty() {
        statements.push("SELECT 1;".to_owned());
    }
    if !header.is_empty() {
        let lines: Vec<String> = header.iter().map(|line| format!("-- {line}")).collect();
        statements.insert(0, lines.join("\n"));
    }
    statements.join("\n\n") + "\n"
}

#[cfg(test)]
pub(crate) mod generator;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
