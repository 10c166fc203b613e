//! Views, triggers, routines.

use expect_test::expect;

use super::Check;

/// The cases that a server accepts.
pub(in crate::replay::mysql) const CASES: &[fn(Check<'_>)] = &[views, triggers, routines];

fn views(check: Check<'_>) {
    check(
        "CREATE TABLE t (a int, b int); CREATE TABLE u (a int); CREATE VIEW v AS SELECT a FROM t WHERE a > 1; CREATE OR REPLACE ALGORITHM=MERGE DEFINER=CURRENT_USER SQL SECURITY INVOKER VIEW v AS SELECT t.a FROM t JOIN u USING (a); CREATE VIEW IF NOT EXISTS v AS SELECT 1; CREATE VIEW w AS SELECT * FROM v; DROP VIEW IF EXISTS nope; CREATE VIEW x AS SELECT 1; DROP VIEW x",
        &expect![[r#"
            table t (a int, b int)
            table u (a int)
            view v on t, u
            view w on v
        "#]],
    );
}

fn triggers(check: Check<'_>) {
    check(
        "CREATE TABLE t (a int, b int); CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1; CREATE TRIGGER tr2 BEFORE INSERT ON t FOR EACH ROW FOLLOWS tr BEGIN IF NEW.a > 1 THEN SET NEW.b = 2; END IF; END; CREATE TRIGGER tr3 AFTER DELETE ON t FOR EACH ROW SET @x = 1; DROP TRIGGER tr3; DROP TRIGGER IF EXISTS nope; ALTER TABLE t RENAME TO u",
        &expect![[r#"
            table u (a int, b int); trigger tr; trigger tr2
        "#]],
    );
}

fn routines(check: Check<'_>) {
    check(
        "CREATE PROCEDURE p(IN x int, OUT y int) BEGIN SELECT x; SET y = 1; END; CREATE FUNCTION f(x int) RETURNS int DETERMINISTIC RETURN x + 1; CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN DELETE FROM t; END; DROP EVENT e; CREATE PROCEDURE q() SELECT 1; DROP PROCEDURE q; DROP FUNCTION IF EXISTS nope",
        &expect![[r#"
            function f
            function p
        "#]],
    );
}
