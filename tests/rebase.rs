//! `rebase` and `merge`: one line out of the two that git has brought together.

use expect_test::expect;

use crate::common::Sandbox;
use crate::common::real::{RealRepo, TOOL};

const MINE: &str = "bbbbbbbbbbbb";
const THEIRS: &str = "aaaaaaaaaaaa";

fn metadata(id: &str, parent: &str) -> String {
    format!("run_in_transaction = true\n\n[ops-migrate]\nrevision = \"{id}\"\nrevises = \"{parent}\"\n")
}

/// The directory of a revision of ours, made at that second.
fn directory(second: u32, id: &str) -> String {
    format!("2026-01-01-1200{second:02}-{id}_step")
}

/// A revision of ours that follows the last of [`Sandbox::with_chain`].
fn step(sandbox: &Sandbox, second: u32, id: &str, up: &str, down: &str) {
    let directory = directory(second, id);
    sandbox.revision(&directory, up, down);
    sandbox.write(&format!("migrations/{directory}/metadata.toml"), metadata(id, "20240301000000"));
}

fn column(sandbox: &Sandbox, second: u32, id: &str, column: &str) {
    let down = format!("ALTER TABLE users DROP COLUMN {column};\n");
    step(sandbox, second, id, &format!("ALTER TABLE users ADD COLUMN {column} TEXT;\n"), &down);
}

/// A branch `mine`, checked out, and `main`, each with what is written on it.
fn branched(mine: impl Fn(&Sandbox), theirs: impl Fn(&Sandbox)) -> Sandbox {
    let sandbox = Sandbox::with_chain();
    sandbox.git(["checkout", "--quiet", "-b", "mine"]);
    mine(&sandbox);
    sandbox.commit("mine");
    sandbox.git(["checkout", "--quiet", "main"]);
    theirs(&sandbox);
    sandbox.commit("theirs");
    sandbox.git(["checkout", "--quiet", "mine"]);
    sandbox
}

/// Mine adds `mine` a second before theirs adds `theirs`.
fn two_columns() -> Sandbox {
    branched(|sandbox| column(sandbox, 1, MINE, "mine"), |sandbox| column(sandbox, 2, THEIRS, "theirs"))
}

/// Brings main in, and leaves the merge open.
fn merge_main(sandbox: &Sandbox) {
    sandbox.git(["merge", "--quiet", "--no-commit", "--no-ff", "main"]);
}

fn heads(sandbox: &Sandbox) -> Vec<String> {
    let heads = sandbox.run(["heads", "--format", "json"]).json();
    heads["heads"].as_array().unwrap().iter().map(|head| head["id"].as_str().unwrap().to_owned()).collect()
}

fn columns(sandbox: &Sandbox) -> String {
    sandbox.query("SELECT group_concat(name, ' ') AS line FROM pragma_table_info('users')")
}

/// One head, which applies to the database, goes back and applies again.
fn there_and_back(sandbox: &Sandbox, head: &str) {
    assert_eq!(heads(sandbox), [head]);
    let _ = sandbox.run(["upgrade", "--no-schema"]).exits(0);
    let _ = sandbox.run(["rollback", "20240301000000", "--allow-data-loss"]).exits(0);
    let _ = sandbox.run(["upgrade", "--no-schema"]).exits(0);
    assert!(columns(sandbox).contains("mine") && columns(sandbox).contains("theirs"), "{}", columns(sandbox));
    let _ = sandbox.run(["test", "--all"]).exits(0);
}

#[test]
fn in_the_middle_of_a_merge() {
    let sandbox = two_columns();
    merge_main(&sandbox);
    let _ = sandbox.run(["upgrade"]).exits(4).says(&["cargo ops-migrate rebase"]);
    let _ = sandbox.run(["status", "--offline"]).exits(4).says(&["one line of them: cargo ops-migrate rebase"]);
    sandbox.run(["heads"]).check(expect![[r#"
        exit 0
        --- stdout
        <id>  step  <time>-<id>_step
        <id>  step  <time>-<id>_step
        --- stderr
        hint: one line of them: cargo ops-migrate rebase
    "#]]);
    let before = sandbox.listing();
    let _ = sandbox.run(["rebase", "--plan"]).exits(0).says(&["step"]);
    let _ = sandbox.run(["rebase"]).exits(2).says(&["--yes"]);
    let _ = sandbox.run_answering("n\n", ["rebase"]).exits(1).says(&["nothing was written"]);
    assert_eq!(sandbox.listing(), before);
    sandbox.run(["rebase", "--yes"]).check(expect![[r#"
        exit 0
        --- stdout
        Behind <id> (step):
          <time>-<id>_step -> <time>-<id>_step  revises <id>
        Moved.
        --- stderr
        to Diesel a renamed revision is another version: a database elsewhere that has it applied takes the old one back first (cargo ops-migrate rollback --unknown)
        hint: prove what was moved: cargo ops-migrate test <id>
        next: git add --all migrations; cargo ops-migrate upgrade
    "#]]);
    sandbox.git(["add", "--all"]);
    sandbox.git(["commit", "--quiet", "--no-edit"]);
    assert_eq!(
        sandbox.read(&format!("migrations/{}/metadata.toml", directory(3, MINE))),
        metadata(MINE, THEIRS),
        "the rest stays"
    );
    there_and_back(&sandbox, MINE);
    sandbox.run(["rebase"]).check(expect![[r#"
        exit 0
        --- stdout
        Nothing to move: the revisions are one line.
    "#]]);
}

#[test]
fn after_a_git_rebase_and_as_json() {
    let sandbox = two_columns();
    sandbox.git(["rebase", "--quiet", "main"]);
    let plan = sandbox.run(["rebase", "--plan", "--format", "json"]).exits(0).json();
    assert_eq!(plan["written"], false);
    let written = sandbox.run(["rebase", "--yes", "--format", "json"]).exits(0).json();
    assert_eq!(written["written"], true);
    assert_eq!(written["moved"], plan["moved"]);
    assert_eq!(written["moved"][0]["id"], MINE);
    assert_eq!(written["moved"][0]["revises"], THEIRS);
    assert_eq!(written["moved"][0]["to"], format!("migrations/{}", directory(3, MINE)));
    assert_eq!(written["moved"][0]["version"], format!("20260101120003{MINE}"));
    there_and_back(&sandbox, MINE);
}

#[test]
fn databases_that_have_the_one_or_the_other() {
    // Theirs is applied.
    let sandbox = two_columns();
    sandbox.git(["checkout", "--quiet", "main"]);
    let _ = sandbox.run(["upgrade", "--no-schema"]).exits(0);
    sandbox.git(["checkout", "--quiet", "mine"]);
    merge_main(&sandbox);
    let _ = sandbox.run(["rebase", "--yes"]).exits(0);
    there_and_back(&sandbox, MINE);
    // Mine is: its version would be another one. The command that is named helps.
    let sandbox = two_columns();
    let _ = sandbox.run(["upgrade", "--no-schema"]).exits(0);
    merge_main(&sandbox);
    let before = sandbox.listing();
    sandbox.run(["rebase", "--yes"]).check(expect![[r#"
        exit 1
        --- stderr
        error: migrations/<time>-<id>_step: <id> (step) is applied in the database, which would know it under another version (<version>) and run it again; nothing was written
        hint: take it back first: cargo ops-migrate rollback <id>-1
    "#]]);
    assert_eq!(sandbox.listing(), before);
    let _ = sandbox.run(["rollback", &format!("{MINE}-1"), "--allow-data-loss"]).exits(0);
    let _ = sandbox.run(["rebase", "--yes"]).exits(0);
    there_and_back(&sandbox, MINE);
    // Mine is applied and sorts last already: it keeps its name, and theirs is applied late.
    let sandbox = branched(|sandbox| column(sandbox, 5, MINE, "mine"), |sandbox| column(sandbox, 2, THEIRS, "theirs"));
    let _ = sandbox.run(["upgrade", "--no-schema"]).exits(0);
    merge_main(&sandbox);
    let _ = sandbox.run(["rebase", "--yes"]).exits(0);
    there_and_back(&sandbox, MINE);
}

#[test]
fn what_would_do_something_else_stays() {
    let same = |sandbox: &Sandbox, second, id| column(sandbox, second, id, "colour");
    let sandbox = branched(|sandbox| same(sandbox, 1, MINE), |sandbox| same(sandbox, 2, THEIRS));
    merge_main(&sandbox);
    let before = sandbox.listing();
    sandbox.run(["rebase", "--yes"]).check(expect![[r#"
        exit 1
        --- stderr
        error: migrations/<time>-<id>_step: behind <id> (step) it would do something else: add column users.colour TEXT is done by <id> (step) already; nothing was written
        hint: both branches changed the same thing: edit its statements, or remove the revision and write it again on top of the other: cargo ops-migrate create
    "#]]);
    // A revision that follows both would not help either.
    let _ = sandbox.run(["merge"]).exits(1).says(&["is done by", "nothing was written"]);
    assert_eq!(sandbox.listing(), before);
    // A table made anew, as SQLite wants it, would lose the column of the other branch.
    let anew = "CREATE TABLE new (id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, bio TEXT);\n\
                INSERT INTO new SELECT id, name, coalesce(email, ''), bio FROM users;\n\
                DROP TABLE users;\nALTER TABLE new RENAME TO users;\n";
    let sandbox =
        branched(|sandbox| step(sandbox, 1, MINE, anew, "SELECT 1;\n"), |sandbox| column(sandbox, 2, THEIRS, "theirs"));
    merge_main(&sandbox);
    let _ = sandbox.run(["rebase", "--yes"]).exits(1).says(&["users.theirs", "nothing was written"]);
    // The same in a revision that itself keeps its name and its parent.
    let mine = |sandbox: &Sandbox| {
        column(sandbox, 5, MINE, "mine");
        let last = "2026-01-01-120006-cccccccccccc_anew";
        sandbox.revision(last, anew, "SELECT 1;\n");
        sandbox.write(&format!("migrations/{last}/metadata.toml"), metadata("cccccccccccc", MINE));
    };
    let sandbox = branched(mine, |sandbox| column(sandbox, 2, THEIRS, "theirs"));
    merge_main(&sandbox);
    let _ = sandbox.run(["rebase", "--yes"]).exits(1).says(&["_anew: behind", "users.theirs"]);
}

#[test]
fn revisions_of_diesel_are_renamed_only() {
    let mine = |sandbox: &Sandbox| {
        sandbox.revision(
            "2026-01-01-120000_tags",
            "CREATE TABLE tags (id INTEGER NOT NULL PRIMARY KEY);\n",
            "DROP TABLE tags;\n",
        );
        column(sandbox, 1, MINE, "mine");
        sandbox.edit(&format!("migrations/{}/metadata.toml", directory(1, MINE)), "20240301000000", "20260101120000");
    };
    let sandbox = branched(mine, |sandbox| column(sandbox, 2, THEIRS, "theirs"));
    merge_main(&sandbox);
    let _ = sandbox.run(["rebase", "--yes"]).exits(0);
    assert_eq!(
        sandbox.revisions_in("migrations")[3..],
        [directory(2, THEIRS), "2026-01-01-120003_tags".to_owned(), directory(4, MINE)]
    );
    assert!(!sandbox.path("migrations/2026-01-01-120003_tags/metadata.toml").exists());
    let text = sandbox.read(&format!("migrations/{}/metadata.toml", directory(4, MINE)));
    assert_eq!(text, metadata(MINE, "20260101120003"));
    there_and_back(&sandbox, MINE);
}

#[test]
fn heads_that_are_published() {
    let both = || {
        let sandbox = two_columns();
        sandbox.git(["checkout", "--quiet", "main"]);
        sandbox.git(["merge", "--quiet", "--no-edit", "mine"]);
        sandbox
    };
    let sandbox = both();
    let _ = sandbox.run(["heads"]).exits(0).says(&["cargo ops-migrate merge"]);
    sandbox.run(["rebase"]).check(expect![[r#"
        exit 4
        --- stderr
        error: migrations: 2 heads are published (main has them): <id> (step), <id> (step)
        hint: a revision that follows them all: cargo ops-migrate merge
        hint: or, where nobody else has it: cargo ops-migrate rebase --onto <id> <id>..
    "#]]);
    sandbox.run(["merge", "-m", "both of them"]).check(expect![[r#"
        exit 0
        --- stdout
        Wrote migrations/<time>-<id>_both_of_them/: it follows <id> (step) and <id> (step)
        --- stderr
        hint: prove the revisions of both together: cargo ops-migrate test
        next: git add migrations/<time>-<id>_both_of_them; cargo ops-migrate upgrade
    "#]]);
    let newest = sandbox.newest();
    let joined = sandbox.read(&format!("{newest}/metadata.toml"));
    assert!(joined.contains(&format!("revises = [\"{MINE}\", \"{THEIRS}\"]")), "{joined}");
    let id = heads(&sandbox).remove(0);
    there_and_back(&sandbox, &id);
    sandbox.run(["merge"]).check(expect![[r#"
        exit 0
        --- stdout
        Nothing to join: there is one head.
    "#]]);
    // Nobody else has main yet: what is named moves.
    let sandbox = both();
    let _ = sandbox.run(["rebase", "--yes", &format!("{MINE}..")]).exits(0);
    there_and_back(&sandbox, MINE);
    // Others have it.
    let sandbox = both();
    sandbox.git(["update-ref", "refs/remotes/origin/main", "HEAD"]);
    let _ = sandbox.run(["rebase", "--yes", MINE]).exits(1).says(&["is published: origin/main has it", "merge"]);
}

#[test]
fn without_git_the_head_is_named() {
    let sandbox = Sandbox::without_git();
    for (second, id, name) in [(1, MINE, "mine"), (2, THEIRS, "theirs")] {
        column(&sandbox, second, id, name);
        let file = format!("migrations/{}/metadata.toml", directory(second, id));
        sandbox.edit(&file, "20240301000000", "20240101000000");
    }
    let _ = sandbox.run(["rebase", "--yes"]).exits(4).says(&["--onto HEAD"]);
    let _ = sandbox.run(["rebase", "--yes", "--onto", "zzz"]).exits(2);
    let _ = sandbox.run(["rebase", "--yes", "--onto", MINE, MINE]).exits(2).says(&["among those"]);
    let _ = sandbox.run(["rebase", "--yes", "--onto", THEIRS]).exits(0);
    assert_eq!(heads(&sandbox), [MINE]);
}

/// Real git and its hooks: what the hook says is what helps.
#[test]
fn a_merge_that_the_hook_has_stopped() {
    let repo = RealRepo::new();
    let write = |second: u32, id: &str, file: &str, up: &str| {
        let directory = format!("migrations/{}", directory(second, id));
        repo.write(&format!("src/{file}.rs"), format!("diesel::table! {{ {file} (id) {{ id -> Integer, }} }}\n"));
        repo.write(&format!("{directory}/up.sql"), up);
        repo.write(&format!("{directory}/down.sql"), format!("DROP TABLE {file};\n"));
        repo.write(&format!("{directory}/metadata.toml"), metadata(id, "20240101000000"));
    };
    repo.git(&["switch", "--quiet", "-c", "mine"]).passes();
    write(1, MINE, "tags", "CREATE TABLE tags (id INTEGER NOT NULL PRIMARY KEY);\n");
    repo.record("mine");
    repo.git(&["switch", "--quiet", "main"]).passes();
    write(2, THEIRS, "labels", "CREATE TABLE labels (id INTEGER NOT NULL PRIMARY KEY);\n");
    repo.record("theirs");
    repo.git(&["switch", "--quiet", "mine"]).passes();
    let ran = repo.git(&["merge", "--quiet", "--no-edit", "main"]);
    assert_ne!(ran.code, 0);
    ran.says(&["migrations has 2 heads", "`cargo ops-migrate rebase`"]);
    repo.run(TOOL, &["ops-migrate", "rebase", "--yes"], "", &[("CARGO", env!("CARGO"))]).passes();
    repo.commit_all("merged").passes_silently();
    assert_eq!(repo.line(&["rev-list", "--count", "--merges", "HEAD"]), "1");
}

/// One chain could be joined and the other not: neither is.
#[test]
fn all_chains_are_joined_or_none() {
    let sandbox = Sandbox::without_revisions();
    sandbox.edit("Cargo.toml", "[\"sqlite\"]", "[\"sqlite\", \"postgres\"]");
    let make = |dialect: &str, second: u32, id: &str, column: &str| {
        let path = format!("migrations/{dialect}/{}", directory(second, id));
        let table = format!("ALTER TABLE users ADD COLUMN {column} TEXT;\n");
        sandbox.write(&format!("{path}/up.sql"), table);
        sandbox.write(&format!("{path}/down.sql"), format!("ALTER TABLE users DROP COLUMN {column};\n"));
        sandbox.write(&format!("{path}/metadata.toml"), metadata(id, "20240101000000"));
    };
    for (dialect, theirs) in [("postgres", "theirs"), ("sqlite", "mine")] {
        let first = format!("migrations/{dialect}/2024-01-01-000000_users");
        sandbox.write(
            &format!("{first}/up.sql"),
            "CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, email TEXT);\n",
        );
        sandbox.write(&format!("{first}/down.sql"), "DROP TABLE users;\n");
        make(dialect, 1, MINE, "mine");
        make(dialect, 2, THEIRS, theirs);
    }
    sandbox.commit("two heads each");
    let before = sandbox.listing();
    let _ = sandbox.run(["merge"]).exits(1).says(&["is done by", "nothing was written"]);
    assert_eq!(sandbox.listing(), before);
    make("sqlite", 2, THEIRS, "theirs");
    let _ = sandbox.run(["merge"]).exits(0).says(&["Wrote migrations/postgres/", "Wrote migrations/sqlite/"]);
}
