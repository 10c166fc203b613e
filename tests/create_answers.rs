//! `create`: what only a person can say (a rename or not, values of existing rows, drops), by flags
//! and by answers.

use expect_test::expect;

use crate::common::Sandbox;
use crate::create::{refused, with_nick_name, written};

#[test]
fn a_rename_has_to_be_said() {
    let sandbox = Sandbox::new();
    sandbox.edit("src/schema.rs", "email ->", "mail ->");
    refused(
        &sandbox,
        ["create", "rename email"],
        expect![[r#"
        exit 2
        --- stdout
        The models changed:
          + users.mail Nullable<Text>                      src/schema.rs:5
          - users.email                                    src/schema.rs:2
        --- stderr
        error: users.email is gone and users.mail is new: was it renamed?
        hint: if it is a rename: --rename users.email:mail; if not: --drop users.email
    "#]],
    );
    sandbox.run(["create", "rename email", "--rename", "users.email:mail"]).check(expect![[r#"
        exit 0
        --- stdout
        Here is what it does:
          1. rename column users.email to mail
        Wrote migrations/<time>-<id>_rename_email/
        Proved on SQLite: up, down, up again; 1 table with rows; the schema is what it should be each time (<took>)
        --- stderr
        next: git add migrations/<time>-<id>_rename_email; cargo ops-migrate upgrade
    "#]]);
    expect![[r#"
        == up.sql
        ALTER TABLE users RENAME COLUMN email TO mail;
        == down.sql
        ALTER TABLE users RENAME COLUMN mail TO email;
        == metadata.toml
        run_in_transaction = true

        [ops-migrate]
        revision = "<id>"
        revises = "20240101000000"
        message = "rename email"
        created = "<time>"
    "#]]
    .assert_eq(&written(&sandbox));
}

#[test]
fn a_rename_is_asked_at_a_terminal() {
    let sandbox = Sandbox::new();
    sandbox.edit("src/schema.rs", "email ->", "mail ->");
    sandbox.run_answering("y\n", ["create", "rename email"]).check(expect![[r#"
        exit 0
        --- stdout
        The models changed:
          + users.mail Nullable<Text>                      src/schema.rs:5
          - users.email                                    src/schema.rs:2
        Here is what it does:
          1. rename column users.email to mail
        Wrote migrations/<time>-<id>_rename_email/
        Proved on SQLite: up, down, up again; 1 table with rows; the schema is what it should be each time (<took>)
        --- stderr
        ? users.email is gone and users.mail is new: was it renamed? [y/N] next: git add migrations/<time>-<id>_rename_email; cargo ops-migrate upgrade
    "#]]);
    assert!(sandbox.read(&format!("{}/up.sql", sandbox.newest())).contains("RENAME COLUMN"));

    let sandbox = Sandbox::new();
    sandbox.edit("src/schema.rs", "email ->", "mail ->");
    let _ = sandbox.run_answering("n\n", ["create", "another mail"]).exits(0);
    let up = sandbox.read(&format!("{}/up.sql", sandbox.newest()));
    assert!(up.contains("DROP COLUMN") && up.contains("ADD COLUMN"), "{up}");
}

#[test]
fn no_rename_but_a_drop() {
    let sandbox = Sandbox::new();
    sandbox.edit("src/schema.rs", "email ->", "mail ->");
    sandbox.run(["create", "another mail", "--drop", "users.email"]).check(expect![[r#"
        exit 0
        --- stdout
        The models changed:
          + users.mail Nullable<Text>                      src/schema.rs:5
          - users.email                                    src/schema.rs:2
        Here is what it does:
          1. add column users.mail TEXT
          2. drop column users.email
        Look here:
          - loses the values of users.email
          - users.email goes and mail comes: if the values should move, write the UPDATE between
          - down makes users.email again, without its values
        Wrote migrations/<time>-<id>_another_mail/
        Proved on SQLite: up, down, up again; 1 table with rows; the schema is what it should be each time (<took>)
        --- stderr
        next: git add migrations/<time>-<id>_another_mail; cargo ops-migrate upgrade
    "#]]);
}

#[test]
fn a_rename_of_nothing_is_refused() {
    let sandbox = with_nick_name();
    refused(
        &sandbox,
        ["create", "x", "--rename", "users.mail:nick_name"],
        expect![[r#"
            exit 2
            --- stderr
            error: --rename users.mail:nick_name: the schema has no users.mail
            hint: write --rename TABLE.OLD:NEW for a column, --rename OLD:NEW for a table, --rename ENUM.OLD:NEW for a value of an enum
        "#]],
    );
    refused(
        &sandbox,
        ["create", "x", "--rename", "nothing"],
        expect![[r#"
        exit 2
        --- stderr
        error: --rename nothing: expected TABLE.OLD:NEW for a column or OLD:NEW for a table
        hint: for instance --rename users.nick:nick_name
    "#]],
    );
}

#[test]
fn not_null_needs_a_value_for_existing_rows() {
    let sandbox = Sandbox::new();
    sandbox.edit("src/schema.rs", "email -> Nullable<Text>", "email -> Text");
    refused(
        &sandbox,
        ["create", "email is required"],
        expect![[r#"
        exit 2
        --- stdout
        The models changed:
          ~ users.email Nullable<Text> -> Text             src/schema.rs:5
        --- stderr
        error: users.email (TEXT) is NOT NULL: which value do existing rows get?
        hint: give existing rows a value: --fill users.email=EXPR (an SQL expression, as "'unknown'" or 0)
    "#]],
    );
    sandbox.run(["create", "email is required", "--fill", "users.email='unknown'"]).check(expect![[r#"
        exit 0
        --- stdout
        The models changed:
          ~ users.email Nullable<Text> -> Text             src/schema.rs:5
        Here is what it does:
          1. make users.email NOT NULL
        Look here:
          - users is rebuilt: a new table, its rows copied
        Wrote migrations/<time>-<id>_email_is_required/
        Proved on SQLite: up, down, up again; 1 table with rows; the schema is what it should be each time (<took>)
        --- stderr
        next: git add migrations/<time>-<id>_email_is_required; cargo ops-migrate upgrade
    "#]]);
    expect![[r#"
        == up.sql
        PRAGMA defer_foreign_keys = ON;

        PRAGMA legacy_alter_table = ON;

        CREATE TABLE _ops_new_users (
            id INTEGER NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            email TEXT NOT NULL
        );

        INSERT INTO _ops_new_users (id, name, email)
        SELECT id, name, coalesce(email, 'unknown')
        FROM users;

        DROP TABLE users;

        ALTER TABLE _ops_new_users RENAME TO users;

        PRAGMA legacy_alter_table = OFF;

        PRAGMA defer_foreign_keys = OFF;
        == down.sql
        PRAGMA defer_foreign_keys = ON;

        PRAGMA legacy_alter_table = ON;

        CREATE TABLE _ops_new_users (
            id INTEGER NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            email TEXT
        );

        INSERT INTO _ops_new_users (id, name, email)
        SELECT id, name, email
        FROM users;

        DROP TABLE users;

        ALTER TABLE _ops_new_users RENAME TO users;

        PRAGMA legacy_alter_table = OFF;

        PRAGMA defer_foreign_keys = OFF;
        == metadata.toml
        run_in_transaction = true

        [ops-migrate]
        revision = "<id>"
        revises = "20240101000000"
        message = "email is required"
        created = "<time>"
    "#]]
    .assert_eq(&written(&sandbox));
}

#[test]
fn not_null_keeps_rows_and_fills_them() {
    let sandbox = Sandbox::new();
    let _ = sandbox.run(["upgrade"]).exits(0);
    sandbox.execute("INSERT INTO users (id, name, email) VALUES (1, 'a', 'a@x'), (2, 'b', NULL)");
    sandbox.edit("src/schema.rs", "email -> Nullable<Text>", "email -> Text");
    let _ = sandbox.run(["create", "email is required", "--fill", "users.email='unknown'"]).exits(0);
    let _ = sandbox.run(["upgrade"]).exits(0);
    assert_eq!(sandbox.query("SELECT id || name || email AS line FROM users ORDER BY id"), "1aa@x\n2bunknown");
    let _ = sandbox.run(["rollback"]).exits(0);
    assert_eq!(sandbox.query("SELECT id || name || email AS line FROM users ORDER BY id"), "1aa@x\n2bunknown");
}

#[test]
fn a_new_required_column() {
    let sandbox = Sandbox::new();
    sandbox.edit("src/schema.rs", "name -> Text,", "name -> Text,\n        age -> Integer,");
    refused(
        &sandbox,
        ["create", "add age"],
        expect![[r#"
        exit 2
        --- stdout
        The models changed:
          + users.age Integer                              src/schema.rs:5
        --- stderr
        error: users.age (INTEGER) is NOT NULL: which value do existing rows get?
        hint: give existing rows a value: --fill users.age=EXPR (an SQL expression, as "'unknown'" or 0)
    "#]],
    );
    sandbox.run_answering("0\n", ["create", "add age"]).check(expect![[r#"
        exit 0
        --- stdout
        The models changed:
          + users.age Integer                              src/schema.rs:5
        Here is what it does:
          1. add column users.age INTEGER NOT NULL
        Look here:
          - users is rebuilt: a new table, its rows copied
        Wrote migrations/<time>-<id>_add_age/
        Proved on SQLite: up, down, up again; 1 table with rows; the schema is what it should be each time (<took>)
        --- stderr
        ? users.age (INTEGER) is NOT NULL: which value do existing rows get? (SQL expression) next: git add migrations/<time>-<id>_add_age; cargo ops-migrate upgrade
    "#]]);
    expect![[r#"
        == up.sql
        PRAGMA defer_foreign_keys = ON;

        PRAGMA legacy_alter_table = ON;

        CREATE TABLE _ops_new_users (
            id INTEGER NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            email TEXT,
            age INTEGER NOT NULL
        );

        INSERT INTO _ops_new_users (id, name, email, age)
        SELECT id, name, email, 0
        FROM users;

        DROP TABLE users;

        ALTER TABLE _ops_new_users RENAME TO users;

        PRAGMA legacy_alter_table = OFF;

        PRAGMA defer_foreign_keys = OFF;
        == down.sql
        ALTER TABLE users DROP COLUMN age;
        == metadata.toml
        run_in_transaction = true

        [ops-migrate]
        revision = "<id>"
        revises = "20240101000000"
        message = "add age"
        created = "<time>"
    "#]]
    .assert_eq(&written(&sandbox));
}

#[test]
fn an_answer_that_is_none_writes_nothing() {
    let sandbox = Sandbox::new();
    sandbox.edit("src/schema.rs", "name -> Text,", "name -> Text,\n        age -> Integer,");
    let before = sandbox.listing();
    sandbox.run_answering("\n", ["create", "add age"]).check(expect![[r#"
        exit 2
        --- stdout
        The models changed:
          + users.age Integer                              src/schema.rs:5
        --- stderr
        ? users.age (INTEGER) is NOT NULL: which value do existing rows get? (SQL expression) error: users.age stays without a value for existing rows
        hint: make the column nullable, or give --fill users.age=EXPR
    "#]]);
    assert_eq!(sandbox.listing(), before);
}

#[test]
fn flags_that_do_not_parse() {
    let sandbox = with_nick_name();
    refused(
        &sandbox,
        ["create", "x", "--fill", "users.nick_name"],
        expect![[r#"
        exit 2
        --- stderr
        error: --fill users.nick_name: expected TABLE.COLUMN=EXPR
        hint: for instance --fill users.nick_name="''"
    "#]],
    );
    refused(
        &sandbox,
        ["create", "x", "--using", "nick_name=1"],
        expect![[r#"
        exit 2
        --- stderr
        error: --using nick_name=1: expected TABLE.COLUMN=EXPR
        hint: for instance --using users.nick_name="''"
    "#]],
    );
}

#[test]
fn without_git_each_drop_is_asked() {
    let sandbox = Sandbox::without_git();
    sandbox.edit("src/schema.rs", "        email -> Nullable<Text>,\n", "");
    refused(
        &sandbox,
        ["create", "drop email"],
        expect![[r#"
        exit 2
        --- stdout
        The models changed:
          - users.email                                    src/schema.rs:2
        --- stderr
        error: users.email is in the schema, but not in the models: drop it?
        hint: if it is really to go: --drop users.email
    "#]],
    );
    let _ = sandbox.run(["create", "drop email", "--drop", "users.email"]).exits(0).says(&["Proved"]);
}
