//! Input that cannot be: a clear error with file and line, exit 2, and nothing written.

use expect_test::{Expect, expect};

use crate::common::{FIRST, MANIFEST, SCHEMA, Sandbox};

/// Runs a command that must fail and leave every file as it was.
#[track_caller]
fn check<'a>(sandbox: &Sandbox, args: impl IntoIterator<Item = &'a str>, expected: Expect) {
    let before = sandbox.listing();
    sandbox.run(args).check(expected);
    assert!(sandbox.listing() == before, "something was written");
}

/// `create` and the other commands that read the models, with other models.
#[track_caller]
fn check_models(schema: impl AsRef<[u8]>, expected: Expect) {
    let sandbox = Sandbox::new();
    sandbox.write("src/schema.rs", schema);
    check(&sandbox, ["create", "x"], expected);
    let text = sandbox.run(["create", "x"]).exits(2).stderr;
    for args in [["check"].as_slice(), &["status", "--offline"], &["diff"]] {
        assert_eq!(sandbox.run(args.iter().copied()).exits(2).stderr, text, "{args:?}");
    }
    // What needs no models goes on.
    let _ = sandbox.run(["history"]).exits(0);
    let _ = sandbox.run(["doctor"]).exits(0).says(&["missing"]);
}

/// `create` and the other commands that read the chain, with another file in the first revision.
#[track_caller]
fn check_chain(file: &str, bytes: impl AsRef<[u8]>, expected: Expect) {
    let sandbox = Sandbox::new();
    sandbox.write(&format!("{FIRST}/{file}"), bytes);
    check(&sandbox, ["create", "x"], expected);
    let text = sandbox.run(["create", "x"]).exits(2).stderr;
    for args in [["check"].as_slice(), &["status", "--offline"], &["schema"]] {
        let before = sandbox.listing();
        let stderr = sandbox.run(args.iter().copied()).exits(2).stderr;
        assert_eq!(stderr.lines().next(), text.lines().next(), "{args:?}");
        assert!(sandbox.listing() == before, "{args:?}");
    }
}

#[test]
fn rust_that_does_not_parse() {
    check_models(
        SCHEMA.replace("name -> Text,", "name -> Text,,"),
        expect![[r#"
            exit 2
            --- stderr
            error: src/schema.rs:4: this table! cannot be read: expected ident
        "#]],
    );
    check_models(
        "diesel::table! {\n    users (id) {\n",
        expect![[r#"
        exit 2
        --- stderr
        error: src/schema.rs:2: this is not Rust that parses: a bracket or a quote has no partner
    "#]],
    );
    check_models(
        SCHEMA.replace("name -> Text", "name: Text"),
        expect![[r#"
            exit 2
            --- stderr
            error: src/schema.rs:4: this table! cannot be read: expected `->`
        "#]],
    );
}

#[test]
fn a_type_that_nobody_knows() {
    check_models(
        SCHEMA.replace("name -> Text", "name -> Txet"),
        expect![[r#"
            exit 2
            --- stderr
            error: src/schema.rs:4: this table! cannot be read: column name has the type Txet, which Diesel does not have and no `use` brings in
        "#]],
    );
}

#[test]
fn a_new_column_of_a_type_that_the_dialect_lacks() {
    let sandbox = Sandbox::new();
    sandbox.edit("src/schema.rs", "name -> Text,", "name -> Text,\n        tags -> Array<Text>,");
    check(
        &sandbox,
        ["create", "x"],
        expect![[r#"
        exit 2
        --- stderr
        error: src/schema.rs:5: users.tags has the type Array<Text>, which SQLite has no name for
        hint: declare what it stands for: #[diesel(sqlite_type(name = "…"))] on its struct; or write the revision by hand: cargo ops-migrate create --empty "…"
    "#]],
    );
}

#[test]
fn two_declarations_that_contradict() {
    let other = SCHEMA.replace("name -> Text", "name -> Integer");
    check_models(
        format!("{SCHEMA}\n{other}"),
        expect![[r#"
        exit 2
        --- stderr
        error: src/schema.rs:10: table users is declared twice, differently: name is Text in one and Integer in the other (the other is at src/schema.rs:2)
        hint: keep one, or name the file that holds the schema: `schema-files = ["src/schema.rs"]` under [package.metadata.ops-migrate]
    "#]],
    );
    check_models(
        SCHEMA.replace("name -> Text,", "name -> Text,\n        name -> Integer,"),
        expect![[r#"
            exit 2
            --- stderr
            error: src/schema.rs:5: this table! cannot be read: column name is declared twice
        "#]],
    );
}

#[test]
fn models_that_are_not_utf8() {
    check_models(
        [SCHEMA.as_bytes(), b"// caf\xe9\n"].concat(),
        expect![[r#"
        exit 2
        --- stderr
        error: src/schema.rs:8: this file is not UTF-8
    "#]],
    );
}

#[test]
fn metadata_that_diesel_would_misread() {
    check_chain(
        "metadata.toml",
        "",
        expect![[r#"
        exit 2
        --- stderr
        error: migrations/2024-01-01-000000_create_users/metadata.toml:1: `run_in_transaction` is missing: Diesel reads that as false
        hint: add `run_in_transaction = true` as the first line (or `= false`, if that is meant)
    "#]],
    );
    check_chain(
        "metadata.toml",
        "# nothing\nrun_in_transation = false\n",
        expect![[r#"
        exit 2
        --- stderr
        error: migrations/2024-01-01-000000_create_users/metadata.toml:2: `run_in_transation` means nothing to Diesel; its key is `run_in_transaction`
        hint: a file without that key makes Diesel run the revision outside a transaction
    "#]],
    );
    check_chain(
        "metadata.toml",
        "run_in_transaction = \"no\"\n",
        expect![[r#"
        exit 2
        --- stderr
        error: migrations/2024-01-01-000000_create_users/metadata.toml:1: `run_in_transaction` is a string and has to be true or false
        hint: Diesel skips such a file without a word and runs the revision in a transaction
    "#]],
    );
    check_chain(
        "metadata.toml",
        "run_in_transaction = true\n\n[ops-migrate\n",
        expect![[r#"
        exit 2
        --- stderr
        error: migrations/2024-01-01-000000_create_users/metadata.toml:3: not TOML: unclosed table, expected `]`
        hint: Diesel skips such a file without a word and runs the revision in a transaction
    "#]],
    );
    check_chain(
        "metadata.toml",
        b"run_in_transaction = true # \xff\n",
        expect![[r#"
        exit 2
        --- stderr
        error: migrations/2024-01-01-000000_create_users/metadata.toml:1: the file is not UTF-8: byte 0xFF
        hint: save the file as UTF-8
    "#]],
    );
}

#[test]
fn an_up_without_statements() {
    check_chain(
        "up.sql",
        "",
        expect![[r#"
        exit 2
        --- stderr
        error: migrations/2024-01-01-000000_create_users/up.sql: the file has no bytes, and Diesel refuses to run it
        hint: write the SQL, or say in a comment why there is none
    "#]],
    );
    check_chain(
        "up.sql",
        "  \n\t\n",
        expect![[r#"
        exit 2
        --- stderr
        error: migrations/2024-01-01-000000_create_users/up.sql: the file has nothing but white space in it
        hint: write the SQL, or say in a comment why there is none
    "#]],
    );
}

#[test]
fn an_up_that_does_not_parse() {
    check_chain(
        "up.sql",
        "-- One line.\nCREATE TABEL users (id INTEGER);\n",
        expect![[r#"
        exit 2
        --- stderr
        error: migrations/2024-01-01-000000_create_users/up.sql:2: this does not parse as SQLite: near "TABEL": syntax error
    "#]],
    );
    check_chain(
        "up.sql",
        "CREATE TABLE users (id INTEGER",
        expect![[r#"
        exit 2
        --- stderr
        error: migrations/2024-01-01-000000_create_users/up.sql:1: this does not parse as SQLite: unexpected end of input
    "#]],
    );
}

#[test]
fn an_up_that_is_not_utf8() {
    check_chain(
        "up.sql",
        b"-- One line.\n-- caf\xe9\nSELECT 1;\n",
        expect![[r#"
        exit 2
        --- stderr
        error: migrations/2024-01-01-000000_create_users/up.sql:2: the file is not UTF-8: byte 0xE9
        hint: save the file as UTF-8
    "#]],
    );
}

#[test]
fn a_down_without_statements() {
    for (text, expected) in [
        (
            "",
            expect![[r#"
        exit 2
        --- stdout
        1 revision to take back:
          20240101000000  create users  2024-01-01-000000_create_users
        --- stderr
        error: migrations/2024-01-01-000000_create_users/down.sql: the file has no bytes, and Diesel refuses to run it
        hint: write the SQL, or say in a comment why there is none
    "#]],
        ),
        (
            " \n",
            expect![[r#"
        exit 2
        --- stdout
        1 revision to take back:
          20240101000000  create users  2024-01-01-000000_create_users
        --- stderr
        error: migrations/2024-01-01-000000_create_users/down.sql: the file has nothing but white space in it
        hint: write the SQL, or say in a comment why there is none
    "#]],
        ),
    ] {
        let sandbox = Sandbox::new();
        sandbox.write(&format!("{FIRST}/down.sql"), text);
        let _ = sandbox.run(["upgrade"]).exits(0);
        check(&sandbox, ["rollback"], expected);
        let _ = sandbox.run(["review", "head"]).exits(0).says(&["OM005"]);
    }
}

/// What runs is judged by the engine alone, since our parser may know less SQL than it does.
#[test]
fn scripts_that_the_engine_refuses() {
    let sandbox = Sandbox::new();
    sandbox.write(&format!("{FIRST}/down.sql"), "-- One line.\nDROP TABEL users;\n");
    let _ = sandbox.run(["upgrade"]).exits(0);
    sandbox.run(["rollback"]).check(expect![[r#"
        exit 1
        --- stdout
        1 revision to take back:
          20240101000000  create users  2024-01-01-000000_create_users
        --- stderr
        error: migrations/2024-01-01-000000_create_users/down.sql:2: cannot revert 2024-01-01-000000_create_users: near "TABEL": syntax error
        hint: nothing of it is in place, and what was done before it stays; correct the file and run again
        hint: cargo ops-migrate status tells where the database stands now
    "#]]);
    let _ = sandbox.run(["status"]).exits(0);
    sandbox.revision("2024-02-01-000000_wrong", "-- One line.\nCREATE TABEL x (id INTEGER);\n", "SELECT 1;\n");
    sandbox.run(["upgrade"]).check(expect![[r#"
        exit 1
        --- stdout
        1 revision to apply:
          20240201000000  wrong  2024-02-01-000000_wrong
        --- stderr
        error: migrations/2024-02-01-000000_wrong/up.sql:2: cannot apply 2024-02-01-000000_wrong: near "TABEL": syntax error
        hint: nothing of it is in place, and what was done before it stays; correct the file and run again
        hint: cargo ops-migrate status tells where the database stands now
    "#]]);
}

#[test]
fn two_directories_with_one_version() {
    let sandbox = Sandbox::new();
    sandbox.revision("2024-01-01-000000_again", "SELECT 1;\n", "SELECT 1;\n");
    check(
        &sandbox,
        ["create", "x"],
        expect![[r#"
        exit 2
        --- stderr
        error: migrations/2024-01-01-000000_create_users: `2024-01-01-000000_again` and `2024-01-01-000000_create_users` have one version, 20240101000000: Diesel would silently run only one of them
        hint: rename the one that no database has yet; the version goes up to the first `_`
    "#]],
    );
    check(
        &sandbox,
        ["history"],
        expect![[r#"
        exit 2
        --- stderr
        error: migrations/2024-01-01-000000_create_users: `2024-01-01-000000_again` and `2024-01-01-000000_create_users` have one version, 20240101000000: Diesel would silently run only one of them
        hint: rename the one that no database has yet; the version goes up to the first `_`
    "#]],
    );
    check(
        &sandbox,
        ["upgrade"],
        expect![[r#"
        exit 2
        --- stderr
        error: migrations/2024-01-01-000000_create_users: `2024-01-01-000000_again` and `2024-01-01-000000_create_users` have one version, 20240101000000: Diesel would silently run only one of them
        hint: rename the one that no database has yet; the version goes up to the first `_`
    "#]],
    );
}

#[test]
fn a_directory_without_a_version() {
    let sandbox = Sandbox::new();
    sandbox.revision("add_posts", "SELECT 1;\n", "SELECT 1;\n");
    check(
        &sandbox,
        ["create", "x"],
        expect![[r#"
        exit 2
        --- stderr
        error: migrations/add_posts: the directory's name has no version: it does not begin with a digit
        hint: name it `<version>_<words>`, such as `2026-01-31-120000_add_users`
    "#]],
    );
    check(
        &sandbox,
        ["upgrade"],
        expect![[r#"
        exit 2
        --- stderr
        error: migrations/add_posts: the directory's name has no version: it does not begin with a digit
        hint: name it `<version>_<words>`, such as `2026-01-31-120000_add_users`
    "#]],
    );
}

#[test]
fn a_directory_without_an_up() {
    let sandbox = Sandbox::new();
    sandbox.write("migrations/2024-02-01-000000_half/down.sql", "SELECT 1;\n");
    check(
        &sandbox,
        ["create", "x"],
        expect![[r#"
        exit 2
        --- stderr
        error: migrations/2024-02-01-000000_half: the directory has no up.sql; Diesel refuses all migrations because of it
        hint: add an up.sql, move the directory elsewhere, or put a dot in front of its name
    "#]],
    );
}

#[test]
fn a_parent_that_is_not_there() {
    let sandbox = Sandbox::new();
    sandbox.revision("2026-01-01-000000-aaaaaaaaaaaa_x", "SELECT 1;\n", "SELECT 1;\n");
    sandbox.write(
        "migrations/2026-01-01-000000-aaaaaaaaaaaa_x/metadata.toml",
        "run_in_transaction = true\n\n[ops-migrate]\nrevision = \"aaaaaaaaaaaa\"\nrevises = \"bbbbbbbbbbbb\"\n",
    );
    check(
        &sandbox,
        ["create", "x"],
        expect![[r#"
        exit 2
        --- stderr
        error: migrations/<time>-<id>_x/metadata.toml:5: `revises` names <id>, and there is no such revision
        hint: it may be on a branch that is not merged yet; else name the revision that this one follows
    "#]],
    );
}

#[test]
fn a_server_out_of_reach() {
    let sandbox = Sandbox::without_revisions();
    sandbox.write("Cargo.toml", MANIFEST.replace("sqlite", "postgres"));
    sandbox.revision(
        "2024-01-01-000000_a",
        "CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, email TEXT);\n",
        "DROP TABLE users;\n",
    );
    sandbox.write(".env", "DATABASE_URL=postgres://app:s3cr3t@127.0.0.1:1/app\n");
    check(
        &sandbox,
        ["upgrade"],
        expect![[r#"
        exit 5
        --- stderr
        error: cannot connect to postgres://app:***@127.0.0.1:1/app: connection to server at "127.0.0.1", port 1 failed: Connection refused
        	Is the server running on that host and accepting TCP/IP connections?
        hint: start the server, or check the host and the port of the URL
    "#]],
    );
    for args in [["status"].as_slice(), &["current"], &["rollback"], &["test"], &["doctor"], &["upgrade", "--sql"]] {
        let _ = sandbox.run(args.iter().copied()).says_nothing_of(&["s3cr3t"]);
    }
}

#[test]
fn a_file_that_is_no_database() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "app.db",
        "this is a text, and a long one too, so that it is more than a header: 0123456789 0123456789 0123456789",
    );
    check(
        &sandbox,
        ["upgrade"],
        expect![[r#"
        exit 5
        --- stderr
        error: cannot open <root>/app.db: SQLite refused: file is not a database
    "#]],
    );
    let _ = sandbox.run(["status"]).exits(5);
    let _ = sandbox.run(["current"]).exits(5);
    let _ = sandbox.run(["rollback"]).exits(5);
}

#[test]
fn a_database_of_another_dialect() {
    let sandbox = Sandbox::new();
    check(
        &sandbox,
        ["upgrade", "--database-url", "postgres://app:s3cr3t@127.0.0.1:1/app"],
        expect![[r#"
        exit 2
        --- stderr
        error: the database is PostgreSQL, but migrations is for SQLite
        hint: name the right database with --database-url, or the right chain with --migration-dir
    "#]],
    );
}

#[test]
fn a_url_that_is_none() {
    let sandbox = Sandbox::new();
    check(
        &sandbox,
        ["upgrade", "--database-url", "oracle://app:s3cr3t@host/app"],
        expect![[r#"
        exit 2
        --- stderr
        error: the database URL cannot be read: `oracle` is no database that is known here
        hint: it looks like postgres://user:password@host/database, mysql://user:password@host/database, sqlite://path/to/file.db, or the path of an SQLite file
        hint: it came from --database-url
    "#]],
    );
    check(
        &sandbox,
        ["upgrade", "--database-url", "postgres://app:s3cr3t@host:notaport/app"],
        expect![[r#"
        exit 2
        --- stderr
        error: the database URL cannot be read: the port is not a number below 65536
        hint: it looks like postgres://user:password@host/database, mysql://user:password@host/database, sqlite://path/to/file.db, or the path of an SQLite file
        hint: write @ : / ? # % and spaces of a password percent-encoded: %40 %3A %2F %3F %23 %25 %20
        hint: it came from --database-url
    "#]],
    );
    check(
        &sandbox,
        ["upgrade", "--database-url", "nowhere/at/all/app.db"],
        expect![[r#"
        exit 5
        --- stdout
        1 revision to apply:
          20240101000000  create users  2024-01-01-000000_create_users
        --- stderr
        error: cannot open <root>/nowhere/at/all/app.db: unable to open database file
        hint: its directory has to exist and to be writable
    "#]],
    );
    sandbox.write(".env", "DATABASE_URL=oracle://app:s3cr3t@host/app\n");
    check(
        &sandbox,
        ["upgrade"],
        expect![[r#"
        exit 2
        --- stderr
        error: the database URL cannot be read: `oracle` is no database that is known here
        hint: it looks like postgres://user:password@host/database, mysql://user:password@host/database, sqlite://path/to/file.db, or the path of an SQLite file
        hint: it came from <root>/.env
    "#]],
    );
    sandbox.write(".env", "DATABASE_URL='postgres://app:s3cr3t@host\n");
    check(
        &sandbox,
        ["upgrade"],
        expect![[r#"
        exit 2
        --- stderr
        error: <root>/.env:1: this line cannot be read
        hint: write it as NAME=value, with quotes around a value that has spaces or # in it
    "#]],
    );
}

#[test]
fn a_directory_that_takes_no_files() {
    let sandbox = Sandbox::new();
    sandbox.edit("src/schema.rs", "name -> Text,", "name -> Text,\n        nick_name -> Nullable<Text>,");
    sandbox.write("notes", "a file\n");
    // Holds for the administrator too, whom permissions do not stop.
    check(
        &sandbox,
        ["create", "x", "--migration-dir", "notes/migrations", "--no-proof", "--empty"],
        expect![[r#"
        exit 2
        --- stderr
        error: <root>/notes/migrations: the revision cannot be written; nothing was written: failed to create directory `<root>/notes/migrations`: Not a directory (os error 20)
    "#]],
    );
    check(
        &sandbox,
        ["create", "x", "--migration-dir", "../elsewhere"],
        expect![[r#"
        exit 2
        --- stderr
        error: ../elsewhere lies outside of <root>
    "#]],
    );
}

#[cfg(unix)]
#[test]
fn a_directory_that_may_only_be_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::new();
    sandbox.edit("src/schema.rs", "name -> Text,", "name -> Text,\n        nick_name -> Nullable<Text>,");
    let migrations = sandbox.path("migrations");
    let mode = |mode| fs_err::set_permissions(&migrations, std::fs::Permissions::from_mode(mode)).unwrap();
    mode(0o555);
    // The administrator may write all the same.
    if std::fs::write(migrations.join("probe"), "").is_err() {
        check(
            &sandbox,
            ["create", "x"],
            expect![[r#"
            exit 2
            --- stdout
            The models changed:
              + users.nick_name Nullable<Text>                 src/schema.rs:5
            Here is what it does:
              1. add column users.nick_name TEXT
            --- stderr
            error: <root>/migrations: the directory is not writable; nothing was written
        "#]],
        );
    }
    mode(0o755);
}

#[test]
fn messages_that_name_nothing() {
    let sandbox = Sandbox::new();
    sandbox.edit("src/schema.rs", "name -> Text,", "name -> Text,\n        nick_name -> Nullable<Text>,");
    for (message, expected) in [
        (
            "",
            expect![[r#"
            exit 2
            --- stderr
            error: the message "" has no letter or digit for the directory's name
            hint: give it in words of a-z and 0-9, such as "add users"
        "#]],
        ),
        (
            "///",
            expect![[r#"
            exit 2
            --- stderr
            error: the message "///" looks like a path
            hint: give it in words, such as "add users"
        "#]],
        ),
        (
            "../x",
            expect![[r#"
            exit 2
            --- stderr
            error: the message "../x" looks like a path
            hint: give it in words, such as "add users"
        "#]],
        ),
        (
            "…",
            expect![[r#"
            exit 2
            --- stderr
            error: the message "…" has no letter or digit for the directory's name
            hint: give it in words of a-z and 0-9, such as "add users"
        "#]],
        ),
        (
            "..",
            expect![[r#"
            exit 2
            --- stderr
            error: the message ".." looks like a path
            hint: give it in words, such as "add users"
        "#]],
        ),
        (
            "a\nb",
            expect![[r#"
            exit 2
            --- stderr
            error: the message has line breaks or control characters in it
            hint: give one line of words, such as "add users"
        "#]],
        ),
    ] {
        check(&sandbox, ["create", message], expected);
    }
    check(
        &sandbox,
        ["create", "---", "--dry-run"],
        expect![[r#"
        exit 2
        --- stderr
        error: unexpected argument '---' found

          tip: a similar argument exists: '--no-proof'

        Usage: cargo ops-migrate create --no-proof <MESSAGE>

        For more information, try '--help'.
    "#]],
    );
}

#[test]
fn a_manifest_that_cargo_refuses() {
    let sandbox = Sandbox::new();
    sandbox.write("Cargo.toml", "[package\nname = \"app\"\n");
    check(
        &sandbox,
        ["history"],
        expect![[r#"
            exit 2
            --- stderr
            error: cargo cannot read <root>/Cargo.toml: unclosed table, expected `]` --> Cargo.toml:1:9
        "#]],
    );
}
