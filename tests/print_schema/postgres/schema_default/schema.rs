// @generated automatically by Diesel CLI.

pub mod sql_types {
    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "level", schema = "app"))]
    pub struct Level;
}

diesel::table! {
    posts (id) {
        id -> Int4,
        user_id -> Nullable<Int4>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Level;

    users (id) {
        id -> Int4,
        level -> Nullable<Level>,
        app_user_id -> Nullable<Int4>,
    }
}

diesel::joinable!(posts -> users (user_id));

diesel::allow_tables_to_appear_in_same_query!(posts, users,);
