//! `check` on the work tree, the index, a commit and a range.

use expect_test::expect;

use crate::common::Sandbox;

/// A chain whose models got a column that no revision carries.
fn forgotten() -> Sandbox {
    let sandbox = Sandbox::with_chain();
    sandbox.edit("src/schema.rs", "name -> Text,", "name -> Text,\n        nick_name -> Nullable<Text>,");
    sandbox
}

#[test]
fn the_work_tree() {
    let sandbox = Sandbox::with_chain();
    sandbox.run(["check"]).check(expect![[r#"
        exit 0
        --- stdout
        Models and revisions agree.
    "#]]);
    let sandbox = forgotten();
    sandbox.run(["check"]).check(expect![[r#"
        exit 1
        --- stdout
        Models without a revision:
          + users.nick_name Nullable<Text>                 src/schema.rs:5
        --- stderr
        hint: write it: cargo ops-migrate create "what changed"
    "#]]);
    let _ = sandbox.run(["create", "add nick name", "--no-proof"]).exits(0);
    let _ = sandbox.run(["check"]).exits(0);
}

#[test]
fn the_index_and_not_the_work_tree() {
    let sandbox = forgotten();
    let _ = sandbox.run(["check", "--staged"]).exits(0);
    sandbox.git(["add", "src"]);
    sandbox.run(["check", "--staged"]).check(expect![[r#"
        exit 1
        --- stderr
        ops-migrate: users.nick_name added in src/schema.rs:5 has no migration
          + users.nick_name Nullable<Text>                 src/schema.rs:5
        write it:  cargo ops-migrate create "users nick_name added" && git add migrations
        skip once: OPS_MIGRATE_SKIP=1 git commit …   (pre-push and CI check again)
    "#]]);
    let _ = sandbox.run(["create", "add nick name", "--no-proof"]).exits(0);
    sandbox.run(["check", "--staged"]).check(expect![[r#"
        exit 1
        --- stderr
        ops-migrate: users.nick_name added in src/schema.rs:5 has no migration
          + users.nick_name Nullable<Text>                 src/schema.rs:5
        it is written, but not staged:  git add migrations/<time>-<id>_add_nick_name
        skip once: OPS_MIGRATE_SKIP=1 git commit …   (pre-push and CI check again)
    "#]]);
    sandbox.git(["add", "migrations"]);
    let _ = sandbox.run(["check", "--staged"]).exits(0);
}

#[test]
fn a_commit_and_a_range() {
    let sandbox = forgotten();
    sandbox.commit("forgot the revision");
    sandbox.run(["check", "--tree", "HEAD"]).check(expect![[r#"
        exit 1
        --- stderr
        ops-migrate: users.nick_name added in src/schema.rs:5 has no migration
          + users.nick_name Nullable<Text>                 src/schema.rs:5
        write it:  cargo ops-migrate create "users nick_name added" && git add migrations
    "#]]);
    let _ = sandbox.run(["check", "--tree", "HEAD~1"]).exits(0);
    let _ = sandbox.run(["check", "--range", "HEAD~1..HEAD"]).exits(1);
    let _ = sandbox.run(["check", "--range", "HEAD~1...HEAD"]).exits(1);
    let _ = sandbox.run(["check", "--range", "HEAD~2..HEAD~1"]).exits(0);
    let _ = sandbox.run(["create", "add nick name", "--no-proof"]).exits(0);
    sandbox.commit("the revision");
    let _ = sandbox.run(["check", "--range", "HEAD~2..HEAD"]).exits(0);
    let _ = sandbox.run(["check", "--tree", "HEAD"]).exits(0);
}

#[test]
fn refs_that_are_none() {
    let sandbox = Sandbox::with_chain();
    sandbox.run(["check", "--tree", "nonsense"]).check(expect![[r#"
        exit 2
        --- stderr
        error: could not check: a commit cannot be found: `nonsense` names no commit in this repository (libgit2: revspec 'nonsense' not found)
    "#]]);
    sandbox.run(["check", "--range", "HEAD"]).check(expect![[r#"
        exit 2
        --- stderr
        error: HEAD is no range
        hint: BASE..TIP, or BASE...TIP from their merge base
    "#]]);
    sandbox.run(["check", "--range", "nonsense..HEAD"]).check(expect![[r#"
        exit 2
        --- stderr
        error: could not check: a commit cannot be found: `nonsense` names no commit in this repository (libgit2: revspec 'nonsense' not found)
    "#]]);
}

#[test]
fn inherited_drift_never_blocks() {
    let sandbox = Sandbox::new();
    sandbox.edit("src/schema.rs", "email -> Nullable<Text>", "email -> Text");
    sandbox.revision(
        "2024-02-01-000000_index",
        "CREATE INDEX users_name ON users (name);\n",
        "DROP INDEX users_name;\n",
    );
    sandbox.commit("drift");
    sandbox.run(["check"]).check(expect![[r#"
        exit 0
        --- stdout
        Models and revisions agree.
        Inherited drift (1), which never blocks:
          ~ users.email Nullable<Text> -> Text             src/schema.rs:5
    "#]]);
    let _ = sandbox.run(["check", "--all"]).exits(1).says(&["users.email"]);
    let _ = sandbox.run(["check", "--staged"]).exits(0);
}

#[test]
fn as_json() {
    let sandbox = forgotten();
    let json = sandbox.run(["check", "--format", "json"]).exits(1).json();
    assert_eq!(json["missing"][0]["file"], "src/schema.rs");
    assert_eq!(json["missing"][0]["line"], 5);
    sandbox.git(["add", "src"]);
    let json = sandbox.run(["check", "--staged", "--format", "json"]).exits(1).json();
    assert_eq!(json["backends"][0]["missing"][0]["table"], "users");
}
