//! Why a step failed: the engine's words, the place in the step's text, and what probably helps.

use std::error::Error as StdError;
use std::fmt;

use diesel::result::Error as DieselError;

use super::{Direction, Step};
use crate::db::{Database, is_connection_loss};
use crate::error::{Error, Kind};
use crate::place::Place;

/// What a step's text did wrong.
#[derive(Debug)]
pub(super) enum FileError {
    Refused(DieselError),
    EndedTransaction,
    LeftTransaction,
}

impl FileError {
    pub(super) fn transaction(step: &Step) -> Self {
        if step.in_transaction { Self::EndedTransaction } else { Self::LeftTransaction }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(error) => error.fmt(f),
            Self::EndedTransaction => f.write_str(
                "the text ends the transaction that it runs in (COMMIT or ROLLBACK): \
                 what it did before that may be in place",
            ),
            Self::LeftTransaction => f.write_str("the text leaves a transaction open (BEGIN without COMMIT)"),
        }
    }
}

impl StdError for FileError {}

/// Why a step failed; texts are clean of passwords.
pub(super) struct Failure {
    pub(super) message: String,
    /// A byte in the step's text.
    offset: Option<usize>,
    /// The connection or our own bookkeeping failed, not the text.
    ours: bool,
    /// What stands before the failed statement is in place, or may be.
    pub(super) halfway: bool,
}

impl Failure {
    pub(super) fn of_engine(db: &Database, error: &DieselError) -> Self {
        Self { message: db.words(error), offset: None, ours: is_connection_loss(error), halfway: false }
    }

    pub(super) fn of_ledger(error: Error) -> Self {
        Self { message: error.to_string(), offset: None, ours: true, halfway: false }
    }

    /// The engine refused a step's text.
    pub(super) fn of_text(db: &Database, step: &Step, error: &DieselError) -> Self {
        Self { offset: offset_of(error, &step.sql), ..Self::of_engine(db, error) }
    }

    pub(super) fn of_diesel(db: &Database, step: &Step, error: &(dyn StdError + Send + Sync + 'static)) -> Self {
        if let Some(FileError::Refused(error)) = error.downcast_ref::<FileError>() {
            return Self::of_text(db, step, error);
        }
        if let Some(error) = error.downcast_ref::<DieselError>() {
            return Self::of_engine(db, error);
        }
        Self { message: db.url().scrub(&error.to_string()), offset: None, ours: false, halfway: false }
    }

    /// As the user meets it.
    pub(super) fn explained(self, step: &Step) -> Error {
        let kind = if self.ours { Kind::Database } else { Kind::Change };
        let verb = if step.direction == Direction::Up { "apply" } else { "revert" };
        let place = match self.offset {
            Some(offset) => Place::at_offset(&step.file, &step.sql, offset),
            None => Place::file(&step.file),
        };
        let error = Error::new(kind, format!("cannot {verb} {}: {}", step.name, self.message)).at(place);
        if self.halfway {
            return error.hint(format!(
                "parts of it may be in place, since the server commits every change of the schema at once: look at \
                 the database, mend it, then: cargo ops-migrate resolve {} --applied or --rolled-back",
                step.version
            ));
        }
        let single = ["cannot run inside a transaction block", "cannot be executed from", "within a pipeline"];
        if single.iter().any(|text| self.message.contains(text)) {
            error.hint(if step.in_transaction {
                "write `run_in_transaction = false` in metadata.toml, and that statement alone in its file"
            } else {
                "PostgreSQL runs the statements of one file as one transaction: leave that statement alone in its file"
            })
        } else if step.batch.is_some() {
            error.hint("the batches before stay done; correct the file or the rows, and `upgrade` goes on after them")
        } else if step.in_transaction {
            error.hint("nothing of it is in place, and what was done before it stays; correct the file and run again")
        } else {
            error.hint("it has no transaction: what stands before the failed statement may be in place")
        }
    }
}

/// Where the engine saw the error: PostgreSQL counts characters; SQLite names a token and MySQL the
/// text from there on, which is enough where it occurs once.
fn offset_of(error: &DieselError, sql: &str) -> Option<usize> {
    let DieselError::DatabaseError(_, info) = error else { return None };
    if let Some(position) = info.statement_position() {
        let before = usize::try_from(position).ok()?.checked_sub(1)?;
        return sql.char_indices().nth(before).map(|(offset, _)| offset);
    }
    let token = near_on_sqlite(info.message()).or_else(|| near_on_mysql(info.message()))?;
    let mut found = sql.match_indices(token);
    let (offset, _) = found.next()?;
    found.next().is_none().then_some(offset)
}

fn near_on_sqlite(message: &str) -> Option<&str> {
    Some(message.strip_prefix("near \"")?.split_once("\": syntax error")?.0)
}

/// The server counts lines from the failed statement's own first line, so its line is of no use.
fn near_on_mysql(message: &str) -> Option<&str> {
    let near = message.split_once(" near '")?.1.rsplit_once("' at line ")?.0;
    Some(near).filter(|near| !near.is_empty())
}
