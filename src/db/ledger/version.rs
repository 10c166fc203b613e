//! The version of the ledger's own tables: how they are made, brought up to date, and told from
//! those of a build that is newer than this one. What stands in them is the ledger's business.

use super::LEDGER_TABLE;
use crate::db::Database;
use crate::dialect::Dialect;
use crate::error::{Error, Kind, Result};
use crate::failpoint;

/// What this build writes. 1: the ledger alone; 2: with the journal of statements.
pub(crate) const VERSION: u32 = 2;

/// Names and values of the tool itself, one of them this version.
pub(crate) const META_TABLE: &str = "__ops_migrate_meta";

/// What version 2 adds to the ledger's table, as every dialect spells it.
const COLUMNS_OF_2: [(&str, &str); 2] = [("tokens_up", "TEXT"), ("units", "BIGINT")];

/// The scripts of one dialect, each with its way back, oldest first.
fn scripts(dialect: Dialect) -> [(&'static str, &'static str); 2] {
    macro_rules! script {
        ($dialect:literal, $name:literal) => {
            (
                include_str!(concat!("../../../migrations/", $dialect, "/", $name, "/up.sql")),
                include_str!(concat!("../../../migrations/", $dialect, "/", $name, "/down.sql")),
            )
        };
    }
    macro_rules! scripts {
        ($dialect:literal) => {
            [
                script!($dialect, "00000000000000_ops_migrate_ledger"),
                script!($dialect, "00000000000001_ops_migrate_journal"),
            ]
        };
    }
    match dialect {
        Dialect::Sqlite => scripts!("sqlite"),
        Dialect::Postgres => scripts!("postgres"),
        Dialect::Mysql => scripts!("mysql"),
    }
}

/// The version of the ledger that the database has; 0 where there is none.
///
/// # Errors
/// `Database` with the engine's own words, and for a ledger that a newer build has written.
pub(crate) fn version(db: &mut Database) -> Result<u32> {
    if !db.has_table(LEDGER_TABLE)? {
        return Ok(0);
    }
    if !db.has_table(META_TABLE)? {
        return Ok(1);
    }
    let row = crate::db::row_name(db.dialect());
    let value = db.text(&format!("SELECT value AS {row} FROM {META_TABLE} WHERE name = 'ledger_version'"), &[])?;
    // Without a value an upgrade was cut short: each of its statements may run twice.
    let found = value.map_or(Ok(1), |text| text.parse()).unwrap_or(u32::MAX);
    if found > VERSION {
        return Err(Error::new(
            Kind::Database,
            format!(
                "a newer cargo-ops-migrate keeps this database's ledger (version {found}; this build knows {VERSION})"
            ),
        )
        .hint("use that one here too: cargo install cargo-ops-migrate"));
    }
    Ok(found)
}

/// Makes the tables where they are missing, and brings old ones up to date.
///
/// # Errors
/// `Database` where the role may not create tables or a newer build has written them.
pub(super) fn ensure(db: &mut Database) -> Result<()> {
    if version(db)? == VERSION {
        return Ok(());
    }
    let done = match db.dialect() {
        // There, every change of the schema commits by itself.
        Dialect::Mysql => write(db),
        Dialect::Sqlite | Dialect::Postgres => db.atomically(write),
    };
    done.map_err(|e| e.hint(format!("the table `{LEDGER_TABLE}` could not be created or brought up to date")))
}

/// Every statement may run again where a run was cut short.
fn write(db: &mut Database) -> Result<()> {
    for (up, _) in scripts(db.dialect()) {
        db.execute(up)?;
        failpoint::hit("ledger: a script of its own");
    }
    for (column, kind) in COLUMNS_OF_2 {
        if !has_column(db, column)? {
            db.execute(&format!("ALTER TABLE {LEDGER_TABLE} ADD COLUMN {column} {kind}"))?;
            failpoint::hit("ledger: a column of its own");
        }
    }
    db.execute(&format!(
        "DELETE FROM {META_TABLE} WHERE name = 'ledger_version';
         INSERT INTO {META_TABLE} (name, value) VALUES ('ledger_version', '{VERSION}');"
    ))?;
    failpoint::hit("ledger: its version");
    Ok(())
}

fn has_column(db: &mut Database, column: &str) -> Result<bool> {
    let sql = match db.dialect() {
        Dialect::Sqlite => "SELECT name AS row FROM pragma_table_info($1) WHERE name = $2",
        Dialect::Postgres => {
            "SELECT attname::text AS row FROM pg_attribute
             WHERE attrelid = to_regclass($1) AND attname = $2 AND NOT attisdropped"
        }
        Dialect::Mysql => {
            "SELECT column_name AS `row` FROM information_schema.columns
             WHERE table_schema = database() AND table_name = $1 AND column_name = $2"
        }
    };
    Ok(db.text(sql, &[Some(LEDGER_TABLE), Some(column)])?.is_some())
}

/// Removes the tables with all they know.
pub(super) fn remove(db: &mut Database) -> Result<()> {
    scripts(db.dialect()).iter().rev().try_for_each(|(_, down)| db.execute(down))
}

#[cfg(test)]
mod tests {
    use super::{META_TABLE, scripts, version};
    use crate::db::Database;
    use crate::db::ledger::{ensure, entries};
    use crate::db::testing::sqlite;
    use crate::error::Kind;

    /// Rows 77 of old and new: a ledger of version 1 is read as it is and brought up to date by the
    /// next run; one of a newer build is refused.
    pub(super) fn old_ledgers_stay_and_newer_ones_are_refused(db: &mut Database) {
        db.execute(scripts(db.dialect())[0].0).unwrap();
        db.execute(
            "INSERT INTO __ops_migrate_ledger (version, name, direction, state, in_transaction, checksum_up,
                checksum_down, down_sql, run_id, user_name, host, tool_version)
             VALUES ('1', 'one', 'up', 'applied', true, 'u', 'd', '', 'r', 'ada', 'engine', '0.1.0')",
        )
        .unwrap();
        assert_eq!(version(db).unwrap(), 1);
        let before = entries(db).unwrap();
        assert_eq!((before.len(), before[0].units), (1, None));
        ensure(db).unwrap();
        ensure(db).unwrap();
        assert_eq!(version(db).unwrap(), 2);
        assert_eq!(entries(db).unwrap(), before);
        // Cut short before the last statement: it is done again.
        db.execute(&format!("DELETE FROM {META_TABLE}")).unwrap();
        ensure(db).unwrap();
        db.execute(&format!("UPDATE {META_TABLE} SET value = '3'")).unwrap();
        let error = ensure(db).unwrap_err();
        assert_eq!(error.kind, Kind::Database);
        assert!(error.message.contains("newer cargo-ops-migrate"), "{error}");
        assert!(entries(db).is_err());
    }

    #[test]
    fn row_77_on_sqlite() {
        let (_dir, url) = sqlite();
        old_ledgers_stay_and_newer_ones_are_refused(&mut Database::connect(&url).unwrap());
    }
}

#[cfg(test)]
mod postgres_tests {
    #[test]
    fn row_77_on_postgres() {
        super::tests::old_ledgers_stay_and_newer_ones_are_refused(crate::db::testing::postgres().database());
    }
}

#[cfg(all(test, feature = "mysql"))]
mod mysql_tests {
    #[test]
    fn row_77_on_mysql() {
        super::tests::old_ledgers_stay_and_newer_ones_are_refused(crate::db::testing::mysql().database());
    }
}
