//! Which database this is: the name that a person types, and what tells the server apart from a
//! copy of it. What follows from a difference is decided by others.

use super::Database;
use crate::dialect::Dialect;
use crate::error::Result;

/// The name of the setting that holds the engine's identity.
pub const ENGINE: &str = "engine";

/// The name of the setting that holds the project's.
pub const PROJECT: &str = "project";

/// The name by which people know a database: a server's database, an SQLite file's name.
///
/// # Errors
/// `Database` with the engine's own words.
pub fn name(db: &mut Database) -> Result<String> {
    let sql = match db.dialect() {
        Dialect::Sqlite => {
            let file = db.url().path().and_then(std::path::Path::file_name);
            return Ok(file.map_or_else(|| ":memory:".to_owned(), |name| name.to_string_lossy().into_owned()));
        }
        Dialect::Postgres => "SELECT current_database()::text AS row",
        Dialect::Mysql => "SELECT database() AS `row`",
    };
    Ok(db.text(sql, &[])?.unwrap_or_default())
}

/// What changes where the same contents stand on another server or in another database of it: a
/// restored backup, a copy, a fail-over by logical replication. `None` where nothing tells: an
/// SQLite file is the same wherever it is copied, and a role may be kept from asking.
///
/// PostgreSQL: the cluster's system identifier, which a streaming standby shares, and the
/// database's oid. Galera: the cluster's state id. MySQL and MariaDB: when our table was made, as
/// the server knows it; a dump that is loaded makes it anew.
pub fn engine(db: &mut Database) -> Option<String> {
    match db.dialect() {
        Dialect::Sqlite => None,
        Dialect::Postgres => db
            .text(
                "SELECT concat('postgres ', system_identifier, '/',
                    (SELECT oid FROM pg_database WHERE datname = current_database())) AS row
                 FROM pg_control_system()",
                &[],
            )
            .ok()
            .flatten(),
        Dialect::Mysql => mysql_engine(db),
    }
}

fn mysql_engine(db: &mut Database) -> Option<String> {
    // Empty on a server without Galera; there is no such table on MySQL 8 for everybody.
    let cluster = "SELECT variable_value AS `row` FROM information_schema.global_status
        WHERE variable_name = 'wsrep_cluster_state_uuid'";
    if let Some(id) = db.text(cluster, &[]).ok().flatten().filter(|id| !id.trim_matches(['0', '-']).is_empty()) {
        return Some(format!("galera {id}"));
    }
    let made = "SELECT concat('mysql ', database(), ' ', unix_timestamp(create_time)) AS `row`
        FROM information_schema.tables
        WHERE table_schema = database() AND table_name = '__ops_migrate_settings' AND create_time IS NOT NULL";
    db.text(made, &[]).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::{engine, name};
    use crate::db::testing::{sqlite, with};

    #[test]
    fn an_sqlite_file_has_its_own_name() {
        let (_dir, url) = sqlite();
        let mut db = with(&url, "");
        assert_eq!(name(&mut db).unwrap(), "test.db");
        assert_eq!(engine(&mut db), None);
    }

    mod postgres_tests {
        use crate::db::identity::{engine, name};
        use crate::db::testing::postgres;

        #[test]
        fn databases_of_one_server_differ() {
            let (mut one, mut other) = (postgres(), postgres());
            assert!(name(one.database()).unwrap().starts_with("ops_"), "{}", name(one.database()).unwrap());
            let found = engine(one.database()).unwrap();
            assert_eq!(engine(one.database()).unwrap(), found);
            assert_ne!(engine(other.database()).unwrap(), found);
        }
    }

    #[cfg(feature = "mysql")]
    mod mysql_tests {
        use crate::db::identity::engine;
        use crate::db::settings;
        use crate::db::testing::mysql;

        #[test]
        fn a_table_made_anew_is_another() {
            let mut scratch = mysql();
            let db = scratch.database();
            assert_eq!(engine(db), None);
            settings::ensure(db).unwrap();
            let found = engine(db).unwrap();
            settings::put(db, "a", "b").unwrap();
            assert_eq!(engine(db).unwrap(), found);
            std::thread::sleep(std::time::Duration::from_millis(1100));
            db.execute("DROP TABLE __ops_migrate_settings").unwrap();
            settings::ensure(db).unwrap();
            assert_ne!(engine(db).unwrap(), found);
        }
    }
}
