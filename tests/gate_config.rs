//! The gate as a project configures it: what blocks, what only warns, and what was agreed on.

use expect_test::expect;

use crate::common::Sandbox;
use crate::common::real::RealRepo;

const NICK: &str = "ops-migrate: users.nick added in src/schema.rs:5 has no migration";
const NAME_GONE: &str = "ops-migrate: users.name removed in src/schema.rs:2 has no migration";

/// A repository with keys in its `[package.metadata.ops-migrate]`, and a remote.
fn configured(keys: &str) -> RealRepo {
    let repo = RealRepo::new();
    configure(&repo, keys);
    repo.record("configured");
    repo.with_origin()
}

fn configure(repo: &RealRepo, keys: &str) {
    let manifest = repo.read("Cargo.toml");
    let (before, _) = manifest.split_once("\n[package.metadata.ops-migrate]").unwrap_or((&manifest, ""));
    let manifest = format!("{}\n\n[package.metadata.ops-migrate]\n{keys}\n", before.trim_end());
    repo.write("Cargo.toml", manifest);
}

#[test]
fn a_commit_may_only_be_warned_about() {
    let repo = configured("pre-commit = \"warn\"");
    repo.add_column("nick");
    let ran = repo.commit_all("nick").passes();
    expect![[r#"
        ops-migrate: users.nick added in src/schema.rs:5 has no migration
          + users.nick Nullable<Text>                      src/schema.rs:5
        write it:  cargo ops-migrate create "users nick added" && git add migrations
        only a warning (pre-commit = "warn"): pre-push and CI check again
    "#]]
    .assert_eq(&ran.stderr);
    repo.git(&["push", "--quiet", "origin", "main"]).blocks(NICK);
    // A question is answered as ever.
    repo.tool(&["check", "--tree", "HEAD"]).blocks(NICK);
    // What cannot be read is said, and passes.
    repo.write("src/schema.rs", "diesel::table! { users (id) { id -> \n");
    repo.commit_all("broken").passes().says(&["ops-migrate: commit warning: src/schema.rs:1: ", "only a warning"]);
}

#[test]
fn commits_and_pushes_may_go_unwatched() {
    let repo = configured("pre-commit = \"off\"");
    repo.add_column("nick");
    repo.commit_all("nick").passes_silently();
    repo.git(&["push", "--quiet", "origin", "main"]).blocks(NICK);
    let repo = configured("pre-push = \"warn\"");
    repo.add_column("nick");
    repo.commit_all("nick").blocks(NICK);
    repo.record("bypassed");
    let ran = repo.git(&["push", "--quiet", "origin", "main"]).passes();
    ran.says(&[NICK, "only a warning (pre-push = \"warn\"): CI checks again\n"]).says_nothing_of(&["blocked"]);
    let repo = configured("pre-push = \"off\"");
    repo.add_column("nick");
    repo.record("bypassed");
    repo.git(&["push", "--quiet", "origin", "main"]).passes_silently();
}

#[test]
fn the_workspace_says_it_for_its_packages() {
    let repo = RealRepo::unborn(&[]);
    let workspace = "[workspace]\nmembers = [\"db\"]\n\n[workspace.metadata.ops-migrate]\npre-commit = \"warn\"\n";
    repo.write("Cargo.toml", workspace.to_owned() + "ignore-columns = [\"users.mail\"]\n");
    repo.write_crate("db/");
    repo.record("first");
    repo.tool(&["hooks", "install"]).passes();
    repo.edit("db/src/schema.rs", "        email ->", "        mail -> Text,\n        nick -> Text,\n        email ->");
    let ran = repo.commit_all("nick").passes();
    ran.says(&["+ users.nick Text", "only a warning"]).says_nothing_of(&["users.mail"]);
    // The package has the last word.
    let manifest = repo.read("db/Cargo.toml") + "\n[package.metadata.ops-migrate]\npre-commit = \"block\"\n";
    repo.write("db/Cargo.toml", manifest);
    repo.edit("db/src/schema.rs", "nick -> Text", "nick -> Integer");
    assert_eq!(repo.commit_all("nick").code, 1);
}

#[test]
fn a_key_that_is_none_is_named_with_the_nearest() {
    let repo = configured("pre-comit = \"warn\"");
    repo.add_column("nick");
    let line =
        "error: Cargo.toml: [metadata.ops-migrate]: there is no key `pre-comit`; `pre-commit` is the nearest one";
    repo.git(&["add", "--all"]).passes();
    repo.commit("nick").fails(1, line, &["hint: keys: package, migrations, "]);
    repo.tool(&["check", "--staged"]).fails(2, line, &[]);
}

#[test]
fn tables_and_columns_that_are_left_alone() {
    let repo = configured("ignore-tables = [\"tags\"]\nignore-columns = [\"users.nick\", \"users.name\"]");
    repo.add_column("nick");
    repo.edit("src/schema.rs", "        name -> Text,\n", "");
    repo.write("src/tags.rs", "diesel::table! { tags (id) { id -> Integer, } }\n");
    repo.commit_all("nobody's business").passes_silently();
    repo.add_column("mail");
    repo.commit_all("mail").blocks("ops-migrate: users.mail added in src/schema.rs:5 has no migration");
}

#[test]
fn a_drop_that_waits_for_a_later_release() {
    let repo = configured("deferred-drops = [\"users.name\"]");
    repo.edit("src/schema.rs", "        name -> Text,\n", "");
    repo.commit_all("name goes").passes_silently();
    let waits = "deferred drop: users.name has left the models and not the revisions; when its time has come, take it out of deferred-drops and write the revision\n";
    let ran = repo.tool(&["check", "--tree", "HEAD"]).passes();
    assert_eq!(ran.stderr, waits);
    // Only what is named.
    repo.edit("src/schema.rs", "        email -> Nullable<Text>,\n", "");
    repo.commit_all("email goes").blocks("ops-migrate: users.email removed in src/schema.rs:2 has no migration");
    repo.git(&["checkout", "--quiet", "HEAD", "src/schema.rs"]).passes();
    // Then its time has come.
    repo.write("migrations/2024-03-01-000000_name/up.sql", "ALTER TABLE users DROP COLUMN name;\n");
    repo.write("migrations/2024-03-01-000000_name/down.sql", "ALTER TABLE users ADD COLUMN name TEXT;\n");
    repo.edit("src/schema.rs", "        email ->", "        /// Where to write.\n        email ->");
    repo.commit_all("name is gone").passes_silently();
    let ran = repo.tool(&["check", "--tree", "HEAD"]).passes();
    assert_eq!(ran.stderr, "deferred-drops names users.name, and nothing waits for it: take it out\n");
    // Without the agreement it blocks.
    let repo = configured("");
    repo.edit("src/schema.rs", "        name -> Text,\n", "");
    repo.commit_all("name goes").blocks(NAME_GONE);
}

#[test]
fn an_exception_with_its_reason() {
    let exception = |item: &str, reason: &str| format!("exceptions = [{{ item = \"{item}\", reason = \"{reason}\" }}]");
    let repo = configured("");
    repo.edit("src/schema.rs", "name -> Text", "name -> Integer");
    repo.commit_all("a number")
        .blocks("ops-migrate: users.name changed to Integer in src/schema.rs:4 has no migration");
    configure(&repo, &exception("users.name", "stored as digits"));
    repo.commit_all("a number").passes_silently();
    let ran = repo.tool(&["check", "--tree", "HEAD"]).passes();
    assert_eq!(ran.stderr, "exception: users.name (stored as digits)\n");
    let ran = repo.tool(&["check", "--tree", "HEAD", "--format", "json"]).passes();
    let value: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let expected = serde_json::json!([{ "item": "users.name", "reason": "stored as digits", "needed": true }]);
    assert_eq!(value["backends"][0]["agreed"], expected);
    // One that is over is named, and one without a reason refused.
    repo.edit("src/schema.rs", "name -> Integer", "name -> Text");
    repo.commit_all("a text again").passes_silently();
    let ran = repo.tool(&["check", "--tree", "HEAD"]).passes();
    assert_eq!(ran.stderr, "the exception for users.name is not needed: take it out\n");
    configure(&repo, &exception("users.name", ""));
    repo.edit("src/schema.rs", "name -> Text", "name -> Integer");
    repo.git(&["add", "--all"]).passes();
    let line = "error: Cargo.toml: [metadata.ops-migrate]: the exception for users.name has no reason";
    repo.tool(&["check", "--staged"]).fails(2, line, &["reason = \"…\""]);
}

/// What the other commands make of an agreement.
#[test]
fn status_check_and_create_keep_to_what_was_agreed() {
    let sandbox = Sandbox::with_chain();
    let manifest = sandbox.read("Cargo.toml") + "\n[package.metadata.ops-migrate]\ndeferred-drops = [\"users.name\"]\n";
    sandbox.write("Cargo.toml", &manifest);
    sandbox.edit("src/schema.rs", "        name -> Text,\n", "");
    let words = "deferred drop: users.name has left the models and not the revisions";
    for args in [&["status", "--offline"][..], &["check"]] {
        let ran = sandbox.run(args.iter().copied()).exits(0);
        assert!(ran.stdout.contains(words), "{args:?}: {}", ran.stdout);
    }
    let ran = sandbox.run(["create", "name", "--no-proof"]).exits(0);
    assert!(ran.stdout.contains("No changes"), "{}", ran.stdout);
    sandbox.write("Cargo.toml", manifest.replace("users.name", "users.other"));
    let ran = sandbox.run(["check"]).exits(1);
    assert!(ran.stdout.contains("- users.name"), "{}", ran.stdout);
}
