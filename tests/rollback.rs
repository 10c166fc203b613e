//! `rollback`: revisions taken back, and what that loses.

use expect_test::expect;

use crate::common::Sandbox;

/// What Diesel has recorded, the months only.
fn applied(sandbox: &Sandbox) -> String {
    sandbox
        .query("SELECT substr(version, 5, 2) AS line FROM __diesel_schema_migrations ORDER BY version")
        .replace('\n', " ")
}

#[test]
fn one_back() {
    let sandbox = Sandbox::applied();
    sandbox.run(["rollback"]).check(expect![[r#"
        exit 0
        --- stdout
        1 revision to take back:
          20240301000000  add bio  2024-03-01-000000_add_bio
        took back 2024-03-01-000000_add_bio (<took>)
    "#]]);
    assert_eq!(applied(&sandbox), "01 02");
    let _ = sandbox.run(["upgrade"]).exits(0);
    assert_eq!(applied(&sandbox), "01 02 03");
}

#[test]
fn to_a_target() {
    for (target, expected) in [
        ("-1", "01 02"),
        ("-2", "01"),
        ("base", ""),
        ("202401", "01"),
        ("20240201000000", "01 02"),
        ("head-1", "01 02"),
        ("current-1", "01 02"),
    ] {
        let sandbox = Sandbox::applied();
        let _ = sandbox.run(["rollback", target]).exits(0);
        assert_eq!(applied(&sandbox), expected, "{target}");
    }
}

#[test]
fn the_alias_of_alembic() {
    let sandbox = Sandbox::applied();
    let _ = sandbox.run(["downgrade", "-1"]).exits(0);
    assert_eq!(applied(&sandbox), "01 02");
}

#[test]
fn targets_that_cannot_be() {
    let sandbox = Sandbox::applied();
    for (target, expected) in [
        (
            "-9",
            expect![[r#"
        exit 2
        --- stderr
        error: `-9`: only 3 revisions are applied
    "#]],
        ),
        (
            "+1",
            expect![[r#"
        exit 2
        --- stderr
        error: `rollback +1`: rollback goes back only
        hint: the other way: `cargo ops-migrate upgrade +1`
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
            "head",
            expect![[r#"
        exit 0
        --- stdout
        Nothing to take back.
    "#]],
        ),
    ] {
        sandbox.run(["rollback", target]).check(expected);
    }
    assert_eq!(applied(&sandbox), "01 02 03");
}

#[test]
fn nothing_is_applied() {
    let sandbox = Sandbox::applied();
    let _ = sandbox.run(["rollback", "base"]).exits(0);
    sandbox.run(["rollback"]).check(expect![[r#"
        exit 2
        --- stderr
        error: no revision is applied: nothing to roll back
    "#]]);
    sandbox.run(["rollback", "base"]).check(expect![[r#"
        exit 0
        --- stdout
        Nothing to take back.
    "#]]);
}

#[test]
fn no_database_yet() {
    let sandbox = Sandbox::with_chain();
    sandbox.run(["rollback"]).check(expect![[r#"
        exit 5
        --- stderr
        error: no such database file: <root>/app.db
        hint: `cargo ops-migrate upgrade` creates it
    "#]]);
    assert!(!sandbox.path("app.db").exists());
}

#[test]
fn loss_has_to_be_agreed_to() {
    let sandbox = Sandbox::applied();
    sandbox.execute("INSERT INTO users (id, name, bio) VALUES (1, 'a', 'long'), (2, 'b', NULL); INSERT INTO posts VALUES (1, 1, 't')");
    sandbox.run(["rollback", "-2"]).check(expect![[r#"
        exit 2
        --- stdout
        2 revisions to take back:
          20240301000000  add bio  2024-03-01-000000_add_bio
          20240201000000  create posts  2024-02-01-000000_create_posts
        --- stderr
        warning: this loses the values of users.bio (1 row)
        warning: this loses the rows of posts (1 row)
        error: the rollback loses data, and nobody is there to ask
        hint: say so beforehand: --allow-data-loss
    "#]]);
    let _ = sandbox.run(["rollback", "-2", "--yes"]).exits(2);
    let _ = sandbox.run_answering("n\n", ["rollback", "-2"]).exits(1).says(&["nothing was changed"]);
    assert_eq!(applied(&sandbox), "01 02 03");
    sandbox.run(["rollback", "-2", "--plan"]).check(expect![[r#"
        exit 0
        --- stdout
        2 revisions to take back:
          20240301000000  add bio  2024-03-01-000000_add_bio
          20240201000000  create posts  2024-02-01-000000_create_posts
        --- stderr
        warning: this loses the values of users.bio (1 row)
        warning: this loses the rows of posts (1 row)
    "#]]);
    assert_eq!(applied(&sandbox), "01 02 03");
    let _ = sandbox.run(["rollback", "-1", "--allow-data-loss"]).exits(0);
    assert_eq!(applied(&sandbox), "01 02");
    let _ = sandbox.run_answering("y\n", ["rollback"]).exits(0);
    assert_eq!(applied(&sandbox), "01");
    assert_eq!(sandbox.query("SELECT name AS line FROM users ORDER BY id"), "a\nb");
}

#[test]
fn a_revision_without_a_way_back() {
    let sandbox = Sandbox::applied();
    sandbox.write(
        "migrations/2024-03-01-000000_add_bio/metadata.toml",
        "run_in_transaction = true\n\n[ops-migrate]\nirreversible = \"the values were merged\"\n",
    );
    sandbox.run(["rollback"]).check(expect![[r#"
        exit 1
        --- stdout
        1 revision to take back:
          20240301000000  add bio  2024-03-01-000000_add_bio
        --- stderr
        error: 20240301000000 (add bio) cannot be taken back: the values were merged
    "#]]);
    sandbox.write("migrations/2024-03-01-000000_add_bio/metadata.toml", "run_in_transaction = true\n");
    sandbox.write("migrations/2024-03-01-000000_add_bio/down.sql", "");
    sandbox.run(["rollback"]).check(expect![[r#"
        exit 2
        --- stdout
        1 revision to take back:
          20240301000000  add bio  2024-03-01-000000_add_bio
        --- stderr
        error: migrations/2024-03-01-000000_add_bio/down.sql: the file has no bytes, and Diesel refuses to run it
        hint: write the SQL, or say in a comment why there is none
    "#]]);
    fs_err::remove_file(sandbox.path("migrations/2024-03-01-000000_add_bio/down.sql")).unwrap();
    sandbox.run(["rollback"]).check(expect![[r#"
        exit 2
        --- stdout
        1 revision to take back:
          20240301000000  add bio  2024-03-01-000000_add_bio
        --- stderr
        error: migrations/2024-03-01-000000_add_bio/down.sql: the file is missing
        hint: write it, or say in a comment why it does nothing
    "#]]);
    assert_eq!(applied(&sandbox), "01 02 03");
}
