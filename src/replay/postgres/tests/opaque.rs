//! What cannot be read as DDL, objects that are not there, syntax errors.

use expect_test::expect;

use super::Check;

/// The cases that a server accepts.
pub(in crate::replay::postgres) const CASES: &[fn(Check<'_>)] = &[do_blocks, calls];

fn do_blocks(check: Check<'_>) {
    check(
        "CREATE TABLE t (a int); DO $$ BEGIN ALTER TABLE t ADD b int; END $$",
        &expect![[r#"
            table t (a integer)
            unsure of t: a DO block changes the schema (up.sql:1)
        "#]],
    );
    check(
        "CREATE TABLE t (a int); DO LANGUAGE plpgsql $x$ BEGIN UPDATE t SET a = 1; RAISE NOTICE 'x'; END $x$",
        &expect![[r#"
            table t (a integer)
        "#]],
    );
    check(
        "CREATE TABLE t (a int); CREATE TABLE u (a int); DO $$ DECLARE r record; BEGIN FOR r IN SELECT 1 LOOP EXECUTE 'ALTER TABLE ' || quote_ident('t') || ' ADD b int'; END LOOP; END $$",
        &expect![[r#"
            table t (a integer)
            table u (a integer)
            unsure of anything: a DO block changes the schema (up.sql:1)
        "#]],
    );
    check(
        "CREATE TABLE t (a int); DO $$ BEGIN EXECUTE format('CREATE TABLE IF NOT EXISTS %I (a int)', 'n'); END $$",
        &expect![[r#"
            table t (a integer)
            unsure of anything: a DO block changes the schema (up.sql:1)
        "#]],
    );
    check(
        "CREATE TABLE t (a int); DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'm') THEN CREATE TYPE m AS ENUM ('a'); END IF; END $$",
        &expect![[r#"
            table t (a integer)
            unsure of m: a DO block changes the schema (up.sql:1)
        "#]],
    );
    check(
        "CREATE TABLE t (a int); DO $$ BEGIN CREATE INDEX i ON t (a); DROP TABLE IF EXISTS x.y; END $$",
        &expect![[r#"
            table t (a integer)
            unsure of t, x.y: a DO block changes the schema (up.sql:1)
        "#]],
    );
}

fn calls(check: Check<'_>) {
    check(
        "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DROP TABLE IF EXISTS t; END $$; CREATE TABLE t (a int); SELECT f()",
        &expect![[r#"
            table t (a integer)
            function f()
            unsure of t: the function f changes the schema (up.sql:1)
        "#]],
    );
    check(
        "CREATE TABLE t (a int); CREATE FUNCTION add_b(name regclass) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('ALTER TABLE %s ADD b int', name); END $$; SELECT add_b('t')",
        &expect![[r#"
            table t (a integer)
            function add_b(regclass)
            unsure of t: the function add_b changes the schema (up.sql:1)
        "#]],
    );
    check(
        "CREATE TABLE t (a int, updated_at timestamp); CREATE OR REPLACE FUNCTION diesel_manage_updated_at(_tbl regclass) RETURNS VOID AS $$\nBEGIN\n    EXECUTE format('CREATE TRIGGER set_updated_at BEFORE UPDATE ON %s\n                    FOR EACH ROW EXECUTE PROCEDURE diesel_set_updated_at()', _tbl);\nEND;\n$$ LANGUAGE plpgsql;\n\nCREATE OR REPLACE FUNCTION diesel_set_updated_at() RETURNS trigger AS $$\nBEGIN\n    IF (\n        NEW IS DISTINCT FROM OLD AND\n        NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at\n    ) THEN\n        NEW.updated_at := current_timestamp;\n    END IF;\n    RETURN NEW;\nEND;\n$$ LANGUAGE plpgsql; SELECT diesel_manage_updated_at('t')",
        &expect![[r#"
            table t (a integer, updated_at timestamp without time zone); trigger set_updated_at calls diesel_set_updated_at
            function diesel_manage_updated_at(regclass)
            function diesel_set_updated_at()
        "#]],
    );
    check(
        "SET search_path = public; SELECT pg_catalog.set_config('search_path', '', false); CREATE TABLE public.t (a int); SET lock_timeout = '1s'; SET LOCAL statement_timeout TO 0; SELECT 1",
        &expect![[r#"
            table t (a integer)
        "#]],
    );
    check(
        "CREATE EXTENSION citext; CREATE TABLE t (a citext); CREATE TABLE u (a int); DROP EXTENSION citext CASCADE",
        &expect![[r#"
            table t (a citext)
            table u (a integer)
            unsure of t: DROP EXTENSION citext CASCADE drops what uses it (up.sql:1)
        "#]],
    );
}

mod unit {
    use super::super::check;

    #[test]
    fn do_blocks() {
        super::do_blocks(&check);
    }

    #[test]
    fn calls() {
        super::calls(&check);
    }
}

#[test]
fn where_unqualified_names_go() {
    let check = super::check;
    check(
        "CREATE SCHEMA app; SET search_path TO app, public; CREATE TABLE t (a int)",
        &expect![[r#"
            schema app
            table t (a integer)
            unsure of anything: the search path begins with app from here on (up.sql:1)
        "#]],
    );
    check(
        "CREATE SCHEMA app; SELECT set_config('search_path', 'app', true); CREATE TABLE t (a int)",
        &expect![[r#"
            schema app
            table t (a integer)
            unsure of anything: the search path begins with app from here on (up.sql:1)
        "#]],
    );
}

#[test]
fn objects_that_are_not_there() {
    let check = super::check;
    check(
        "ALTER TABLE nope ADD a int",
        &expect![[r#"
            unsure of nope: alters table nope, which no earlier revision creates (up.sql:1)
        "#]],
    );
    check(
        "SELECT 1;\nDROP TABLE nope, other",
        &expect![[r#"
            unsure of nope: drops table nope, which no earlier revision creates (up.sql:2)
            unsure of other: drops table other, which no earlier revision creates (up.sql:2)
        "#]],
    );
    check(
        "CREATE INDEX i ON nope (a)",
        &expect![[r#"
            unsure of nope: indexes table nope, which no earlier revision creates (up.sql:1)
        "#]],
    );
    check(
        "DROP INDEX nope; ALTER INDEX nope RENAME TO x",
        &expect![[r#"
            unsure of nope: drops index nope, which no earlier revision creates (up.sql:1)
            unsure of nope: renames index nope, which no earlier revision creates (up.sql:1)
        "#]],
    );
    check(
        "DROP VIEW nope; ALTER VIEW nope RENAME TO x",
        &expect![[r#"
            unsure of nope: drops view nope, which no earlier revision creates (up.sql:1)
            unsure of nope: alters view nope, which no earlier revision creates (up.sql:1)
        "#]],
    );
    check(
        "CREATE TABLE t (a int, b text); ALTER TABLE t ALTER nope SET NOT NULL, DROP nope2; ALTER TABLE t RENAME nope TO x",
        &expect![[r#"
            table t (a integer, b text)
            unsure of t: alters column t.nope2, which no earlier revision creates (up.sql:1)
        "#]],
    );
    check(
        "CREATE TABLE t (a int, b text); ALTER TABLE t DROP CONSTRAINT nope",
        &expect![[r#"
            table t (a integer, b text)
            unsure of t: drops constraint nope of t, which no earlier revision creates (up.sql:1)
        "#]],
    );
    check(
        "CREATE TABLE t (a int, b text); ALTER TABLE t RENAME CONSTRAINT nope TO x",
        &expect![[r#"
            table t (a integer, b text)
            unsure of t: renames constraint nope of t, which no earlier revision creates (up.sql:1)
        "#]],
    );
    check(
        "CREATE TABLE t (a int, b text); ALTER TABLE t ADD UNIQUE USING INDEX nope",
        &expect![[r#"
            table t (a integer, b text)
            unsure of t: uses index nope of t, which no earlier revision creates (up.sql:1)
        "#]],
    );
    check(
        "ALTER TYPE nope ADD VALUE 'a'; ALTER DOMAIN nope SET NOT NULL; DROP TYPE nope2; ALTER TYPE nope3 RENAME TO x",
        &expect![[r#"
            unsure of nope: alters type nope, which no earlier revision creates (up.sql:1)
            unsure of nope: alters domain nope, which no earlier revision creates (up.sql:1)
        "#]],
    );
    check(
        "CREATE TRIGGER x BEFORE INSERT ON nope FOR EACH ROW EXECUTE FUNCTION f(); DROP TRIGGER x ON nope2",
        &expect![[r#"
            unsure of nope: adds a trigger to table nope, which no earlier revision creates (up.sql:1)
            unsure of nope2: drops trigger x of nope2, which no earlier revision creates (up.sql:1)
        "#]],
    );
    check(
        "CREATE TABLE t (LIKE nope); CREATE TABLE u () INHERITS (nope)",
        &expect![[r#"
            table t ()
            table u ()
            unsure of nope: is like table nope, which no earlier revision creates (up.sql:1)
            unsure of nope: builds on table nope, which no earlier revision creates (up.sql:1)
        "#]],
    );
    check(
        "DROP SEQUENCE nope; ALTER SEQUENCE nope RENAME TO x; DROP FUNCTION nope()",
        &expect![[r#"
            unsure of nope: drops sequence nope, which no earlier revision creates (up.sql:1)
            unsure of nope: alters sequence nope, which no earlier revision creates (up.sql:1)
            unsure of nope: drops function nope, which no earlier revision creates (up.sql:1)
        "#]],
    );
    check(
        "ALTER TABLE nope RENAME TO x; COMMENT ON TABLE nope2 IS 'x'",
        &expect![[r#"
            unsure of nope: alters table nope, which no earlier revision creates (up.sql:1)
        "#]],
    );
}

#[test]
fn what_the_server_refuses() {
    let check = super::check;
    check(
        "CREATE TABLE u (id int PRIMARY KEY); CREATE TABLE t (a int REFERENCES u); DROP TABLE u",
        &expect![[r#"
        table t (a integer)
        unsure of t, u: drops table u, which t references, without CASCADE (up.sql:1)
    "#]],
    );
    check(
        "CREATE TABLE u (id int PRIMARY KEY); CREATE TABLE t (a int REFERENCES u); DROP TABLE u, t",
        &expect![[r#""#]],
    );
}

#[test]
fn objects_that_are_there_already() {
    let check = super::check;
    check(
        "CREATE TABLE t (a int, b text); CREATE TABLE t (c int)",
        &expect![[r#"
            table t (a integer, b text)
            unsure of t: creates table t, which an earlier revision creates already (up.sql:1)
        "#]],
    );
    check(
        "CREATE TABLE t (a int, b text); ALTER TABLE t ADD a int",
        &expect![[r#"
            table t (a integer, b text)
            unsure of t: adds column t.a, which an earlier revision creates already (up.sql:1)
        "#]],
    );
    check(
        "CREATE TABLE t (a int); CREATE INDEX i ON t (a); CREATE INDEX i ON t (a)",
        &expect![[r#"
            table t (a integer); index i (a)
            unsure of i: creates index i, which an earlier revision creates already (up.sql:1)
        "#]],
    );
    check(
        "CREATE TYPE m AS ENUM ('a'); CREATE TYPE m AS ENUM ('b'); ALTER TYPE m ADD VALUE 'a'",
        &expect![[r#"
            enum m: a
            unsure of m: creates type m, which an earlier revision creates already (up.sql:1)
            unsure of m: creates value m, which an earlier revision creates already (up.sql:1)
        "#]],
    );
    check(
        "CREATE VIEW v AS SELECT 1; CREATE VIEW v AS SELECT 2; CREATE SEQUENCE s; CREATE SEQUENCE s",
        &expect![[r#"
            sequence s:
            view v on
            unsure of v: creates view v, which an earlier revision creates already (up.sql:1)
            unsure of s: creates sequence s, which an earlier revision creates already (up.sql:1)
        "#]],
    );
}

#[test]
fn statements_that_are_taken_back() {
    let check = super::check;
    check(
        "CREATE TABLE t (a int); ROLLBACK",
        &expect![[r#"
            table t (a integer)
            unsure of anything: a ROLLBACK takes back statements before it (up.sql:1)
        "#]],
    );
    check(
        "BEGIN; CREATE TABLE t (a int); COMMIT",
        &expect![[r#"
            table t (a integer)
        "#]],
    );
    check(
        "DROP OWNED BY CURRENT_USER",
        &expect![[r#"
            unsure of anything: DROP OWNED drops what a role owns (up.sql:1)
        "#]],
    );
}

#[test]
fn syntax_errors_have_their_place() {
    let check = super::check;
    check(
        "CREATE TABLE t (a int);\n\nCREATE TABEL u (a int);",
        &expect![[r#"
            up.sql:3: the SQL does not parse: expected command, found CREATE_KW
        "#]],
    );
    check(
        "CREATE TABLE t (a int,,)",
        &expect![[r#"
            up.sql:1: the SQL does not parse: unexpected comma
        "#]],
    );
    check(
        "ALTER TABLE t ADD COLUMN",
        &expect![[r#"
            up.sql:1: the SQL does not parse: expected name
        "#]],
    );
}
