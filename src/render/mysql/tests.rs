//! Pairs of schemas and the files that lead from one to the other and back.

use expect_test::{Expect, expect};

use super::laws::replayed;
use crate::catalog::{Expr, Name};
use crate::diff::Answers;
use crate::render::schema_sql;
use crate::render::testing::check_with;

fn check(from: &str, to: &str, expected: &Expect) {
    check_with(&replayed(from), &replayed(to), &Answers::default(), expected);
}

/// `table.column = expression` for the values of rows that are there.
fn filled(list: &[(&str, &str, &str)]) -> Answers {
    let fill = |(table, column, sql): &(&str, &str, &str)| ((Name::new(*table), (*column).to_owned()), Expr::new(*sql));
    Answers { fills: list.iter().map(fill).collect(), ..Answers::default() }
}

#[test]
fn a_table_is_one_statement() {
    check(
        "CREATE TABLE p (id int PRIMARY KEY)",
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, a varchar(20) NOT NULL DEFAULT 'it''s' COMMENT 'why', p_id int, d timestamp NULL, e enum('x','y'), f int AS (p_id + 1), UNIQUE (a), KEY (a(5), d DESC), FULLTEXT KEY ft (a), CHECK (id > 1), FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE CASCADE) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='x'; CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 'y'",
        &expect![[r#"
            == up
            CREATE TABLE t (
                id bigint unsigned NOT NULL AUTO_INCREMENT,
                a varchar(20) NOT NULL DEFAULT 'it''s' COMMENT 'why',
                p_id int,
                d timestamp NULL,
                e enum('x', 'y'),
                f int GENERATED ALWAYS AS (p_id + 1) VIRTUAL,
                PRIMARY KEY (id),
                UNIQUE KEY a (a),
                KEY a_2 (a(5), d DESC),
                FULLTEXT KEY ft (a),
                KEY p_id (p_id),
                CONSTRAINT CONSTRAINT_1 CHECK (id > 1),
                CONSTRAINT t_ibfk_1 FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE CASCADE
            ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci COMMENT='x';

            CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 'y';
            == down
            DROP TABLE t;
            info: MySQL commits each statement by itself: if one fails, what those before it did stays
        "#]],
    );
}

#[test]
fn one_table_changes_in_one_statement() {
    check(
        "CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, a int NOT NULL DEFAULT 1 COMMENT 'kept', b varchar(20) COLLATE utf8mb4_bin, c datetime ON UPDATE now(), gone int, KEY kb (b), CHECK (a > 0))",
        "CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, a bigint NOT NULL DEFAULT 2 COMMENT 'kept', b varchar(20) COLLATE utf8mb4_bin NOT NULL, c datetime ON UPDATE now(), d int, UNIQUE KEY kb (b), CHECK (a > 1)) COMMENT 'new'",
        &expect![[r#"
            == up
            -- loses the values of t.gone
            ALTER TABLE t
                DROP KEY kb,
                DROP CONSTRAINT CONSTRAINT_1,
                DROP COLUMN gone,
                ADD COLUMN d int,
                MODIFY COLUMN a bigint NOT NULL DEFAULT 2 COMMENT 'kept',
                MODIFY COLUMN b varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
                ADD UNIQUE KEY kb (b),
                ADD CONSTRAINT CONSTRAINT_1 CHECK (a > 1),
                COMMENT = 'new';
            == down
            -- restores the structure only: the values of t.gone are lost

            ALTER TABLE t
                DROP KEY kb,
                DROP CONSTRAINT CONSTRAINT_1,
                DROP COLUMN d,
                ADD COLUMN gone int,
                MODIFY COLUMN a int NOT NULL DEFAULT 1 COMMENT 'kept',
                MODIFY COLUMN b varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
                ADD CONSTRAINT CONSTRAINT_1 CHECK (a > 0),
                ADD KEY kb (b),
                COMMENT = '';
            warn: t.b NOT NULL fails where a row has NULL; give --fill t.b=EXPR
            warn: loses the values of t.gone
            info: changing the type of t.a copies t, which cannot be written meanwhile
            info: t.gone goes and d comes: if the values should move, write the UPDATE between
            info: down makes t.gone again, without its values
        "#]],
    );
}

#[test]
fn rows_get_their_values_between_two_statements() {
    let (from, to) = (
        "CREATE TABLE t (id int PRIMARY KEY, b int, c datetime DEFAULT now() ON UPDATE now())",
        "CREATE TABLE t (id int PRIMARY KEY, b int NOT NULL, c datetime DEFAULT now() ON UPDATE now(), a varchar(9) NOT NULL, UNIQUE (a))",
    );
    let answers = filled(&[("t", "a", "concat('u', id)"), ("t", "b", "0")]);
    check_with(
        &replayed(from),
        &replayed(to),
        &answers,
        &expect![[r#"
            == up
            ALTER TABLE t ADD COLUMN a varchar(9);

            UPDATE t SET a = concat('u', id), c = c;

            UPDATE t SET b = 0, c = c WHERE b IS NULL;

            ALTER TABLE t
                MODIFY COLUMN a varchar(9) NOT NULL,
                MODIFY COLUMN b int NOT NULL,
                ADD UNIQUE KEY a (a);
            == down
            ALTER TABLE t
                DROP KEY a,
                DROP COLUMN a,
                MODIFY COLUMN b int;
            info: MySQL commits each statement by itself: if one fails, what those before it did stays
        "#]],
    );
}

/// Rows of a generated column are nobody's to write.
#[test]
fn a_generated_column_is_plain_before_its_rows_are_filled() {
    check_with(
        &replayed("CREATE TABLE t (id int PRIMARY KEY, b int, d int AS (b + 2) STORED)"),
        &replayed("CREATE TABLE t (id int PRIMARY KEY, b int, d int NOT NULL)"),
        &filled(&[("t", "d", "0")]),
        &expect![[r#"
            == up
            ALTER TABLE t MODIFY COLUMN d int;

            UPDATE t SET d = 0 WHERE d IS NULL;

            ALTER TABLE t MODIFY COLUMN d int NOT NULL;
            == down
            ALTER TABLE t MODIFY COLUMN d int GENERATED ALWAYS AS (b + 2) STORED;
            info: MySQL commits each statement by itself: if one fails, what those before it did stays
        "#]],
    );
}

/// The server drops an index that it made for a foreign key as soon as another one serves it.
#[test]
fn an_index_that_a_new_one_would_supersede_is_made_again() {
    check_with(
        &replayed("CREATE TABLE t (id int PRIMARY KEY, a int, b int, FOREIGN KEY (a) REFERENCES t (id))"),
        &replayed(
            "CREATE TABLE t (id int PRIMARY KEY, a int, b int, KEY (a), KEY ab (a, b), FOREIGN KEY (a) REFERENCES t (id))",
        ),
        &Answers::default(),
        &expect![[r#"
            == up
            ALTER TABLE t
                DROP KEY a,
                ADD KEY ab (a, b),
                ADD KEY a (a);
            == down
            ALTER TABLE t DROP KEY ab;
        "#]],
    );
}

#[test]
fn rows_with_a_new_value_find_the_way_back() {
    check_with(
        &replayed("CREATE TABLE t (id int PRIMARY KEY, a enum('sad','ok') NOT NULL)"),
        &replayed("CREATE TABLE t (id int PRIMARY KEY, a enum('sad','ok','glad') NOT NULL)"),
        &Answers::default(),
        &expect![[r#"
            == up
            ALTER TABLE t MODIFY COLUMN a enum('sad', 'ok', 'glad') NOT NULL;
            == down
            -- loses which rows had 'glad' in t.a: they get 'ok'

            UPDATE t SET a = CASE a WHEN 'glad' THEN 'ok' ELSE a END;

            ALTER TABLE t MODIFY COLUMN a enum('sad', 'ok') NOT NULL;
        "#]],
    );
}

#[test]
fn values_are_converted_beside_the_column() {
    let (from, to) = (
        "CREATE TABLE t (id int PRIMARY KEY, a varchar(20) NOT NULL)",
        "CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL)",
    );
    let using = [((Name::new("t"), "a".to_owned()), Expr::new("length(a)"))].into();
    check_with(
        &replayed(from),
        &replayed(to),
        &Answers { using, ..Answers::default() },
        &expect![[r#"
            == up
            ALTER TABLE t
                ADD COLUMN _ops_new_a int,
                MODIFY COLUMN a varchar(20);

            UPDATE t SET _ops_new_a = length(a), a = NULL;

            ALTER TABLE t MODIFY COLUMN a int;

            UPDATE t SET a = _ops_new_a;

            -- loses what of t.a does not fit int
            ALTER TABLE t
                DROP COLUMN _ops_new_a,
                MODIFY COLUMN a int NOT NULL;
            == down
            -- restores the structure only: what of t.a does not fit int is lost

            ALTER TABLE t MODIFY COLUMN a varchar(20) NOT NULL;
            warn: loses what of t.a does not fit int
            info: changing the type of t.a copies t, which cannot be written meanwhile
            info: MySQL commits each statement by itself: if one fails, what those before it did stays
        "#]],
    );
}

#[test]
fn foreign_keys_make_way() {
    let schema = |ty: &str| {
        format!(
            "CREATE TABLE p (id {ty} PRIMARY KEY); CREATE TABLE c (a {ty}, CONSTRAINT c_ibfk_1 FOREIGN KEY (a) REFERENCES p (id))"
        )
    };
    check(
        &schema("int"),
        &schema("bigint"),
        &expect![[r#"
            == up
            ALTER TABLE c DROP FOREIGN KEY c_ibfk_1;

            ALTER TABLE c MODIFY COLUMN a bigint;

            ALTER TABLE p MODIFY COLUMN id bigint NOT NULL;

            ALTER TABLE c ADD CONSTRAINT c_ibfk_1 FOREIGN KEY (a) REFERENCES p (id);
            == down
            ALTER TABLE c DROP FOREIGN KEY c_ibfk_1;

            ALTER TABLE c MODIFY COLUMN a int;

            ALTER TABLE p MODIFY COLUMN id int NOT NULL;

            ALTER TABLE c ADD CONSTRAINT c_ibfk_1 FOREIGN KEY (a) REFERENCES p (id);
            info: changing the type of c.a copies c, which cannot be written meanwhile
            info: changing the type of p.id copies p, which cannot be written meanwhile
            info: MySQL commits each statement by itself: if one fails, what those before it did stays
        "#]],
    );
    let cycle = "CREATE TABLE a (id int PRIMARY KEY, b int); CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a (id)); ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b (id)";
    check(
        "SELECT 1",
        cycle,
        &expect![[r#"
            == up
            CREATE TABLE a (
                id int NOT NULL,
                b int,
                PRIMARY KEY (id),
                KEY b (b)
            );

            CREATE TABLE b (
                id int NOT NULL,
                a int,
                PRIMARY KEY (id),
                KEY a (a),
                CONSTRAINT b_ibfk_1 FOREIGN KEY (a) REFERENCES a (id)
            );

            ALTER TABLE a ADD CONSTRAINT a_ibfk_1 FOREIGN KEY (b) REFERENCES b (id);
            == down
            ALTER TABLE b DROP FOREIGN KEY b_ibfk_1;

            DROP TABLE a;

            DROP TABLE b;
            info: MySQL commits each statement by itself: if one fails, what those before it did stays
        "#]],
    );
}

#[test]
fn renames_bring_what_the_server_leaves() {
    let schema = |table: &str, column: &str| {
        format!(
            "CREATE TABLE {table} (id int PRIMARY KEY, {column} int); CREATE TRIGGER tr BEFORE INSERT ON {table} FOR EACH ROW SET NEW.{column} = 1"
        )
    };
    let mut answers = Answers::default();
    answers.renames.tables.insert(Name::new("t"), Name::new("u"));
    answers.renames.columns.insert((Name::new("u"), "a".to_owned()), "b".to_owned());
    check_with(
        &replayed(&schema("t", "a")),
        &replayed(&schema("u", "b")),
        &answers,
        &expect![[r#"
            == up
            DROP TRIGGER tr;

            ALTER TABLE t
                RENAME COLUMN a TO b,
                RENAME TO u;

            CREATE TRIGGER tr BEFORE INSERT ON u FOR EACH ROW SET NEW.b = 1;
            == down
            DROP TRIGGER tr;

            ALTER TABLE u
                RENAME COLUMN b TO a,
                RENAME TO t;

            CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1;
            info: MySQL commits each statement by itself: if one fails, what those before it did stays
        "#]],
    );
}

#[test]
fn a_whole_schema() {
    let sql = "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE a (id int PRIMARY KEY REFERENCES p (id)); CREATE VIEW v AS SELECT id FROM a; CREATE PROCEDURE q() BEGIN SELECT 1; END";
    expect![[r#"
        CREATE PROCEDURE q() BEGIN SELECT 1; END;

        CREATE TABLE p (
            id int NOT NULL,
            PRIMARY KEY (id)
        );

        CREATE TABLE a (
            id int NOT NULL,
            PRIMARY KEY (id),
            CONSTRAINT a_ibfk_1 FOREIGN KEY (id) REFERENCES p (id)
        );

        CREATE VIEW v AS SELECT id FROM a;
    "#]]
    .assert_eq(&schema_sql(&replayed(sql)));
}

/// The index that the server makes for a foreign key takes its name, and goes with another one's.
#[test]
fn indexes_of_foreign_keys_get_their_names_back() {
    let with = |rest: &str| format!("CREATE TABLE t (id int NOT NULL, f int, h int, PRIMARY KEY (id), {rest});");
    check(
        &with("CONSTRAINT a FOREIGN KEY (f) REFERENCES t (id), FOREIGN KEY (h) REFERENCES t (id)"),
        &with("CONSTRAINT a FOREIGN KEY (h) REFERENCES t (id) ON DELETE CASCADE"),
        &expect![[r#"
            == up
            ALTER TABLE t
                DROP FOREIGN KEY a,
                DROP FOREIGN KEY t_ibfk_1,
                DROP KEY a;

            ALTER TABLE t ADD CONSTRAINT a FOREIGN KEY (h) REFERENCES t (id) ON DELETE CASCADE;
            == down
            ALTER TABLE t
                DROP FOREIGN KEY a,
                ADD KEY a_2 (f),
                ADD CONSTRAINT t_ibfk_1 FOREIGN KEY (h) REFERENCES t (id);

            ALTER TABLE t ADD CONSTRAINT a FOREIGN KEY (f) REFERENCES t (id);

            ALTER TABLE t
                RENAME INDEX a_2 TO a,
                RENAME INDEX t_ibfk_1 TO h;
            info: MySQL commits each statement by itself: if one fails, what those before it did stays
        "#]],
    );
}

#[test]
fn a_foreign_key_does_not_take_the_name_of_an_index() {
    let with = |rest: &str| format!("CREATE TABLE t (id int NOT NULL, f int, h int, PRIMARY KEY (id), {rest});");
    check(
        &with("CONSTRAINT a FOREIGN KEY (h) REFERENCES t (id) ON DELETE CASCADE, FOREIGN KEY (h) REFERENCES t (id)"),
        &with("CONSTRAINT a FOREIGN KEY (f) REFERENCES t (id), FOREIGN KEY (h) REFERENCES t (id) ON DELETE CASCADE"),
        &expect![[r#"
            == up
            ALTER TABLE t
                DROP FOREIGN KEY t_ibfk_1,
                ADD KEY a_2 (f),
                ADD CONSTRAINT t_ibfk_3 FOREIGN KEY (f) REFERENCES t (id);
            == down
            ALTER TABLE t
                DROP FOREIGN KEY t_ibfk_3,
                DROP KEY a_2,
                ADD CONSTRAINT t_ibfk_1 FOREIGN KEY (h) REFERENCES t (id);

            ALTER TABLE t RENAME INDEX t_ibfk_1 TO h;
        "#]],
    );
    check(
        &with("KEY a (f), FOREIGN KEY (h) REFERENCES t (id)"),
        &with("KEY a (f), KEY h (h), CONSTRAINT a FOREIGN KEY (h) REFERENCES t (id) ON DELETE CASCADE"),
        &expect![[r#"
            == up
            ALTER TABLE t
                DROP FOREIGN KEY t_ibfk_1,
                ADD CONSTRAINT t_ibfk_2 FOREIGN KEY (h) REFERENCES t (id) ON DELETE CASCADE;
            == down
            ALTER TABLE t
                DROP FOREIGN KEY t_ibfk_2,
                ADD CONSTRAINT t_ibfk_1 FOREIGN KEY (h) REFERENCES t (id);

            ALTER TABLE t RENAME INDEX t_ibfk_1 TO h;
        "#]],
    );
}
