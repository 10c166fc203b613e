//! Columns that become NOT NULL, go, get other names and other types.

use expect_test::expect;

use super::{Case, model, teams};
use crate::runner::Backend;

const ROWS: &str = "INSERT INTO teams (name) VALUES ('red'), ('blue');
    INSERT INTO orders (title, team_id, note, nick) VALUES ('one', 1, 'x', 'o'), ('two', NULL, NULL, 't')";

fn orders(fields: &str) -> String {
    teams() + &model("orders", "", fields)
}

/// Case 3: four indexes, a column that becomes NOT NULL, a column that goes.
fn indexes_and_not_null() -> Case<'static> {
    Case {
        before: orders(
            "#[ops(max_length = 20)] title: String,
             #[ops(references(teams.id))] team_id: Option<i32>,
             #[ops(max_length = 20)] note: Option<String>,
             #[ops(max_length = 20)] nick: Option<String>,",
        ),
        rows: ROWS,
        after: orders(
            "#[ops(max_length = 20, index)] title: String,
             #[ops(references(teams.id), index)] team_id: i32,
             #[ops(max_length = 20, index, index(name = \"orders_note_title\", note, title))] note: Option<String>,",
        ),
        flags: &["--fill", "orders.team_id=1"],
        ..Case::default()
    }
}

/// Case 13: a column is renamed and keeps its values, a required foreign key gets a value for the
/// rows that are there, a number counts by itself.
fn renamed_and_required(number: &str) -> Case<'static> {
    Case {
        before: orders(
            "#[ops(max_length = 20)] title: String,
             team_id: Option<i32>,
             #[ops(max_length = 20)] note: Option<String>,
             #[ops(max_length = 20, unique)] nick: String,",
        ),
        rows: ROWS,
        after: orders(&format!(
            "#[ops(max_length = 20)] title: String,
             team_id: Option<i32>,
             #[ops(max_length = 20)] note: Option<String>,
             #[ops(max_length = 20, unique)] nick_name: String,
             #[ops(references(teams.id, on_delete = cascade), index)] owner_id: i32,{number}"
        )),
        flags: &["--rename", "orders.nick:nick_name", "--fill", "orders.owner_id=(SELECT min(id) FROM teams)"],
        ..Case::default()
    }
}

const OWNERS: &str = "SELECT concat(nick_name, ' ', owner_id) AS line FROM orders ORDER BY id";

#[test]
fn case_3_indexes_and_not_null() {
    indexes_and_not_null()
        .on(Backend::sqlite())
        .gives(
            &expect![[r#"
            PRAGMA defer_foreign_keys = ON;

            PRAGMA legacy_alter_table = ON;

            CREATE TABLE _ops_new_orders (
                id INTEGER NOT NULL PRIMARY KEY,
                title VARCHAR(20) NOT NULL,
                team_id INTEGER NOT NULL,
                note VARCHAR(20),
                FOREIGN KEY (team_id) REFERENCES teams (id)
            );

            -- loses the values of orders.nick
            INSERT INTO _ops_new_orders (id, title, team_id, note)
            SELECT id, title, coalesce(team_id, 1), note
            FROM orders;

            DROP TABLE orders;

            ALTER TABLE _ops_new_orders RENAME TO orders;

            PRAGMA legacy_alter_table = OFF;

            CREATE INDEX orders_title_idx ON orders (title);

            CREATE INDEX orders_team_id_idx ON orders (team_id);

            CREATE INDEX orders_note_idx ON orders (note);

            CREATE INDEX orders_note_title ON orders (note, title);

            CREATE TEMP TABLE _ops_migrate_fk_check (violations INTEGER CHECK (violations = 0));

            INSERT INTO _ops_migrate_fk_check SELECT count(*) FROM pragma_foreign_key_check('orders');

            DROP TABLE _ops_migrate_fk_check;

            PRAGMA defer_foreign_keys = OFF;
        "#]],
            &expect![[r#"
            -- restores the structure only: the values of orders.nick are lost

            PRAGMA defer_foreign_keys = ON;

            PRAGMA legacy_alter_table = ON;

            CREATE TABLE _ops_new_orders (
                id INTEGER NOT NULL PRIMARY KEY,
                title VARCHAR(20) NOT NULL,
                team_id INTEGER,
                note VARCHAR(20),
                nick VARCHAR(20),
                FOREIGN KEY (team_id) REFERENCES teams (id)
            );

            INSERT INTO _ops_new_orders (id, title, team_id, note)
            SELECT id, title, team_id, note
            FROM orders;

            DROP TABLE orders;

            ALTER TABLE _ops_new_orders RENAME TO orders;

            PRAGMA legacy_alter_table = OFF;

            CREATE TEMP TABLE _ops_migrate_fk_check (violations INTEGER CHECK (violations = 0));

            INSERT INTO _ops_migrate_fk_check SELECT count(*) FROM pragma_foreign_key_check('orders');

            DROP TABLE _ops_migrate_fk_check;

            PRAGMA defer_foreign_keys = OFF;
        "#]],
        )
        .has_rows("SELECT team_id AS line FROM orders", &["1", "1"]);
}

#[test]
fn case_3_with_a_history() {
    let done = indexes_and_not_null().with_history_of("orders").on(Backend::sqlite());
    done.has_rows("SELECT count(*) AS line FROM pragma_table_info('orders_history') WHERE name = 'team_id'", &["1"]);
}

#[test]
fn case_13_a_rename_and_a_required_key() {
    renamed_and_required("")
        .on(Backend::sqlite())
        .gives(
            &expect![[r#"
            ALTER TABLE orders RENAME COLUMN nick TO nick_name;

            PRAGMA defer_foreign_keys = ON;

            PRAGMA legacy_alter_table = ON;

            CREATE TABLE _ops_new_orders (
                id INTEGER NOT NULL PRIMARY KEY,
                title VARCHAR(20) NOT NULL,
                team_id INTEGER,
                note VARCHAR(20),
                nick_name VARCHAR(20) NOT NULL,
                owner_id INTEGER NOT NULL,
                UNIQUE (nick_name),
                FOREIGN KEY (owner_id) REFERENCES teams (id) ON DELETE CASCADE
            );

            INSERT INTO _ops_new_orders (id, title, team_id, note, nick_name, owner_id)
            SELECT id, title, team_id, note, nick_name, (SELECT min(id) FROM teams)
            FROM orders;

            DROP TABLE orders;

            ALTER TABLE _ops_new_orders RENAME TO orders;

            PRAGMA legacy_alter_table = OFF;

            CREATE INDEX orders_owner_id_idx ON orders (owner_id);

            CREATE TEMP TABLE _ops_migrate_fk_check (violations INTEGER CHECK (violations = 0));

            INSERT INTO _ops_migrate_fk_check SELECT count(*) FROM pragma_foreign_key_check('orders');

            DROP TABLE _ops_migrate_fk_check;

            PRAGMA defer_foreign_keys = OFF;
        "#]],
            &expect![[r#"
            ALTER TABLE orders RENAME COLUMN nick_name TO nick;

            PRAGMA defer_foreign_keys = ON;

            PRAGMA legacy_alter_table = ON;

            CREATE TABLE _ops_new_orders (
                id INTEGER NOT NULL PRIMARY KEY,
                title VARCHAR(20) NOT NULL,
                team_id INTEGER,
                note VARCHAR(20),
                nick VARCHAR(20) NOT NULL,
                UNIQUE (nick)
            );

            INSERT INTO _ops_new_orders (id, title, team_id, note, nick)
            SELECT id, title, team_id, note, nick
            FROM orders;

            DROP TABLE orders;

            ALTER TABLE _ops_new_orders RENAME TO orders;

            PRAGMA legacy_alter_table = OFF;

            PRAGMA defer_foreign_keys = OFF;
        "#]],
        )
        .has_rows(OWNERS, &["o 1", "t 1"]);
}

#[cfg(feature = "mysql")]
mod mariadb {
    use super::*;

    #[test]
    fn case_3_indexes_and_not_null() {
        indexes_and_not_null().on(Backend::mysql()).gives(
            &expect![[r#"
            UPDATE orders SET team_id = 1 WHERE team_id IS NULL;

            -- loses the values of orders.nick
            ALTER TABLE orders
                DROP FOREIGN KEY orders_ibfk_1,
                DROP COLUMN nick,
                MODIFY COLUMN team_id int NOT NULL,
                ADD KEY orders_title_idx (title),
                ADD KEY orders_note_idx (note),
                ADD KEY orders_note_title (note, title);

            ALTER TABLE orders ADD CONSTRAINT orders_ibfk_1 FOREIGN KEY (team_id) REFERENCES teams (id);
        "#]],
            &expect![[r#"
            -- restores the structure only: the values of orders.nick are lost

            ALTER TABLE orders
                DROP FOREIGN KEY orders_ibfk_1,
                DROP KEY orders_title_idx,
                DROP KEY orders_note_idx,
                DROP KEY orders_note_title,
                ADD COLUMN nick varchar(20),
                MODIFY COLUMN team_id int;

            ALTER TABLE orders ADD CONSTRAINT orders_ibfk_1 FOREIGN KEY (team_id) REFERENCES teams (id);
        "#]],
        );
    }

    /// Case 12: MariaDB has no arrays; a document holds the values.
    #[test]
    fn case_12_a_text_becomes_a_list() {
        let orders = |field: &str| orders(&format!("#[ops(max_length = 20)] title: String,\n{field}"));
        Case {
            before: orders("#[ops(max_length = 20)] code: Option<String>,"),
            rows: "INSERT INTO orders (title, code) VALUES ('one', '17'), ('two', NULL)",
            after: orders("#[ops(sql_type = \"json\")] codes: Option<String>,"),
            flags: &[
                "--rename",
                "orders.code:codes",
                "--using",
                "orders.codes=IF(codes IS NULL, NULL, json_array(codes))",
                "--using-back",
                "orders.code=json_value(code, '$[0]')",
            ],
            ..Case::default()
        }
        .on(Backend::mysql())
        .gives(
            &expect![[r#"
                ALTER TABLE orders RENAME COLUMN code TO codes;

                ALTER TABLE orders
                    ADD COLUMN _ops_new_codes json,
                    MODIFY COLUMN codes varchar(20);

                UPDATE orders SET _ops_new_codes = IF(codes IS NULL, NULL, json_array(codes)), codes = NULL;

                ALTER TABLE orders MODIFY COLUMN codes json;

                UPDATE orders SET codes = _ops_new_codes;

                -- loses what of orders.codes does not fit json
                ALTER TABLE orders
                    DROP COLUMN _ops_new_codes,
                    MODIFY COLUMN codes json;
            "#]],
            &expect![[r#"
                -- restores the structure only: what of orders.codes does not fit json is lost

                ALTER TABLE orders RENAME COLUMN codes TO code;

                ALTER TABLE orders
                    ADD COLUMN _ops_new_code varchar(20),
                    MODIFY COLUMN code json;

                UPDATE orders SET _ops_new_code = json_value(code, '$[0]'), code = NULL;

                ALTER TABLE orders MODIFY COLUMN code varchar(20);

                UPDATE orders SET code = _ops_new_code;

                ALTER TABLE orders
                    DROP COLUMN _ops_new_code,
                    MODIFY COLUMN code varchar(20);
            "#]],
        )
        .has_rows("SELECT codes AS line FROM orders ORDER BY id", &["[\"17\"]", "NULL"]);
    }

    #[test]
    fn case_13_a_rename_and_a_required_key() {
        renamed_and_required("")
            .on(Backend::mysql())
            .gives(
                &expect![[r#"
                ALTER TABLE orders RENAME COLUMN nick TO nick_name;

                ALTER TABLE orders ADD COLUMN owner_id int;

                UPDATE orders SET owner_id = (SELECT min(id) FROM teams);

                ALTER TABLE orders
                    MODIFY COLUMN owner_id int NOT NULL,
                    ADD KEY orders_owner_id_idx (owner_id),
                    ADD CONSTRAINT orders_ibfk_1 FOREIGN KEY (owner_id) REFERENCES teams (id) ON DELETE CASCADE;
            "#]],
                &expect![[r#"
                ALTER TABLE orders RENAME COLUMN nick_name TO nick;

                ALTER TABLE orders
                    DROP FOREIGN KEY orders_ibfk_1,
                    DROP KEY orders_owner_id_idx,
                    DROP COLUMN owner_id;
            "#]],
            )
            .has_rows(OWNERS, &["o 1", "t 1"]);
    }
}

mod postgres_tests {
    use super::*;

    #[test]
    fn case_3_with_a_history() {
        let done = indexes_and_not_null().with_history_of("orders").on(Backend::postgres());
        assert!(done.up().contains("ALTER TABLE orders_history DROP COLUMN nick"), "{}", done.up());
    }

    #[test]
    fn case_3_indexes_and_not_null() {
        indexes_and_not_null().on(Backend::postgres()).gives(
            &expect![[r#"
            UPDATE orders SET team_id = 1 WHERE team_id IS NULL;

            ALTER TABLE orders ALTER COLUMN team_id SET NOT NULL;

            CREATE INDEX orders_title_idx ON orders (title);

            CREATE INDEX orders_team_id_idx ON orders (team_id);

            CREATE INDEX orders_note_idx ON orders (note);

            CREATE INDEX orders_note_title ON orders (note, title);

            -- loses the values of orders.nick
            ALTER TABLE orders DROP COLUMN nick;
        "#]],
            &expect![[r#"
            -- restores the structure only: the values of orders.nick are lost

            DROP INDEX orders_title_idx;

            DROP INDEX orders_team_id_idx;

            DROP INDEX orders_note_idx;

            DROP INDEX orders_note_title;

            ALTER TABLE orders ADD COLUMN nick character varying(20);

            ALTER TABLE orders ALTER COLUMN team_id DROP NOT NULL;
        "#]],
        );
    }

    /// The look at every row apart from the lock.
    #[test]
    fn case_3_in_steps() {
        let case = Case { flags: &["--fill", "orders.team_id=1", "--in-steps"], ..indexes_and_not_null() };
        case.on(Backend::postgres()).gives(
            &expect![[r#"
            ALTER TABLE orders ADD CONSTRAINT orders_team_id_not_null CHECK (team_id IS NOT NULL) NOT VALID;

            CREATE INDEX orders_title_idx ON orders (title);

            CREATE INDEX orders_team_id_idx ON orders (team_id);

            CREATE INDEX orders_note_idx ON orders (note);

            CREATE INDEX orders_note_title ON orders (note, title);

            -- loses the values of orders.nick
            ALTER TABLE orders DROP COLUMN nick;
            -- the next revision
            UPDATE orders SET team_id = 1 WHERE team_id IS NULL;

            ALTER TABLE orders VALIDATE CONSTRAINT orders_team_id_not_null;
            -- the next revision
            ALTER TABLE orders ALTER COLUMN team_id SET NOT NULL;

            ALTER TABLE orders DROP CONSTRAINT orders_team_id_not_null;
        "#]],
            &expect![[r#"
            -- restores the structure only: the values of orders.nick are lost

            DROP INDEX orders_title_idx;

            DROP INDEX orders_team_id_idx;

            DROP INDEX orders_note_idx;

            DROP INDEX orders_note_title;

            ALTER TABLE orders DROP CONSTRAINT orders_team_id_not_null;

            ALTER TABLE orders ADD COLUMN nick character varying(20);
            -- the next revision
            ALTER TABLE orders DROP CONSTRAINT orders_team_id_not_null;

            ALTER TABLE orders ADD CONSTRAINT orders_team_id_not_null CHECK (team_id IS NOT NULL) NOT VALID;
            -- the next revision
            ALTER TABLE orders ADD CONSTRAINT orders_team_id_not_null CHECK (team_id IS NOT NULL);

            ALTER TABLE orders ALTER COLUMN team_id DROP NOT NULL;
        "#]],
        );
    }

    #[test]
    fn case_12_a_text_becomes_a_list() {
        let orders = |field: &str| orders(&format!("#[ops(max_length = 20)] title: String,\n{field}"));
        Case {
            before: orders("#[ops(max_length = 20)] code: Option<String>,"),
            rows: "INSERT INTO orders (title, code) VALUES ('one', '17'), ('two', NULL)",
            after: orders("codes: Option<Vec<i32>>,"),
            flags: &[
                "--rename",
                "orders.code:codes",
                "--using",
                "orders.codes=CASE WHEN codes IS NOT NULL THEN ARRAY[codes::integer] END",
                "--using-back",
                "orders.code=code[1]::text",
            ],
            ..Case::default()
        }
        .on(Backend::postgres())
        .gives(
            &expect![[r#"
            ALTER TABLE orders RENAME COLUMN code TO codes;

            -- loses what of orders.codes does not fit integer[]
            ALTER TABLE orders
                ALTER COLUMN codes TYPE integer[] USING CASE WHEN codes IS NOT NULL THEN ARRAY[codes::integer] END;
        "#]],
            &expect![[r#"
            -- restores the structure only: what of orders.codes does not fit integer[] is lost

            ALTER TABLE orders RENAME COLUMN codes TO code;

            ALTER TABLE orders ALTER COLUMN code TYPE character varying(20) USING code[1]::text;
        "#]],
        )
        .has_rows("SELECT codes AS line FROM orders ORDER BY id", &["{17}", "NULL"]);
    }

    #[test]
    fn case_13_a_rename_a_required_key_and_a_sequence() {
        renamed_and_required("\n#[ops(sequence(name = \"order_numbers\", start = 500))] number: i32,")
            .on(Backend::postgres())
            .gives(
                &expect![[r#"
                ALTER TABLE orders RENAME COLUMN nick TO nick_name;

                ALTER TABLE orders RENAME CONSTRAINT orders_nick_key TO orders_nick_name_key;

                ALTER TABLE orders ADD COLUMN owner_id integer;

                UPDATE orders SET owner_id = (SELECT min(id) FROM teams);

                ALTER TABLE orders ALTER COLUMN owner_id SET NOT NULL;

                CREATE SEQUENCE order_numbers AS integer START WITH 500;

                ALTER TABLE orders ADD COLUMN number integer NOT NULL DEFAULT nextval('order_numbers');

                ALTER SEQUENCE order_numbers OWNED BY orders.number;

                CREATE INDEX orders_owner_id_idx ON orders (owner_id);

                ALTER TABLE orders
                    ADD CONSTRAINT orders_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES teams (id) ON DELETE CASCADE;
            "#]],
                &expect![[r#"
                ALTER TABLE orders RENAME COLUMN nick_name TO nick;

                ALTER TABLE orders DROP CONSTRAINT orders_owner_id_fkey;

                DROP INDEX orders_owner_id_idx;

                ALTER TABLE orders RENAME CONSTRAINT orders_nick_name_key TO orders_nick_key;

                ALTER TABLE orders DROP COLUMN owner_id;

                ALTER TABLE orders DROP COLUMN number;
            "#]],
            )
            .has_rows(
                "SELECT concat_ws(' ', nick_name, owner_id, number) AS line FROM orders ORDER BY id",
                &["o 1 500", "t 1 501"],
            );
    }
}
