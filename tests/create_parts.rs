//! `create` where one revision is not enough: the files, and what a server makes of them.

use expect_test::expect;

use crate::common::{MANIFEST, Sandbox};

const USERS: &str = "diesel::table! {
    users (id) {
        id -> Int4,
        name -> Nullable<Text>,
        mood -> crate::MoodMapping,
        email -> Nullable<Text>,
    }
}
";
const LIB: &str = "pub mod schema;\n\n#[derive(diesel_derive_enum::DbEnum)]\npub enum Mood {\n    Sad,\n    Ok,\n}\n";

/// A crate on PostgreSQL with a chain of one revision, committed; no server is named.
fn on_postgres() -> Sandbox {
    let sandbox = Sandbox::without_revisions();
    sandbox.write("Cargo.toml", MANIFEST.replace("\"sqlite\"", "\"postgres\""));
    sandbox.write("src/schema.rs", USERS);
    sandbox.write("src/lib.rs", LIB);
    sandbox.write(".env", "");
    sandbox.write(
        "migrations/2024-01-01-000000_create_users/up.sql",
        "CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE users (id SERIAL PRIMARY KEY, name TEXT, mood mood NOT NULL, email TEXT);
CREATE INDEX users_email ON users (email);
",
    );
    sandbox.write("migrations/2024-01-01-000000_create_users/down.sql", "DROP TABLE users;\nDROP TYPE mood;\n");
    sandbox.commit("on PostgreSQL");
    sandbox
}

/// A value comes, and a column whose rows get it.
fn with_another_mood(sandbox: &Sandbox) {
    sandbox.edit("src/lib.rs", "    Ok,\n", "    Meh,\n    Ok,\n");
    sandbox.edit(
        "src/schema.rs",
        "mood -> crate::MoodMapping,",
        "mood -> crate::MoodMapping,\n        old_mood -> crate::MoodMapping,",
    );
}

const MOODS: [&str; 4] = ["create", "old moods", "--fill", "users.old_mood='meh'"];

/// The files of the newest revisions, the older ones first.
fn newest(sandbox: &Sandbox, count: usize) -> String {
    let all = sandbox.revisions_in("migrations");
    let mut text = String::new();
    for name in &all[all.len() - count..] {
        for file in ["up.sql", "down.sql", "metadata.toml"] {
            let path = format!("migrations/{name}/{file}");
            text.push_str(&format!("-- {path}\n{}", sandbox.read(&path)));
        }
    }
    sandbox.normal(&text)
}

#[test]
fn a_new_value_that_is_used_at_once_takes_two_revisions() {
    let sandbox = on_postgres();
    with_another_mood(&sandbox);
    let before = sandbox.listing();
    let dry = sandbox.run(MOODS.into_iter().chain(["--dry-run", "--format", "json"])).exits(0);
    let revisions = &dry.json()["revisions"];
    assert_eq!(revisions[0]["operations"], serde_json::json!(["add value 'meh' to enum mood, before 'ok'"]));
    assert_eq!(revisions[1]["operations"], serde_json::json!(["add column users.old_mood mood NOT NULL"]));
    let _ = sandbox
        .run(MOODS.into_iter().chain(["--dry-run"]))
        .exits(0)
        .says(&["1_of_2_enum_values/up.sql", "2_of_2_tables/up.sql"]);
    assert_eq!(sandbox.listing(), before);
    sandbox.run(MOODS.into_iter().chain(["--no-proof"])).check(expect![[r#"
        exit 0
        --- stdout
        The models changed:
          + users.old_mood MoodMapping                     src/schema.rs:6
          + enum mood 'meh'                                src/lib.rs:4
        Here is what it does, in 2 revisions:
        1 of 2, enum values:
          1. add value 'meh' to enum mood, before 'ok'
        2 of 2, tables:
          1. add column users.old_mood mood NOT NULL
        Look here:
          - down removes 'meh' (rows get 'sad') of enum mood
        Wrote migrations/<time>-<id>_old_moods_1_of_2_enum_values/
        Wrote migrations/<time>-<id>_old_moods_2_of_2_tables/
        --- stderr
        next: git add migrations/<time>-<id>_old_moods_1_of_2_enum_values migrations/<time>-<id>_old_moods_2_of_2_tables; cargo ops-migrate upgrade
    "#]]);
    expect![[r#"
        -- migrations/<time>-<id>_old_moods_1_of_2_enum_values/up.sql
        ALTER TYPE mood ADD VALUE 'meh' BEFORE 'ok';
        -- migrations/<time>-<id>_old_moods_1_of_2_enum_values/down.sql
        -- loses which rows had 'meh' of enum mood: they get 'sad'

        ALTER TYPE mood RENAME TO mood__old;

        CREATE TYPE mood AS ENUM ('sad', 'ok');

        ALTER TABLE users
            ALTER COLUMN mood TYPE mood USING (CASE mood::text WHEN 'meh' THEN 'sad' ELSE mood::text END)::mood;

        DROP TYPE mood__old;
        -- migrations/<time>-<id>_old_moods_1_of_2_enum_values/metadata.toml
        run_in_transaction = true

        [ops-migrate]
        revision = "<id>"
        revises = "20240101000000"
        message = "old moods (1 of 2: enum values)"
        created = "<time>"
        lossy_down = ["which rows had 'meh' of enum mood: they get 'sad'"]
        -- migrations/<time>-<id>_old_moods_2_of_2_tables/up.sql
        ALTER TABLE users ADD COLUMN old_mood mood;

        UPDATE users SET old_mood = 'meh';

        ALTER TABLE users ALTER COLUMN old_mood SET NOT NULL;
        -- migrations/<time>-<id>_old_moods_2_of_2_tables/down.sql
        ALTER TABLE users DROP COLUMN old_mood;
        -- migrations/<time>-<id>_old_moods_2_of_2_tables/metadata.toml
        run_in_transaction = true

        [ops-migrate]
        revision = "<id>"
        revises = "<id>"
        message = "old moods (2 of 2: tables)"
        created = "<time>"
    "#]]
    .assert_eq(&newest(&sandbox, 2));
    // The second one revises the first.
    let _ = sandbox.run(["heads"]).exits(0).says(&["2 of 2"]).says_nothing_of(&["1 of 2"]);
    let _ = sandbox.run(["create", "again"]).exits(0).says(&["No changes"]);
}

#[test]
fn an_index_goes_while_others_write() {
    let sandbox = on_postgres();
    sandbox.edit("src/schema.rs", "        email -> Nullable<Text>,\n", "");
    sandbox.run(["create", "drop email", "--concurrently", "--no-proof"]).check(expect![[r#"
        exit 0
        --- stdout
        The models changed:
          - users.email                                    src/schema.rs:2
        Here is what it does, in 2 revisions:
        1 of 2, drop index users_email, without a transaction:
          1. drop index users_email of users
        2 of 2, tables:
          1. drop column users.email
        Look here:
          - down makes users_email outside of a transaction: where that is interrupted, drop the invalid index that it leaves
          - loses the values of users.email
          - down makes users.email again, without its values
        Wrote migrations/<time>-<id>_drop_email_1_of_2_drop_index_users_email/
        Wrote migrations/<time>-<id>_drop_email_2_of_2_tables/
        --- stderr
        next: git add migrations/<time>-<id>_drop_email_1_of_2_drop_index_users_email migrations/<time>-<id>_drop_email_2_of_2_tables; cargo ops-migrate upgrade
    "#]]);
    expect![[r#"
        -- migrations/<time>-<id>_drop_email_1_of_2_drop_index_users_email/up.sql
        DROP INDEX CONCURRENTLY users_email;
        -- migrations/<time>-<id>_drop_email_1_of_2_drop_index_users_email/down.sql
        CREATE INDEX CONCURRENTLY users_email ON users (email);
        -- migrations/<time>-<id>_drop_email_1_of_2_drop_index_users_email/metadata.toml
        run_in_transaction = false

        [ops-migrate]
        revision = "<id>"
        revises = "20240101000000"
        message = "drop email (1 of 2: drop index users_email)"
        created = "<time>"
        -- migrations/<time>-<id>_drop_email_2_of_2_tables/up.sql
        -- loses the values of users.email
        ALTER TABLE users DROP COLUMN email;
        -- migrations/<time>-<id>_drop_email_2_of_2_tables/down.sql
        -- restores the structure only: the values of users.email are lost

        ALTER TABLE users ADD COLUMN email text;
        -- migrations/<time>-<id>_drop_email_2_of_2_tables/metadata.toml
        run_in_transaction = true

        [ops-migrate]
        revision = "<id>"
        revises = "<id>"
        message = "drop email (2 of 2: tables)"
        created = "<time>"
        lossy = ["the values of users.email"]
    "#]]
    .assert_eq(&newest(&sandbox, 2));
}

#[test]
fn a_column_becomes_not_null_in_steps() {
    let sandbox = on_postgres();
    sandbox.edit("src/schema.rs", "name -> Nullable<Text>", "name -> Text");
    let create = ["create", "names", "--in-steps", "--no-proof", "--fill", "users.name='nobody'"];
    sandbox.run(create).check(expect![[r#"
        exit 0
        --- stdout
        The models changed:
          ~ users.name Nullable<Text> -> Text              src/schema.rs:4
        Here is what it does, in 3 revisions:
        1 of 3, tables:
          1. add check to users: name IS NOT NULL
        2 of 3, validate:
          1. validate check of users: name IS NOT NULL
        3 of 3, not null:
          1. make users.name NOT NULL
          2. drop check of users: name IS NOT NULL
        Wrote migrations/<time>-<id>_names_1_of_3_tables/
        Wrote migrations/<time>-<id>_names_2_of_3_validate/
        Wrote migrations/<time>-<id>_names_3_of_3_not_null/
        --- stderr
        next: git add migrations/<time>-<id>_names_1_of_3_tables migrations/<time>-<id>_names_2_of_3_validate migrations/<time>-<id>_names_3_of_3_not_null; cargo ops-migrate upgrade
    "#]]);
    expect![[r#"
        -- migrations/<time>-<id>_names_1_of_3_tables/up.sql
        ALTER TABLE users ADD CONSTRAINT users_name_not_null CHECK (name IS NOT NULL) NOT VALID;
        -- migrations/<time>-<id>_names_1_of_3_tables/down.sql
        ALTER TABLE users DROP CONSTRAINT users_name_not_null;
        -- migrations/<time>-<id>_names_1_of_3_tables/metadata.toml
        run_in_transaction = true

        [ops-migrate]
        revision = "<id>"
        revises = "20240101000000"
        message = "names (1 of 3: tables)"
        created = "<time>"
        -- migrations/<time>-<id>_names_2_of_3_validate/up.sql
        UPDATE users SET name = 'nobody' WHERE name IS NULL;

        ALTER TABLE users VALIDATE CONSTRAINT users_name_not_null;
        -- migrations/<time>-<id>_names_2_of_3_validate/down.sql
        ALTER TABLE users DROP CONSTRAINT users_name_not_null;

        ALTER TABLE users ADD CONSTRAINT users_name_not_null CHECK (name IS NOT NULL) NOT VALID;
        -- migrations/<time>-<id>_names_2_of_3_validate/metadata.toml
        run_in_transaction = true

        [ops-migrate]
        revision = "<id>"
        revises = "<id>"
        message = "names (2 of 3: validate)"
        created = "<time>"
        -- migrations/<time>-<id>_names_3_of_3_not_null/up.sql
        ALTER TABLE users ALTER COLUMN name SET NOT NULL;

        ALTER TABLE users DROP CONSTRAINT users_name_not_null;
        -- migrations/<time>-<id>_names_3_of_3_not_null/down.sql
        ALTER TABLE users ADD CONSTRAINT users_name_not_null CHECK (name IS NOT NULL);

        ALTER TABLE users ALTER COLUMN name DROP NOT NULL;
        -- migrations/<time>-<id>_names_3_of_3_not_null/metadata.toml
        run_in_transaction = true

        [ops-migrate]
        revision = "<id>"
        revises = "<id>"
        message = "names (3 of 3: not null)"
        created = "<time>"
    "#]]
    .assert_eq(&newest(&sandbox, 3));
    // The last one is fine by the check that the one before it validated.
    let _ = sandbox.run(["review"]).exits(0).says(&["No findings."]);
}

#[test]
fn a_long_message_leaves_room_for_the_part() {
    let sandbox = on_postgres();
    with_another_mood(&sandbox);
    let message = "remember the mood that everybody who signed up had before they were asked for another";
    let _ = sandbox.run(["create", message, "--no-proof", "--fill", "users.old_mood='meh'"]).exits(0);
    let names: Vec<String> = sandbox.revisions_in("migrations").iter().map(|name| sandbox.normal(name)).collect();
    expect![[r#"
        <time>-<id>_remember_the_mood_that_everybody_who_1_of_2_enum_values
        <time>-<id>_remember_the_mood_that_everybody_who_signed_up_2_of_2_tables"#]]
    .assert_eq(&names[1..].join("\n"));
}

#[test]
fn only_postgresql_has_these_ways() {
    let sandbox = Sandbox::new();
    for flag in ["--concurrently", "--in-steps"] {
        let refused = sandbox.run(["create", "x", flag]).exits(2);
        let says = format!("{flag} is for PostgreSQL, and the revisions here are for SQLite");
        let _ = refused.says(&[&says, &format!("hint: leave {flag} out")]);
    }
}

mod postgres_tests {
    use expect_test::expect;
    use ops_migrate::dialect::Dialect;

    use super::{MOODS, on_postgres, with_another_mood};
    use crate::common::scratch;

    /// What a replay cannot tell is there before the revision as well, and the proof sees that it is
    /// nothing of its own.
    #[test]
    fn drift_that_no_replay_tells_is_not_held_against_a_revision() {
        let mut scratch = scratch("OPS_MIGRATE_TEST_POSTGRES", Dialect::Postgres);
        let sandbox = on_postgres();
        sandbox.write(".env", format!("DATABASE_URL={}\n", scratch.database().url()));
        let dynamic = "DO $$ BEGIN EXECUTE 'drop index if exists ' || 'i' || 1; END $$;\n";
        sandbox.revision("2024-03-01-000000_dynamic", dynamic, "SELECT 1;\n");
        sandbox.edit("src/schema.rs", "email -> Nullable<Text>,", "email -> Nullable<Text>,\n        ghost -> Text,");
        sandbox.commit("a column that no revision makes");
        sandbox.revision("2024-03-02-000000_nothing", "SELECT 1;\n", "SELECT 1;\n");
        sandbox.commit("the chain goes on");
        sandbox.edit("src/schema.rs", "ghost -> Text,", "ghost -> Text,\n        city -> Nullable<Text>,");
        let _ = sandbox.run(["create", "city"]).exits(0).says(&["add column users.city text", "Proved on PostgreSQL"]);
    }

    #[test]
    fn the_parts_are_proved_and_applied() {
        let mut scratch = scratch("OPS_MIGRATE_TEST_POSTGRES", Dialect::Postgres);
        let sandbox = on_postgres();
        sandbox.write(".env", format!("DATABASE_URL={}\n", scratch.database().url()));
        let _ = sandbox.run(["upgrade"]).exits(0);
        let database = scratch.database();
        database.execute("INSERT INTO users (mood, email) VALUES ('sad', 'a'), ('ok', NULL)").unwrap();
        with_another_mood(&sandbox);
        sandbox.run(MOODS).check(expect![[r#"
            exit 0
            --- stdout
            The models changed:
              + users.old_mood MoodMapping                     src/schema.rs:6
              + enum mood 'meh'                                src/lib.rs:4
            Here is what it does, in 2 revisions:
            1 of 2, enum values:
              1. add value 'meh' to enum mood, before 'ok'
            2 of 2, tables:
              1. add column users.old_mood mood NOT NULL
            Look here:
              - down removes 'meh' (rows get 'sad') of enum mood
            Wrote migrations/<time>-<id>_old_moods_1_of_2_enum_values/
            Wrote migrations/<time>-<id>_old_moods_2_of_2_tables/
            Proved on PostgreSQL: up, down, up again; 1 table with rows; the schema is what it should be each time (<took>)
            Proved on PostgreSQL: up, down, up again; 1 table with rows; the schema is what it should be each time (<took>)
            Proved on PostgreSQL: up, down, up again; 1 table with rows; the schema is what it should be each time (<took>)
            --- stderr
            migrations/<time>-<id>_old_moods_1_of_2_enum_values
            migrations/<time>-<id>_old_moods_2_of_2_tables
            all 2 of them, with the same rows
            next: git add migrations/<time>-<id>_old_moods_1_of_2_enum_values migrations/<time>-<id>_old_moods_2_of_2_tables; cargo ops-migrate upgrade
        "#]]);
        sandbox.edit("src/schema.rs", "        email -> Nullable<Text>,\n", "");
        sandbox.edit("src/schema.rs", "name -> Nullable<Text>", "name -> Text");
        let all = ["create", "tidy", "--concurrently", "--in-steps", "--fill", "users.name='n' || id"];
        sandbox.run(all).check(expect![[r#"
            exit 0
            --- stdout
            The models changed:
              ~ users.name Nullable<Text> -> Text              src/schema.rs:4
              - users.email                                    src/schema.rs:2
            Here is what it does, in 4 revisions:
            1 of 4, drop index users_email, without a transaction:
              1. drop index users_email of users
            2 of 4, tables:
              1. add check to users: name IS NOT NULL
              2. drop column users.email
            3 of 4, validate:
              1. validate check of users: name IS NOT NULL
            4 of 4, not null:
              1. make users.name NOT NULL
              2. drop check of users: name IS NOT NULL
            Look here:
              - down makes users_email outside of a transaction: where that is interrupted, drop the invalid index that it leaves
              - loses the values of users.email
              - down makes users.email again, without its values
            Wrote migrations/<time>-<id>_tidy_1_of_4_drop_index_users_email/
            Wrote migrations/<time>-<id>_tidy_2_of_4_tables/
            Wrote migrations/<time>-<id>_tidy_3_of_4_validate/
            Wrote migrations/<time>-<id>_tidy_4_of_4_not_null/
            Proved on PostgreSQL: up, down, up again; 1 table with rows; the schema is what it should be each time (<took>)
            Proved on PostgreSQL: up, down, up again; 1 table with rows; the schema is what it should be each time (<took>)
            Proved on PostgreSQL: up, down, up again; 1 table with rows; the schema is what it should be each time (<took>)
            Proved on PostgreSQL: up, down, up again; 1 table with rows; the schema is what it should be each time (<took>)
            Proved on PostgreSQL: up, down, up again; 1 table with rows; the schema is what it should be each time (<took>)
            --- stderr
            migrations/<time>-<id>_tidy_1_of_4_drop_index_users_email
            migrations/<time>-<id>_tidy_2_of_4_tables
            migrations/<time>-<id>_tidy_3_of_4_validate
            migrations/<time>-<id>_tidy_4_of_4_not_null
            all 4 of them, with the same rows
            next: git add migrations/<time>-<id>_tidy_1_of_4_drop_index_users_email migrations/<time>-<id>_tidy_2_of_4_tables migrations/<time>-<id>_tidy_3_of_4_validate migrations/<time>-<id>_tidy_4_of_4_not_null; cargo ops-migrate upgrade
        "#]]);
        let _ = sandbox.run(["upgrade"]).exits(0).says(&["6 revisions to apply"]);
        let row = "SELECT string_agg(name || ' ' || old_mood, ', ' ORDER BY id) AS row FROM users";
        assert_eq!(database.text(row, &[]).unwrap().unwrap(), "n1 meh, n2 meh");
        let _ = sandbox.run(["status"]).exits(0).says(&["the schema is what its revisions give"]);
        database.execute("UPDATE users SET old_mood = 'ok'").unwrap();
        let _ = sandbox.run(["rollback", "-6", "--allow-data-loss"]).exits(0);
        let _ = sandbox.run(["upgrade"]).exits(0);
    }
}
