// @generated automatically by Diesel CLI.

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    by_code (id) {
        id -> Integer,
        user_code -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    comments (id) {
        id -> Integer,
        post_id -> Integer,
        author_id -> Integer,
        editor_id -> Nullable<Integer>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    eggs (id) {
        id -> Integer,
        hen_id -> Nullable<Integer>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    hens (id) {
        id -> Integer,
        egg_id -> Nullable<Integer>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    lonely (id) {
        id -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    of_pairs (id) {
        id -> Integer,
        a -> Nullable<Integer>,
        b -> Nullable<Integer>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    pairs (a, b) {
        a -> Integer,
        b -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    posts (id) {
        id -> Integer,
        user_id -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    tags (id) {
        id -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    tags_things (tag_id, thing_id) {
        tag_id -> Integer,
        thing_id -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    things (id) {
        id -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    users (id) {
        id -> Integer,
        code -> Text,
        boss_id -> Nullable<Integer>,
    }
}

diesel::joinable!(comments -> posts (post_id));
diesel::joinable!(posts -> users (user_id));
diesel::joinable!(tags_things -> tags (tag_id));
diesel::joinable!(tags_things -> things (thing_id));

diesel::allow_tables_to_appear_in_same_query!(
    by_code,
    comments,
    eggs,
    hens,
    lonely,
    of_pairs,
    pairs,
    posts,
    tags,
    tags_things,
    things,
    users,
);
