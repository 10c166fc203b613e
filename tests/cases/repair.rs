//! Case 16: a revision was recorded and never ran, or a database was changed by hand. `repair` writes
//! the revision that puts it right and does nothing in databases that are right; what no revision can
//! say is run on that database alone.

use expect_test::expect;

use super::{agrees, has_rows, model, started, teams, write};
use crate::common::Sandbox;
use crate::runner::Backend;

fn parts(more: &str) -> String {
    teams() + &model("parts", "", &format!("#[ops(max_length = 20)] name: String,{more}"))
}

/// What the second revision brings.
const MORE: &str = "
    #[ops(max_length = 20)] colour: Option<String>,
    #[ops(default = 1, index)] weight: i32,
    #[ops(references(teams.id, on_delete = set_null), unique)] team_id: Option<i32>,";

/// Two revisions, the second of which is recorded and never ran; rows in the table.
fn never_ran(backend: Backend) -> Backend {
    let backend = started(backend, &parts(""), "INSERT INTO parts (name) VALUES ('bolt'), ('nut')");
    let sandbox = &backend.sandbox;
    write(&backend, &parts(MORE));
    let _ = sandbox.run(["create", "more"]).exits(0);
    sandbox.commit("more");
    let _ = sandbox.run(["stamp", "head", "--yes"]).exits(0);
    backend
}

/// Another database of the project, which is right: the revision changes nothing there.
fn does_nothing_where_all_is_right(backend: &Backend) {
    let sandbox = &backend.sandbox;
    let _ = sandbox.run(["test"]).exits(0).says(&["Proved on"]);
    let _ = sandbox.run(["rollback", "-1"]).exits(0);
    let _ = sandbox.run(["status", "--verify"]).exits(3).says(&["the schema is what its revisions give"]);
    let _ = sandbox.run(["upgrade"]).exits(0);
    let _ = sandbox.run(["review", "head"]).exits(0);
}

#[test]
fn case_16_on_sqlite_only_this_database_is_repaired() {
    let backend = never_ran(Backend::sqlite());
    let sandbox = &backend.sandbox;
    sandbox.run(["repair"]).check(expect![[r#"
        exit 2
        --- stdout
        The schema is not what its revisions give:
          column parts.colour is missing
          column parts.team_id is missing
          column parts.weight is missing
          foreign key (team_id) of parts is missing
          index parts_weight_idx of parts is missing
          unique constraint (team_id) of parts is missing
        Here is what puts it right:
          1. add column parts.colour VARCHAR(20)
          2. add column parts.weight INTEGER NOT NULL
          3. add column parts.team_id INTEGER
          4. add unique to parts (team_id)
          5. create index parts_weight_idx on parts
          6. add foreign key parts.(team_id) to teams on delete set null
        --- stderr
        error: no revision on SQLite can do this only where it is wrong: add column parts.colour VARCHAR(20); add column parts.weight INTEGER NOT NULL; add column parts.team_id INTEGER; add unique to parts (team_id)
        hint: put this one database right: cargo ops-migrate repair --apply (--plan shows how)
    "#]]);
    let before = sandbox.listing();
    let _ = sandbox.run(["repair", "--apply", "--plan"]).exits(0);
    let _ = sandbox.run(["repair", "--apply"]).exits(2).says(&["nobody is there to ask", "--yes"]);
    assert_eq!(sandbox.listing(), before, "nothing is written");
    let _ = sandbox.run(["repair", "--apply", "--yes"]).exits(0).says(&["Repaired this database."]);
    agrees(&backend);
    has_rows(&backend, "SELECT name || weight AS line FROM parts ORDER BY id", &["bolt1", "nut1"]);
    has_rows(
        &backend,
        "SELECT substr(name, 1, 51) || ' ' || state AS line FROM __ops_migrate_ledger WHERE version = 'repair'",
        &["repair: add column parts.colour VARCHAR(20); add co applied"],
    );
    let _ = sandbox.run(["repair"]).exits(0).says(&["Nothing to repair"]);
}

/// Tables and indexes have a guard in SQLite, too.
#[test]
fn case_16_tables_and_indexes_on_sqlite() {
    let sandbox = Sandbox::applied();
    sandbox.execute("DROP TABLE posts");
    sandbox.run(["repair"]).check(expect![[r#"
        exit 0
        --- stdout
        The schema is not what its revisions give:
          table posts is missing
        Here is what puts it right:
          1. create table posts (3 columns)
          2. create index posts_user_id on posts
          3. add foreign key posts.(user_id) to users
        Wrote migrations/<time>-<id>_repair/
        Proved on SQLite: up, down, up again; 2 tables with rows; the schema is what it should be each time (<took>)
        Proved on a copy of this database: it is right afterwards
        --- stderr
        next: git add migrations/<time>-<id>_repair; cargo ops-migrate upgrade
    "#]]);
    expect![[r#"
        -- Puts databases right that are not what the revisions before this one make; does nothing in others.

        CREATE TABLE IF NOT EXISTS posts (
            id INTEGER NOT NULL PRIMARY KEY,
            user_id INTEGER NOT NULL,
            title TEXT NOT NULL,
            FOREIGN KEY (user_id) REFERENCES users (id)
        );

        CREATE INDEX IF NOT EXISTS posts_user_id ON posts (user_id);
    "#]]
    .assert_eq(&sandbox.read(&format!("{}/up.sql", sandbox.newest())));
    let _ = sandbox.run(["upgrade"]).exits(0);
    let _ = sandbox.run(["status", "--verify"]).exits(0);
    let _ = sandbox.run(["rollback", "-1"]).exits(0);
    let _ = sandbox.run(["test", "--all"]).exits(0);
}

#[test]
fn what_is_left_over_stays_unless_it_is_named() {
    let sandbox = Sandbox::applied();
    sandbox.execute(
        "ALTER TABLE users ADD COLUMN oops TEXT; CREATE TABLE extra (id INTEGER); INSERT INTO extra VALUES (1);
         CREATE INDEX more ON posts (title)",
    );
    sandbox.run(["repair"]).check(expect![[r#"
        exit 0
        --- stdout
        The schema is not what its revisions give:
          column users.oops is left over
          index more of posts is left over
          table extra is left over
        --- stderr
        hint: column users.oops stays; to drop it: --drop users.oops
        hint: index more of posts stays; to drop it: --drop more
        hint: table extra stays; to drop it: --drop extra
    "#]]);
    let _ = sandbox.run(["repair", "--drop", "nobody"]).exits(2).says(&["nothing of that name is left over"]);
    let drops = ["repair", "--apply", "--yes", "--drop", "users.oops", "--drop", "extra"];
    let _ = sandbox.run(drops).exits(2).says(&["the rows of extra (1 row)", "--allow-data-loss"]);
    let _ = sandbox.run(drops.iter().copied().chain(["--allow-data-loss"])).exits(0);
    let _ = sandbox.run(["status", "--verify"]).exits(1).says(&["index more of posts is left over", "1 not"]);
}

#[test]
fn a_protected_database_wants_its_name() {
    let sandbox = Sandbox::applied();
    sandbox.execute("DROP INDEX posts_user_id");
    let _ = sandbox.run(["protect"]).exits(0);
    let _ = sandbox.run(["repair", "--apply", "--yes"]).exits(2).says(&["--database-name"]);
    let _ = sandbox.run(["repair", "--apply", "--yes", "--database-name", "app.db"]).exits(0);
    let _ = sandbox.run(["status", "--verify"]).exits(0);
}

#[test]
fn rows_that_exist_need_a_value() {
    let sandbox = Sandbox::applied();
    sandbox.execute(
        "INSERT INTO users (id, name) VALUES (1, 'a'); DROP INDEX posts_user_id; ALTER TABLE posts DROP COLUMN title;
         INSERT INTO posts (id, user_id) VALUES (1, 1)",
    );
    let _ = sandbox.run(["repair", "--apply", "--yes"]).exits(2).says(&["--fill posts.title=EXPR"]);
    let _ = sandbox.run(["repair", "--apply", "--yes", "--fill", "posts.title='none'"]).exits(0);
    assert_eq!(sandbox.query("SELECT title AS line FROM posts"), "none");
    let _ = sandbox.run(["status", "--verify"]).exits(0);
}

#[cfg(feature = "mysql")]
#[test]
fn case_16_on_mariadb() {
    let backend = never_ran(Backend::mysql());
    let sandbox = &backend.sandbox;
    let _ = sandbox.run(["repair"]).exits(0).says(&["Proved on"]);
    expect![[r#"
        -- Puts databases right that are not what the revisions before this one make; does nothing in others.

        ALTER TABLE parts ADD COLUMN IF NOT EXISTS colour varchar(20);

        ALTER TABLE parts ADD COLUMN IF NOT EXISTS weight int NOT NULL DEFAULT 1;

        ALTER TABLE parts ADD COLUMN IF NOT EXISTS team_id int;

        ALTER TABLE parts ADD UNIQUE KEY IF NOT EXISTS team_id (team_id);

        ALTER TABLE parts ADD KEY IF NOT EXISTS parts_weight_idx (weight);

        ALTER TABLE parts ADD CONSTRAINT parts_ibfk_1 FOREIGN KEY IF NOT EXISTS (team_id) REFERENCES teams (id) ON DELETE SET NULL;
    "#]].assert_eq(&sandbox.read(&format!("{}/up.sql", sandbox.newest())));
    let _ = sandbox.run(["upgrade"]).exits(0);
    agrees(&backend);
    does_nothing_where_all_is_right(&backend);
}

mod postgres_tests {
    use super::*;

    #[test]
    fn case_16() {
        let backend = never_ran(Backend::postgres());
        let sandbox = &backend.sandbox;
        sandbox.run(["repair"]).check(expect![[r#"
            exit 0
            --- stdout
            The schema is not what its revisions give:
              column parts.colour is missing
              column parts.team_id is missing
              column parts.weight is missing
              foreign key parts_team_id_fkey of parts is missing
              index parts_weight_idx of parts is missing
              unique constraint parts_team_id_key of parts is missing
            Here is what puts it right:
              1. add column parts.colour character varying(20)
              2. add column parts.weight integer NOT NULL
              3. add column parts.team_id integer
              4. add unique to parts (team_id)
              5. create index parts_weight_idx on parts
              6. add foreign key parts.(team_id) to teams on delete set null
            Wrote migrations/<time>-<id>_repair/
            Proved on PostgreSQL: up, down, up again; 2 tables with rows; the schema is what it should be each time (<took>)
            Proved on a copy of this database: it is right afterwards
            --- stderr
            next: git add migrations/<time>-<id>_repair; cargo ops-migrate upgrade
        "#]]);
        expect![[r#"
            -- Puts databases right that are not what the revisions before this one make; does nothing in others.

            DO $repair$
            BEGIN
                IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('parts') AND attname = 'colour' AND NOT attisdropped) THEN
                    ALTER TABLE parts ADD COLUMN colour character varying(20);
                END IF;
            END $repair$;

            DO $repair$
            BEGIN
                IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('parts') AND attname = 'weight' AND NOT attisdropped) THEN
                    ALTER TABLE parts ADD COLUMN weight integer NOT NULL DEFAULT 1;
                END IF;
            END $repair$;

            DO $repair$
            BEGIN
                IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('parts') AND attname = 'team_id' AND NOT attisdropped) THEN
                    ALTER TABLE parts ADD COLUMN team_id integer;
                END IF;
            END $repair$;

            DO $repair$
            BEGIN
                IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('parts') AND conname = 'parts_team_id_key') THEN
                    ALTER TABLE parts ADD CONSTRAINT parts_team_id_key UNIQUE (team_id);
                END IF;
            END $repair$;

            DO $repair$
            BEGIN
                IF to_regclass('parts_weight_idx') IS NULL THEN
                    CREATE INDEX parts_weight_idx ON parts (weight);
                END IF;
            END $repair$;

            DO $repair$
            BEGIN
                IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('parts') AND conname = 'parts_team_id_fkey') THEN
                    ALTER TABLE parts
                        ADD CONSTRAINT parts_team_id_fkey FOREIGN KEY (team_id) REFERENCES teams (id) ON DELETE SET NULL;
                END IF;
            END $repair$;
        "#]].assert_eq(&sandbox.read(&format!("{}/up.sql", sandbox.newest())));
        expect![[r#"
            -- Nothing: what this revision puts right belongs to the revisions before it.
            SELECT 1;
        "#]]
        .assert_eq(&sandbox.read(&format!("{}/down.sql", sandbox.newest())));
        let _ = sandbox.run(["upgrade"]).exits(0);
        agrees(&backend);
        does_nothing_where_all_is_right(&backend);
    }

    /// What has its name and is otherwise: types, constraints, indexes.
    #[test]
    fn case_16_what_was_changed_by_hand() {
        let backend = started(Backend::postgres(), &parts(MORE), "INSERT INTO parts (name, weight) VALUES ('bolt', 3)");
        let sandbox = &backend.sandbox;
        backend
            .database()
            .execute(
                "ALTER TABLE parts ALTER COLUMN weight TYPE bigint, ALTER COLUMN weight DROP NOT NULL,
                     ALTER COLUMN weight DROP DEFAULT, DROP CONSTRAINT parts_team_id_fkey;
                 ALTER TABLE parts ADD CONSTRAINT parts_team_id_fkey FOREIGN KEY (team_id) REFERENCES teams (id);
                 DROP INDEX parts_weight_idx; CREATE INDEX parts_weight_idx ON parts (weight DESC);
                 UPDATE parts SET weight = NULL",
            )
            .unwrap();
        let _ = sandbox.run(["repair"]).exits(2).says(&["--fill parts.weight=EXPR"]);
        sandbox.run(["repair", "--fill", "parts.weight=7"]).check(expect![[r#"
            exit 0
            --- stdout
            The schema is not what its revisions give:
              column parts.weight is `bigint` and was `integer NOT NULL DEFAULT 1`
              foreign key parts_team_id_fkey of parts is `(team_id) to teams (id) ON DELETE NO ACTION ON UPDATE NO ACTION` and was `(team_id) to teams (id) ON DELETE SET NULL ON UPDATE NO ACTION`
              index parts_weight_idx of parts is `(weight DESC)` and was `(weight)`
            Here is what puts it right:
              1. drop foreign key parts.(team_id) to teams
              2. drop index parts_weight_idx of parts
              3. change type of parts.weight from bigint to integer
              4. set default of parts.weight to 1
              5. make parts.weight NOT NULL
              6. create index parts_weight_idx on parts
              7. add foreign key parts.(team_id) to teams on delete set null
            Wrote migrations/<time>-<id>_repair/
            Proved on PostgreSQL: up, down, up again; 2 tables with rows; the schema is what it should be each time (<took>)
            Proved on a copy of this database: it is right afterwards
            --- stderr
            next: git add migrations/<time>-<id>_repair; cargo ops-migrate upgrade
        "#]]);
        expect![[r#"
            -- Puts databases right that are not what the revisions before this one make; does nothing in others.

            DO $repair$
            BEGIN
                IF EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('parts') AND conname = 'parts_team_id_fkey' AND pg_get_constraintdef(oid) = 'FOREIGN KEY (team_id) REFERENCES teams(id)') THEN
                    ALTER TABLE parts DROP CONSTRAINT parts_team_id_fkey;
                END IF;
            END $repair$;

            DO $repair$
            BEGIN
                IF pg_get_indexdef(to_regclass('parts_weight_idx')) = 'CREATE INDEX parts_weight_idx ON public.parts USING btree (weight DESC)' THEN
                    DROP INDEX parts_weight_idx;
                END IF;
            END $repair$;

            DO $repair$
            BEGIN
                IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('parts') AND attname = 'weight' AND format_type(atttypid, atttypmod) = 'bigint') THEN
                    -- loses what of parts.weight does not fit integer
                    ALTER TABLE parts ALTER COLUMN weight TYPE integer;
                END IF;
            END $repair$;

            ALTER TABLE parts ALTER COLUMN weight SET DEFAULT 1;

            DO $repair$
            BEGIN
                IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('parts') AND attname = 'weight' AND NOT attnotnull) THEN
                    UPDATE parts SET weight = 7 WHERE weight IS NULL;

                    ALTER TABLE parts ALTER COLUMN weight SET NOT NULL;
                END IF;
            END $repair$;

            DO $repair$
            BEGIN
                IF to_regclass('parts_weight_idx') IS NULL THEN
                    CREATE INDEX parts_weight_idx ON parts (weight);
                END IF;
            END $repair$;

            DO $repair$
            BEGIN
                IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('parts') AND conname = 'parts_team_id_fkey') THEN
                    ALTER TABLE parts
                        ADD CONSTRAINT parts_team_id_fkey FOREIGN KEY (team_id) REFERENCES teams (id) ON DELETE SET NULL;
                END IF;
            END $repair$;
        "#]].assert_eq(&sandbox.read(&format!("{}/up.sql", sandbox.newest())));
        let _ = sandbox.run(["upgrade"]).exits(0);
        agrees(&backend);
        has_rows(&backend, "SELECT weight::text AS line FROM parts", &["7"]);
        does_nothing_where_all_is_right(&backend);
        let _ = sandbox.run(["repair"]).exits(0).says(&["Nothing to repair"]);
    }

    #[test]
    fn what_has_no_guard_is_applied_here_alone() {
        let kinds =
            |variants: &str| format!("\n#[derive(diesel_derive_enum::DbEnum)]\npub enum Kind {{ {variants} }}\n");
        let kind = "\n#[diesel(sql_type = KindMapping)] kind: Option<Kind>,";
        let backend = started(Backend::postgres(), &(parts(kind) + &kinds("Raw, Done")), "");
        backend.database().execute("ALTER TYPE kind ADD VALUE 'gone'").unwrap();
        let sandbox = &backend.sandbox;
        let _ = sandbox.run(["repair"]).exits(2).says(&["can do this only where it is wrong", "repair --apply"]);
        let _ = sandbox.run(["repair", "--apply", "--yes"]).exits(0).says(&["Repaired this database."]);
        agrees(&backend);
    }
}
