//! What is not followed is doubted; what looks like it and can be followed is not.

use expect_test::expect;

use super::Check;

/// The cases that a server accepts.
pub(in crate::replay::mysql) const CASES: &[fn(Check<'_>)] = &[prepared_statements, procedures, other_statements];

fn prepared_statements(check: Check<'_>) {
    const TABLES: &str =
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (a int, CONSTRAINT fk FOREIGN KEY (a) REFERENCES p (id));";
    let check = |sql: &str, expected: &_| check(&format!("{TABLES} {sql}"), expected);
    // Dropped where it is there: followed.
    check(
        "SET @d = IF((SELECT true FROM information_schema.TABLE_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = DATABASE() AND TABLE_NAME = 't' AND CONSTRAINT_NAME = 'fk' AND CONSTRAINT_TYPE = 'FOREIGN KEY') = true, 'ALTER TABLE t DROP FOREIGN KEY fk', 'SELECT 1'); PREPARE s FROM @d; EXECUTE s; DEALLOCATE PREPARE s",
        &expect![[r#"
            table p (id int!); key (id)
            table t (a int); index fk (a)
        "#]],
    );
    check(
        "PREPARE s FROM 'ALTER TABLE t ADD b int'; EXECUTE s; EXECUTE IMMEDIATE 'ALTER TABLE t ADD c int'",
        &expect![[r#"
            table p (id int!); key (id)
            table t (a int, b int, c int); foreign fk (a) -> p (id); index fk (a)
        "#]],
    );
    check(
        "SET @d = IF((SELECT count(*) FROM information_schema.TABLES WHERE TABLE_NAME = 'nope') = 0, 'ALTER TABLE t ADD b int', 'SELECT 1'); PREPARE s FROM @d; EXECUTE s",
        &expect![[r#"
            table p (id int!); key (id)
            table t (a int); foreign fk (a) -> p (id); index fk (a)
            unsure of t: a prepared statement changes the schema (up.sql:1)
        "#]],
    );
}

fn procedures(check: Check<'_>) {
    check(
        "CREATE TABLE t (a int); CREATE PROCEDURE p() BEGIN IF EXISTS(SELECT 1 FROM information_schema.COLUMNS WHERE TABLE_NAME = 't') THEN BEGIN ALTER TABLE t ADD COLUMN b int; END; END IF; END; CALL p(); DROP PROCEDURE p; CREATE PROCEDURE q() SELECT 1; CALL q()",
        &expect![[r#"
            table t (a int)
            function q
            unsure of t: the procedure p changes the schema (up.sql:1)
        "#]],
    );
}

fn other_statements(check: Check<'_>) {
    check(
        "SET NAMES utf8mb4; SET SESSION sql_mode = ''; CREATE TABLE t (a int); LOCK TABLES t WRITE; INSERT INTO t VALUES (1); UPDATE t SET a = 2; UNLOCK TABLES; DELETE FROM t; TRUNCATE TABLE t; OPTIMIZE TABLE t; START TRANSACTION; COMMIT",
        &expect![[r#"
            table t (a int)
        "#]],
    );
}

#[test]
fn what_is_not_there_is_doubted() {
    let check = super::check;
    check(
        "ALTER TABLE t ADD a int; DROP TABLE t; DROP TABLE IF EXISTS u; CREATE INDEX i ON v (a)",
        &expect![[r#"
        unsure of t: alters table t, which no earlier revision creates (up.sql:1)
        unsure of t: drops table t, which no earlier revision creates (up.sql:1)
        unsure of v: indexes table v, which no earlier revision creates (up.sql:1)
    "#]],
    );
    check(
        "CREATE TABLE t (a int); CREATE TABLE t (b int); ALTER TABLE t DROP COLUMN x; ALTER TABLE t DROP KEY x; ALTER TABLE t DROP FOREIGN KEY x",
        &expect![[r#"
            table t (a int)
            unsure of t: creates table t, which an earlier revision creates already (up.sql:1)
        "#]],
    );
    check(
        "CREATE TABLE s (id int unsigned AUTO_INCREMENT PRIMARY KEY, n varchar(20) NOT NULL DEFAULT 'x' COMMENT 'c', at timestamp NOT NULL DEFAULT current_timestamp ON UPDATE current_timestamp, d decimal(5,2) NOT NULL, g int AS (d + 1) STORED, e enum('a','b') DEFAULT 'a'); CREATE TABLE t AS SELECT * FROM s; CREATE TABLE u SELECT s.id AS i, x.n y FROM s LEFT JOIN s x ON x.id = s.id; CREATE TABLE v (SELECT e, g FROM s)",
        &expect![[r#"
            table s (id int unsigned! counted, n varchar(20)! = 'x' 'c', at timestamp! = current_timestamp() on update current_timestamp(), d decimal(5,2)!, g int as (d + 1), e enum('a','b') = 'a'); key (id)
            table t (id int unsigned! = 0, n varchar(20)! = 'x' 'c', at timestamp! = current_timestamp() on update current_timestamp(), d decimal(5,2)!, g int, e enum('a','b') = 'a')
            table u (i int unsigned! = 0, y varchar(20) = 'x' 'c')
            table v (e enum('a','b') = 'a', g int)
        "#]],
    );
    check(
        "CREATE TABLE t (a int) AS SELECT 1 AS b; CREATE TABLE u SELECT 1; CREATE TABLE v (a int) WITH SYSTEM VERSIONING; USE other; EXECUTE s; CALL p()",
        &expect![[r#"
            table t (a int)
            table u ()
            table v (a int)
            unsure of t: table t has the columns of a query (up.sql:1)
            unsure of u: table u has the columns of a query (up.sql:1)
            unsure of v: table v keeps the versions of its rows (up.sql:1)
            unsure of anything: USE changes the database that names without one stand for (up.sql:1)
            unsure of anything: EXECUTE s, which is not prepared here (up.sql:1)
            unsure of anything: calls p, which no earlier revision creates (up.sql:1)
        "#]],
    );
    check(
        "SELECT 'x",
        &expect![[r#"
        up.sql:1: the SQL does not parse: a quote ' is not closed
    "#]],
    );
}
