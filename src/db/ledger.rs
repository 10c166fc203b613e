//! The ledger: our own table in the user's database, with what Diesel does not keep: who applied
//! or reverted what, when, from which text, and how it ended. Diesel's table stays the truth about
//! what is applied; a ledger row that stays `running` is the trace of a crash. Reading never
//! creates the table. What to do about a crash is decided by [`crate::runner`].

pub mod journal;
mod version;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use self::version::version;
use super::Database;
use super::who::Who;
use crate::dialect::Dialect;
use crate::error::{Error, Kind, Result};

/// The ledger's table.
pub const LEDGER_TABLE: &str = "__ops_migrate_ledger";

/// What the names of all of our tables begin with.
pub(crate) const OWN_PREFIX: &str = "__ops_migrate_";

/// The time on the database's clock.
fn now(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')",
        Dialect::Postgres => "clock_timestamp()",
        Dialect::Mysql => "utc_timestamp()",
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
    /// The checksum of what the text of `up.sql` says: comments and white space do not count.
    pub tokens_up: Option<&'a str>,
    /// The same for all steps of one run.
    pub run_id: &'a str,
    /// Into how many units the journal divides the step; `None` where one transaction holds it.
    pub units: Option<usize>,
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
    pub tokens_up: Option<String>,
    /// Into how many units the journal divides the step; `None` where it keeps none of it.
    pub units: Option<i64>,
}

/// Creates the ledger where it is missing, and brings an old one up to date.
///
/// # Errors
/// `Database` where the role may not create tables, and for the ledger of a newer build.
pub fn ensure(db: &mut Database) -> Result<()> {
    version::ensure(db)
}

/// Removes the ledger with all it knows.
///
/// # Errors
/// `Database` with the engine's own words.
pub fn remove(db: &mut Database) -> Result<()> {
    version::remove(db)
}

/// Writes a row in state `running`; its id.
///
/// # Errors
/// `Database` with the engine's own words; the ledger has to be there.
pub fn start(db: &mut Database, entry: &Start<'_>) -> Result<i64> {
    start_all(db, std::slice::from_ref(entry))?.pop().ok_or_else(no_id)
}

/// Writes rows of one run in state `running`; their ids, in the same order.
///
/// # Errors
/// `Database` with the engine's own words; the ledger has to be there.
pub(crate) fn start_all(db: &mut Database, entries: &[Start<'_>]) -> Result<Vec<i64>> {
    let Some(first) = entries.first() else { return Ok(Vec::new()) };
    let dialect = db.dialect();
    let told = Told { dialect, width: 9, rows: entries.len() };
    let fields = told.fields();
    let insert = format!("INSERT INTO {LEDGER_TABLE} ({COLUMNS}, state) SELECT {fields}, 'running'{}", told.from());
    let rows: Vec<Row<'_>> = entries.iter().map(own).collect();
    let shared = shared(first);
    if dialect == Dialect::Postgres {
        let begun = format!(
            "WITH begun AS ({insert} RETURNING id) SELECT string_agg(id::text, ' ' ORDER BY id) AS row FROM begun"
        );
        let text = told.each(&rows, &shared, |values| db.kept_text(&begun, values))?.pop().flatten();
        return text.unwrap_or_default().split(' ').map(|id| id.parse().map_err(|_| no_id())).collect();
    }
    let last = match dialect {
        Dialect::Mysql => "SELECT CAST(last_insert_id() AS char) AS `row`",
        // Its RETURNING takes twice as long.
        _ => "SELECT CAST(last_insert_rowid() AS text) AS row",
    };
    let ids = told.each(&rows, &shared, |values| {
        tell(db, &insert, values)?;
        db.text(last, &[])?.and_then(|id| id.parse::<i64>().ok()).ok_or_else(no_id)
    })?;
    match (dialect, ids.as_slice()) {
        // In a row: nobody else writes in between (sqlite.org/autoinc.html).
        (Dialect::Sqlite, [last]) => Ok((last + 1 - i64::try_from(entries.len()).unwrap_or(*last)..=*last).collect()),
        _ => Ok(ids),
    }
}

/// The values of a row.
type Row<'a> = Vec<Option<Cow<'a, str>>>;

/// Rows of so many values as a statement takes them: PostgreSQL all of them as JSON, always by the same
/// statement, which is prepared once; SQLite all of them as a table of values, since a statement costs it more
/// than a row does; MySQL one row after the other.
#[derive(Clone, Copy)]
struct Told {
    dialect: Dialect,
    width: usize,
    rows: usize,
}

impl Told {
    /// The value of a row, which count from 1.
    fn value(self, at: usize) -> String {
        if self.dialect == Dialect::Mysql { format!("${at}") } else { format!("column{at}") }
    }

    /// A value that all rows have.
    fn shared(self, at: usize) -> String {
        let before = match self.dialect {
            Dialect::Postgres => 1,
            Dialect::Sqlite => self.width * self.rows,
            Dialect::Mysql => self.width,
        };
        format!("${}", before + at)
    }

    /// Where the values come from, where the statement has to say so.
    fn from(self) -> String {
        let Self { dialect, width, rows } = self;
        match dialect {
            Dialect::Mysql => String::new(),
            // It calls the columns of such a table so itself (sqlite.org/lang_select.html section 2.4).
            Dialect::Sqlite => {
                let row = |row| (1..=width).map(|at| format!("${}", row * width + at)).collect::<Vec<_>>().join(", ");
                let rows: Vec<String> = (0..rows).map(row).collect();
                format!(" FROM (VALUES ({})) AS told", rows.join("), ("))
            }
            Dialect::Postgres => {
                let columns: Vec<String> = (1..=width).map(|at| format!("value->>{} AS column{at}", at - 1)).collect();
                format!(" FROM (SELECT {} FROM json_array_elements($1::json)) AS told", columns.join(", "))
            }
        }
    }

    /// The values of [`COLUMNS`].
    fn fields(self) -> String {
        let (flag, units) = (self.value(8), self.value(9));
        // PostgreSQL and SQLite take no text for a number or a flag.
        let (flag, units) = match self.dialect {
            Dialect::Sqlite => (format!("CAST({flag} AS INTEGER)"), format!("CAST({units} AS INTEGER)")),
            Dialect::Postgres => (format!("{flag} = '1'"), format!("CAST({units} AS bigint)")),
            Dialect::Mysql => (flag, units),
        };
        let own: Vec<String> = (1..=7).map(|at| self.value(at)).chain([flag, units]).collect();
        let shared: Vec<String> = (1..=5).map(|at| self.shared(at)).collect();
        format!("{}, {}", own.join(", "), shared.join(", "))
    }

    /// Does it with the values of each message.
    fn each<T>(
        self,
        rows: &[Row<'_>],
        shared: &[Option<&str>],
        mut work: impl FnMut(&[Option<&str>]) -> Result<T>,
    ) -> Result<Vec<T>> {
        let json = if self.dialect == Dialect::Postgres { serde_json::to_string(rows).ok() } else { None };
        let messages: Vec<Vec<Option<&str>>> = match self.dialect {
            Dialect::Postgres => vec![vec![json.as_deref()]],
            Dialect::Sqlite => vec![rows.iter().flat_map(values_of).collect()],
            Dialect::Mysql => rows.iter().map(|row| values_of(row).collect()).collect(),
        };
        let send = |own: Vec<Option<&str>>| work(&[&own[..], shared].concat());
        messages.into_iter().map(send).collect()
    }
}

fn values_of<'r>(row: &'r Row<'r>) -> impl Iterator<Item = Option<&'r str>> {
    row.iter().map(Option::as_deref)
}

fn no_id() -> Error {
    Error::new(Kind::Database, "the ledger gave no id for its new row")
}

/// Ends a row.
///
/// # Errors
/// `Database` with the engine's own words.
pub fn finish(db: &mut Database, id: i64, outcome: &Outcome) -> Result<()> {
    let now = now(db.dialect());
    let number = if db.dialect() == Dialect::Mysql { "signed" } else { "bigint" };
    let end = End::of(db, id, outcome);
    let update = format!(
        "UPDATE {LEDGER_TABLE} SET state = $1, finished_at = {now}, duration_ms = CAST($2 AS {number}), error = $3
         WHERE id = CAST($4 AS {number})"
    );
    let values = [Some(end.state), Some(end.milliseconds.as_str()), end.error.as_deref(), Some(end.id.as_str())];
    db.execute_with(&update, &values).map(drop)
}

/// How a row ends, and how long ago it did.
pub(crate) struct Ended<'a> {
    pub(crate) id: i64,
    pub(crate) outcome: &'a Outcome,
    pub(crate) ago: Duration,
}

/// Ends rows of steps that went well.
///
/// # Errors
/// `Database` with the engine's own words.
pub(crate) fn end_all(db: &mut Database, ended: &[Ended<'_>]) -> Result<()> {
    let dialect = db.dialect();
    if ended.len() < 2 || dialect == Dialect::Mysql {
        return ended.iter().try_for_each(|one| finish(db, one.id, one.outcome));
    }
    let row = |one: &Ended<'_>| {
        let end = End::of(db, one.id, one.outcome);
        let [began, ended] = times(one.outcome, one.ago);
        let state = Cow::Borrowed(end.state);
        [state, end.milliseconds.into(), began.into(), ended.into(), end.id.into()].map(Some).to_vec()
    };
    let rows: Vec<Row<'_>> = ended.iter().map(row).collect();
    let told = Told { dialect, width: 5, rows: rows.len() };
    let [state, duration, began, ended, id] = [1, 2, 3, 4, 5].map(|at| told.value(at));
    let [began, ended] = [began, ended].map(|milliseconds| ago(dialect, &milliseconds));
    let update = format!(
        "UPDATE {LEDGER_TABLE} SET state = {state}, duration_ms = CAST({duration} AS bigint), started_at = {began},
            finished_at = {ended}{} WHERE {LEDGER_TABLE}.id = CAST({id} AS bigint)",
        told.from()
    );
    told.each(&rows, &[], |values| tell(db, &update, values)).map(drop)
}

/// Runs a statement about rows, kept where it is always the same text.
fn tell(db: &mut Database, sql: &str, values: &[Option<&str>]) -> Result<usize> {
    if db.dialect() == Dialect::Sqlite { db.execute_with(sql, values) } else { db.execute_kept(sql, values) }
}

/// What a row says from its beginning on: what is each row's own, and what all of a run have.
const COLUMNS: &str = "version, revision, name, checksum_up, checksum_down, down_sql, tokens_up, in_transaction, units,
    direction, run_id, user_name, host, tool_version";

/// What of [`COLUMNS`] is each row's own.
fn own<'a>(entry: &Start<'a>) -> Row<'a> {
    let in_transaction = if entry.in_transaction { "1" } else { "0" };
    let texts = [
        Some(entry.version),
        entry.revision,
        Some(entry.name),
        Some(entry.checksum_up),
        Some(entry.checksum_down),
        Some(entry.down_sql),
        entry.tokens_up,
        Some(in_transaction),
    ];
    let units = entry.units.map(|units| Cow::Owned(units.to_string()));
    texts.into_iter().map(|text| text.map(Cow::Borrowed)).chain([units]).collect()
}

/// What of [`COLUMNS`] all rows of a run have.
fn shared<'a>(entry: &Start<'a>) -> [Option<&'a str>; 5] {
    let who = Who::here();
    [
        Some(entry.direction.as_str()),
        Some(entry.run_id),
        Some(who.user.as_str()),
        Some(who.host.as_str()),
        Some(env!("CARGO_PKG_VERSION")),
    ]
}

/// The values of a row's end.
struct End {
    state: &'static str,
    milliseconds: String,
    error: Option<String>,
    id: String,
}

impl End {
    fn of(db: &Database, id: i64, outcome: &Outcome) -> Self {
        let (state, duration, error) = match outcome {
            Outcome::Applied(duration) => ("applied", duration, None),
            Outcome::Reverted(duration) => ("reverted", duration, None),
            Outcome::Failed(duration, error) => ("failed", duration, Some(db.url().scrub(error))),
            Outcome::Halfway(duration, error) => ("halfway", duration, Some(db.url().scrub(error))),
        };
        Self { state, milliseconds: duration.as_millis().to_string(), error, id: id.to_string() }
    }
}

/// A step that is done, and how long ago.
pub(crate) struct Finished<'a> {
    pub(crate) start: Start<'a>,
    pub(crate) outcome: Outcome,
    pub(crate) ago: Duration,
}

/// Writes the whole rows of steps of a run that are done.
///
/// # Errors
/// `Database` with the engine's own words; the ledger has to be there.
pub(crate) fn record(db: &mut Database, steps: &[Finished<'_>]) -> Result<()> {
    let Some(first) = steps.first() else { return Ok(()) };
    let dialect = db.dialect();
    let mut rows: Vec<Row<'_>> = steps.iter().map(|step| own(&step.start)).collect();
    for (row, step) in rows.iter_mut().zip(steps) {
        let end = End::of(db, 0, &step.outcome);
        let [began, ended] = times(&step.outcome, step.ago);
        row.extend([Cow::Borrowed(end.state), end.milliseconds.into(), began.into(), ended.into()].map(Some));
    }
    let told = Told { dialect, width: 13, rows: rows.len() };
    let number = if dialect == Dialect::Mysql { "signed" } else { "bigint" };
    let [state, duration, began, ended] = [10, 11, 12, 13].map(|at| told.value(at));
    let [began, ended] = [began, ended].map(|milliseconds| ago(dialect, &milliseconds));
    let insert = format!(
        "INSERT INTO {LEDGER_TABLE} ({COLUMNS}, state, duration_ms, started_at, finished_at)
         SELECT {}, {state}, CAST({duration} AS {number}), {began}, {ended}{}",
        told.fields(),
        told.from()
    );
    told.each(&rows, &shared(&first.start), |values| tell(db, &insert, values)).map(drop)
}

/// How many milliseconds ago it began and ended.
fn times(outcome: &Outcome, ago: Duration) -> [String; 2] {
    let (Outcome::Applied(took) | Outcome::Reverted(took) | Outcome::Failed(took, _) | Outcome::Halfway(took, _)) =
        outcome;
    [ago + *took, ago].map(|time| time.as_millis().to_string())
}

/// The time on the database's clock that many milliseconds ago, as the ledger keeps it.
fn ago(dialect: Dialect, milliseconds: &str) -> String {
    match dialect {
        // A number of days, where a modifier would be a number made a text and read again.
        Dialect::Sqlite => {
            format!("strftime('%Y-%m-%dT%H:%M:%SZ', julianday('now') - {milliseconds} / 86400000.0)")
        }
        Dialect::Postgres => format!("clock_timestamp() - CAST({milliseconds} AS bigint) * interval '1 millisecond'"),
        Dialect::Mysql => format!("utc_timestamp() - INTERVAL {milliseconds} * 1000 MICROSECOND"),
    }
}

/// Opens a row again, for a run that goes on where another one ended.
///
/// # Errors
/// `Database` with the engine's own words.
pub fn reopen(db: &mut Database, id: i64, run_id: &str) -> Result<()> {
    let sql = format!("UPDATE {LEDGER_TABLE} SET state = 'running', error = NULL, run_id = $1 WHERE id = {id}");
    db.execute_with(&sql, &[Some(run_id)])?;
    Ok(())
}

/// Each version's text as it was applied last: the checksums of `up.sql` and of what it says.
///
/// # Errors
/// `Database` with the engine's own words.
pub fn texts(db: &mut Database) -> Result<HashMap<String, (String, Option<String>)>> {
    #[derive(Deserialize)]
    struct Text {
        version: String,
        checksum_up: String,
        tokens_up: Option<String>,
    }
    let tokens = match version(db)? {
        0 => return Ok(HashMap::new()),
        1 => "NULL",
        _ => "tokens_up",
    };
    let (function, cast, row) = match db.dialect() {
        Dialect::Sqlite => ("json_object", "", "row"),
        Dialect::Postgres => ("json_build_object", "::text", "row"),
        Dialect::Mysql => ("json_object", "", "`row`"),
    };
    let sql = format!(
        "SELECT {function}('version', version, 'checksum_up', checksum_up, 'tokens_up', {tokens}){cast} AS {row}
         FROM {LEDGER_TABLE} WHERE direction = 'up' AND state IN ('applied', 'running') ORDER BY id"
    );
    let rows: Vec<Text> = db.rows(&sql, &[])?;
    Ok(rows.into_iter().map(|text| (text.version, (text.checksum_up, text.tokens_up))).collect())
}

/// Removes the row of a step that somebody else has done.
///
/// # Errors
/// `Database` with the engine's own words.
pub(crate) fn discard(db: &mut Database, id: i64) -> Result<()> {
    db.execute_with(&format!("DELETE FROM {LEDGER_TABLE} WHERE id = {id}"), &[])?;
    Ok(())
}

/// How long a step took that this run has done; `None` where another one has.
///
/// # Errors
/// `Database` with the engine's own words.
pub(crate) fn duration_in(db: &mut Database, version: &str, run_id: &str) -> Result<Option<Duration>> {
    let (text, row) = if db.dialect() == Dialect::Mysql { ("char", "`row`") } else { ("text", "row") };
    let sql = format!(
        "SELECT CAST(coalesce(duration_ms, 0) AS {text}) AS {row} FROM {LEDGER_TABLE}
         WHERE version = $1 AND run_id = $2 AND state IN ('applied', 'reverted') ORDER BY id DESC LIMIT 1"
    );
    let found = db.text(&sql, &[Some(version), Some(run_id)])?;
    Ok(found.map(|text| Duration::from_millis(text.parse().unwrap_or_default())))
}

/// Who has brought a version to where it is: `ada on engine`; `None` where the ledger does not know.
///
/// # Errors
/// `Database` with the engine's own words.
pub(crate) fn done_by(db: &mut Database, version: &str, direction: Direction) -> Result<Option<String>> {
    let row = super::row_name(db.dialect());
    let sql = format!(
        "SELECT concat(user_name, ' on ', host) AS {row} FROM {LEDGER_TABLE}
         WHERE version = $1 AND direction = $2 AND state IN ('applied', 'reverted') ORDER BY id DESC LIMIT 1"
    );
    db.text(&sql, &[Some(version), Some(direction.as_str())])
}

/// All rows, oldest first; none without a ledger.
///
/// # Errors
/// `Database` with the engine's own words.
pub fn entries(db: &mut Database) -> Result<Vec<Entry>> {
    select(db, "")
}

/// The versions that are applied as far as the ledger knows, of all of its rows.
pub fn believed(entries: &[Entry]) -> HashSet<&str> {
    let mut applied = HashSet::new();
    for entry in entries {
        match entry.state {
            State::Applied => _ = applied.insert(entry.version.as_str()),
            State::Reverted => _ = applied.remove(entry.version.as_str()),
            State::Running | State::Failed | State::Halfway => {}
        }
    }
    applied
}

/// Rows of which something may be in place that is not recorded: runs that never told how they ended
/// (while nobody holds the lock, crashes), and those that failed halfway.
///
/// # Errors
/// `Database` with the engine's own words.
pub fn unfinished(db: &mut Database) -> Result<Vec<Entry>> {
    select(db, "WHERE state IN ('running', 'halfway')")
}

/// Of the rows that are open, those that tell where a run has ended. A run begins the rows of quick steps
/// ahead and ends them together: of them the first whose step is not done tells, or else the last.
/// `applied` are the versions that Diesel has recorded.
pub(crate) fn of_ends<'a>(open: &'a [Entry], is_applied: &dyn Fn(&str) -> bool) -> Vec<&'a Entry> {
    let is_done = |entry: &Entry| is_applied(&entry.version) == (entry.direction == Direction::Up);
    let mut told: Vec<&Entry> = Vec::new();
    for entry in open {
        match told.last().copied().filter(|before| is_ahead(before) && is_ahead(entry) && before.run_id == entry.run_id)
        {
            None => told.push(entry),
            Some(before) if is_done(before) => {
                told.pop();
                told.push(entry);
            }
            Some(_) => {}
        }
    }
    told
}

/// Whether a row may be one of those that a run begins ahead.
fn is_ahead(entry: &Entry) -> bool {
    entry.state == State::Running && entry.in_transaction && entry.units.is_none()
}

fn select(db: &mut Database, condition: &str) -> Result<Vec<Entry>> {
    // An old one is read as it is: reading writes nothing.
    let (tokens, units) = match version(db)? {
        0 => return Ok(Vec::new()),
        1 => ("NULL", "NULL"),
        _ => ("tokens_up", "units"),
    };
    let sql = match db.dialect() {
        Dialect::Sqlite => format!(
            "SELECT json_object('id', id, 'version', version, 'revision', revision, 'name', name,
                'direction', direction, 'state', state,
                'in_transaction', json(CASE in_transaction WHEN 1 THEN 'true' ELSE 'false' END),
                'checksum_up', checksum_up, 'checksum_down', checksum_down, 'down_sql', down_sql, 'run_id', run_id,
                'started_at', started_at, 'finished_at', finished_at, 'duration_ms', duration_ms,
                'user_name', user_name, 'host', host, 'tool_version', tool_version, 'error', error,
                'tokens_up', {tokens}, 'units', {units}) AS row
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
                    'user_name', user_name, 'host', host, 'tool_version', tool_version, 'error', error,
                    'tokens_up', {tokens}, 'units', {units}) AS `row`
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
                        down_sql, run_id, {}, {}, duration_ms, user_name, host, tool_version, error,
                        {tokens} AS tokens_up, {units} AS units
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

    use super::{
        Direction, Ended, Finished, Outcome, Start, State, end_all, ensure, entries, finish, of_ends, record, remove,
        start, start_all, unfinished,
    };
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
            tokens_up: Some("t"),
            run_id: "r",
            units: Some(3),
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
        let done = |version: &'static str, outcome| Finished {
            start: Start { version, units: None, ..row },
            outcome,
            ago: Duration::from_secs(90),
        };
        record(db, &[]).unwrap();
        record(
            db,
            &[done("7", Outcome::Applied(Duration::from_secs(3600))), done("8", Outcome::Reverted(Duration::ZERO))],
        )
        .unwrap();
        let mut all = entries(db).unwrap();
        let [long, short] = [all.remove(2), all.remove(2)];
        assert_eq!((long.state, long.duration_ms, long.units), (State::Applied, Some(3_600_000), None));
        assert_eq!((short.state, short.finished_at.as_ref()), (State::Reverted, Some(&short.started_at)));
        assert!(long.started_at < short.started_at && long.finished_at == short.finished_at, "{long:?}");
        assert!(short.started_at < all[0].started_at, "{short:?}");
        several_at_once(db, &row);
        assert_eq!((all[0].state, all[0].duration_ms, all[0].in_transaction), (State::Applied, Some(7), true));
        assert_eq!(all[0].down_sql, row.down_sql);
        assert_eq!((all[0].tokens_up.as_deref(), all[0].units), (row.tokens_up, Some(3)));
        assert!(all[0].started_at.ends_with('Z') && all[0].started_at.len() == 20, "{}", all[0].started_at);
        assert_eq!((all[1].state, all[1].error.as_deref()), (State::Failed, Some("no")));
        remove(db).unwrap();
        assert!(entries(db).unwrap().is_empty());
    }

    /// Rows that are begun and ended together.
    fn several_at_once(db: &mut Database, row: &Start<'_>) {
        let versions = ["10", "11", "12"];
        let rows: Vec<Start<'_>> = versions.iter().map(|version| Start { version, units: None, ..*row }).collect();
        assert!(start_all(db, &[]).unwrap().is_empty());
        let ids = start_all(db, &rows).unwrap();
        let open = unfinished(db).unwrap();
        let found: Vec<(i64, &str)> = open.iter().map(|entry| (entry.id, entry.version.as_str())).collect();
        let wanted: Vec<(i64, &str)> = ids.iter().copied().zip(versions).collect();
        assert_eq!(found, wanted);
        // The first that is not done is where the run has ended; where all are, the last.
        for (applied, at) in [(0, "10"), (1, "11"), (3, "12")] {
            let ends = of_ends(&open, &|version| versions[..applied].contains(&version));
            assert_eq!(ends.iter().map(|entry| entry.version.as_str()).collect::<Vec<_>>(), [at]);
        }
        let outcomes = [7, 60_000].map(|milliseconds| Outcome::Applied(Duration::from_millis(milliseconds)));
        let end = |at: usize, ago| Ended { id: ids[at], outcome: &outcomes[at], ago: Duration::from_secs(ago) };
        end_all(db, &[]).unwrap();
        end_all(db, &[end(0, 90), end(1, 0)]).unwrap();
        assert_eq!(unfinished(db).unwrap().len(), 1);
        let all = entries(db).unwrap();
        let of = |id: i64| all.iter().find(|entry| entry.id == id).unwrap();
        let [first, second] = [of(ids[0]), of(ids[1])];
        assert_eq!((first.state, first.duration_ms, first.version.as_str()), (State::Applied, Some(7), "10"));
        assert_eq!((second.state, second.duration_ms), (State::Applied, Some(60_000)));
        // MySQL ends them one by one, when they end.
        if db.dialect() != crate::dialect::Dialect::Mysql {
            assert!(first.finished_at < second.finished_at && first.finished_at.is_some(), "{first:?} {second:?}");
            assert!(Some(&second.started_at) < second.finished_at.as_ref(), "{second:?}");
        }
        super::discard(db, ids[2]).unwrap();
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
