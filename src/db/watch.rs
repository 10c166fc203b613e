//! What a session is doing at this moment, asked through a second connection: what it waits for,
//! who is in its way, how far the server has come. Only servers tell; what is shown of it is known
//! elsewhere.

use super::{Database, DatabaseUrl};
use crate::dialect::Dialect;
use crate::error::Result;

/// How much of another session's statement is shown.
const QUERY_LENGTH: usize = 60;

/// A session that can be watched.
#[derive(Debug, Clone)]
pub struct Session {
    url: DatabaseUrl,
    /// The server's number for it.
    id: String,
}

impl Session {
    /// The session of a connection; `None` where there is no server.
    pub fn of(db: &mut Database) -> Option<Self> {
        let sql = match db.dialect() {
            Dialect::Sqlite => return None,
            Dialect::Postgres => "SELECT pg_backend_pid()::text AS row",
            Dialect::Mysql => "SELECT CAST(connection_id() AS char) AS `row`",
        };
        let id = db.text(sql, &[]).ok().flatten()?;
        Some(Self { url: db.url().clone(), id })
    }

    /// The server's number for it.
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// The second connection.
pub struct Watcher {
    db: Database,
    id: String,
}

impl Watcher {
    /// Connects.
    ///
    /// # Errors
    /// `Database` where the server takes no second connection.
    pub fn open(session: &Session) -> Result<Self> {
        Ok(Self { db: Database::connect_read_only(&session.url)?, id: session.id.clone() })
    }

    /// What the session does, in a few words; `None` where the server tells nothing worth telling
    /// or does not let us ask.
    pub fn look(&mut self) -> Option<String> {
        let parts: Vec<String> = match self.db.dialect() {
            Dialect::Sqlite => Vec::new(),
            Dialect::Postgres => [POSTGRES_PROGRESS, POSTGRES_WAIT].iter().filter_map(|sql| self.ask(sql)).collect(),
            Dialect::Mysql => {
                let state = self.ask(MARIADB_STATE).or_else(|| self.ask(MYSQL_STATE));
                let blocked = state.as_ref().is_some_and(|state| state.starts_with("Waiting for"));
                let blocker = if blocked { self.ask(MYSQL_OLDEST) } else { None };
                state.into_iter().chain(blocker).collect()
            }
        };
        let text = parts.join("; ").split_whitespace().collect::<Vec<_>>().join(" ");
        (!text.is_empty()).then(|| self.db.url().scrub(&text))
    }

    fn ask(&mut self, sql: &str) -> Option<String> {
        let sql = sql.replace("{length}", &QUERY_LENGTH.to_string());
        self.db.text(&sql, &[Some(&self.id)]).ok().flatten().filter(|text| !text.is_empty())
    }
}

/// PostgreSQL manual 28.4: the views of long statements.
const POSTGRES_PROGRESS: &str = "\
SELECT string_agg(concat(CASE WHEN total > 0 THEN concat(100 * done / total, ' % of ') END, what, ' (', phase, ')'), '; ')
    AS row FROM (
    SELECT pid, lower(command) AS what, phase,
        CASE WHEN blocks_total > 0 THEN blocks_done ELSE tuples_done END AS done,
        CASE WHEN blocks_total > 0 THEN blocks_total ELSE tuples_total END AS total
        FROM pg_stat_progress_create_index
    UNION ALL
    SELECT pid, lower(command), phase, heap_blks_scanned, heap_blks_total FROM pg_stat_progress_cluster
    UNION ALL
    SELECT pid, 'vacuum', phase, heap_blks_scanned, heap_blks_total FROM pg_stat_progress_vacuum
    UNION ALL
    SELECT pid, 'analyze', phase, sample_blks_scanned, sample_blks_total FROM pg_stat_progress_analyze
) AS progress WHERE pid = CAST($1 AS integer)";

/// Reads and writes of its own are no waiting that anybody could do something about.
const POSTGRES_WAIT: &str = "\
SELECT CASE
    WHEN cardinality(pg_blocking_pids(pid)) > 0 THEN concat('waits for ', (
        SELECT string_agg(concat('process ', b.pid, ' (', concat_ws(', ', nullif(b.application_name, ''), b.usename,
            CASE WHEN b.state LIKE 'idle in transaction%' THEN 'idle in a transaction' ELSE b.state END,
            concat(round(extract(epoch FROM clock_timestamp() - coalesce(b.xact_start, b.query_start))), ' s')), '): ',
            left(b.query, {length})), ' and ')
        FROM pg_stat_activity AS b WHERE b.pid = ANY (pg_blocking_pids(a.pid))))
    WHEN wait_event_type IN ('Lock', 'Extension', 'BufferPin', 'IPC', 'Timeout')
        THEN concat('waits: ', wait_event_type, ' ', wait_event)
    END AS row FROM pg_stat_activity AS a WHERE pid = CAST($1 AS integer)";

/// MariaDB manual, SHOW PROCESSLIST: PROGRESS is of the stage, in per cent.
const MARIADB_STATE: &str = "\
SELECT concat(state, IF(max_stage > 0, concat(', stage ', stage, ' of ', max_stage, ', ', round(progress), ' %'), ''))
    AS `row` FROM information_schema.processlist WHERE id = $1";

const MYSQL_STATE: &str = "SELECT state AS `row` FROM information_schema.processlist WHERE id = $1";

/// Whose metadata lock it is no server tells without a plugin; most often it is the transaction
/// that is open for the longest time. Only an administrator may ask.
const MYSQL_OLDEST: &str = "\
SELECT concat('the oldest open transaction is that of process ', trx_mysql_thread_id,
    coalesce((SELECT concat(' (', p.user, ', ', p.command, ')') FROM information_schema.processlist AS p
        WHERE p.id = trx_mysql_thread_id), ''),
    ', ', timestampdiff(SECOND, trx_started, now()), ' s', coalesce(concat(': ', left(trx_query, {length})), ''))
    AS `row` FROM information_schema.innodb_trx WHERE trx_mysql_thread_id <> $1 ORDER BY trx_started LIMIT 1";

#[cfg(test)]
mod tests {
    use super::{Session, Watcher};
    use crate::db::Database;
    use crate::db::testing::{sqlite, with};

    #[test]
    fn without_a_server_nobody_can_be_asked() {
        let (_dir, url) = sqlite();
        assert!(Session::of(&mut with(&url, "")).is_none());
    }

    /// Looks at a session that runs `statement` until what it sees has `words`.
    fn until_seen(db: &mut Database, statement: &'static str, words: &[&str]) {
        let mut worker = Database::connect(db.url()).unwrap();
        let mut watcher = Watcher::open(&Session::of(&mut worker).unwrap()).unwrap();
        let work = std::thread::spawn(move || drop(worker.execute(statement)));
        let seen: Vec<String> = std::iter::repeat_with(|| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            watcher.look().unwrap_or_default()
        })
        .take(100)
        .take_while(|seen| !words.iter().all(|word| seen.contains(word)))
        .collect();
        assert!(seen.len() < 100, "{words:?} is not in {:?}", seen.last());
        db.execute("COMMIT").unwrap();
        work.join().unwrap();
    }

    mod postgres_tests {
        use crate::db::testing::postgres;

        #[test]
        fn blockers_are_named() {
            let mut scratch = postgres();
            let db = scratch.database();
            db.execute("CREATE TABLE t (a int)").unwrap();
            db.execute("BEGIN; LOCK TABLE t").unwrap();
            let words = ["waits for process", "cargo-ops-migrate", "idle in a transaction", "LOCK TABLE t"];
            super::until_seen(db, "ALTER TABLE t ADD b int", &words);
        }

        #[test]
        fn an_index_tells_how_far_it_is() {
            let mut scratch = postgres();
            let db = scratch.database();
            db.execute("CREATE TABLE t AS SELECT a, a % 7 AS b FROM generate_series(1, 1500000) AS a").unwrap();
            super::until_seen(db, "CREATE INDEX i ON t (b, a)", &[" % of create index (building index"]);
        }
    }

    #[cfg(feature = "mysql")]
    mod mysql_tests {
        use crate::db::testing::mysql;

        #[test]
        fn the_state_and_the_oldest_transaction_are_named() {
            let mut scratch = mysql();
            let db = scratch.database();
            db.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1); BEGIN; SELECT count(*) INTO @n FROM t")
                .unwrap();
            let words = ["Waiting for table metadata lock", "the oldest open transaction is that of process", "Sleep"];
            super::until_seen(db, "ALTER TABLE t ADD b int", &words);
        }
    }
}
