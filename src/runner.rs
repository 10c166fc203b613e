//! Applies or rolls back a plan: one runner at a time, each step recorded by diesel_migrations, so
//! that Diesel's own table always agrees, and each step in the ledger. The ledger's row of a step
//! that runs in a transaction is ended in that same transaction: after a crash it tells the truth.
//! A step that no transaction holds runs statement by statement with a journal, and the next run
//! goes on where it ended. A connection that is lost is made again, and what became of the work is
//! found out under the lock. Which steps a plan has is decided by others; where a step's text comes
//! from too.

mod blank;
mod by_statement;
mod crash;
mod failure;
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
pub use self::by_statement::Progress;
use self::crash::settle;
pub use self::crash::{DieselRow, Found, Prospect, Resolution, journal, prospect};
use self::failure::Failure;
use self::through_diesel::through_diesel;
pub use crate::db::ledger::Direction;
use crate::db::ledger::{self, Outcome, Start};
use crate::db::lock::Lock;
use crate::db::{Database, is_loss_in_words, scratch, with_connection};
use crate::dialect::Dialect;
use crate::error::{Error, Kind, Result};
use crate::failpoint;
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
    /// The checksum of what `up.sql` says, without comments and white space.
    pub tokens_up: String,
    pub in_transaction: bool,
}

/// What happens while a plan runs.
#[derive(Debug)]
pub enum Event<'a> {
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
    pub on_event: &'a mut dyn FnMut(Event<'_>),
}

impl Step {
    /// The way back of a step up: its `down.sql` as the text that runs.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let file = self.file.strip_suffix("up.sql").map_or_else(|| self.file.clone(), |dir| format!("{dir}down.sql"));
        Self { direction: Direction::Down, sql: self.down_sql.clone(), file, ..self.clone() }
    }

    /// Whether the database undoes all of it where it fails or its runner is killed.
    pub fn is_atomic(&self, dialect: Dialect) -> bool {
        by_statement::is_atomic(self, dialect)
    }

    /// Whether the text says nothing to this engine: SQLite takes a text of comments, PostgreSQL
    /// refuses it.
    pub fn is_blank(&self, dialect: Dialect) -> bool {
        is_blank(&self.sql, dialect)
    }
}

/// How often a lost connection is made again in one run.
const RECONNECTIONS: usize = 3;

/// How long a server may take to be there again.
const AWAY: Duration = Duration::from_secs(5);

/// Why an attempt ended early.
struct Stopped<'a> {
    error: Error,
    /// The connection is gone.
    lost: bool,
    step: Option<&'a Step>,
}

impl From<Error> for Stopped<'_> {
    fn from(error: Error) -> Self {
        Self { lost: is_loss_in_words(&error.message), error, step: None }
    }
}

/// Settles what crashed runs left open, then runs the plan in order; stops at the first failure.
///
/// # Errors
/// `Undecided` before anything runs for a text that says nothing or a version too long for Diesel;
/// `Locked` while another runner works; `NeedsResolve` where nobody but a person can tell how far a
/// crashed run got; `Change` for a step that the database refuses, with the place in its text where
/// that is known; `Database` where the connection fails.
pub fn run(db: &mut Database, plan: &[Step], options: Options<'_>) -> Result<()> {
    plan.iter().try_for_each(|step| check(step, db.dialect()))?;
    if plan.is_empty() && ledger::unfinished(db)?.is_empty() {
        return Ok(());
    }
    let mut course = Course {
        plan,
        run_id: format!("{:08x}{:08x}", scratch::random(), scratch::random()),
        told: Vec::new(),
        lock_wait: options.lock_wait,
        on_event: options.on_event,
    };
    for attempt in 0.. {
        let Err(stopped) = course.attempt(db) else { break };
        if !stopped.lost || attempt == RECONNECTIONS || !reconnect(db) {
            if let Some(step) = stopped.step {
                (course.on_event)(Event::Failed { step, error: &stopped.error });
            }
            return Err(stopped.error);
        }
        (course.on_event)(Event::Reconnected { error: &stopped.error });
    }
    Ok(())
}

/// Makes a lost connection again; false where the server stays away.
fn reconnect(db: &mut Database) -> bool {
    let deadline = Instant::now() + AWAY;
    loop {
        if let Ok(again) = Database::connect(db.url()) {
            *db = again;
            return true;
        }
        if Instant::now() > deadline {
            return false;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// One run of a plan, with one attempt for each connection.
struct Course<'a, 'e> {
    plan: &'a [Step],
    run_id: String,
    /// Versions whose end was told.
    told: Vec<&'a str>,
    lock_wait: Duration,
    on_event: &'e mut dyn FnMut(Event<'_>),
}

impl<'a> Course<'a, '_> {
    fn attempt(&mut self, db: &mut Database) -> Result<(), Stopped<'a>> {
        let mut db = Lock::acquire(db, self.lock_wait)?;
        failpoint::hit("runner: the lock is taken");
        set_up(&mut db)?;
        failpoint::hit("runner: Diesel's table is there");
        ledger::ensure(&mut db)?;
        let open = settle(&mut db, self.plan, self.on_event)?;
        let plan = self.plan;
        for (at, step) in plan.iter().enumerate() {
            // Asked again before each step: a plain Diesel takes no lock of ours.
            if db.is_applied(&step.version)? == (step.direction == Direction::Up) {
                self.tell_done(&mut db, step)?;
                continue;
            }
            (self.on_event)(Event::Started { step, number: at + 1, total: plan.len() });
            let resumed = open.iter().find(|(version, _)| *version == step.version).map(|(_, id)| *id);
            let duration = recorded(&mut db, step, &self.run_id, resumed)
                .map_err(|stopped| Stopped { step: Some(step), ..stopped })?;
            self.told.push(&step.version);
            (self.on_event)(Event::Finished { step, duration });
        }
        Ok(())
    }

    /// A step that was done already: by this run, before its connection was lost, or by another.
    fn tell_done(&mut self, db: &mut Database, step: &'a Step) -> Result<()> {
        if self.told.contains(&step.version.as_str()) {
            return Ok(());
        }
        self.told.push(&step.version);
        match ledger::duration_in(db, &step.version, &self.run_id)? {
            Some(duration) => (self.on_event)(Event::Finished { step, duration }),
            None => (self.on_event)(Event::Skipped { step }),
        }
        Ok(())
    }
}

/// Runs one step without lock and ledger, for scratch databases.
pub(crate) fn run_unrecorded(db: &mut Database, step: &Step) -> Result<()> {
    check(step, db.dialect())?;
    execute(db, step, None, |_| Ok(())).map_err(|failure| failure.explained(step))
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
    Ok(())
}

/// One step with its ledger row: a new one, or that of a run which is gone on with.
fn recorded<'a>(
    db: &mut Database,
    step: &Step,
    run_id: &str,
    resumed: Option<i64>,
) -> Result<Duration, Stopped<'a>> {
    let id = match resumed {
        Some(id) => ledger::reopen(db, id, run_id).map(|()| id)?,
        None => start(db, step, run_id)?,
    };
    failpoint::hit("runner: a step is begun");
    let began = Instant::now();
    let mut duration = Duration::ZERO;
    let done = execute(db, step, Some(id), |db| {
        duration = began.elapsed();
        let outcome = match step.direction {
            Direction::Up => Outcome::Applied(duration),
            Direction::Down => Outcome::Reverted(duration),
        };
        ledger::finish(db, id, &outcome)
    });
    done.map(|()| duration).map_err(|failure| {
        let (duration, words) = (began.elapsed(), failure.message.clone());
        let outcome =
            if failure.halfway { Outcome::Halfway(duration, words) } else { Outcome::Failed(duration, words) };
        // Without a connection the row stays `running`, and the next run settles it.
        let _ = ledger::finish(db, id, &outcome);
        Stopped { lost: failure.lost, error: failure.explained(step), step: None }
    })
}

fn start(db: &mut Database, step: &Step, run_id: &str) -> Result<i64> {
    let atomic = step.is_atomic(db.dialect());
    ledger::start(
        db,
        &Start {
            version: &step.version,
            revision: step.revision.as_deref(),
            name: &step.name,
            direction: step.direction,
            in_transaction: atomic,
            checksum_up: &step.checksum_up,
            checksum_down: &step.checksum_down,
            down_sql: &step.down_sql,
            tokens_up: Some(&step.tokens_up),
            run_id,
            units: (!atomic).then(|| by_statement::count(step, db.dialect())),
        },
    )
}

/// Runs a step and `record`: in the step's transaction, or behind what the journal says is left.
fn execute(
    db: &mut Database,
    step: &Step,
    ledger_id: Option<i64>,
    record: impl FnOnce(&mut Database) -> Result<()>,
) -> Result<(), Failure> {
    let done = if step.is_atomic(db.dialect()) {
        in_transaction(db, step, record)
    } else {
        let done = by_statement::run(db, step, ledger_id, record);
        if done.is_err() {
            // A text may have left one open; an error means that it has not.
            let _ = db.batch("ROLLBACK");
        }
        done
    };
    reset(db);
    done
}

/// How a transaction begins. IMMEDIATE: a deferred one that reads first cannot wait for another
/// writer.
fn begin(dialect: Dialect) -> &'static str {
    if dialect == Dialect::Sqlite { "BEGIN IMMEDIATE" } else { "BEGIN" }
}

/// The transaction is ours and not Diesel's, so that the ledger's row is in it, and so that a text
/// that ends it is met with a plain error.
fn in_transaction(
    db: &mut Database,
    step: &Step,
    record: impl FnOnce(&mut Database) -> Result<()>,
) -> Result<(), Failure> {
    db.batch(begin(db.dialect())).map_err(|e| Failure::of_engine(db, &e))?;
    let done = through_diesel(db, step)
        .and_then(|()| {
            failpoint::hit("runner: behind a step's text");
            record(db).map_err(Failure::of_ledger)
        })
        .and_then(|()| {
            failpoint::hit("runner: before a step's commit");
            db.batch("COMMIT").map_err(|e| Failure::of_engine(db, &e))
        });
    failpoint::hit("runner: behind a step's commit");
    // An error means that there is none any more.
    done.inspect_err(|_| drop(db.batch("ROLLBACK")))
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
            tokens_up: "t".to_owned(),
            in_transaction: true,
        }
    }

    pub(crate) fn bare(version: &str, up: &str, down: &str) -> Step {
        Step { in_transaction: false, ..step(version, up, down) }
    }
}
