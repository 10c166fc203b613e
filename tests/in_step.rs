//! `schema.rs` in step with the revisions: `upgrade` after a revision that was written by hand,
//! `rollback`, `create`, and what the file's author wrote.

use expect_test::expect;

use crate::common::Sandbox;

/// A project whose diesel.toml names its schema file, in step with three applied revisions.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_chain();
    sandbox.write("diesel.toml", "[print_schema]\nfile = \"src/schema.rs\"\n");
    let printed = sandbox.run(["schema", "--format", "rust"]).exits(0).stdout;
    sandbox.write("src/schema.rs", printed);
    sandbox.commit("a printed schema");
    let _ = sandbox.run(["upgrade"]).exits(0).says_nothing_of(&["Edited"]);
    sandbox
}

const BY_HAND: &str = "2024-04-01-000000_tags";

/// A revision by hand: a table, a column that comes, one that goes.
fn write_by_hand(sandbox: &Sandbox) {
    sandbox.revision(
        BY_HAND,
        "CREATE TABLE tags (id INTEGER NOT NULL PRIMARY KEY, post_id INTEGER NOT NULL REFERENCES posts (id));\n\
         ALTER TABLE users ADD COLUMN nick TEXT;\nALTER TABLE users DROP COLUMN bio;\n",
        "ALTER TABLE users ADD COLUMN bio TEXT;\nALTER TABLE users DROP COLUMN nick;\nDROP TABLE tags;\n",
    );
}

#[test]
fn sql_first() {
    let sandbox = sandbox();
    let before = sandbox.read("src/schema.rs");
    write_by_hand(&sandbox);
    sandbox.run(["upgrade", "--locked-schema"]).check(expect![[r#"
        exit 1
        --- stdout
        1 revision to apply:
          20240401000000  tags  2024-04-01-000000_tags
        --- stderr
        error: src/schema.rs would change: added table tags; added users.nick; removed users.bio; joined tags to posts; the tables that may appear in one query (--locked-schema)
        hint: run it without --locked-schema where the file may change, and commit the file
    "#]]);
    assert_eq!(sandbox.query("SELECT count(*) AS line FROM __diesel_schema_migrations"), "3");
    sandbox.run(["upgrade"]).check(expect![[r#"
        exit 0
        --- stdout
        1 revision to apply:
          20240401000000  tags  2024-04-01-000000_tags
        applied 2024-04-01-000000_tags (<took>)
        Edited src/schema.rs: added table tags; added users.nick; removed users.bio; joined tags to posts; the tables that may appear in one query
    "#]]);
    assert_eq!(sandbox.read("src/schema.rs"), sandbox.run(["schema", "--format", "rust"]).exits(0).stdout);
    let _ = sandbox.run(["status"]).says(&["schema    src/schema.rs is what print-schema gives for the revisions"]);
    let _ = sandbox.run(["check"]).exits(0);
    // The revision is still there, and so is what the file says of it.
    let after = sandbox.read("src/schema.rs");
    let rollback = sandbox.run(["rollback", "--yes"]).exits(0).says_nothing_of(&["Edited"]);
    let _ = rollback.says(&["src/schema.rs stays as the revisions make it; rollback --schema takes that back too"]);
    assert_eq!(sandbox.read("src/schema.rs"), after);
    let _ = sandbox.run(["upgrade"]).exits(0).says_nothing_of(&["Edited", "left as it is"]);
    sandbox.run(["rollback", "--yes", "--schema"]).check(expect![[r#"
        exit 0
        --- stdout
        1 revision to take back:
          20240401000000  tags  2024-04-01-000000_tags
        took back 2024-04-01-000000_tags (<took>)
        Edited src/schema.rs: added users.bio; removed users.nick; removed table tags; removed the join of tags to posts; the tables that may appear in one query
    "#]]);
    assert_eq!(sandbox.read("src/schema.rs"), before);
    let _ = sandbox.run(["upgrade", "--no-schema"]).exits(0).says_nothing_of(&["Edited"]);
    assert_eq!(sandbox.read("src/schema.rs"), before);
}

#[test]
fn what_no_revision_carries_yet_stays() {
    let sandbox = sandbox();
    sandbox.edit(
        "src/schema.rs",
        "        name -> Text,",
        "        name -> Nullable<Text>,\n        // Soon.\n        phone -> Text,",
    );
    write_by_hand(&sandbox);
    let _ = sandbox.run(["upgrade"]).exits(0).says(&["Edited src/schema.rs: "]);
    let text = sandbox.read("src/schema.rs");
    assert!(text.contains("        name -> Nullable<Text>,\n        // Soon.\n        phone -> Text,\n"), "{text}");
    assert!(text.contains("nick -> Nullable<Text>"), "{text}");
    let _ = sandbox.run(["rollback", "--yes", "--schema"]).exits(0);
    let text = sandbox.read("src/schema.rs");
    assert!(text.contains("        name -> Nullable<Text>,\n        // Soon.\n        phone -> Text,\n"), "{text}");
    assert!(!text.contains("nick"), "{text}");
}

#[test]
fn a_file_that_was_committed_with_the_revision_is_its_authors() {
    let sandbox = sandbox();
    write_by_hand(&sandbox);
    // The author wants no part of tags, and says so by leaving it out.
    sandbox.edit("src/schema.rs", "        bio -> Nullable<Text>,", "        nick -> Nullable<Text>,");
    sandbox.commit("tags, and nick for bio");
    let before = sandbox.read("src/schema.rs");
    let _ = sandbox.run(["upgrade"]).exits(0).says_nothing_of(&["Edited"]);
    assert_eq!(sandbox.read("src/schema.rs"), before);
    sandbox.run(["status"]).check(expect![[r#"
        exit 0
        --- stdout
        chain     migrations (SQLite, 4 revisions)
        head      20240401000000 (tags)
        database  <root>/app.db (from <root>/.env)
        current   20240401000000 (tags)
        pending   none
                  the schema is what its revisions give
        models    agree with the revisions (table! and the chain)
        schema    src/schema.rs is not what print-schema gives for the revisions:
                  src/schema.rs: table tags is missing
    "#]]);
}

#[test]
fn create_adds_what_a_new_table_needs_in_the_file() {
    let sandbox = sandbox();
    sandbox.edit(
        "src/schema.rs",
        "diesel::joinable!(posts",
        "diesel::table! {\n    tags (id) {\n        id -> Integer,\n        post_id -> Integer,\n    }\n}\n\ndiesel::joinable!(tags -> posts (post_id));\ndiesel::joinable!(posts",
    );
    let _ = sandbox
        .run(["create", "tags"])
        .exits(0)
        .says(&["Edited src/schema.rs: the tables that may appear in one query"]);
    let text = sandbox.read("src/schema.rs");
    assert!(text.ends_with("diesel::allow_tables_to_appear_in_same_query!(posts, tags, users,);\n"), "{text}");
    let _ = sandbox.run(["upgrade"]).exits(0).says_nothing_of(&["Edited", "left as it is"]);
}

#[test]
fn what_is_not_certain_is_left_alone() {
    let sandbox = sandbox();
    let before = sandbox.read("src/schema.rs");
    sandbox.revision(
        BY_HAND,
        "CREATE TABLE names AS SELECT id, upper(name) AS name FROM users;\n",
        "DROP TABLE names;\n",
    );
    let upgrade = sandbox.run(["upgrade"]).exits(0).says_nothing_of(&["Edited"]);
    let _ = upgrade.says(&["left as it is: src/schema.rs: table names is not certain: "]);
    assert_eq!(sandbox.read("src/schema.rs"), before);
}

/// What a patch_file hides is hidden on purpose, also where the patch does not fit any more.
#[test]
fn a_patch_that_fits_only_before() {
    let sandbox = sandbox();
    sandbox.write("diesel.toml", "[print_schema]\nfile = \"src/schema.rs\"\npatch_file = \"schema.patch\"\n");
    let printed = sandbox.read("src/schema.rs");
    sandbox.edit("src/schema.rs", "        bio -> Nullable<Text>,\n", "");
    sandbox.write("schema.patch", diffy::create_patch(&printed, &sandbox.read("src/schema.rs")).to_string());
    sandbox.commit("bio is hidden");
    let _ = sandbox.run(["status"]).says(&["src/schema.rs is what print-schema gives for the revisions"]);
    sandbox.revision(BY_HAND, "ALTER TABLE users ADD COLUMN cat TEXT;\n", "ALTER TABLE users DROP COLUMN cat;\n");
    sandbox.run(["upgrade"]).check(expect![[r#"
        exit 0
        --- stdout
        1 revision to apply:
          20240401000000  tags  2024-04-01-000000_tags
        applied 2024-04-01-000000_tags (<took>)
        Edited src/schema.rs: added users.cat
        --- stderr
        warning: schema.patch is not applied: error applying hunk #1
    "#]]);
    let text = sandbox.read("src/schema.rs");
    assert!(text.contains("cat -> ") && !text.contains("bio -> "), "{text}");
    let _ = sandbox.run(["status"]).says(&["schema.patch is not applied", "src/schema.rs: users.bio is missing"]);
}

/// A file that several databases share has types of none of them in particular: nothing is said of it,
/// and nothing edited in it.
#[test]
fn a_file_for_several_databases_is_left_alone() {
    let sandbox = Sandbox::new();
    sandbox.write("diesel.toml", "[print_schema]\nfile = \"src/schema.rs\"\n");
    let _ = sandbox.run(["status", "--offline"]).exits(0).says(&["schema    src/schema.rs"]);
    fs_err::create_dir(sandbox.path("all")).unwrap();
    fs_err::rename(sandbox.path("migrations"), sandbox.path("all/sqlite")).unwrap();
    fs_err::rename(sandbox.path("all"), sandbox.path("migrations")).unwrap();
    sandbox.write("migrations/sqlite/2024-02-01-000000_bio/up.sql", "ALTER TABLE users ADD COLUMN bio TEXT;\n");
    sandbox.write("migrations/sqlite/2024-02-01-000000_bio/down.sql", "ALTER TABLE users DROP COLUMN bio;\n");
    sandbox.commit("a chain for each database");
    let before = sandbox.read("src/schema.rs");
    let _ = sandbox.run(["status", "--offline"]).says(&["migrations/sqlite"]).says_nothing_of(&["schema    "]);
    let _ = sandbox.run(["upgrade"]).exits(0).says_nothing_of(&["Edited"]);
    assert_eq!(sandbox.read("src/schema.rs"), before);
}
