//! `review`: what a revision does, and where a human must look.

use expect_test::expect;

use crate::common::{MANIFEST, Sandbox};

#[test]
fn what_the_base_branch_lacks() {
    let sandbox = Sandbox::with_chain();
    sandbox.revision(
        "2024-04-01-000000_tags",
        "CREATE TABLE tags (id INTEGER NOT NULL PRIMARY KEY, label TEXT NOT NULL UNIQUE);\n",
        "DROP TABLE tags;\n",
    );
    sandbox.run(["review"]).check(expect![[r#"
        exit 0
        --- stdout
        migrations/2024-04-01-000000_tags
        Here is what it does:
          1. create table tags (2 columns)
        No findings.
    "#]]);
    sandbox.git(["switch", "--quiet", "--create", "feature"]);
    sandbox.commit("tags");
    let _ = sandbox.run(["review"]).exits(0).says(&["2024-04-01-000000_tags"]).says_nothing_of(&["add_bio"]);
    let _ = sandbox.run(["review", "--base", "main"]).exits(0).says(&["2024-04-01-000000_tags"]);
    let _ = sandbox.run(["review", "--base", "main~1"]).exits(0).says(&["tags", "add_bio", "create_posts"]);
}

#[test]
fn what_one_release_brought_is_told_by_tags() {
    let sandbox = Sandbox::with_chain();
    sandbox.git(["tag", "v1.0.0"]);
    let column = "ALTER TABLE users ADD COLUMN age INTEGER;\n";
    sandbox.revision("2024-04-01-000000_age", column, "ALTER TABLE users DROP COLUMN age;\n");
    sandbox.commit("age");
    sandbox.git(["tag", "v1.1.0-rc.1"]);
    sandbox.revision("2024-06-01-000000_no_age", "ALTER TABLE users DROP COLUMN age;\n", column);
    sandbox.commit("no age");
    let _ = sandbox.run(["review", "--all"]).says_nothing_of(&["OM003"]);
    sandbox.git(["tag", "v1.1.0"]);
    let _ = sandbox.run(["review", "--all"]).says_nothing_of(&["OM003"]);
    sandbox.git(["tag", "v1.0.1", "HEAD~1"]);
    let _ = sandbox.run(["review", "--all"]).says(&["OM003", "loses the values of users.age"]);
}

#[test]
fn a_released_revision_is_not_edited() {
    let sandbox = Sandbox::with_chain();
    sandbox.git(["switch", "--quiet", "--create", "feature"]);
    let edited = "ALTER TABLE users ADD COLUMN bio VARCHAR;\n";
    sandbox.write("migrations/2024-03-01-000000_add_bio/up.sql", edited);
    let _ = sandbox.run(["review"]).exits(1).says(&["OM608 released-revision-edited", "2024-03-01-000000_add_bio"]);
    sandbox.commit("another column");
    let _ = sandbox.run(["review", "--base", "main"]).exits(1).says(&["OM608"]);
    let settings = "\n[package.metadata.ops-migrate.review.rules]\nreleased-revision-edited = \"warn\"\n";
    let manifest = std::fs::read_to_string(sandbox.path("Cargo.toml")).unwrap();
    sandbox.write("Cargo.toml", format!("{manifest}{settings}"));
    let _ = sandbox.run(["review"]).exits(0).says(&["warn OM608 released-revision-edited"]);
    sandbox.git(["checkout", "--quiet", "main", "--", "migrations"]);
    let _ = sandbox.run(["review", "--base", "main"]).says_nothing_of(&["OM608"]);
}

#[test]
fn nothing_new_is_the_head() {
    Sandbox::with_chain().run(["review"]).check(expect![[r#"
        exit 0
        --- stdout
        migrations/2024-03-01-000000_add_bio
        Here is what it does:
          1. add column users.bio TEXT
        No findings.
        --- stderr
        no revision is new to the base branch: this is the head
    "#]]);
}

#[test]
fn one_revision_by_its_names() {
    let sandbox = Sandbox::with_chain();
    let paths = [
        "20240301000000",
        "202403",
        "head",
        "head-0",
        "migrations/2024-03-01-000000_add_bio/",
        "2024-03-01-000000_add_bio",
        "migrations/2024-03-01-000000_add_bio/up.sql",
    ];
    for name in paths {
        let _ = sandbox.run(["review", name]).exits(0).says(&["add column users.bio TEXT"]);
    }
    sandbox.run(["review", "nonsense"]).check(expect![[r#"
        exit 2
        --- stderr
        error: there is no revision `nonsense`
        hint: `cargo ops-migrate history` lists the revisions
    "#]]);
}

#[test]
fn what_a_human_must_look_at() {
    let sandbox = Sandbox::with_chain();
    sandbox.revision(
        "2024-04-01-000000_risky",
        "-- Three things at once.\nALTER TABLE users ADD COLUMN age INTEGER NOT NULL DEFAULT 0;\n\nALTER TABLE users DROP COLUMN email;\nDROP TABLE posts;\n",
        "ALTER TABLE users DROP COLUMN age;\n",
    );
    sandbox.run(["review", "head"]).check(expect![[r#"
        exit 1
        --- stdout
        migrations/2024-04-01-000000_risky
        Here is what it does:
          1. add column users.age INTEGER NOT NULL
          2. drop column users.email
          3. drop table posts
        error OM006 down-not-inverse: down.sql does not restore the schema; missing: create table posts (3 columns); add column users.email TEXT; create index posts_user_id on posts and 1 more
            at migrations/2024-04-01-000000_risky/down.sql
            add the statement to down.sql; `cargo ops-migrate test` proves it
              CREATE TABLE posts (
                  id INTEGER NOT NULL PRIMARY KEY,
                  user_id INTEGER NOT NULL,
                  title TEXT NOT NULL,
                  FOREIGN KEY (user_id) REFERENCES users (id)
              );
              ALTER TABLE users ADD COLUMN email TEXT;
              CREATE INDEX posts_user_id ON posts (user_id);
            --fix: add what down.sql leaves out
        error OM201 dropped-but-in-models: users.email is dropped, and table! lists it (src/schema.rs:5)
            at migrations/2024-04-01-000000_risky/up.sql:4
            4 | ALTER TABLE users DROP COLUMN email;
            take it out of `table!` and the structs, release that, then drop it
        error OM201 dropped-but-in-models: posts is dropped, and table! lists it (src/schema.rs:11)
            at migrations/2024-04-01-000000_risky/up.sql:5
            5 | DROP TABLE posts;
            take it out of `table!` and the structs, release that, then drop it
        warn OM003 data-loss: drop column users.email: loses the values of users.email; and 1 more like it in line 5
            at migrations/2024-04-01-000000_risky/up.sql:4
            4 | ALTER TABLE users DROP COLUMN email;
            deploy code that stopped using it first, and keep a backup of what still matters
    "#]]);
}

#[test]
fn a_rebuild_that_deletes_the_children() {
    let sandbox = Sandbox::new();
    sandbox.revision(
        "2024-02-01-000000_posts",
        "CREATE TABLE posts (id INTEGER NOT NULL PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE);\n",
        "DROP TABLE posts;\n",
    );
    sandbox.revision(
        "2024-03-01-000000_rebuild",
        "CREATE TABLE new_users (id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, email TEXT, age INTEGER);\nINSERT INTO new_users (id, name, email) SELECT id, name, email FROM users;\nDROP TABLE users;\nALTER TABLE new_users RENAME TO users;\n",
        "ALTER TABLE users DROP COLUMN age;\n",
    );
    sandbox.run(["review", "head"]).check(expect![[r#"
        exit 1
        --- stdout
        migrations/2024-03-01-000000_rebuild
        Here is what it does:
          1. add column users.age INTEGER
          - 1 statement changes rows
        error OM007 sqlite-rebuild-cascades: rebuilding users inside of a transaction deletes or changes rows of posts
            at migrations/2024-03-01-000000_rebuild/up.sql:3
            3 | DROP TABLE users;
            run_in_transaction = false in metadata.toml, and PRAGMA foreign_keys=OFF before BEGIN
    "#]]);
}

#[test]
fn a_down_that_does_not_parse_or_is_not_there() {
    let sandbox = Sandbox::new();
    sandbox.revision("2024-02-01-000000_a", "ALTER TABLE users ADD COLUMN a TEXT;\n", "ALTER TABEL users;\n");
    sandbox.run(["review", "head"]).check(expect![[r#"
        exit 1
        --- stdout
        migrations/2024-02-01-000000_a
        Here is what it does:
          1. add column users.a TEXT
        error OM006 down-not-inverse: this does not parse as SQLite: near "TABEL": syntax error
            at migrations/2024-02-01-000000_a/down.sql:1
            1 | ALTER TABEL users;
            mend it; `cargo ops-migrate test` runs it
    "#]]);
    sandbox.write("migrations/2024-03-01-000000_b/up.sql", "ALTER TABLE users ADD COLUMN b TEXT;\n");
    sandbox.run(["review", "head"]).check(expect![[r#"
        exit 0
        --- stdout
        migrations/2024-03-01-000000_b
        Here is what it does:
          1. add column users.b TEXT
        warn OM005 missing-down: there is no down.sql: the revision cannot be taken back
            at migrations/2024-03-01-000000_b/down.sql
            write it, or say in metadata.toml: [ops-migrate] irreversible = "why"
            --fix: write the way back
    "#]]);
}

#[test]
fn as_json() {
    let sandbox = Sandbox::with_chain();
    let output = sandbox.run(["review", "--all", "--format", "json"]).exits(0);
    let revisions = output.json()["revisions"].as_array().unwrap().clone();
    assert_eq!(revisions.len(), 3);
    assert_eq!(revisions[2]["operations"][0], "add column users.bio TEXT");
}

#[test]
fn rules_are_listed_and_explained() {
    let sandbox = Sandbox::with_chain();
    let _ = sandbox
        .run(["review", "--rules"])
        .exits(0)
        .says(&["OM003 warn  data-loss", "OM101 warn  index-not-concurrent"]);
    let page = sandbox.run(["review", "--rules", "--format", "markdown"]).exits(0).stdout;
    assert_eq!(page, include_str!("../docs/rules.md"));
    let rules = sandbox.run(["review", "--rules", "--format", "json"]).exits(0).json();
    assert_eq!(rules["rules"][2]["rule"], "data-loss");
    sandbox.run(["review", "--explain", "OM007"]).check(expect![[r#"
        exit 0
        --- stdout
        OM007 sqlite-rebuild-cascades
        dropping a table to rebuild it deletes or changes rows of its children.

        Severity: error. For SQLite.

        DROP TABLE deletes the rows first, and inside of a transaction, which Diesel opens, foreign keys cannot be switched off: children that cascade lose theirs.

        Instead: run_in_transaction = false in metadata.toml, and PRAGMA foreign_keys=OFF before BEGIN.

        For example:
          before
            CREATE TABLE users (id integer PRIMARY KEY, nick text);
            CREATE TABLE posts (id integer PRIMARY KEY, user_id integer REFERENCES users (id) ON DELETE CASCADE);
          up.sql
            CREATE TABLE new_users (id integer PRIMARY KEY, nick text, age integer);
            INSERT INTO new_users (id, nick) SELECT id, nick FROM users;
            DROP TABLE users;
            ALTER TABLE new_users RENAME TO users;
          → 3 rebuilding users inside of a transaction deletes or changes rows of posts

        But not:
          before
            CREATE TABLE users (id integer PRIMARY KEY, nick text);
            CREATE TABLE posts (id integer PRIMARY KEY, user_id integer REFERENCES users (id));
          up.sql
            CREATE TABLE new_users (id integer PRIMARY KEY, nick text, age integer);
            INSERT INTO new_users (id, nick) SELECT id, nick FROM users;
            DROP TABLE users;
            ALTER TABLE new_users RENAME TO users;

        https://sqlite.org/lang_altertable.html#otheralter
        https://sqlite.org/foreignkeys.html#fk_schemacommands

        To allow it in one place: -- ops-migrate: allow sqlite-rebuild-cascades <reason>
        To change its level:      [package.metadata.ops-migrate.review.rules]  sqlite-rebuild-cascades = "off"
    "#]]);
    sandbox.run(["review", "--explain", "data-los"]).check(expect![[r#"
        exit 2
        --- stderr
        error: there is no rule `data-los`
        hint: did you mean `data-loss`? `cargo ops-migrate review --rules` lists them
    "#]]);
}

#[test]
fn levels_come_from_the_command_and_the_manifest() {
    let sandbox = Sandbox::with_chain();
    sandbox.edit("src/schema.rs", "        bio -> Nullable<Text>,\n", "");
    sandbox.revision(
        "2024-04-01-000000_gone",
        "ALTER TABLE users DROP COLUMN bio;\n",
        "ALTER TABLE users ADD COLUMN bio TEXT;\n",
    );
    let _ = sandbox.run(["review", "head"]).exits(0).says(&["warn OM003"]);
    let _ = sandbox.run(["review", "head", "--fail-on", "warn"]).exits(1).says(&["warn OM003"]);
    let _ = sandbox.run(["review", "head", "--fail-on", "loud"]).exits(2).says(&["one of error, warn, info, off"]);
    let manifest = sandbox.read("Cargo.toml");
    let with = |text: &str| {
        sandbox.write("Cargo.toml", format!("{manifest}\n[package.metadata.ops-migrate.review.rules]\n{text}\n"));
    };
    with("data-loss = \"error\"");
    let _ = sandbox.run(["review", "head"]).exits(1).says(&["error OM003"]);
    with("data-loss = \"off\"");
    let _ = sandbox.run(["review", "head"]).exits(0).says(&["No findings."]);
    with("data-lost = \"off\"");
    let _ =
        sandbox.run(["review", "head"]).exits(2).says(&["there is no rule `data-lost`", "did you mean `data-loss`?"]);
}

#[test]
fn known_findings_stay_away() {
    let sandbox = Sandbox::with_chain();
    sandbox.edit("src/schema.rs", "        bio -> Nullable<Text>,\n", "");
    sandbox.revision(
        "2024-04-01-000000_gone",
        "ALTER TABLE users DROP COLUMN bio;\n",
        "ALTER TABLE users ADD COLUMN bio TEXT;\n",
    );
    let _ = sandbox.run(["review", "head", "--write-baseline", "known.json"]).exits(0).says(&["1 finding written"]);
    let _ =
        sandbox.run(["review", "head", "--baseline", "known.json", "--fail-on", "warn"]).exits(0).says(&["1 known"]);
    sandbox.write("known.json", "{}");
    let _ = sandbox.run(["review", "head", "--baseline", "known.json"]).exits(2).says(&["this is no baseline"]);
}

#[test]
fn every_format_has_the_finding() {
    let sandbox = Sandbox::with_chain();
    sandbox.edit("src/schema.rs", "        bio -> Nullable<Text>,\n", "");
    sandbox.revision(
        "2024-04-01-000000_gone",
        "ALTER TABLE users DROP COLUMN bio;\n",
        "ALTER TABLE users ADD COLUMN bio TEXT;\n",
    );
    let cases = [
        ("sarif", "\"ruleId\": \"OM003\""),
        ("github", "::warning file=migrations/2024-04-01-000000_gone/up.sql,line=1,endLine=1,title=OM003"),
        ("gitlab", "\"check_name\": \"data-loss\""),
        ("markdown", "| OM003 data-loss |"),
        ("json", "\"code\": \"OM003\""),
    ];
    for (format, expected) in cases {
        let _ = sandbox.run(["review", "head", "--format", format]).exits(0).says(&[expected]);
    }
    let _ = sandbox.run(["status", "--format", "sarif"]).exits(2).says(&["are for `check` and `review`"]);
}

/// Each chain tells what it lacks itself, once, and where its newest revision is looked at.
#[test]
fn chains_for_several_databases_are_compared() {
    let sandbox = Sandbox::without_revisions();
    sandbox.write("Cargo.toml", MANIFEST.replace("\"sqlite\"", "\"sqlite\", \"postgres\", \"mysql\""));
    for (backend, nick, more) in [
        ("sqlite", "TEXT NOT NULL", ""),
        ("postgresql", "text", "CREATE TABLE posts (id serial PRIMARY KEY, at timestamptz);"),
        ("mysql", "varchar(20) NOT NULL", "CREATE TABLE posts (id int NOT NULL PRIMARY KEY);"),
    ] {
        let up = format!("CREATE TABLE users (id INTEGER PRIMARY KEY, nick {nick});\n{more}\n");
        sandbox.write(&format!("migrations/{backend}/2024-01-01-000000_users/up.sql"), up);
        sandbox.write(&format!("migrations/{backend}/2024-02-01-000000_none/up.sql"), "SELECT 1;\n");
    }
    let json = sandbox.run(["review", "--all", "--fail-on", "off", "--format", "json"]).exits(0).json();
    let mut found = String::new();
    for revision in json["revisions"].as_array().unwrap() {
        for finding in revision["findings"].as_array().unwrap().iter().filter(|one| one["code"] == "OM609") {
            found.push_str(&format!(
                "{}: {}\n",
                revision["directory"].as_str().unwrap(),
                finding["text"].as_str().unwrap()
            ));
        }
    }
    expect![[r#"
        migrations/mysql/2024-02-01-000000_none: other chains have what this one has not: posts.at (migrations/postgresql)
        migrations/postgresql/2024-02-01-000000_none: other chains have what this one has not: users.nick is NOT NULL (migrations/mysql, migrations/sqlite)
        migrations/sqlite/2024-02-01-000000_none: other chains have what this one has not: table posts (migrations/mysql, migrations/postgresql)
    "#]]
    .assert_eq(&found);
}
