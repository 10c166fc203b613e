//! The course of one run: the lock, what crashed runs left open, then step by step, each with its
//! ledger row; where the connection is lost or a table is held by others, again. A step that a
//! transaction holds runs here; the others in `by_statement`.

use std::borrow::{Borrow, Cow};
use std::collections::{BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use super::books::{Books, Page};
use super::crash::settle;
use super::failure::Failure;
use super::patience::{Backoff, blockers};
use super::texts::{ahead as read_ahead, full};
use super::through_diesel::through_diesel;
use super::{Direction, Event, LARGE, Options, Step, mentions, new_run_id, reset, set_up};
use super::{batch, by_statement};
use super::{unchecked, whole};
use crate::chain::token_checksum;
use crate::db::ledger::{self, Finished, Outcome, Start};
use crate::db::lock::Lock;
use crate::db::{Database, is_loss_in_words};
use crate::dialect::Dialect;
use crate::error::{Error, Kind, Result};
use crate::interrupt::{self, Watch};
use crate::{db, failpoint};

/// How often a lost connection is made again in one run.
const RECONNECTIONS: usize = 3;

/// Why an attempt ended early.
pub(super) struct Stopped<'a> {
    pub(super) error: Box<Error>,
    /// The connection is gone.
    lost: bool,
    /// Others hold a table: the ledger's row of the step.
    blocked: Option<i64>,
    step: Option<&'a Step>,
}

impl From<Error> for Stopped<'_> {
    fn from(error: Error) -> Self {
        Self { lost: is_loss_in_words(&error.message), blocked: None, error: Box::new(error), step: None }
    }
}

/// Runs a plan that was checked.
pub(super) fn run(db: &mut Database, plan: &[Step], options: Options<'_>) -> Result<()> {
    db.table_wait = options.table_wait;
    let mut course = Course { plan, run_id: new_run_id(), told: Vec::new(), options };
    for attempt in 0.. {
        let Err(stopped) = course.watched(db) else { break };
        if let Some(signal) = interrupt::caught().filter(|_| course.options.catch_signals) {
            return Err(interrupted(signal, &stopped.error));
        }
        if !stopped.lost || attempt == RECONNECTIONS || !db.reconnect() {
            if let Some(step) = stopped.step {
                (course.options.on_event)(Event::Failed { step, error: &stopped.error });
            }
            return Err(*stopped.error);
        }
        (course.options.on_event)(Event::Reconnected { error: &stopped.error });
    }
    Ok(())
}

fn interrupted(signal: u8, error: &Error) -> Error {
    let name = interrupt::name(signal);
    Error::new(Kind::Interrupted(signal), format!("{name}: the run was ended in good order ({error})"))
        .hint("what was done stays; to go on: run the same command again")
}

/// One run of a plan, with one attempt for each connection.
struct Course<'a, 'e> {
    plan: &'a [Step],
    run_id: String,
    /// Versions whose end was told.
    told: Vec<&'a str>,
    options: Options<'e>,
}

impl<'a> Course<'a, '_> {
    fn watched(&mut self, db: &mut Database) -> Result<(), Stopped<'a>> {
        let _watch = if self.options.catch_signals { Some(Watch::start(db::canceller(db)?)) } else { None };
        self.attempt(db)
    }

    fn attempt(&mut self, db: &mut Database) -> Result<(), Stopped<'a>> {
        let on_event = &mut *self.options.on_event;
        let mut db = lock(db, self.options.lock_wait, on_event)?;
        failpoint::hit("runner: the lock is taken");
        let plan = self.plan;
        if db.is_pooled() {
            plan.iter().try_for_each(|step| refuse_pooled(&db, step))?;
        }
        self.refuse_stale(&mut db)?;
        make_tables(&mut db)?;
        let open = settle(&mut db, self.plan, self.options.texts, self.options.on_event)?;
        reset(&mut db);
        if self.options.single_transaction {
            return self.whole(&mut db);
        }
        let mut books = Books::new();
        let ended = self.each(&mut db, &open, &mut books);
        let is_lost = ended.as_ref().is_err_and(|stopped| stopped.lost) || db.check_lease().is_err();
        // Without a connection the next attempt settles it; without the cluster's lock, whoever has that.
        let closed = if is_lost { Ok(()) } else { books.close(&mut db) };
        ended.and(closed.map_err(Stopped::from))
    }

    /// One step after the other.
    fn each(&mut self, db: &mut Database, open: &[(String, i64)], books: &mut Books) -> Result<(), Stopped<'a>> {
        let (plan, texts) = (self.plan, self.options.texts);
        let mut ready = VecDeque::new();
        for (at, step) in plan.iter().enumerate() {
            if self.options.catch_signals && interrupt::caught().is_some() {
                return Err(Error::undecided(format!("{} of {} steps are done", at, plan.len())).into());
            }
            db.check_lease()?;
            let (ahead, read) = (books.next(), ready.pop_front());
            // A plain Diesel takes no lock of ours. Within a run its row of a version refuses ours, so that
            // what goes up asks only then.
            let asks = ahead.is_none() || step.direction == Direction::Down || db.guard.is_some();
            if asks && db.is_applied(&step.version)? == (step.direction == Direction::Up) {
                discard(db, ahead)?;
                self.tell_done(db, step)?;
                continue;
            }
            let stop = |error| Stopped { step: Some(step), ..Stopped::from(error) };
            let text: Cow<'_, Step> = read.map_or_else(|| full(step, texts), Ok).map_err(stop)?;
            (self.options.on_event)(Event::Started { step, number: at + 1, total: plan.len() });
            let resumed = |version: &str| open.iter().find(|(open, _)| *open == version).map(|(_, id)| *id);
            let row = ahead.or_else(|| resumed(&step.version));
            let dialect = db.dialect();
            let is_next = |next: &&Step| next.is_plain(dialect) && resumed(&next.version).is_none();
            let next = plan[at + 1..].iter().take(books.wanted(db)).take_while(is_next);
            ready.extend(read_ahead(next, texts));
            let next = ready.make_contiguous();
            let done = self.patiently(db, |course, db, again| {
                let row = match again.or(row) {
                    Some(id) if again.is_some() || ahead.is_none() => Row::Again(id),
                    Some(id) => Row::Begun(id),
                    None => Row::New,
                };
                course.step(db, (step, &text), row, (books, next))
            });
            match done? {
                Some(Done { duration, page }) => {
                    books.turn(page);
                    self.told.push(&step.version);
                    (self.options.on_event)(Event::Finished { step, duration });
                }
                None => self.tell_done(db, step)?,
            }
        }
        Ok(())
    }

    fn refuse_stale(&self, db: &mut Database) -> Result<()> {
        refuse_stale(db, self.plan, self.options.planned_on)
    }

    /// All of the plan, or nothing.
    fn whole(&mut self, db: &mut Database) -> Result<(), Stopped<'a>> {
        let plan = self.plan;
        let texts = self.options.texts;
        whole::check(db, plan, texts)?;
        let took = self.patiently(db, |course, db, _| {
            let still = |db: &mut Database| refuse_stale(db, plan, course.options.planned_on);
            let on_event = &mut *course.options.on_event;
            let begins = |step, number| on_event(Event::Started { step, number, total: plan.len() });
            whole::run(db, (plan, texts), &course.run_id, &still, begins).map_err(|(step, failure)| {
                let text = step.and_then(|step| full(step, texts).ok());
                let blocked = failure.is_blocked().then_some(0);
                if let Some(step) = text.as_deref().filter(|_| blocked.is_none() && !failure.lost) {
                    // For those who look; where it cannot be written, nothing else depends on it.
                    let outcome = Outcome::Failed(Duration::ZERO, failure.message.clone());
                    let _ = start(db, step, &course.run_id).and_then(|id| ledger::finish(db, id, &outcome));
                }
                Stopped { lost: failure.lost, blocked, error: failure.told(text.as_deref().or(step)), step }
            })
        })?;
        for (step, duration) in plan.iter().zip(took) {
            match duration {
                Some(duration) => {
                    self.told.push(&step.version);
                    (self.options.on_event)(Event::Finished { step, duration });
                }
                None => self.tell_done(db, step)?,
            }
        }
        Ok(())
    }

    /// One step, which tells how far it is.
    fn step(
        &mut self,
        db: &mut Database,
        (step, text): (&'a Step, &Step),
        row: Row,
        books: (&Books, &[Cow<'_, Step>]),
    ) -> Result<Option<Done>, Stopped<'a>> {
        let on_event = &mut *self.options.on_event;
        let told = &mut |told| {
            on_event(match told {
                batch::Told::GoesOn(rows) => Event::GoesOn { step, rows },
                batch::Told::Progress(rows, total) => Event::Progress { step, rows, total },
            });
        };
        let (plan, planned_on) = (self.plan, self.options.planned_on);
        let still = &|db: &mut Database| refuse_stale(db, plan, planned_on);
        let mut wishes = batch::Wishes { max_lag: self.options.max_lag, still, told };
        recorded(db, text, &self.run_id, row, books, &mut wishes)
            .map_err(|stopped| Stopped { step: Some(step), ..stopped })
    }

    /// Again and again, while others hold what it needs; with the ledger's row of the attempt before.
    fn patiently<T>(
        &mut self,
        db: &mut Database,
        mut attempt: impl FnMut(&mut Self, &mut Database, Option<i64>) -> Result<T, Stopped<'a>>,
    ) -> Result<T, Stopped<'a>> {
        let mut backoff = Backoff::new();
        let (mut tries, mut row) = (0, None);
        loop {
            let stopped = match attempt(self, db, row) {
                Ok(done) => return Ok(done),
                Err(stopped) => stopped,
            };
            let (Some(id), Some(step)) = (stopped.blocked, stopped.step) else { return Err(stopped) };
            let text = full(step, self.options.texts).map(|step| step.sql.clone()).unwrap_or_default();
            let blockers = blockers(db, &text);
            let signalled = self.options.catch_signals && interrupt::caught().is_some();
            if tries >= self.options.table_retries || signalled {
                let error =
                    blockers.into_iter().fold(*stopped.error, |error, who| error.hint(format!("held by {who}")));
                return Err(Stopped { error: Box::new(error), ..stopped });
            }
            (self.options.on_event)(Event::Blocked { step, blockers: &blockers });
            tries += 1;
            row = Some(id);
            backoff.sleep();
        }
    }

    /// A step that was done already: by this run, before its connection was lost, or by another.
    fn tell_done(&mut self, db: &mut Database, step: &'a Step) -> Result<()> {
        if self.told.contains(&step.version.as_str()) {
            return Ok(());
        }
        self.told.push(&step.version);
        match ledger::duration_in(db, &step.version, &self.run_id)? {
            Some(duration) => (self.options.on_event)(Event::Finished { step, duration }),
            None => {
                let by = ledger::done_by(db, &step.version, step.direction)?;
                (self.options.on_event)(Event::Skipped { step, by: by.as_deref() });
            }
        }
        Ok(())
    }
}

/// Refuses a plan that another runner has overtaken: a way back that leaves out what came after it, a
/// way up from what is no longer there. What the plan itself wants may be done already.
fn refuse_stale(db: &mut Database, plan: &[Step], planned_on: Option<&[String]>) -> Result<()> {
    let Some((direction, planned_on)) = plan.first().map(|step| step.direction).zip(planned_on) else { return Ok(()) };
    let own: BTreeSet<&str> = plan.iter().map(|step| step.version.as_str()).collect();
    let applied: Vec<String> = db.applied()?.into_iter().map(|row| row.version).collect();
    let (before, now) = (BTreeSet::from_iter(planned_on), BTreeSet::from_iter(&applied));
    let (other, verb) = match direction {
        Direction::Up => (before.difference(&now).find(|version| !own.contains(version.as_str())), "taken back"),
        Direction::Down => (now.difference(&before).find(|version| !own.contains(version.as_str())), "applied"),
    };
    other.map_or(Ok(()), |version| {
        Err(Error::new(
            Kind::Change,
            format!("version {version} was {verb} while this run waited, and its plan does not know that"),
        )
        .hint("nothing was run; run it again: it plans anew"))
    })
}

/// Takes the runners' lock, and tells who has it where that takes longer than a moment.
pub(super) fn lock<'a>(db: &'a mut Database, wait: Duration, on_event: &mut dyn FnMut(Event<'_>)) -> Result<Lock<'a>> {
    Lock::acquire(db, wait, &mut |holder| on_event(Event::Waits { holder }))
}

/// Diesel's table and ours. Behind a pooler another runner may be about to make them: there each is
/// made under the lock that a transaction takes.
pub(super) fn make_tables(db: &mut Database) -> Result<()> {
    let made = if db.guard.is_some() { db.atomically(set_up) } else { set_up(db) };
    made?;
    failpoint::hit("runner: Diesel's table is there");
    ledger::ensure(db)
}

/// Each of its statements may reach another session there, so nothing but a transaction is safe.
pub(super) fn refuse_pooled(db: &Database, step: &Step) -> Result<()> {
    if step.is_atomic(db.dialect()) {
        return Ok(());
    }
    Err(Error::new(
        Kind::Undecided,
        format!("{} has no transaction, and this connection goes through a pooler that shares sessions", step.name),
    )
    .hint("give the URL of the server itself for this: --database-url postgres://… (past pgbouncer)"))
}

/// The ledger's row of a step that is about to run.
#[derive(Clone, Copy)]
pub(super) enum Row {
    New,
    /// Written by this run already.
    Begun(i64),
    /// That of an attempt or a run before, which is gone on with.
    Again(i64),
}

/// A step that is done.
pub(super) struct Done {
    pub(super) duration: Duration,
    /// What the run's books say of it now.
    page: Page,
}

/// Takes away a row that was begun for nothing.
fn discard(db: &mut Database, row: Option<i64>) -> Result<()> {
    row.map_or(Ok(()), |id| ledger::discard(db, id))
}

/// One step with its ledger row, beside the other rows of its run and the steps that come next. `None`
/// where somebody else has done it meanwhile.
pub(super) fn recorded<'a>(
    db: &mut Database,
    step: &Step,
    run_id: &str,
    row: Row,
    (books, next): (&Books, &[Cow<'_, Step>]),
    wishes: &mut batch::Wishes<'_>,
) -> Result<Option<Done>, Stopped<'a>> {
    let id = match row {
        Row::Begun(id) => id,
        Row::Again(id) => ledger::reopen(db, id, run_id).map(|()| id)?,
        Row::New => start(db, step, run_id)?,
    };
    failpoint::hit("runner: a step is begun");
    let began = Instant::now();
    let mut done = None;
    let still = wishes.still;
    let record = |db: &mut Database| {
        let duration = began.elapsed();
        if db.guard.is_some() {
            // Under the session's lock nobody can have overtaken the plan since it was looked at.
            still(db)?;
        }
        done = Some(Done { duration, page: books.write(db, id, step, duration, next, run_id)? });
        Ok(())
    };
    let ran = match &step.batch {
        Some(batch) => batch::execute(db, step, batch, record, wishes),
        None => execute(db, step, Some(id), record),
    };
    match ran {
        Ok(true) => Ok(done),
        Ok(false) => {
            ledger::discard(db, id)?;
            Ok(None)
        }
        // Refused because a plain Diesel was faster.
        Err(failure) if !failure.lost && !failure.halfway && is_done(db, step) => {
            ledger::discard(db, id)?;
            Ok(None)
        }
        Err(failure) => {
            let (duration, words) = (began.elapsed(), failure.message.clone());
            let outcome =
                if failure.halfway { Outcome::Halfway(duration, words) } else { Outcome::Failed(duration, words) };
            // Without a connection the row stays `running`, and the next run settles it; without the
            // cluster's lock it is another runner's by now.
            if db.check_lease().is_ok() {
                let _ = ledger::finish(db, id, &outcome);
            }
            let blocked = failure.is_blocked().then_some(id);
            Err(Stopped { lost: failure.lost, blocked, error: failure.told(Some(step)), step: None })
        }
    }
}

/// Whether somebody else has done a step that a transaction holds.
fn is_done(db: &mut Database, step: &Step) -> bool {
    let is_up = step.direction == Direction::Up && step.is_plain(db.dialect());
    is_up && db.check_lease().is_ok() && db.is_applied(&step.version).unwrap_or_default()
}

/// The ledger's row of a step that begins.
fn start(db: &mut Database, step: &Step, run_id: &str) -> Result<i64> {
    let steps = std::slice::from_ref(step);
    with_starts(db, steps, run_id, |db, starts| starts.first().map_or(Ok(0), |start| ledger::start(db, start)))
}

/// Does something with what the ledger is told of steps that begin.
pub(super) fn with_starts<T>(
    db: &mut Database,
    steps: &[impl Borrow<Step>],
    run_id: &str,
    work: impl FnOnce(&mut Database, &[Start<'_>]) -> Result<T>,
) -> Result<T> {
    let dialect = db.dialect();
    let tokens: Vec<Option<String>> = steps.iter().map(|step| tokens_up(step.borrow(), dialect)).collect();
    let starts = steps.iter().zip(&tokens);
    let starts: Vec<Start<'_>> =
        starts.map(|(step, tokens)| start_of(step.borrow(), dialect, run_id, tokens.as_deref())).collect();
    work(db, &starts)
}

/// The checksum of what the text of a way up says.
fn tokens_up(step: &Step, dialect: Dialect) -> Option<String> {
    (step.direction == Direction::Up && step.sql.len() <= LARGE).then(|| token_checksum(dialect, &step.sql))
}

fn start_of<'a>(step: &'a Step, dialect: Dialect, run_id: &'a str, tokens_up: Option<&'a str>) -> Start<'a> {
    let atomic = step.is_atomic(dialect);
    Start {
        version: &step.version,
        revision: step.revision.as_deref(),
        name: &step.name,
        direction: step.direction,
        in_transaction: atomic,
        checksum_up: &step.checksum_up,
        checksum_down: &step.checksum_down,
        down_sql: &step.down_sql,
        tokens_up,
        run_id,
        units: (!atomic).then(|| by_statement::count(step, dialect)),
    }
}

/// A step that was done in a transaction that is open yet.
pub(super) struct Taken<'a> {
    pub(super) step: Cow<'a, Step>,
    pub(super) took: Duration,
    pub(super) ended: Instant,
}

impl<'a> Taken<'a> {
    /// One that ends at this moment.
    pub(super) fn now(step: Cow<'a, Step>, took: Duration) -> Self {
        Self { step, took, ended: Instant::now() }
    }
}

/// Writes the ledger's rows of steps that are done.
pub(super) fn record(db: &mut Database, steps: &[Taken<'_>], run_id: &str) -> Result<()> {
    let dialect = db.dialect();
    let tokens: Vec<Option<String>> = steps.iter().map(|taken| tokens_up(&taken.step, dialect)).collect();
    let finished = steps.iter().zip(&tokens).map(|(taken, tokens)| Finished {
        start: start_of(&taken.step, dialect, run_id, tokens.as_deref()),
        outcome: outcome(&taken.step, taken.took),
        ago: taken.ended.elapsed(),
    });
    ledger::record(db, &finished.collect::<Vec<_>>())
}

/// How a step ended that went well.
pub(super) fn outcome(step: &Step, took: Duration) -> Outcome {
    match step.direction {
        Direction::Up => Outcome::Applied(took),
        Direction::Down => Outcome::Reverted(took),
    }
}

/// What is prepared by name may be gone behind some texts.
pub(super) fn mind_prepared(db: &mut Database, step: &Step) {
    if db.dialect() == Dialect::Postgres && mentions(&step.sql, &["deallocate", "discard"]) {
        db.prepare_nothing();
    }
}

/// Runs a step and `record`: in the step's transaction, or behind what the journal says is left.
/// False where somebody else has done it meanwhile.
pub(super) fn execute(
    db: &mut Database,
    step: &Step,
    ledger_id: Option<i64>,
    record: impl FnOnce(&mut Database) -> Result<()>,
) -> Result<bool, Failure> {
    mind_prepared(db, step);
    let done = if step.is_atomic(db.dialect()) {
        in_transaction(db, step, ledger_id.is_some(), record)
    } else {
        let done = by_statement::run(db, step, ledger_id, record);
        if done.is_err() {
            // A text may have left one open; an error means that it has not.
            let _ = db.batch("ROLLBACK");
        }
        done.map(|()| true)
    };
    // A step that a transaction holds takes it back itself, but for what SQLite allows only outside of one.
    let is_clean = done.is_ok() && step.is_atomic(db.dialect());
    if !is_clean || (db.dialect() == Dialect::Sqlite && mentions(&step.sql, &["pragma"])) {
        reset(db);
    }
    done
}

/// The transaction is ours and not Diesel's, so that the ledger's row is in it, and so that a text
/// that ends it is met with a plain error. Behind a pooler, the lock is taken in it, and whether
/// the step is still to be done is asked again.
pub(super) fn in_transaction(
    db: &mut Database,
    step: &Step,
    is_real: bool,
    record: impl FnOnce(&mut Database) -> Result<()>,
) -> Result<bool, Failure> {
    // A proof shows what plain Diesel would do.
    let broken = if is_real && unchecked::is_wanted(db, step) { Some(unchecked::begin(db)?) } else { None };
    // Sent with the text, where that has only to follow.
    let with_text = db.dialect() == Dialect::Postgres && db.guard.is_none();
    if !with_text {
        db.begin().map_err(Failure::of_ledger)?;
    }
    let done = still_to_do(db, step).and_then(|to_do| {
        if !to_do {
            return db.batch("ROLLBACK").map(|()| false).map_err(|e| Failure::of_engine(db, &e));
        }
        db.check_lease().map_err(Failure::of_ledger)?;
        interrupt::cancellable(|| through_diesel(db, step, with_text))?;
        failpoint::hit("runner: behind a step's text");
        broken.map_or(Ok(()), |before| unchecked::check(db, before))?;
        record(db).and_then(|()| db.fence()).map_err(Failure::of_ledger)?;
        failpoint::hit("runner: before a step's commit");
        db.batch("COMMIT").map(|()| true).map_err(|e| Failure::of_engine(db, &e))
    });
    failpoint::hit("runner: behind a step's commit");
    // An error means that there is none any more.
    done.inspect_err(|_| drop(db.batch("ROLLBACK")))
}

/// Under the session's lock nobody can have been faster.
pub(super) fn still_to_do(db: &mut Database, step: &Step) -> Result<bool, Failure> {
    if db.guard.is_none() {
        return Ok(true);
    }
    let applied = db.is_applied(&step.version).map_err(Failure::of_ledger)?;
    Ok(applied != (step.direction == Direction::Up))
}
