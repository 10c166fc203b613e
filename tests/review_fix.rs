//! `review --fix` and `--diff`, `--measure`, and row counts.

use std::collections::BTreeSet;

use expect_test::expect;
use ops_migrate::dialect::Dialect;
use ops_migrate::review::{RULES, mends};

use crate::common::Sandbox;

const AGE: &str = "2024-04-01-000000_age";

/// A new revision on the chain of three.
fn with(up: &str, down: &str) -> Sandbox {
    let sandbox = Sandbox::with_chain();
    sandbox.revision(AGE, up, down);
    sandbox
}

fn file(sandbox: &Sandbox, name: &str) -> String {
    sandbox.read(&format!("migrations/{AGE}/{name}"))
}

#[test]
fn a_way_back_is_completed() {
    let sandbox = with(
        "ALTER TABLE users ADD COLUMN age INTEGER;\nCREATE INDEX users_age ON users (age);\n",
        "DROP INDEX users_age;\n",
    );
    let before = sandbox.listing();
    sandbox.run(["review", "--diff"]).check(expect![[r#"
        exit 1
        --- stdout
        --- a/migrations/2024-04-01-000000_age/down.sql
        +++ b/migrations/2024-04-01-000000_age/down.sql
        @@ -1 +1,3 @@
         DROP INDEX users_age;
        +-- loses the values of users.age
        +ALTER TABLE users DROP COLUMN age;
        --- stderr
        fix: migrations/2024-04-01-000000_age: add what down.sql leaves out (OM006)
    "#]]);
    assert_eq!(sandbox.listing(), before, "--diff writes nothing");
    let _ = sandbox.run(["review", "--fix"]).exits(0).says(&[
        "Proved on SQLite",
        "Wrote migrations/2024-04-01-000000_age/down.sql",
        "No findings.",
    ]);
    assert_eq!(
        file(&sandbox, "down.sql"),
        "DROP INDEX users_age;\n-- loses the values of users.age\nALTER TABLE users DROP COLUMN age;\n"
    );
    let _ = sandbox.run(["review", "--fix"]).exits(0).says(&["Nothing here can be fixed mechanically."]);
}

#[test]
fn a_way_back_is_written() {
    let sandbox = with("ALTER TABLE users ADD COLUMN age INTEGER;\n", "");
    let _ = sandbox.run(["review", "--fix"]).exits(0).says(&["Proved on SQLite"]);
    assert_eq!(file(&sandbox, "down.sql"), "ALTER TABLE users DROP COLUMN age;\n");
}

#[test]
fn a_drop_and_an_add_become_a_rename() {
    let sandbox = with(
        "-- Shorter.\nALTER TABLE users ADD COLUMN bios TEXT;\nALTER TABLE users DROP COLUMN bio;\n",
        "ALTER TABLE users ADD COLUMN bio TEXT;\nALTER TABLE users DROP COLUMN bios;\n",
    );
    let _ = sandbox.run(["review", "--fix", "--fail-on", "off"]).exits(0).says(&["rename users.bio to bios (OM004)"]);
    assert_eq!(file(&sandbox, "up.sql"), "-- Shorter.\nALTER TABLE users RENAME COLUMN bio TO bios;\n");
    assert_eq!(file(&sandbox, "down.sql"), "ALTER TABLE users RENAME COLUMN bios TO bio;\n");
}

#[test]
fn metadata_that_diesel_misreads_is_mended() {
    for (wrong, right) in [
        ("# age\n", "run_in_transaction = true\n# age\n"),
        ("run_in_transactions = false\n", "run_in_transaction = false\n"),
        ("run_in_transaction = \"True\"\n", "run_in_transaction = true\n"),
    ] {
        let sandbox = with("ALTER TABLE users ADD COLUMN age INTEGER;\n", "ALTER TABLE users DROP COLUMN age;\n");
        sandbox.write(&format!("migrations/{AGE}/metadata.toml"), wrong);
        let _ = sandbox.run(["review"]).exits(2);
        let _ = sandbox.run(["review", "--fix"]).exits(0).says(&["say run_in_transaction where Diesel reads it"]);
        assert_eq!(file(&sandbox, "metadata.toml"), right);
    }
}

#[test]
fn begin_and_commit_go() {
    let sandbox =
        with("BEGIN;\nALTER TABLE users ADD COLUMN age INTEGER;\nCOMMIT;\n", "ALTER TABLE users DROP COLUMN age;\n");
    let _ = sandbox.run(["review", "--fix"]).exits(0).says(&["leave BEGIN out (OM703)", "leave COMMIT out (OM703)"]);
    assert_eq!(file(&sandbox, "up.sql"), "ALTER TABLE users ADD COLUMN age INTEGER;\n");
}

#[test]
fn what_is_released_stays() {
    let sandbox = with("ALTER TABLE users ADD COLUMN age INTEGER;\n", "SELECT 1;\n");
    let _ = sandbox.run(["upgrade"]).exits(0);
    let before = sandbox.listing();
    let applied = sandbox.run(["review", "--fix"]).exits(1);
    let _ =
        applied.says(&["2024-04-01-000000_age is released: the database has it; nothing was written", "--released"]);
    sandbox.commit("age");
    let committed = sandbox.run(["review", "--fix", AGE]).exits(1);
    let _ = committed.says(&["is released: the base branch has it; nothing was written"]);
    let now = sandbox.listing();
    assert!(
        before
            .iter()
            .filter(|(path, _)| path.starts_with("migrations/"))
            .all(|(path, text)| now.get(path) == Some(text))
    );
    let _ = sandbox.run(["review", "--fix", "--released", AGE]).exits(0).says(&["Wrote"]);
}

#[test]
fn what_does_not_hold_is_not_written() {
    // The rename leaves the view without its column, which only the engine sees.
    let sandbox = with(
        "ALTER TABLE users ADD COLUMN bios TEXT;\nUPDATE users SET name = coalesce(bio, name);\nALTER TABLE users DROP COLUMN bio;\n",
        "ALTER TABLE users ADD COLUMN bio TEXT;\nALTER TABLE users DROP COLUMN bios;\n",
    );
    let before = sandbox.listing();
    let refused = sandbox.run(["review", "--fix"]).exits(1);
    let _ = refused.says(&["the result does not hold; nothing was written", "--diff"]);
    assert_eq!(sandbox.listing(), before);
}

#[test]
fn small_tables_downgrade_what_they_lose() {
    let sandbox = with("ALTER TABLE users DROP COLUMN bio;\n", "ALTER TABLE users ADD COLUMN bio TEXT;\n");
    sandbox.edit("src/schema.rs", "        bio -> Nullable<Text>,\n", "");
    let _ = sandbox.run(["review"]).exits(0).says(&["warn OM003"]);
    sandbox.write("rows.toml", "users = 0\n");
    let _ = sandbox.run(["review", "--stats", "rows.toml"]).exits(0).says(&["info OM003", "rows: about 0"]);
    sandbox.write("rows.toml", "users = many\n");
    let _ = sandbox.run(["review", "--stats", "rows.toml"]).exits(2).says(&["rows.toml:1: not a list of row counts"]);
}

#[test]
fn row_counts_of_a_database() {
    let sandbox = Sandbox::applied();
    sandbox.execute("INSERT INTO users (id, name) VALUES (1, 'ada'), (2, 'bea')");
    let _ = sandbox.run(["review", "--write-stats", "rows.toml"]).exits(0).says(&["written to"]);
    assert!(sandbox.read("rows.toml").contains("posts = 0\n") && sandbox.read("rows.toml").contains("users = 2\n"));
    sandbox.revision(AGE, "ALTER TABLE users DROP COLUMN bio;\n", "ALTER TABLE users ADD COLUMN bio TEXT;\n");
    let _ = sandbox.run(["review", "--database"]).says(&["warn OM003", "rows: about 2"]);
}

#[test]
fn statements_are_timed() {
    let sandbox = with(
        "ALTER TABLE users ADD COLUMN age INTEGER;\nUPDATE users SET age = 1;\n",
        "ALTER TABLE users DROP COLUMN age;\n",
    );
    let _ = sandbox
        .run(["review", "--measure"])
        .exits(0)
        .says(&["Measured migrations/2024-04-01-000000_age", "UPDATE users SET age = 1"]);
    let json = sandbox.run(["review", "--measure", "--format", "json"]).json();
    assert_eq!(json["measured"][0]["statements"][1]["line"], 2);
    assert_eq!(json["measured"][0]["statements"][0]["rewritten"], serde_json::json!([]));
    sandbox.revision(
        AGE,
        "CREATE TABLE new_posts (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL, title TEXT NOT NULL);\nINSERT INTO new_posts SELECT id, user_id, title FROM posts;\nDROP TABLE posts;\nALTER TABLE new_posts RENAME TO posts;\n",
        "SELECT 1;\n",
    );
    let json = sandbox.run(["review", "--measure", "--fail-on", "off", "--format", "json"]).json();
    assert_eq!(json["measured"][0]["statements"][3]["rewritten"], serde_json::json!(["posts"]), "{json:#}");
}

/// The sandbox of a dialect without a server, on a schema that is released.
fn without_server(dialect: Dialect, before: &str, up: &str, down: Option<&str>, metadata: Option<&str>) -> Sandbox {
    let sandbox = Sandbox::without_server(dialect);
    sandbox.write("migrations/2024-01-01-000000_base/up.sql", before);
    sandbox.commit("base");
    let files = [("up.sql", Some(up)), ("down.sql", down), ("metadata.toml", metadata)];
    for (file, text) in files {
        if let Some(text) = text {
            sandbox.write(&format!("migrations/{AGE}/{file}"), text);
        }
    }
    sandbox
}

/// The codes of what a review finds, and those whose fix it did.
fn codes(json: &serde_json::Value) -> (BTreeSet<String>, BTreeSet<String>) {
    let findings = json["revisions"].as_array().into_iter().flatten().flat_map(|r| r["findings"].as_array().unwrap());
    let found = findings.map(|f| f["code"].as_str().unwrap().to_owned()).collect();
    let titles = json["fixes"].as_array().into_iter().flatten().filter_map(|title| title.as_str()?.rsplit_once(" ("));
    (found, titles.map(|(_, code)| code.trim_end_matches(')').to_owned()).collect())
}

/// What `--rules` says of `--fix` against what `--fix` does, for every example of the rules of which it says
/// something; that the others have no fix is known to the rules' own tests.
#[test]
fn rules_mend_what_they_claim() {
    let (mut wrong, mut mended) = (Vec::new(), BTreeSet::new());
    for rule in RULES.iter().filter(|rule| mends(rule).is_some()) {
        for example in rule.examples.iter().filter(|example| !example.finds.is_empty() && !example.is_late) {
            let dialects = if example.dialects.is_empty() { rule.dialects } else { example.dialects };
            for dialect in dialects {
                let sandbox = without_server(*dialect, example.before, example.up, example.down, example.metadata);
                sandbox.write(
                    "Cargo.toml",
                    format!(
                        "{}\n[package.metadata.ops-migrate.review.rules]\n{} = \"warn\"\n",
                        sandbox.read("Cargo.toml"),
                        rule.id
                    ),
                );
                let fixed = sandbox.run(["review", "--fix", "--no-proof", "--fail-on", "off", "--format", "json"]);
                // What Diesel would misread, or a result that would not hold.
                if fixed.code == 2 || fixed.stdout.is_empty() {
                    continue;
                }
                let (_, done) = codes(&fixed.json());
                if !done.contains(rule.code) {
                    continue;
                }
                mended.insert(rule.code);
                let (left, _) = codes(&sandbox.run(["review", "--fail-on", "off", "--format", "json"]).json());
                if left.contains(rule.code) {
                    wrong.push(format!("{} is mended and still there, {dialect}: {}", rule.code, example.up));
                }
            }
        }
        if !mended.contains(rule.code) {
            wrong.push(format!("{}: no example of it is mended, and --rules says that it is", rule.code));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const USERS: &str = "CREATE TABLE users (id integer PRIMARY KEY, nick text, boss integer);
CREATE INDEX users_nick ON users (nick);\n";

/// Where no server is at hand, a fix of a revision on PostgreSQL.
fn fixed(up: &str, down: &str, rules: &str, args: &[&str]) -> Sandbox {
    let sandbox = without_server(Dialect::Postgres, USERS, up, Some(down), None);
    let manifest = sandbox.read("Cargo.toml");
    sandbox.write("Cargo.toml", format!("{manifest}\n[package.metadata.ops-migrate.review.rules]\n{rules}"));
    let fixed = sandbox.run(["review", "--fix", "--fail-on", "off"].into_iter().chain(args.iter().copied())).exits(0);
    let _ =
        fixed.says(&["not proved: no PostgreSQL server is named", "was reviewed and replayed again, and not proved"]);
    sandbox
}

#[test]
fn rows_are_read_in_a_last_revision() {
    let sandbox = fixed(
        "ALTER TABLE users ADD CONSTRAINT users_boss FOREIGN KEY (boss) REFERENCES users (id);\nALTER TABLE users ADD CHECK (id > 0); -- positive\nALTER TABLE users ALTER COLUMN nick SET NOT NULL;\n",
        "ALTER TABLE users ALTER COLUMN nick DROP NOT NULL;\nALTER TABLE users DROP CONSTRAINT users_id_check;\nALTER TABLE users DROP CONSTRAINT users_boss;\n",
        "",
        &[],
    );
    expect![[r#"
        migrations/2024-04-01-000000_age/up.sql:
        ALTER TABLE users ADD CONSTRAINT users_boss FOREIGN KEY (boss) REFERENCES users (id) NOT VALID;
        ALTER TABLE users ADD CHECK (id > 0) NOT VALID; -- positive
        ALTER TABLE users ADD CONSTRAINT users_nick_not_null CHECK (nick IS NOT NULL) NOT VALID;
        migrations/2024-04-01-000000_age/down.sql:
        ALTER TABLE users DROP CONSTRAINT users_boss;

        ALTER TABLE users DROP CONSTRAINT users_id_check;

        ALTER TABLE users DROP CONSTRAINT users_nick_not_null;
        migrations/<time>-<id>_validate_check_of_users_id_0/metadata.toml:
        run_in_transaction = true

        [ops-migrate]
        revises = "20240401000000"
        message = "age: validate check of users: id > 0"
        migrations/<time>-<id>_validate_check_of_users_id_0/up.sql:
        ALTER TABLE users VALIDATE CONSTRAINT users_id_check;
        migrations/<time>-<id>_validate_check_of_users_id_0/down.sql:
        ALTER TABLE users DROP CONSTRAINT users_id_check;

        ALTER TABLE users ADD CONSTRAINT users_id_check CHECK (id > 0) NOT VALID;
        migrations/<time>-<id>_validate_foreign_key_users_boss_to_users/metadata.toml:
        run_in_transaction = true

        [ops-migrate]
        revises = "<id>"
        message = "age: validate foreign key users.(boss) to users"
        migrations/<time>-<id>_validate_foreign_key_users_boss_to_users/up.sql:
        ALTER TABLE users VALIDATE CONSTRAINT users_boss;
        migrations/<time>-<id>_validate_foreign_key_users_boss_to_users/down.sql:
        ALTER TABLE users DROP CONSTRAINT users_boss;

        ALTER TABLE users ADD CONSTRAINT users_boss FOREIGN KEY (boss) REFERENCES users (id) NOT VALID;
        migrations/<time>-<id>_make_users_nick_not_null/metadata.toml:
        run_in_transaction = true

        [ops-migrate]
        revises = "<id>"
        message = "age: make users.nick NOT NULL"
        migrations/<time>-<id>_make_users_nick_not_null/up.sql:
        ALTER TABLE users VALIDATE CONSTRAINT users_nick_not_null;
        ALTER TABLE users ALTER COLUMN nick SET NOT NULL;
        ALTER TABLE users DROP CONSTRAINT users_nick_not_null;
        migrations/<time>-<id>_make_users_nick_not_null/down.sql:
        ALTER TABLE users ALTER COLUMN nick DROP NOT NULL;

        ALTER TABLE users ADD CONSTRAINT users_nick_not_null CHECK (nick IS NOT NULL) NOT VALID;
    "#]]
    .assert_eq(&new_files(&sandbox));
}

#[test]
fn an_index_is_dropped_in_a_revision_of_its_own() {
    let sandbox = fixed(
        "ALTER TABLE users ADD COLUMN age integer;\nDROP INDEX users_nick;\n",
        "CREATE INDEX users_nick ON users (nick);\nALTER TABLE users DROP COLUMN age;\n",
        "drop-index-not-concurrent = \"warn\"\n",
        &[],
    );
    expect![[r#"
        migrations/2024-04-01-000000_age/up.sql:
        ALTER TABLE users ADD COLUMN age integer;
        migrations/2024-04-01-000000_age/down.sql:
        ALTER TABLE users DROP COLUMN age;
        migrations/<time>-<id>_drop_index_users_nick_of_users/metadata.toml:
        run_in_transaction = false

        [ops-migrate]
        revises = "20240401000000"
        message = "age: drop index users_nick of users"
        migrations/<time>-<id>_drop_index_users_nick_of_users/up.sql:
        DROP INDEX CONCURRENTLY users_nick;
        migrations/<time>-<id>_drop_index_users_nick_of_users/down.sql:
        CREATE INDEX CONCURRENTLY users_nick ON users (nick);
    "#]]
    .assert_eq(&new_files(&sandbox));
}

#[test]
fn what_a_comment_allows_stays() {
    let up = "-- ops-migrate: allow index-not-concurrent it is small\nCREATE INDEX a ON users (nick);\nCREATE INDEX b ON users (id);\n";
    let sandbox = fixed(up, "DROP INDEX b;\nDROP INDEX a;\n", "", &[]);
    let text = new_files(&sandbox);
    assert!(text.contains("CREATE INDEX a ON") && text.contains("CREATE INDEX CONCURRENTLY b ON"), "{text}");
}

/// The revision in the middle of those that nobody has yet: its parts sort before those that follow it,
/// and these build on the last part.
#[test]
fn a_revision_in_the_middle_is_split() {
    let sandbox = without_server(
        Dialect::Postgres,
        USERS,
        "CREATE INDEX a ON users (nick);\nCREATE INDEX b ON users (id);\nALTER TABLE users ADD COLUMN age integer;\n",
        Some("ALTER TABLE users DROP COLUMN age;\nDROP INDEX b;\nDROP INDEX a;\n"),
        None,
    );
    let next = "2024-04-01-000002-0123456789ab_next";
    sandbox.revision(next, "ALTER TABLE users ADD COLUMN size integer;\n", "ALTER TABLE users DROP COLUMN size;\n");
    let metadata = "run_in_transaction = true\n\n[ops-migrate]\nrevision = \"0123456789ab\"\nrevises = \"20240401000000\" # the ages\n";
    sandbox.write(&format!("migrations/{next}/metadata.toml"), metadata);
    let _ = sandbox.run(["review", "--fix", "--fail-on", "off"]).exits(0).says(&["_next/metadata.toml"]);
    let names = sandbox.revisions_in("migrations");
    let shown: Vec<&str> = names.iter().map(|name| &name[..18]).collect();
    // In the second of the one that follows, with an identity before its own.
    assert_eq!(shown[1..], ["2024-04-01-000000_", "2024-04-01-000001-", "2024-04-01-000002-", "2024-04-01-000002-"]);
    let last = &names[names.len() - 2];
    let id = last.split('_').next().unwrap().rsplit('-').next().unwrap();
    assert_eq!(
        sandbox.read(&format!("migrations/{next}/metadata.toml")),
        metadata.replace("20240401000000", id),
        "it follows the last part"
    );
    let _ = sandbox.run(["heads"]).exits(0).says(&["<id>  next  "]);
    let _ = sandbox.run(["review", "--fix", "--fail-on", "off"]).exits(0).says(&["Nothing here can be fixed"]);
}

/// Killed at each step of the writing: the next command finishes what was begun, or nothing was.
#[cfg(all(unix, feature = "failpoints"))]
#[test]
fn a_killed_fix_is_whole_or_not_there() {
    use std::collections::BTreeMap;

    let make = || {
        let sandbox = without_server(
            Dialect::Postgres,
            USERS,
            "CREATE INDEX a ON users (nick);\nALTER TABLE users ADD COLUMN age integer;\n",
            Some("ALTER TABLE users DROP COLUMN age;\nDROP INDEX a;\n"),
            None,
        );
        let next = "2024-05-01-000000-0123456789ab_next";
        sandbox.revision(next, "ALTER TABLE users ADD COLUMN size integer;\n", "ALTER TABLE users DROP COLUMN size;\n");
        sandbox.write(
            &format!("migrations/{next}/metadata.toml"),
            "run_in_transaction = true\n\n[ops-migrate]\nrevision = \"0123456789ab\"\nrevises = \"20240401000000\"\n",
        );
        sandbox
    };
    let fix = |sandbox: &Sandbox, place: Option<String>| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_cargo-ops-migrate"));
        command.args(["ops-migrate", "review", "--fix", "--no-proof", "--fail-on", "off"]);
        // In a sandbox without toolchains, rustup would not know which cargo to run.
        command.env_clear().envs(&sandbox.vars).env("CARGO", env!("CARGO")).current_dir(sandbox.path(""));
        if let Some(place) = place {
            command.env("OPS_MIGRATE_FAILPOINT", place);
        }
        command.output().unwrap().status.code()
    };
    let revisions = |sandbox: &Sandbox| {
        let mut files = sandbox.listing();
        files.retain(|path, _| path.starts_with("migrations/"));
        files
    };
    let sandbox = make();
    let before = revisions(&sandbox);
    assert_eq!(fix(&sandbox, None), Some(0));
    let after = revisions(&sandbox);
    assert!(before != after && before.len() < after.len());
    let (mut olds, mut news) = (0, 0);
    for place in 1.. {
        let sandbox = make();
        let code = fix(&sandbox, Some(place.to_string()));
        let _ = sandbox.run(["heads"]).exits(0);
        let now = revisions(&sandbox);
        // What was only staged is hidden, and goes with the next write.
        let shown: BTreeMap<_, _> = now.iter().filter(|(path, _)| !path.contains("/.ops-migrate-")).collect();
        let is = |files: &BTreeMap<String, Vec<u8>>| shown == files.iter().collect();
        assert!(is(&before) || is(&after), "killed at place {place}: {:#?}", shown.keys());
        if is(&before) {
            olds += 1;
        } else {
            news += 1;
        }
        if code.is_some() {
            break;
        }
    }
    assert!(olds == 1 && news > 7, "{olds} old, {news} new");
}

/// The files of the revisions after the first.
fn new_files(sandbox: &Sandbox) -> String {
    let mut text = String::new();
    for directory in sandbox.revisions_in("migrations").into_iter().skip(1) {
        for file in ["metadata.toml", "up.sql", "down.sql"] {
            let path = format!("migrations/{directory}/{file}");
            if sandbox.path(&path).exists() {
                let body = sandbox.read(&path);
                let lines =
                    body.lines().filter(|line| !["created", "revision"].iter().any(|key| line.starts_with(key)));
                text.push_str(&format!("{}:\n{}\n", sandbox.normal(&path), lines.collect::<Vec<_>>().join("\n")));
            }
        }
    }
    sandbox.normal(&text)
}

#[cfg(feature = "mysql")]
mod mysql_tests {
    use expect_test::expect;

    #[test]
    fn copies_are_measured() {
        let backend = crate::mysql::Backend::new();
        let sandbox = &backend.sandbox;
        sandbox.revision(
            "2024-01-01-000000_users",
            "CREATE TABLE users (id integer PRIMARY KEY, score integer);\n",
            "DROP TABLE users;\n",
        );
        sandbox.commit("users");
        sandbox.revision(
            "2024-02-01-000000_new",
            "ALTER TABLE users ADD COLUMN a integer;\nALTER TABLE users MODIFY score bigint;\n",
            "ALTER TABLE users DROP COLUMN a;\n",
        );
        let json = sandbox.run(["review", "--measure", "--fail-on", "off", "--format", "json"]).json();
        let rewritten = |at: usize| json["measured"][0]["statements"][at]["rewritten"].clone();
        assert_eq!((rewritten(0), rewritten(1)), (serde_json::json!([]), serde_json::json!(["users"])), "{json:#}");
    }

    #[test]
    fn what_mariadb_does_with_a_table_is_told_beside_what_is_said_of_it() {
        let backend = crate::mysql::Backend::new();
        let sandbox = &backend.sandbox;
        sandbox.revision(
            "2024-01-01-000000_users",
            "CREATE TABLE users (id integer PRIMARY KEY, score integer, body text, nick varchar(60));\nCREATE TABLE logs (id integer PRIMARY KEY) ENGINE = Aria;\n",
            "DROP TABLE users;\nDROP TABLE logs;\n",
        );
        sandbox.commit("users");
        sandbox.revision(
            "2024-02-01-000000_new",
            "UPDATE users SET score = 1;
ALTER TABLE users ADD COLUMN a integer;
CREATE INDEX users_score ON users (score);
ALTER TABLE users MODIFY nick varchar(200);
ALTER TABLE users MODIFY score bigint -- wider
;
CREATE FULLTEXT INDEX users_body ON users (body);
ALTER TABLE users ADD COLUMN b integer, ALGORITHM = COPY;
ALTER TABLE logs ADD INDEX (id);
CREATE TABLE new (id integer PRIMARY KEY);
DROP TABLE users;
ALTER TABLE users ADD COLUMN c integer;
",
            "SELECT 1;\n",
        );
        let measured = sandbox.run(["review", "--measure", "--fail-on", "off"]).exits(0);
        let text = measured.says_nothing_of(&["tells no metadata locks"]).text();
        let shown =
            text.split("Measured ").nth(1).and_then(|rest| rest.split("        failed").next()).unwrap_or_default();
        let is_time = |word: &&str| !word.ends_with("<took>") && *word != "ms";
        let lines = shown.lines().skip(1).map(|line| {
            let indent = if line.starts_with("        ") { "  " } else { "" };
            format!("{indent}{}\n", line.split_whitespace().filter(is_time).collect::<Vec<_>>().join(" "))
        });
        expect![[r#"
            1: UPDATE users SET score = 1
              took: SHARED_WRITE on users
            2: ALTER TABLE users ADD COLUMN a integer
              the server: instant (ALGORITHM=INSTANT)
              took: SHARED_UPGRADABLE on users, and waits for whoever has read it
            3: CREATE INDEX users_score ON users (score)
              the server: in place: others may write (ALGORITHM=NOCOPY, LOCK=NONE)
              took: SHARED_UPGRADABLE on users, and waits for whoever has read it
            4: ALTER TABLE users MODIFY nick varchar(200)
              the server: instant (ALGORITHM=INSTANT)
              took: SHARED_UPGRADABLE on users, and waits for whoever has read it
              expected: users is copied: the type of users.nick changes from varchar(60) to varchar(200)
              differs: others may write meanwhile, where the review says that they wait
            5: ALTER TABLE users MODIFY score bigint
              the server: copied: writers wait (ALGORITHM=COPY, LOCK=SHARED)
              took: SHARED_NO_WRITE on users, and waits for whoever has read it
              wrote anew: users
              expected: users is copied: the type of users.score changes from int to bigint
            7: CREATE FULLTEXT INDEX users_body ON users (body)
              the server: in place: writers wait (ALGORITHM=INPLACE, LOCK=SHARED)
              took: SHARED_UPGRADABLE on users, and waits for whoever has read it
              wrote anew: users
              expected: nobody can write to users while its index is built: it is FULLTEXT or SPATIAL
            8: ALTER TABLE users ADD COLUMN b integer, ALGORITHM
              took: SHARED_NO_WRITE on users, and waits for whoever has read it
              wrote anew: users
              expected: users is copied: the statement says so
            9: ALTER TABLE logs ADD INDEX (id)
              the server: copied: writers wait (ALGORITHM=COPY, LOCK=SHARED)
              took: SHARED_NO_WRITE on logs, and waits for whoever has read it
              differs: writers wait, and the review does not say so
            10: CREATE TABLE new (id integer PRIMARY KEY)
            11: DROP TABLE users
            12: ALTER TABLE users ADD COLUMN c integer
        "#]]
        .assert_eq(&lines.collect::<String>());
    }
}

mod postgres_tests {
    use expect_test::expect;
    use ops_migrate::db::scratch::Scratch;
    use ops_migrate::dialect::Dialect;

    use super::new_files as files;
    use crate::common::{Sandbox, scratch};

    const NEW: &str = "2024-02-01-000000_new";

    /// A backend on PostgreSQL with a new revision.
    fn with(up: &str, down: &str) -> (Sandbox, Scratch) {
        let base =
            "CREATE TYPE mood AS ENUM ('sad');\nCREATE TABLE users (id integer PRIMARY KEY, nick text, mood mood);\n";
        on(base, "DROP TABLE users;\nDROP TYPE mood;\n", up, down)
    }

    /// The same on another schema, with the way back of that.
    fn on(base: &str, base_down: &str, up: &str, down: &str) -> (Sandbox, Scratch) {
        let mut scratch = scratch("OPS_MIGRATE_TEST_POSTGRES", Dialect::Postgres);
        let sandbox = Sandbox::without_revisions();
        sandbox.edit("Cargo.toml", "\"sqlite\"", "\"postgres\"");
        sandbox.write(".env", format!("DATABASE_URL={}\n", scratch.database().url()));
        sandbox.revision("2024-01-01-000000_users", base, base_down);
        sandbox.commit("users");
        sandbox.revision(NEW, up, down);
        (sandbox, scratch)
    }

    #[test]
    fn concurrently_beside_others_is_split() {
        let (sandbox, _scratch) = with(
            "-- Ages.\nALTER TABLE users ADD COLUMN age integer;\nCREATE INDEX CONCURRENTLY users_age ON users (age);\nALTER TABLE users ADD COLUMN size integer;\n",
            "-- Back.\nALTER TABLE users DROP COLUMN size;\nDROP INDEX users_age;\nALTER TABLE users DROP COLUMN age;\n",
        );
        let fixed = sandbox.run(["review", "--fix", "--fail-on", "off"]).exits(0);
        let _ = fixed.says(&[
            "a revision of its own for each statement that refuses a transaction (OM701)",
            "Proved on PostgreSQL",
        ]);
        expect![[r#"
            migrations/2024-02-01-000000_new/up.sql:
            -- Ages.
            ALTER TABLE users ADD COLUMN age integer;
            migrations/2024-02-01-000000_new/down.sql:
            -- Back.
            ALTER TABLE users DROP COLUMN age;
            migrations/<time>-<id>_create_index_users_age_on_users/metadata.toml:
            run_in_transaction = false

            [ops-migrate]
            revises = "20240201000000"
            message = "new: create index users_age on users"
            migrations/<time>-<id>_create_index_users_age_on_users/up.sql:
            CREATE INDEX CONCURRENTLY users_age ON users (age);
            migrations/<time>-<id>_create_index_users_age_on_users/down.sql:
            DROP INDEX CONCURRENTLY users_age;
            migrations/<time>-<id>_add_column_users_size_integer/metadata.toml:
            run_in_transaction = true

            [ops-migrate]
            revises = "<id>"
            message = "new: add column users.size integer"
            migrations/<time>-<id>_add_column_users_size_integer/up.sql:
            ALTER TABLE users ADD COLUMN size integer;
            migrations/<time>-<id>_add_column_users_size_integer/down.sql:
            ALTER TABLE users DROP COLUMN size;
        "#]]
        .assert_eq(&files(&sandbox));
        let _ = sandbox.run(["upgrade"]).exits(0);
    }

    #[test]
    fn a_value_is_used_in_the_next_revision() {
        let (sandbox, _scratch) = with(
            "ALTER TYPE mood ADD VALUE 'ok';\nUPDATE users SET mood = 'ok' WHERE mood IS NULL;\n",
            "DELETE FROM users WHERE mood = 'ok';\n",
        );
        // A way back that changes rows is its author's: it is completed, and not taken apart.
        let shown = sandbox.run(["review", "--diff"]).exits(1).says(&["OM006"]);
        let _ = shown.says_nothing_of(&["OM124", "/dev/null"]);
        sandbox.revision(
            NEW,
            "ALTER TYPE mood ADD VALUE 'ok';\nALTER TABLE users ALTER mood SET DEFAULT 'ok';\n",
            "ALTER TABLE users ALTER mood DROP DEFAULT;\nALTER TYPE mood RENAME TO mood_old;\nCREATE TYPE mood AS ENUM ('sad');\nALTER TABLE users ALTER mood TYPE mood USING mood::text::mood;\nDROP TYPE mood_old;\n",
        );
        let _ = sandbox
            .run(["review", "--fix", "--fail-on", "off"])
            .exits(0)
            .says(&["use the value in the next revision (OM124)"]);
        expect![[r#"
            migrations/2024-02-01-000000_new/up.sql:
            ALTER TYPE mood ADD VALUE 'ok';
            migrations/2024-02-01-000000_new/down.sql:
            -- loses which rows had 'ok' of enum mood: they get 'sad'

            ALTER TYPE mood RENAME TO mood__old;

            CREATE TYPE mood AS ENUM ('sad');

            ALTER TABLE users
                ALTER COLUMN mood TYPE mood USING (CASE mood::text WHEN 'ok' THEN 'sad' ELSE mood::text END)::mood;

            DROP TYPE mood__old;
            migrations/<time>-<id>_set_default_of_users_mood_to_ok/metadata.toml:
            run_in_transaction = true

            [ops-migrate]
            revises = "20240201000000"
            message = "new: set default of users.mood to 'ok'"
            migrations/<time>-<id>_set_default_of_users_mood_to_ok/up.sql:
            ALTER TABLE users ALTER mood SET DEFAULT 'ok';
            migrations/<time>-<id>_set_default_of_users_mood_to_ok/down.sql:
            ALTER TABLE users ALTER COLUMN mood DROP DEFAULT;
        "#]]
        .assert_eq(&files(&sandbox));
    }

    #[test]
    fn rows_are_read_while_others_write() {
        let (sandbox, _scratch) = with(
            "ALTER TABLE users ADD CONSTRAINT users_id CHECK (id <> 0);\nUPDATE users SET nick = '' WHERE nick IS NULL;\nALTER TABLE users ALTER COLUMN nick SET NOT NULL;\nCREATE INDEX users_nick ON users (nick);\n",
            "DROP INDEX users_nick;\nALTER TABLE users ALTER COLUMN nick DROP NOT NULL;\nALTER TABLE users DROP CONSTRAINT users_id;\n",
        );
        let _ = sandbox.run(["review", "--fix", "--fail-on", "off"]).exits(0).says(&[
            "OM101",
            "OM110",
            "OM113",
            "Proved on PostgreSQL",
        ]);
        let _ = sandbox.run(["review", "--fail-on", "off"]).says_nothing_of(&["OM101", "OM110", "OM113", "OM115"]);
        let _ = sandbox.run(["upgrade"]).exits(0);
        let _ = sandbox.run(["rollback", "20240101000000", "--yes"]).exits(0);
    }

    #[test]
    fn clauses_are_mended_where_they_stand() {
        let (sandbox, mut scratch) = on(
            "CREATE TABLE users (id integer PRIMARY KEY, nick text, boss integer);\n",
            "DROP TABLE users;\n",
            "UPDATE users SET nick = '' WHERE nick IS NULL;
ALTER TABLE users ADD CONSTRAINT users_id CHECK (id <> 0), ADD CHECK (id < 1000), -- for now
    ADD CONSTRAINT users_boss FOREIGN KEY (boss) REFERENCES users (id),
    ALTER COLUMN nick SET NOT NULL,
    ADD COLUMN size integer CHECK (size > 0);\n",
            "ALTER TABLE users DROP COLUMN size, ALTER COLUMN nick DROP NOT NULL, DROP CONSTRAINT users_boss, DROP CONSTRAINT users_id_check, DROP CONSTRAINT users_id;\n",
        );
        let fixed = sandbox.run(["review", "--fix", "--fail-on", "off"]).exits(0);
        let _ = fixed.says(&["(OM110)", "(OM112)", "(OM113)", "Proved on PostgreSQL"]);
        let scripts = files(&sandbox);
        let ups: Vec<&str> =
            scripts.split("/up.sql:\n").skip(1).filter_map(|rest| rest.split("migrations/").next()).collect();
        expect![[r#"
            UPDATE users SET nick = '' WHERE nick IS NULL;
            ALTER TABLE users ADD CONSTRAINT users_id CHECK (id <> 0) NOT VALID, ADD CHECK (id < 1000) NOT VALID, -- for now
                ADD CONSTRAINT users_boss FOREIGN KEY (boss) REFERENCES users (id) NOT VALID,
                ADD CONSTRAINT users_nick_not_null CHECK (nick IS NOT NULL) NOT VALID,
                ADD COLUMN size integer CHECK (size > 0);
            ALTER TABLE users VALIDATE CONSTRAINT users_id;
            ALTER TABLE users VALIDATE CONSTRAINT users_id_check;
            ALTER TABLE users VALIDATE CONSTRAINT users_boss;
            ALTER TABLE users VALIDATE CONSTRAINT users_nick_not_null;
            ALTER TABLE users ALTER COLUMN nick SET NOT NULL;
            ALTER TABLE users DROP CONSTRAINT users_nick_not_null;
        "#]]
        .assert_eq(&ups.concat());
        let _ = sandbox.run(["upgrade"]).exits(0);
        let left =
            scratch.database().text("SELECT count(*)::text AS row FROM pg_constraint WHERE NOT convalidated", &[]);
        assert_eq!(left.unwrap().as_deref(), Some("0"));
        let _ = sandbox.run(["rollback", "20240101000000", "--yes"]).exits(0);
    }

    /// What `CREATE INDEX` on a partitioned table finds built already, and what it then waits for.
    #[test]
    fn indexes_of_partitions_are_built_concurrently() {
        let (sandbox, mut scratch) = on(
            "CREATE TABLE logs (id integer NOT NULL, at date NOT NULL) PARTITION BY RANGE (at);\nCREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');\nCREATE TABLE logs_2 PARTITION OF logs DEFAULT;\n",
            "DROP TABLE logs;\n",
            "CREATE UNIQUE INDEX logs_at ON logs USING btree (at DESC, id);\n",
            "DROP INDEX logs_at;\n",
        );
        let fixed = sandbox.run(["review", "--fix", "--fail-on", "off"]).exits(0);
        let _ = fixed.says(&["(OM101)", "Proved on PostgreSQL"]).says_nothing_of(&["warn OM101"]);
        expect![[r#"
            migrations/2024-02-01-000000_new/metadata.toml:
            run_in_transaction = false
            migrations/2024-02-01-000000_new/up.sql:
            CREATE UNIQUE INDEX CONCURRENTLY logs_1_logs_at_idx ON logs_1 (at DESC, id);
            migrations/2024-02-01-000000_new/down.sql:
            DROP INDEX CONCURRENTLY logs_1_logs_at_idx;
            migrations/<time>-<id>_create_unique_index_logs_2_logs_at_idx_on_logs_2/metadata.toml:
            run_in_transaction = false

            [ops-migrate]
            revises = "20240201000000"
            message = "new: create unique index logs_2_logs_at_idx on logs_2"
            migrations/<time>-<id>_create_unique_index_logs_2_logs_at_idx_on_logs_2/up.sql:
            CREATE UNIQUE INDEX CONCURRENTLY logs_2_logs_at_idx ON logs_2 (at DESC, id);
            migrations/<time>-<id>_create_unique_index_logs_2_logs_at_idx_on_logs_2/down.sql:
            DROP INDEX CONCURRENTLY logs_2_logs_at_idx;
            migrations/<time>-<id>_create_unique_index_logs_at_on_logs/metadata.toml:
            run_in_transaction = true

            [ops-migrate]
            revises = "<id>"
            message = "new: create unique index logs_at on logs"
            migrations/<time>-<id>_create_unique_index_logs_at_on_logs/up.sql:
            CREATE UNIQUE INDEX logs_at ON logs USING btree (at DESC, id);
            migrations/<time>-<id>_create_unique_index_logs_at_on_logs/down.sql:
            DROP INDEX logs_at;

            CREATE UNIQUE INDEX logs_1_logs_at_idx ON logs_1 (at DESC, id);

            CREATE UNIQUE INDEX logs_2_logs_at_idx ON logs_2 (at DESC, id);
        "#]]
        .assert_eq(&files(&sandbox));
        let _ = sandbox.run(["upgrade"]).exits(0);
        let sql = "SELECT string_agg(indexrelid::regclass || ' ' || indisvalid, ', ' ORDER BY indexrelid::regclass::text) AS row FROM pg_index WHERE indrelid::regclass::text LIKE 'logs%'";
        let indexes = scratch.database().text(sql, &[]).unwrap();
        expect!["logs_1_logs_at_idx true, logs_2_logs_at_idx true, logs_at true"]
            .assert_eq(&indexes.unwrap_or_default());
        let _ = sandbox.run(["status"]).exits(0).says(&["the schema is what its revisions give"]);
        let _ = sandbox.run(["rollback", "20240101000000", "--yes"]).exits(0);
    }

    #[test]
    fn alone_it_only_needs_no_transaction() {
        let (sandbox, _scratch) =
            with("CREATE INDEX CONCURRENTLY users_nick ON users (nick);\n", "DROP INDEX users_nick;\n");
        let _ = sandbox.run(["review", "--fix"]).exits(0).says(&["run it without a transaction (OM701)"]);
        assert_eq!(sandbox.read(&format!("migrations/{NEW}/metadata.toml")), "run_in_transaction = false\n");
        assert_eq!(sandbox.read(&format!("migrations/{NEW}/down.sql")), "DROP INDEX users_nick;\n");
    }

    #[test]
    fn locks_are_measured_beside_what_is_said_of_them() {
        let (sandbox, _scratch) = with(
            "ALTER TABLE users ADD COLUMN token uuid DEFAULT gen_random_uuid();\nCREATE INDEX users_nick ON users (nick);\n",
            "DROP INDEX users_nick;\nALTER TABLE users DROP COLUMN token;\n",
        );
        let measured = sandbox.run(["review", "--measure", "--fail-on", "off"]).exits(0).text();
        let shown = measured.split("Measured ").nth(1).unwrap_or_default();
        let lines: Vec<&str> = shown.lines().filter(|line| line.starts_with("        ")).map(str::trim).collect();
        expect![[r#"
            took: ACCESS EXCLUSIVE on users
            wrote anew: users
            expected: ACCESS EXCLUSIVE on users: blocks reads and writes while the table is rewritten
            still held: ACCESS EXCLUSIVE on users
            expected: SHARE on users: blocks writes while the index is built"#]]
        .assert_eq(&lines.join("\n"));
    }

    #[test]
    fn the_lock_of_a_small_table_is_a_note() {
        let (sandbox, _scratch) = with("CREATE INDEX users_nick ON users (nick);\n", "DROP INDEX users_nick;\n");
        let _ = sandbox.run(["review", "--fail-on", "warn"]).exits(1).says(&["warn OM101"]);
        sandbox.write("rows.toml", "users = 10000\n");
        let _ = sandbox.run(["review", "--fail-on", "warn", "--stats", "rows.toml"]).exits(0).says(&["info OM101"]);
        sandbox.write("rows.toml", "users = 10001\n");
        let _ =
            sandbox.run(["review", "--fail-on", "warn", "--stats", "rows.toml"]).exits(1).says(&["rows: about 10001"]);
    }
}
