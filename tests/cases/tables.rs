//! Tables that come with all that belongs to them, and tables that go.

use expect_test::expect;

use super::{Case, model, teams};
use crate::runner::Backend;

/// Case 1: a table with an enum and all its indexes.
fn a_table_with_its_indexes(state: &'static str, beside: &str) -> Case<'static> {
    let orders = model(
        "orders",
        "index(team_id, state), comment = \"What teams ask for\"",
        &format!(
            "#[ops(references(teams.id, on_delete = cascade))] team_id: i32,
             {state},
             #[ops(max_length = 60, index)] title: String,
             #[ops(default = \"CURRENT_TIMESTAMP\", index)] asked_on: chrono::NaiveDateTime,
             #[ops(index)] paid_on: Option<chrono::NaiveDateTime>,"
        ),
    );
    Case {
        before: teams(),
        rows: "INSERT INTO teams (name) VALUES ('red'), ('blue')",
        after: teams() + &orders + beside,
        ..Case::default()
    }
}

const STATES: &str = "\n#[derive(diesel_derive_enum::DbEnum)]\npub enum State {\n    Open,\n    Paid,\n}\n";

#[test]
fn case_1_a_table_with_all_its_indexes() {
    a_table_with_its_indexes("#[ops(default = \"'open'\", check(\"state IN ('open', 'paid')\"))] state: String", "")
        .on(Backend::sqlite())
        .gives(
            &expect![[r#"
            CREATE TABLE orders (
                id INTEGER NOT NULL PRIMARY KEY,
                team_id INTEGER NOT NULL,
                state TEXT NOT NULL DEFAULT 'open',
                title VARCHAR(60) NOT NULL,
                asked_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
                paid_on TIMESTAMP,
                CHECK (state IN ('open', 'paid')),
                FOREIGN KEY (team_id) REFERENCES teams (id) ON DELETE CASCADE
            );

            CREATE INDEX orders_title_idx ON orders (title);

            CREATE INDEX orders_asked_on_idx ON orders (asked_on);

            CREATE INDEX orders_paid_on_idx ON orders (paid_on);

            CREATE INDEX orders_team_id_state_idx ON orders (team_id, state);
        "#]],
            &expect![[r#"
            DROP TABLE orders;
        "#]],
        );
}

#[cfg(feature = "mysql")]
#[test]
fn case_1_on_mariadb() {
    a_table_with_its_indexes("#[ops(sql_type = \"enum('open', 'paid')\", default = \"'open'\")] state: String", "")
        .on(Backend::mysql())
        .gives(
            &expect![[r#"
            CREATE TABLE orders (
                id int NOT NULL AUTO_INCREMENT,
                team_id int NOT NULL,
                state enum('open', 'paid') NOT NULL DEFAULT 'open',
                title varchar(60) NOT NULL,
                asked_on timestamp NOT NULL DEFAULT current_timestamp(),
                paid_on timestamp NULL,
                PRIMARY KEY (id),
                KEY orders_title_idx (title),
                KEY orders_asked_on_idx (asked_on),
                KEY orders_paid_on_idx (paid_on),
                KEY orders_team_id_state_idx (team_id, state),
                CONSTRAINT orders_ibfk_1 FOREIGN KEY (team_id) REFERENCES teams (id) ON DELETE CASCADE
            ) COMMENT='What teams ask for';
        "#]],
            &expect![[r#"
            DROP TABLE orders;
        "#]],
        );
}

/// Case 14: sixteen tables go in an order that their foreign keys allow, and come back in one: each
/// points to one before it, two point to each other, one to itself, one that stays points to one that goes.
fn sixteen_tables() -> Case<'static> {
    let mut gone = String::new();
    for number in 1..=16 {
        // Names that sort otherwise than the keys want.
        let name = |number: u32| format!("t{}", 30 - number);
        let parent = match number {
            1 => name(16),
            2 => name(2),
            _ => name(number - 1 - number % 2),
        };
        let fields = format!(
            "#[ops(references({parent}.id), index)] parent_id: Option<i32>,
             #[ops(references(teams.id, on_delete = cascade))] team_id: Option<i32>,
             #[ops(max_length = 20, unique)] label: String,"
        );
        gone += &model(&name(number), "", &fields);
    }
    let parts = |more: &str| model("parts", "", &format!("#[ops(max_length = 20)] name: String,{more}"));
    Case {
        before: teams() + &parts("\n#[ops(references(t14.id))] step_id: Option<i32>,") + &gone,
        rows: "INSERT INTO teams (name) VALUES ('red')",
        after: teams() + &parts(""),
        gone: (14..30).map(|number| format!("t{number}")).collect(),
        ..Case::default()
    }
}

#[test]
fn case_14_sixteen_tables_go_and_come_back() {
    let done = sixteen_tables().on(Backend::sqlite());
    done.has_rows("SELECT name AS line FROM teams", &["red"]);
}

#[cfg(feature = "mysql")]
#[test]
fn case_14_on_mariadb() {
    let done = sixteen_tables().on(Backend::mysql());
    done.has_rows("SELECT name AS line FROM teams", &["red"]);
}

mod postgres_tests {
    use super::*;

    #[test]
    fn case_1() {
        let state = "#[ops(default = \"'open'\", index)] #[diesel(sql_type = StateMapping)] state: State";
        a_table_with_its_indexes(state, STATES).on(Backend::postgres()).gives(
            &expect![[r#"
            CREATE TYPE state AS ENUM ('open', 'paid');

            CREATE TABLE orders (
                id integer GENERATED BY DEFAULT AS IDENTITY,
                team_id integer NOT NULL,
                state state NOT NULL DEFAULT 'open',
                title character varying(60) NOT NULL,
                asked_on timestamp without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
                paid_on timestamp without time zone,
                CONSTRAINT orders_pkey PRIMARY KEY (id)
            );

            CREATE INDEX orders_state_idx ON orders (state);

            CREATE INDEX orders_title_idx ON orders (title);

            CREATE INDEX orders_asked_on_idx ON orders (asked_on);

            CREATE INDEX orders_paid_on_idx ON orders (paid_on);

            CREATE INDEX orders_team_id_state_idx ON orders (team_id, state);

            ALTER TABLE orders
                ADD CONSTRAINT orders_team_id_fkey FOREIGN KEY (team_id) REFERENCES teams (id) ON DELETE CASCADE;

            COMMENT ON TABLE orders IS 'What teams ask for';
        "#]],
            &expect![[r#"
            DROP TABLE orders;

            DROP TYPE state;
        "#]],
        );
    }

    #[test]
    fn case_1_with_its_history() {
        let state = "#[ops(default = \"'open'\", index)] #[diesel(sql_type = StateMapping)] state: State";
        let done = a_table_with_its_indexes(state, STATES).with_history_of("orders").on(Backend::postgres());
        assert!(done.up().contains("CREATE TABLE orders_history"), "{}", done.up());
    }

    #[test]
    fn case_14() {
        let done = sixteen_tables().on(Backend::postgres());
        let drops: Vec<String> = done.up().lines().filter(|l| l.starts_with("DROP ")).map(str::to_owned).collect();
        expect![[r#"
            DROP TABLE t16;
            DROP TABLE t18;
            DROP TABLE t20;
            DROP TABLE t22;
            DROP TABLE t24;
            DROP TABLE t26;
            DROP TABLE t28;
            DROP TABLE t14;
            DROP TABLE t15;
            DROP TABLE t17;
            DROP TABLE t19;
            DROP TABLE t21;
            DROP TABLE t23;
            DROP TABLE t25;
            DROP TABLE t27;
            DROP TABLE t29;"#]]
        .assert_eq(&drops.join("\n"));
    }
}
