//! Why a step failed: the engine's words, the place in the step's text, and what probably helps.

use std::error::Error as StdError;
use std::fmt;

use diesel::result::Error as DieselError;

use super::{Direction, Step};
use crate::db::lock::HELD;
use crate::db::{Database, LOST_LEASE, is_connection_loss, is_loss_in_words, is_read_only, refusal_hint};
use crate::error::{Error, Kind};
use crate::place::Place;

/// What a step's text did wrong.
#[derive(Debug)]
pub(super) enum FileError {
    /// With the number of characters that were sent before the text.
    Refused(DieselError, usize),
    EndedTransaction,
    LeftTransaction,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(error, _) => error.fmt(f),
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
    pub(super) offset: Option<usize>,
    /// The connection or our own bookkeeping failed, not the text.
    pub(super) ours: bool,
    /// The connection is gone: how it ended is to be found out.
    pub(super) lost: bool,
    /// What stands before the failed statement is in place, or may be.
    pub(super) halfway: bool,
    /// Nobody can tell whether the statement took effect: a person has to.
    pub(super) doubt: bool,
    /// The steps before it are undone with it.
    pub(super) whole: bool,
    /// How many statements are in place, and of how many, where a journal tells the next run.
    pub(super) in_place: Option<(usize, usize)>,
}

impl Failure {
    pub(super) fn of_engine(db: &Database, error: &DieselError) -> Self {
        let lost = is_connection_loss(error);
        Self { ours: lost, lost, ..Self::of_words(db.words(error)) }
    }

    /// Our own bookkeeping failed.
    pub(super) fn of_ledger(error: Error) -> Self {
        let ours = error.kind != Kind::Change;
        Self { ours, lost: is_loss_in_words(&error.message), ..Self::of_words(error.to_string()) }
    }

    /// What the text did wrong.
    pub(super) fn of_file(error: &FileError) -> Self {
        Self::of_words(error.to_string())
    }

    pub(super) fn of_words(message: String) -> Self {
        Self {
            message,
            offset: None,
            ours: false,
            lost: false,
            halfway: false,
            doubt: false,
            whole: false,
            in_place: None,
        }
    }

    /// A statement, or several, that stand at `offset` in the step's text.
    pub(super) fn of_statement(db: &Database, error: &DieselError, text: &str, offset: usize) -> Self {
        let within = offset_of(error, text, 0).unwrap_or_default();
        Self { offset: Some(offset + within), ..Self::of_engine(db, error) }
    }

    /// Whether others held what it needs.
    pub(super) fn is_blocked(&self) -> bool {
        const WORDS: [&str; 6] = [
            "due to lock timeout",
            "Lock wait timeout exceeded",
            "deadlock detected",
            "Deadlock found",
            "could not serialize access",
            "database is locked",
        ];
        WORDS.iter().any(|words| self.message.contains(words))
    }

    /// Whether a statement was refused only because a transaction was open around it.
    pub(super) fn refuses_transaction(&self) -> bool {
        REFUSES_TRANSACTION.iter().any(|text| self.message.contains(text))
            || self.message.contains("invalid transaction termination")
    }

    /// Whether the server refused the text before it did anything.
    pub(super) fn is_syntax(&self) -> bool {
        self.message.starts_with("You have an error in your SQL syntax")
    }

    /// The engine refused a step's text.
    pub(super) fn of_text(db: &Database, step: &Step, error: &DieselError) -> Self {
        Self { offset: offset_of(error, &step.sql, 0), ..Self::of_engine(db, error) }
    }

    pub(super) fn of_diesel(db: &Database, step: &Step, error: &(dyn StdError + Send + Sync + 'static)) -> Self {
        if let Some(FileError::Refused(error, before)) = error.downcast_ref::<FileError>() {
            return Self { offset: offset_of(error, &step.sql, *before), ..Self::of_engine(db, error) };
        }
        if let Some(error) = error.downcast_ref::<DieselError>() {
            return Self::of_engine(db, error);
        }
        Self::of_words(db.url().scrub(&error.to_string()))
    }

    /// As the user meets it, where it may have been at no step at all.
    pub(super) fn told(self, step: Option<&Step>) -> Box<Error> {
        Box::new(match step {
            Some(step) => self.explained(step),
            None => Error::new(Kind::Database, self.message),
        })
    }

    /// As the user meets it.
    pub(super) fn explained(self, step: &Step) -> Error {
        let kind = match (self.is_blocked(), self.ours) {
            (true, _) => Kind::Locked,
            (_, true) if self.message.contains(LOST_LEASE) || self.message.contains(HELD) => Kind::Locked,
            (_, true) => Kind::Database,
            _ if self.doubt => Kind::NeedsResolve,
            _ if is_read_only(&self.message) => Kind::Database,
            _ => Kind::Change,
        };
        let verb = if step.direction == Direction::Up { "apply" } else { "revert" };
        let place = match self.offset {
            Some(offset) => Place::at_offset(&step.file, &step.sql, offset),
            None => Place::file(&step.file),
        };
        let error = Error::new(kind, format!("cannot {verb} {}: {}", step.name, self.message)).at(place);
        let error = if self.is_blocked() {
            error.hint("others hold what it needs: run again when they are done; how often it tries: --table-retries")
        } else {
            error
        };
        let error = refusal_hint(&self.message).into_iter().fold(error, Error::hint);
        if self.doubt {
            return error.hint(settle_statement(&step.version));
        }
        if self.whole {
            return error.hint(
                "nothing of this run is in place; correct the file and run again, or without --single-transaction: \
                 then each revision has a transaction of its own",
            );
        }
        if let Some((done, total)) = self.in_place {
            let resolve = format!("cargo ops-migrate resolve {} --applied or --rolled-back", step.version);
            return if done == 0 {
                error.hint(format!("look at what the statement did, mend it, then: {resolve}"))
            } else if self.lost {
                error.hint(format!("{done} of {total} statements are in place; run again: it goes on from there"))
            } else {
                error
                    .hint(format!(
                        "{done} of {total} statements are in place; correct the one that failed (those before it have \
                         to stay as they are) and run again: it goes on from there"
                    ))
                    .hint(format!("or undo or complete the revision by hand, then: {resolve}"))
            };
        }
        if self.halfway {
            return error.hint(format!(
                "parts of it may be in place, since the server commits every change of the schema at once: look at \
                 the database, mend it, then: cargo ops-migrate resolve {} --applied or --rolled-back",
                step.version
            ));
        }
        if self.refuses_transaction() && step.in_transaction {
            error.hint("write `run_in_transaction = false` in metadata.toml, and that statement alone in its file")
        } else if step.batch.is_some() {
            error.hint("the batches before stay done; correct the file or the rows, and `upgrade` goes on after them")
        } else if step.in_transaction {
            error.hint("nothing of it is in place, and what was done before it stays; correct the file and run again")
        } else {
            error.hint("nothing of it is in place; correct the file and run again")
        }
    }
}

/// How a person settles a statement of which nobody can tell.
pub(super) fn settle_statement(version: &str) -> String {
    format!(
        "look whether that statement took effect; if so: cargo ops-migrate resolve {version} --statement-done; \
         if not: cargo ops-migrate resolve {version} --statement-undone; the next upgrade goes on from there"
    )
}

/// How PostgreSQL says that a statement wants to be alone.
const REFUSES_TRANSACTION: [&str; 3] =
    ["cannot run inside a transaction block", "cannot be executed from", "within a pipeline"];

/// Where the engine saw the error: PostgreSQL counts characters; SQLite names a token and MySQL the
/// text from there on, which is enough where it occurs once. `sent` are the characters before the text.
fn offset_of(error: &DieselError, sql: &str, sent: usize) -> Option<usize> {
    let DieselError::DatabaseError(_, info) = error else { return None };
    if let Some(position) = info.statement_position() {
        let before = usize::try_from(position).ok()?.checked_sub(1 + sent)?;
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
