//! Scratch databases: made beside the target or in memory, named so that an orphan is recognised,
//! and always removed: by the command itself, and where that was killed, by the next one. Who works
//! in one holds a lock of the server's that ends with the connection, so that one without is an
//! orphan. What is done in them is [`crate::proof`]'s work.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::Deserialize;

use super::{Database, DatabaseUrl};
use crate::dialect::Dialect;
use crate::error::{Error, Kind, Result};

/// What every scratch database's name starts with; behind it stand the time of its making (seconds
/// since 1970), the process id and a random number.
pub const PREFIX: &str = "ops_migrate_scratch_";

/// The first key of the advisory locks of those who work in one ("opss" as a number); the second is
/// the random number of its name. Locks of all databases are seen from each (PostgreSQL manual 54.12).
const SALT: i32 = 0x6f70_7373;

/// An empty database of the real engine; dropping it removes it.
pub struct Scratch {
    db: Option<Database>,
    /// The connection that made the database and will drop it, and the database's name.
    server: Option<(Database, String)>,
}

#[derive(Deserialize)]
struct Encoding {
    encoding: String,
    collate: String,
    ctype: String,
    provider: Option<String>,
    icu_locale: Option<String>,
}

impl Scratch {
    /// Makes an empty database: in memory for SQLite, beside the database at `url` for a server,
    /// with its encoding and collation.
    ///
    /// # Errors
    /// `Undecided` without a URL where a server is needed; `Database` where the server is out of
    /// reach or its role may not create databases.
    pub fn create(url: Option<&DatabaseUrl>, dialect: Dialect) -> Result<Self> {
        if dialect == Dialect::Sqlite {
            let db = Database::connect(&DatabaseUrl::sqlite_memory())?;
            return Ok(Self { db: Some(db), server: None });
        }
        let Some(url) = url else {
            return Err(Error::undecided(format!("a scratch database needs a {dialect} server"))
                .hint("give its URL with --database-url or DATABASE_URL"));
        };
        let mut server = connect_to_server(url)?;
        // Leftovers are a nuisance, and no reason to stop.
        let _ = sweep(&mut server);
        let name = new_name();
        guard(&mut server, &name)?;
        let create = match dialect {
            Dialect::Mysql => create_on_mysql(&mut server, &name)?,
            _ => create_on_postgres(&mut server, &name)?,
        };
        server.execute(&create).map_err(|e| not_created(&server, e))?;
        // From here on, `Drop` cleans up.
        let mut scratch = Self { db: None, server: Some((server, name.clone())) };
        scratch.prepare(&name)?;
        scratch.db = Some(Database::connect(&url.with_database(&name))?);
        Ok(scratch)
    }

    /// The connection to it.
    pub fn database(&mut self) -> &mut Database {
        match (&mut self.db, &mut self.server) {
            (Some(db), _) => db,
            // `create` returns only with a connection.
            (None, Some((server, _))) => server,
            (None, None) => unreachable!("a scratch database without a connection"),
        }
    }

    /// Nothing in it has to survive a crash of the server.
    fn prepare(&mut self, name: &str) -> Result<()> {
        match &mut self.server {
            Some((server, _)) if server.dialect() == Dialect::Postgres => {
                server.execute(&format!("ALTER DATABASE {name} SET synchronous_commit = off"))
            }
            _ => Ok(()),
        }
    }
}

/// Removes the scratch databases that killed runs left on the server; their names.
fn sweep(server: &mut Database) -> Result<Vec<String>> {
    let mut removed = Vec::new();
    for name in orphans(server)? {
        if server.execute(&format!("DROP DATABASE IF EXISTS {name}")).is_ok() {
            removed.push(name);
        }
    }
    Ok(removed)
}

/// Scratch databases whose lock nobody holds and that nobody is connected to.
fn orphans(server: &mut Database) -> Result<Vec<String>> {
    let mut names = list(server)?;
    let mut first_error = None;
    names.retain(|name| match is_used(server, name) {
        Ok(used) => !used,
        Err(error) => {
            first_error.get_or_insert(error);
            false
        }
    });
    first_error.map_or(Ok(names), Err)
}

/// The names of all scratch databases on the server.
fn list(server: &mut Database) -> Result<Vec<String>> {
    let sql = match server.dialect() {
        Dialect::Mysql => {
            "SELECT schema_name AS `row` FROM information_schema.schemata
             WHERE left(schema_name, char_length($1)) = $1 ORDER BY schema_name"
        }
        _ => "SELECT datname::text AS row FROM pg_database WHERE starts_with(datname::text, $1) ORDER BY datname",
    };
    let names = server.texts(sql, &[Some(PREFIX)])?;
    // Only names that are ours for sure, and that need no quotes.
    Ok(names.into_iter().flatten().filter(|name| number_of(name).is_some()).collect())
}

/// Takes the lock that tells others that the database is in use, before it is made.
fn guard(server: &mut Database, name: &str) -> Result<()> {
    match server.dialect() {
        Dialect::Mysql => server.execute(&format!("DO get_lock('{name}', 0)")),
        _ => {
            let key = number_of(name).unwrap_or_default().cast_signed();
            server.execute(&format!("SELECT pg_try_advisory_lock({SALT}, {key})"))
        }
    }
}

/// Whether somebody holds the database's lock or is connected to it. PostgreSQL would wait for
/// those, and MySQL would drop it under them.
fn is_used(server: &mut Database, name: &str) -> Result<bool> {
    let sql = match server.dialect() {
        Dialect::Mysql => "SELECT 'used' AS `row` FROM dual WHERE is_used_lock($1) IS NOT NULL
                OR EXISTS (SELECT 1 FROM information_schema.processlist WHERE db = $1)"
            .to_owned(),
        _ => format!(
            "SELECT 'used'::text AS row
             WHERE EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = $1)
                OR EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = {SALT}
                    AND objid = {} AND objsubid = 2)",
            number_of(name).unwrap_or_default()
        ),
    };
    Ok(server.text(&sql, &[Some(name)])?.is_some())
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.db = None;
        if let Some((server, name)) = &mut self.server {
            let force = server.version_number().is_ok_and(|version| version >= 130_000);
            let sql = format!("DROP DATABASE IF EXISTS {name}{}", if force { " WITH (FORCE)" } else { "" });
            // What cannot be dropped now is an orphan for the next run.
            let _ = server.execute(&sql);
        }
    }
}

/// Through the target itself, else through the databases that every server has.
fn connect_to_server(url: &DatabaseUrl) -> Result<Database> {
    let first = match connect_patiently(url) {
        Ok(db) => return Ok(db),
        Err(error) => error,
    };
    let others: &[&str] = match url.dialect() {
        Dialect::Mysql => &["information_schema"],
        _ => &["postgres", "template1"],
    };
    for name in others {
        if let Ok(db) = connect_patiently(&url.with_database(name)) {
            return Ok(db);
        }
    }
    Err(first)
}

/// A connection that does not wait a day (MySQL's default) for others to leave a database.
fn connect_patiently(url: &DatabaseUrl) -> Result<Database> {
    let mut db = Database::connect(url)?;
    if db.dialect() == Dialect::Mysql {
        db.execute("SET SESSION lock_wait_timeout = 10")?;
    }
    Ok(db)
}

fn create_on_mysql(server: &mut Database, name: &str) -> Result<String> {
    let sql =
        "SELECT concat(' CHARACTER SET ', default_character_set_name, ' COLLATE ', default_collation_name) AS `row`
        FROM information_schema.schemata WHERE schema_name = database() AND schema_name <> 'information_schema'";
    Ok(format!("CREATE DATABASE {name}{}", server.text(sql, &[])?.unwrap_or_default()))
}

fn create_on_postgres(server: &mut Database, name: &str) -> Result<String> {
    // Read as JSON, because the columns' names differ between versions.
    let rows: Vec<Encoding> = server.rows(
        "SELECT json_build_object('encoding', pg_encoding_to_char(encoding), 'collate', datcollate, 'ctype', datctype,
            'provider', to_jsonb(d) ->> 'datlocprovider',
            'icu_locale', coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale'))::text AS row
         FROM pg_database d WHERE datname = current_database()",
        &[],
    )?;
    let mut sql = format!("CREATE DATABASE {name} TEMPLATE template0");
    if let Some(e) = rows.first() {
        let quote = |text: &str| Dialect::Postgres.literal(text);
        sql = format!(
            "{sql} ENCODING {} LC_COLLATE {} LC_CTYPE {}",
            quote(&e.encoding),
            quote(&e.collate),
            quote(&e.ctype)
        );
        match (e.provider.as_deref(), &e.icu_locale) {
            (Some("i"), Some(locale)) => sql = format!("{sql} LOCALE_PROVIDER icu ICU_LOCALE {}", quote(locale)),
            (Some("b"), Some(locale)) => {
                sql = format!("{sql} LOCALE_PROVIDER builtin BUILTIN_LOCALE {}", quote(locale));
            }
            _ => {}
        }
    }
    Ok(sql)
}

fn not_created(server: &Database, error: Error) -> Error {
    let hint = if error.message.contains("permission denied") {
        Some("let its role make databases (`ALTER ROLE … CREATEDB`), or give another --database-url".to_owned())
    } else if error.message.contains("Access denied") {
        let names = PREFIX.replace('_', "\\_");
        Some(format!(
            "let its user make databases (``GRANT ALL ON `{names}%`.* TO …``), or give another --database-url"
        ))
    } else {
        None
    };
    let error =
        Error::new(Kind::Database, format!("cannot make a scratch database beside {}", server.url())).caused_by(error);
    match hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

fn new_name() -> String {
    let (pid, random) = (std::process::id(), random());
    format!("{PREFIX}{}_{pid}_{random:08x}", seconds_now())
}

/// The random number in a scratch database's name; `None` for a name that is not of our making.
fn number_of(name: &str) -> Option<u32> {
    let parts: Vec<&str> = name.strip_prefix(PREFIX)?.split('_').collect();
    let [made, pid, random] = parts[..] else { return None };
    made.parse::<u64>().ok()?;
    pid.parse::<u32>().ok()?;
    (random.len() == 8).then(|| u32::from_str_radix(random, 16).ok())?
}

#[expect(clippy::disallowed_methods, reason = "for people: the name says when it was made")]
fn seconds_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

/// Unlike in every process and at every call; the standard library's hash seeds are random.
pub(crate) fn random() -> u32 {
    use std::hash::{BuildHasher, Hasher};
    let hash = std::hash::RandomState::new().build_hasher().finish();
    u32::try_from(hash >> 32).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Scratch, guard, list, new_name, number_of};
    use crate::db::{Database, DatabaseUrl};
    use crate::dialect::Dialect;

    #[test]
    fn only_names_of_our_making_are_recognised() {
        assert!(number_of(&new_name()).is_some());
        assert_eq!(number_of("ops_migrate_scratch_1764000000_77_0011aabb"), Some(0x0011_aabb));
        for name in ["ops_migrate_scratch_", "ops_migrate_scratch_1_2_zz", "ops_migrate_scratch_1_2_0011aabb_x", "x"] {
            assert_eq!(number_of(name), None, "{name}");
        }
    }

    pub(super) fn what_somebody_works_in_is_no_orphan(url: &DatabaseUrl) {
        let (mut server, mut worker) = (Database::connect(url).unwrap(), Database::connect(url).unwrap());
        let (guarded, connected, orphan) = (new_name(), new_name(), new_name());
        guard(&mut worker, &guarded).unwrap();
        for name in [&guarded, &connected, &orphan] {
            server.execute(&format!("CREATE DATABASE {name}")).unwrap();
        }
        let guest = Database::connect(&url.with_database(&connected)).unwrap();
        Scratch::create(Some(url), url.dialect()).unwrap();
        let left = list(&mut server).unwrap();
        assert!(left.contains(&guarded) && left.contains(&connected) && !left.contains(&orphan), "{left:?}");
        drop((worker, guest));
        for name in [&guarded, &connected] {
            server.execute(&format!("DROP DATABASE IF EXISTS {name}")).unwrap();
        }
    }

    #[test]
    fn a_server_needs_a_url() {
        assert!(Scratch::create(None, Dialect::Postgres).is_err());
        let mut scratch = Scratch::create(None, Dialect::Sqlite).unwrap();
        scratch.database().execute("CREATE TABLE t (a)").unwrap();
    }
}

#[cfg(test)]
mod postgres_tests {
    mod postgres {
        use crate::db::Database;
        use crate::db::scratch::list;
        use crate::db::testing::{postgres, postgres_server};

        #[test]
        fn a_scratch_database_goes_with_its_guard() {
            let url = postgres_server();
            let mut server = Database::connect(&url).unwrap();
            let mut scratch = postgres();
            let name = scratch.database().text("SELECT current_database()::text AS row", &[]).unwrap().unwrap();
            // Someone else's connection does not keep it.
            let _other = Database::connect(scratch.database().url()).unwrap();
            assert!(list(&mut server).unwrap().contains(&name));
            drop(scratch);
            assert!(!list(&mut server).unwrap().contains(&name));
        }

        #[test]
        fn what_somebody_works_in_is_no_orphan() {
            super::super::tests::what_somebody_works_in_is_no_orphan(&postgres_server());
        }

        #[test]
        fn a_role_without_the_right_is_told_so() {
            let url = postgres_server();
            let mut server = Database::connect(&url).unwrap();
            let role = format!("ops_poor_{:08x}", crate::db::scratch::random());
            server.execute(&format!("CREATE ROLE {role}; SET ROLE {role}")).unwrap();
            let error = super::super::create_on_postgres(&mut server, "ops_never")
                .and_then(|sql| server.execute(&sql).map_err(|e| super::super::not_created(&server, e)))
                .unwrap_err();
            server.execute(&format!("RESET ROLE; DROP ROLE {role}")).unwrap();
            assert!(format!("{error:?}").contains("CREATEDB"), "{error:?}");
        }
    }
}

#[cfg(all(test, feature = "mysql"))]
mod mysql_tests {
    mod mysql {
        use crate::db::Database;
        use crate::db::scratch::{Scratch, list};
        use crate::db::testing::{mysql, mysql_server};

        #[test]
        fn a_scratch_database_goes_with_its_guard() {
            let url = mysql_server();
            let mut server = Database::connect(&url).unwrap();
            let mut scratch = mysql();
            let name = scratch.database().text("SELECT database() AS `row`", &[]).unwrap().unwrap();
            // Someone else's connection does not keep it.
            let _other = Database::connect(scratch.database().url()).unwrap();
            assert!(list(&mut server).unwrap().contains(&name));
            drop(scratch);
            assert!(!list(&mut server).unwrap().contains(&name));
        }

        #[test]
        fn what_somebody_works_in_is_no_orphan() {
            super::super::tests::what_somebody_works_in_is_no_orphan(&mysql_server());
        }

        #[test]
        fn a_user_without_the_right_is_told_so() {
            let url = mysql_server();
            let mut server = Database::connect(&url).unwrap();
            let user = format!("ops_poor_{:08x}", crate::db::scratch::random());
            server.execute(&format!("CREATE USER {user}@localhost IDENTIFIED BY 'S3cr@t'")).unwrap();
            let text = url.driver_text();
            let poor = text.replacen("//", &format!("//{user}:S3cr%40t@"), 1);
            let poor = poor.replacen(&poor[poor.find("t@").unwrap() + 2..=poor.rfind('@').unwrap()], "", 1);
            let poor = crate::db::DatabaseUrl::parse(&poor).unwrap().with_database("information_schema");
            let error = Scratch::create(Some(&poor), crate::dialect::Dialect::Mysql).err().unwrap();
            server.execute(&format!("DROP USER {user}@localhost")).unwrap();
            let text = format!("{error:?}");
            assert!(text.contains("GRANT ALL ON") && !text.contains("S3cr"), "{text}");
        }
    }
}
