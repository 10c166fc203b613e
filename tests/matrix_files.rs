//! The fault matrix, files: limits of the system, and names, links and bytes that nobody expects. What each row is stands in `tests/FAULTS.md`.

#![cfg(unix)]

use std::os::unix::fs::symlink;
use std::process::Command;

use crate::common::Sandbox;
use crate::matrix_runs::{ended, said, times};
use crate::runner::Backend;

const FIRST: &str = "2024-01-01-000000_first";
const SECOND: &str = "2024-02-01-000000_second";

/// A shell's command in the sandbox, where `$0` is the tool.
pub(crate) fn shell(sandbox: &Sandbox, script: &str) -> std::process::Output {
    let mut command = Command::new("sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_cargo-ops-migrate")]).env_clear().envs(&sandbox.vars);
    command.env("CARGO", env!("CARGO")).current_dir(sandbox.path("")).output().unwrap()
}

/// Little memory and few files: an error, and never a panic.
#[test]
fn row_48_limits_of_the_system() {
    let sandbox = Sandbox::with_chain();
    for (limit, least) in [("ulimit -n 16", 0), ("ulimit -n 6", 1), ("ulimit -n 4", 1), ("ulimit -f 0", 1)] {
        // Whoever runs the tests may have left files open, which would count.
        let close = "exec 3<&- 4<&- 5<&- 6<&- 7<&- 8<&- 9<&-";
        let script = format!("{close}; trap '' XFSZ; {limit}; exec \"$0\" ops-migrate upgrade");
        let output = shell(&sandbox, &script);
        let text = said(&output);
        let code = output.status.code();
        assert!(code.is_some_and(|code| code < 70 && code >= least.min(code)), "{limit}: {code:?} {text}");
        assert!(!text.contains("panicked"), "{limit}: {text}");
        assert!(code == Some(0) || text.contains("error: "), "{limit}: {text}");
    }
    let _ = sandbox.run(["upgrade"]).exits(0);
    assert_eq!(sandbox.query("SELECT count(*) AS line FROM __diesel_schema_migrations"), "3");
}

/// A directory that the user may not write to: the path and what was wanted of it are named.
#[test]
fn row_49_a_database_in_a_directory_that_is_only_read() {
    let sandbox = Sandbox::with_chain();
    sandbox.write(".env", "DATABASE_URL=/proc/app.db\n");
    let _ = sandbox.run(["upgrade"]).exits(5).says(&["/proc/app.db", "hint: "]);
    sandbox.write(".env", "DATABASE_URL=gone/app.db\n");
    let _ = sandbox.run(["upgrade"]).exits(5).says(&["gone/app.db", "its directory has to exist and to be writable"]);
}

/// Bytes that are no text, and texts that say nothing: the same on each engine.
fn bytes(backend: &Backend) {
    let cases: [(&[u8], u8, &str); 5] = [
        (b"CREATE TABLE b (x integer); -- \xff\n", 2, "UTF-8"),
        (b"\xff\xfeC\0R\0", 2, "UTF-8"),
        (b"CREATE TABLE b (x\0 integer);", 2, "NUL"),
        (b"", 2, "no bytes"),
        (b"\xef\xbb\xbfCREATE TABLE b (x integer);\r\n", 0, "applied"),
    ];
    backend.sandbox.revision(FIRST, "CREATE TABLE a (x integer);", "DROP TABLE a;");
    let _ = backend.sandbox.run(["upgrade"]).exits(0);
    for (text, code, words) in cases {
        backend.sandbox.revision(SECOND, "", "DROP TABLE b;");
        backend.sandbox.write(&format!("migrations/{SECOND}/up.sql"), text);
        let _ = backend.sandbox.run(["upgrade"]).exits(code).says(&[words]);
        assert_eq!(backend.versions().len(), if code == 0 { 2 } else { 1 }, "{text:?}");
    }
}

#[test]
fn row_65_bytes_on_sqlite() {
    bytes(&Backend::sqlite());
}

/// Large files, long lines, and parentheses in parentheses: no stack overflows, and the memory is a
/// few times the file's.
#[test]
fn row_66_large_files_on_sqlite() {
    let backend = Backend::sqlite();
    let many: String = (0..100_000).map(|n| format!("INSERT INTO a VALUES ({n});\n")).collect();
    let line = format!("CREATE TABLE a (x text); INSERT INTO a VALUES ('{}');", "x".repeat(1 << 20));
    let deep = format!("INSERT INTO a VALUES ({}1{});", "(".repeat(90), ")".repeat(90));
    backend.sandbox.revision(FIRST, &line, "DROP TABLE a;");
    backend.sandbox.revision(SECOND, &(many + &deep), "SELECT 1;");
    let _ = ended(backend.upgrade(), 0);
    let abyss = format!("SELECT {}1{};", "(".repeat(10_000), ")".repeat(10_000));
    backend.sandbox.revision("2024-03-01-000000_abyss", &abyss, "SELECT 1;");
    for args in [&["upgrade"][..], &["check"], &["review"]] {
        let mut words = args.to_vec();
        let output = if words == ["upgrade"] {
            backend.start(&words, &[]).output()
        } else {
            words.insert(0, "exec \"$0\" ops-migrate");
            shell(&backend.sandbox, &words.join(" "))
        };
        let text = said(&output);
        assert!(
            output.status.code().is_some_and(|code| code < 70),
            "{args:?}: {:?} {}",
            output.status,
            &text[..text.len().min(2000)]
        );
    }
}

/// Ten thousand revisions, a path that is too long, and folders in folders.
#[test]
fn row_67_many_revisions_and_long_paths() {
    let sandbox = Sandbox::without_revisions();
    for n in 0..times(300, 10_000) {
        sandbox.revision(&format!("{}_r", 20_240_000_000_000_u64 + n as u64), "SELECT 1;", "SELECT 1;");
    }
    let output = shell(&sandbox, "exec \"$0\" ops-migrate upgrade --quiet");
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let deep = "d/".repeat(200);
    sandbox.write(&format!("migrations/20250101000000_deep/{deep}x"), "");
    sandbox.revision("20250101000000_deep", "SELECT 1;", "SELECT 1;");
    let output = shell(&sandbox, "exec \"$0\" ops-migrate upgrade --quiet");
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let long = format!("{}app.db", "p/".repeat(2500));
    let _ = sandbox.run(["upgrade", "--database-url", &long]).exits(5).says(&["cannot open"]);
}

/// Links that leave the directory, lead nowhere or to themselves; pipes and devices in a file's place.
#[test]
fn row_68_links_pipes_and_devices() {
    let make = |act: &dyn Fn(&Sandbox, &std::path::Path)| {
        let sandbox = Sandbox::with_chain();
        let folder = sandbox.path("migrations/2024-04-01-000000_odd");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("down.sql"), "SELECT 1;").unwrap();
        act(&sandbox, &folder.join("up.sql"));
        // In a process, since one that hangs can be ended.
        let output = shell(&sandbox, "exec timeout 20 \"$0\" ops-migrate upgrade");
        (output.status.code(), said(&output))
    };
    type Make<'a> = &'a dyn Fn(&Sandbox, &std::path::Path);
    let refused: [(&str, Make<'_>); 5] = [
        ("dangling", &|_, path| symlink("nowhere.sql", path).unwrap()),
        ("loop", &|_, path| symlink("up.sql", path).unwrap()),
        ("pipe", &|_, path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success())),
        ("device", &|_, path| symlink("/dev/zero", path).unwrap()),
        ("socket", &|_, path| drop(std::os::unix::net::UnixListener::bind(path).unwrap())),
    ];
    for (name, act) in refused {
        let (code, text) = make(act);
        assert_eq!(code, Some(2), "{name}: {text}");
        assert!(text.contains("up.sql"), "{name}: {text}");
    }
}

/// Names that are paths, options, statements or nothing: a revision stays below its directory.
#[test]
fn row_69_messages_that_are_no_names() {
    let long = "a".repeat(300);
    let emoji = "add 🦀 users";
    for message in [
        "../../x",
        "a/../../x",
        "; drop table users",
        "a\0b",
        emoji,
        &long,
        "-rf",
        "con",
        "nul.txt",
        "'$(id)'",
        "\u{202e}evil",
    ] {
        let sandbox = Sandbox::with_chain();
        sandbox.edit(
            "src/schema.rs",
            "bio -> Nullable<Text>,",
            "bio -> Nullable<Text>,\n        age -> Nullable<Integer>,",
        );
        let before = sandbox.listing();
        let output = sandbox.run(["create", "--no-proof", "--yes", "--", message]);
        assert!(matches!(output.code, 0 | 2), "{message:?}: {}", output.text());
        for path in sandbox.listing().keys().filter(|path| !before.contains_key(*path)) {
            let name = path.trim_start_matches("migrations/").split('/').next().unwrap();
            assert!(path.starts_with("migrations/") && name.len() <= 130, "{message:?} made {path}");
            assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)), "{message:?} made {path}");
        }
    }
}

/// Names that want quotes, on each engine.
fn names(backend: &Backend, quote: char) {
    for (n, name) in ["a\"b", "a;--", "a`b", "SELECT", "ä ö", &"n".repeat(60)].iter().enumerate() {
        let quoted = format!("{quote}{}{quote}", name.replace(quote, &format!("{quote}{quote}")));
        let (up, down) = (format!("CREATE TABLE {quoted} (x integer PRIMARY KEY);"), format!("DROP TABLE {quoted};"));
        backend.sandbox.revision(&format!("2024-01-{:02}-000000_n", n + 1), &up, &down);
    }
    let _ = backend.sandbox.run(["upgrade"]).exits(0);
    let _ = backend.sandbox.run(["status", "--verify", "--quiet"]);
    let _ = backend.sandbox.run(["rollback", "base", "--allow-data-loss", "--yes"]).exits(0);
    assert!(backend.versions().is_empty());
}

#[test]
fn row_70_names_that_want_quotes_on_sqlite() {
    names(&Backend::sqlite(), '"');
}

/// `.env` above the project, and one that says otherwise than the environment.
#[test]
fn row_72_where_the_url_comes_from() {
    let sandbox = Sandbox::with_chain();
    std::fs::remove_file(sandbox.path(".env")).unwrap();
    // Above the repository nothing is read.
    std::fs::write(sandbox.path("").parent().unwrap().join(".env"), "DATABASE_URL=above.db\n").unwrap();
    let _ = sandbox.run(["upgrade"]).exits(2).says(&["DATABASE_URL"]);
    sandbox.write(".env", "DATABASE_URL=of_file.db\n");
    let mut both = sandbox;
    both.vars.insert("DATABASE_URL".to_owned(), both.path("of_environment.db").display().to_string());
    let _ = both.run(["upgrade"]).exits(0);
    assert!(both.path("of_environment.db").exists() && !both.path("of_file.db").exists());
}

/// A way back that is missing is found before anything is taken back.
#[test]
fn row_73_a_way_back_that_is_missing_in_the_middle() {
    let sandbox = Sandbox::applied();
    std::fs::remove_file(sandbox.path("migrations/2024-02-01-000000_create_posts/down.sql")).unwrap();
    let refused = sandbox.run(["rollback", "base", "--allow-data-loss", "--yes"]);
    assert_ne!(refused.code, 0, "{}", refused.text());
    assert_eq!(sandbox.query("SELECT count(*) AS line FROM __diesel_schema_migrations"), "3");
}

/// Passwords with everything in them, in every stream, the ledger and the process's title.
const PASSWORDS: [&str; 6] =
    ["Can@ary:S3/c#%r e't", "Canary%zz", "Can\u{e4}ry?x=y&z", "Canary\\", "Canary\"q\"", "$(Canary)"];

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[test]
fn row_71_no_password_in_any_stream() {
    for password in PASSWORDS {
        for scheme in ["postgres", "mysql"] {
            let sandbox = Sandbox::with_chain();
            // As it is, which is no URL for most of them; and as it should be.
            for url in [
                format!("{scheme}://u:{password}@127.0.0.1:1/db"),
                format!("{scheme}://u:{}@127.0.0.1:1/db", encoded(password)),
            ] {
                sandbox.write("Cargo.toml", crate::common::MANIFEST.replace("sqlite", scheme));
                for args in [
                    &["upgrade"][..],
                    &["status"],
                    &["doctor"],
                    &["upgrade", "--verbose"],
                    &["status", "--format", "json"],
                ] {
                    let output = sandbox.run([args, &["--database-url", &url]].concat());
                    assert_ne!(output.code, 70, "{}", output.text());
                    let all = format!("{}{}", output.stdout, output.stderr);
                    assert!(
                        !all.contains("Canary") && !all.contains("ary:S3") && !all.contains("ry?x"),
                        "{args:?} {url}\n{all}"
                    );
                    assert!(!all.contains(&encoded(password)), "{args:?} {url}\n{all}");
                }
            }
        }
    }
    let long = format!("postgres://u:{}@127.0.0.1:1/db", "Canary".repeat(700));
    let sandbox = Sandbox::with_chain();
    let output = sandbox.run(["status", "--database-url", &long]);
    assert!(!output.text().contains("Canary"), "{}", output.text());
}

mod postgres_tests {
    use super::{Backend, PASSWORDS, encoded, ended};

    #[test]
    fn row_65_bytes() {
        super::bytes(&Backend::postgres());
    }

    #[test]
    fn row_70_names_that_want_quotes() {
        super::names(&Backend::postgres(), '"');
    }

    /// A role with such a password does its work, and neither the ledger nor the title of its process
    /// knows it.
    #[test]
    fn row_71_no_password_in_the_database() {
        for (n, password) in PASSWORDS.iter().enumerate() {
            let backend = Backend::postgres();
            let mut db = backend.database();
            let role = format!("secret_{}_{n}", std::process::id());
            let literal = password.replace('\'', "''");
            db.execute(&format!("CREATE ROLE {role} LOGIN SUPERUSER PASSWORD '{literal}'")).unwrap();
            let url = backend.url.to_string().replace("ops:***", &format!("{role}:{}", encoded(password)));
            backend.sandbox.write(".env", format!("DATABASE_URL={url}\n"));
            backend.sandbox.revision(super::FIRST, "CREATE TABLE a (x integer); SELECT pg_sleep(1);", "DROP TABLE a;");
            backend.sandbox.revision(super::SECOND, "SELECT nothing_that_is_there;", "SELECT 1;");
            let runner = backend.upgrade();
            std::thread::sleep(std::time::Duration::from_millis(500));
            let titles = db.texts("SELECT query AS row FROM pg_stat_activity", &[]).unwrap();
            let text = ended(runner, 1);
            let kept = db.texts("SELECT row_to_json(l)::text AS row FROM __ops_migrate_ledger l", &[]).unwrap();
            for said in titles.into_iter().chain(kept).flatten().chain([text]) {
                assert!(!said.contains("Canary") && !said.contains("ary:S3") && !said.contains("ry?x"), "{said}");
            }
            db.execute(&format!("REASSIGN OWNED BY {role} TO ops; DROP OWNED BY {role}; DROP ROLE {role}")).unwrap();
        }
    }
}

#[cfg(feature = "mysql")]
mod mysql_tests {
    use super::Backend;

    #[test]
    fn row_65_bytes() {
        super::bytes(&Backend::mysql());
    }

    #[test]
    fn row_70_names_that_want_quotes() {
        super::names(&Backend::mysql(), '`');
    }
}
