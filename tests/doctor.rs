//! `doctor`: what was found, where from, and what is missing.

use expect_test::expect;

use crate::common::{MANIFEST, Sandbox};

#[test]
fn all_is_there() {
    let output = Sandbox::applied().run(["doctor"]).exits(0);
    // The engine's version is not ours to fix here.
    let text: String =
        output.text().lines().filter(|line| !line.contains(" server ")).map(|line| format!("{line}\n")).collect();
    expect![[r#"
        exit 0
        --- stdout
        ok       backend       app (from cargo metadata)
        ok       migrations    migrations (from the tree)
        ok       models        2 tables, 7 columns, 0 enums
        ok       chain         migrations (SQLite): 3 revisions, 0 of them ours, 1 head
        ok       database      <root>/app.db (from <root>/.env)
        missing  hook          pre-commit: not installed
        missing  hook          pre-merge-commit: not installed
        missing  hook          pre-push: not installed
        missing  hook          pre-applypatch: not installed
    "#]]
    .assert_eq(&text);
    assert!(output.stdout.contains("3 revisions applied"), "{}", output.stdout);
}

#[test]
fn things_are_missing() {
    let sandbox = Sandbox::with_chain();
    fs_err::remove_file(sandbox.path(".env")).unwrap();
    sandbox.revision("2024-04-01-000000_a", "CREATE TABLE a (id INTEGER PRIMARY KEY);\n", "");
    sandbox.write("src/schema.rs", "diesel::table! { users (id) { id -> Wrong, } }\n");
    sandbox.run(["doctor"]).check(expect![[r#"
        exit 0
        --- stdout
        ok       backend       app (from cargo metadata)
        ok       migrations    migrations (from the tree)
        missing  models        src/schema.rs:1: this table! cannot be read: column id has the type Wrong, which Diesel does not have and no `use` brings in
        ok       chain         migrations (SQLite): 4 revisions, 0 of them ours, 1 head
        note     chain         1 revision cannot be taken back (no or empty down.sql), the first is 2024-04-01-000000_a
        missing  database      no URL: --database-url, DATABASE_URL or .env
        missing  hook          pre-commit: not installed
        missing  hook          pre-merge-commit: not installed
        missing  hook          pre-push: not installed
        missing  hook          pre-applypatch: not installed
    "#]]);
}

#[test]
fn as_json() {
    let sandbox = Sandbox::without_git();
    fs_err::create_dir(sandbox.path("migrations/2024-05-01-000000_left_behind")).unwrap();
    let lines = sandbox.run(["doctor", "--format", "json"]).exits(0).json();
    let line = |text: &str| {
        let all = lines["lines"].as_array().unwrap();
        let found = all.iter().find(|line| line["text"].as_str().unwrap().contains(text)).unwrap();
        (found["mark"].as_str().unwrap().to_owned(), found["what"].as_str().unwrap().to_owned())
    };
    let is = |mark: &str, what: &str| (mark.to_owned(), what.to_owned());
    assert_eq!(line("app (from cargo metadata)"), is("ok", "backend"));
    assert_eq!(line("migrations/2024-05-01-000000_left_behind is empty"), is("missing", "chain"));
    assert_eq!(line("no repository"), is("note", "git"));
}

#[test]
fn without_git() {
    let _ = Sandbox::without_git().run(["doctor"]).exits(0).says(&["no repository"]);
}

#[test]
fn a_server_that_a_compose_file_starts() {
    let sandbox = Sandbox::without_revisions();
    sandbox.write("Cargo.toml", MANIFEST.replace("sqlite", "postgres"));
    sandbox.write("src/schema.rs", "diesel::table! {\n    users (id) {\n        id -> Int4,\n    }\n}\n");
    sandbox.revision("2024-01-01-000000_a", "CREATE TABLE users (id SERIAL PRIMARY KEY);\n", "DROP TABLE users;\n");
    sandbox.write(
        "compose.yaml",
        "services:\n  web:\n    image: nginx\n  store:\n    image: postgres:16\n    ports: [\"5432:5432\"]\n",
    );
    sandbox.write(".env", "DATABASE_URL=postgres://app:s3cr3t@127.0.0.1:1/app\n");
    let _ = sandbox
        .run(["doctor"])
        .exits(0)
        .says(&["docker compose up -d store", "missing  server"])
        .says_nothing_of(&["s3cr3t"]);
    sandbox.run(["status"]).check(expect![[r#"
        exit 5
        --- stderr
        error: cannot connect to postgres://app:***@127.0.0.1:1/app: connection to server at "127.0.0.1", port 1 failed: Connection refused
        	Is the server running on that host and accepting TCP/IP connections?
        hint: start the server, or check the host and the port of the URL
        hint: docker compose up -d store
    "#]]);
    let _ = sandbox.run(["upgrade"]).exits(5).says(&["docker compose up -d store"]).says_nothing_of(&["s3cr3t"]);
    let _ = sandbox.run(["test"]).exits(5).says_nothing_of(&["s3cr3t"]);
    let _ = sandbox.run(["status", "--offline"]).exits(0);
}

#[test]
fn several_backends() {
    let sandbox = Sandbox::empty();
    sandbox.git(["init", "--quiet", "--initial-branch=main"]);
    sandbox.write("Cargo.toml", "[workspace]\nmembers = [\"one\", \"two\"]\nresolver = \"3\"\n");
    for name in ["one", "two"] {
        sandbox.write(&format!("{name}/Cargo.toml"), MANIFEST.replace("app", name));
        sandbox.write(&format!("{name}/src/lib.rs"), "diesel::table! { users (id) { id -> Integer, } }\n");
        let directory = format!("{name}/migrations/2024-01-01-000000_a");
        sandbox.write(&format!("{directory}/up.sql"), "CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY);\n");
        sandbox.write(&format!("{directory}/down.sql"), "DROP TABLE users;\n");
    }
    sandbox.run(["doctor"]).check(expect![[r#"
        exit 2
        --- stderr
        error: several packages could be the backend: one (one), two (two)
        hint: say which: --package NAME, or `package = "NAME"` under [workspace.metadata.ops-migrate]
    "#]]);
    let _ = sandbox.run(["doctor", "--package", "two"]).exits(0).says(&["two/migrations"]);
    let _ = sandbox.run(["history", "--manifest-path", "one/Cargo.toml"]).exits(0);
    sandbox.run(["history", "--package", "three"]).check(expect![[r#"
        exit 2
        --- stderr
        error: no package three here that depends on diesel
        hint: packages that depend on diesel: one, two
    "#]]);
}

#[test]
fn no_crate_at_all() {
    Sandbox::empty().run(["doctor"]).check(expect![[r#"
        exit 2
        --- stderr
        error: no Cargo.toml in <root> or above it
        hint: run this inside the backend, or give --manifest-path PATH/Cargo.toml
    "#]]);
}
