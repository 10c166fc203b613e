//! The ledger's rows of the steps of a run. Each is there before its step begins, and one at a time is
//! what a short run has. A run that goes on writes those of several quick steps ahead, and ends them
//! together: a change of the schema makes every statement dear to an engine that has to compile it anew.
//! Until then such a row says `running` of a step that is done, and Diesel's table, written in the step's
//! own transaction, says the truth: a run that is killed leaves nothing that the next one cannot tell.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::Step;
use super::course::{outcome, with_starts};
use crate::db::Database;
use crate::db::ledger::{self, Ended, Outcome};
use crate::dialect::Dialect;
use crate::error::Result;

/// How many rows are begun at once, at most; a run begins with one, and doubles that.
const AT_ONCE: usize = 64;

/// How long a row may say `running` of a step that is done, once the next one ends.
const AT_MOST: Duration = Duration::from_secs(1);

/// What this run has written and not ended yet.
pub(super) struct Books {
    /// The rows of the steps that come next.
    ahead: VecDeque<i64>,
    /// Rows of steps that are done.
    done: Vec<Done>,
    /// How many are to be begun next.
    size: usize,
}

struct Done {
    id: i64,
    outcome: Outcome,
    ended: Instant,
}

/// What has become of the books in a transaction, once that is committed.
pub(super) enum Page {
    /// Nothing was written: this step's end is still to be told.
    Kept(i64, Outcome, Instant),
    /// All that is done was ended, and these were begun.
    Ended(Vec<i64>),
}

impl Books {
    pub(super) fn new() -> Self {
        Self { ahead: VecDeque::new(), done: Vec::new(), size: 1 }
    }

    /// The row of the step that begins, where it was written ahead.
    pub(super) fn next(&mut self) -> Option<i64> {
        self.ahead.pop_front()
    }

    /// What a step writes in its own transaction when it ends: often nothing. `next` are the steps whose
    /// rows are begun with it, if it is time.
    pub(super) fn write(
        &self,
        db: &mut Database,
        id: i64,
        step: &Step,
        took: Duration,
        next: &[Cow<'_, Step>],
        run_id: &str,
    ) -> Result<Page> {
        let oldest = self.done.first().map_or(Duration::ZERO, |done| done.ended.elapsed());
        let is_due = self.ahead.is_empty() || took.max(oldest) > AT_MOST;
        let this = outcome(step, took);
        if !is_due {
            return Ok(Page::Kept(id, this, Instant::now()));
        }
        let mut ended: Vec<Ended<'_>> = self.done.iter().map(Done::ended).collect();
        ended.push(Ended { id, outcome: &this, ago: Duration::ZERO });
        ledger::end_all(db, &ended)?;
        let next = if self.ahead.is_empty() { next } else { &[] };
        with_starts(db, next, run_id, ledger::start_all).map(Page::Ended)
    }

    /// A transaction in which something was written is committed.
    pub(super) fn turn(&mut self, page: Page) {
        match page {
            Page::Kept(id, outcome, ended) => self.done.push(Done { id, outcome, ended }),
            Page::Ended(begun) => {
                self.done.clear();
                if !begun.is_empty() {
                    self.ahead = begun.into();
                    self.size = (self.size * 2).min(AT_ONCE);
                }
            }
        }
    }

    /// Tells what is done, and takes back what was written ahead: the run is over before its end.
    ///
    /// # Errors
    /// `Database` with the engine's own words: the next run puts it right.
    pub(super) fn close(&mut self, db: &mut Database) -> Result<()> {
        let done = std::mem::take(&mut self.done);
        ledger::end_all(db, &done.iter().map(Done::ended).collect::<Vec<_>>())?;
        std::mem::take(&mut self.ahead).into_iter().try_for_each(|id| ledger::discard(db, id))
    }

    /// How many steps have their rows begun when the one that runs now has ended.
    pub(super) fn wanted(&self, db: &Database) -> usize {
        if !self.ahead.is_empty() {
            return 0;
        }
        // Behind a pooler, another runner may do the steps that come next.
        if db.dialect() == Dialect::Mysql || db.guard.is_some() { 1 } else { self.size }
    }
}

impl Done {
    fn ended(&self) -> Ended<'_> {
        Ended { id: self.id, outcome: &self.outcome, ago: self.ended.elapsed() }
    }
}
