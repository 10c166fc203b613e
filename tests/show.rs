//! `show`: one revision.

use expect_test::expect;

use crate::common::Sandbox;

#[test]
fn the_head_and_another() {
    let sandbox = Sandbox::with_chain();
    sandbox.run(["show"]).check(expect![[r#"
        exit 0
        --- stdout
        20240301000000  add bio  2024-03-01-000000_add_bio
        revises  20240201000000
        created  <time>
          - add column users.bio TEXT

        -- migrations/2024-03-01-000000_add_bio/up.sql
        ALTER TABLE users ADD COLUMN bio TEXT;

        -- migrations/2024-03-01-000000_add_bio/down.sql
        ALTER TABLE users DROP COLUMN bio;
    "#]]);
    sandbox.run(["show", "head-1"]).check(expect![[r#"
        exit 0
        --- stdout
        20240201000000  create posts  2024-02-01-000000_create_posts
        revises  20240101000000
        created  <time>
          - create table posts (3 columns)
          - create index posts_user_id on posts
          - add foreign key posts.(user_id) to users

        -- migrations/2024-02-01-000000_create_posts/up.sql
        CREATE TABLE posts (
            id INTEGER NOT NULL PRIMARY KEY,
            user_id INTEGER NOT NULL REFERENCES users (id),
            title TEXT NOT NULL
        );
        CREATE INDEX posts_user_id ON posts (user_id);

        -- migrations/2024-02-01-000000_create_posts/down.sql
        DROP TABLE posts;
    "#]]);
    assert_eq!(sandbox.run(["show", "202401"]).text(), sandbox.run(["show", "head-2"]).text());
}

#[test]
fn one_of_ours() {
    let sandbox = Sandbox::new();
    sandbox.edit("src/schema.rs", "name -> Text,", "name -> Text,\n        nick_name -> Nullable<Text>,");
    let _ = sandbox.run(["create", "add nick name"]).exits(0);
    sandbox.run(["show"]).check(expect![[r#"
        exit 0
        --- stdout
        <id>  add nick name  <time>-<id>_add_nick_name
        revises  20240101000000
        created  <time>
          - add column users.nick_name TEXT

        -- migrations/<time>-<id>_add_nick_name/up.sql
        ALTER TABLE users ADD COLUMN nick_name TEXT;

        -- migrations/<time>-<id>_add_nick_name/down.sql
        ALTER TABLE users DROP COLUMN nick_name;
    "#]]);
}

#[test]
fn none_of_them() {
    let sandbox = Sandbox::with_chain();
    for (revision, expected) in [
        (
            "base",
            expect![[r#"
                exit 2
                --- stderr
                error: `base` is before the first revision
                hint: cargo ops-migrate history lists them
            "#]],
        ),
        (
            "2024",
            expect![[r#"
        exit 2
        --- stderr
        error: `2024` may be any of 3 revisions: 20240101000000 (create users), 20240201000000 (create posts), 20240301000000 (add bio)
        hint: write more of the id
    "#]],
        ),
        (
            "nonsense",
            expect![[r#"
        exit 2
        --- stderr
        error: there is no revision `nonsense`
        hint: `cargo ops-migrate history` lists the revisions
    "#]],
        ),
        (
            "head-9",
            expect![[r#"
        exit 2
        --- stderr
        error: `head-9`: there are only 3 revisions before it
    "#]],
        ),
    ] {
        sandbox.run(["show", revision]).check(expected);
    }
}

#[test]
fn as_json() {
    let json = Sandbox::with_chain().run(["show", "--format", "json"]).exits(0).json();
    assert_eq!(json["operations"][0], "add column users.bio TEXT");
    assert_eq!(json["down"], "ALTER TABLE users DROP COLUMN bio;\n");
}

/// A revision is shown on top of what it builds on, not of what sorts before it.
#[test]
fn a_second_head_does_not_see_the_first() {
    let sandbox = Sandbox::new();
    for (at, id) in [("120000", "aaaaaaaaaaaa"), ("120100", "bbbbbbbbbbbb")] {
        let name = format!("2026-01-01-{at}-{id}_tags");
        sandbox.revision(&name, "CREATE TABLE tags (id INTEGER NOT NULL PRIMARY KEY);\n", "DROP TABLE tags;\n");
        sandbox.write(
            &format!("migrations/{name}/metadata.toml"),
            format!("run_in_transaction = true\n\n[ops-migrate]\nrevision = \"{id}\"\nrevises = \"20240101000000\"\n"),
        );
    }
    for id in ["aaaaaaaaaaaa", "bbbbbbbbbbbb"] {
        let _ = sandbox.run(["show", id]).exits(0).says(&["- create table tags (1 column)"]);
    }
}
