//! The metadata locks that a session holds on MariaDB, as its plugin `metadata_lock_info` tells them. Those of
//! a transaction stay, so that they can be read behind its statements. Those of a statement that changes a
//! table go with it: here it meets a transaction that has read the table, so that it has to wait before it
//! takes the table for itself, and what it has by then can be read.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::Database;
use super::watch::Session;
use crate::dialect::Dialect;
use crate::error::Result;

/// Two connections beside the session.
pub struct MetadataLocks {
    watcher: Database,
    reader: Database,
    id: String,
}

/// What was seen of a statement.
#[derive(Debug, Default)]
pub struct Seen {
    /// Names of tables, and the strongest lock on each, without its `MDL_`.
    pub locks: BTreeMap<String, String>,
    /// How long it waited for the reader; `None`: it did not.
    pub waited: Option<Duration>,
}

/// How to make a server tell.
pub const INSTALL: &str = "INSTALL SONAME 'metadata_lock_info'";

/// How often a session is looked at.
const TICK: Duration = Duration::from_micros(200);

/// From the weakest (`sql/mdl.h`).
const MODES: [&str; 9] = [
    "INTENTION_EXCLUSIVE",
    "SHARED",
    "SHARED_HIGH_PRIO",
    "SHARED_READ",
    "SHARED_WRITE",
    "SHARED_UPGRADABLE",
    "SHARED_NO_WRITE",
    "SHARED_NO_READ_WRITE",
    "EXCLUSIVE",
];

impl MetadataLocks {
    /// Whether a server could tell and does not, because the plugin is not installed.
    pub fn is_missing(db: &mut Database) -> bool {
        let is_mariadb = db.server_version().is_ok_and(|version| version.contains("MariaDB"));
        db.dialect() == Dialect::Mysql && is_mariadb && !has_plugin(db)
    }

    /// Connects; `None` where the server does not tell.
    pub fn open(db: &mut Database) -> Option<Self> {
        if db.dialect() != Dialect::Mysql || !has_plugin(db) {
            return None;
        }
        let id = Session::of(db)?.id().to_owned();
        let connect = || Database::connect(db.url()).ok();
        let (watcher, mut reader) = (connect()?, connect()?);
        // It is never to wait for the session that waits for it.
        reader.execute("SET SESSION lock_wait_timeout = 1, innodb_lock_wait_timeout = 1").ok()?;
        Some(Self { watcher, reader, id })
    }

    /// Those that the session holds on tables of its database.
    pub fn held(&mut self) -> BTreeMap<String, String> {
        held(&mut self.watcher, &self.id)
    }

    /// Runs a statement of the session that changes these tables.
    pub fn during(&mut self, tables: &[&str], run: impl FnOnce() -> Result<()>) -> (Result<()>, Seen) {
        let Self { watcher, reader, id } = self;
        // What it cannot read nobody waits for.
        let _ = reader.execute("START TRANSACTION");
        for table in tables {
            let _ = reader.text(&format!("SELECT '1' AS `row` FROM {} LIMIT 1", Dialect::Mysql.quote(table)), &[]);
        }
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let watching = scope.spawn(|| watched(watcher, reader, id, &done));
            let ran = run();
            done.store(true, Ordering::Release);
            (ran, watching.join().unwrap_or_default())
        })
    }
}

/// Looks until the session waits or is done, and lets it go on.
fn watched(watcher: &mut Database, reader: &mut Database, id: &str, done: &AtomicBool) -> Seen {
    let mut seen = Seen::default();
    let (mut waits, mut last) = (false, Instant::now());
    let sql = "SELECT state AS `row` FROM information_schema.processlist WHERE id = $1";
    while !done.load(Ordering::Acquire) {
        let state = watcher.text(sql, &[Some(id)]).ok().flatten().unwrap_or_default();
        if state.starts_with("Waiting for table metadata lock") {
            seen.locks = held(watcher, id);
            waits = true;
            break;
        }
        last = Instant::now();
        std::thread::sleep(TICK);
    }
    // Where that fails the connection is gone, and its locks with it.
    let _ = reader.execute("ROLLBACK");
    seen.waited = waits.then(|| last.elapsed());
    seen
}

fn held(watcher: &mut Database, id: &str) -> BTreeMap<String, String> {
    let sql = "SELECT concat(replace(lock_mode, 'MDL_', ''), ' ', table_name) AS `row`
        FROM information_schema.metadata_lock_info
        WHERE thread_id = $1 AND table_schema = database() AND lock_type = 'Table metadata lock'";
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let rank = |mode: &str| MODES.iter().position(|known| *known == mode);
    for line in watcher.texts(sql, &[Some(id)]).unwrap_or_default().into_iter().flatten() {
        let Some((mode, table)) = line.split_once(' ') else { continue };
        let known = found.entry(table.to_owned()).or_insert_with(|| mode.to_owned());
        if rank(mode) > rank(known) {
            mode.clone_into(known);
        }
    }
    found
}

fn has_plugin(db: &mut Database) -> bool {
    let sql = "SELECT plugin_name AS `row` FROM information_schema.plugins
        WHERE plugin_name = 'METADATA_LOCK_INFO' AND plugin_status = 'ACTIVE'";
    db.text(sql, &[]).is_ok_and(|name| name.is_some())
}
