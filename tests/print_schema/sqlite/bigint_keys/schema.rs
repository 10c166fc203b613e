// @generated automatically by Diesel CLI.

diesel::table! {
    by_code (id) {
        id -> BigInt,
        user_code -> Nullable<Text>,
    }
}

diesel::table! {
    comments (id) {
        id -> BigInt,
        post_id -> BigInt,
        author_id -> BigInt,
        editor_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    eggs (id) {
        id -> BigInt,
        hen_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    hens (id) {
        id -> BigInt,
        egg_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    lonely (id) {
        id -> BigInt,
    }
}

diesel::table! {
    no_rows (id) {
        id -> Integer,
        tag -> Nullable<BigInt>,
    }
}

diesel::table! {
    of_no_rows (id) {
        id -> BigInt,
        no_row_id -> Nullable<Integer>,
    }
}

diesel::table! {
    of_pairs (id) {
        id -> BigInt,
        a -> Nullable<Integer>,
        b -> Nullable<Integer>,
    }
}

diesel::table! {
    of_texts (id) {
        id -> Integer,
        texts_n -> Nullable<BigInt>,
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
        id -> BigInt,
        user_id -> BigInt,
    }
}

diesel::table! {
    tags (id) {
        id -> BigInt,
    }
}

diesel::table! {
    tags_things (tag_id, thing_id) {
        tag_id -> BigInt,
        thing_id -> BigInt,
    }
}

diesel::table! {
    texts (code) {
        code -> Text,
        n -> Nullable<Integer>,
        #[sql_name = "type"]
        type_ -> Nullable<Integer>,
    }
}

diesel::table! {
    things (id) {
        id -> BigInt,
    }
}

diesel::table! {
    users (id) {
        id -> BigInt,
        code -> Text,
        boss_id -> Nullable<BigInt>,
    }
}

diesel::joinable!(comments -> posts (post_id));
diesel::joinable!(no_rows -> tags (tag));
diesel::joinable!(of_no_rows -> no_rows (no_row_id));
diesel::joinable!(of_texts -> texts (texts_n));
diesel::joinable!(posts -> users (user_id));
diesel::joinable!(tags_things -> tags (tag_id));
diesel::joinable!(tags_things -> things (thing_id));
diesel::joinable!(texts -> tags (type_));

diesel::allow_tables_to_appear_in_same_query!(
    by_code,
    comments,
    eggs,
    hens,
    lonely,
    no_rows,
    of_no_rows,
    of_pairs,
    of_texts,
    pairs,
    posts,
    tags,
    tags_things,
    texts,
    things,
    users,
);
