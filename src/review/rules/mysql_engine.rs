//! A table without transactions.

use crate::dialect::Dialect::{self, Mysql};
use crate::review::{Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM408",
    id: "mysql-engine",
    severity: Severity::Warn,
    dialects: MYSQL,
    summary: "a table gets another engine than InnoDB",
    help: "MyISAM, MEMORY, ARCHIVE and CSV have no transactions and no foreign keys, which they read and forget without a \
           word: a `transaction()` of Diesel takes nothing back there, and a crash may damage the table.",
    safer: "ENGINE=InnoDB, or nothing: it is the default",
    links: &["https://dev.mysql.com/doc/refman/8.4/en/storage-engines.html"],
    examples: &[
        Example::new(
            "CREATE TABLE t (id integer PRIMARY KEY) ENGINE=MyISAM;",
            &["1 t is of MyISAM: no transactions, no foreign keys"],
        ),
        Example::new("ALTER TABLE users ENGINE = Aria;", &["1 users is of Aria: no transactions, no foreign keys"]),
        Example::new("CREATE TABLE t (id integer PRIMARY KEY) ENGINE=InnoDB;", &[]),
        Example::new("CREATE TABLE t (id integer PRIMARY KEY);", &[]),
        Example::new("CREATE TABLE t (id integer PRIMARY KEY) ENGINE=RocksDB;", &[]),
    ],
    check,
};

const MYSQL: &[Dialect] = &[Mysql];

/// Engines with transactions (MySQL, MariaDB, Percona, NDB, TiDB's own word).
const WITH: [&str; 5] = ["innodb", "rocksdb", "ndb", "ndbcluster", "xtradb"];

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.acts() {
        let Some(after) = &act.after else { continue };
        let had = act.before.as_ref().and_then(|table| table.options.engine.as_ref());
        let Some(engine) = after.options.engine.as_ref().filter(|engine| Some(*engine) != had) else { continue };
        let has = WITH.iter().any(|name| engine.eq_ignore_ascii_case(name));
        let text = format!("{} is of {engine}: no transactions, no foreign keys", after.name);
        if !has && !reports.iter().any(|report| report.text == text) {
            reports.push(Report::at(step, text));
        }
    }
}
