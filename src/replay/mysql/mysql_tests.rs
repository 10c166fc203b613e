//! The replay against MariaDB: whatever a script does there, the replay says the same.

mod mysql {
    use crate::db::testing::mysql;
    use crate::replay::mysql::tests;
    use crate::replay::server_testing::{Case, check_all};

    fn check(cases: &[Case]) {
        check_all(mysql(), cases, &[]);
    }

    #[test]
    fn tables_are_what_the_server_makes() {
        check(tests::TABLES);
    }

    #[test]
    fn keys_are_what_the_server_makes() {
        check(tests::KEYS);
    }

    #[test]
    fn altered_tables_are_what_the_server_makes() {
        check(tests::ALTER);
    }

    #[test]
    fn views_routines_and_triggers_are_what_the_server_makes() {
        check(tests::OBJECTS);
    }

    #[test]
    fn what_is_not_followed_is_doubted() {
        check(tests::OPAQUE);
    }
}
