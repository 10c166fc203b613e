// @generated automatically by Diesel CLI.

diesel::table! {
    by_code (id) {
        id -> Integer,
        user_code -> Nullable<Text>,
    }
}

diesel::table! {
    comments (id) {
        author_id -> Integer,
        editor_id -> Nullable<Integer>,
        id -> Integer,
        post_id -> Integer,
    }
}

diesel::table! {
    eggs (id) {
        hen_id -> Nullable<Integer>,
        id -> Integer,
    }
}

diesel::table! {
    hens (id) {
        egg_id -> Nullable<Integer>,
        id -> Integer,
    }
}

diesel::table! {
    kinds (id) {
        a -> Bool,
        b -> Nullable<Bool>,
        c -> Nullable<SmallInt>,
        d -> Nullable<SmallInt>,
        e -> BigInt,
        f -> Nullable<BigInt>,
        g -> Nullable<Integer>,
        h -> Text,
        i -> Nullable<Text>,
        id -> Integer,
        j -> Nullable<Text>,
        k -> Nullable<Binary>,
        l -> Nullable<Binary>,
        m -> Nullable<Float>,
        n -> Float,
        o -> Nullable<Double>,
        p -> Nullable<Double>,
        q -> Nullable<Double>,
        r -> Timestamp,
        s -> Nullable<Timestamp>,
        t -> Nullable<Date>,
        u -> Nullable<Time>,
        v -> Nullable<Text>,
        w -> Nullable<Integer>,
    }
}

diesel::table! {
    lonely (id) {
        id -> Integer,
    }
}

diesel::table! {
    of_pairs (id) {
        a -> Nullable<Integer>,
        b -> Nullable<Integer>,
        id -> Integer,
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
        boss_id -> Nullable<Integer>,
        code -> Text,
        id -> Integer,
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
    kinds,
    lonely,
    of_pairs,
    pairs,
    posts,
    tags,
    tags_things,
    things,
    users,
);
