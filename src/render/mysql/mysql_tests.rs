//! The laws on a server: a rendered script leads from one generated schema with rows to another, and
//! back, each time compared with a database that was made the straight way.

mod mysql {
    use proptest::prelude::*;
    use proptest::test_runner::TestRunner;

    use crate::catalog::Catalog;
    use crate::db::Database;
    use crate::db::introspect::introspect;
    use crate::db::testing::{empty, mysql};
    use crate::proof::difference;
    use crate::render::generator::cases;
    use crate::render::mysql::laws::{answers, nameless, replayed, schema};
    use crate::render::{schema_sql, script};

    /// Pairs a run: each takes some tenths of a second.
    const PAIRS: u32 = 24;

    /// The generated schemas reference tables that come later.
    fn run(db: &mut Database, what: &str, sql: &str) {
        db.execute("SET foreign_key_checks = 0").unwrap();
        if !sql.trim().is_empty() {
            db.execute(sql).unwrap_or_else(|error| panic!("{what}: {error:?}\n{sql}"));
        }
        db.execute("SET foreign_key_checks = 1").unwrap();
    }

    /// What the server has after a script on an empty database.
    fn made_by(db: &mut Database, sql: &str) -> Catalog {
        empty(db);
        run(db, "the schema", sql);
        introspect(db).unwrap()
    }

    fn found(db: &mut Database, expected: &Catalog) -> Vec<String> {
        difference(&nameless(expected), &nameless(&introspect(db).unwrap()))
    }

    #[test]
    fn scripts_lead_there_and_back() {
        let mut scratch = mysql();
        let db = std::cell::RefCell::new(scratch.database());
        let outcome = TestRunner::new(cases(PAIRS, 200)).run(&(schema(), schema()), |(a, b)| {
            let db = &mut db.borrow_mut();
            let (from, to) = (replayed(&a), replayed(&b));
            let script = script(&from, &to, &answers(&from, &to)).unwrap();
            let there = made_by(db, &b);
            let here = made_by(db, &a);
            for (what, sql, expected) in
                [("up", &script.up, &there), ("down", &script.down, &here), ("up again", &script.up, &there)]
            {
                if !sql.trim().is_empty()
                    && let Err(error) = db.execute(sql)
                {
                    return Err(TestCaseError::fail(format!("{what}: {error:?}\n{sql}")));
                }
                prop_assert_eq!(found(db, expected), Vec::<String>::new(), "{}\n{}", what, sql);
            }
            let again = made_by(db, &schema_sql(&to));
            prop_assert_eq!(difference(&nameless(&there), &nameless(&again)), Vec::<String>::new());
            Ok(())
        });
        if let Err(error) = outcome {
            panic!("{error}");
        }
    }
}
