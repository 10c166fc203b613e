// @generated automatically by Diesel CLI.

pub mod s {
    pub mod sql_types {
        #[derive(diesel::query_builder::QueryId, std::fmt::Debug, diesel::sql_types::SqlType)]
        #[diesel(postgres_type(name = "a_type_whose_name_is_only_so_long", schema = "s"))]
        pub struct ATypeWhoseNameIsOnlySoLong;

        #[derive(diesel::query_builder::QueryId, std::fmt::Debug, diesel::sql_types::SqlType)]
        #[diesel(postgres_type(
            name = "a_type_whose_name_is_so_long_that_the_line_has_to_break_somewhe",
            schema = "s"
        ))]
        pub struct ATypeWhoseNameIsSoLongThatTheLineHasToBreakSomewhe;
    }

    diesel::table! {
        use diesel::sql_types::*;
        use super::sql_types::ATypeWhoseNameIsSoLongThatTheLineHasToBreakSomewhe;
        use super::sql_types::ATypeWhoseNameIsOnlySoLong;

        s.abcdefghijklmno (id) {
            id -> Int4,
            a -> Nullable<ATypeWhoseNameIsSoLongThatTheLineHasToBreakSomewhe>,
            b -> Nullable<ATypeWhoseNameIsOnlySoLong>,
        }
    }

    diesel::table! {
        use diesel::sql_types::*;
        use super::sql_types::ATypeWhoseNameIsSoLongThatTheLineHasToBreakSomewhe;
        use super::sql_types::ATypeWhoseNameIsOnlySoLong;

        s.bcdefghijklmnop (id) {
            id -> Int4,
            a -> Nullable<ATypeWhoseNameIsSoLongThatTheLineHasToBreakSomewhe>,
            b -> Nullable<ATypeWhoseNameIsOnlySoLong>,
        }
    }

    diesel::table! {
        use diesel::sql_types::*;
        use super::sql_types::ATypeWhoseNameIsSoLongThatTheLineHasToBreakSomewhe;
        use super::sql_types::ATypeWhoseNameIsOnlySoLong;

        s.cdefghijklmno (id) {
            id -> Int4,
            a -> Nullable<ATypeWhoseNameIsSoLongThatTheLineHasToBreakSomewhe>,
            b -> Nullable<ATypeWhoseNameIsOnlySoLong>,
        }
    }

    diesel::allow_tables_to_appear_in_same_query!(abcdefghijklmno, bcdefghijklmnop, cdefghijklmno,);
}
