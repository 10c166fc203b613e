//! Tables that others hold: how long a statement waits for one, how a step that waited in vain is
//! tried again, and who holds it. A statement that waits for an exclusive lock makes everybody wait
//! that comes behind it (PostgreSQL manual 13.3), so it waits for a short time, and often.

use std::time::{Duration, Instant};

use crate::db::Database;
use crate::dialect::Dialect;
use crate::sql::postgres::ident;
use crate::sql::tokens;

/// How a session is told the limit of one wait; `None` where the server's own holds, and behind a
/// pooler, where a session is not ours to set.
pub(super) fn limit(db: &Database) -> Option<String> {
    let wait = db.table_wait.filter(|_| db.guard.is_none())?;
    match db.dialect() {
        Dialect::Postgres => Some(format!("SET lock_timeout = {};", wait.as_millis().max(1))),
        // Whole seconds: the wait for a table's definition, and that for a row.
        Dialect::Mysql => {
            let seconds = wait.as_secs().max(1);
            Some(format!("SET SESSION lock_wait_timeout = {seconds}, innodb_lock_wait_timeout = {seconds};"))
        }
        Dialect::Sqlite => None,
    }
}

/// Growing pauses with jitter.
pub(super) struct Backoff {
    next: Duration,
    began: Instant,
}

impl Backoff {
    pub(super) fn new() -> Self {
        Self { next: Duration::from_millis(100), began: Instant::now() }
    }

    pub(super) fn sleep(&mut self) {
        // Noise that keeps two waiting sessions apart.
        let jitter = Duration::from_millis(u64::from(self.began.elapsed().subsec_nanos() % 50));
        std::thread::sleep(self.next + jitter);
        self.next = (self.next * 2).min(Duration::from_secs(5));
    }
}

/// Who holds what a text names, oldest first, as far as this role may see.
pub(super) fn blockers(db: &mut Database, sql: &str) -> Vec<String> {
    const ON_POSTGRES: &str =
        "SELECT concat('process ', a.pid, ' of ', a.usename, ' (', a.state, ', its transaction began ',
            extract(epoch FROM clock_timestamp() - a.xact_start)::int, ' s ago): ',
            left(regexp_replace(a.query, '\\s+', ' ', 'g'), 100)) AS row
         FROM pg_stat_activity a
         WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.xact_start IS NOT NULL
            AND EXISTS (SELECT FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
                WHERE l.pid = a.pid AND l.granted AND c.relname = ANY (string_to_array($1, ',')))
         ORDER BY a.xact_start LIMIT 3";
    const ON_MYSQL: &str =
        "SELECT concat('process ', p.id, ' of ', p.user, ' (', lower(p.command), ' for ', p.time, ' s): ',
            left(coalesce(p.info, 'its transaction is open'), 100)) AS `row`
         FROM information_schema.innodb_trx t JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id
         WHERE p.id <> connection_id() ORDER BY t.trx_started LIMIT 3";
    // A role that may not see others has nothing to tell.
    let found = match db.dialect() {
        Dialect::Postgres => {
            let mut names: Vec<String> =
                tokens(Dialect::Postgres, sql).into_iter().map(|(_, token)| ident(token)).collect();
            names.retain(|name| !name.contains(','));
            names.sort();
            names.dedup();
            db.texts(ON_POSTGRES, &[Some(&names.join(","))])
        }
        Dialect::Mysql => db.texts(ON_MYSQL, &[]),
        Dialect::Sqlite => return Vec::new(),
    };
    let secret = |text: String| db.url().scrub(&text);
    found.unwrap_or_default().into_iter().flatten().map(secret).collect()
}
