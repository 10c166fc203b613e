//! What a database is told about itself and keeps: that it is protected, which project it belongs
//! to, how far a data step has come. One small table of names and values beside the ledger, with
//! the time of the database's clock and who said so. Reading never creates it; what a value means
//! is known to those who write it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Database;
use super::who::Who;
use crate::dialect::Dialect;
use crate::error::Result;

/// The table.
pub const SETTINGS_TABLE: &str = "__ops_migrate_settings";

/// The name of the mark of a protected database; its value is the reason that was given.
pub const PROTECTED: &str = "protected";

/// One value with its origin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    pub name: String,
    pub value: String,
    /// UTC, `2026-08-01T12:00:00Z`, from the database's clock.
    pub set_at: String,
    pub user_name: String,
    pub host: String,
}

impl Setting {
    /// Who set it and when, for messages.
    pub fn origin(&self) -> String {
        format!("since {}, by {} on {}", self.set_at, self.user_name, self.host)
    }
}

/// All settings by name; none where there is no table.
///
/// # Errors
/// `Database` with the engine's own words.
pub fn all(db: &mut Database) -> Result<BTreeMap<String, Setting>> {
    if !db.has_table(SETTINGS_TABLE)? {
        return Ok(BTreeMap::new());
    }
    let rows: Vec<Setting> = db.rows(&select(db.dialect()), &[])?;
    Ok(rows.into_iter().map(|setting| (setting.name.clone(), setting)).collect())
}

/// One setting.
///
/// # Errors
/// `Database` with the engine's own words.
pub fn get(db: &mut Database, name: &str) -> Result<Option<Setting>> {
    Ok(all(db)?.remove(name))
}

/// Creates the table where it is missing.
///
/// # Errors
/// `Database` where the role may not create tables.
pub fn ensure(db: &mut Database) -> Result<()> {
    if db.has_table(SETTINGS_TABLE)? {
        return Ok(());
    }
    let sql = match db.dialect() {
        Dialect::Sqlite => include_str!("../../migrations/sqlite/00000000000002_ops_migrate_settings/up.sql"),
        Dialect::Postgres => include_str!("../../migrations/postgres/00000000000002_ops_migrate_settings/up.sql"),
        Dialect::Mysql => include_str!("../../migrations/mysql/00000000000002_ops_migrate_settings/up.sql"),
    };
    // Behind a pooler, a transaction alone has the lock; two that make it at once meet an error.
    let made = if db.guard.is_some() { db.atomically(|db| db.execute(sql)) } else { db.execute(sql) };
    made.map_err(|e| e.hint(format!("the table `{SETTINGS_TABLE}` could not be created")))
}

/// Writes a setting over what was there; the table has to be there. Passwords of the URL are taken
/// out of the value.
///
/// # Errors
/// `Database` with the engine's own words.
pub fn put(db: &mut Database, name: &str, value: &str) -> Result<()> {
    let who = Who::here();
    // Each row has the time of its own writing: defaults hold for the new row.
    let (verb, rest) = match db.dialect() {
        Dialect::Sqlite => ("INSERT OR REPLACE", ""),
        Dialect::Mysql => ("REPLACE", ""),
        Dialect::Postgres => (
            "INSERT",
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value, set_at = excluded.set_at,
                user_name = excluded.user_name, host = excluded.host",
        ),
    };
    let sql = format!("{verb} INTO {SETTINGS_TABLE} (name, value, user_name, host) VALUES ($1, $2, $3, $4) {rest}");
    let value = db.url().scrub(value);
    db.execute_with(&sql, &[Some(name), Some(&value), Some(&who.user), Some(&who.host)]).map(drop)
}

/// Takes a setting away.
///
/// # Errors
/// `Database` with the engine's own words.
pub fn remove(db: &mut Database, name: &str) -> Result<()> {
    db.execute_with(&format!("DELETE FROM {SETTINGS_TABLE} WHERE name = $1"), &[Some(name)]).map(drop)
}

fn select(dialect: Dialect) -> String {
    let (object, time, row) = match dialect {
        Dialect::Sqlite => ("json_object", "set_at", "row"),
        Dialect::Postgres => {
            ("json_build_object", "to_char(set_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')", "row")
        }
        Dialect::Mysql => ("json_object", "date_format(set_at, '%Y-%m-%dT%H:%i:%sZ')", "`row`"),
    };
    let text = if dialect == Dialect::Postgres { "::text" } else { "" };
    format!(
        "SELECT {object}('name', name, 'value', value, 'set_at', {time}, 'user_name', user_name, 'host', host){text}
            AS {row} FROM {SETTINGS_TABLE}"
    )
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{all, ensure, get, put, remove};
    use crate::db::introspect::introspect;
    use crate::db::testing::{sqlite, with};
    use crate::db::{Database, DatabaseUrl};

    fn a_setting_is_kept_with_its_origin(db: &mut Database) {
        assert!(all(db).unwrap().is_empty());
        ensure(db).unwrap();
        ensure(db).unwrap();
        put(db, "protected", "it's live").unwrap();
        put(db, "protected", "really").unwrap();
        put(db, "project", "app").unwrap();
        let found = get(db, "protected").unwrap().unwrap();
        assert_eq!((found.value.as_str(), found.set_at.len()), ("really", "2026-08-01T12:00:00Z".len()));
        assert!(found.origin().starts_with("since 20"), "{}", found.origin());
        assert!(introspect(db).unwrap().tables.is_empty(), "no part of anybody's schema");
        remove(db, "protected").unwrap();
        assert_eq!(all(db).unwrap().into_keys().collect::<Vec<_>>(), ["project"]);
    }

    #[test]
    fn on_sqlite() {
        let (_dir, url) = sqlite();
        a_setting_is_kept_with_its_origin(&mut with(&url, ""));
    }

    mod postgres_tests {
        #[test]
        fn on_postgres() {
            super::a_setting_is_kept_with_its_origin(crate::db::testing::postgres().database());
        }
    }

    #[cfg(feature = "mysql")]
    mod mysql_tests {
        #[test]
        fn on_mysql() {
            super::a_setting_is_kept_with_its_origin(crate::db::testing::mysql().database());
        }
    }

    #[test]
    fn no_password_in_a_value() {
        let url = DatabaseUrl::parse("postgres://u:S3cr%40t@h/db").unwrap();
        assert!(!url.scrub("because of u:S3cr@t").contains("S3cr"));
    }
}
