// @generated automatically by Diesel CLI.

diesel::table! {
    by_code (id) {
        id -> Integer,
        user_code -> Nullable<Text>,
    }
}

diesel::table! {
    comments (id) {
        id -> Integer,
        post_id -> Integer,
        author_id -> Integer,
        editor_id -> Nullable<Integer>,
    }
}

diesel::table! {
    eggs (id) {
        id -> Integer,
        hen_id -> Nullable<Integer>,
    }
}

diesel::table! {
    hens (id) {
        id -> Integer,
        egg_id -> Nullable<Integer>,
    }
}

diesel::table! {
    lonely (id) {
        id -> Integer,
    }
}

diesel::table! {
    of_pairs (id) {
        id -> Integer,
        a -> Nullable<Integer>,
        b -> Nullable<Integer>,
    }
}

diesel::table! {
    pairs (a, b) {
        a -> Integer,
        b -> Integer,
    }
}

diesel::table! {
    posts (id) {
        id -> Integer,
        user_id -> Integer,
    }
}

diesel::table! {
    tags (id) {
        id -> Integer,
    }
}

diesel::table! {
    tags_things (tag_id, thing_id) {
        tag_id -> Integer,
        thing_id -> Integer,
    }
}

diesel::table! {
    things (id) {
        id -> Integer,
    }
}

diesel::table! {
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
