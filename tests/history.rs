//! `history`, `current` and `heads`: where things stand.

use expect_test::expect;

use crate::common::Sandbox;

#[test]
fn newest_first() {
    let sandbox = Sandbox::with_chain();
    sandbox.run(["history"]).check(expect![[r#"
        exit 0
        --- stdout
        20240301000000  add bio  2024-03-01-000000_add_bio (head)
        20240201000000  create posts  2024-02-01-000000_create_posts
        20240101000000  create users  2024-01-01-000000_create_users
    "#]]);
    sandbox.run(["history", "-v"]).check(expect![[r#"
        exit 0
        --- stdout
        20240301000000  add bio  2024-03-01-000000_add_bio (head)
            revises   20240201000000
            version   20240301000000
            created   <time>
        20240201000000  create posts  2024-02-01-000000_create_posts
            revises   20240101000000
            version   20240201000000
            created   <time>
        20240101000000  create users  2024-01-01-000000_create_users
            revises   base
            version   20240101000000
            created   <time>
    "#]]);
    assert!(!sandbox.path("app.db").exists());
}

/// The months that a range gives.
fn months(sandbox: &Sandbox, range: &str) -> String {
    let output = sandbox.run(["history", "-r", range]).exits(0);
    let months: Vec<_> = output.stdout.lines().map(|line| &line[4..6]).collect();
    months.join(" ")
}

#[test]
fn ranges() {
    let sandbox = Sandbox::with_chain();
    let _ = sandbox.run(["upgrade", "202402"]).exits(0);
    let cases = [
        ("-10:current", "02 01"),
        ("-1:current", "02 01"),
        ("-1:", "03 02 01"),
        ("base:head", "03 02 01"),
        (":", "03 02 01"),
        (":202402", "02 01"),
        ("202402:", "03 02"),
        ("202402:head", "03 02"),
        ("current:head", "03 02"),
        ("current:", "03 02"),
        ("head-1:head", "03 02"),
    ];
    let found: Vec<_> = cases.iter().map(|(range, _)| (*range, months(&sandbox, range))).collect();
    let expected: Vec<_> = cases.iter().map(|(range, months)| (*range, (*months).to_owned())).collect();
    assert_eq!(found, expected);
}

#[test]
fn the_range_as_typed() {
    let sandbox = Sandbox::applied();
    sandbox.run(["history", "-r", "-10:current"]).check(expect![[r#"
        exit 0
        --- stdout
        20240301000000  add bio  2024-03-01-000000_add_bio (head, current)
        20240201000000  create posts  2024-02-01-000000_create_posts
        20240101000000  create users  2024-01-01-000000_create_users
    "#]]);
    sandbox.run(["history", "-r-1:current", "-i"]).check(expect![[r#"
        exit 0
        --- stdout
        20240301000000  add bio  2024-03-01-000000_add_bio (head, current)
        20240201000000  create posts  2024-02-01-000000_create_posts
    "#]]);
    sandbox.run(["history", "--range=-1:current", "--indicate-current"]).check(expect![[r#"
        exit 0
        --- stdout
        20240301000000  add bio  2024-03-01-000000_add_bio (head, current)
        20240201000000  create posts  2024-02-01-000000_create_posts
    "#]]);
}

#[test]
fn ranges_that_are_none() {
    let sandbox = Sandbox::with_chain();
    for (range, expected) in [
        (
            "-10",
            expect![[r#"
        exit 2
        --- stderr
        error: `-10` is no range
        hint: the last ones before current: `-10:current`
    "#]],
        ),
        (
            "nonsense",
            expect![[r#"
        exit 2
        --- stderr
        error: `nonsense` is no range
        hint: a range is `from:to`, `from:` or `:to`, such as `-10:current`
    "#]],
        ),
        (
            "nonsense:head",
            expect![[r#"
        exit 2
        --- stderr
        error: there is no revision `nonsense`
        hint: `cargo ops-migrate history` lists the revisions
    "#]],
        ),
        (
            "head:base",
            expect![[r#"
        exit 2
        --- stderr
        error: `head:base`: its start is not among what its end builds on
        hint: the other way round: `base:head`
    "#]],
        ),
    ] {
        sandbox.run(["history", "-r", range]).check(expected);
    }
}

#[test]
fn current_needs_a_database() {
    let sandbox = Sandbox::with_chain();
    sandbox.run(["history", "-r", "-10:current"]).check(expect![[r#"
        exit 5
        --- stderr
        error: no such database file: <root>/app.db
        hint: `cargo ops-migrate upgrade` creates it
    "#]]);
    sandbox.run(["current"]).check(expect![[r#"
        exit 5
        --- stderr
        error: no such database file: <root>/app.db
        hint: `cargo ops-migrate upgrade` creates it
    "#]]);
    let _ = sandbox.run(["upgrade", "+1"]).exits(0);
    sandbox.run(["current"]).check(expect![[r#"
        exit 0
        --- stdout
        20240101000000  create users  2024-01-01-000000_create_users
    "#]]);
    let _ = sandbox.run(["upgrade"]).exits(0);
    sandbox.run(["current"]).check(expect![[r#"
        exit 0
        --- stdout
        20240301000000  add bio  2024-03-01-000000_add_bio (head)
    "#]]);
    let _ = sandbox.run(["rollback", "base"]).exits(0);
    sandbox.run(["current"]).check(expect![[r#"
        exit 0
        --- stdout
        base (nothing is applied)
    "#]]);
}

#[test]
fn heads() {
    let sandbox = Sandbox::with_chain();
    sandbox.run(["heads"]).check(expect![[r#"
        exit 0
        --- stdout
        20240301000000  add bio  2024-03-01-000000_add_bio
    "#]]);
    let empty = Sandbox::without_revisions();
    empty.run(["heads"]).check(expect![[r#"
        exit 0
        --- stderr
        no revision yet
    "#]]);
    empty.run(["history"]).check(expect![[r#"
        exit 0
        --- stderr
        no revision yet
    "#]]);
}

#[test]
fn as_json() {
    let sandbox = Sandbox::applied();
    let history = sandbox.run(["history", "--format", "json"]).exits(0).json();
    assert_eq!(history["schema_version"], 1);
    assert_eq!(history["revisions"][0]["id"], "20240301000000");
    assert_eq!(history["revisions"][0]["parents"][0], "20240201000000");
    assert_eq!(history["revisions"][0]["applied"], serde_json::Value::Null);
    let history = sandbox.run(["history", "-i", "--format", "json"]).exits(0).json();
    assert_eq!(history["revisions"][0]["applied"], true);
    let current = sandbox.run(["current", "--format", "json"]).exits(0).json();
    assert_eq!(
        (&current["current"][0]["version"], &current["current"][0]["head"]),
        (&"20240301000000".into(), &true.into())
    );
    let heads = sandbox.run(["heads", "--format", "json"]).exits(0).json();
    assert_eq!(heads["heads"][0]["directory"], "migrations/2024-03-01-000000_add_bio");
}
