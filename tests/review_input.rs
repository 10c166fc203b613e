//! `review` of what is large, deep, broken, or read by somebody who goes away, with the real binary.

#![cfg(unix)]

use std::process::{Command, Output};

use ops_migrate::dialect::Dialect;

use crate::common::Sandbox;

const NEW: &str = "2024-04-01-000000_new";

/// A backend in a dialect with a table `users`, committed, and a new revision.
fn with(dialect: Dialect, up: &str) -> Sandbox {
    let sandbox = Sandbox::without_server(dialect);
    sandbox.revision(
        "2024-01-01-000000_users",
        "CREATE TABLE users (id integer PRIMARY KEY, nick varchar(20));\n",
        "DROP TABLE users;\n",
    );
    sandbox.commit("users");
    sandbox.revision(NEW, up, "SELECT 1;\n");
    sandbox
}

/// Runs a shell's script in which `$0` is the tool.
fn shell(sandbox: &Sandbox, script: &str) -> Output {
    let mut command = Command::new("sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_cargo-ops-migrate")]).env_clear().envs(&sandbox.vars);
    command.env("CARGO", env!("CARGO")).current_dir(sandbox.path("")).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

const DIALECTS: [Dialect; 3] = [Dialect::Postgres, Dialect::Sqlite, Dialect::Mysql];

/// Reviews a script in an address space of so many megabytes (of which a stack for the parser reserves up to 256,
/// and uses few): the dropped table behind it all is found.
fn bounded(dialect: Dialect, up: &str, megabytes: usize) -> String {
    let sandbox = with(dialect, &format!("{up}\nDROP TABLE users;\n"));
    let limit = format!("ulimit -v {}; exec \"$0\" ops-migrate review", megabytes * 1024);
    let output = shell(&sandbox, &limit);
    let (code, text) = (output.status.code(), stdout(&output));
    assert!(
        code == Some(0) || code == Some(1),
        "{dialect}: {:?}, {}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        text.contains("OM003") && text.contains("loses the rows of users"),
        "{dialect}: {}",
        &text[..text.len().min(2_000)]
    );
    text
}

/// A file of 64 MB, mostly one statement, and one of very many.
#[test]
fn large_files_take_bounded_memory() {
    let rows = ", (1, 'some text of a row')\n".repeat((64 << 20) / 27);
    for dialect in DIALECTS {
        let text = bounded(dialect, &format!("INSERT INTO users (id, nick) VALUES (0, ''){rows};"), 700);
        assert!(text.contains("analysed 1 of 2 statements"), "{dialect}: {}", &text[..text.len().min(2_000)]);
    }
    let statements = "INSERT INTO users (id, nick) VALUES (1, 'some text of a row');\n".repeat((4 << 20) / 63);
    for dialect in DIALECTS {
        let text = bounded(dialect, &statements, 700);
        assert!(!text.contains("not analysed"), "{dialect}: {}", &text[..text.len().min(2_000)]);
    }
}

#[test]
fn long_lines_are_read_in_full() {
    for dialect in DIALECTS {
        let text =
            bounded(dialect, &format!("INSERT INTO users (id, nick) VALUES (1, '{}');", "x".repeat(1_000_000)), 400);
        assert!(!text.contains("not analysed"), "{dialect}: {}", &text[..text.len().min(2_000)]);
    }
}

/// What a parser follows by recursion ends in a finding or is read, and never ends the process.
#[test]
fn deep_expressions_end_nothing() {
    for dialect in DIALECTS {
        for (start, many, end) in [
            ("", "1 + ", "1"),
            ("", "(", "1"),
            ("", "- ", "1"),
            ("", "NOT ", "true"),
            ("CASE WHEN true THEN ", "(", "1"),
        ] {
            let up = format!("SELECT {start}{}{end};\nDROP TABLE users;\n", many.repeat(12_000));
            let sandbox = with(dialect, &up);
            let output = shell(&sandbox, "exec \"$0\" ops-migrate review");
            assert!(output.status.code().is_some(), "{dialect}, {many}: {:?}", output.status);
            assert!(stdout(&output).contains("Here is what it does"), "{dialect}, {many}");
        }
    }
}

#[test]
fn a_reader_who_goes_away_ends_it_quietly() {
    let sandbox = with(Dialect::Sqlite, &"DROP TABLE ghosts;\n".repeat(3_000));
    for format in ["human", "json", "sarif", "github", "markdown"] {
        let script = format!(
            "(\"$0\" ops-migrate review --all --format {format}; echo $? > code) | head -c 100 > /dev/null; cat code"
        );
        let output = shell(&sandbox, &script);
        let code = stdout(&output);
        assert!(matches!(code.trim(), "0" | "1"), "{format}: {code}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!said.contains("panicked") && !said.contains("ipe"), "{format}: {said}");
    }
}

/// Several errors in a file, each with its place, and what stands between them.
#[test]
fn what_does_not_parse_hides_nothing_else() {
    for dialect in [Dialect::Postgres, Dialect::Sqlite] {
        let up = "ALTER TABEL other ADD a integer;\nSELECT 1;\nCREATE TABEL b ();\nDROP TABLE users;\n";
        let sandbox = with(dialect, up);
        let json: serde_json::Value =
            serde_json::from_slice(&shell(&sandbox, "\"$0\" ops-migrate review --format json").stdout).unwrap();
        let findings = json["revisions"][0]["findings"].as_array().unwrap();
        let lines = |code: &str| -> Vec<u64> {
            let mut lines: Vec<u64> =
                findings.iter().filter(|f| f["code"] == code).map(|f| f["line"].as_u64().unwrap()).collect();
            lines.sort_unstable();
            lines
        };
        assert_eq!((lines("OM009"), lines("OM003").contains(&4)), (vec![1, 3], true), "{dialect}: {findings:#?}");
    }
}

/// A quote that does not end takes what is behind it, and not what is before.
#[test]
fn an_open_quote_hides_nothing_before_it() {
    for dialect in DIALECTS {
        let sandbox = with(dialect, "DROP TABLE users;\nINSERT INTO t VALUES ('open);\nDROP TABLE other;\n");
        let output = shell(&sandbox, "\"$0\" ops-migrate review");
        let text = stdout(&output);
        assert_eq!(output.status.code(), Some(1), "{dialect}: {text}");
        assert!(text.contains("OM009") && text.contains("OM003"), "{dialect}: {text}");
    }
}

#[test]
fn a_rule_that_nobody_knows_has_a_near_name() {
    let sandbox = with(Dialect::Sqlite, "-- ops-migrate: allow data-los we have a copy\nDROP TABLE users;\n");
    let output = shell(&sandbox, "\"$0\" ops-migrate review");
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("there is no rule `data-los`; did you mean `data-loss`?"));
    for section in ["rules]\ndata-los = \"off\"", "paths]]\npath = \"migrations/*\"\nrules = { data-los = \"off\" }"] {
        let manifest = sandbox.read("Cargo.toml");
        let brackets = if section.starts_with("paths") { "[[" } else { "[" };
        sandbox.write("Cargo.toml", format!("{manifest}\n{brackets}package.metadata.ops-migrate.review.{section}\n"));
        let output = shell(&sandbox, "\"$0\" ops-migrate review");
        assert_eq!(output.status.code(), Some(2), "{section}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("did you mean `data-loss`?"), "{section}");
        sandbox.write("Cargo.toml", manifest);
    }
}
