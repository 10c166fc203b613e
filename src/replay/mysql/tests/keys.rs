//! Keys, foreign keys and checks, and the names of those without one.

use expect_test::expect;

use super::Check;

/// The cases that a server accepts.
pub(in crate::replay::mysql) const CASES: &[fn(Check<'_>)] =
    &[keys_get_names, foreign_keys_bring_an_index, checks_get_names, indexes_are_created_and_dropped];

fn keys_get_names(check: Check<'_>) {
    check(
        "CREATE TABLE t (id int, a int, b varchar(20), c int, d int, e int, f int, PRIMARY KEY (id), UNIQUE u1 (a, b), UNIQUE (c), UNIQUE KEY (c), KEY (a), INDEX (a, b), INDEX ix USING HASH (d), FULLTEXT ft (b), KEY (b(5)), KEY (b DESC), CONSTRAINT UNIQUE (e), CONSTRAINT uq2 UNIQUE (f), CONSTRAINT cu UNIQUE INDEX iu (d), UNIQUE (b(3)))",
        &expect![[r#"
            table t (id int!, a int, b varchar(20), c int, d int, e int, f int); key (id); unique u1 (a, b); unique c (c); unique c_2 (c); unique e (e); unique uq2 (f); unique iu (d); index a (a); index a_2 (a, b); index ix (d); index ft fulltext (b); index b (b(5)); index b_2 (b desc); unique index b_3 (b(3))
        "#]],
    );
}

fn foreign_keys_bring_an_index(check: Check<'_>) {
    const PARENT: &str = "CREATE TABLE p (id int PRIMARY KEY, x int UNIQUE, y int, KEY (y), UNIQUE xy (x, y));";
    let check = |sql: &str, expected: &_| check(&format!("{PARENT} {sql}"), expected);
    check(
        "CREATE TABLE c (id int PRIMARY KEY REFERENCES p (id), a int REFERENCES p (x), b int, c int, d int, FOREIGN KEY (b) REFERENCES p (id), CONSTRAINT fkc FOREIGN KEY idxname (c) REFERENCES p (id) ON DELETE CASCADE ON UPDATE RESTRICT, FOREIGN KEY idx2 (d) REFERENCES p (y) ON DELETE SET NULL); ALTER TABLE c ADD FOREIGN KEY (c, d) REFERENCES p (x, y) ON DELETE NO ACTION; ALTER TABLE c ADD INDEX own (b, c)",
        &expect![[r#"
            table c (id int!, a int, b int, c int, d int); key (id); foreign c_ibfk_1 (id) -> p (id); foreign c_ibfk_2 (a) -> p (x); foreign c_ibfk_3 (b) -> p (id); foreign fkc (c) -> p (id) on delete cascade; foreign idx2 (d) -> p (y) on delete set null; foreign c_ibfk_4 (c, d) -> p (x, y); index a (a); index idx2 (d); index c (c, d); index own (b, c)
            table p (id int!, x int, y int); key (id); unique x (x); unique xy (x, y); index y (y)
        "#]],
    );
    check(
        "CREATE TABLE c (a int, b int, KEY (a), FOREIGN KEY (a) REFERENCES p (id), FOREIGN KEY (b) REFERENCES p (id), KEY bb (b, a)); RENAME TABLE c TO d; ALTER TABLE d RENAME TO e, ADD f int; ALTER TABLE e ADD FOREIGN KEY (f) REFERENCES p (id); ALTER TABLE e DROP FOREIGN KEY e_ibfk_3, DROP COLUMN f",
        &expect![[r#"
            table e (a int, b int); foreign e_ibfk_1 (a) -> p (id); foreign e_ibfk_2 (b) -> p (id); index a (a); index bb (b, a)
            table p (id int!, x int, y int); key (id); unique x (x); unique xy (x, y); index y (y)
        "#]],
    );
    check(
        "CREATE TABLE c (a int, CONSTRAINT c_ibfk_7 FOREIGN KEY (a) REFERENCES p (id), FOREIGN KEY (a) REFERENCES p (x))",
        &expect![[r#"
            table c (a int); foreign c_ibfk_7 (a) -> p (id); foreign c_ibfk_1 (a) -> p (x); index a (a)
            table p (id int!, x int, y int); key (id); unique x (x); unique xy (x, y); index y (y)
        "#]],
    );
    check(
        "CREATE TABLE c (a int, b int); ALTER TABLE c ADD CONSTRAINT fx FOREIGN KEY (a) REFERENCES p (id); ALTER TABLE c DROP INDEX fx, ADD INDEX fx (a, b); ALTER TABLE c ADD COLUMN k int, ADD CONSTRAINT kk FOREIGN KEY (k) REFERENCES p (x), ADD UNIQUE (k); ALTER TABLE c DROP FOREIGN KEY kk, ADD FOREIGN KEY (k) REFERENCES p (x)",
        &expect![[r#"
            table c (a int, b int, k int); unique k (k); foreign fx (a) -> p (id); foreign c_ibfk_1 (k) -> p (x); index fx (a, b)
            table p (id int!, x int, y int); key (id); unique x (x); unique xy (x, y); index y (y)
        "#]],
    );
    check(
        "CREATE TABLE c (a int, CONSTRAINT FOREIGN KEY (a) REFERENCES p (id), CONSTRAINT ak FOREIGN KEY ik (a) REFERENCES p (id)); ALTER TABLE c DROP FOREIGN KEY c_ibfk_1, DROP FOREIGN KEY ak; ALTER TABLE c DROP KEY ak; ALTER TABLE c DROP FOREIGN KEY IF EXISTS zz",
        &expect![[r#"
            table c (a int)
            table p (id int!, x int, y int); key (id); unique x (x); unique xy (x, y); index y (y)
        "#]],
    );
}

fn checks_get_names(check: Check<'_>) {
    check(
        "CREATE TABLE t (a int, b int, c int CHECK (c > 0), CHECK (a > b), CONSTRAINT ck CHECK (a <> 7), CHECK (b < 5)); ALTER TABLE t ADD CHECK (a < 100), ADD CONSTRAINT n1 CHECK (a < 50); ALTER TABLE t DROP CONSTRAINT CONSTRAINT_1, ADD CHECK (b <> 7)",
        &expect![[r#"
            table t (a int, b int, c int check (c > 0)); check ck (a <> 7); check CONSTRAINT_2 (b < 5); check CONSTRAINT_3 (a < 100); check n1 (a < 50); check CONSTRAINT_1 (b <> 7)
        "#]],
    );
    check(
        "CREATE TABLE t (a int, b int CHECK (b > 0), c int CHECK (c > 0), CHECK (a > 0)); ALTER TABLE t MODIFY b int; ALTER TABLE t RENAME COLUMN c TO cc; ALTER TABLE t DROP COLUMN a",
        &expect![[r#"
            table t (b int, cc int check (cc > 0))
        "#]],
    );
}

fn indexes_are_created_and_dropped(check: Check<'_>) {
    check(
        "CREATE TABLE t (a int, b int, c varchar(20), g point NOT NULL); CREATE INDEX i1 ON t (a DESC, b); CREATE UNIQUE INDEX i2 ON t (a); CREATE INDEX IF NOT EXISTS i1 ON t (b); CREATE OR REPLACE INDEX i1 ON t (b); CREATE FULLTEXT INDEX f ON t (c); CREATE SPATIAL INDEX s ON t (g); CREATE INDEX c5 ON t (c(5)); DROP INDEX i2 ON t; DROP INDEX IF EXISTS nope ON t; ALTER TABLE t RENAME INDEX i1 TO i9; ALTER TABLE t DROP KEY f, ADD KEY f (b)",
        &expect![[r#"
            table t (a int, b int, c varchar(20), g point!); index i9 (b); index s spatial (g); index c5 (c(5)); index f (b)
        "#]],
    );
}
