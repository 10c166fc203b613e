//! Structs that derive `OpsModel`, seen through the commands: adoption of tables that are there, a
//! struct that drives, shared columns that are required, contradictions.

use expect_test::expect;

use crate::common::real::RealRepo;
use crate::common::{MANIFEST, Sandbox};
use crate::create::refused;

/// A crate with two tables, none of which is stated yet.
fn plain() -> Sandbox {
    let sandbox = Sandbox::with_chain();
    sandbox.write("src/lib.rs", "pub mod models;\npub mod schema;\n");
    sandbox
}

/// The same, with what `schema --format ops` prints as its models.
fn adopted() -> Sandbox {
    let sandbox = plain();
    let printed = sandbox.run(["schema", "--format", "ops"]).exits(0).stdout;
    sandbox.write("src/models.rs", format!("use ops_migrate_derive::OpsModel;\n\n{printed}"));
    sandbox
}

#[test]
fn adoption_is_copying_and_changes_nothing() {
    let sandbox = plain();
    sandbox.run(["schema", "--format", "ops"]).check(expect![[r#"
        exit 0
        --- stdout
        /// The table `posts`.
        #[expect(dead_code, reason = "it states the table")]
        #[derive(OpsModel)]
        #[diesel(table_name = crate::schema::posts)]
        pub struct Posts {
            pub id: i32,
            #[ops(index(name = "posts_user_id"), references(users.id))]
            pub user_id: i32,
            pub title: String,
        }

        /// The table `users`.
        #[expect(dead_code, reason = "it states the table")]
        #[derive(OpsModel)]
        #[diesel(table_name = crate::schema::users)]
        pub struct Users {
            pub id: i32,
            pub name: String,
            pub email: Option<String>,
            pub bio: Option<String>,
        }

    "#]]);
    let sandbox = adopted();
    for args in [&["check"][..], &["check", "--all"]] {
        sandbox.run(args.iter().copied()).check(expect![[r#"
            exit 0
            --- stdout
            Models and revisions agree.
        "#]]);
    }
    let _ = sandbox.run(["create", "nothing", "--all", "--dry-run"]).exits(0).says(&["No changes"]);
    sandbox.git(["add", "--all"]);
    let _ = sandbox.run(["check", "--staged"]).exits(0);
    // All of it is stated by now.
    let _ = sandbox.run(["schema", "--format", "ops"]).exits(0).says_nothing_of(&["OpsModel"]);
}

#[test]
fn what_a_struct_does_not_state_goes() {
    let sandbox = adopted();
    sandbox.edit("src/models.rs", "index(name = \"posts_user_id\"), ", "");
    sandbox.git(["add", "--all"]);
    let _ = sandbox.run(["check", "--staged"]).exits(1).says(&["- drop index posts_user_id of posts"]);
    let _ =
        sandbox.run(["create", "no index"]).exits(0).says(&["drop index posts_user_id of posts", "Proved on SQLite"]);
    let _ = sandbox.run(["check", "--all"]).exits(0);
}

#[test]
fn a_struct_drives_and_table_blocks_follow() {
    let sandbox = adopted();
    sandbox.commit("structs state the tables");
    let edit = || {
        sandbox.edit(
            "src/models.rs",
            "    pub title: String,\n",
            "    #[ops(unique)]\n    pub headline: String,\n    #[ops(default = 0)]\n    pub seen: i64,\n",
        );
    };
    edit();
    // Nothing names the file that table! is edited in.
    let create = ["create", "headlines", "--rename", "posts.title:headline"];
    let _ = sandbox.run(create).exits(0).says(&["table! of posts lags behind"]);
    sandbox.git(["checkout", "--quiet", "."]);
    sandbox.git(["clean", "--quiet", "-d", "--force"]);
    sandbox.write("diesel.toml", "[print_schema]\nfile = \"src/schema.rs\"\n");
    edit();
    sandbox.run(create).check(expect![[r#"
        exit 0
        --- stdout
        The models changed:
          + posts.seen BigInt                              src/models.rs:14
          + add unique to posts (headline)                 src/models.rs:12
        Here is what it does:
          1. rename column posts.title to headline
          2. add column posts.seen BIGINT NOT NULL
          3. add unique to posts (headline)
        Look here:
          - posts is rebuilt: a new table, its rows copied
        Wrote migrations/<time>-<id>_headlines/
        Edited src/schema.rs: added posts.headline; added posts.seen; removed posts.title
        Proved on SQLite: up, down, up again; 2 tables with rows; the schema is what it should be each time (<took>)
        --- stderr
        next: git add migrations/<time>-<id>_headlines; cargo ops-migrate upgrade
    "#]]);
    expect![[r#"
        diesel::table! {
            users (id) {
                id -> Integer,
                name -> Text,
                email -> Nullable<Text>,
                bio -> Nullable<Text>,
            }
        }

        diesel::table! {
            posts (id) {
                id -> Integer,
                user_id -> Integer,
                headline -> Text,
                seen -> BigInt,
            }
        }

        diesel::joinable!(posts -> users (user_id));
        diesel::allow_tables_to_appear_in_same_query!(posts, users);
    "#]]
    .assert_eq(&sandbox.read("src/schema.rs"));
    let _ = sandbox.run(["check", "--all"]).exits(0);
}

#[test]
fn a_table_block_changed_in_another_way_is_refused() {
    let sandbox = adopted();
    sandbox.commit("structs state the tables");
    sandbox.revision("2024-04-01-000000_nothing", "SELECT 1;\n", "SELECT 1;\n");
    sandbox.commit("a chain after it");
    sandbox.edit("src/schema.rs", "title -> Text", "title -> Integer");
    refused(
        &sandbox,
        ["create", "titles"],
        expect![[r#"
            exit 2
            --- stderr
            error: src/schema.rs:14: posts.title is Integer in table! and Text in the struct that states the table (it is at src/models.rs:11)
            hint: make them agree, or undo the change of table!: create edits it to follow the struct
        "#]],
    );
    refused(
        &sandbox,
        ["check"],
        expect![[r#"
            exit 2
            --- stderr
            error: src/schema.rs:14: posts.title is Integer in table! and Text in the struct that states the table (it is at src/models.rs:11)
            hint: make them agree, or undo the change of table!: create edits it to follow the struct
        "#]],
    );
}

/// The gate says it, too: nothing carries what the file of the tables has changed.
#[test]
fn a_table_block_changed_in_another_way_is_not_committed() {
    let repo = RealRepo::new().with_origin();
    repo.write("src/lib.rs", "pub mod models;\npub mod schema;\n");
    let fields = "pub id: i32,\n    pub name: String,\n    pub email: Option<String>,\n";
    let derive =
        "use ops_migrate_derive::OpsModel;\n\n#[derive(OpsModel)]\n#[diesel(table_name = crate::schema::users)]\n";
    repo.write("src/models.rs", format!("{derive}pub struct User {{\n    {fields}}}\n"));
    repo.commit_all("structs state the tables").passes_silently();
    repo.git(&["push", "--quiet", "origin", "main"]).passes_silently();
    repo.add_column("nick");
    let told = "src/schema.rs:5: table! has users.nick, and the struct that states the table has not (it is at src/models.rs:5)";
    let ran = repo.commit_all("nick").blocks(&format!("ops-migrate: commit blocked: {told}"));
    expect![[r#"
        ops-migrate: commit blocked: src/schema.rs:5: table! has users.nick, and the struct that states the table has not (it is at src/models.rs:5)
        hint: add the field to the struct, or take the column out of table!: create edits table! by itself
        skip once: OPS_MIGRATE_SKIP=1 git commit …   (pre-push and CI check again)
    "#]]
    .assert_eq(&ran.stderr);
    repo.git(&["commit", "--quiet", "--no-verify", "-m", "nick"]).passes();
    repo.git(&["push", "--quiet", "origin", "main"]).blocks(&format!("ops-migrate: push to main blocked: {told}"));
    // It was there before, and another change has its own revision.
    repo.write("README.md", "docs\n");
    repo.commit_all("docs").passes_silently();
}

#[test]
fn shared_columns_can_be_required() {
    let sandbox = adopted();
    let config =
        "\n[package.metadata.ops-migrate]\nshared-columns = [\"Audit\"]\nshared-columns-except = [\"users\"]\n";
    sandbox.write("Cargo.toml", format!("{MANIFEST}{config}"));
    sandbox.run(["check"]).check(expect![[r#"
        exit 1
        --- stdout
        Models and revisions agree.
        Tables without the shared columns that this project requires:
          posts without Audit                              src/models.rs:7
        --- stderr
        hint: embed them: #[ops(shared(…))] or #[diesel(embed)] in the struct that derives OpsModel; or name the table in shared-columns-except
    "#]]);
    let audit = "\n#[derive(OpsModel)]\n#[ops(columns)]\npub struct Audit {\n    #[ops(default = \"CURRENT_TIMESTAMP\")]\n    pub created_on: chrono::NaiveDateTime,\n}\n";
    let models =
        sandbox.read("src/models.rs").replace("pub struct Posts {", "#[ops(shared(Audit))]\npub struct Posts {");
    sandbox.write("src/models.rs", models + audit);
    let _ = sandbox.run(["create", "audit"]).exits(0).says(&["Proved on SQLite"]);
    let _ = sandbox.run(["check", "--all"]).exits(0);
}

#[test]
fn mistakes_are_told_with_file_and_line() {
    let sandbox = adopted();
    sandbox.edit("src/models.rs", "index(name = \"posts_user_id\"), ", "idx, ");
    refused(
        &sandbox,
        ["check"],
        expect![[r#"
        exit 2
        --- stderr
        error: src/models.rs:9: unknown key `idx`, did you mean `index`?
    "#]],
    );
    sandbox.git(["add", "--all"]);
    refused(
        &sandbox,
        ["check", "--staged"],
        expect![[r#"
        exit 2
        --- stderr
        error: src/models.rs:9: unknown key `idx`, did you mean `index`?
    "#]],
    );
}
