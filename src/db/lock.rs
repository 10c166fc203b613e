//! One runner at a time. PostgreSQL: a session advisory lock on the working connection, polled,
//! because a session that *waits* in `pg_advisory_lock` deadlocks with the holder's
//! `CREATE INDEX CONCURRENTLY`; it ends with the session, so a killed runner frees it when the
//! server has stopped working for it. MySQL and MariaDB: a named lock of the session, polled too,
//! since MariaDB takes no endless timeout; on a Galera cluster a lease, since such a name is a node's
//! alone. SQLite: an exclusive lock on a file beside the database,
//! which the operating system frees with the process. What is done under the lock is not known
//! here.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use sha2::{Digest, Sha256};

use super::Database;
use super::lease::{self, Lease};
use super::who::Who;
use crate::dialect::Dialect;
use crate::error::{Error, Kind, Result};

/// The first key of our advisory locks ("opsm" as a number); the second is made from the schema's
/// name, so that schemas of one database can be migrated side by side.
const SALT: i32 = 0x6f70_736d;

/// What every error says that tells of a lock which somebody else holds.
pub(crate) const HELD: &str = "another runner holds the lock";

/// The lock while it is held, with the database it protects. Dropping it releases it.
pub struct Lock<'a> {
    db: &'a mut Database,
    held: Held,
}

enum Held {
    Session(SessionLock),
    /// A row of a cluster that ends by itself.
    Lease(Lease),
    /// A pooler shares the server's sessions: each transaction takes the lock itself.
    Pooled,
    File {
        file: File,
        path: PathBuf,
    },
    /// An SQLite database in memory: nobody else can reach it.
    Alone,
}

/// A server's lock that ends with the session; each of its parts is a statement.
struct SessionLock {
    /// Asks for it without waiting: `true` where it is ours now.
    take: String,
    release: String,
    /// Asks who has it.
    holder: String,
}

impl<'a> Lock<'a> {
    /// Takes the lock, asking again until `wait` is over; tells once who holds it where that takes
    /// longer than a moment.
    ///
    /// # Errors
    /// `Locked` with the holder's name when it is still held then.
    pub fn acquire(db: &'a mut Database, wait: Duration, tell: &mut dyn FnMut(&str)) -> Result<Self> {
        let held = match (db.dialect(), db.url().path().map(lock_path)) {
            (Dialect::Sqlite, None) => Held::Alone,
            (Dialect::Sqlite, Some(path)) => acquire_file(&path, wait, tell)?,
            (Dialect::Postgres, _) if is_pooled(db)? => {
                db.prepare_nothing();
                let guard = Guard::new(schema_key(db)?, wait);
                // Whoever holds it now is told; later on each transaction takes it for itself.
                guard.take(db, tell)?;
                db.execute("ROLLBACK")?;
                db.guard = Some(guard);
                Held::Pooled
            }
            (Dialect::Mysql, _) if lease::is_wanted(db) => acquire_lease(db, wait, tell)?,
            _ => acquire_session(db, wait, tell)?,
        };
        db.is_locked = true;
        Ok(Self { db, held })
    }

    /// Whether each transaction has to take the lock itself, and nothing else is safe.
    pub(crate) fn is_pooled(&self) -> bool {
        matches!(self.held, Held::Pooled)
    }

    /// Gives the lock back.
    pub fn release(self) {}
}

impl Deref for Lock<'_> {
    type Target = Database;

    fn deref(&self) -> &Database {
        self.db
    }
}

impl DerefMut for Lock<'_> {
    fn deref_mut(&mut self) -> &mut Database {
        self.db
    }
}

impl Drop for Lock<'_> {
    fn drop(&mut self) {
        self.db.is_locked = false;
        match &mut self.held {
            Held::Lease(lease) => lease.release(self.db),
            // Fails only where the connection is gone, and with it the lock.
            Held::Session(lock) => {
                let _ = self.db.execute(&lock.release);
            }
            Held::File { file, path } => {
                remove_own(file, path);
                let _ = file.unlock();
            }
            Held::Pooled => self.db.guard = None,
            Held::Alone => {}
        }
    }
}

/// Whether a pooler shares the server's sessions among its clients (pgbouncer's transaction pooling):
/// then two connections meet in one session, or one connection wanders between several. A session
/// that is older than its connection is reason to look longer; a pooler that keeps sessions to their
/// clients is no matter.
fn is_pooled(db: &mut Database) -> Result<bool> {
    const PROCESS: &str = "SELECT pg_backend_pid()::text AS row";
    const IS_OLD: &str = "SELECT (backend_start < $1::timestamptz)::text AS row FROM pg_stat_activity
        WHERE pid = pg_backend_pid()";
    let now = db.text("SELECT clock_timestamp()::text AS row", &[])?;
    let first = db.text(PROCESS, &[])?;
    // Where there is no second connection to be had, nobody else shares the first.
    let Ok(mut other) = Database::connect(db.url()) else { return Ok(false) };
    let second = other.text(PROCESS, &[])?;
    let is_old = other.text(IS_OLD, &[now.as_deref()])?.as_deref() == Some("true");
    for _ in 0..if is_old { 20 } else { 2 } {
        let (mine, its) = (db.text(PROCESS, &[])?, other.text(PROCESS, &[])?);
        if first == second || mine != first || its != second {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The lock as each transaction takes it for itself, behind a pooler. It is the one that a session
/// takes who is connected to the server itself: the two kinds of runners wait for each other. Asked for
/// again and again like that one, because a transaction that waits in the server holds up the
/// `CREATE INDEX CONCURRENTLY` of the one who has it.
#[derive(Clone)]
pub(crate) struct Guard {
    /// Gives the server's process where it is ours now.
    take: String,
    holder: String,
    wait: Duration,
}

impl Guard {
    fn new(key: i32, wait: Duration) -> Self {
        let take =
            format!("SELECT CASE WHEN pg_try_advisory_xact_lock({SALT}, {key}) THEN pg_backend_pid()::text END AS row");
        Self { take, holder: advisory_lock(key).holder, wait }
    }

    /// Begins a transaction that has the lock.
    pub(super) fn begin(&self, db: &mut Database) -> Result<()> {
        self.take(db, &mut |_| ())?;
        let wait = db.table_wait.map_or(0, |wait| wait.as_millis().max(1));
        db.execute(&format!("SET LOCAL lock_timeout = {wait}"))
    }

    fn take(&self, db: &mut Database, tell: &mut dyn FnMut(&str)) -> Result<()> {
        let take = |db: &mut Database| {
            db.execute("BEGIN")?;
            let process = db.text(&self.take, &[]);
            if !matches!(process, Ok(Some(_))) {
                // Where it fails there is none any more.
                let _ = db.execute("ROLLBACK");
            }
            process
        };
        let process = polled(db, self.wait, take, |db| db.text(&self.holder, &[]), tell)?;
        db.process.store(process.parse().unwrap_or_default(), Ordering::SeqCst);
        Ok(())
    }
}

/// Ends the locks of runners that are gone.
///
/// # Errors
/// `Locked` while the holder lives; `Database` with the engine's own words.
pub fn unlock(db: &mut Database) -> Result<bool> {
    if let Some(holder) = holder(db)? {
        let hint = match db.dialect() {
            Dialect::Sqlite => "the lock goes with its process: end that process, if it hangs",
            Dialect::Postgres => {
                "the lock goes with its session: wait, or end it: SELECT pg_terminate_backend(<process>)"
            }
            Dialect::Mysql if lease::is_wanted(db) => "a lock of a cluster ends by itself, soon after its process",
            Dialect::Mysql => "the lock goes with its session: wait, or end it: KILL <process>",
        };
        return Err(Error::new(Kind::Locked, format!("the holder lives: {holder}")).hint(hint));
    }
    match (db.dialect(), db.url().path().map(lock_path)) {
        // A killed process leaves the file, which holds nobody up.
        (Dialect::Sqlite, Some(path)) => Ok(std::fs::remove_file(path).is_ok()),
        _ => Ok(false),
    }
}

/// Who holds the lock now, for `status`; `None` where nobody does.
///
/// # Errors
/// `Database` with the engine's own words.
pub fn holder(db: &mut Database) -> Result<Option<String>> {
    match (db.dialect(), db.url().path().map(lock_path)) {
        (Dialect::Sqlite, None) => Ok(None),
        (Dialect::Sqlite, Some(path)) => Ok(file_holder(&path)),
        (Dialect::Mysql, _) if lease::is_wanted(db) => lease::holder(db),
        _ => {
            let lock = session_lock(db)?;
            db.text(&lock.holder, &[])
        }
    }
}

fn acquire_session(db: &mut Database, wait: Duration, tell: &mut dyn FnMut(&str)) -> Result<Held> {
    let lock = session_lock(db)?;
    let take = |db: &mut Database| Ok((db.text(&lock.take, &[])?.as_deref() == Some("true")).then_some(()));
    polled(db, wait, take, |db| db.text(&lock.holder, &[]), tell)?;
    Ok(Held::Session(lock))
}

fn acquire_lease(db: &mut Database, wait: Duration, tell: &mut dyn FnMut(&str)) -> Result<Held> {
    polled(db, wait, lease::take, lease::holder, tell).map(Held::Lease)
}

/// Asks again and again until it is had or the time is over.
fn polled<T>(
    db: &mut Database,
    wait: Duration,
    mut take: impl FnMut(&mut Database) -> Result<Option<T>>,
    mut holder: impl FnMut(&mut Database) -> Result<Option<String>>,
    tell: &mut dyn FnMut(&str),
) -> Result<T> {
    let mut pause = Pause::new(wait);
    loop {
        if let Some(had) = take(db)? {
            return Ok(had);
        }
        if pause.is_long() {
            tell(&name(holder(db)?));
        }
        if !pause.sleep() {
            return Err(locked(holder(db)?, wait));
        }
    }
}

fn session_lock(db: &mut Database) -> Result<SessionLock> {
    if db.dialect() != Dialect::Mysql {
        return Ok(advisory_lock(schema_key(db)?));
    }
    let schema = db.text("SELECT database() AS `row`", &[])?.unwrap_or_default();
    Ok(named_lock(&Sha256::digest(schema.as_bytes())))
}

fn schema_key(db: &mut Database) -> Result<i32> {
    let schema = db.text("SELECT current_schema()::text AS row", &[])?.unwrap_or_default();
    let hash = Sha256::digest(schema.as_bytes());
    Ok(i32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]))
}

fn advisory_lock(key: i32) -> SessionLock {
    // Both keys are shown as unsigned numbers (PostgreSQL manual 54.12).
    let unsigned = key.cast_unsigned();
    SessionLock {
        take: format!("SELECT pg_try_advisory_lock({SALT}, {key})::text AS row"),
        release: format!("SELECT pg_advisory_unlock({SALT}, {key})"),
        holder: format!(
            "SELECT concat('process ', a.pid, ' (', coalesce(nullif(a.application_name, ''), 'no name'), ') of ',
                a.usename, coalesce(' from ' || host(a.client_addr), ' on the server''s host'), ', connected since ',
                to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), ' UTC') AS row
             FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
             WHERE l.locktype = 'advisory' AND l.granted AND l.classid = {SALT} AND l.objid = {unsigned}
                AND l.objsubid = 2 AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        ),
    }
}

/// The names of such locks are the whole server's, and have at most 64 characters (MySQL manual
/// 14.14); whose session it is can be seen only by its user and by administrators.
fn named_lock(hash: &[u8]) -> SessionLock {
    let hex: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let name = format!("'ops_migrate_{hex}'");
    SessionLock {
        take: format!("SELECT IF(get_lock({name}, 0) = 1, 'true', 'false') AS `row`"),
        release: format!("DO release_lock({name})"),
        holder: format!(
            "SELECT concat('process ', is_used_lock({name}), coalesce(
                (SELECT concat(' of ', user, ' from ', host) FROM information_schema.processlist
                 WHERE id = is_used_lock({name})), ' of another user')) AS `row`"
        ),
    }
}

/// `<database>.ops-migrate.lock`, with links resolved, so that two names of one file meet.
fn lock_path(database: &Path) -> PathBuf {
    let real = database.canonicalize().unwrap_or_else(|_| database.to_owned());
    let mut name = real.into_os_string();
    name.push(".ops-migrate.lock");
    PathBuf::from(name)
}

fn acquire_file(path: &Path, wait: Duration, tell: &mut dyn FnMut(&str)) -> Result<Held> {
    let mut pause = Pause::new(wait);
    loop {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(|e| cannot_lock(path, e))?;
        match file.try_lock() {
            // A holder that is done removes the file: what was locked may have no name any more.
            Ok(()) if !is_same_file(&file, path) => continue,
            Ok(()) => {
                sign(&file).map_err(|e| cannot_lock(path, e))?;
                return Ok(Held::File { file, path: path.to_owned() });
            }
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(e)) => return Err(cannot_lock(path, e)),
        }
        if pause.is_long() {
            tell(&name(read_signature(path)));
        }
        if !pause.sleep() {
            return Err(locked(read_signature(path), wait));
        }
    }
}

fn cannot_lock(path: &Path, error: std::io::Error) -> Error {
    Error::new(Kind::Database, format!("cannot lock {}", path.display()))
        .caused_by(error)
        .hint("the database's directory has to be writable")
}

/// Writes who holds the lock.
#[expect(clippy::disallowed_methods, reason = "since when the lock is held, at the moment it is taken")]
fn sign(mut file: &File) -> std::io::Result<()> {
    let who = Who::here();
    let since = time::OffsetDateTime::now_utc();
    let format = time::macros::format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    let since = since.format(&format).unwrap_or_default();
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{who}, since {since} UTC")
}

fn read_signature(path: &Path) -> Option<String> {
    let mut text = String::new();
    File::open(path).ok()?.take(1000).read_to_string(&mut text).ok()?;
    Some(text.trim().to_owned()).filter(|t| !t.is_empty())
}

fn file_holder(path: &Path) -> Option<String> {
    let file = OpenOptions::new().read(true).write(true).open(path).ok()?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Some(name(read_signature(path))),
        _ => None,
    }
}

#[cfg(unix)]
fn is_same_file(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let (Ok(held), Ok(named)) = (file.metadata(), std::fs::metadata(path)) else { return false };
    (held.dev(), held.ino()) == (named.dev(), named.ino())
}

/// Where open files cannot be removed, the name always stays with the file.
#[cfg(not(unix))]
fn is_same_file(_file: &File, _path: &Path) -> bool {
    true
}

/// Removes the lock file while it is still locked, so that a waiting runner notices.
fn remove_own(file: &File, path: &Path) {
    if cfg!(unix) && is_same_file(file, path) {
        let _ = std::fs::remove_file(path);
    }
}

/// The holder's name, also where it cannot be seen.
fn name(holder: Option<String>) -> String {
    holder.unwrap_or_else(|| "another process".to_owned())
}

fn locked(holder: Option<String>, wait: Duration) -> Error {
    Error::new(Kind::Locked, format!("{HELD}: {}", name(holder)))
        .hint(format!("waited {} s; try again when it is done", wait.as_secs()))
}

/// Growing pauses with jitter until a deadline.
struct Pause {
    deadline: Instant,
    next: Duration,
    is_told: bool,
}

/// The longest pause, and with it the one from which on a wait is told.
const LONGEST: Duration = Duration::from_millis(500);

impl Pause {
    fn new(wait: Duration) -> Self {
        Self { deadline: Instant::now() + wait, next: Duration::from_millis(20), is_told: false }
    }

    /// Whether this has become a wait that a person notices; once.
    fn is_long(&mut self) -> bool {
        self.next == LONGEST && !std::mem::replace(&mut self.is_told, true)
    }

    /// Sleeps; false when the time is over.
    #[expect(clippy::disallowed_methods, reason = "noise that keeps two waiting runners apart")]
    fn sleep(&mut self) -> bool {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() || crate::interrupt::caught().is_some() {
            return false;
        }
        let noise = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.subsec_nanos()) ^ std::process::id();
        let jitter = Duration::from_millis(u64::from(noise % 32));
        std::thread::sleep((self.next + jitter).min(left));
        self.next = (self.next * 2).min(LONGEST);
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Lock, holder};
    use crate::db::Database;
    use crate::db::testing::sqlite;
    use crate::error::Kind;

    pub(super) fn one_holder_at_a_time(first: &mut Database, second: &mut Database) {
        assert_eq!(holder(second).unwrap(), None);
        let lock = Lock::acquire(first, Duration::ZERO, &mut |_| ()).unwrap();
        let error = Lock::acquire(second, Duration::from_millis(60), &mut |_| ()).err().unwrap();
        assert_eq!(error.kind, Kind::Locked);
        assert!(error.message.contains("process "), "{error}");
        assert!(holder(second).unwrap().unwrap().contains("process "));
        lock.release();
        Lock::acquire(second, Duration::ZERO, &mut |_| ()).unwrap().release();
        assert_eq!(holder(first).unwrap(), None);
    }

    #[test]
    fn a_file_locks_an_sqlite_database_and_leaves_nothing_behind() {
        let (dir, url) = sqlite();
        one_holder_at_a_time(&mut Database::connect(&url).unwrap(), &mut Database::connect(&url).unwrap());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}

#[cfg(test)]
mod postgres_tests {
    mod postgres {
        use crate::db::Database;

        #[test]
        fn an_advisory_lock_has_one_holder_at_a_time() {
            let mut scratch = crate::db::testing::postgres();
            let mut other = Database::connect(scratch.database().url()).unwrap();
            super::super::tests::one_holder_at_a_time(scratch.database(), &mut other);
        }
    }
}

#[cfg(all(test, feature = "mysql"))]
mod mysql_tests {
    mod mysql {
        use crate::db::Database;

        #[test]
        fn a_named_lock_has_one_holder_at_a_time() {
            let mut scratch = crate::db::testing::mysql();
            let mut other = Database::connect(scratch.database().url()).unwrap();
            super::super::tests::one_holder_at_a_time(scratch.database(), &mut other);
        }

        #[test]
        fn databases_of_one_server_are_locked_one_by_one() {
            let (mut one, mut two) = (crate::db::testing::mysql(), crate::db::testing::mysql());
            let wait = std::time::Duration::ZERO;
            let first = super::super::Lock::acquire(one.database(), wait, &mut |_| ()).unwrap();
            super::super::Lock::acquire(two.database(), wait, &mut |_| ()).unwrap().release();
            first.release();
        }
    }
}
