//! The runners' lock on a Galera cluster, where every lock that a session holds is its node's alone: a
//! row with an end, which the cluster's certification gives to one of those who insert it. It is
//! prolonged by a second connection; a runner that could not prolong it stops before its next
//! statement. Times are the database's. How a runner waits for it is known to [`super::lock`].

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::who::Who;
use super::{Database, DatabaseUrl, scratch};
use crate::error::{Error, Kind, Result};

/// Our table with at most one row.
const LEASE_TABLE: &str = "__ops_migrate_lease";

/// What every error says that tells of a lease that is over.
pub(crate) const LOST_LEASE: &str = "the lock of the cluster";

/// How long a lease lasts that nobody prolongs.
const LASTS: Duration = Duration::from_secs(12);

/// How long before its end its holder gives it up: what was sent by then has arrived.
const MARGIN: Duration = Duration::from_secs(3);

/// How often it is prolonged.
const BEAT: Duration = Duration::from_secs(3);

/// InnoDB with a primary key, whatever the server's default is: Galera replicates nothing else.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS __ops_migrate_lease (
    id INT NOT NULL PRIMARY KEY,
    owner VARCHAR(64) NOT NULL,
    who VARCHAR(255) NOT NULL,
    node VARCHAR(255) NOT NULL,
    connection BIGINT NOT NULL,
    since DATETIME NOT NULL,
    expires DATETIME(6) NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";

/// The name by which a node of a cluster knows itself.
const NODE: &str = "concat(@@hostname, ':', @@port, ':', @@socket)";

/// A lease that is ours.
pub(super) struct Lease {
    owner: String,
    state: Arc<State>,
    beat: Option<JoinHandle<()>>,
}

/// What the runner and its second connection tell each other.
pub(crate) struct State {
    prolong: String,
    over: AtomicBool,
    /// When it was prolonged last, by this process's clock: asked for before the answer came.
    prolonged: Mutex<Instant>,
}

impl State {
    /// # Errors
    /// `Locked` where the lease may be over, and with it the right to go on.
    pub(crate) fn check(&self) -> Result<()> {
        let prolonged = *self.prolonged.lock().unwrap_or_else(PoisonError::into_inner);
        if prolonged.elapsed() < LASTS.saturating_sub(MARGIN) {
            return Ok(());
        }
        Err(Error::new(Kind::Locked, format!("{LOST_LEASE} was lost: it could not be prolonged in time"))
            .hint("another runner may be at work by now; run again: it goes on where this one ended"))
    }

    /// Prolongs it in the transaction that is open, so that one which somebody else has taken meanwhile
    /// cannot commit.
    ///
    /// # Errors
    /// `Locked` where it is not ours any more; `Database` with the engine's own words.
    pub(crate) fn fence(&self, db: &mut Database) -> Result<()> {
        self.check()?;
        if db.execute_with(&self.prolong, &[])? == 1 {
            return Ok(());
        }
        Err(Error::new(Kind::Locked, format!("another runner has taken {LOST_LEASE} meanwhile"))
            .hint("nothing of this revision was committed; run again when the other one is done"))
    }

    fn beat(&self, url: &DatabaseUrl) {
        let mut db: Option<Database> = None;
        while !self.over.load(Ordering::SeqCst) {
            std::thread::park_timeout(BEAT);
            if self.over.load(Ordering::SeqCst) {
                return;
            }
            let asked = Instant::now();
            if db.is_none() {
                db = Database::connect(url).and_then(|mut db| settle(&mut db).map(|()| db)).ok();
            }
            match db.as_mut().map(|db| db.execute_with(&self.prolong, &[])) {
                Some(Ok(1)) => *self.prolonged.lock().unwrap_or_else(PoisonError::into_inner) = asked,
                // Somebody else has it; the runner finds out by the clock.
                Some(Ok(_)) => return,
                // A node that is away, or a conflict with the runner's own row: again.
                Some(Err(_)) | None => db = None,
            }
        }
    }
}

/// Whether a MariaDB or MySQL server is a node of a cluster.
pub(super) fn is_wanted(db: &mut Database) -> bool {
    // There is no such variable where there is no Galera.
    let on = db.text("SELECT CAST(@@wsrep_on AS char) AS `row`", &[]);
    matches!(on.ok().flatten().as_deref(), Some("1" | "ON"))
}

/// Reads wait for what the cluster has committed before them (Galera manual, wsrep_sync_wait), and
/// changes of the schema are everybody's (wsrep_OSU_method).
pub(super) fn settle(db: &mut Database) -> Result<()> {
    db.execute("SET SESSION wsrep_sync_wait = 15, wsrep_OSU_method = 'TOI'").map_err(not_primary)
}

/// What helps where a node takes no statement, or waits in vain for what the others have committed.
pub(super) const NODE_APART: &str =
    "this node has lost its cluster or lags behind it: give the URL of another one with --database-url";

/// The hint for a read that waited in vain; a node that takes none says so itself.
fn not_primary(error: Error) -> Error {
    if error.message.contains("Lock wait timeout exceeded") { error.hint(NODE_APART) } else { error }
}

/// Asks once for the lease; `None` where somebody else has it.
///
/// # Errors
/// `Database` with the engine's own words.
pub(super) fn take(db: &mut Database) -> Result<Option<Lease>> {
    settle(db)?;
    if !db.has_table(LEASE_TABLE).map_err(not_primary)? {
        match db.execute(TABLE) {
            // Another node makes it.
            Err(error) if is_taken(&error) => return Ok(None),
            made => made.map_err(|e| not_primary(e).hint(format!("the table `{LEASE_TABLE}` could not be created")))?,
        }
    }
    end_what_is_over(db).map_err(not_primary)?;
    let (who, owner) = (Who::here().to_string(), format!("{:08x}{:08x}", scratch::random(), scratch::random()));
    let asked = Instant::now();
    let insert = format!(
        "INSERT INTO {LEASE_TABLE} (id, owner, who, node, connection, since, expires)
         VALUES (1, $1, $2, {NODE}, connection_id(), utc_timestamp(), {})",
        end()
    );
    match db.execute_with(&insert, &[Some(&owner), Some(&who)]) {
        Ok(_) => {}
        Err(error) if is_taken(&error) => return Ok(None),
        Err(error) => return Err(not_primary(error)),
    }
    let prolong = format!(
        "UPDATE {LEASE_TABLE} SET expires = {} WHERE id = 1 AND owner = '{owner}' AND expires > utc_timestamp(6)",
        end()
    );
    let state = Arc::new(State { prolong, over: AtomicBool::new(false), prolonged: Mutex::new(asked) });
    let (seen, url) = (Arc::clone(&state), db.url().clone());
    let beat = std::thread::Builder::new().spawn(move || seen.beat(&url)).map_err(|error| {
        Error::new(Kind::Database, format!("{LOST_LEASE} cannot be kept: no thread is to be had")).caused_by(error)
    })?;
    db.lease = Some(Arc::clone(&state));
    Ok(Some(Lease { owner, state, beat: Some(beat) }))
}

/// When a lease ends that begins now.
fn end() -> String {
    format!("utc_timestamp(6) + INTERVAL {} SECOND", LASTS.as_secs())
}

/// Two who insert at once, a conflict between nodes, or a node that a backup has stopped for a moment: not
/// ours this time.
fn is_taken(error: &Error) -> bool {
    ["Duplicate entry", "Deadlock found", "Lock wait timeout", "Replication paused"]
        .iter()
        .any(|words| error.message.contains(words))
}

/// Takes away a lease that nobody has prolonged. A holder of this node that is still connected, stopped
/// or hung, is disconnected first: what it sends when it wakes up reaches nobody.
fn end_what_is_over(db: &mut Database) -> Result<()> {
    let over = format!(
        "SELECT concat(owner, ' ', IF(node = {NODE}, connection, 0)) AS `row` FROM {LEASE_TABLE}
         WHERE id = 1 AND expires < utc_timestamp(6)"
    );
    let Some(found) = db.text(&over, &[])? else { return Ok(()) };
    let Some((owner, connection)) = found.split_once(' ') else { return Ok(()) };
    if connection != "0" {
        // Gone already, in most cases.
        let _ = db.execute(&format!("KILL CONNECTION {connection}"));
        let alive = "SELECT CAST(id AS char) AS `row` FROM information_schema.processlist WHERE id = $1";
        if db.text(alive, &[Some(connection)])?.is_some() {
            return Ok(());
        }
    }
    let remove = format!("DELETE FROM {LEASE_TABLE} WHERE id = 1 AND owner = $1 AND expires < utc_timestamp(6)");
    match db.execute_with(&remove, &[Some(owner)]) {
        Err(error) if !is_taken(&error) => Err(error),
        _ => Ok(()),
    }
}

/// Who has it, and until when if nobody prolongs it.
///
/// # Errors
/// `Database` with the engine's own words.
pub(super) fn holder(db: &mut Database) -> Result<Option<String>> {
    if !db.has_table(LEASE_TABLE).map_err(not_primary)? {
        return Ok(None);
    }
    let sql = format!(
        "SELECT concat(who, ', at the node ', node, ', since ', date_format(since, '%Y-%m-%d %H:%i:%s'),
            ' UTC; without a sign of life it ends in ',
            ceil(timestampdiff(MICROSECOND, utc_timestamp(6), expires) / 1000000), ' s') AS `row`
         FROM {LEASE_TABLE} WHERE id = 1 AND expires > utc_timestamp(6)"
    );
    db.text(&sql, &[])
}

impl Lease {
    /// Gives it back.
    pub(super) fn release(&mut self, db: &mut Database) {
        self.state.over.store(true, Ordering::SeqCst);
        if let Some(beat) = self.beat.take() {
            beat.thread().unpark();
            // It does nothing that could fail.
            let _ = beat.join();
        }
        db.lease = None;
        // Where this fails it ends by itself.
        let _ = db.execute_with(&format!("DELETE FROM {LEASE_TABLE} WHERE owner = $1"), &[Some(&self.owner)]);
    }
}
