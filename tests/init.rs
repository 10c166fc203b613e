//! `init`: a project set up.

use expect_test::expect;

use crate::common::Sandbox;

#[test]
fn a_new_project_and_again() {
    let sandbox = Sandbox::without_revisions();
    sandbox.run(["init"]).check(expect![[r#"
        exit 0
        --- stdout
        backend     app (.)
        migrations  migrations (SQLite, made)
        --- stderr
        next: cargo ops-migrate hooks install; edit a table!; cargo ops-migrate create "what changed"
    "#]]);
    let after = sandbox.listing();
    sandbox.run(["init"]).check(expect![[r#"
        exit 0
        --- stdout
        backend     app (.)
        migrations  migrations (SQLite, no revision yet)
        --- stderr
        next: cargo ops-migrate hooks install; edit a table!; cargo ops-migrate create "what changed"
    "#]]);
    assert_eq!(sandbox.listing(), after);
}

#[test]
fn a_project_that_diesel_set_up() {
    let sandbox = Sandbox::with_chain();
    let before = sandbox.listing();
    sandbox.run(["init"]).check(expect![[r#"
        exit 0
        --- stdout
        backend     app (.)
        migrations  migrations (SQLite, revisions are there)
        --- stderr
        next: cargo ops-migrate hooks install; edit a table!; cargo ops-migrate create "what changed"
    "#]]);
    assert_eq!(sandbox.listing(), before);
}

#[test]
fn the_dialect_is_written_down() {
    let sandbox = Sandbox::without_revisions();
    sandbox.run(["init", "--dialect", "postgres"]).check(expect![[r#"
        exit 0
        --- stdout
        wrote       dialect = "postgres" into <root>/Cargo.toml
        backend     app (.)
        migrations  migrations (PostgreSQL, made)
        --- stderr
        next: cargo ops-migrate hooks install; edit a table!; cargo ops-migrate create "what changed"
    "#]]);
    assert!(sandbox.read("Cargo.toml").contains("[package.metadata.ops-migrate]\ndialect = \"postgres\""));
    sandbox.run(["init", "--dialect", "oracle"]).check(expect![[r#"
        exit 2
        --- stderr
        error: invalid value 'oracle' for '--dialect <NAME>': no dialect oracle (sqlite, postgres, mysql)

        For more information, try '--help'.
    "#]]);
}

#[test]
fn no_backend() {
    let sandbox = Sandbox::without_revisions();
    sandbox.write("Cargo.toml", "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    sandbox.run(["init"]).check(expect![[r#"
        exit 2
        --- stderr
        error: no package here depends on diesel
        hint: run this in a Diesel backend, or name its manifest: --manifest-path PATH/Cargo.toml
    "#]]);
}
