//! Types, sequences, schemas and extensions.

use expect_test::expect;

use super::Check;

/// The cases that a server accepts.
pub(in crate::replay::postgres) const CASES: &[fn(Check<'_>)] =
    &[enum_types, domains, sequences, schemas_and_extensions];

fn enum_types(check: Check<'_>) {
    check(
        "CREATE TYPE m AS ENUM ('a', 'b'); ALTER TYPE m ADD VALUE 'c'; ALTER TYPE m ADD VALUE 'x' BEFORE 'a'; ALTER TYPE m ADD VALUE IF NOT EXISTS 'y' AFTER 'a'; ALTER TYPE m ADD VALUE IF NOT EXISTS 'b'; ALTER TYPE m RENAME VALUE 'b' TO 'it''s'",
        &expect![[r#"
            enum m: x, a, y, it's, c
        "#]],
    );
    check(
        "CREATE TYPE m AS ENUM ('a'); CREATE TABLE t (a m DEFAULT 'a', b m[]); ALTER TYPE m RENAME TO n; COMMENT ON TYPE n IS 'x'",
        &expect![[r#"
            enum n: a 'x'
            table t (a n = 'a', b n[])
        "#]],
    );
    check(
        r#"CREATE TYPE m AS ENUM (); CREATE TYPE "Q" AS ENUM ('a'); CREATE TABLE t (a "Q"); DROP TYPE m; DROP TYPE IF EXISTS m; DROP TYPE "Q" CASCADE"#,
        &expect![[r#"
            table t ()
        "#]],
    );
    check(
        "CREATE SCHEMA s; CREATE TYPE s.m AS ENUM ('a'); CREATE TABLE t (a s.m); ALTER TYPE s.m SET SCHEMA public",
        &expect![[r#"
            schema s
            enum m: a
            table t (a m)
        "#]],
    );
    check(
        "CREATE TYPE c AS (a int, b text); CREATE TABLE t (a c, b c[])",
        &expect![[r#"
            table t (a c, b c[])
        "#]],
    );
    check(
        "CREATE TYPE m AS ENUM ('a', 'b'); CREATE TABLE t (a m CHECK (a <> 'b') DEFAULT 'a'::m); CREATE INDEX i ON t (a) WHERE a IN ('a', 'b')",
        &expect![[r#"
            enum m: a, b
            table t (a m = 'a'::m); check t_a_check (a <> 'b'); index i (a) where a IN ('a', 'b')
        "#]],
    );
}

fn domains(check: Check<'_>) {
    check(
        "CREATE DOMAIN d AS text NOT NULL DEFAULT 'x' CHECK (VALUE <> ''); CREATE TABLE t (a d, b d[])",
        &expect![[r#"
            domain d: text NOT NULL DEFAULT 'x'; check d_check (VALUE <> '')
            table t (a d, b d[])
        "#]],
    );
    check(
        "CREATE DOMAIN d int; ALTER DOMAIN d SET NOT NULL; ALTER DOMAIN d SET DEFAULT 5; ALTER DOMAIN d ADD CONSTRAINT c CHECK (VALUE > 0); ALTER DOMAIN d ADD CHECK (VALUE < 9) NOT VALID",
        &expect![[r#"
            domain d: integer NOT NULL DEFAULT 5; check c (VALUE > 0); check d_check (VALUE < 9) not valid
        "#]],
    );
    check(
        "CREATE DOMAIN d AS int CONSTRAINT c CHECK (VALUE > 0) CHECK (VALUE < 9) CHECK (VALUE <> 5); ALTER DOMAIN d DROP CONSTRAINT c; ALTER DOMAIN d RENAME CONSTRAINT d_check TO e",
        &expect![[r#"
            domain d: integer; check e (VALUE < 9); check d_check1 (VALUE <> 5)
        "#]],
    );
    check(
        "CREATE DOMAIN d AS int DEFAULT 1 NOT NULL; ALTER DOMAIN d DROP DEFAULT; ALTER DOMAIN d DROP NOT NULL; CREATE TABLE t (a d); ALTER DOMAIN d RENAME TO e; ALTER DOMAIN e ADD CONSTRAINT n CHECK (VALUE > 0) NOT VALID; ALTER DOMAIN e VALIDATE CONSTRAINT n",
        &expect![[r#"
            domain e: integer; check n (VALUE > 0)
            table t (a e)
        "#]],
    );
    check(
        "CREATE DOMAIN d AS int; CREATE TABLE t (a d, b int); DROP DOMAIN d CASCADE; DROP DOMAIN IF EXISTS d",
        &expect![[r#"
            table t (b integer)
        "#]],
    );
}

fn sequences(check: Check<'_>) {
    check(
        "CREATE SEQUENCE s; CREATE SEQUENCE r AS integer INCREMENT 5 MINVALUE 10 MAXVALUE 100 START 20 CACHE 3 CYCLE; CREATE SEQUENCE IF NOT EXISTS s; CREATE SEQUENCE d INCREMENT BY -1",
        &expect![[r#"
            sequence d: INCREMENT BY -1
            sequence r: AS integer INCREMENT BY 5 MINVALUE 10 MAXVALUE 100 START WITH 20 CACHE 3 CYCLE
            sequence s:
        "#]],
    );
    check(
        "CREATE TABLE t (id int); CREATE SEQUENCE s OWNED BY t.id; CREATE SEQUENCE r START WITH 5; ALTER SEQUENCE r INCREMENT BY 2 OWNED BY t.id; DROP TABLE t",
        &expect![[r#""#]],
    );
    check(
        "CREATE SEQUENCE s START 5; ALTER SEQUENCE s RENAME TO r; ALTER SEQUENCE r INCREMENT 2 RESTART; ALTER SEQUENCE IF EXISTS nope RENAME TO x; CREATE SCHEMA q; ALTER SEQUENCE r SET SCHEMA q",
        &expect![[r#"
            schema q
            sequence q.r: INCREMENT BY 2 START WITH 5
        "#]],
    );
    check(
        "CREATE TABLE t (id serial); ALTER SEQUENCE t_id_seq RENAME TO s; ALTER SEQUENCE s AS bigint MAXVALUE 1000; ALTER TABLE t RENAME id TO nr",
        &expect![[r#"
            sequence s: MAXVALUE 1000 of t.nr
            table t (nr integer! from s)
        "#]],
    );
    check(
        "CREATE TABLE t (id serial); ALTER SEQUENCE t_id_seq OWNED BY NONE",
        &expect![[r#"
            sequence t_id_seq: AS integer
            table t (id integer! = nextval('t_id_seq'))
        "#]],
    );
    check(
        "CREATE SEQUENCE s; CREATE SEQUENCE r; CREATE TABLE t (a int DEFAULT nextval('s')); DROP SEQUENCE s CASCADE; DROP SEQUENCE r; DROP SEQUENCE IF EXISTS r",
        &expect![[r#"
            table t (a integer)
        "#]],
    );
    check(
        "CREATE TABLE t (id serial, b int DEFAULT nextval('t_id_seq')); ALTER TABLE t DROP b; DROP SEQUENCE t_id_seq CASCADE",
        &expect![[r#"
            table t (id integer!)
        "#]],
    );
    check(
        "CREATE TABLE t (id serial); ALTER TABLE t RENAME TO u; CREATE TABLE t (id serial)",
        &expect![[r#"
            sequence t_id_seq:  of u.id
            sequence t_id_seq1:  of t.id
            table t (id integer! from t_id_seq1)
            table u (id integer! from t_id_seq)
        "#]],
    );
}

fn schemas_and_extensions(check: Check<'_>) {
    check(
        r#"CREATE SCHEMA s; CREATE SCHEMA IF NOT EXISTS s; CREATE SCHEMA public2 AUTHORIZATION CURRENT_USER; CREATE EXTENSION citext; CREATE EXTENSION IF NOT EXISTS "pg_trgm" WITH SCHEMA public; CREATE TABLE t (a citext); CREATE INDEX i ON t USING gin (a gin_trgm_ops)"#,
        &expect![[r#"
            schema public2
            schema s
            extension citext
            extension pg_trgm
            table t (a citext); index i gin (a gin_trgm_ops)
        "#]],
    );
    check(
        "CREATE SCHEMA s; CREATE TABLE s.t (id serial PRIMARY KEY); CREATE TYPE s.m AS ENUM ('a'); CREATE TABLE u (a int REFERENCES s.t, b int); DROP SCHEMA s CASCADE",
        &expect![[r#"
            table u (a integer, b integer)
        "#]],
    );
    check(
        "CREATE SCHEMA s; CREATE TABLE s.t (id serial PRIMARY KEY); CREATE TYPE s.m AS ENUM ('a'); CREATE TABLE u (a int REFERENCES s.t, b s.m); ALTER SCHEMA s RENAME TO r",
        &expect![[r#"
            schema r
            enum r.m: a
            sequence r.t_id_seq:  of r.t.id
            table u (a integer, b r.m); foreign u_a_fkey (a) -> r.t (id)
            table r.t (id integer! from r.t_id_seq); key t_pkey (id)
        "#]],
    );
    check(
        "CREATE EXTENSION hstore; DROP EXTENSION hstore; DROP EXTENSION IF EXISTS hstore; DROP SCHEMA IF EXISTS s",
        &expect![[r#""#]],
    );
    check(
        "CREATE SCHEMA s CREATE TABLE t (a int) CREATE VIEW v AS SELECT a FROM t",
        &expect![[r#"
            schema s
            unsure of anything: CREATE SCHEMA makes objects in the same statement (up.sql:1)
        "#]],
    );
    check(
        "CREATE TABLE public.t (a int); ALTER TABLE t ADD b int; CREATE TABLE u (a int); ALTER TABLE public.u RENAME TO v",
        &expect![[r#"
            table t (a integer, b integer)
            table v (a integer)
        "#]],
    );
}

mod unit {
    use super::super::check;

    #[test]
    fn enum_types() {
        super::enum_types(&check);
    }

    #[test]
    fn domains() {
        super::domains(&check);
    }

    #[test]
    fn sequences() {
        super::sequences(&check);
    }

    #[test]
    fn schemas_and_extensions() {
        super::schemas_and_extensions(&check);
    }
}
