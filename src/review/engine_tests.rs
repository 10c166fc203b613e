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
    use super::examples;
    use crate::db::testing::{empty, mysql};
    use crate::dialect::Dialect;

    #[test]
    fn mariadb_copies_what_the_rule_finds() {
        let mut scratch = mysql();
        let db = scratch.database();
        for (_, example) in examples(&["OM402"], Dialect::Mysql) {
            let Some(alter) = example.up.strip_suffix(';').filter(|up| !up.contains(';')) else { continue };
            db.batch(example.before).unwrap();
            // The server refuses to do in place what it can only copy.
            let refused = db.batch(&format!("{alter}, ALGORITHM=INPLACE")).is_err();
            let found = example.finds.iter().any(|text| !text.contains("not by MariaDB"));
            assert_eq!(refused, found, "{alter}");
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
