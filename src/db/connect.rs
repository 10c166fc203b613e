//! Opening connections, each engine its own way, with settings that hold for the whole session and
//! errors that say what helps. What is done with a connection is known elsewhere.

#[cfg(feature = "mysql")]
use diesel::mysql::MysqlConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;

use super::{APPLICATION_NAME, Database, DatabaseUrl, Handle};
use crate::dialect::Dialect;
use crate::error::{Error, Kind, Result};

/// How long SQLite waits for another process's transaction, in milliseconds.
const BUSY_TIMEOUT_MS: u32 = 5000;

pub(super) fn connect(url: &DatabaseUrl) -> Result<Database> {
    match url.dialect() {
        Dialect::Postgres => postgres(url),
        Dialect::Sqlite => sqlite(url, &url.driver_text()),
        Dialect::Mysql => mysql(url),
    }
}

/// A connection that refuses to write, to a database that is there.
pub(super) fn connect_read_only(url: &DatabaseUrl) -> Result<Database> {
    let (mut db, setting) = match url.dialect() {
        // Not `mode=ro`: that cannot read a database in WAL mode whose log nobody has open.
        Dialect::Sqlite => (sqlite(url, &url.driver_text_with(&[("mode", "rw")]))?, "PRAGMA query_only = ON"),
        Dialect::Postgres => return postgres_read_only(url),
        Dialect::Mysql => (mysql(url)?, "SET SESSION TRANSACTION READ ONLY"),
    };
    db.execute(setting)?;
    Ok(db)
}

/// With a setting of the start-up: a pooler that shares sessions would hand on one that is set later.
/// A pooler that refuses such settings is asked without.
fn postgres_read_only(url: &DatabaseUrl) -> Result<Database> {
    let mut db = match postgres_with(url, &[("options", "-c default_transaction_read_only=on")]) {
        Err(error) if error.message.contains("startup parameter") => return postgres(url),
        other => other?,
    };
    let sql = "SELECT current_setting('default_transaction_read_only') AS row";
    // The URL has options of its own, so that it is the server and no pooler.
    if url.driver_text().contains("options=") && db.text(sql, &[])?.as_deref() != Some("on") {
        db.execute("SET default_transaction_read_only = on")?;
    }
    Ok(db)
}

fn postgres(url: &DatabaseUrl) -> Result<Database> {
    postgres_with(url, &[])
}

#[expect(clippy::disallowed_methods, reason = "libpq reads its own variables; only ours must not stand in their way")]
fn postgres_with(url: &DatabaseUrl, more: &[(&'static str, &'static str)]) -> Result<Database> {
    // As start-up settings, so that `RESET ALL` goes back to them.
    let mut settings = vec![("fallback_application_name", APPLICATION_NAME), ("client_encoding", "UTF8")];
    if std::env::var_os("PGCONNECT_TIMEOUT").is_none() {
        settings.push(("connect_timeout", "10"));
    }
    // A server that falls silent is noticed, where libpq's own would wait for hours (PostgreSQL manual
    // 34.1.2): probes while it works for us, and an end to what it does not confirm.
    settings.extend([("keepalives_idle", "30"), ("keepalives_interval", "10"), ("keepalives_count", "3")]);
    settings.push(("tcp_user_timeout", "30000"));
    settings.extend(more);
    let connection = PgConnection::establish(&url.driver_text_with(&settings)).map_err(|e| unreachable(url, &e))?;
    Ok(Database::new(Handle::Postgres(Box::new(connection)), url))
}

fn sqlite(url: &DatabaseUrl, text: &str) -> Result<Database> {
    let connection = SqliteConnection::establish(text).map_err(|e| {
        Error::new(Kind::Database, format!("cannot open {url}: {}", url.scrub(&e.to_string())))
            .hint("its directory has to exist and to be writable")
    })?;
    let mut db = Database::new(Handle::Sqlite(Box::new(connection)), url);
    // The first statement that reads the file finds out whether it is a database.
    db.execute(&format!("PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}; PRAGMA foreign_keys = ON; PRAGMA schema_version;"))
        .map_err(|e| Error::new(Kind::Database, format!("cannot open {url}: {}", e.message)))?;
    Ok(db)
}

#[cfg(feature = "mysql")]
fn mysql(url: &DatabaseUrl) -> Result<Database> {
    if url.database().is_none() {
        return Err(Error::new(Kind::Database, format!("{url} names no database"))
            .hint("write its name behind the host: mysql://user:password@host/database"));
    }
    let connection = MysqlConnection::establish(&url.driver_text()).map_err(|e| unreachable(url, &e))?;
    Ok(Database::new(Handle::Mysql(Box::new(connection)), url))
}

#[cfg(not(feature = "mysql"))]
fn mysql(_url: &DatabaseUrl) -> Result<Database> {
    Err(Error::new(Kind::Database, "this build has no MySQL or MariaDB client")
        .hint("install it with one: cargo install cargo-ops-migrate --features mysql")
        .hint("that needs the client library, on Debian: apt-get install libmariadb-dev pkg-config")
        .hint("`check`, `review` and the hooks need no database"))
}

/// The error of a connection that was not made, with what probably helps.
fn unreachable(url: &DatabaseUrl, error: &ConnectionError) -> Error {
    let text = url.scrub(error.to_string().trim_end());
    let hint = if text.contains("authentication failed") || text.contains("password") {
        "check the user and the password of the URL"
    } else if text.contains("Access denied") {
        "check the user of the URL and what it may do"
    } else if text.contains("database") && text.contains("does not exist") {
        "create the database first, for example with `createdb`"
    } else if text.contains("Unknown database") {
        "create the database first: CREATE DATABASE"
    } else if text.contains("role") && text.contains("does not exist") {
        "check the user of the URL"
    } else {
        "start the server, or check the host and the port of the URL"
    };
    Error::new(Kind::Database, format!("cannot connect to {url}: {text}")).hint(hint)
}
