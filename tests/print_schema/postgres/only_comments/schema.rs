// @generated automatically by Diesel CLI.

pub mod sql_types {
    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "HTTPStatus"))]
    pub struct HttpStatus;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "jsonpath", schema = "pg_catalog"))]
    pub struct Jsonpath;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "mood"))]
    pub struct Mood;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "name", schema = "pg_catalog"))]
    pub struct Name;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "point", schema = "pg_catalog"))]
    pub struct Point;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "point_2d"))]
    pub struct Point2d;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "polygon", schema = "pg_catalog"))]
    pub struct Polygon;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "regclass", schema = "pg_catalog"))]
    pub struct Regclass;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "timetz", schema = "pg_catalog"))]
    pub struct Timetz;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "tsquery", schema = "pg_catalog"))]
    pub struct Tsquery;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "tsvector", schema = "pg_catalog"))]
    pub struct Tsvector;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "varbit", schema = "pg_catalog"))]
    pub struct Varbit;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "xid", schema = "pg_catalog"))]
    pub struct Xid;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "xml", schema = "pg_catalog"))]
    pub struct Xml;
}

diesel::table! {
    counters (id) {
        id -> Int8,
        kind_id -> Nullable<Int4>,
        n -> Int8,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Name;
    use super::sql_types::Timetz;
    use super::sql_types::Varbit;
    use super::sql_types::Tsvector;
    use super::sql_types::Tsquery;
    use super::sql_types::Xml;
    use super::sql_types::Point;
    use super::sql_types::Polygon;
    use super::sql_types::Mood;
    use super::sql_types::HttpStatus;
    use super::sql_types::Point2d;
    use super::sql_types::Regclass;
    use super::sql_types::Jsonpath;
    use super::sql_types::Xid;

    /// Every kind.
    kinds (id) {
        id -> Int4,
        /// Whether it is one.
        a -> Bool,
        b -> Nullable<Int2>,
        c -> Nullable<Int4>,
        d -> Int8,
        e -> Nullable<Float4>,
        f -> Nullable<Float8>,
        g -> Nullable<Numeric>,
        h -> Text,
        i -> Nullable<Varchar>,
        #[max_length = 20]
        j -> Nullable<Varchar>,
        #[max_length = 3]
        k -> Nullable<Bpchar>,
        #[max_length = 1]
        l -> Nullable<Bpchar>,
        m -> Nullable<Char>,
        n -> Nullable<Name>,
        o -> Nullable<Bytea>,
        p -> Nullable<Timestamp>,
        q -> Timestamptz,
        r -> Nullable<Date>,
        s -> Nullable<Time>,
        t -> Nullable<Timetz>,
        u -> Nullable<Interval>,
        v -> Nullable<Uuid>,
        w -> Nullable<Json>,
        x -> Nullable<Jsonb>,
        y -> Nullable<Inet>,
        z -> Nullable<Cidr>,
        aa -> Nullable<Macaddr>,
        ab -> Nullable<Macaddr8>,
        ac -> Nullable<Money>,
        ad -> Nullable<Oid>,
        ae -> Nullable<Int4range>,
        af -> Nullable<Int8range>,
        ag -> Nullable<Numrange>,
        ah -> Nullable<Tsrange>,
        ai -> Nullable<Tstzrange>,
        aj -> Nullable<Daterange>,
        ak -> Nullable<Int4multirange>,
        #[max_length = 1]
        al -> Nullable<Bit>,
        #[max_length = 3]
        am -> Nullable<Bit>,
        #[max_length = 5]
        an -> Nullable<Varbit>,
        ao -> Nullable<Varbit>,
        ap -> Nullable<Tsvector>,
        aq -> Nullable<Tsquery>,
        ar -> Nullable<Xml>,
        at -> Nullable<Point>,
        au -> Nullable<Polygon>,
        av -> Nullable<PgLsn>,
        aw -> Array<Nullable<Text>>,
        ax -> Nullable<Array<Nullable<Int4>>>,
        ay -> Nullable<Array<Nullable<Varchar>>>,
        az -> Mood,
        ba -> Nullable<Array<Nullable<Mood>>>,
        bb -> Nullable<HttpStatus>,
        bc -> Nullable<Point2d>,
        bd -> Nullable<Timestamp>,
        be -> Nullable<Timestamptz>,
        bf -> Nullable<Regclass>,
        bg -> Nullable<Jsonpath>,
        bh -> Nullable<Xid>,
    }
}

diesel::table! {
    small (code, id) {
        id -> Int2,
        code -> Text,
    }
}

diesel::joinable!(counters -> kinds (kind_id));

diesel::allow_tables_to_appear_in_same_query!(counters, kinds, small,);
