// @generated automatically by Diesel CLI.

pub mod app {
    pub mod sql_types {
        #[derive(diesel::sql_types::SqlType)]
        #[diesel(postgres_type(name = "level", schema = "app"))]
        pub struct Level;

        #[derive(diesel::sql_types::SqlType)]
        #[diesel(postgres_type(name = "mood"))]
        pub struct Mood;

        #[derive(diesel::sql_types::SqlType)]
        #[diesel(postgres_type(name = "tsvector", schema = "pg_catalog"))]
        pub struct Tsvector;
    }

    diesel::table! {
        app.posts (id) {
            id -> Int4,
            user_id -> Int4,
        }
    }

    diesel::table! {
        #[sql_name = "app.two words"]
        app.two_words (id) {
            id -> Int4,
            post_id -> Int4,
        }
    }

    diesel::table! {
        use diesel::sql_types::*;
        use super::sql_types::Level;
        use super::sql_types::Mood;
        use super::sql_types::Tsvector;

        app.users (id) {
            id -> Int4,
            level -> Level,
            mood -> Nullable<Mood>,
            #[sql_name = "type"]
            type_ -> Nullable<Text>,
            words -> Nullable<Tsvector>,
        }
    }

    diesel::joinable!(posts -> users (user_id));
    diesel::joinable!(two_words -> posts (post_id));

    diesel::allow_tables_to_appear_in_same_query!(posts, two_words, users,);
}
