//! What running a plan does, on PostgreSQL.

mod postgres {
    use crate::db::testing::postgres;
    use crate::runner::testing::{bare, step};
    use crate::runner::tests::{
        a_failure_leaves_the_state_before, crashes_are_settled_at_head, crashes_are_settled_or_named, exactly_once,
        texts_that_touch_the_transaction_are_refused, told, up_and_down_with_a_trace,
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

    #[test]
    fn the_place_is_counted_in_characters() {
        let mut scratch = postgres();
        let (_, error) = told(scratch.database(), &[step("1", "SELECT 'ä';\nSELECT ö, nothing_here;", "")]);
        assert!(error.unwrap().to_string().starts_with("migrations/1_step/up.sql:2:"));
    }
}
