// @generated automatically by Diesel CLI.

pub mod sql_types {
    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "email"))]
    pub struct Email;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "mood"))]
    pub struct Mood;
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Email;
    use super::sql_types::Mood;

    users (id) {
        id -> Int4,
        #[max_length = 100]
        email -> Varchar,
        emails -> Nullable<Array<Nullable<Email>>>,
        share -> Int4,
        tags -> Nullable<Array<Nullable<Text>>>,
        mood -> Nullable<Mood>,
    }
}
