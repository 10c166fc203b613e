// @generated automatically by Diesel CLI.

diesel::table! {
    kinds (id) {
        id -> Integer,
        a -> Bool,
        b -> Nullable<Bool>,
        c -> Nullable<SmallInt>,
        d -> Nullable<SmallInt>,
        e -> BigInt,
        f -> Nullable<BigInt>,
        g -> Nullable<Integer>,
        h -> Text,
        i -> Nullable<Text>,
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
