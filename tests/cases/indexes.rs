//! Indexes, uniques and foreign keys that change.

use expect_test::expect;

use super::{Case, model, teams};
use crate::runner::Backend;

const ROWS: &str = "INSERT INTO teams (name) VALUES ('red'), ('blue');
    INSERT INTO parts (name, kind, team_id) VALUES ('Bolt', 'a', 1), ('Nut', 'a', 2), ('Screw', 'b', NULL)";

/// Parts with these keys, and teams.
fn parts(on_struct: &str, on_team: &str, more: &str) -> String {
    let fields = format!(
        "#[ops(max_length = 20)] name: String,
         #[ops(max_length = 20)] kind: String,
         #[ops(references(teams.id{on_team}))] team_id: Option<i32>,{more}"
    );
    teams() + &model("parts", on_struct, &fields)
}

/// Only the keys change.
fn keys(before: &str, after: &str) -> Case<'static> {
    Case { before: parts(before, "", ""), rows: ROWS, after: parts(after, "", ""), ..Case::default() }
}

/// Case 4: a foreign key gets an action; a unique gives way to two partial unique indexes.
fn action_and_partial_uniques() -> Case<'static> {
    let partial = "index(name, team_id, unique, where = \"team_id IS NOT NULL\", name = \"parts_of_team\"),
        index(name, unique, where = \"team_id IS NULL\", name = \"parts_of_nobody\")";
    Case {
        before: parts("unique(name, team_id)", "", ""),
        rows: ROWS,
        after: parts(partial, ", on_delete = set_null", ""),
        ..Case::default()
    }
}

/// Case 8: a unique keeps its name and gets a column more.
fn unique_gains_a_column() -> Case<'static> {
    keys("unique(name, name = \"parts_once\")", "unique(name, kind, name = \"parts_once\")")
}

/// Case 7: indexes by the newest.
fn descending() -> Case<'static> {
    let dates = "\n#[ops(default = \"CURRENT_TIMESTAMP\")] made_on: chrono::NaiveDateTime,";
    Case {
        before: parts("", "", dates),
        rows: ROWS,
        after: parts("index(made_on desc), index(team_id, made_on desc)", "", dates),
        ..Case::default()
    }
}

#[test]
fn case_4_an_action_and_partial_uniques() {
    action_and_partial_uniques()
        .on(Backend::sqlite())
        .gives(
            &expect![[r#"
            PRAGMA defer_foreign_keys = ON;

            PRAGMA legacy_alter_table = ON;

            CREATE TABLE _ops_new_parts (
                id INTEGER NOT NULL PRIMARY KEY,
                name VARCHAR(20) NOT NULL,
                kind VARCHAR(20) NOT NULL,
                team_id INTEGER,
                FOREIGN KEY (team_id) REFERENCES teams (id) ON DELETE SET NULL
            );

            INSERT INTO _ops_new_parts (id, name, kind, team_id)
            SELECT id, name, kind, team_id
            FROM parts;

            DROP TABLE parts;

            ALTER TABLE _ops_new_parts RENAME TO parts;

            PRAGMA legacy_alter_table = OFF;

            CREATE UNIQUE INDEX parts_of_team ON parts (name, team_id) WHERE team_id IS NOT NULL;

            CREATE UNIQUE INDEX parts_of_nobody ON parts (name) WHERE team_id IS NULL;

            CREATE TEMP TABLE _ops_migrate_fk_check (violations INTEGER CHECK (violations = 0));

            INSERT INTO _ops_migrate_fk_check SELECT count(*) FROM pragma_foreign_key_check('parts');

            DROP TABLE _ops_migrate_fk_check;

            PRAGMA defer_foreign_keys = OFF;
        "#]],
            &expect![[r#"
            PRAGMA defer_foreign_keys = ON;

            PRAGMA legacy_alter_table = ON;

            CREATE TABLE _ops_new_parts (
                id INTEGER NOT NULL PRIMARY KEY,
                name VARCHAR(20) NOT NULL,
                kind VARCHAR(20) NOT NULL,
                team_id INTEGER,
                UNIQUE (name, team_id),
                FOREIGN KEY (team_id) REFERENCES teams (id)
            );

            INSERT INTO _ops_new_parts (id, name, kind, team_id)
            SELECT id, name, kind, team_id
            FROM parts;

            DROP TABLE parts;

            ALTER TABLE _ops_new_parts RENAME TO parts;

            PRAGMA legacy_alter_table = OFF;

            CREATE TEMP TABLE _ops_migrate_fk_check (violations INTEGER CHECK (violations = 0));

            INSERT INTO _ops_migrate_fk_check SELECT count(*) FROM pragma_foreign_key_check('parts');

            DROP TABLE _ops_migrate_fk_check;

            PRAGMA defer_foreign_keys = OFF;
        "#]],
        )
        .has_rows("SELECT count(*) AS line FROM parts", &["3"]);
}

#[test]
fn case_5_a_unique_of_an_expression() {
    keys("", "index(\"lower(name)\", kind, unique)").on(Backend::sqlite()).gives(
        &expect![[r#"
        CREATE UNIQUE INDEX parts_expr_kind_idx ON parts ((lower(name)), kind);
    "#]],
        &expect![[r#"
        DROP INDEX parts_expr_kind_idx;
    "#]],
    );
}

#[test]
fn case_7_the_newest_first() {
    descending().on(Backend::sqlite()).gives(
        &expect![[r#"
        CREATE INDEX parts_made_on_idx ON parts (made_on DESC);

        CREATE INDEX parts_team_id_made_on_idx ON parts (team_id, made_on DESC);
    "#]],
        &expect![[r#"
        DROP INDEX parts_made_on_idx;

        DROP INDEX parts_team_id_made_on_idx;
    "#]],
    );
}

#[test]
fn case_8_a_unique_keeps_its_name() {
    unique_gains_a_column().on(Backend::sqlite()).gives(
        &expect![[r#"
        PRAGMA defer_foreign_keys = ON;

        PRAGMA legacy_alter_table = ON;

        CREATE TABLE _ops_new_parts (
            id INTEGER NOT NULL PRIMARY KEY,
            name VARCHAR(20) NOT NULL,
            kind VARCHAR(20) NOT NULL,
            team_id INTEGER,
            CONSTRAINT parts_once UNIQUE (name, kind),
            FOREIGN KEY (team_id) REFERENCES teams (id)
        );

        INSERT INTO _ops_new_parts (id, name, kind, team_id)
        SELECT id, name, kind, team_id
        FROM parts;

        DROP TABLE parts;

        ALTER TABLE _ops_new_parts RENAME TO parts;

        PRAGMA legacy_alter_table = OFF;

        CREATE TEMP TABLE _ops_migrate_fk_check (violations INTEGER CHECK (violations = 0));

        INSERT INTO _ops_migrate_fk_check SELECT count(*) FROM pragma_foreign_key_check('parts');

        DROP TABLE _ops_migrate_fk_check;

        PRAGMA defer_foreign_keys = OFF;
    "#]],
        &expect![[r#"
        PRAGMA defer_foreign_keys = ON;

        PRAGMA legacy_alter_table = ON;

        CREATE TABLE _ops_new_parts (
            id INTEGER NOT NULL PRIMARY KEY,
            name VARCHAR(20) NOT NULL,
            kind VARCHAR(20) NOT NULL,
            team_id INTEGER,
            CONSTRAINT parts_once UNIQUE (name),
            FOREIGN KEY (team_id) REFERENCES teams (id)
        );

        INSERT INTO _ops_new_parts (id, name, kind, team_id)
        SELECT id, name, kind, team_id
        FROM parts;

        DROP TABLE parts;

        ALTER TABLE _ops_new_parts RENAME TO parts;

        PRAGMA legacy_alter_table = OFF;

        CREATE TEMP TABLE _ops_migrate_fk_check (violations INTEGER CHECK (violations = 0));

        INSERT INTO _ops_migrate_fk_check SELECT count(*) FROM pragma_foreign_key_check('parts');

        DROP TABLE _ops_migrate_fk_check;

        PRAGMA defer_foreign_keys = OFF;
    "#]],
    );
}

/// MariaDB has no partial indexes and none of expressions.
#[cfg(feature = "mysql")]
mod mariadb {
    use super::*;

    #[test]
    fn case_4_an_action() {
        Case {
            before: parts("unique(name, team_id)", "", ""),
            rows: ROWS,
            after: parts("unique(name, team_id, kind)", ", on_delete = set_null", ""),
            ..Case::default()
        }
        .on(Backend::mysql())
        .gives(&expect![[r#"
            ALTER TABLE parts
                DROP FOREIGN KEY parts_ibfk_1,
                DROP KEY name,
                ADD UNIQUE KEY name (name, team_id, kind);

            ALTER TABLE parts ADD CONSTRAINT parts_ibfk_1 FOREIGN KEY (team_id) REFERENCES teams (id) ON DELETE SET NULL;
        "#]], &expect![[r#"
            ALTER TABLE parts
                DROP FOREIGN KEY parts_ibfk_1,
                DROP KEY name,
                ADD UNIQUE KEY name (name, team_id);

            ALTER TABLE parts ADD CONSTRAINT parts_ibfk_1 FOREIGN KEY (team_id) REFERENCES teams (id);
        "#]]);
    }

    #[test]
    fn case_7_the_newest_first() {
        descending().on(Backend::mysql()).gives(
            &expect![[r#"
            ALTER TABLE parts
                DROP KEY team_id,
                ADD KEY parts_made_on_idx (made_on DESC),
                ADD KEY parts_team_id_made_on_idx (team_id, made_on DESC);
        "#]],
            &expect![[r#"
            ALTER TABLE parts
                DROP KEY parts_made_on_idx,
                DROP KEY parts_team_id_made_on_idx,
                ADD KEY team_id (team_id);
        "#]],
        );
    }

    #[test]
    fn case_8_a_unique_keeps_its_name() {
        unique_gains_a_column().on(Backend::mysql()).gives(
            &expect![[r#"
            ALTER TABLE parts
                DROP KEY parts_once,
                ADD UNIQUE KEY parts_once (name, kind);
        "#]],
            &expect![[r#"
            ALTER TABLE parts
                DROP KEY parts_once,
                ADD UNIQUE KEY parts_once (name);
        "#]],
        );
    }
}

mod postgres_tests {
    use super::*;

    #[test]
    fn case_4_an_action_and_partial_uniques() {
        action_and_partial_uniques().on(Backend::postgres()).gives(
            &expect![[r#"
            ALTER TABLE parts DROP CONSTRAINT parts_team_id_fkey;

            ALTER TABLE parts DROP CONSTRAINT parts_name_team_id_key;

            CREATE UNIQUE INDEX parts_of_team ON parts (name, team_id) WHERE team_id IS NOT NULL;

            CREATE UNIQUE INDEX parts_of_nobody ON parts (name) WHERE team_id IS NULL;

            ALTER TABLE parts
                ADD CONSTRAINT parts_team_id_fkey FOREIGN KEY (team_id) REFERENCES teams (id) ON DELETE SET NULL;
        "#]],
            &expect![[r#"
            ALTER TABLE parts DROP CONSTRAINT parts_team_id_fkey;

            DROP INDEX parts_of_team;

            DROP INDEX parts_of_nobody;

            ALTER TABLE parts ADD CONSTRAINT parts_name_team_id_key UNIQUE (name, team_id);

            ALTER TABLE parts ADD CONSTRAINT parts_team_id_fkey FOREIGN KEY (team_id) REFERENCES teams (id);
        "#]],
        );
    }

    #[test]
    fn case_5_a_unique_of_an_expression() {
        keys("", "index(\"lower(name)\", kind, unique)").on(Backend::postgres()).gives(
            &expect![[r#"
            CREATE UNIQUE INDEX parts_expr_kind_idx ON parts (lower(name), kind);
        "#]],
            &expect![[r#"
            DROP INDEX parts_expr_kind_idx;
        "#]],
        );
    }

    const PATTERNS: &str =
        "index(name class \"text_pattern_ops\", name = \"parts_by_name\"), index(kind), index(team_id)";

    #[test]
    fn case_6_operator_classes() {
        keys("", PATTERNS).on(Backend::postgres()).gives(
            &expect![[r#"
            CREATE INDEX parts_by_name ON parts (name text_pattern_ops);

            CREATE INDEX parts_kind_idx ON parts (kind);

            CREATE INDEX parts_team_id_idx ON parts (team_id);
        "#]],
            &expect![[r#"
            DROP INDEX parts_by_name;

            DROP INDEX parts_kind_idx;

            DROP INDEX parts_team_id_idx;
        "#]],
        );
    }

    /// The same while others write.
    #[test]
    fn case_6_concurrently() {
        let case = Case { flags: &["--concurrently"], ..keys("", PATTERNS) };
        case.on(Backend::postgres()).gives(
            &expect![[r#"
            CREATE INDEX CONCURRENTLY parts_by_name ON parts (name text_pattern_ops);
            -- the next revision
            CREATE INDEX CONCURRENTLY parts_kind_idx ON parts (kind);
            -- the next revision
            CREATE INDEX CONCURRENTLY parts_team_id_idx ON parts (team_id);
        "#]],
            &expect![[r#"
            DROP INDEX CONCURRENTLY parts_by_name;
            -- the next revision
            DROP INDEX CONCURRENTLY parts_kind_idx;
            -- the next revision
            DROP INDEX CONCURRENTLY parts_team_id_idx;
        "#]],
        );
    }

    #[test]
    fn case_7_the_newest_first() {
        descending().on(Backend::postgres()).gives(
            &expect![[r#"
            CREATE INDEX parts_made_on_idx ON parts (made_on DESC);

            CREATE INDEX parts_team_id_made_on_idx ON parts (team_id, made_on DESC);
        "#]],
            &expect![[r#"
            DROP INDEX parts_made_on_idx;

            DROP INDEX parts_team_id_made_on_idx;
        "#]],
        );
    }

    #[test]
    fn case_8_a_unique_keeps_its_name() {
        unique_gains_a_column().on(Backend::postgres()).gives(
            &expect![[r#"
            ALTER TABLE parts DROP CONSTRAINT parts_once;

            ALTER TABLE parts ADD CONSTRAINT parts_once UNIQUE (name, kind);
        "#]],
            &expect![[r#"
            ALTER TABLE parts DROP CONSTRAINT parts_once;

            ALTER TABLE parts ADD CONSTRAINT parts_once UNIQUE (name);
        "#]],
        );
    }
}
