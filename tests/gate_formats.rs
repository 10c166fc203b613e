//! `check` as other programs read it, and what it takes from their environment.

use expect_test::expect;

use crate::common::real::{Ran, RealRepo, TOOL};

const NICK: &str = "ops-migrate: users.nick added in src/schema.rs:5 has no migration";

/// `main` is good and known to origin, `drift` on top of it is not.
fn history() -> RealRepo {
    let repo = RealRepo::bare_crate(&[]).with_origin();
    repo.git(&["switch", "--quiet", "-c", "drift"]).passes();
    repo.add_column("nick");
    repo.record("nick");
    repo
}

fn reported(repo: &RealRepo, format: &str, tree: &str) -> Ran {
    repo.tool(&["check", "--tree", tree, "--format", format])
}

#[test]
fn annotations_of_github() {
    let repo = history();
    let ran = reported(&repo, "github", "drift").blocks(NICK);
    expect![[r#"
        ::error file=src/schema.rs,line=5,title=ops-migrate::users.nick added has no migration in migrations
    "#]]
    .assert_eq(&ran.stdout);
    reported(&repo, "github", "main").passes_silently();
    let ran = reported(&repo, "github", "nowhere");
    assert!(ran.code == 2 && ran.stdout.starts_with("::error title=ops-migrate::"), "{ran:?}");
}

#[test]
fn code_quality_of_gitlab_and_sarif() {
    let repo = history();
    let ran = reported(&repo, "gitlab", "drift");
    let value: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""));
    assert_eq!(value[0]["location"], serde_json::json!({ "path": "src/schema.rs", "lines": { "begin": 5 } }));
    assert_eq!(value[0]["description"], "users.nick added has no migration in migrations");
    // The line may move, the finding stays the same.
    repo.edit("src/schema.rs", "        name ->", "        /// Words.\n        name ->");
    repo.git(&["commit", "--quiet", "--all", "--amend", "-m", "nick"]).passes();
    let moved: serde_json::Value = serde_json::from_str(&reported(&repo, "gitlab", "drift").stdout).unwrap();
    assert_eq!(moved[0]["fingerprint"], value[0]["fingerprint"]);
    assert_ne!(moved[0]["location"], value[0]["location"]);
    assert_eq!(reported(&repo, "gitlab", "main").passes().stdout, "[]\n");
    let value: serde_json::Value = serde_json::from_str(&reported(&repo, "sarif", "drift").stdout).unwrap();
    assert_eq!(value["runs"][0]["results"][0]["level"], "error");
    repo.tool(&["heads", "--format", "sarif"]).fails(
        2,
        "error: --format github, gitlab and sarif are for `check` and `review`",
        &["use human or json"],
    );
}

/// `check --auto` with variables.
fn auto(repo: &RealRepo, vars: &[(&str, &str)]) -> Ran {
    repo.run(TOOL, &["ops-migrate", "check", "--auto"], "", vars)
}

#[test]
fn what_hook_managers_hand_on() {
    let repo = history();
    // A push, with the ends and without.
    let remote = [("PRE_COMMIT_REMOTE_NAME", "origin"), ("PRE_COMMIT_REMOTE_BRANCH", "refs/heads/x")];
    let ends = |from: &'static str, to: &'static str| [("PRE_COMMIT_FROM_REF", from), ("PRE_COMMIT_TO_REF", to)];
    auto(&repo, &[&remote[..], &ends("main", "drift")].concat()).blocks(NICK).says(&["push to x blocked"]);
    auto(&repo, &[&remote[..], &ends("main", "main")].concat()).passes_silently();
    auto(&repo, &[&remote[..], &ends("", "")].concat()).blocks(NICK).says(&["push to x blocked"]);
    // `run --from-ref main --to-ref drift`.
    auto(&repo, &ends("main", "drift")).blocks(NICK);
    auto(&repo, &ends("drift", "main")).passes_silently();
    // A commit.
    auto(&repo, &[]).passes_silently();
    repo.add_column("mail");
    repo.git(&["add", "--all"]).passes();
    let line = "ops-migrate: users.mail added in src/schema.rs:6 has no migration";
    auto(&repo, &[]).blocks(line);
    auto(&repo, &[("CI", "true"), ("GIT_INDEX_FILE", ".git/index")]).blocks(line);
    auto(&repo, &[("SKIP", "ops-migrate")]).passes().says(&["check skipped (SKIP); pre-push and CI check again"]);
}

#[test]
fn what_ci_services_check_out() {
    let repo = history();
    let ci = ("CI", "true");
    auto(&repo, &[ci]).blocks(NICK).says_nothing_of(&["OPS_MIGRATE_SKIP"]);
    auto(&repo, &[ci, ("CI_MERGE_REQUEST_DIFF_BASE_SHA", "main")]).blocks(NICK);
    // A pull request is checked out as its merge; it answers for all that it brings.
    repo.git(&["switch", "--quiet", "main"]).passes();
    auto(&repo, &[ci]).passes_silently();
    repo.write("README.md", "docs\n");
    repo.record("docs");
    repo.git(&["merge", "--quiet", "--no-edit", "drift"]).passes();
    auto(&repo, &[ci]).blocks(NICK);
}
