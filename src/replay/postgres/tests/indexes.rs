//! Indexes.

use expect_test::expect;

use super::Check;

/// The cases that a server accepts.
pub(in crate::replay::postgres) const CASES: &[fn(Check<'_>)] =
    &[indexes_with_all_their_options, indexes_without_a_name, indexes_renamed_and_dropped];

fn indexes_with_all_their_options(check: Check<'_>) {
    check(
        "CREATE TABLE t (a int, b text, c jsonb, d tsvector); CREATE INDEX i ON t (a); CREATE UNIQUE INDEX j ON t USING btree (a DESC, b NULLS FIRST); CREATE INDEX k ON t USING gin (c jsonb_path_ops); CREATE INDEX l ON t (b text_pattern_ops, a ASC NULLS LAST, a DESC NULLS LAST); CREATE INDEX m ON t USING hash (b)",
        &expect![[r#"
            table t (a integer, b text, c jsonb, d tsvector); index i (a); unique index j (a desc, b nulls first); index k gin (c jsonb_path_ops); index l (b text_pattern_ops, a, a desc nulls last); index m hash (b)
        "#]],
    );
    check(
        r#"CREATE TABLE t (a int, b text); CREATE INDEX i ON t (b COLLATE "C" text_pattern_ops DESC) INCLUDE (a) WITH (fillfactor = 70) WHERE a > 0 AND b IS NOT NULL; CREATE UNIQUE INDEX j ON t (a) NULLS NOT DISTINCT; CREATE INDEX k ON t USING brin (a) WITH (pages_per_range = 4, autosummarize)"#,
        &expect![[r#"
            table t (a integer, b text); index i (b C text_pattern_ops desc) include (a) with (fillfactor=70) where a > 0 AND b IS NOT NULL; unique index j (a) nulls not distinct; index k brin (a) with (pages_per_range=4, autosummarize=true)
        "#]],
    );
    check(
        r#"CREATE TABLE t (a int, b text); CREATE INDEX i ON t (lower(b)); CREATE INDEX j ON t ((a + 1), (b || 'x') COLLATE "C"); CREATE INDEX k ON t (coalesce(b, 'x') text_pattern_ops DESC); CREATE INDEX IF NOT EXISTS k ON t (a)"#,
        &expect![[r#"
            table t (a integer, b text); index i ((lower(b))); index j ((a + 1), (b || 'x') C); index k ((coalesce(b, 'x')) text_pattern_ops desc)
        "#]],
    );
    check(
        "CREATE TABLE t (a date, b text); CREATE INDEX i ON t (date(a)); CREATE INDEX j ON t (date_trunc('month', a::timestamp)); CREATE INDEX k ON t USING gin (to_tsvector('english', b))",
        &expect![[r#"
            table t (a date, b text); index i (a); index j ((date_trunc('month', a::timestamp))); index k gin ((to_tsvector('english', b)))
        "#]],
    );
    check(
        "CREATE TABLE t (a text); CREATE INDEX i ON t (a) WHERE a IN ('x', 'y') OR a LIKE 'z%'; CREATE INDEX j ON t (a) WHERE (a = 'x') IS TRUE AND NOT a = 'y'",
        &expect![[r#"
            table t (a text); index i (a) where a IN ('x', 'y') OR a LIKE 'z%'; index j (a) where (a = 'x') IS TRUE AND NOT a = 'y'
        "#]],
    );
}

fn indexes_without_a_name(check: Check<'_>) {
    check(
        "CREATE TABLE t (a int, b text); CREATE INDEX ON t (a); CREATE INDEX ON t (a); CREATE INDEX ON t (a, b DESC); CREATE INDEX ON t (lower(b)); CREATE INDEX ON t ((a + 1)); CREATE INDEX ON t ((a + 1), (a + 2)); CREATE INDEX ON t (a) INCLUDE (b)",
        &expect![[r#"
            table t (a integer, b text); index t_a_idx (a); index t_a_idx1 (a); index t_a_b_idx (a, b desc); index t_lower_idx ((lower(b))); index t_expr_idx ((a + 1)); index t_expr_expr1_idx ((a + 1), (a + 2)); index t_a_b_idx1 (a) include (b)
        "#]],
    );
    check(
        "CREATE TABLE t (a int, b text); CREATE INDEX ON t ((b::varchar)); CREATE INDEX ON t ((a::text || b)); CREATE INDEX ON t (coalesce(a, 0)); CREATE INDEX ON t ((CASE WHEN a > 0 THEN 1 END)); CREATE INDEX ON t (trim(b)); CREATE INDEX ON t (greatest(a, 1)); CREATE INDEX ON t ((1::int8 + a)); CREATE INDEX ON t (a, a)",
        &expect![[r#"
            table t (a integer, b text); index t_b_idx ((b::varchar)); index t_expr_idx ((a::text || b)); index t_coalesce_idx ((coalesce(a, 0))); index t_case_idx ((CASE WHEN a > 0 THEN 1 END)); index t_btrim_idx ((trim(b))); index t_greatest_idx ((greatest(a, 1))); index t_expr_idx1 ((1::int8 + a)); index t_a_a1_idx (a, a)
        "#]],
    );
    check(
        "CREATE TABLE aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa (bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb int, c int); CREATE INDEX ON aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa (bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb, c); CREATE INDEX ON aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa (c)",
        &expect![[r#"
            table aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa (bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb integer, c integer); index aaaaaaaaaaaaaaaaaaaaaaaaaaaaa_bbbbbbbbbbbbbbbbbbbbbbbbbbbbb_idx (bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb, c); index aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_c_idx (c)
        "#]],
    );
    check(
        "CREATE SCHEMA s; CREATE TABLE s.t (a int); CREATE INDEX ON s.t (a); CREATE TABLE t (a int); CREATE INDEX ON t (a)",
        &expect![[r#"
            schema s
            table t (a integer); index t_a_idx (a)
            table s.t (a integer); index t_a_idx (a)
        "#]],
    );
    check(
        "CREATE TABLE t (x int, y text, z int[]); CREATE INDEX ON t ((x)); CREATE INDEX ON t (((y))); CREATE INDEX ON t (((x) + 1)); CREATE INDEX ON t ((y COLLATE \"C\") DESC); CREATE INDEX ON t ((z[1]))",
        &expect![[r#"
            table t (x integer, y text, z integer[]); index t_x_idx (x); index t_y_idx (y); index t_expr_idx (((x) + 1)); index t_y_idx1 (y C desc); index t_z_idx ((z[1]))
        "#]],
    );
}

fn indexes_renamed_and_dropped(check: Check<'_>) {
    check(
        "CREATE TABLE t (a int, b int PRIMARY KEY, c int UNIQUE); CREATE INDEX i ON t (a); ALTER INDEX i RENAME TO j; ALTER INDEX t_pkey RENAME TO p; ALTER INDEX t_c_key RENAME TO u; ALTER INDEX IF EXISTS nope RENAME TO n; ALTER INDEX j SET (fillfactor = 50); ALTER TABLE j RENAME TO k",
        &expect![[r#"
            table t (a integer, b integer!, c integer); key p (b); unique u (c); index k (a) with (fillfactor=50)
        "#]],
    );
    check(
        "CREATE TABLE t (a int); CREATE INDEX i ON t (a); CREATE INDEX j ON t (a); CREATE INDEX k ON t (a); DROP INDEX i, j; DROP INDEX IF EXISTS i; REINDEX TABLE t; DROP INDEX k CASCADE",
        &expect![[r#"
            table t (a integer)
        "#]],
    );
    check(
        "CREATE TABLE t (a int); CREATE MATERIALIZED VIEW m AS SELECT a FROM t; CREATE UNIQUE INDEX i ON m (a); CREATE INDEX ON m (a); DROP INDEX i; REFRESH MATERIALIZED VIEW m",
        &expect![[r#"
            table t (a integer)
            materialized view m on t; index m_a_idx (a)
        "#]],
    );
    check(
        "CREATE TABLE t (a int); CREATE INDEX i ON t (a); ALTER INDEX i SET (fillfactor = 50); ALTER INDEX i RESET (fillfactor); CREATE SCHEMA s; CREATE TABLE s.t (a int); CREATE INDEX i ON s.t (a); DROP INDEX s.i",
        &expect![[r#"
            schema s
            table t (a integer); index i (a)
            table s.t (a integer)
        "#]],
    );
    check(
        "CREATE TABLE t (a int); CREATE UNIQUE INDEX i ON t (a); CREATE TABLE u (a int REFERENCES t (a)); DROP INDEX i CASCADE",
        &expect![[r#"
            table t (a integer)
            table u (a integer)
        "#]],
    );
}

mod unit {
    use super::super::check;

    #[test]
    fn indexes_with_all_their_options() {
        super::indexes_with_all_their_options(&check);
    }

    #[test]
    fn indexes_without_a_name() {
        super::indexes_without_a_name(&check);
    }

    #[test]
    fn indexes_renamed_and_dropped() {
        super::indexes_renamed_and_dropped(&check);
    }
}
