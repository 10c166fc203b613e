//! Data steps in batches: `up.sql` runs once for each piece of a table, in the order of a key, and
//! each piece is committed together with the position that it reaches. A run that ends early goes
//! on from there. The last piece runs through Diesel, in the transaction that records the revision.
//!
//! The text marks the place of the condition: `/* ops-migrate: batch */ TRUE`. To everybody else,
//! a plain `diesel migration run` included, that is valid SQL for all rows at once.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::course::{in_transaction, still_to_do};
use super::failure::Failure;
use super::{Direction, Step, reset};
use crate::catalog::Name;
use crate::chain::metadata::Batch;
use crate::db::{Database, settings};
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::place::Place;
use crate::sql::statements;

/// What stands before the `TRUE` that becomes a condition.
pub const MARK: &str = "/* ops-migrate: batch */";

/// How often replicas are asked how far behind they are.
const LAG_TICK: Duration = Duration::from_millis(200);

/// How statements begin that change rows and nothing else.
const ROWS: [&str; 6] = ["insert", "update", "delete", "replace", "with", "merge"];

/// How far a step has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Position {
    /// The last key that is done; `None` at the start.
    after: Option<String>,
    /// Rows of the table up to there.
    rows: u64,
}

/// What a step tells while it runs.
pub(super) enum Told {
    /// It goes on after so many rows.
    GoesOn(u64),
    /// Rows done, and how many there are, as the engine estimates it.
    Progress(u64, Option<u64>),
}

/// What else a run wants of a step; the lag is for data steps alone.
pub(super) struct Wishes<'a> {
    /// How far behind a replica may be.
    pub max_lag: Option<Duration>,
    /// Refuses where another run has overtaken the plan; asked where no session's lock keeps others away.
    pub still: &'a dyn Fn(&mut Database) -> Result<()>,
    pub told: &'a mut dyn FnMut(Told),
}

impl<'a> Wishes<'a> {
    /// None but to be told.
    pub(super) fn none(told: &'a mut dyn FnMut(Told)) -> Self {
        Self { max_lag: None, still: &|_| Ok(()), told }
    }
}

/// How far a step has come, for people.
pub fn progress_text(rows: u64, total: Option<u64>) -> String {
    match total.filter(|total| *total >= rows && *total > 0) {
        Some(total) => format!("{rows} of about {total} rows ({} %)", rows * 100 / total),
        None => format!("{rows} rows"),
    }
}

/// Checks that each statement of the text changes rows alone and has the place of the condition.
///
/// # Errors
/// `Undecided` with the line of the statement.
pub(super) fn check(step: &Step, dialect: Dialect) -> Result<()> {
    if step.batch.is_none() || step.direction == Direction::Down {
        return Ok(());
    }
    let found = statements(dialect, &step.sql).map_err(|error| error.at(Place::file(&step.file)))?;
    for statement in found {
        let place = Place::at_offset(&step.file, &step.sql, statement.offset);
        let first = statement.text.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
        if !ROWS.contains(&first.as_str()) {
            return Err(Error::undecided(format!("`{first}` runs for every batch: only rows can be changed there"))
                .at(place)
                .hint("write it into a revision of its own"));
        }
        if places(statement.text).count() != 1 {
            return Err(Error::undecided("the statement has no place for the condition of a batch, or several")
                .at(place)
                .hint(format!("write it where the condition belongs: WHERE {MARK} TRUE")));
        }
    }
    Ok(())
}

/// Runs a step piece by piece; the last piece with `record` in its transaction. False where somebody
/// else has done it meanwhile.
pub(super) fn execute(
    db: &mut Database,
    step: &Step,
    batch: &Batch,
    record: impl FnOnce(&mut Database) -> Result<()>,
    wishes: &mut Wishes<'_>,
) -> Result<bool, Failure> {
    settings::ensure(db).map_err(Failure::of_ledger)?;
    let setting = setting(&step.version);
    let mut at = position(db, &setting).map_err(Failure::of_ledger)?;
    if at.rows > 0 {
        (wishes.told)(Told::GoesOn(at.rows));
    }
    let total = estimate(db, batch);
    let mut replicas = Replicas::of(db, wishes.max_lag).map_err(Failure::of_ledger)?;
    loop {
        let next = boundary(db, batch, at.after.as_deref())?;
        let condition = condition(batch, at.after.as_deref(), next.as_deref(), db.dialect());
        let piece = Step { sql: with_condition(&step.sql, &condition), ..step.clone() };
        let Some(next) = next else {
            let done = in_transaction(db, &piece, true, |db| {
                settings::remove(db, &setting)?;
                record(db)
            });
            reset(db);
            return done;
        };
        let end = Position { after: Some(next), rows: at.rows + u64::from(batch.size) };
        let done = commit_piece(db, &piece, &setting, (&at, &end));
        reset(db);
        if !done? {
            if db.is_applied(&step.version).map_err(Failure::of_ledger)? {
                return Ok(false);
            }
            at = position(db, &setting).map_err(Failure::of_ledger)?;
            continue;
        }
        at = end;
        (wishes.told)(Told::Progress(at.rows, total));
        std::thread::sleep(Duration::from_millis(u64::from(batch.pause_ms)));
        if let Some(replicas) = &mut replicas {
            replicas.wait(db).map_err(Failure::of_ledger)?;
        }
    }
}

/// The setting that holds the position of a version.
fn setting(version: &str) -> String {
    format!("batch {version}")
}

fn position(db: &mut Database, setting: &str) -> Result<Position> {
    let found = settings::get(db, setting)?;
    // A value of nobody's making: from the start, which is always right for a step that may resume.
    Ok(found.and_then(|found| serde_json::from_str(&found.value).ok()).unwrap_or_default())
}

/// Commits a piece with the position at its end; false where that is no longer at its beginning:
/// behind a pooler, another runner may have been faster.
fn commit_piece(
    db: &mut Database,
    piece: &Step,
    setting: &str,
    (from, to): (&Position, &Position),
) -> Result<bool, Failure> {
    let value = serde_json::to_string(to).map_err(|e| Failure::of_ledger(Error::undecided(e.to_string())))?;
    db.begin().map_err(Failure::of_ledger)?;
    let done = is_still_at(db, piece, setting, from).and_then(|is_still_there| {
        if !is_still_there {
            return db.batch("ROLLBACK").map(|()| false).map_err(|e| Failure::of_engine(db, &e));
        }
        db.batch(&piece.sql).map_err(|e| Failure::of_text(db, piece, &e))?;
        settings::put(db, setting, &value).and_then(|()| db.fence()).map_err(Failure::of_ledger)?;
        db.batch("COMMIT").map(|()| true).map_err(|e| Failure::of_engine(db, &e))
    });
    // An error means that there is none any more.
    done.inspect_err(|_| drop(db.batch("ROLLBACK")))
}

/// Under the session's lock nobody can have moved it.
fn is_still_at(db: &mut Database, piece: &Step, setting: &str, at: &Position) -> Result<bool, Failure> {
    if db.guard.is_none() {
        return Ok(true);
    }
    Ok(still_to_do(db, piece)? && position(db, setting).map_err(Failure::of_ledger)? == *at)
}

/// The key at which the next piece ends; `None` where what is left is the last piece.
fn boundary(db: &mut Database, batch: &Batch, after: Option<&str>) -> Result<Option<String>, Failure> {
    let dialect = db.dialect();
    let (text, row) = if dialect == Dialect::Mysql { ("char", "`row`") } else { ("text", "row") };
    let key = dialect.quote(&batch.key);
    let from = after.map(|after| format!("AND {key} > {}", dialect.literal(after))).unwrap_or_default();
    // One row more than a batch has: the last piece is never empty but for an empty table.
    let sql = format!(
        "SELECT CAST(k AS {text}) AS {row} FROM (SELECT {key} AS k FROM {} WHERE {key} IS NOT NULL {from}
            ORDER BY {key} LIMIT 2 OFFSET {}) AS q",
        table(batch).sql(dialect),
        batch.size - 1
    );
    let found = db.texts(&sql, &[]).map_err(Failure::of_ledger)?;
    Ok(if found.len() == 2 { found.into_iter().next().flatten() } else { None })
}

/// Which rows a piece is about. The last one takes whatever is left, rows without a key included.
fn condition(batch: &Batch, after: Option<&str>, next: Option<&str>, dialect: Dialect) -> String {
    let key = dialect.quote(&batch.key);
    match (after, next) {
        (None, None) => "TRUE".to_owned(),
        (None, Some(next)) => format!("({key} <= {})", dialect.literal(next)),
        (Some(after), None) => format!("({key} > {} OR {key} IS NULL)", dialect.literal(after)),
        (Some(after), Some(next)) => {
            format!("({key} > {} AND {key} <= {})", dialect.literal(after), dialect.literal(next))
        }
    }
}

/// The bytes from a mark to the end of its `TRUE`.
fn places(sql: &str) -> impl Iterator<Item = std::ops::Range<usize>> {
    sql.match_indices(MARK).filter_map(|(at, _)| {
        let rest = &sql[at + MARK.len()..];
        let space = rest.len() - rest.trim_start().len();
        let word = rest.get(space..space + 4)?;
        let ends = !rest[space + 4..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
        (word.eq_ignore_ascii_case("true") && ends).then(|| at..at + MARK.len() + space + 4)
    })
}

fn with_condition(sql: &str, condition: &str) -> String {
    let mut text = String::with_capacity(sql.len() + condition.len());
    let mut done = 0;
    for place in places(sql) {
        text.push_str(&sql[done..place.start]);
        text.push_str(condition);
        done = place.end;
    }
    text.push_str(&sql[done..]);
    text
}

fn table(batch: &Batch) -> Name {
    match batch.table.split_once('.') {
        Some((schema, name)) => Name::qualified(schema, name),
        None => Name::new(&batch.table),
    }
}

/// How many rows the table has, as far as the engine knows without counting.
fn estimate(db: &mut Database, batch: &Batch) -> Option<u64> {
    let table = table(batch).sql(db.dialect());
    let found = match db.dialect() {
        Dialect::Sqlite => return db.count(&table).ok(),
        Dialect::Postgres => db.text(
            "SELECT reltuples::bigint::text AS row FROM pg_class WHERE oid = to_regclass($1) AND reltuples > 0",
            &[Some(&table)],
        ),
        Dialect::Mysql => db.text(
            "SELECT CAST(table_rows AS char) AS `row` FROM information_schema.tables
             WHERE table_schema = database() AND table_name = $1",
            &[Some(&batch.table)],
        ),
    };
    found.ok().flatten()?.parse().ok()
}

/// What replicas have yet to replay of this run, oldest first.
///
/// The server's own `replay_lag` is no measure: it is of what has been replayed, and says nothing
/// while a replica stands still (PostgreSQL manual 28.2.4).
struct Replicas {
    max_lag: Duration,
    /// When a piece was committed, and where the log was then.
    commits: VecDeque<(Instant, String)>,
}

impl Replicas {
    /// Fails before the first piece where nobody could tell.
    fn of(db: &mut Database, max_lag: Option<Duration>) -> Result<Option<Self>> {
        let Some(max_lag) = max_lag.filter(|_| db.dialect() == Dialect::Postgres) else { return Ok(None) };
        Self::are_behind(db, "0/0")?;
        Ok(Some(Self { max_lag, commits: VecDeque::new() }))
    }

    /// Whether a replica has yet to replay the log up to there.
    fn are_behind(db: &mut Database, at: &str) -> Result<bool> {
        match db.text(REPLICAS, &[Some(at)])?.as_deref() {
            Some("hidden") => Err(Error::undecided(
                "the role may not see how far behind the replicas are: GRANT pg_monitor to it, or leave --max-lag out",
            )),
            answer => Ok(answer == Some("behind")),
        }
    }

    /// Waits while a replica lacks a piece for longer than it may. One that loses its connection is
    /// waited for no longer.
    fn wait(&mut self, db: &mut Database) -> Result<()> {
        let now = db.text("SELECT pg_current_wal_lsn()::text AS row", &[])?;
        self.commits.extend(now.map(|at| (Instant::now(), at)));
        while let Some((committed, at)) = self.commits.front() {
            if !Self::are_behind(db, at)? {
                self.commits.pop_front();
            } else if committed.elapsed() > self.max_lag {
                std::thread::sleep(LAG_TICK);
            } else {
                break;
            }
        }
        Ok(())
    }
}

/// A role without `pg_monitor` sees that there are replicas and nothing of them.
const REPLICAS: &str = "SELECT CASE WHEN bool_or(state IS NULL) THEN 'hidden'
    WHEN bool_or(replay_lsn < CAST($1 AS pg_lsn)) THEN 'behind' ELSE 'fine' END AS row FROM pg_stat_replication";

#[cfg(test)]
mod tests {
    use super::{MARK, check, progress_text, with_condition};
    use crate::chain::metadata::Batch;
    use crate::db::ledger::{self, State};
    use crate::db::testing::{sqlite, with};
    use crate::db::{Database, settings};
    use crate::dialect::Dialect;
    use crate::runner::testing::step;
    use crate::runner::tests::{told, versions};
    use crate::runner::{Step, run_unrecorded, set_up};

    fn batched(up: &str, size: u32) -> Step {
        let batch = Batch { table: "t".to_owned(), key: "id".to_owned(), size, pause_ms: 0 };
        Step { batch: Some(batch), ..step("7", up, "SELECT 1") }
    }

    #[test]
    fn a_statement_changes_rows_and_has_one_mark() {
        let refused = |up: &str| check(&batched(up, 1), Dialect::Sqlite).err().map(|e| e.to_string());
        assert_eq!(refused(&format!("UPDATE t SET a = 1 WHERE {MARK} TRUE;")), None);
        assert_eq!(refused(&format!("-- why\nDELETE FROM t WHERE a = 1 AND {MARK}\n true")), None);
        for up in ["UPDATE t SET a = 1", "UPDATE t SET a = 1 WHERE /* ops-migrate: batch */ truest"] {
            assert!(refused(up).unwrap().contains("no place for the condition"), "{up}");
        }
        let found = refused(&format!("UPDATE t SET a = 1 WHERE {MARK} TRUE;\nDROP TABLE u")).unwrap();
        assert!(found.starts_with("migrations/7_step/up.sql:2: `drop` runs for every batch"), "{found}");
    }

    #[test]
    fn the_mark_becomes_the_condition() {
        let sql = format!("UPDATE t SET a = TRUE WHERE b AND {MARK} TRUE AND c; DELETE FROM u WHERE {MARK} true");
        assert_eq!(with_condition(&sql, "(x)"), "UPDATE t SET a = TRUE WHERE b AND (x) AND c; DELETE FROM u WHERE (x)");
    }

    #[test]
    fn progress_in_words() {
        assert_eq!(progress_text(500, Some(2000)), "500 of about 2000 rows (25 %)");
        assert_eq!(progress_text(500, Some(400)), "500 rows");
        assert_eq!(progress_text(500, None), "500 rows");
    }

    /// Ten rows, four a batch; one of them stops the run half way, and is mended.
    fn a_run_goes_on_where_it_stopped(db: &mut Database, integer: &str) {
        db.execute(&format!("CREATE TABLE t (id {integer} PRIMARY KEY, n int NOT NULL, a int)")).unwrap();
        for id in 1..=10 {
            db.execute(&format!("INSERT INTO t VALUES ({id}, {}, NULL)", if id == 6 { 0 } else { 1 })).unwrap();
        }
        // A row that is done twice would show.
        let up = format!(
            "UPDATE t SET a = coalesce(a, 0) + 1 WHERE {MARK} TRUE;\n\
            INSERT INTO log SELECT id, 10 / n FROM t WHERE n = 0 AND {MARK} TRUE;"
        );
        db.execute("CREATE TABLE log (id int NOT NULL, x int NOT NULL)").unwrap();
        let step = batched(&up, 4);
        let (words, error) = told(db, std::slice::from_ref(&step));
        let error = error.unwrap();
        assert_eq!(words, ["4 rows", "failed 7"], "{error}");
        assert!(error.hints.iter().any(|hint| hint.contains("goes on")), "{error:?}");
        let counted = |db: &mut Database, condition: &str| db.count(&format!("t WHERE {condition}")).unwrap();
        assert_eq!((counted(db, "a = 1"), counted(db, "a IS NULL")), (4, 6));
        assert!(versions(db).is_empty());
        assert!(settings::get(db, "batch 7").unwrap().unwrap().value.contains("\"4\""));
        db.execute("UPDATE t SET n = 1").unwrap();
        let (words, error) = told(db, std::slice::from_ref(&step));
        assert!(error.is_none(), "{error:?}");
        assert_eq!(words, ["resumed after 4", "8 rows", "up 7"]);
        assert_eq!(counted(db, "a = 1"), 10, "each row once");
        assert_eq!(versions(db), ["7"]);
        assert!(settings::get(db, "batch 7").unwrap().is_none());
        let states: Vec<State> = ledger::entries(db).unwrap().into_iter().map(|entry| entry.state).collect();
        assert_eq!(states, [State::Failed, State::Applied]);
    }

    #[test]
    fn on_sqlite() {
        let (_dir, url) = sqlite();
        a_run_goes_on_where_it_stopped(&mut with(&url, ""), "integer");
    }

    #[test]
    fn text_keys_and_rows_without_one() {
        let (_dir, url) = sqlite();
        let mut db = with(
            &url,
            "CREATE TABLE t (id text, a int); INSERT INTO t VALUES ('b', 0), ('it''s', 0), (NULL, 0),
            ('a', 0), ('c', 0), ('d', 0)",
        );
        set_up(&mut db).unwrap();
        run_unrecorded(&mut db, &batched(&format!("UPDATE t SET a = a + 1 WHERE {MARK} TRUE"), 2)).unwrap();
        assert_eq!(db.count("t WHERE a = 1").unwrap(), 6);
    }

    #[test]
    fn an_empty_table_and_a_full_batch() {
        let (_dir, url) = sqlite();
        let mut db = with(&url, "CREATE TABLE t (id integer PRIMARY KEY, a int)");
        let up = format!("UPDATE t SET a = coalesce(a, 0) + 1 WHERE {MARK} TRUE");
        assert_eq!(told(&mut db, &[batched(&up, 2)]).0, ["up 7"]);
        db.execute("INSERT INTO t (id) VALUES (1), (2), (3), (4)").unwrap();
        let again = Step { version: "8".to_owned(), ..batched(&up, 2) };
        assert_eq!(told(&mut db, &[again]).0, ["2 rows", "up 8"]);
        assert_eq!(db.count("t WHERE a = 1").unwrap(), 4);
    }

    mod postgres_tests {
        use std::time::Duration;

        use super::super::Replicas;

        #[test]
        fn without_replicas_nothing_is_waited_for() {
            let mut scratch = crate::db::testing::postgres();
            let mut replicas = Replicas::of(scratch.database(), Some(Duration::ZERO)).unwrap().unwrap();
            replicas.wait(scratch.database()).unwrap();
            assert!(replicas.commits.is_empty());
            assert!(Replicas::of(scratch.database(), None).unwrap().is_none());
        }

        #[test]
        fn on_postgres() {
            let mut scratch = crate::db::testing::postgres();
            super::a_run_goes_on_where_it_stopped(scratch.database(), "bigint");
        }
    }

    #[cfg(feature = "mysql")]
    mod mysql_tests {
        #[test]
        fn on_mysql() {
            let mut scratch = crate::db::testing::mysql();
            super::a_run_goes_on_where_it_stopped(scratch.database(), "bigint");
        }
    }
}
