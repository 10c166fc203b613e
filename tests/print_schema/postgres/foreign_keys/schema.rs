// @generated automatically by Diesel CLI.

diesel::table! {
    Order (id) {
        id -> Int4,
        #[sql_name = "type"]
        type_ -> Nullable<Int4>,
    }
}

diesel::table! {
    by_code (id) {
        id -> Int4,
        user_code -> Nullable<Text>,
    }
}

diesel::table! {
    comments (id) {
        id -> Int4,
        post_id -> Int4,
        author_id -> Int4,
        editor_id -> Nullable<Int4>,
    }
}

diesel::table! {
    days (day) {
        day -> Date,
        n -> Nullable<Int4>,
    }
}

diesel::table! {
    days_2024 (day) {
        day -> Date,
        n -> Nullable<Int4>,
    }
}

diesel::table! {
    eggs (id) {
        id -> Int4,
        hen_id -> Nullable<Int4>,
    }
}

diesel::table! {
    hens (id) {
        id -> Int4,
        egg_id -> Nullable<Int4>,
    }
}

diesel::table! {
    islanders (id) {
        id -> Int4,
        islands -> Nullable<Int4>,
        #[sql_name = "islanders"]
        islanders_ -> Nullable<Text>,
    }
}

diesel::table! {
    islands (id) {
        id -> Int4,
    }
}

diesel::table! {
    of_pairs (id) {
        id -> Int4,
        a -> Nullable<Int4>,
        b -> Nullable<Int4>,
    }
}

diesel::table! {
    pairs (b, a) {
        a -> Int4,
        b -> Int4,
    }
}

diesel::table! {
    posts (id) {
        id -> Int4,
        user_id -> Int4,
    }
}

diesel::table! {
    users (id) {
        id -> Int4,
        code -> Text,
        boss_id -> Nullable<Int4>,
    }
}

diesel::joinable!(Order -> posts (type_));
diesel::joinable!(comments -> posts (post_id));
diesel::joinable!(islanders -> islands (islands));
diesel::joinable!(posts -> users (user_id));

diesel::allow_tables_to_appear_in_same_query!(Order, comments, posts, users,);
diesel::allow_tables_to_appear_in_same_query!(islanders, islands,);
