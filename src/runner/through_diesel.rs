//! A step as diesel_migrations runs it, so that Diesel's table is written by Diesel itself; and the
//! watch over the transaction, which belongs to the runner and not to the step's text.

use std::error::Error as StdError;
use std::fmt;

use diesel::backend::Backend;
use diesel::connection::{BoxableConnection, SimpleConnection};
use diesel::migration::{Migration, MigrationMetadata, MigrationName, MigrationVersion};
#[cfg(feature = "mysql")]
use diesel::mysql::{Mysql, MysqlConnection};
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::sqlite::Sqlite;
use diesel_migrations::MigrationHarness;

#[cfg(feature = "mysql")]
use super::by_statement::pieces;
use super::failure::{Failure, FileError};
use super::{Direction, LARGE, Step, mentions, reset_statements};
use crate::db::{Database, is_connection_loss, with_connection};

/// Runs the text of a step that a transaction holds, and writes Diesel's row, by diesel_migrations. On
/// PostgreSQL the transaction `begins` with it, where that is not open yet.
pub(super) fn through_diesel(db: &mut Database, step: &Step, begins: bool) -> Result<(), Failure> {
    let migration = DieselStep { step, has_run: false, begins, reset: reset_statements(db) };
    let done = with_connection!(&mut db.handle, c => harness(c.as_mut(), &migration, step.direction));
    done.map_err(|error| Failure::of_diesel(db, step, &*error))
}

/// Runs the text alone, in the transaction that is open; Diesel's row is left to be written.
pub(super) fn text_alone(db: &mut Database, step: &Step) -> Result<(), Failure> {
    let migration = DieselStep { step, has_run: false, begins: false, reset: reset_statements(db) };
    let done = with_connection!(&mut db.handle, c => migrate(c.as_mut(), &migration));
    done.map_err(|error| Failure::of_diesel(db, step, &*error))
}

/// Writes Diesel's row of a step whose text has run already, by diesel_migrations.
pub(super) fn record(db: &mut Database, step: &Step) -> Result<(), Failure> {
    let migration = DieselStep { step, has_run: true, begins: false, reset: String::new() };
    let done = with_connection!(&mut db.handle, c => harness(c.as_mut(), &migration, step.direction));
    done.map_err(|error| Failure::of_diesel(db, step, &*error))
}

/// Words without one of which no text ends a transaction of PostgreSQL or SQLite: what a function or a
/// procedure says of it is refused inside of one, and a trigger that rolls back is an error.
const ENDS_TRANSACTION: [&str; 5] = ["commit", "rollback", "abort", "end", "prepare"];

type Boxed = Box<dyn StdError + Send + Sync>;

fn harness<DB: Backend>(
    connection: &mut impl MigrationHarness<DB>,
    migration: &dyn Migration<DB>,
    direction: Direction,
) -> Result<(), Boxed> {
    match direction {
        Direction::Up => connection.run_migration(migration).map(drop),
        Direction::Down => connection.revert_migration(migration).map(drop),
    }
}

fn migrate<DB: Backend>(
    connection: &mut impl BoxableConnection<DB>,
    migration: &dyn Migration<DB>,
) -> Result<(), Boxed> {
    migration.run(connection)
}

/// A step as Diesel sees a migration. Its metadata always says "no transaction": it is open already.
struct DieselStep<'a> {
    step: &'a Step,
    /// Only the row is left to be written.
    has_run: bool,
    /// On PostgreSQL: the transaction begins with it.
    begins: bool,
    /// Takes back what the text did to the session.
    reset: String,
}

impl fmt::Display for DieselStep<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.step.name)
    }
}

impl MigrationName for DieselStep<'_> {
    fn version(&self) -> MigrationVersion<'_> {
        MigrationVersion::from(&self.step.version)
    }
}

impl MigrationMetadata for DieselStep<'_> {
    fn run_in_transaction(&self) -> bool {
        false
    }
}

impl Migration<Pg> for DieselStep<'_> {
    fn run(&self, conn: &mut dyn BoxableConnection<Pg>) -> Result<(), Boxed> {
        if self.has_run {
            return Ok(());
        }
        let Some(conn) = conn.downcast_mut::<PgConnection>() else {
            return Err("Diesel handed on a connection of another type".into());
        };
        let begin = if self.begins { "BEGIN;\n" } else { "" };
        let sql = &self.step.sql;
        if sql.len() <= LARGE && !mentions(sql, &ENDS_TRANSACTION) {
            // All of it in one message; the text may end in a comment or without a semicolon.
            let sent = format!("{begin}{sql}\n;{}", self.reset);
            return Ok(conn.batch_execute(&sent).map_err(|error| FileError::Refused(error, begin.len()))?);
        }
        conn.batch_execute(begin)?;
        let before = transaction_id(conn)?;
        conn.batch_execute(sql).map_err(|error| FileError::Refused(error, 0))?;
        // In another transaction the first of these divides by zero; the others come before Diesel writes
        // its row, since a `SET search_path` or `SET ROLE` would lead it astray.
        let same = format!("SELECT 1 / (pg_catalog.txid_current() = {before})::pg_catalog.int4;");
        match conn.batch_execute(&(same + &self.reset)) {
            // By its kind and not by its words, which are in the server's language.
            Err(error) if !is_connection_loss(&error) => Err(FileError::EndedTransaction.into()),
            other => Ok(other?),
        }
    }

    fn revert(&self, conn: &mut dyn BoxableConnection<Pg>) -> Result<(), Boxed> {
        Migration::<Pg>::run(self, conn)
    }

    fn metadata(&self) -> &dyn MigrationMetadata {
        self
    }

    fn name(&self) -> &dyn MigrationName {
        self
    }
}

impl Migration<Sqlite> for DieselStep<'_> {
    fn run(&self, conn: &mut dyn BoxableConnection<Sqlite>) -> Result<(), Boxed> {
        if self.has_run {
            return Ok(());
        }
        conn.batch_execute(&self.step.sql).map_err(|error| FileError::Refused(error, 0))?;
        if !mentions(&self.step.sql, &ENDS_TRANSACTION) {
            return Ok(());
        }
        // The engine tells by refusing a transaction inside of another.
        if conn.batch_execute("BEGIN").is_ok() {
            conn.batch_execute("COMMIT")?;
            return Err(FileError::EndedTransaction.into());
        }
        Ok(())
    }

    fn revert(&self, conn: &mut dyn BoxableConnection<Sqlite>) -> Result<(), Boxed> {
        Migration::<Sqlite>::run(self, conn)
    }

    fn metadata(&self) -> &dyn MigrationMetadata {
        self
    }

    fn name(&self) -> &dyn MigrationName {
        self
    }
}

#[cfg(feature = "mysql")]
impl Migration<Mysql> for DieselStep<'_> {
    fn run(&self, conn: &mut dyn BoxableConnection<Mysql>) -> Result<(), Boxed> {
        if self.has_run {
            return Ok(());
        }
        let Some(conn) = conn.downcast_mut::<MysqlConnection>() else {
            return Err("Diesel handed on a connection of another type".into());
        };
        // In pieces: a server takes no more than 16 MB at once.
        for piece in pieces(self.step) {
            conn.batch_execute(piece).map_err(|error| FileError::Refused(error, 0))?;
        }
        // MariaDB tells; a cluster ends one for another node's sake, which not every statement notices.
        let open: QueryResult<TransactionId> =
            diesel::sql_query("SELECT CAST(@@in_transaction AS char) AS id").get_result(conn);
        if open.is_ok_and(|open| open.id == "0") {
            return Err(FileError::EndedTransaction.into());
        }
        conn.batch_execute(&self.reset)?;
        Ok(())
    }

    fn revert(&self, conn: &mut dyn BoxableConnection<Mysql>) -> Result<(), Boxed> {
        Migration::<Mysql>::run(self, conn)
    }

    fn metadata(&self) -> &dyn MigrationMetadata {
        self
    }

    fn name(&self) -> &dyn MigrationName {
        self
    }
}

#[derive(QueryableByName)]
struct TransactionId {
    #[diesel(sql_type = Text)]
    id: String,
}

fn transaction_id(conn: &mut PgConnection) -> QueryResult<String> {
    let row: TransactionId = diesel::sql_query("SELECT pg_catalog.txid_current()::text AS id").get_result(conn)?;
    Ok(row.id)
}
