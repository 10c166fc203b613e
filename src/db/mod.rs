//! The database: connections, introspection, ledger, lock, scratch databases. This file is the one
//! connection type that all of them share; whatever comes out of it is plain text and numbers, and
//! every error has been cleaned of passwords. Running migrations is [`crate::runner`]'s work.

mod connect;
mod handle;
pub mod identity;
pub mod introspect;
mod lease;
pub mod ledger;
pub mod lock;
pub mod losses;
pub mod metadata_locks;
pub mod online;
pub mod probe;
pub mod rows;
pub mod scratch;
pub mod seed;
pub mod settings;
mod url;
pub mod watch;
mod who;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use serde::de::DeserializeOwned;

pub(crate) use self::handle::{Handle, with_connection};
pub(crate) use self::lease::LOST_LEASE;
pub use self::url::DatabaseUrl;
use crate::catalog::Name;
use crate::dialect::Dialect;
use crate::error::{Error, Kind, Result};
use crate::interrupt::Cancel;

/// The name under which a server lists our sessions.
pub const APPLICATION_NAME: &str = "cargo-ops-migrate";

/// The table in which Diesel records what is applied.
pub const DIESEL_TABLE: &str = "__diesel_schema_migrations";

/// How long a server may take to be there again.
const AWAY: Duration = Duration::from_secs(5);

/// An open connection.
pub struct Database {
    pub(crate) handle: Handle,
    url: DatabaseUrl,
    /// How long a statement of the runner may wait for a table; `None`: as the server says.
    pub(crate) table_wait: Option<Duration>,
    /// Takes the runners' lock inside of a transaction: set where a pooler shares the sessions.
    pub(crate) guard: Option<lock::Guard>,
    /// Whether this connection has the runners' lock.
    is_locked: bool,
    /// The runners' lock on a cluster, which may be over before the work is.
    lease: Option<Arc<lease::State>>,
    /// The server's process that works for us, as far as it is known: behind a pooler it is another
    /// one in each transaction.
    process: Arc<AtomicU32>,
}

/// A row of Diesel's own table.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct Applied {
    pub version: String,
    /// When, as the database says it, without a time zone: `2026-08-01 12:00:00`.
    pub run_on: String,
}

impl Database {
    fn new(handle: Handle, url: &DatabaseUrl) -> Self {
        Self {
            handle,
            url: url.clone(),
            table_wait: None,
            guard: None,
            is_locked: false,
            lease: None,
            process: Arc::default(),
        }
    }

    /// Opens a connection; an SQLite file that does not exist is created.
    ///
    /// # Errors
    /// `Database` where it is out of reach or refuses us, without the password.
    pub fn connect(url: &DatabaseUrl) -> Result<Self> {
        connect::connect(url)
    }

    /// Opens a connection that cannot write; an SQLite file has to exist.
    ///
    /// # Errors
    /// `Database` where it does not exist, is out of reach, or refuses us.
    pub fn connect_read_only(url: &DatabaseUrl) -> Result<Self> {
        if !Self::exists(url) {
            return Err(Error::new(Kind::Database, format!("no such database file: {url}"))
                .hint("`cargo ops-migrate upgrade` creates it"));
        }
        connect::connect_read_only(url)
    }

    /// Whether an SQLite file is there; true for servers, which only connecting can tell.
    pub fn exists(url: &DatabaseUrl) -> bool {
        url.path().is_none_or(std::path::Path::exists)
    }

    pub fn dialect(&self) -> Dialect {
        self.url.dialect()
    }

    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Whether the runners' lock is still ours, which only a cluster's can cease to be.
    ///
    /// # Errors
    /// `Locked` where it may be somebody else's by now.
    pub(crate) fn check_lease(&self) -> Result<()> {
        self.lease.as_ref().map_or(Ok(()), |lease| lease.check())
    }

    /// The same, said in the transaction that is open: where it is somebody else's, that cannot commit.
    ///
    /// # Errors
    /// `Locked` where it is; `Database` with the engine's own words.
    pub(crate) fn fence(&mut self) -> Result<()> {
        match self.lease.clone() {
            Some(lease) => lease.fence(self),
            None => Ok(()),
        }
    }

    /// Runs one or several statements, without results.
    ///
    /// # Errors
    /// `Database` with the engine's own words.
    pub fn execute(&mut self, sql: &str) -> Result<()> {
        self.batch(sql).map_err(|e| self.failed(&e))
    }

    /// The same with the driver's error, for the runner.
    pub(crate) fn batch(&mut self, sql: &str) -> Result<(), DieselError> {
        self.handle.batch(sql)
    }

    /// Runs one statement with text parameters `$1`, `$2`, … that first appear in that order; the
    /// number of rows it changed.
    ///
    /// # Errors
    /// `Database` with the engine's own words.
    pub fn execute_with(&mut self, sql: &str, values: &[Option<&str>]) -> Result<usize> {
        self.handle.execute(sql, values, false).map_err(|e| self.failed(&e))
    }

    /// [`Self::execute_with`] of a statement that runs again and again: it is kept prepared.
    ///
    /// # Errors
    /// `Database` with the engine's own words.
    pub(crate) fn execute_kept(&mut self, sql: &str, values: &[Option<&str>]) -> Result<usize> {
        self.handle.execute(sql, values, true).map_err(|e| self.failed(&e))
    }

    /// The rows of a query with one text column called `row`.
    ///
    /// # Errors
    /// `Database` with the engine's own words.
    pub fn texts(&mut self, sql: &str, values: &[Option<&str>]) -> Result<Vec<Option<String>>> {
        // On a cluster a change of a table ends whatever reads it at another node. Under the lock nobody
        // changes ours, and there may be a transaction that went with it.
        let mut tries = if self.dialect() == Dialect::Mysql && !self.is_locked { 20 } else { 1 };
        loop {
            tries -= 1;
            match self.query(sql, values) {
                Err(error) if tries > 0 && error.message.contains("Deadlock found") => {
                    std::thread::sleep(Duration::from_millis(25));
                }
                found => return found,
            }
        }
    }

    fn query(&mut self, sql: &str, values: &[Option<&str>]) -> Result<Vec<Option<String>>> {
        self.handle.texts(sql, values, false).map_err(|e| self.failed(&e))
    }

    /// [`Self::text`] of a query that is asked again and again: PostgreSQL keeps it prepared.
    ///
    /// # Errors
    /// `Database` with the engine's own words.
    pub(crate) fn kept_text(&mut self, sql: &str, values: &[Option<&str>]) -> Result<Option<String>> {
        if self.dialect() != Dialect::Postgres {
            return self.text(sql, values);
        }
        let rows = self.handle.texts(sql, values, true).map_err(|e| self.failed(&e))?;
        Ok(rows.into_iter().next().flatten())
    }

    /// The first row of a query with one text column called `row`; `None` also for NULL.
    ///
    /// # Errors
    /// `Database` with the engine's own words.
    pub fn text(&mut self, sql: &str, values: &[Option<&str>]) -> Result<Option<String>> {
        Ok(self.texts(sql, values)?.into_iter().next().flatten())
    }

    /// The rows of a query with one column called `row` that holds a JSON object.
    ///
    /// # Errors
    /// `Database` with the engine's own words.
    pub(crate) fn rows<T: DeserializeOwned>(&mut self, sql: &str, values: &[Option<&str>]) -> Result<Vec<T>> {
        let read = |text: String| serde_json::from_str(&text);
        let rows: Result<Vec<T>, _> = self.texts(sql, values)?.into_iter().flatten().map(read).collect();
        rows.map_err(|e| Error::new(Kind::Database, "the database answered in an unknown form").caused_by(e))
    }

    /// Prepares no statement by name any more, and forgets those that it has.
    pub(crate) fn prepare_nothing(&mut self) {
        self.handle.prepare_nothing();
    }

    /// Whether the current schema has a table of that name.
    ///
    /// # Errors
    /// `Database` with the engine's own words.
    pub fn has_table(&mut self, name: &str) -> Result<bool> {
        let sql = match self.dialect() {
            Dialect::Sqlite => "SELECT name AS row FROM sqlite_master WHERE type = 'table' AND name = $1",
            Dialect::Postgres => "SELECT to_regclass(quote_ident($1))::text AS row",
            Dialect::Mysql => {
                "SELECT table_name AS `row` FROM information_schema.tables
                 WHERE table_schema = database() AND table_name = $1"
            }
        };
        Ok(self.text(sql, &[Some(name)])?.is_some())
    }

    /// What a `SHOW CREATE` of a table, view or sequence says; empty on the other engines.
    ///
    /// # Errors
    /// `Database` with the engine's own words.
    pub(crate) fn show_create(&mut self, sql: &str) -> Result<String> {
        self.handle.show_create(sql).map_err(|e| self.failed(&e))
    }

    /// What Diesel has recorded as applied, oldest version first. Never writes: Diesel's own way
    /// of asking creates its table.
    ///
    /// # Errors
    /// `Database` with the engine's own words.
    pub fn applied(&mut self) -> Result<Vec<Applied>> {
        if !self.has_table(DIESEL_TABLE)? {
            return Ok(Vec::new());
        }
        self.rows(
            match self.dialect() {
                Dialect::Sqlite => {
                    "SELECT json_object('version', version, 'run_on', coalesce(run_on, '')) AS row
                     FROM __diesel_schema_migrations ORDER BY version"
                }
                Dialect::Postgres => {
                    "SELECT json_build_object('version', version,
                        'run_on', coalesce(to_char(run_on, 'YYYY-MM-DD HH24:MI:SS'), ''))::text AS row
                     FROM __diesel_schema_migrations ORDER BY version COLLATE \"C\""
                }
                Dialect::Mysql => {
                    "SELECT json_object('version', version,
                        'run_on', coalesce(date_format(run_on, '%Y-%m-%d %H:%i:%s'), '')) AS `row`
                     FROM __diesel_schema_migrations ORDER BY CAST(version AS binary)"
                }
            },
            &[],
        )
    }

    /// Whether Diesel has recorded a version; its table is there.
    ///
    /// # Errors
    /// `Database` with the engine's own words.
    pub fn is_applied(&mut self, version: &str) -> Result<bool> {
        let row = row_name(self.dialect());
        let sql = format!("SELECT version AS {row} FROM {DIESEL_TABLE} WHERE version = $1");
        Ok(self.kept_text(&sql, &[Some(version)])?.is_some())
    }

    /// The engine's version as it says it: `15.18`, `3.50.2`, `10.11.19-MariaDB`.
    ///
    /// # Errors
    /// `Database` with the engine's own words.
    pub fn server_version(&mut self) -> Result<String> {
        let sql = match self.dialect() {
            Dialect::Sqlite => "SELECT sqlite_version() AS row",
            Dialect::Postgres => "SELECT current_setting('server_version') AS row",
            Dialect::Mysql => "SELECT version() AS `row`",
        };
        Ok(self.text(sql, &[])?.unwrap_or_default())
    }

    /// PostgreSQL's version as a number: 150018. 0 for the others.
    pub(crate) fn version_number(&mut self) -> Result<u32> {
        if self.dialect() != Dialect::Postgres {
            return Ok(0);
        }
        let text = self.text("SELECT current_setting('server_version_num') AS row", &[])?;
        Ok(text.and_then(|t| t.parse().ok()).unwrap_or_default())
    }

    /// How many rows a table has.
    ///
    /// # Errors
    /// `Database` with the engine's own words.
    pub fn count_rows(&mut self, table: &Name) -> Result<u64> {
        self.count(&table.sql(self.dialect()))
    }

    /// How many rows there are `FROM` what the text says: a table, and a condition where there is one.
    ///
    /// # Errors
    /// `Database` with the engine's own words.
    pub(crate) fn count(&mut self, from: &str) -> Result<u64> {
        let (text, row) = if self.dialect() == Dialect::Mysql { ("char", "`row`") } else { ("text", "row") };
        let sql = format!("SELECT CAST(count(*) AS {text}) AS {row} FROM {from}");
        let text = self.text(&sql, &[])?.unwrap_or_default();
        Ok(text.parse().unwrap_or_default())
    }

    /// An error of this connection, without its passwords.
    pub(crate) fn failed(&self, error: &DieselError) -> Error {
        let words = self.words(error);
        let refused = Error::new(Kind::Database, format!("{} refused: {words}", self.dialect()));
        refusal_hint(&words).into_iter().fold(refused, Error::hint)
    }

    /// Begins a transaction of ours. IMMEDIATE on SQLite: a deferred one that reads first cannot wait
    /// for another writer. Behind a pooler it takes the runners' lock.
    ///
    /// # Errors
    /// `Locked` where another runner keeps it; `Database` with the engine's own words.
    pub(crate) fn begin(&mut self) -> Result<()> {
        match self.guard.clone() {
            Some(guard) => guard.begin(self),
            None if self.dialect() == Dialect::Sqlite => self.execute("BEGIN IMMEDIATE"),
            None => self.execute("BEGIN"),
        }
    }

    /// Does all of the work in one transaction, or nothing of it.
    ///
    /// # Errors
    /// Those of the work; `Database` with the engine's own words.
    pub(crate) fn atomically(&mut self, work: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        self.begin()?;
        let done = work(self).and_then(|()| self.fence()).and_then(|()| self.execute("COMMIT"));
        if done.is_err() {
            // An error means that there is no transaction any more.
            let _ = self.execute("ROLLBACK");
        }
        done
    }

    /// Makes a lost connection again; false where the server stays away.
    pub(crate) fn reconnect(&mut self) -> bool {
        let deadline = Instant::now() + AWAY;
        loop {
            if let Ok(again) = Self::connect(&self.url) {
                *self = Self { table_wait: self.table_wait, ..again };
                return true;
            }
            if Instant::now() > deadline {
                return false;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// What the engine said, with its detail and hint, without passwords.
    pub(crate) fn words(&self, error: &DieselError) -> String {
        let text = match error {
            DieselError::DatabaseError(_, info) => {
                let mut text = info.message().trim_end().to_owned();
                for (label, more) in [("detail", info.details()), ("hint", info.hint())] {
                    if let Some(more) = more {
                        text = format!("{text} ({label}: {more})");
                    }
                }
                text
            }
            other => other.to_string(),
        };
        self.url.scrub(&text)
    }
}

/// Cancels what this connection does, from another thread and by another connection: what it does at
/// that moment, since behind a pooler the server's process for it is another one each time.
///
/// # Errors
/// `Database` with the engine's own words.
pub(crate) fn canceller(db: &mut Database) -> Result<Cancel> {
    let (ask, cancel) = match db.dialect() {
        Dialect::Sqlite => return Ok(Cancel::WithProcess),
        Dialect::Postgres => ("SELECT pg_backend_pid()::text AS row", "SELECT pg_cancel_backend({})"),
        Dialect::Mysql => ("SELECT CAST(connection_id() AS char) AS `row`", "KILL QUERY {}"),
    };
    let process = db.text(ask, &[])?.and_then(|process| process.parse().ok()).unwrap_or_default();
    db.process.store(process, Ordering::SeqCst);
    let (url, process) = (db.url().clone(), Arc::clone(&db.process));
    Ok(Cancel::Server(Box::new(move || {
        let sql = cancel.replace("{}", &process.load(Ordering::SeqCst).to_string());
        // A server that takes no connection any more runs no statement either, or not for long.
        let _ = Database::connect(&url).and_then(|mut other| other.execute(&sql));
    })))
}

/// The name of the column that our queries give, quoted where it is a word of the engine's own.
pub(crate) fn row_name(dialect: Dialect) -> &'static str {
    if dialect == Dialect::Mysql { "`row`" } else { "row" }
}

/// Whether the connection itself is gone. Diesel has no kind for it on MySQL, where only the client's
/// words tell (MySQL manual B.2).
pub(crate) fn is_connection_loss(error: &DieselError) -> bool {
    use DatabaseErrorKind::{ClosedConnection, UnableToSendCommand};
    match error {
        DieselError::DatabaseError(ClosedConnection | UnableToSendCommand, _) => true,
        DieselError::DatabaseError(_, info) => is_loss_in_words(info.message()),
        _ => false,
    }
}

/// Whether the server has ceased to take writes, by PostgreSQL's and MySQL's words.
pub(crate) fn is_read_only(message: &str) -> bool {
    ["read-only transaction", "READ ONLY transaction", "--read-only option"].iter().any(|words| message.contains(words))
}

/// What helps where a server refuses us for what we are or it is, and not for what we said.
pub(crate) fn refusal_hint(message: &str) -> Option<&'static str> {
    const RIGHTS: [&str; 4] =
        ["permission denied for", "must be owner of", "command denied to user", "must be superuser"];
    if is_read_only(message) {
        return Some("this server takes no writes (a standby?): give the URL of the primary one");
    }
    if message.contains("WSREP has not yet prepared node") {
        return Some(lease::NODE_APART);
    }
    let lacks = RIGHTS.iter().any(|words| message.contains(words));
    lacks.then_some("the role of this connection may not do that: GRANT it the right, or connect as another one")
}

/// The same, from an error's text.
pub(crate) fn is_loss_in_words(message: &str) -> bool {
    const WORDS: [&str; 8] = [
        "erver has gone away",
        "Lost connection to ",
        "Connection was killed",
        "server closed the connection",
        "terminating connection",
        "connection to server was lost",
        "no connection to the server",
        "could not receive data from server",
    ];
    WORDS.iter().any(|words| message.contains(words))
}

#[cfg(test)]
pub(crate) mod testing {
    //! Databases for the tests of this crate's edges.

    use super::scratch::Scratch;
    use super::{Database, DatabaseUrl};
    use crate::dialect::Dialect;

    /// A fresh SQLite file in a directory that lives as long as the returned guard.
    pub(crate) fn sqlite() -> (tempfile::TempDir, DatabaseUrl) {
        let dir = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::sqlite_file(dir.path().join("test.db"));
        (dir, url)
    }

    /// The PostgreSQL server that the test harness started.
    pub(crate) fn postgres_server() -> DatabaseUrl {
        // The part without servers leaves such modules out by their name; MariaDB's need a feature.
        let thread = std::thread::current();
        assert!(thread.name().is_none_or(|test| test.contains("postgres_tests::")), "move it to mod postgres_tests");
        server("OPS_MIGRATE_TEST_POSTGRES")
    }

    /// A fresh PostgreSQL database, dropped with the guard.
    pub(crate) fn postgres() -> Scratch {
        Scratch::create(Some(&postgres_server()), Dialect::Postgres).unwrap()
    }

    /// The MariaDB or MySQL server that the test harness started.
    #[cfg(feature = "mysql")]
    pub(crate) fn mysql_server() -> DatabaseUrl {
        server("OPS_MIGRATE_TEST_MYSQL")
    }

    /// A fresh MariaDB database, dropped with the guard.
    #[cfg(feature = "mysql")]
    pub(crate) fn mysql() -> Scratch {
        Scratch::create(Some(&mysql_server()), Dialect::Mysql).unwrap()
    }

    #[expect(clippy::disallowed_methods, reason = "the harness tells its servers by the environment")]
    fn server(variable: &str) -> DatabaseUrl {
        let text = std::env::var(variable).unwrap_or_else(|_| panic!("run cargo xtask test"));
        DatabaseUrl::parse(&text).unwrap()
    }

    /// Makes a server's database as empty as a new one, which takes less time than a new one; SQLite's
    /// in memory is a new one.
    pub(crate) fn empty(db: &mut Database) {
        let sql = match db.dialect() {
            Dialect::Sqlite => {
                *db = Database::connect(&DatabaseUrl::sqlite_memory()).unwrap();
                return;
            }
            Dialect::Mysql => {
                let name = db.text("SELECT database() AS `row`", &[]).unwrap().unwrap();
                format!("DROP DATABASE {name}; CREATE DATABASE {name} CHARACTER SET utf8mb4; USE {name};")
            }
            Dialect::Postgres => "SET search_path = public;
                 DO $$ DECLARE s text; BEGIN
                    FOR s IN SELECT nspname FROM pg_namespace
                        WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
                        EXECUTE format('DROP SCHEMA %I CASCADE', s);
                    END LOOP;
                 END $$;
                 CREATE SCHEMA public"
                .to_owned(),
        };
        db.execute(&sql).unwrap();
    }

    /// A connection with that schema.
    pub(crate) fn with(url: &DatabaseUrl, sql: &str) -> Database {
        let mut db = Database::connect(url).unwrap();
        db.execute(sql).unwrap();
        db
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{sqlite, with};
    use super::{Database, DatabaseUrl};
    use crate::catalog::Name;
    use crate::error::Kind;

    #[test]
    fn reading_neither_creates_nor_changes_anything() {
        let (_dir, url) = sqlite();
        let error = Database::connect_read_only(&url).err().unwrap();
        assert_eq!(error.kind, Kind::Database);
        assert!(!Database::exists(&url));
        drop(with(&url, "CREATE TABLE t (a)"));
        let mut db = Database::connect_read_only(&url).unwrap();
        assert!(db.applied().unwrap().is_empty());
        assert!(!db.has_table(super::DIESEL_TABLE).unwrap());
        assert!(db.execute("CREATE TABLE u (a)").is_err());
        assert_eq!(db.count_rows(&Name::new("t")).unwrap(), 0);
    }

    #[test]
    fn a_file_that_is_no_database_is_named() {
        let (_dir, url) = sqlite();
        std::fs::write(url.path().unwrap(), "not a database, but a text that is long enough").unwrap();
        let error = Database::connect(&url).err().unwrap();
        assert!(error.to_string().contains("not a database"), "{error}");
    }

    #[test]
    fn no_password_in_the_error_of_an_unreachable_server() {
        let url = DatabaseUrl::parse("postgres://u:S3cr%40t@127.0.0.1:1/db").unwrap();
        let error = Database::connect(&url).err().unwrap();
        assert_eq!(error.kind, Kind::Database);
        assert!(!format!("{error:?}").contains("S3cr"), "{error:?}");
        assert!(format!("{error:?}").contains("start the server"), "{error:?}");
    }
}

#[cfg(test)]
mod postgres_tests {
    mod postgres {
        use crate::db::testing::postgres;
        use crate::db::{APPLICATION_NAME, Database, DatabaseUrl};

        #[test]
        fn sessions_carry_our_name_and_reading_creates_nothing() {
            let mut scratch = postgres();
            let url = scratch.database().url().clone();
            let mut db = Database::connect_read_only(&url).unwrap();
            let name = db.text("SELECT current_setting('application_name') AS row", &[]).unwrap();
            assert_eq!(name.as_deref(), Some(APPLICATION_NAME));
            assert!(db.applied().unwrap().is_empty());
            assert!(db.execute("CREATE TABLE u (a int)").is_err());
        }

        /// The bytes of a number are a text on some days: 65 is `A`, and 200 is no UTF-8.
        #[test]
        fn a_number_is_never_taken_for_a_text() {
            let mut scratch = postgres();
            for number in ["65", "200"] {
                let error = scratch.database().text(&format!("SELECT {number} AS row"), &[]).unwrap_err();
                assert!(error.message.contains("asks for text and gets a value of the type 23"), "{error}");
            }
        }

        #[test]
        fn no_password_in_the_error_of_a_refused_connection() {
            let server = crate::db::testing::postgres_server().to_string();
            let (head, tail) = server.split_once("://").unwrap();
            let tail = tail.split_once('@').map_or(tail, |(_, tail)| tail);
            let url = DatabaseUrl::parse(&format!("{head}://nobody_here:S3cr%40t@{tail}")).unwrap();
            let error = Database::connect(&url).err().unwrap();
            assert!(!format!("{error:?}").contains("S3cr"), "{error:?}");
        }
    }
}

#[cfg(all(test, not(feature = "mysql")))]
mod without_mysql {
    #[test]
    fn a_build_without_a_client_says_how_to_get_one() {
        let url = super::DatabaseUrl::parse("mysql://u:S3cr%40t@localhost/db").unwrap();
        let text = format!("{:?}", super::Database::connect(&url).err().unwrap());
        assert!(text.contains("cargo install cargo-ops-migrate --features mysql") && !text.contains("S3cr"), "{text}");
    }
}

#[cfg(all(test, feature = "mysql"))]
mod mysql_tests {
    mod mysql {
        use crate::db::testing::{mysql, mysql_server};
        use crate::db::{Database, DatabaseUrl};

        #[test]
        fn reading_creates_nothing() {
            let mut scratch = mysql();
            let url = scratch.database().url().clone();
            scratch.database().execute("CREATE TABLE t (a int)").unwrap();
            let mut db = Database::connect_read_only(&url).unwrap();
            assert!(db.applied().unwrap().is_empty());
            assert!(db.server_version().unwrap().contains('.'));
            for sql in ["CREATE TABLE u (a int)", "INSERT INTO t VALUES (1)", "DROP TABLE t"] {
                let error = db.execute(sql).unwrap_err();
                assert!(error.message.contains("READ ONLY"), "{error}");
            }
            assert!(!db.has_table("u").unwrap() && db.has_table("t").unwrap());
        }

        /// The bytes of a number are a text on some days: 65 is `A`, and 200 is no UTF-8.
        #[test]
        fn a_number_is_never_taken_for_a_text() {
            let mut scratch = mysql();
            for number in ["65", "200"] {
                let error = scratch.database().text(&format!("SELECT {number} AS `row`"), &[]).unwrap_err();
                assert!(error.message.contains("asks for text and gets a value of the type Long"), "{error}");
            }
        }

        #[test]
        fn both_schemes_reach_the_server_and_a_database_has_to_be_named() {
            let text = mysql_server().driver_text();
            let other = text.replacen("mysql://", "mariadb://", 1);
            Database::connect(&DatabaseUrl::parse(&other).unwrap()).unwrap();
            let error = Database::connect(&DatabaseUrl::parse("mysql://u:S3cr%40t@localhost").unwrap()).err().unwrap();
            assert!(format!("{error:?}").contains("names no database"), "{error:?}");
        }

        /// The password is in none of the errors of a connection, and each says what helps.
        #[test]
        fn no_password_in_the_error_of_a_refused_connection() {
            let socket = mysql_server().driver_text();
            let (_, socket) = socket.split_once('?').unwrap();
            let cases = [
                (format!("nobody_here:S3cr%40t@localhost/x?{socket}"), "user"),
                ("u:S3cr%40t@localhost/x?unix_socket=/nowhere".to_owned(), "start the server"),
                ("u:S3cr%40t@127.0.0.1:1/x".to_owned(), "start the server"),
                (format!("u:S3cr%40t@localhost/x/y?{socket}"), "database"),
            ];
            for (rest, hint) in cases {
                let url = DatabaseUrl::parse(&format!("mysql://{rest}")).unwrap();
                let text = format!("{:?}", Database::connect(&url).err().unwrap());
                assert!(!text.contains("S3cr") && text.contains(hint), "{text}");
            }
            let url = mysql_server().with_database("not_there");
            let text = format!("{:?}", Database::connect(&url).err().unwrap());
            assert!(text.contains("CREATE DATABASE"), "{text}");
        }
    }
}
