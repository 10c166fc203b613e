//! `schema`: the schema at a revision, without a database.

use expect_test::expect;

use crate::common::{SCHEMA, Sandbox};

#[test]
fn of_the_head() {
    let sandbox = Sandbox::with_chain();
    sandbox.run(["schema"]).check(expect![[r#"
        exit 0
        --- stdout
        table posts
          id                               INTEGER not null key
          user_id                          INTEGER not null
          title                            TEXT not null
          foreign key (user_id) -> users
          index posts_user_id
        table users
          id                               INTEGER not null key
          name                             TEXT not null
          email                            TEXT
          bio                              TEXT
    "#]]);
    sandbox.run(["schema", "--format", "sql"]).check(expect![[r#"
        exit 0
        --- stdout
        CREATE TABLE posts (
            id INTEGER NOT NULL PRIMARY KEY,
            user_id INTEGER NOT NULL,
            title TEXT NOT NULL,
            FOREIGN KEY (user_id) REFERENCES users (id)
        );

        CREATE TABLE users (
            id INTEGER NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            email TEXT,
            bio TEXT
        );

        CREATE INDEX posts_user_id ON posts (user_id);
    "#]]);
    sandbox.run(["schema", "--format", "rust"]).check(expect![[r#"
        exit 0
        --- stdout
        // @generated automatically by Diesel CLI.

        diesel::table! {
            posts (id) {
                id -> Integer,
                user_id -> Integer,
                title -> Text,
            }
        }

        diesel::table! {
            users (id) {
                id -> Integer,
                name -> Text,
                email -> Nullable<Text>,
                bio -> Nullable<Text>,
            }
        }

        diesel::joinable!(posts -> users (user_id));

        diesel::allow_tables_to_appear_in_same_query!(posts, users,);
    "#]]);
    let json = sandbox.run(["schema", "--format", "json"]).exits(0).json();
    assert!(json["tables"].to_string().contains("posts_user_id"), "{json}");
}

#[test]
fn of_a_revision() {
    let sandbox = Sandbox::with_chain();
    let rust = sandbox.run(["schema", "202401", "--format", "rust"]).exits(0);
    let body = rust.stdout.strip_prefix("// @generated automatically by Diesel CLI.\n").unwrap();
    assert_eq!(
        body.split_whitespace().collect::<String>().replace("diesel::", ""),
        SCHEMA.split_whitespace().collect::<String>().replace("diesel::", "")
    );
    sandbox.run(["schema", "base"]).check(expect![[r#"
        exit 0
    "#]]);
    sandbox.run(["schema", "nonsense"]).check(expect![[r#"
        exit 2
        --- stderr
        error: there is no revision `nonsense`
        hint: `cargo ops-migrate history` lists the revisions
    "#]]);
}

#[test]
fn the_sql_makes_the_same_schema() {
    let sandbox = Sandbox::applied();
    let sql = sandbox.run(["schema", "--format", "sql"]).exits(0).stdout;
    sandbox.write("schema.sql", &sql);
    let _ = sandbox.run(["diff", "--from", "head", "--to", "schema.sql"]).exits(0).says(&["No differences."]);
    let _ = sandbox.run(["diff", "--from", "schema.sql", "--to", "app.db"]).exits(2);
}

#[test]
fn as_diesel_toml_says() {
    let sandbox = Sandbox::with_chain();
    sandbox.write(
        "diesel.toml",
        "[print_schema.users]\nfile = \"src/users.rs\"\nfilter = { only_tables = [\"^users$\"] }\nwith_dogs = 1\n\n\
         [print_schema.posts]\nfile = \"src/posts.rs\"\nfilter = { only_tables = [\"^posts$\"] }\npatch_file = \"gone.patch\"\n",
    );
    let head = "// @generated automatically by Diesel CLI.\n\ndiesel::table! {\n    posts (id) {";
    let posts = sandbox.run(["schema", "--format", "rust", "--schema-key", "posts"]).exits(0);
    assert!(posts.stdout.starts_with(head) && !posts.stdout.contains("users (id)"), "{}", posts.stdout);
    let _ = posts.says(&["the patch_file gone.patch is not there, and not applied"]);
    let users = sandbox.run(["schema", "--format", "rust", "--schema-key", "users"]).exits(0);
    let _ = users.says(&["users (id) {", "print_schema.users.with_dogs is no setting that is known here"]);
    sandbox.run(["schema", "--format", "rust", "--schema-key", "cats"]).check(expect![[r#"
        exit 2
        --- stderr
        error: diesel.toml has no section print_schema.cats
        hint: it has: default, posts, users
    "#]]);
}
