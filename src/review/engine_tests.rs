//! What the rules say a server refuses, run on servers: the rules' own examples, with a row in the
//! table, in a transaction as Diesel has one.

use diesel::connection::SimpleConnection;
use diesel::sqlite::SqliteConnection;
use diesel::{Connection, QueryableByName, RunQueryDsl, sql_query, sql_types};

use super::rules::find;
use super::{ALL, Example, Rule};
use crate::dialect::Dialect::{self, Sqlite};

/// The examples of some rules that hold in a dialect.
fn examples(rules: &[&str], dialect: Dialect) -> impl Iterator<Item = (&'static Rule, &'static Example)> {
    let rules: Vec<&'static Rule> = rules.iter().map(|code| find(code).unwrap()).collect();
    assert!(rules.iter().all(|rule| rule.dialects.iter().all(|dialect| ALL.contains(dialect))));
    rules.into_iter().flat_map(move |rule| {
        let holds = move |example: &&Example| match example.dialects {
            [] => rule.dialects.contains(&dialect),
            some => some.contains(&dialect),
        };
        rule.examples.iter().filter(holds).map(move |example| (rule, example))
    })
}

/// Runs both ways of an example as Diesel does; the first error, if any.
fn run(example: &Example, batch: &mut dyn FnMut(&str) -> Result<(), String>) -> Result<(), String> {
    batch(example.before)?;
    if example.before == Example::USERS {
        batch("INSERT INTO users (id, nick) VALUES (1, 'a')")?;
    }
    let in_transaction = !example.metadata.unwrap_or_default().contains("= false");
    // Diesel sends a script as one message.
    for script in [Some(example.up), example.down].into_iter().flatten() {
        if in_transaction {
            batch("BEGIN")?;
        }
        batch(script)?;
        if in_transaction {
            batch("COMMIT")?;
        }
    }
    Ok(())
}

/// Whether each example is refused where its rule finds something, and only there.
fn check(rules: &[&str], dialect: Dialect, run_fresh: &mut dyn FnMut(&Example) -> Result<(), String>) {
    let mut wrong = Vec::new();
    for (rule, example) in examples(rules, dialect) {
        let outcome = run_fresh(example);
        if outcome.is_err() == example.finds.is_empty() {
            wrong.push(format!("{} {}: {outcome:?}", rule.code, example.up));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn sqlite() -> SqliteConnection {
    let mut connection = SqliteConnection::establish(":memory:").unwrap();
    connection.batch_execute("PRAGMA foreign_keys = ON").unwrap();
    connection
}

#[test]
fn sqlite_refuses_what_the_rules_find() {
    check(&["OM001", "OM502"], Sqlite, &mut |example| {
        let mut connection = sqlite();
        run(example, &mut |sql| connection.batch_execute(sql).map_err(|error| error.to_string()))
    });
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = sql_types::BigInt)]
    count: i64,
}

fn count(connection: &mut SqliteConnection, query: &str) -> i64 {
    sql_query(query).get_result::<Count>(connection).unwrap().count
}

#[test]
fn a_rebuild_in_a_transaction_empties_children_on_sqlite() {
    for (_, example) in examples(&["OM007"], Sqlite) {
        let mut connection = sqlite();
        connection.batch_execute(example.before).unwrap();
        connection.batch_execute("INSERT INTO users VALUES (1, 'a'); INSERT INTO posts VALUES (1, 1)").unwrap();
        let in_transaction = example.metadata.is_none();
        let script = match in_transaction {
            // The pragma is ignored where a transaction is open.
            true => format!("BEGIN; PRAGMA foreign_keys = OFF; {} COMMIT;", example.up),
            false => format!("PRAGMA foreign_keys = OFF; BEGIN; {} COMMIT;", example.up),
        };
        let restricts = connection.batch_execute(&script).is_err();
        let left = count(&mut connection, "SELECT count(*) AS count FROM posts");
        assert_eq!(left == 0, !example.finds.is_empty(), "{}, refused: {restricts}", example.before);
    }
}

#[test]
fn a_table_renamed_first_takes_its_children_along_on_sqlite() {
    for (_, example) in examples(&["OM501"], Sqlite) {
        let mut connection = sqlite();
        let script =
            format!("{}; PRAGMA foreign_keys = OFF; {}; PRAGMA foreign_keys = ON;", example.before, example.up);
        connection.batch_execute(&script).unwrap();
        if count(&mut connection, "SELECT count(*) AS count FROM sqlite_schema WHERE name = 'posts'") == 1 {
            let inserted = connection.batch_execute("INSERT INTO posts (id, user_id) VALUES (1, 1)");
            let nowhere = inserted.is_err_and(|error| error.to_string().contains("no such table"));
            assert_eq!(nowhere, !example.finds.is_empty(), "{}", example.up);
        }
    }
}

#[test]
fn the_foreign_keys_pragma_is_ignored_in_a_transaction_on_sqlite() {
    for (_, example) in examples(&["OM503"], Sqlite) {
        let Some(off) = example.up.split(';').find(|sql| sql.contains("foreign_keys = OFF")) else { continue };
        let mut connection = sqlite();
        let begin = if example.metadata.is_none() { "BEGIN;" } else { "" };
        connection.batch_execute(&format!("{begin} {off};")).unwrap();
        let on = count(&mut connection, "SELECT foreign_keys AS count FROM pragma_foreign_keys");
        assert_eq!(on == 1, !example.finds.is_empty(), "{}", example.up);
    }
}

/// Changes of a table, with whether the server takes its rows along in place; what OM402 says of each is
/// compared with what the server does itself.
#[cfg(feature = "mysql")]
const ALTERS: &[&str] = &[
    "ADD COLUMN a int",
    "ADD COLUMN a int NOT NULL DEFAULT 0",
    "ADD COLUMN a int FIRST",
    "ADD COLUMN a int AFTER nick",
    "ADD COLUMN a int AS (score * 2) VIRTUAL",
    "ADD COLUMN a int AS (score * 2) STORED",
    "ADD COLUMN a int UNIQUE",
    "ADD COLUMN a timestamp DEFAULT current_timestamp",
    "DROP COLUMN amount",
    "DROP COLUMN nick",
    "RENAME COLUMN score TO points",
    "CHANGE score points int",
    "ALTER score SET DEFAULT 1",
    "ALTER score DROP DEFAULT",
    "MODIFY score int NOT NULL",
    "MODIFY need int NULL",
    "MODIFY score int COMMENT 'x'",
    "MODIFY score bigint",
    "MODIFY score int unsigned",
    "MODIFY score int FIRST",
    "MODIFY name varchar(30)",
    "MODIFY name varchar(5)",
    "MODIFY name varchar(200)",
    "MODIFY wide varchar(250)",
    "MODIFY body mediumtext",
    "MODIFY mood enum('a', 'b', 'c')",
    "MODIFY mood enum('c', 'a', 'b')",
    "MODIFY mood enum('a')",
    "MODIFY at datetime(3)",
    "MODIFY amount decimal(12, 2)",
    "MODIFY name varchar(10) CHARACTER SET latin1",
    "ADD INDEX i (score)",
    "ADD UNIQUE (score)",
    "ADD FULLTEXT (body)",
    "DROP INDEX users_nick",
    "RENAME INDEX users_nick TO u2",
    "ADD CONSTRAINT fk FOREIGN KEY (org) REFERENCES orgs (id)",
    "DROP FOREIGN KEY fk0",
    "ADD CONSTRAINT c CHECK (score > 0)",
    "DROP CONSTRAINT ch",
    "DROP PRIMARY KEY",
    "DROP PRIMARY KEY, ADD PRIMARY KEY (id, need)",
    "COMMENT = 'people'",
    "ROW_FORMAT = COMPACT",
    "ENGINE = InnoDB",
    "CONVERT TO CHARACTER SET latin1",
    "RENAME TO people",
    "ADD COLUMN a int, ADD INDEX i (a)",
];

#[cfg(feature = "mysql")]
const ALTERED: &str = "CREATE TABLE orgs (id int PRIMARY KEY);
CREATE TABLE users (id int PRIMARY KEY, nick varchar(20), name varchar(10), wide varchar(60), body text, score int,
    need int NOT NULL, mood enum('a', 'b'), at datetime, amount decimal(8, 2), org int, org2 int,
    INDEX users_nick (nick), CONSTRAINT fk0 FOREIGN KEY (org2) REFERENCES orgs (id), CONSTRAINT ch CHECK (need > 0)
) CHARACTER SET utf8mb4;";

mod postgres_tests {
    use super::{check, examples, run};
    use crate::db::testing::{empty, postgres};
    use crate::dialect::Dialect::Postgres;

    #[test]
    fn postgresql_refuses_what_the_rules_find() {
        let mut scratch = postgres();
        let db = scratch.database();
        check(&["OM001", "OM124", "OM601", "OM701", "OM702"], Postgres, &mut |example| {
            let outcome = run(example, &mut |sql| db.batch(sql).map_err(|error| error.to_string()));
            db.batch("ROLLBACK").unwrap();
            empty(db);
            outcome
        });
    }

    #[test]
    fn postgresql_cuts_the_names_that_the_rule_finds() {
        let mut scratch = postgres();
        let db = scratch.database();
        for (_, example) in examples(&["OM313"], Postgres) {
            run(example, &mut |sql| db.batch(sql).map_err(|error| error.to_string())).unwrap();
            for text in example.finds {
                let kept = text.rsplit(' ').next().unwrap();
                db.batch(&format!("COMMENT ON INDEX {kept} IS 'it is there'")).unwrap();
            }
            empty(db);
        }
    }

    #[test]
    fn postgresql_refuses_texts_that_are_too_long_and_cuts_none() {
        let mut scratch = postgres();
        let db = scratch.database();
        for (_, example) in examples(&["OM214"], Postgres) {
            let rows = "INSERT INTO users VALUES (1, 'longer than four');";
            let script = format!("{}\n{rows}\n{}", example.before, example.up);
            assert_eq!(db.batch(&script).is_err(), !example.finds.is_empty(), "{}", example.up);
            empty(db);
        }
    }
}

#[cfg(feature = "mysql")]
mod mysql_tests {
    use super::{ALTERED, ALTERS, examples};
    use crate::db::online;
    use crate::db::testing::{empty, mysql};
    use crate::dialect::Dialect;
    use crate::review::Example;
    use crate::review::testing::findings;

    #[test]
    fn mariadb_takes_the_rows_along_as_claimed() {
        let mut scratch = mysql();
        let db = scratch.database();
        let mut wrong = Vec::new();
        for alter in ALTERS {
            let up = format!("ALTER TABLE users {alter};").leak();
            let found =
                findings(&Example { up, ..Example::new("", &[]).on(ALTERED) }, Dialect::Mysql, &|r| r.code == "OM402");
            let claimed = found.iter().any(|finding| !finding.text.contains("not by MariaDB"));
            empty(db);
            db.batch(ALTERED).unwrap();
            let online = online::run(&format!("ALTER TABLE users {alter}"), &mut |sql| db.execute(sql)).unwrap();
            if online.is_none_or(|online| claimed == online.lets_write()) {
                wrong
                    .push(format!("{alter}: the server takes {online:?}, and that writers wait is claimed: {claimed}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn mariadb_copies_what_the_rule_finds() {
        let mut scratch = mysql();
        let db = scratch.database();
        for (_, example) in examples(&["OM402"], Dialect::Mysql) {
            let Some(alter) = example.up.strip_suffix(';').filter(|up| !up.contains(';')) else { continue };
            db.batch(example.before).unwrap();
            let online = online::run(alter, &mut |sql| db.execute(sql)).unwrap().unwrap();
            let found: Vec<_> = example.finds.iter().filter(|text| !text.contains("not by MariaDB")).collect();
            let copied = found.iter().any(|text| text.contains(" is copied"));
            let claimed = (copied, found.is_empty());
            assert_eq!((online.algorithm == "COPY", online.lets_write()), claimed, "{alter}: {online:?}");
            empty(db);
        }
    }

    #[test]
    fn mariadb_does_to_enums_what_the_rule_says() {
        let mut scratch = mysql();
        let db = scratch.database();
        for (_, example) in examples(&["OM405"], Dialect::Mysql) {
            let alter = example.up.strip_suffix(';').unwrap();
            db.batch(example.before).unwrap();
            db.batch("INSERT INTO users VALUES (1, 'a')").unwrap();
            // A value behind the others is written in the table's definition alone.
            let is_instant = db.batch(&format!("{alter}, ALGORITHM=INSTANT")).is_ok();
            assert_eq!(is_instant, example.finds.is_empty(), "{alter}");
            if example.finds.iter().any(|text| text.contains("loses")) {
                db.batch("SET sql_mode = 'STRICT_ALL_TABLES'").unwrap();
                assert!(db.batch(alter).is_err(), "{alter}");
            }
            empty(db);
        }
    }
}
