// @generated automatically by Diesel CLI.

diesel::table! {
    composite (b, a) {
        b -> Text,
        x -> Nullable<Text>,
        a -> Integer,
    }
}

diesel::table! {
    counted (id) {
        id -> Integer,
        name -> Nullable<Text>,
    }
}

diesel::table! {
    no_key (rowid) {
        rowid -> Integer,
        name -> Text,
    }
}

diesel::table! {
    no_key_but_rowid (oid) {
        oid -> Integer,
        rowid -> Nullable<Text>,
        name -> Text,
    }
}

diesel::table! {
    nullable_key (code) {
        code -> Nullable<Text>,
        name -> Nullable<Text>,
    }
}

diesel::table! {
    strict_key (code) {
        code -> Text,
        name -> Nullable<Text>,
    }
}

diesel::table! {
    without_rowid (code) {
        code -> Text,
        name -> Nullable<Text>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    composite,
    counted,
    no_key,
    no_key_but_rowid,
    nullable_key,
    strict_key,
    without_rowid,
);
