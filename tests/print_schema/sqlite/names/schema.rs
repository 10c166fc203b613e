// @generated automatically by Diesel CLI.

diesel::table! {
    #[sql_name = "Mixed Case"]
    Mixed_Case (id) {
        id -> Integer,
        #[sql_name = "type"]
        type_ -> Integer,
        users -> Nullable<Integer>,
    }
}

diesel::table! {
    #[sql_name = "match"]
    match_ (match_) {
        #[sql_name = "match"]
        match_ -> Integer,
        #[sql_name = "async"]
        async_ -> Nullable<Text>,
        #[sql_name = "dyn"]
        dyn_ -> Nullable<Text>,
        union -> Nullable<Text>,
        gen -> Nullable<Text>,
        #[sql_name = "crate"]
        crate_ -> Nullable<Text>,
        #[sql_name = "yield"]
        yield_ -> Nullable<Text>,
    }
}

diesel::table! {
    #[sql_name = "table"]
    table_ (id) {
        id -> Integer,
        #[sql_name = "type"]
        type_ -> Text,
        #[sql_name = "table"]
        table_ -> Nullable<Text>,
        #[sql_name = "two words"]
        two_words -> Nullable<Text>,
        #[sql_name = "2fa"]
        _2fa -> Nullable<Bool>,
        #[sql_name = "a-b--c"]
        a_b_c -> Nullable<Text>,
        UserName -> Nullable<Text>,
        #[sql_name = "is_nullable"]
        is_nullable_ -> Nullable<Text>,
    }
}

diesel::table! {
    users (id) {
        id -> Integer,
        #[sql_name = "users"]
        users_ -> Text,
        #[sql_name = "__hidden"]
        __hidden_ -> Nullable<Text>,
        #[sql_name = "self"]
        self_ -> Nullable<Text>,
        #[sql_name = "größe"]
        gr_e -> Nullable<Integer>,
        #[sql_name = r#"say "hi"!"#]
        say_hi_ -> Nullable<Text>,
    }
}

diesel::table! {
    zebra (id) {
        id -> Integer,
        mixed -> Nullable<Integer>,
    }
}

diesel::joinable!(Mixed_Case -> table_ (type_));
diesel::joinable!(Mixed_Case -> users (users));
diesel::joinable!(zebra -> Mixed_Case (mixed));

diesel::allow_tables_to_appear_in_same_query!(Mixed_Case, match_, table_, users, zebra,);
