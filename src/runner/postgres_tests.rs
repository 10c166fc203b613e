//! What running a plan does, on PostgreSQL.

mod postgres {
    use crate::db::testing::postgres;
    use crate::runner::testing::{bare, step};
    use crate::runner::tests::{
        a_failure_leaves_the_state_before, crashes_are_settled_at_head, crashes_are_settled_or_named, exactly_once,
        messages, texts_that_touch_the_transaction_are_refused, told, up_and_down_with_a_trace,
    };

    #[test]
    fn steps_go_up_and_down() {
        up_and_down_with_a_trace(postgres().database());
    }

    #[test]
    fn a_failed_step_is_rolled_back() {
        a_failure_leaves_the_state_before(postgres().database());
    }

    #[test]
    fn transactions_belong_to_the_runner() {
        texts_that_touch_the_transaction_are_refused(postgres().database());
    }

    #[test]
    fn a_crashed_run_is_found() {
        crashes_are_settled_or_named(postgres().database());
    }

    #[test]
    fn a_crash_is_settled_where_nothing_is_left_to_do() {
        crashes_are_settled_at_head(postgres().database());
    }

    #[test]
    fn concurrent_runners_apply_each_step_once() {
        let mut scratch = postgres();
        exactly_once(scratch.database().url());
    }

    #[test]
    fn an_index_is_built_concurrently_while_another_runner_waits() {
        let mut scratch = postgres();
        let url = scratch.database().url().clone();
        let plan = [
            step("1", "CREATE TABLE a (x int); INSERT INTO a SELECT generate_series(1, 20000)", ""),
            bare("2", "CREATE INDEX CONCURRENTLY a_x ON a (x)", "DROP INDEX CONCURRENTLY a_x"),
        ];
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    let (_, error) = told(&mut crate::db::Database::connect(&url).unwrap(), &plan);
                    assert!(error.is_none(), "{error:?}");
                });
            }
        });
    }

    #[test]
    fn settings_of_a_text_end_with_it() {
        let mut scratch = postgres();
        let db = scratch.database();
        let plan = [
            step("1", "CREATE SCHEMA other; SET search_path = other; CREATE TABLE a (x int)", ""),
            step("2", "SELECT set_config('search_path', '', false); SET application_name = 'x'", ""),
            step("3", "CREATE TABLE b (x int)", ""),
        ];
        let (words, error) = told(db, &plan);
        assert!(error.is_none(), "{error:?}");
        assert_eq!(words, ["up 1", "up 2", "up 3"]);
        let name = db.text("SELECT current_setting('application_name') AS row", &[]).unwrap();
        assert_eq!(name.as_deref(), Some(crate::db::APPLICATION_NAME));
        assert!(db.has_table("b").unwrap());
    }

    /// One less than the diesel CLI's own: the transaction begins with the text, and the ledger's rows are
    /// written for several revisions at once.
    #[test]
    fn a_revision_costs_three_messages() {
        let mut scratch = postgres();
        let db = scratch.database();
        assert_eq!(messages(db, false, 100..200), 3);
        assert_eq!(messages(db, true, 200..300), 1);
    }

    /// What is prepared by name is gone behind such a text.
    #[test]
    fn a_text_may_forget_what_is_prepared() {
        let mut scratch = postgres();
        let plan = [
            step("1", "CREATE TABLE a (x int)", ""),
            step("2", "CREATE TABLE b (x int)", ""),
            step("3", "DEALLOCATE ALL; CREATE TABLE c (x int)", ""),
            bare("4", "DISCARD ALL", ""),
            step("5", "CREATE TABLE d (x int)", ""),
        ];
        let (words, error) = told(scratch.database(), &plan);
        assert!(error.is_none(), "{error:?}");
        assert_eq!(words, ["up 1", "up 2", "up 3", "up 4", "up 5"]);
        // The same where many are in one transaction, the ledger's rows of a hundred of them before it.
        let text = |n: usize| if n == 150 { "DEALLOCATE ALL".to_owned() } else { format!("SELECT {n}") };
        let plan: Vec<_> = (100..350).map(|n| step(&n.to_string(), &text(n), "")).collect();
        let mut quiet = |_: crate::runner::Event<'_>| ();
        let options = crate::runner::Options::new(std::time::Duration::ZERO, &mut quiet);
        let options = crate::runner::Options { single_transaction: true, ..options };
        crate::runner::run(scratch.database(), &plan, options).unwrap();
        assert_eq!(scratch.database().applied().unwrap().len(), 255);
    }

    /// What is sent behind a text is not taken for a part of it.
    #[test]
    fn a_text_may_end_in_a_comment_and_has_to_end_its_quotes() {
        let mut scratch = postgres();
        let db = scratch.database();
        assert_eq!(told(db, &[step("1", "CREATE TABLE a (x int) -- the end", "")]).0, ["up 1"]);
        for open in ["INSERT INTO a VALUES ('1", "SELECT $$ 1", "SELECT 1 /* and", "SELECT \"x"] {
            let (words, error) = told(db, &[step("2", &format!("CREATE TABLE b (x int);\n{open}"), "")]);
            assert_eq!(words, ["failed 2"], "{open}");
            let error = error.unwrap().to_string();
            assert!(error.starts_with("migrations/2_step/up.sql:2") && error.contains("untermin"), "{error}");
        }
        assert!(!db.has_table("b").unwrap());
    }

    #[test]
    fn the_place_is_counted_in_characters() {
        let mut scratch = postgres();
        let (_, error) = told(scratch.database(), &[step("1", "SELECT 'ä';\nSELECT ö, nothing_here;", "")]);
        assert!(error.unwrap().to_string().starts_with("migrations/1_step/up.sql:2:"));
    }

    /// Row 38: what CREATE INDEX CONCURRENTLY leaves invalid is dropped; once the rows are right it
    /// is built, in a file with other statements.
    #[test]
    fn row_38_an_invalid_index_of_ours_is_dropped_and_built_again() {
        let mut scratch = postgres();
        let db = scratch.database();
        let text = "CREATE TABLE a (x int); INSERT INTO a VALUES (1), (1); SET statement_timeout = '1min';
            CREATE UNIQUE INDEX CONCURRENTLY a_x ON a (x); VACUUM a; INSERT INTO a VALUES (2);";
        let plan = [bare("1", text, "DROP INDEX CONCURRENTLY a_x; DROP TABLE a")];
        let (words, error) = told(db, &plan);
        assert_eq!(words, ["failed 1"]);
        assert!(format!("{error:?}").contains("3 of 6 statements are in place"), "{error:?}");
        let invalid = "SELECT count(*)::text AS row FROM pg_index WHERE NOT indisvalid";
        assert_eq!(db.text(invalid, &[]).unwrap().as_deref(), Some("0"));
        db.execute("DELETE FROM a WHERE ctid = '(0,1)'").unwrap();
        // As a killed runner leaves it: begun, and half an index.
        db.execute(
            "INSERT INTO __ops_migrate_journal (ledger_id, unit, state, text_hash, evidence, statement)
             SELECT ledger_id, 2, 'started', '', '', '' FROM __ops_migrate_journal LIMIT 1;
             CREATE UNIQUE INDEX a_x ON a (x); UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'a_x'::regclass",
        )
        .unwrap();
        let hash = super::super::by_statement::hash_of(&plan[0], db.dialect(), 2);
        db.execute(&format!("UPDATE __ops_migrate_journal SET text_hash = '{hash}' WHERE unit = 2")).unwrap();
        assert_eq!(told(db, &plan).0, ["1_step goes on behind 2 of 6", "up 1"]);
        assert_eq!(db.text(invalid, &[]).unwrap().as_deref(), Some("0"));
        assert_eq!(db.text("SELECT count(*)::text AS row FROM a", &[]).unwrap().as_deref(), Some("2"));
        assert_eq!(told(db, &[plan[0].reversed()]).0, ["down 1"]);
    }

    /// Row 19: an administrator ended our session; the run connects again and goes on.
    #[test]
    fn row_19_a_terminated_session_is_made_again() {
        let mut scratch = postgres();
        let url = scratch.database().url().clone();
        let once = "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_tables WHERE tablename = 'killed') THEN
            PERFORM pg_terminate_backend(pg_backend_pid()); END IF; END $$;";
        let plan = [
            step("1", "CREATE TABLE a (x int); INSERT INTO a VALUES (1)", ""),
            step("2", &format!("INSERT INTO a VALUES (2); {once}"), ""),
        ];
        std::thread::scope(|scope| {
            let runner = scope.spawn(|| told(&mut crate::db::Database::connect(&url).unwrap(), &plan));
            let db = scratch.database();
            while db.text("SELECT count(*)::text AS row FROM pg_tables WHERE tablename = 'a'", &[]).unwrap().as_deref()
                != Some("1")
            {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            std::thread::sleep(std::time::Duration::from_millis(30));
            db.execute("CREATE TABLE killed (x int)").unwrap();
            let (words, error) = runner.join().unwrap();
            assert!(error.is_none(), "{error:?}");
            assert!(words.contains(&"up 2".to_owned()), "{words:?}");
            assert_eq!(db.text("SELECT sum(x)::text AS row FROM a", &[]).unwrap().as_deref(), Some("3"));
        });
    }
}
