//! Views, functions, triggers and comments.

use expect_test::expect;

use super::Check;

/// The cases that a server accepts.
pub(in crate::replay::postgres) const CASES: &[fn(Check<'_>)] =
    &[views, what_views_depend_on, functions, triggers, comments, comments_on_parts];

fn views(check: Check<'_>) {
    check(
        "CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t; CREATE OR REPLACE VIEW v AS SELECT a, a + 1 AS b FROM t; CREATE VIEW w (x) AS SELECT v.a FROM v JOIN public.t ON t.a = v.a; CREATE MATERIALIZED VIEW m AS SELECT 1 AS one WITH NO DATA; COMMENT ON VIEW v IS 'c'; COMMENT ON MATERIALIZED VIEW m IS 'd'",
        &expect![[r#"
            table t (a integer)
            materialized view m on  'd'
            view v on t 'c'
            view w on t, v
        "#]],
    );
    check(
        "CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t; CREATE VIEW w AS SELECT a FROM v; DROP VIEW v CASCADE; DROP VIEW IF EXISTS w",
        &expect![[r#"
            table t (a integer)
        "#]],
    );
    check(
        "CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t; ALTER VIEW v RENAME TO w; CREATE SCHEMA s; ALTER VIEW w SET SCHEMA s; CREATE MATERIALIZED VIEW IF NOT EXISTS m AS SELECT a FROM t; CREATE MATERIALIZED VIEW IF NOT EXISTS m AS SELECT 1 AS b; ALTER MATERIALIZED VIEW m RENAME TO n; DROP VIEW s.w; DROP MATERIALIZED VIEW n",
        &expect![[r#"
            schema s
            table t (a integer)
        "#]],
    );
    check(
        "CREATE TABLE t (a int); CREATE VIEW v AS WITH x AS (SELECT a FROM t) SELECT a FROM x; CREATE VIEW w AS SELECT * FROM v; ALTER VIEW v RENAME TO z; DROP TABLE t CASCADE",
        &expect![[r#""#]],
    );
}

const COMMENTED: &str = "CREATE SCHEMA s; COMMENT ON SCHEMA s IS 'a schema'; CREATE DOMAIN d AS int CHECK (VALUE > 0); COMMENT ON DOMAIN d IS 'a domain';
    CREATE SEQUENCE q; COMMENT ON SEQUENCE q IS 'a sequence'; CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'; DROP FUNCTION f(int);
    CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; COMMENT ON FUNCTION f IS 'a function'; CREATE FUNCTION g(a int, b text) RETURNS int LANGUAGE sql AS 'SELECT 1'; COMMENT ON FUNCTION g(integer, b text) IS 'g';
    CREATE TABLE t (a int, b int, CONSTRAINT c CHECK (a > 0), CONSTRAINT k UNIQUE (b)); CREATE INDEX i ON t (a); COMMENT ON INDEX i IS 'an index'; COMMENT ON CONSTRAINT c ON t IS 'a check'; COMMENT ON CONSTRAINT k ON public.t IS 'a key';
    CREATE TRIGGER r BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f(); COMMENT ON TRIGGER r ON t IS 'a trigger'; CREATE POLICY p ON t USING (a > 1); COMMENT ON POLICY p ON t IS 'a policy';";

fn comments_on_parts(check: Check<'_>) {
    check(
        COMMENTED,
        &expect![[r#"
        schema s
        domain d: integer; check d_check (VALUE > 0)
        sequence q:
        table t (a integer, b integer); unique k (b); check c (a > 0); index i (a); trigger r calls f
        function f()
        function g(integer, text)
        comment on function f(): 'a function'
        comment on function g(integer, text): 'g'
        comment on domain d: 'a domain'
        comment on sequence q: 'a sequence'
        comment on schema s: 'a schema'
        comment on index i: 'an index'
        comment on constraint c of t: 'a check'
        comment on constraint k of t: 'a key'
        comment on trigger r of t: 'a trigger'
        comment on policy p of t: 'a policy'
    "#]],
    );
    check(
        &format!(
            "{COMMENTED} ALTER INDEX i RENAME TO j; ALTER TABLE t RENAME CONSTRAINT c TO cc; ALTER TABLE t RENAME TO u; ALTER FUNCTION f() RENAME TO h; ALTER TRIGGER r ON u RENAME TO rr; COMMENT ON SEQUENCE q IS NULL; DROP FUNCTION g; DROP POLICY p ON u; ALTER DOMAIN d RENAME TO e"
        ),
        &expect![[r#"
            schema s
            domain e: integer; check d_check (VALUE > 0)
            sequence q:
            table u (a integer, b integer); unique k (b); check cc (a > 0); index j (a); trigger rr calls h
            function h()
            comment on function h(): 'a function'
            comment on domain e: 'a domain'
            comment on schema s: 'a schema'
            comment on index j: 'an index'
            comment on constraint cc of u: 'a check'
            comment on constraint k of u: 'a key'
            comment on trigger rr of u: 'a trigger'
        "#]],
    );
    check(
        &format!("{COMMENTED} DROP TABLE t; DROP DOMAIN d; DROP SEQUENCE q; COMMENT ON FUNCTION f() IS ''"),
        &expect![[r#"
            schema s
            function f()
            function g(integer, text)
            comment on function g(integer, text): 'g'
            comment on schema s: 'a schema'
        "#]],
    );
}

fn what_views_depend_on(check: Check<'_>) {
    check(
        "CREATE TABLE a (a int); CREATE TABLE t (a int, b int); CREATE VIEW v AS SELECT a, (SELECT max(a.a) FROM a) AS m FROM t",
        &expect![[r#"
            table a (a integer)
            table t (a integer, b integer)
            view v on a, t
        "#]],
    );
    check(
        "CREATE TABLE a (a int); CREATE TABLE t (a int, b int); CREATE TABLE u (b int); CREATE VIEW v AS SELECT extract(year FROM now()) AS a, t.b FROM (t JOIN u USING (b)), ONLY public.u AS x WHERE t.a IN (SELECT b FROM u)",
        &expect![[r#"
            table a (a integer)
            table t (a integer, b integer)
            table u (b integer)
            view v on t, u
        "#]],
    );
}

fn functions(check: Check<'_>) {
    check(
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2'; CREATE FUNCTION f(a int, b varchar(10) DEFAULT 'x') RETURNS int LANGUAGE sql AS $$ SELECT a $$; CREATE FUNCTION f(timestamp with time zone, double precision, VARIADIC x text[]) RETURNS int LANGUAGE sql AS 'SELECT 1'",
        &expect![[r#"
            function f()
            function f(integer, character varying)
            function f(timestamp with time zone, double precision, text[])
        "#]],
    );
    check(
        "CREATE FUNCTION f(IN a int, OUT b text, INOUT c numeric(10, 2)) LANGUAGE sql AS 'SELECT ''x'', c'; CREATE FUNCTION g(a int) RETURNS int LANGUAGE sql AS 'SELECT 1'; DROP FUNCTION f; DROP FUNCTION g(int); DROP FUNCTION IF EXISTS g(int)",
        &expect![[r#""#]],
    );
    check(
        "CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION f(text) RETURNS int LANGUAGE sql AS 'SELECT 1'; DROP FUNCTION f(text); ALTER FUNCTION f(int) RENAME TO g; CREATE SCHEMA s; ALTER FUNCTION g SET SCHEMA s",
        &expect![[r#"
            schema s
            function s.g(integer)
        "#]],
    );
    check(
        "CREATE PROCEDURE p(a int) LANGUAGE sql AS 'SELECT 1'; CREATE PROCEDURE q() LANGUAGE sql AS 'SELECT 1'; DROP PROCEDURE p; DROP ROUTINE q()",
        &expect![[r#""#]],
    );
    check(
        "CREATE TYPE m AS ENUM ('a'); CREATE TABLE t (a int); CREATE FUNCTION f(x m, y t) RETURNS SETOF t LANGUAGE sql AS 'SELECT * FROM t'; CREATE FUNCTION g() RETURNS TABLE (a int) LANGUAGE plpgsql AS $f$ BEGIN RETURN QUERY SELECT 1; END $f$",
        &expect![[r#"
            enum m: a
            table t (a integer)
            function f(m, t)
            function g()
        "#]],
    );
}

fn triggers(check: Check<'_>) {
    check(
        "CREATE TABLE t (a int, b int); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$; CREATE TRIGGER x BEFORE INSERT OR UPDATE OF a, b ON t FOR EACH ROW WHEN (NEW.a > 0) EXECUTE FUNCTION f(); CREATE CONSTRAINT TRIGGER y AFTER DELETE ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE PROCEDURE f(); CREATE TRIGGER z AFTER TRUNCATE ON t EXECUTE FUNCTION public.f('a', 1)",
        &expect![[r#"
            table t (a integer, b integer); trigger x calls f; trigger y calls f; trigger z calls f
            function f()
        "#]],
    );
    check(
        "CREATE TABLE t (a int); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$; CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f(); CREATE TRIGGER y BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f(); CREATE OR REPLACE TRIGGER y AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f(); ALTER TRIGGER x ON t RENAME TO z; DROP TRIGGER y ON t; DROP TRIGGER IF EXISTS y ON t",
        &expect![[r#"
            table t (a integer); trigger z calls f
            function f()
        "#]],
    );
    check(
        "CREATE TABLE t (a int); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$; CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f(); ALTER TABLE t RENAME TO u; ALTER FUNCTION f() RENAME TO g",
        &expect![[r#"
            table u (a integer); trigger x calls g
            function g()
        "#]],
    );
    check(
        "CREATE TABLE t (a int); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$; CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f(); DROP FUNCTION f() CASCADE",
        &expect![[r#"
            table t (a integer)
        "#]],
    );
    check(
        "CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t; CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$; CREATE TRIGGER x INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION f()",
        &expect![[r#"
            table t (a integer)
            view v on t
            function f()
        "#]],
    );
    check(
        "CREATE TABLE t (a int, b int); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$; CREATE TRIGGER x BEFORE UPDATE OF b ON t FOR EACH ROW EXECUTE FUNCTION f(); CREATE TRIGGER a BEFORE UPDATE OF a ON t FOR EACH ROW EXECUTE FUNCTION f(); ALTER TABLE t RENAME b TO c; ALTER TABLE t RENAME a TO d",
        &expect![[r#"
            table t (d integer, c integer); trigger x calls f; trigger a calls f
            function f()
        "#]],
    );
    check(
        "CREATE TABLE t (a int); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end'; CREATE TRIGGER x AFTER DELETE ON t EXECUTE FUNCTION f(); DROP FUNCTION f CASCADE",
        &expect![[r#"
            table t (a integer)
        "#]],
    );
}

fn comments(check: Check<'_>) {
    check(
        "CREATE TABLE t (a int); COMMENT ON TABLE t IS 'it''s'; COMMENT ON COLUMN t.a IS E'x'; COMMENT ON COLUMN public.t.a IS 'y'; CREATE INDEX i ON t (a); COMMENT ON INDEX i IS 'z'; CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1'; COMMENT ON FUNCTION f(int) IS 'f'",
        &expect![[r#"
            table t (a integer 'y'); index i (a) 'it's'
            function f(integer)
            comment on function f(integer): 'f'
            comment on index i: 'z'
        "#]],
    );
    check(
        "CREATE TABLE t (a int); COMMENT ON TABLE t IS 'x'; COMMENT ON COLUMN t.a IS 'x'; COMMENT ON TABLE t IS NULL; COMMENT ON COLUMN t.a IS ''",
        &expect![[r#"
            table t (a integer)
        "#]],
    );
}

mod unit {
    use super::super::check;

    #[test]
    fn views() {
        super::views(&check);
    }

    #[test]
    fn what_views_depend_on() {
        super::what_views_depend_on(&check);
    }

    #[test]
    fn functions() {
        super::functions(&check);
    }

    #[test]
    fn triggers() {
        super::triggers(&check);
    }

    #[test]
    fn comments_on_parts() {
        super::comments_on_parts(&check);
    }

    #[test]
    fn comments() {
        super::comments(&check);
    }
}
