//! What the Rust declarations say, seen through the commands: views, enums, structs that suggest, and
//! what is no schema at all.

use expect_test::expect;

use crate::common::real::RealRepo;
use crate::common::{MANIFEST, SCHEMA, Sandbox};
use crate::create::refused;

const VIEW: &str = "diesel::view! {\n    names {\n        name -> Text,\n    }\n}\n";

/// Writes the SQL of the newest revision by hand.
fn by_hand(sandbox: &Sandbox, up: &str, down: &str) {
    let directory = sandbox.newest();
    sandbox.write(&format!("{directory}/up.sql"), up);
    sandbox.write(&format!("{directory}/down.sql"), down);
}

#[test]
fn a_view_is_written_by_hand_and_then_satisfied() {
    let sandbox = Sandbox::new();
    sandbox.write("src/schema.rs", format!("{SCHEMA}\n{VIEW}"));
    refused(
        &sandbox,
        ["create", "add names"],
        expect![[r#"
            exit 2
            --- stderr
            error: src/schema.rs:10: the query of the view names is not in the models
            hint: write its CREATE VIEW by hand: cargo ops-migrate create --empty "…"
        "#]],
    );
    let _ = sandbox.run(["check"]).exits(1).says(&["+ view names"]);
    let _ = sandbox.run(["create", "names", "--empty"]).exits(0);
    by_hand(&sandbox, "CREATE VIEW names AS SELECT name FROM users;\n", "DROP VIEW names;\n");
    let _ = sandbox.run(["check"]).exits(0);
    sandbox.run(["create", "again"]).check(expect![[r#"
        exit 0
        --- stdout
        No changes: the revisions produce what the models say.
    "#]]);
}

#[test]
fn a_view_of_a_new_table_waits_for_it() {
    let sandbox = Sandbox::new();
    let table = "diesel::table! {\n    tags (id) {\n        id -> Integer,\n    }\n}\n";
    sandbox.write("src/schema.rs", format!("{SCHEMA}\n{VIEW}\n{table}"));
    sandbox.run(["create", "add tags"]).check(expect![[r#"
        exit 0
        --- stdout
        The models changed:
          + tags (1 column)                                src/schema.rs:16
        Here is what it does:
          1. create table tags (1 column)
        Wrote migrations/<time>-<id>_add_tags/
        Proved on SQLite: up, down, up again; 1 table with rows; the schema is what it should be each time (<took>)
        --- stderr
        warning: left out, because a view's query is not in the models (write its CREATE VIEW by hand: cargo ops-migrate create --empty "…"): + view names
        next: git add migrations/<time>-<id>_add_tags; cargo ops-migrate upgrade
    "#]]);
}

#[test]
fn a_view_blocks_a_commit_until_a_revision_makes_it() {
    let repo = RealRepo::new();
    let schema = repo.read("src/schema.rs");
    repo.write("src/schema.rs", format!("{schema}{VIEW}"));
    let _ = repo.commit_all("names").fails(1, "ops-migrate: view names added in src/schema.rs:9 has no migration", &[]);
    repo.write("migrations/2024-05-01-000000_names/up.sql", "CREATE VIEW names AS SELECT name FROM users;");
    repo.write("migrations/2024-05-01-000000_names/down.sql", "DROP VIEW names;");
    let _ = repo.commit_all("names").passes_silently();
    // The view itself may stay when nothing mentions it any more.
    repo.write("src/schema.rs", schema);
    let _ = repo.commit_all("no names").passes_silently();
}

#[test]
fn tables_of_tests_and_of_one_cfg_alone_block_nothing() {
    let repo = RealRepo::new();
    let schema = repo.read("src/schema.rs");
    let fake = "#[cfg(all(test, unix))]\nmod fakes {\n    diesel::table! { fakes { id -> Integer, } }\n}\n";
    repo.write("src/schema.rs", format!("{schema}{fake}"));
    let _ = repo.commit_all("fakes").passes_silently();
    let variant = schema.replace("id -> Integer,", "id -> Integer,\n        raw -> Binary,");
    repo.write("src/schema.rs", format!("#[cfg(unix)]\n{schema}#[cfg(windows)]\n{variant}"));
    let _ = repo.commit_all("variants").passes();
}

#[test]
fn a_module_of_tests_may_be_a_file_of_its_own() {
    let repo = RealRepo::new();
    let fake = |name: &str| format!("diesel::table! {{ {name} {{ id -> Integer, }} }}\n");
    repo.write("src/fakes/schema.rs", fake("fakes"));
    repo.write("src/fakes/mod.rs", "pub mod schema;\n");
    repo.write("src/real_schema.rs", fake("reals"));
    repo.write("src/lib.rs", "pub mod schema;\n#[cfg(test)]\nmod fakes;\npub mod real_schema;\n");
    let ran = repo.commit_all("fakes").fails(
        1,
        "ops-migrate: table reals added in src/real_schema.rs:1 has no migration",
        &[],
    );
    let _ = ran.says_nothing_of(&["fakes"]);
}

#[test]
fn an_enum_is_made_with_the_labels_of_its_derive() {
    let sandbox = Sandbox::new();
    sandbox.write("Cargo.toml", MANIFEST.replace("\"sqlite\"", "\"postgres\""));
    sandbox.edit(
        "src/schema.rs",
        "name -> Text,",
        "name -> Text,\n        mood -> Nullable<crate::MoodMapping>,\n        size -> Nullable<crate::Size>,",
    );
    sandbox.write(
        "src/lib.rs",
        r#"mod schema;
use diesel::Enum;
#[derive(diesel_derive_enum::DbEnum)]
#[DbValueStyle = "SCREAMING_SNAKE_CASE"]
pub enum Mood { VeryGood, #[db_rename = "so-so"] SoSo }
#[derive(diesel::sql_types::SqlType)]
#[diesel(postgres_type(name = "size"))]
pub struct Size;
#[derive(Debug, Enum)]
#[diesel(sql_type = Size, rename_all = "UPPERCASE")]
pub enum SizeOf { Big, Small }
"#,
    );
    sandbox.run(["create", "moods and sizes", "--dry-run"]).check(expect![[r#"
        exit 0
        --- stdout
        The models changed:
          + users.mood Nullable<MoodMapping>               src/schema.rs:5
          + users.size Nullable<Size>                      src/schema.rs:6
          + enum mood (VERY_GOOD, so-so)                   src/lib.rs:5
          + enum size (BIG, SMALL)                         src/lib.rs:11
        Here is what it does:
          1. create enum mood (VERY_GOOD, so-so)
          2. create enum size (BIG, SMALL)
          3. add column users.mood mood
          4. add column users.size size

        -- migrations/<time>-<id>_moods_and_sizes/up.sql
        CREATE TYPE mood AS ENUM ('VERY_GOOD', 'so-so');

        CREATE TYPE size AS ENUM ('BIG', 'SMALL');

        ALTER TABLE users ADD COLUMN mood mood;

        ALTER TABLE users ADD COLUMN size size;

        -- migrations/<time>-<id>_moods_and_sizes/down.sql
        ALTER TABLE users DROP COLUMN mood;

        ALTER TABLE users DROP COLUMN size;

        DROP TYPE mood;

        DROP TYPE size;

        -- migrations/<time>-<id>_moods_and_sizes/metadata.toml
        run_in_transaction = true

        [ops-migrate]
        revision = "<id>"
        revises = "20240101000000"
        message = "moods and sizes"
        created = "<time>"
        --- stderr
        dry run: nothing was written
    "#]]);
}

#[test]
fn a_struct_suggests_the_column_that_it_reads() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "src/models.rs",
        "#[derive(diesel::Queryable, diesel::Selectable)]\n#[diesel(table_name = crate::schema::users)]\npub struct User {\n    pub id: i32,\n    pub nick: Option<String>,\n    pub role: Role,\n}\n",
    );
    sandbox.run(["create", "nick"]).check(expect![[r#"
        exit 0
        --- stdout
        No changes: the revisions produce what the models say.
        --- stderr
        hint: struct User reads `nick` (src/models.rs:5), table users has no such column: add `nick -> Nullable<Text>,` to its table! block
        hint: struct User reads `role` (src/models.rs:6), table users has no such column: add `role -> …,` to its table! block (… is the SQL type of Role)
    "#]]);
    let _ = sandbox.run(["status", "--offline"]).exits(0).says(&["hint: struct User reads `nick` (src/models.rs:5)"]);
    // It never blocks.
    let _ = sandbox.run(["check"]).exits(0).says_nothing_of(&["nick"]);
}
