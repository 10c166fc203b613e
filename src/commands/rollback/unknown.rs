//! `rollback --unknown`: takes back what another branch has applied, by the `down.sql` that the
//! ledger keeps, since the files are not here.

use super::Rollback;
use crate::chain::Chain;
use crate::commands::guard::Standing;
use crate::commands::{apply, view};
use crate::context::Context;
use crate::db::introspect::introspect;
use crate::db::ledger::{self, Direction, Entry, State};
use crate::db::losses::{Counter, Lost};
use crate::db::{Database, DatabaseUrl};
use crate::dialect::Dialect;
use crate::error::{Error, Kind, Outcome, Result};
use crate::explain;
use crate::project::Project;
use crate::runner::{Step, is_blank, way_back};
use crate::words::counted;

impl Rollback {
    /// # Errors
    /// As for the whole command; also where the ledger keeps no way back.
    pub(super) fn run_unknown(&self, project: &Project, chain: &Chain, cx: &mut Context) -> Result<Outcome> {
        let mut database = view::open_for_reading(project)?;
        let applied = view::applied_versions(&mut database)?;
        let unknown = chain.pending(&applied).unknown;
        let steps = kept(&ledger::entries(&mut database)?, &unknown, database.url())?;
        let standing = Standing::read(project, chain, &applied, &mut database)?;
        let lost = losses(&steps, &mut database)?;
        apply::tell_kept(&steps, &lost, &standing, cx)?;
        if self.plan || steps.is_empty() {
            return Ok(Outcome::Fine);
        }
        // Most of all here: the database of another project has nothing but unknown versions.
        standing.accept(&self.guard, project, cx)?;
        let what = format!("this takes back {}", counted(steps.len(), "revision"));
        standing.agree(&self.guard, &what, cx)?;
        self.agree(&lost, cx)?;
        drop(database);
        let mut database = view::open_for_writing(project)?;
        apply::run(&mut database, &steps, &apply::Wishes::of(&self.waits, &applied), cx)
    }
}

/// The steps back, the last applied first.
fn kept(entries: &[Entry], unknown: &[String], url: &DatabaseUrl) -> Result<Vec<Step>> {
    let dialect = url.dialect();
    let mut found: Vec<&Entry> = Vec::new();
    for version in unknown {
        // A run that was killed has not told the end of what it did last.
        let is_up =
            |entry: &&Entry| matches!(entry.state, State::Applied | State::Running) && entry.direction == Direction::Up;
        let applied = |entry: &&Entry| entry.version == *version && is_up(entry);
        match entries.iter().rfind(applied).filter(|entry| !is_blank(&entry.down_sql, dialect)) {
            Some(entry) => found.push(entry),
            None => {
                return Err(Error::new(Kind::Change, format!("the ledger keeps no way back from version {version}"))
                    .hint("switch to the branch that has it, and roll back there")
                    .hint("or, where the schema needs nothing: cargo ops-migrate stamp current --purge"));
            }
        }
    }
    found.sort_by_key(|entry| std::cmp::Reverse(entry.id));
    // On MySQL the ledger tells whether the text was atomic, not how it was to run.
    let in_transaction = |entry: &Entry| entry.in_transaction || dialect == Dialect::Mysql;
    Ok(found.into_iter().map(|entry| way_back(entry, in_transaction(entry))).collect())
}

/// What the steps destroy, by the schema as it is: there is no chain to replay.
fn losses(steps: &[Step], database: &mut Database) -> Result<Vec<Lost>> {
    let mut schema = introspect(database)?;
    let mut counter = Counter::new(database);
    let mut lost = Vec::new();
    for step in steps {
        match explain::effect(&schema, &step.sql, &step.file) {
            Ok(effect) => {
                lost.extend(effect.operations.iter().filter_map(|operation| counter.loss(operation)));
                schema = effect.after;
            }
            Err(_) => lost.push(Lost { what: format!("whatever {} takes away", step.file), rows: None }),
        }
    }
    Ok(lost)
}
