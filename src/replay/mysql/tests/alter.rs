//! ALTER TABLE.

use expect_test::expect;

use super::Check;

/// The cases that a server accepts.
pub(in crate::replay::mysql) const CASES: &[fn(Check<'_>)] =
    &[columns_are_added_and_dropped, columns_are_changed, keys_change, options_change, renames_reach_what_depends];

fn columns_are_added_and_dropped(check: Check<'_>) {
    check(
        "CREATE TABLE t (id int PRIMARY KEY, d int, e int); ALTER TABLE t ADD c int COMMENT 'x' AFTER id, ADD (f int, g int NOT NULL DEFAULT 1), MODIFY d varchar(5) NOT NULL DEFAULT 'y' FIRST, CHANGE COLUMN e ee text, ADD COLUMN IF NOT EXISTS c bigint, DROP COLUMN IF EXISTS nope",
        &expect![[r#"
            table t (d varchar(5)! = 'y', id int!, c int 'x', ee text, f int, g int! = 1); key (id)
        "#]],
    );
    check(
        "CREATE TABLE u (a int, b int, c int, d int, PRIMARY KEY (a), KEY k1 (b, c), UNIQUE k2 (c, d), KEY (c), UNIQUE (d), KEY kcd (c, d), KEY kcb (c, b)); ALTER TABLE u DROP KEY k2, DROP COLUMN d; ALTER TABLE u DROP c",
        &expect![[r#"
            table u (a int!, b int); key (a); index k1 (b); index kcb (b)
        "#]],
    );
    check(
        "CREATE TABLE v (a int PRIMARY KEY); ALTER TABLE v DROP PRIMARY KEY, ADD id int AUTO_INCREMENT PRIMARY KEY FIRST; ALTER TABLE v ADD COLUMN (x bigint, y int)",
        &expect![[r#"
            table v (id int! counted, a int!, x bigint, y int); key (id)
        "#]],
    );
    check(
        "CREATE TABLE t (a int); ALTER TABLE t ADD b json, ADD c serial, ADD INDEX (a), ADD CHECK (a > 0), ALGORITHM=COPY, LOCK=SHARED",
        &expect![[r#"
            table t (a int, b json, c bigint unsigned! counted); unique c (c); check CONSTRAINT_1 (a > 0); index a (a)
        "#]],
    );
}

fn columns_are_changed(check: Check<'_>) {
    check(
        "CREATE TABLE t (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, a varchar(5) NOT NULL DEFAULT 'x' COMMENT 'c' COLLATE utf8mb4_bin, b int); ALTER TABLE t MODIFY id bigint, MODIFY a varchar(9), CHANGE b bb bigint unsigned NOT NULL DEFAULT 0",
        &expect![[r#"
            table t (id bigint!, a varchar(9), bb bigint unsigned! = 0); key (id)
        "#]],
    );
    check(
        "CREATE TABLE t (a int DEFAULT 1, b int NOT NULL DEFAULT 2, c int, d datetime); ALTER TABLE t ALTER a DROP DEFAULT, ALTER COLUMN b SET DEFAULT '7', ALTER c SET DEFAULT (1 + 2), ALTER d SET DEFAULT current_timestamp()",
        &expect![[r#"
            table t (a int, b int! = 7, c int = (1 + 2), d datetime = current_timestamp())
        "#]],
    );
    check(
        "CREATE TABLE t (a int, b varchar(20), g int AS (a + 1), h int AS (a % 3) STORED, u int UNIQUE); ALTER TABLE t MODIFY g bigint AS (a + 2) VIRTUAL, MODIFY h int, MODIFY b enum('x','y') NOT NULL, MODIFY u int",
        &expect![[r#"
            table t (a int, b enum('x','y')!, g bigint as (a + 2) virtual, h int, u int); unique u (u)
        "#]],
    );
    check(
        "CREATE TABLE t (a int NOT NULL PRIMARY KEY); ALTER TABLE t MODIFY a bigint NULL; ALTER TABLE t DROP PRIMARY KEY; ALTER TABLE t MODIFY a int NULL",
        &expect![[r#"
            table t (a int)
        "#]],
    );
}

fn keys_change(check: Check<'_>) {
    check(
        "CREATE TABLE t (a int, b int, c text); ALTER TABLE t ADD UNIQUE (b), ADD INDEX (b), ADD KEY (b, a), ADD FULLTEXT (c), ADD PRIMARY KEY (a); ALTER TABLE t RENAME INDEX b TO bb, RENAME KEY b_2 TO b2; ALTER TABLE t MODIFY b int UNIQUE, ADD KEY (b); ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (a, b)",
        &expect![[r#"
            table t (a int!, b int!, c text); key (a, b); unique bb (b); unique b (b); index b2 (b); index b_3 (b, a); index c fulltext (c); index b_2 (b)
        "#]],
    );
}

fn options_change(check: Check<'_>) {
    check(
        "CREATE TABLE t (a int, b varchar(9), c varchar(9) COLLATE latin1_bin) CHARSET=latin1; ALTER TABLE t COMMENT='tbl', ENGINE=aria, AUTO_INCREMENT=100; ALTER TABLE t DEFAULT CHARACTER SET utf8mb4",
        &expect![[r#"
            table t (a int, b varchar(9) collate latin1_swedish_ci, c varchar(9) collate latin1_bin) Aria utf8mb4_general_ci 'tbl'
        "#]],
    );
    check(
        "CREATE TABLE t (b varchar(9), c varchar(9) COLLATE latin1_bin) CHARSET=latin1; ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci; ALTER TABLE t ORDER BY b; ALTER TABLE t FORCE; ALTER TABLE t ENGINE=InnoDB ROW_FORMAT=DYNAMIC COMMENT 'x', ADD d int",
        &expect![[r#"
            table t (b varchar(9), c varchar(9), d int) InnoDB utf8mb4_unicode_ci 'x'
        "#]],
    );
}

fn renames_reach_what_depends(check: Check<'_>) {
    check(
        "CREATE TABLE p (id int PRIMARY KEY, x int UNIQUE); CREATE TABLE c (a int, b int, g int AS (a + 1), FOREIGN KEY (a) REFERENCES p (id), KEY ab (a, b), CHECK (a > b)); ALTER TABLE p RENAME COLUMN id TO pid; ALTER TABLE c CHANGE a aa int; RENAME TABLE p TO q, c TO d; ALTER TABLE d RENAME e",
        &expect![[r#"
            table e (aa int, b int, g int as (aa + 1) virtual); check CONSTRAINT_1 (aa > b); foreign e_ibfk_1 (aa) -> q (pid); index ab (aa, b)
            table q (pid int!, x int); key (pid); unique x (x)
        "#]],
    );
}
