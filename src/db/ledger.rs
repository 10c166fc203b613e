//! The ledger: our own table in the user's database, with what Diesel does not keep: who applied
//! or reverted what, when, from which text, and how it ended. Diesel's table stays the truth about
//! what is applied; a ledger row that stays `running` is the trace of a crash. Reading never
//! creates the table. What to do about a crash is decided by [`crate::runner`].

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Database;
use super::who::Who;
use crate::dialect::Dialect;
use crate::error::{Error, Kind, Result};

/// The ledger's table.
pub const LEDGER_TABLE: &str = "__ops_migrate_ledger";

/// How one dialect spells what the ledger needs.
struct Spelling {
    up: &'static str,
    down: &'static str,
    /// The time on the database's clock.
    now: &'static str,
}

fn spelling(dialect: Dialect) -> Spelling {
    match dialect {
        Dialect::Sqlite => Spelling {
            up: include_str!("../../migrations/sqlite/00000000000000_ops_migrate_ledger/up.sql"),
            down: include_str!("../../migrations/sqlite/00000000000000_ops_migrate_ledger/down.sql"),
            now: "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')",
        },
        Dialect::Postgres => Spelling {
            up: include_str!("../../migrations/postgres/00000000000000_ops_migrate_ledger/up.sql"),
            down: include_str!("../../migrations/postgres/00000000000000_ops_migrate_ledger/down.sql"),
            now: "clock_timestamp()",
        },
        Dialect::Mysql => Spelling {
            up: include_str!("../../migrations/mysql/00000000000000_ops_migrate_ledger/up.sql"),
            down: include_str!("../../migrations/mysql/00000000000000_ops_migrate_ledger/down.sql"),
            now: "utc_timestamp()",
        },
    }
}

/// Which way a revision goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    Up,
    Down,
}

impl Direction {
    /// As the ledger spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

/// How far a step got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Running,
    Applied,
    Reverted,
    /// Nothing of it is in place.
    Failed,
    /// It failed, and what stands before the failed statement is in place.
    Halfway,
}

/// What is known when a step starts.
#[derive(Debug, Clone, Copy)]
pub struct Start<'a> {
    pub version: &'a str,
    pub revision: Option<&'a str>,
    pub name: &'a str,
    pub direction: Direction,
    pub in_transaction: bool,
    pub checksum_up: &'a str,
    pub checksum_down: &'a str,
    pub down_sql: &'a str,
    /// The same for all steps of one run.
    pub run_id: &'a str,
}

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Applied(Duration),
    Reverted(Duration),
    /// Nothing of it is in place; with the error's text.
    Failed(Duration, String),
    /// Some of it may be in place; with the error's text.
    Halfway(Duration, String),
}

/// A row of the ledger. Times are UTC, `2026-08-01T12:00:00Z`, from the database's clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub id: i64,
    pub version: String,
    pub revision: Option<String>,
    pub name: String,
    pub direction: Direction,
    pub state: State,
    pub in_transaction: bool,
    pub checksum_up: String,
    pub checksum_down: String,
    pub down_sql: String,
    pub run_id: String,
    pub started_at: String,
    pub finished_at: Option<String>,
    pub duration_ms: Option<i64>,
    pub user_name: String,
    pub host: String,
    pub tool_version: String,
    pub error: Option<String>,
}

/// Creates the ledger where it is missing.
///
/// # Errors
/// `Database` where the role may not create tables.
pub fn ensure(db: &mut Database) -> Result<()> {
    if db.has_table(LEDGER_TABLE)? {
        return Ok(());
    }
    db.execute(spelling(db.dialect()).up)
        .map_err(|e| e.hint(format!("the table `{LEDGER_TABLE}` could not be created")))
}

/// Removes the ledger with all it knows.
///
/// # Errors
/// `Database` with the engine's own words.
pub fn remove(db: &mut Database) -> Result<()> {
    db.execute(spelling(db.dialect()).down)
}

/// Writes a row in state `running`; its id.
///
/// # Errors
/// `Database` with the engine's own words; the ledger has to be there.
pub fn start(db: &mut Database, entry: &Start<'_>) -> Result<i64> {
    let who = Who::here();
    let flag = if entry.in_transaction { "1" } else { "0" };
    // PostgreSQL and SQLite take no text for a number or a flag.
    let cast = match db.dialect() {
        Dialect::Sqlite => "CAST($5 AS INTEGER)",
        Dialect::Postgres => "($5 = '1')",
        Dialect::Mysql => "$5",
    };
    let insert = format!(
        "INSERT INTO {LEDGER_TABLE} (version, revision, name, direction, state, in_transaction, checksum_up,
            checksum_down, down_sql, run_id, user_name, host, tool_version)
         VALUES ($1, $2, $3, $4, 'running', {cast}, $6, $7, $8, $9, $10, $11, $12)"
    );
    let values = [
        Some(entry.version),
        entry.revision,
        Some(entry.name),
        Some(entry.direction.as_str()),
        Some(flag),
        Some(entry.checksum_up),
        Some(entry.checksum_down),
        Some(entry.down_sql),
        Some(entry.run_id),
        Some(&who.user),
        Some(&who.host),
        Some(env!("CARGO_PKG_VERSION")),
    ];
    let id = if db.dialect() == Dialect::Mysql {
        db.execute_with(&insert, &values)?;
        db.text("SELECT CAST(last_insert_id() AS char) AS `row`", &[])?
    } else {
        db.text(&format!("{insert} RETURNING CAST(id AS text) AS row"), &values)?
    };
    id.and_then(|id| id.parse().ok()).ok_or_else(|| Error::new(Kind::Database, "the ledger gave no id for its new row"))
}

/// Ends a row.
///
/// # Errors
/// `Database` with the engine's own words.
pub fn finish(db: &mut Database, id: i64, outcome: &Outcome) -> Result<()> {
    let (state, duration, error) = match outcome {
        Outcome::Applied(duration) => ("applied", duration, None),
        Outcome::Reverted(duration) => ("reverted", duration, None),
        Outcome::Failed(duration, error) => ("failed", duration, Some(db.url().scrub(error))),
        Outcome::Halfway(duration, error) => ("halfway", duration, Some(db.url().scrub(error))),
    };
    let now = spelling(db.dialect()).now;
    let number = if db.dialect() == Dialect::Mysql { "signed" } else { "bigint" };
    let milliseconds = duration.as_millis().to_string();
    db.execute_with(
        &format!(
            "UPDATE {LEDGER_TABLE} SET state = $1, finished_at = {now}, duration_ms = CAST($2 AS {number}), error = $3
             WHERE id = CAST($4 AS {number})"
        ),
        &[Some(state), Some(&milliseconds), error.as_deref(), Some(&id.to_string())],
    )?;
    Ok(())
}

/// All rows, oldest first; none without a ledger.
///
/// # Errors
/// `Database` with the engine's own words.
pub fn entries(db: &mut Database) -> Result<Vec<Entry>> {
    select(db, "")
}

/// Rows of which something may be in place that is not recorded: runs that never told how they ended
/// (while nobody holds the lock, crashes), and those that failed halfway.
///
/// # Errors
/// `Database` with the engine's own words.
pub fn unfinished(db: &mut Database) -> Result<Vec<Entry>> {
    select(db, "WHERE state IN ('running', 'halfway')")
}

fn select(db: &mut Database, condition: &str) -> Result<Vec<Entry>> {
    if !db.has_table(LEDGER_TABLE)? {
        return Ok(Vec::new());
    }
    let sql = match db.dialect() {
        Dialect::Sqlite => format!(
            "SELECT json_object('id', id, 'version', version, 'revision', revision, 'name', name,
                'direction', direction, 'state', state,
                'in_transaction', json(CASE in_transaction WHEN 1 THEN 'true' ELSE 'false' END),
                'checksum_up', checksum_up, 'checksum_down', checksum_down, 'down_sql', down_sql, 'run_id', run_id,
                'started_at', started_at, 'finished_at', finished_at, 'duration_ms', duration_ms,
                'user_name', user_name, 'host', host, 'tool_version', tool_version, 'error', error) AS row
             FROM {LEDGER_TABLE} {condition} ORDER BY id"
        ),
        Dialect::Mysql => {
            let time = |column| format!("date_format({column}, '%Y-%m-%dT%H:%i:%sZ')");
            format!(
                "SELECT json_object('id', id, 'version', version, 'revision', revision, 'name', name,
                    'direction', direction, 'state', state,
                    'in_transaction', json_extract(IF(in_transaction, 'true', 'false'), '$'),
                    'checksum_up', checksum_up, 'checksum_down', checksum_down, 'down_sql', down_sql, 'run_id', run_id,
                    'started_at', {}, 'finished_at', {}, 'duration_ms', duration_ms,
                    'user_name', user_name, 'host', host, 'tool_version', tool_version, 'error', error) AS `row`
                 FROM {LEDGER_TABLE} {condition} ORDER BY id",
                time("started_at"),
                time("finished_at")
            )
        }
        Dialect::Postgres => {
            let time =
                |column| format!("to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') AS {column}");
            format!(
                "SELECT row_to_json(q)::text AS row FROM (
                    SELECT id, version, revision, name, direction, state, in_transaction, checksum_up, checksum_down,
                        down_sql, run_id, {}, {}, duration_ms, user_name, host, tool_version, error
                    FROM {LEDGER_TABLE} {condition} ORDER BY id) q",
                time("started_at"),
                time("finished_at")
            )
        }
    };
    db.rows(&sql, &[])
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Direction, Outcome, Start, State, ensure, entries, finish, remove, start, unfinished};
    use crate::db::Database;
    use crate::db::testing::sqlite;

    pub(super) fn rows_are_started_and_finished(db: &mut Database) {
        assert!(entries(db).unwrap().is_empty());
        ensure(db).unwrap();
        ensure(db).unwrap();
        let row = Start {
            version: "20260801",
            revision: Some("abc"),
            name: "2026-08-01_x",
            direction: Direction::Up,
            in_transaction: true,
            checksum_up: "u",
            checksum_down: "d",
            down_sql: "DROP TABLE \"x\"; -- it's",
            run_id: "r",
        };
        let first = start(db, &row).unwrap();
        let second =
            start(db, &Start { direction: Direction::Down, in_transaction: false, revision: None, ..row }).unwrap();
        assert_eq!(unfinished(db).unwrap().len(), 2);
        finish(db, first, &Outcome::Applied(Duration::from_millis(7))).unwrap();
        let open = unfinished(db).unwrap();
        assert_eq!((open.len(), open[0].id, open[0].state), (1, second, State::Running));
        assert!(!open[0].in_transaction && open[0].revision.is_none());
        finish(db, second, &Outcome::Failed(Duration::ZERO, "no".to_owned())).unwrap();
        let all = entries(db).unwrap();
        assert_eq!((all[0].state, all[0].duration_ms, all[0].in_transaction), (State::Applied, Some(7), true));
        assert_eq!(all[0].down_sql, row.down_sql);
        assert!(all[0].started_at.ends_with('Z') && all[0].started_at.len() == 20, "{}", all[0].started_at);
        assert_eq!((all[1].state, all[1].error.as_deref()), (State::Failed, Some("no")));
        remove(db).unwrap();
        assert!(entries(db).unwrap().is_empty());
    }

    #[test]
    fn on_sqlite() {
        let (_dir, url) = sqlite();
        rows_are_started_and_finished(&mut Database::connect(&url).unwrap());
    }
}

#[cfg(test)]
mod postgres_tests {
    mod postgres {
        #[test]
        fn the_ledger_keeps_what_it_is_told() {
            super::super::tests::rows_are_started_and_finished(crate::db::testing::postgres().database());
        }
    }
}

#[cfg(all(test, feature = "mysql"))]
mod mysql_tests {
    mod mysql {
        #[test]
        fn the_ledger_keeps_what_it_is_told() {
            super::super::tests::rows_are_started_and_finished(crate::db::testing::mysql().database());
        }
    }
}
