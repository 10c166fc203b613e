CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TYPE "HTTPStatus" AS ENUM ('a');
CREATE TYPE point_2d AS (x integer, y integer);
CREATE TABLE kinds (
    id serial PRIMARY KEY,
    a boolean NOT NULL, b smallint, c integer, d bigint NOT NULL, e real, f double precision, g numeric(10, 2),
    h text NOT NULL, i varchar, j varchar(20), k char(3), l char, m "char", n name, o bytea,
    p timestamp, q timestamptz NOT NULL DEFAULT now(), r date, s time, t timetz, u interval,
    v uuid, w json, x jsonb, y inet, z cidr, aa macaddr, ab macaddr8, ac money, ad oid,
    ae int4range, af int8range, ag numrange, ah tsrange, ai tstzrange, aj daterange, ak int4multirange,
    al bit, am bit(3), an varbit(5), ao bit varying, ap tsvector, aq tsquery, ar xml, at point, au polygon, av pg_lsn,
    aw text[] NOT NULL, ax integer[], ay varchar(10)[], az mood NOT NULL, ba mood[], bb "HTTPStatus", bc point_2d,
    bd timestamp(3), be timestamptz(6), bf regclass, bg jsonpath, bh xid
);
CREATE TABLE counters (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind_id integer REFERENCES kinds, n bigserial);
CREATE TABLE small (id smallserial, code text, PRIMARY KEY (code, id));
