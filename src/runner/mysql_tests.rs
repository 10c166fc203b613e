//! What running a plan does, on MariaDB and MySQL.

mod mysql {
    use std::time::Duration;

    use crate::catalog::Name;
    use crate::db::Database;
    use crate::db::ledger::{self, State};
    use crate::db::lock::Lock;
    use crate::db::testing::mysql;
    use crate::error::Kind;
    use crate::runner::testing::{bare, step};
    use crate::runner::tests::{
        crashes_are_settled_at_head, crashes_are_settled_or_named, exactly_once, resolve, told,
        up_and_down_with_a_trace, versions,
    };
    use crate::runner::{Event, Found, Options, run};

    fn last_state(db: &mut Database) -> State {
        ledger::entries(db).unwrap().pop().unwrap().state
    }

    #[test]
    fn steps_go_up_and_down() {
        up_and_down_with_a_trace(mysql().database());
    }

    #[test]
    fn a_crashed_run_is_found() {
        crashes_are_settled_or_named(mysql().database());
    }

    #[test]
    fn a_crash_is_settled_where_nothing_is_left_to_do() {
        crashes_are_settled_at_head(mysql().database());
    }

    #[test]
    fn concurrent_runners_apply_each_step_once() {
        let mut scratch = mysql();
        exactly_once(scratch.database().url());
    }

    #[test]
    fn a_second_runner_does_not_wait_for_ever() {
        let mut scratch = mysql();
        let mut other = Database::connect(scratch.database().url()).unwrap();
        let lock = Lock::acquire(scratch.database(), Duration::ZERO, &mut |_| ()).unwrap();
        let plan = [step("1", "CREATE TABLE a (x int)", "")];
        let mut quiet = |_: Event<'_>| {};
        let options = Options::new(Duration::from_millis(50), &mut quiet);
        let error = run(&mut other, &plan, options).unwrap_err();
        assert_eq!((error.kind, error.kind.exit_code()), (Kind::Locked, 7));
        assert!(error.message.contains("process "), "{error}");
        lock.release();
        assert_eq!(told(&mut other, &plan).0, ["up 1"]);
    }

    /// The half that is in place is known: once the text is right, the next run goes on behind it.
    #[test]
    fn a_failure_behind_a_change_of_the_schema_is_halfway() {
        let mut scratch = mysql();
        let db = scratch.database();
        let bad = step("2", "CREATE TABLE b (x int);\n\nCREATE TABEL c (x int);", "DROP TABLE b");
        let (words, error) = told(db, &[step("1", "CREATE TABLE a (x int);", ""), bad.clone()]);
        let error = error.unwrap();
        assert_eq!((words, error.kind), (vec!["up 1".to_owned(), "failed 2".to_owned()], Kind::Change));
        assert!(error.to_string().starts_with("migrations/2_step/up.sql:3: cannot apply 2_step:"), "{error}");
        assert!(format!("{error:?}").contains("1 of 2 statements are in place"), "{error:?}");
        assert!(format!("{error:?}").contains("cargo ops-migrate resolve 2 --applied"), "{error:?}");
        assert!(db.has_table("b").unwrap());
        assert_eq!(versions(db), ["1"]);
        assert_eq!(last_state(db), State::Halfway);
        let (words, again) = told(db, std::slice::from_ref(&bad));
        assert_eq!(words, ["2_step goes on behind 1 of 2", "failed 2"]);
        assert!(again.unwrap().message.contains("TABEL"));
        let edited = step("2", "CREATE TABLE b (y int); CREATE TABLE c (x int)", "");
        let edited = told(db, &[edited]).1.unwrap();
        assert_eq!(edited.kind, Kind::NeedsResolve);
        assert!(edited.message.contains("does not say that any more"), "{edited}");
        let right = step("2", "CREATE TABLE b (x int);\r\n\r\nCREATE TABLE c (x int);", "");
        assert_eq!(told(db, &[right]).0, ["2_step goes on behind 1 of 2", "up 2"]);
        assert_eq!(versions(db), ["1", "2"]);
    }

    /// Undone by hand instead.
    #[test]
    fn a_half_that_a_person_undid_runs_again() {
        let mut scratch = mysql();
        let db = scratch.database();
        assert!(told(db, &[step("2", "CREATE TABLE b (x int); CREATE TABEL c (x int);", "")]).1.is_some());
        db.execute("DROP TABLE b").unwrap();
        resolve(db, Found::RolledBack);
        assert_eq!(told(db, &[step("2", "CREATE TABLE b (x int)", "")]).0, ["up 2"]);
    }

    #[test]
    fn a_failure_that_leaves_nothing_is_no_half() {
        let mut scratch = mysql();
        let db = scratch.database();
        assert!(told(db, &[step("1", "CREATE TABLE a (x int)", "")]).1.is_none());
        let cases = [
            // Only rows: the transaction holds.
            step("2", "INSERT INTO a VALUES (1); INSERT INTO nowhere VALUES (1);", ""),
            // Nothing has committed yet when it fails.
            step("2", "INSERT INTO a VALUES (1); INSERT INTO nowhere VALUES (1); CREATE TABLE b (x int);", ""),
            step("2", "CREATE TABLE a (x int);", ""),
            bare("2", "CREATE TABLE a (x int)", ""),
        ];
        for case in cases {
            let (_, error) = told(db, std::slice::from_ref(&case));
            assert_eq!(error.unwrap().kind, Kind::Change, "{}", case.sql);
            assert_eq!(last_state(db), State::Failed, "{}", case.sql);
            assert_eq!(db.count_rows(&Name::new("a")).unwrap(), 0, "{}", case.sql);
        }
        let (_, error) = told(db, &[bare("2", "INSERT INTO a VALUES (1); INSERT INTO nowhere VALUES (1);", "")]);
        assert!(error.is_some());
        assert_eq!(last_state(db), State::Halfway);
        assert_eq!(db.count_rows(&Name::new("a")).unwrap(), 1);
    }

    /// Row 20: of some statements the next connection cannot tell either; a person looks at that one
    /// statement, and the run goes on from there.
    #[test]
    fn row_20_a_connection_that_is_lost_leaves_a_doubt() {
        let mut scratch = mysql();
        let url = scratch.database().url().clone();
        let killed = step("1", "CREATE TABLE a (x int); KILL connection_id(); CREATE TABLE b (x int);", "");
        let begin = |db: &mut Database| {
            let (words, error) = told(db, std::slice::from_ref(&killed));
            let error = error.unwrap();
            assert_eq!(
                (words.last().unwrap().as_str(), error.kind),
                ("connected again", Kind::NeedsResolve),
                "{error}"
            );
            assert!(format!("{error:?}").contains("resolve 1 --statement-done"), "{error:?}");
            assert!(error.message.contains("1 of 3 statements are; `KILL"), "{error}");
        };
        begin(&mut Database::connect(&url).unwrap());
        let db = scratch.database();
        assert!(db.has_table("a").unwrap() && !db.has_table("b").unwrap());
        assert_eq!(last_state(db), State::Running);
        assert_eq!(told(db, std::slice::from_ref(&killed)).1.unwrap().kind, Kind::NeedsResolve);
        resolve(db, Found::StatementUndone);
        begin(&mut Database::connect(&url).unwrap());
        let db = scratch.database();
        resolve(db, Found::StatementDone);
        assert_eq!(told(db, std::slice::from_ref(&killed)).0, ["1_step goes on behind 2 of 3", "up 1"]);
        assert_eq!(versions(db), ["1"]);
        assert!(db.has_table("b").unwrap());
    }

    /// Row 13: a way back that was interrupted is gone to its end by whatever runs next, from the text
    /// that the ledger keeps, and nothing goes up again by itself.
    #[test]
    fn row_13_an_interrupted_way_back_is_gone_to_its_end() {
        let mut scratch = mysql();
        let db = scratch.database();
        let up =
            step("1", "CREATE TABLE a (x int); CREATE TABLE b (x int);", "DROP TABLE b; DROP TABLE a; DROP TABEL c");
        assert_eq!(told(db, std::slice::from_ref(&up)).0, ["up 1"]);
        assert!(told(db, &[up.reversed()]).1.is_some());
        // What failed is mended where the ledger keeps it: as if its connection had been lost there.
        db.execute(
            "UPDATE __ops_migrate_ledger SET down_sql = 'DROP TABLE b; DROP TABLE a; DO 1' WHERE direction = 'down'",
        )
        .unwrap();
        let (words, error) = told(db, &[step("2", "CREATE TABLE c (x int)", "")]);
        assert_eq!(words, ["1_step goes on behind 2 of 3", "it was reverted"]);
        assert!(error.unwrap().message.contains("nothing was applied"));
        assert!(versions(db).is_empty() && !db.has_table("c").unwrap());
    }

    /// Row 25: the server went on after its client was killed. What the statement names looks
    /// different now: it is not run again.
    #[test]
    fn row_25_a_statement_that_landed_is_not_run_again() {
        let mut scratch = mysql();
        let db = scratch.database();
        let text = "CREATE TABLE a (x int); ALTER TABLE a ADD y int; ALTER TABEL a";
        assert!(told(db, &[step("1", text, "")]).1.is_some());
        db.execute("UPDATE __ops_migrate_journal SET state = 'started', evidence = 'another' WHERE unit = 1").unwrap();
        let right = [step("1", &text.replace("TABEL a", "TABLE a ADD z int"), "")];
        assert_eq!(told(db, &right).0, ["1_step goes on behind 1 of 3", "up 1"]);
    }

    #[test]
    fn a_text_that_leaves_a_transaction_open_is_refused() {
        let mut scratch = mysql();
        let db = scratch.database();
        assert!(told(db, &[step("1", "CREATE TABLE a (x int)", "")]).1.is_none());
        let (_, error) = told(db, &[bare("2", "BEGIN; INSERT INTO a VALUES (1);", "")]);
        assert!(error.unwrap().message.contains("leaves a transaction open"));
        assert_eq!(db.count_rows(&Name::new("a")).unwrap(), 0);
        assert_eq!(versions(db), ["1"]);
    }

    #[test]
    fn settings_of_a_text_end_with_it() {
        let mut scratch = mysql();
        let db = scratch.database();
        let plan = [
            step("1", "CREATE TABLE a (x int); USE information_schema", ""),
            step(
                "2",
                "SET foreign_key_checks = 0; SET sql_mode = 'ANSI_QUOTES'; SET autocommit = 0; LOCK TABLES a READ",
                "",
            ),
            step("3", "INSERT INTO a VALUES (1); SET NAMES latin1; SET time_zone = '+03:00'", ""),
        ];
        let (words, error) = told(db, &plan);
        assert!(error.is_none(), "{error:?}");
        assert_eq!(words, ["up 1", "up 2", "up 3"]);
        let settings =
            "SELECT concat_ws(' ', @@foreign_key_checks + 0, @@autocommit + 0, @@time_zone, @@character_set_client,
            @@sql_mode = @@global.sql_mode) AS `row`";
        assert_eq!(db.text(settings, &[]).unwrap().as_deref(), Some("1 1 +00:00 utf8mb4 1"));
        assert_eq!(db.count_rows(&Name::new("a")).unwrap(), 1);
        db.execute("CREATE TABLE b (x int)").unwrap();
        assert!(db.has_table("b").unwrap());
    }

    /// Diesel sends a file in one piece; bodies of triggers and comments behind the last semicolon
    /// come through.
    #[test]
    fn files_as_people_write_them_run() {
        let mut scratch = mysql();
        let db = scratch.database();
        let body = "CREATE TABLE a (x int); -- why\nCREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN\n  SET new.x = 1; SET new.x = new.x + 1;\nEND;\n\
            INSERT INTO a VALUES (7); # done\n/* really */\n";
        let (_, error) = told(db, &[step("1", body, ""), step("2", "-- nothing to do\n", "")]);
        assert!(error.is_none(), "{error:?}");
        assert_eq!(db.text("SELECT CAST(x AS char) AS `row` FROM a", &[]).unwrap().as_deref(), Some("2"));
    }

    #[test]
    fn a_version_that_diesel_cannot_record_is_refused_before_anything_runs() {
        let mut scratch = mysql();
        let (_, error) = told(scratch.database(), &[step(&"1".repeat(51), "CREATE TABLE a (x int)", "")]);
        assert_eq!(error.unwrap().kind, Kind::Undecided);
        assert!(!scratch.database().has_table("a").unwrap());
    }
}
