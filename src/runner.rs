//! Applies or rolls back a plan: one runner at a time, each step through diesel_migrations, so that
//! Diesel's own table always agrees, and each step in the ledger. The ledger's row of a step that
//! runs in a transaction is ended in that same transaction: after a crash it tells the truth.
//! Which steps a plan has is decided by others; where a step's text comes from too.

pub mod batch;
mod blank;
mod crash;
mod failure;
mod implicit_commit;
mod stamp;
mod through_diesel;

#[cfg(all(test, feature = "mysql"))]
mod mysql_tests;
#[cfg(test)]
mod postgres_tests;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use diesel::result::Error as DieselError;
use diesel_migrations::MigrationHarness;

pub use self::blank::is_blank;
use self::crash::settle;
pub use self::crash::{DieselRow, Found, Resolution, told_by_database};
use self::failure::Failure;
pub use self::stamp::{STAMP, stamp};
use self::through_diesel::through_diesel;
use crate::chain::metadata::Batch;
pub use crate::db::ledger::Direction;
use crate::db::ledger::{self, Outcome, Start};
use crate::db::lock::Lock;
use crate::db::{Database, scratch, with_connection};
use crate::dialect::Dialect;
use crate::error::{Error, Kind, Result};
use crate::place::Place;

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
}

/// What happens while a plan runs.
#[derive(Debug)]
pub enum Event<'a> {
    /// A row of a crashed run was ended: the database itself tells how it went.
    Settled {
        name: &'a str,
        how: &'a str,
    },
    /// Another runner (or Diesel itself) was faster.
    Skipped {
        step: &'a Step,
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
    /// PostgreSQL: how far behind a replica may be while a data step goes on.
    pub max_lag: Option<Duration>,
    pub on_event: &'a mut dyn FnMut(Event<'_>),
}

impl Step {
    /// The way back of a step up: its `down.sql` as the text that runs.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let file = self.file.strip_suffix("up.sql").map_or_else(|| self.file.clone(), |dir| format!("{dir}down.sql"));
        Self { direction: Direction::Down, sql: self.down_sql.clone(), file, batch: None, ..self.clone() }
    }

    /// Whether the database undoes all of it where it fails or its runner is killed. MySQL ends a
    /// transaction at every statement that changes the schema.
    pub fn is_atomic(&self, dialect: Dialect) -> bool {
        self.in_transaction && (dialect != Dialect::Mysql || !implicit_commit::is_possible(&self.sql))
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
/// `Locked` while another runner works; `NeedsResolve` where a crashed run left a step half done;
/// `Change` for a step that the database refuses, with the place in its text where that is known;
/// `Database` where the connection fails.
pub fn run(db: &mut Database, plan: &[Step], mut options: Options<'_>) -> Result<()> {
    plan.iter().try_for_each(|step| check(step, db.dialect()))?;
    if plan.is_empty() && ledger::unfinished(db)?.is_empty() {
        return Ok(());
    }
    let mut db = Lock::acquire(db, options.lock_wait)?;
    set_up(&mut db)?;
    ledger::ensure(&mut db)?;
    settle(&mut db, options.on_event)?;
    let run_id = new_run_id();
    for (at, step) in plan.iter().enumerate() {
        // Asked again before each step: a plain Diesel takes no lock of ours.
        if db.is_applied(&step.version)? == (step.direction == Direction::Up) {
            (options.on_event)(Event::Skipped { step });
            continue;
        }
        (options.on_event)(Event::Started { step, number: at + 1, total: plan.len() });
        match recorded(&mut db, step, &run_id, &mut options) {
            Ok(duration) => (options.on_event)(Event::Finished { step, duration }),
            Err(error) => {
                (options.on_event)(Event::Failed { step, error: &error });
                return Err(error);
            }
        }
    }
    Ok(())
}

/// Runs one step without lock and ledger, for scratch databases.
pub(crate) fn run_unrecorded(db: &mut Database, step: &Step) -> Result<()> {
    check(step, db.dialect())?;
    let done = match &step.batch {
        // Made-up rows are few: as many pieces as there can be.
        Some(batch) => {
            let batch = Batch { size: 1, pause_ms: 0, ..batch.clone() };
            let mut wishes = batch::Wishes { max_lag: None, told: &mut |_| {} };
            batch::execute(db, step, &batch, |_| Ok(()), &mut wishes)
        }
        None => execute(db, step, |_| Ok(())),
    };
    done.map_err(|failure| failure.explained(step))
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
    let made = with_connection!(&mut db.handle, c => c.applied_migrations().map(drop));
    made.map_err(|e| {
        let text = e.downcast_ref::<DieselError>().map_or_else(|| e.to_string(), |e| db.words(e));
        Error::new(Kind::Database, format!("cannot read or make the table `{}`: {text}", crate::db::DIESEL_TABLE))
    })
}

fn check(step: &Step, dialect: Dialect) -> Result<()> {
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

/// What the ledger is told when a step starts.
fn start_of<'a>(step: &'a Step, run_id: &'a str, dialect: Dialect) -> Start<'a> {
    Start {
        version: &step.version,
        revision: step.revision.as_deref(),
        name: &step.name,
        direction: step.direction,
        in_transaction: step.is_atomic(dialect),
        checksum_up: &step.checksum_up,
        checksum_down: &step.checksum_down,
        down_sql: &step.down_sql,
        run_id,
    }
}

/// One step with its ledger row.
fn recorded(db: &mut Database, step: &Step, run_id: &str, options: &mut Options<'_>) -> Result<Duration> {
    let id = ledger::start(db, &start_of(step, run_id, db.dialect()))?;
    let began = Instant::now();
    let mut duration = Duration::ZERO;
    let record = |db: &mut Database| {
        duration = began.elapsed();
        let outcome = match step.direction {
            Direction::Up => Outcome::Applied(duration),
            Direction::Down => Outcome::Reverted(duration),
        };
        ledger::finish(db, id, &outcome)
    };
    let done = match &step.batch {
        Some(batch) => {
            let on_event = &mut *options.on_event;
            let told = &mut |told| {
                on_event(match told {
                    batch::Told::GoesOn(rows) => Event::GoesOn { step, rows },
                    batch::Told::Progress(rows, total) => Event::Progress { step, rows, total },
                });
            };
            batch::execute(db, step, batch, record, &mut batch::Wishes { max_lag: options.max_lag, told })
        }
        None => execute(db, step, record),
    };
    done.map(|()| duration).map_err(|failure| {
        let (duration, words) = (began.elapsed(), failure.message.clone());
        let outcome =
            if failure.halfway { Outcome::Halfway(duration, words) } else { Outcome::Failed(duration, words) };
        // Without a connection the row stays `running`, and the next run settles it.
        let _ = ledger::finish(db, id, &outcome);
        failure.explained(step)
    })
}

/// Runs a step and `record`, both in the step's transaction where it has one.
fn execute(db: &mut Database, step: &Step, record: impl FnOnce(&mut Database) -> Result<()>) -> Result<(), Failure> {
    let done =
        if step.in_transaction { in_transaction(db, step, record) } else { without_transaction(db, step, record) };
    reset(db);
    done
}

/// The transaction is ours and not Diesel's, so that the ledger's row is in it, and so that a text
/// that ends it is met with a plain error.
fn in_transaction(
    db: &mut Database,
    step: &Step,
    record: impl FnOnce(&mut Database) -> Result<()>,
) -> Result<(), Failure> {
    // IMMEDIATE: a deferred transaction that reads first cannot wait for another writer.
    let begin = if db.dialect() == Dialect::Sqlite { "BEGIN IMMEDIATE" } else { "BEGIN" };
    db.batch(begin).map_err(|e| Failure::of_engine(db, &e))?;
    let done = through_diesel(db, step)
        .and_then(|()| record(db).map_err(Failure::of_ledger))
        .and_then(|()| db.batch("COMMIT").map_err(|e| Failure::of_engine(db, &e)));
    undone(db, step, done)
}

fn without_transaction(
    db: &mut Database,
    step: &Step,
    record: impl FnOnce(&mut Database) -> Result<()>,
) -> Result<(), Failure> {
    let done = through_diesel(db, step).and_then(|()| record(db).map_err(Failure::of_ledger));
    undone(db, step, done)
}

/// After a failure, ends the transaction that is open, be it ours or the text's, and finds out
/// whether that took back everything.
fn undone(db: &mut Database, step: &Step, done: Result<(), Failure>) -> Result<(), Failure> {
    done.map_err(|mut failure| {
        failure.halfway = implicit_commit::has_happened(db, step);
        // An error means that there is none any more.
        let _ = db.batch("ROLLBACK");
        failure
    })
}

/// Takes back what a text did to the session. Failures here show at the next statement.
fn reset(db: &mut Database) {
    let sql = reset_statements(db);
    let _ = db.batch(&sql);
}

fn reset_statements(db: &Database) -> String {
    match db.dialect() {
        Dialect::Sqlite => RESET_SQLITE.to_owned(),
        Dialect::Postgres => RESET_POSTGRES.to_owned(),
        // `USE` is the only way back from a `USE`.
        Dialect::Mysql => match db.url().database() {
            Some(name) => format!("{RESET_MYSQL} USE {};", Dialect::Mysql.quote(&name)),
            None => RESET_MYSQL.to_owned(),
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
        }
    }

    pub(crate) fn bare(version: &str, up: &str, down: &str) -> Step {
        Step { in_transaction: false, ..step(version, up, down) }
    }
}
