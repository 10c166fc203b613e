//! What statements have done to tables so far: which ones are written anew (PostgreSQL: their file node,
//! SQLite: their first page, MariaDB: InnoDB's number of them), and the locks that a transaction on
//! PostgreSQL holds (`pg_locks`). What follows from it is left to others.

use std::collections::BTreeMap;

use super::Database;
use crate::dialect::Dialect;
use crate::error::Result;

/// The tables of a moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tables {
    /// Names by oid, or by themselves.
    pub names: BTreeMap<String, String>,
    /// Where the rows of each lie, by the same.
    pub nodes: BTreeMap<String, String>,
}

impl Tables {
    /// Those that there are now, views with rows of their own included.
    ///
    /// # Errors
    /// `Database` with the server's own words.
    pub fn now(db: &mut Database) -> Result<Self> {
        let (names, nodes) = match db.dialect() {
            Dialect::Postgres => return Self::of_postgres(db),
            // A table made anew under its old name begins at another page, or has another number.
            Dialect::Sqlite => (
                "SELECT hex(name) || ' ' || name AS row FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
                "SELECT hex(name) || ' ' || rootpage AS row FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
            ),
            Dialect::Mysql => (
                "SELECT concat(hex(table_name), ' ', table_name) AS `row` FROM information_schema.tables
                 WHERE table_schema = database() AND table_type = 'BASE TABLE'",
                "SELECT concat(hex(substring_index(name, '/', -1)), ' ', table_id) AS `row`
                 FROM information_schema.innodb_sys_tables WHERE name LIKE concat(database(), '/%')",
            ),
        };
        // Who may not look at the engine's own tables is not told of it.
        Ok(Self { names: pairs(db, names)?, nodes: pairs(db, nodes).unwrap_or_default() })
    }

    fn of_postgres(db: &mut Database) -> Result<Self> {
        Ok(Self {
            names: pairs(
                db,
                "SELECT oid || ' ' || relname AS row FROM pg_class WHERE relkind IN ('r', 'p', 'm') AND oid > 16383",
            )?,
            nodes: pairs(
                db,
                "SELECT oid || ' ' || pg_relation_filenode(oid) AS row FROM pg_class
                 WHERE relkind IN ('r', 'm') AND oid > 16383 AND pg_relation_filenode(oid) IS NOT NULL",
            )?,
        })
    }

    /// The strongest lock that the transaction holds on each of them, as the manual spells it.
    ///
    /// # Errors
    /// `Database` with the server's own words.
    pub fn locks(&self, db: &mut Database) -> Result<BTreeMap<String, &'static str>> {
        let sql = "SELECT relation || ' ' || mode AS row FROM pg_locks
            WHERE pid = pg_backend_pid() AND relation > 16383 AND granted";
        let mut held: BTreeMap<String, usize> = BTreeMap::new();
        for line in db.texts(sql, &[])?.into_iter().flatten() {
            let Some((oid, mode)) = line.split_once(' ') else { continue };
            let Some(table) = self.names.get(oid) else { continue };
            let Some(rank) = MODES.iter().position(|(name, _)| *name == mode) else { continue };
            let known = held.entry(table.clone()).or_insert(rank);
            *known = (*known).max(rank);
        }
        Ok(held.into_iter().map(|(table, rank)| (table, MODES[rank].1)).collect())
    }

    /// Those whose rows lie elsewhere in `now`: written anew; what is gone there is left out.
    pub fn rewritten(&self, now: &Self) -> Vec<String> {
        let moved = self.nodes.iter().filter(|(oid, node)| now.nodes.get(*oid).is_some_and(|new| new != *node));
        moved.filter_map(|(oid, _)| self.names.get(oid).cloned()).collect()
    }
}

fn pairs(db: &mut Database, sql: &str) -> Result<BTreeMap<String, String>> {
    let lines = db.texts(sql, &[])?;
    let split = |line: String| line.split_once(' ').map(|(a, b)| (a.to_owned(), b.to_owned()));
    Ok(lines.into_iter().flatten().filter_map(split).collect())
}

const MODES: [(&str, &str); 8] = [
    ("AccessShareLock", "ACCESS SHARE"),
    ("RowShareLock", "ROW SHARE"),
    ("RowExclusiveLock", "ROW EXCLUSIVE"),
    ("ShareUpdateExclusiveLock", "SHARE UPDATE EXCLUSIVE"),
    ("ShareLock", "SHARE"),
    ("ShareRowExclusiveLock", "SHARE ROW EXCLUSIVE"),
    ("ExclusiveLock", "EXCLUSIVE"),
    ("AccessExclusiveLock", "ACCESS EXCLUSIVE"),
];
