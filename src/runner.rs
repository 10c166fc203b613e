//! Applies or rolls back a plan: one runner at a time, each step recorded by diesel_migrations, so
//! that Diesel's own table always agrees, and each step in the ledger. The ledger's row of a step
//! that runs in a transaction is ended in that same transaction: after a crash it tells the truth.
//! A step that no transaction holds runs statement by statement with a journal, and the next run
//! goes on where it ended. A connection that is lost is made again, and what became of the work is
//! found out under the lock. Which steps a plan has is decided by others; where a step's text comes
//! from too.

pub mod batch;
mod blank;
mod books;
mod by_statement;
mod course;
mod crash;
mod failure;
mod patience;
mod repair;
mod stamp;
mod texts;
mod through_diesel;
mod unchecked;
mod whole;

#[cfg(all(test, feature = "mysql"))]
mod mysql_tests;
#[cfg(test)]
mod postgres_tests;
#[cfg(test)]
mod tests;

use std::time::Duration;

use diesel::result::Error as DieselError;
use diesel_migrations::MigrationHarness;

pub use self::blank::is_blank;
pub use self::by_statement::Progress;
use self::course::execute;
pub use self::crash::{DieselRow, Found, Prospect, Resolution, journal, prospect, way_back};
pub use self::repair::{REPAIR, Repair, repair};
pub use self::stamp::{Records, STAMP, stamp};
pub use self::texts::{Outliner, Reader};
use crate::chain::metadata::Batch;
use crate::db::ledger;
pub use crate::db::ledger::Direction;
use crate::db::{Database, refusal_hint, scratch, with_connection};
use crate::dialect::Dialect;
use crate::error::{Error, Kind, Result};
use crate::place::Place;

/// Above this size, in bytes, a text is not gone through or copied only to spare something.
const LARGE: usize = 4 << 20;

/// The width of the column in which Diesel keeps versions.
const MAX_VERSION: usize = 50;

/// One revision to apply or to revert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What Diesel records.
    pub version: String,
    /// The directory's name.
    pub name: String,
    /// The revision id, where the directory has one.
    pub revision: Option<String>,
    pub direction: Direction,
    /// The text that runs: `up.sql` or `down.sql`.
    pub sql: String,
    /// The path of that text, for messages.
    pub file: String,
    /// The text of `down.sql`, kept in the ledger; blank where there is no way back.
    pub down_sql: String,
    pub checksum_up: String,
    pub checksum_down: String,
    pub in_transaction: bool,
    /// How the text goes through a table piece by piece, each piece a transaction; up only.
    pub batch: Option<Batch>,
    /// Its texts are left out: they are read when its turn comes.
    pub is_outline: bool,
}

/// What happens while a plan runs.
#[derive(Debug)]
pub enum Event<'a> {
    /// Another runner holds the lock for longer than a moment.
    Waits {
        /// Who that is, as far as it can be seen.
        holder: &'a str,
    },
    /// A row of a crashed run was ended: the database itself tells how it went.
    Settled {
        name: &'a str,
        how: &'a str,
    },
    /// A run that was interrupted is gone on with, behind `done` of its `total` statements.
    Resumed {
        name: &'a str,
        done: usize,
        total: usize,
    },
    /// The connection was lost and is there again; what became of the work is found out now.
    Reconnected {
        error: &'a Error,
    },
    /// Others hold a table that the step needs; it was undone, and is tried again.
    Blocked {
        step: &'a Step,
        /// Who they are, as far as the server tells.
        blockers: &'a [String],
    },
    /// Another runner (or Diesel itself) was faster.
    Skipped {
        step: &'a Step,
        /// Who, where the ledger knows.
        by: Option<&'a str>,
    },
    /// `number` counts from 1 to `total`.
    Started {
        step: &'a Step,
        number: usize,
        total: usize,
    },
    /// A data step goes on after the rows that a run before has done.
    GoesOn {
        step: &'a Step,
        rows: u64,
    },
    /// A data step has committed another batch: rows of its table that are done, and how many there
    /// are, as the engine estimates it.
    Progress {
        step: &'a Step,
        rows: u64,
        total: Option<u64>,
    },
    Finished {
        step: &'a Step,
        duration: Duration,
    },
    Failed {
        step: &'a Step,
        error: &'a Error,
    },
}

/// How a plan runs.
pub struct Options<'a> {
    /// How long to wait for another runner.
    pub lock_wait: Duration,
    /// How long a statement may wait for a table that others hold: longer, and everybody behind it
    /// waits too. `None`: as long as the server says.
    pub table_wait: Option<Duration>,
    /// How often a step that waited in vain is tried again.
    pub table_retries: u32,
    /// Whether signals of the terminal end the run in good order.
    pub catch_signals: bool,
    /// All of the plan in one transaction.
    pub single_transaction: bool,
    /// The versions that were applied when the plan was made.
    pub planned_on: Option<&'a [String]>,
    /// PostgreSQL: how far behind a replica may be while a data step goes on.
    pub max_lag: Option<Duration>,
    /// Reads the texts of steps that are outlines.
    pub texts: Option<Reader<'a>>,
    pub on_event: &'a mut dyn FnMut(Event<'_>),
}

impl<'a> Options<'a> {
    /// Waits for tables as long as the server says, and leaves signals to others.
    pub fn new(lock_wait: Duration, on_event: &'a mut dyn FnMut(Event<'_>)) -> Self {
        Self {
            lock_wait,
            table_wait: None,
            table_retries: 0,
            single_transaction: false,
            planned_on: None,
            max_lag: None,
            texts: None,
            catch_signals: false,
            on_event,
        }
    }
}

impl Step {
    /// The way back of a step up: its `down.sql` as the text that runs.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let file = self.file.strip_suffix("up.sql").map_or_else(|| self.file.clone(), |dir| format!("{dir}down.sql"));
        Self { direction: Direction::Down, sql: self.down_sql.clone(), file, batch: None, ..self.clone() }
    }

    /// Whether the database undoes all of it where it fails or its runner is killed.
    pub fn is_atomic(&self, dialect: Dialect) -> bool {
        by_statement::is_atomic(self, dialect)
    }

    /// Whether it runs as it is, as a whole, in a transaction of its own.
    fn is_plain(&self, dialect: Dialect) -> bool {
        self.batch.is_none() && self.is_atomic(dialect)
    }

    /// Whether the text says nothing to this engine: SQLite takes a text of comments, PostgreSQL
    /// refuses it.
    pub fn is_blank(&self, dialect: Dialect) -> bool {
        is_blank(&self.sql, dialect)
    }
}

/// Settles what crashed runs left open, then runs the plan in order; stops at the first failure.
///
/// # Errors
/// `Undecided` before anything runs for a text that says nothing or a version too long for Diesel;
/// `Locked` while another runner works or others hold a table; `NeedsResolve` where nobody but a
/// person can tell how far a crashed run got; `Change` for a step that the database refuses, with
/// the place in its text where that is known; `Interrupted` after a signal; `Database` where the
/// connection fails.
pub fn run(db: &mut Database, plan: &[Step], options: Options<'_>) -> Result<()> {
    plan.iter().filter(|step| !step.is_outline).try_for_each(|step| check(step, db.dialect()))?;
    if plan.is_empty() && ledger::unfinished(db)?.is_empty() {
        return Ok(());
    }
    course::run(db, plan, options)
}

/// Runs one step without lock and ledger, for scratch databases.
pub(crate) fn run_unrecorded(db: &mut Database, step: &Step) -> Result<()> {
    check(step, db.dialect())?;
    let done = match &step.batch {
        // Made-up rows are few: as many pieces as there can be.
        Some(batch) => {
            let batch = Batch { size: 1, pause_ms: 0, ..batch.clone() };
            batch::execute(db, step, &batch, |_| Ok(()), &mut batch::Wishes::none(&mut |_| {}))
        }
        None => execute(db, step, None, |_| Ok(())),
    };
    done.map(drop).map_err(|failure| failure.explained(step))
}

/// An id for all steps of one run.
fn new_run_id() -> String {
    format!("{:08x}{:08x}", scratch::random(), scratch::random())
}

/// Makes Diesel's table where it is missing.
///
/// # Errors
/// `Database` where the role may not create tables.
pub(crate) fn set_up(db: &mut Database) -> Result<()> {
    // Diesel asks for the right to create tables also where it is there.
    if db.has_table(crate::db::DIESEL_TABLE)? {
        return Ok(());
    }
    let made = with_connection!(&mut db.handle, c => c.applied_migrations().map(drop));
    made.map_err(|e| {
        let text = e.downcast_ref::<DieselError>().map_or_else(|| e.to_string(), |e| db.words(e));
        let error =
            Error::new(Kind::Database, format!("cannot read or make the table `{}`: {text}", crate::db::DIESEL_TABLE));
        refusal_hint(&text).into_iter().fold(error, Error::hint)
    })
}

fn check(step: &Step, dialect: Dialect) -> Result<()> {
    if let Some(offset) = step.sql.find('\0') {
        // A client's library would take it for the end of the text.
        return Err(Error::undecided("the file has a NUL character in it")
            .at(Place::at_offset(&step.file, &step.sql, offset))
            .hint("take it out; is it a text in UTF-8?"));
    }
    if step.is_blank(dialect) {
        let error = Error::undecided("the file has no statement").at(Place::file(&step.file));
        return Err(match step.direction {
            Direction::Up => error.hint("write `SELECT 1;` where there is nothing to do"),
            Direction::Down => {
                error.hint("write the statements that undo up.sql, or `SELECT 1;` where that is nothing")
            }
        });
    }
    if step.version.is_empty() || step.version.len() > MAX_VERSION {
        return Err(Error::undecided(format!("Diesel cannot record a version of {} bytes", step.version.len()))
            .at(Place::file(&step.file))
            .hint(format!("the part of the directory's name before the first `_` may have 1 to {MAX_VERSION} bytes")));
    }
    batch::check(step, dialect)
}

/// Whether one of the words, in small letters, stands anywhere in a text, in whatever case.
fn mentions(sql: &str, words: &[&str]) -> bool {
    let is_in = |word: &[u8]| {
        let begins = |found: &&[u8]| found[0].to_ascii_lowercase() == word[0];
        sql.as_bytes().windows(word.len()).filter(begins).any(|found| found.eq_ignore_ascii_case(word))
    };
    words.iter().any(|word| is_in(word.as_bytes()))
}

/// Takes back what a text did to the session. Failures here show at the next statement.
fn reset(db: &mut Database) {
    let sql = reset_statements(db);
    let _ = db.batch(&sql);
}

fn reset_statements(db: &Database) -> String {
    let limit = patience::limit(db).unwrap_or_default();
    match db.dialect() {
        Dialect::Sqlite => RESET_SQLITE.to_owned(),
        Dialect::Postgres => format!("{RESET_POSTGRES} {limit}"),
        // `USE` is the only way back from a `USE`.
        Dialect::Mysql => match db.url().database() {
            Some(name) => format!("{RESET_MYSQL} {limit} USE {};", Dialect::Mysql.quote(&name)),
            None => format!("{RESET_MYSQL} {limit}"),
        },
    }
}

const RESET_SQLITE: &str = "PRAGMA foreign_keys = ON; PRAGMA legacy_alter_table = OFF; PRAGMA writable_schema = OFF;
    PRAGMA ignore_check_constraints = OFF;";
const RESET_POSTGRES: &str = "SET SESSION AUTHORIZATION DEFAULT; RESET ROLE; RESET ALL;";
/// The time zone and the character set are those that Diesel gives to every session.
const RESET_MYSQL: &str = "SET autocommit = 1, foreign_key_checks = 1, unique_checks = 1, sql_mode = DEFAULT,
    time_zone = '+00:00', character_set_client = utf8mb4, character_set_connection = utf8mb4,
    character_set_results = utf8mb4; UNLOCK TABLES;";

#[cfg(test)]
pub(crate) mod testing {
    //! Steps for the tests of this crate's edges.

    use super::{Direction, Step};

    pub(crate) fn step(version: &str, up: &str, down: &str) -> Step {
        let name = format!("{version}_step");
        Step {
            version: version.to_owned(),
            file: format!("migrations/{name}/up.sql"),
            name,
            revision: None,
            direction: Direction::Up,
            sql: up.to_owned(),
            down_sql: down.to_owned(),
            checksum_up: "u".to_owned(),
            checksum_down: "d".to_owned(),
            in_transaction: true,
            batch: None,
            is_outline: false,
        }
    }

    pub(crate) fn bare(version: &str, up: &str, down: &str) -> Step {
        Step { in_transaction: false, ..step(version, up, down) }
    }
}
