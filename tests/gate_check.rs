//! `check` of trees: the same answers as the hooks give, for other hook managers and for CI.

use expect_test::expect;

use crate::common::real::{Ran, RealRepo};

const NICK: &str = "ops-migrate: users.nick added in src/schema.rs:5 has no migration";

/// `main` is good; `drift` on top of it is not, and `mended` on top of that is.
fn history() -> RealRepo {
    let repo = RealRepo::bare_crate(&[]);
    repo.git(&["switch", "--quiet", "-c", "drift"]).passes();
    repo.add_column("nick");
    repo.record("nick");
    repo.git(&["switch", "--quiet", "-c", "mended"]).passes();
    repo.add_revision(1, "nick");
    repo.record("its revision");
    repo
}

fn check(repo: &RealRepo, args: &[&str]) -> Ran {
    repo.tool(&[&["check"], args].concat())
}

#[test]
fn staged() {
    let repo = RealRepo::bare_crate(&[]);
    check(&repo, &["--staged"]).passes_silently();
    repo.add_column("nick");
    check(&repo, &["--staged"]).passes_silently();
    repo.git(&["add", "--all"]).passes();
    let ran = check(&repo, &["--staged"]).blocks(NICK).says(&["OPS_MIGRATE_SKIP=1 git commit"]);
    // A manager's own words after the dashes change nothing.
    assert_eq!(check(&repo, &["--staged", "--", "src/schema.rs"]), ran);
    let skipped =
        repo.run(crate::common::real::TOOL, &["ops-migrate", "check", "--staged"], "", &[("SKIP", "ops-migrate")]);
    assert_eq!((skipped.code, skipped.stderr.lines().count()), (0, 1));
    repo.add_revision(1, "nick");
    repo.git(&["add", "--all"]).passes();
    check(&repo, &["--staged"]).passes_silently();
}

#[test]
fn trees_and_ranges() {
    let repo = history();
    let blocked: &[&[&str]] = &[
        &["--tree", "drift"],
        &["--tree", "mended^"],
        &["--range", "main..drift"],
        &["--range", "main...drift"],
        &["--range", "main..mended~1"],
    ];
    for args in blocked {
        check(&repo, args).blocks(NICK).says_nothing_of(&["OPS_MIGRATE_SKIP"]);
    }
    let fine: &[&[&str]] = &[
        &["--tree", "main"],
        &["--tree", "HEAD"],
        &["--range", "main..mended"],
        &["--range", "main..."],
        &["--range", "drift..mended"],
        &["--range", "drift..drift"],
        // Behind what it is compared with: the other direction has its own changes.
        &["--range", "mended...drift"],
    ];
    for args in fine {
        check(&repo, args).passes_silently();
    }
    // In between it was wrong.
    let ran = check(&repo, &["--range", "main..mended", "--each-commit"]).blocks(NICK);
    ran.says(&[&format!("  since {} nick\n", repo.line(&["rev-parse", "--short=10", "drift"]))]);
    check(&repo, &["--range", "drift..mended", "--each-commit"]).passes_silently();
    // As a CI sees it: the merge that is proposed.
    repo.git(&["switch", "--quiet", "main"]).passes();
    repo.write("README.md", "docs\n");
    repo.record("docs");
    repo.git(&["merge", "--quiet", "--no-verify", "--no-edit", "drift"]).passes();
    check(&repo, &["--range", "HEAD^1..HEAD"]).blocks(NICK);
    // What one parent has is not the merge's own.
    check(&repo, &["--tree", "HEAD"]).passes_silently();
}

#[test]
fn what_cannot_be_decided_is_no_agreement() {
    let repo = history();
    for (args, part) in [
        (["--tree", "nowhere"], "nowhere"),
        (["--range", "main"], "main is no range"),
        (["--range", "nowhere..main"], "nowhere"),
    ] {
        let ran = check(&repo, &args);
        assert!(ran.code == 2 && ran.stderr.contains(part), "{args:?}: {}", ran.stderr);
    }
    repo.git(&["switch", "--quiet", "--orphan", "alone"]).passes();
    repo.record("unrelated");
    check(&repo, &["--range", "main...HEAD"]).fails(
        2,
        "error: main...HEAD: the two have no merge base here",
        &["fetch"],
    );
}

#[test]
fn pushes() {
    let repo = history();
    let id = |name: &str| repo.line(&["rev-parse", name]);
    let zero = "0".repeat(40);
    let push = |tip: &str, base: &str| {
        let line = format!("refs/heads/{tip} {} refs/heads/x {base}\n", id(tip));
        repo.run(crate::common::real::TOOL, &["ops-migrate", "check", "--pre-push", "--", "origin", "url"], &line, &[])
    };
    push("drift", &id("main")).blocks(NICK);
    push("drift", &id("drift")).passes_silently();
    push("mended", &id("main")).passes_silently();
    push("drift", &zero).blocks(NICK);
}

#[test]
fn as_json() {
    let repo = history();
    let ran = check(&repo, &["--tree", "drift", "--format", "json"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""));
    expect![[r#"
        {
          "backends": [
            {
              "chain_errors": [],
              "inherited": [],
              "missing": [
                {
                  "change": "+ users.nick Nullable<Text>",
                  "file": "src/schema.rs",
                  "line": 5,
                  "table": "users"
                }
              ],
              "notes": [],
              "package": "app",
              "undecided": []
            }
          ],
          "schema_version": 1
        }
    "#]]
    .assert_eq(&ran.stdout);
    let ran = check(&repo, &["--range", "main..mended", "--format", "json"]).passes();
    let value: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(value["backends"][0]["missing"].as_array().map(Vec::len), Some(0), "{}", ran.stdout);
}

#[test]
fn inherited_drift_is_told() {
    let repo = RealRepo::bare_crate(&[]);
    repo.add_column("nick");
    repo.record("bypassed");
    repo.add_column("mail");
    repo.add_revision(1, "mail");
    repo.record("mail");
    let ran = check(&repo, &["--tree", "HEAD"]).passes();
    assert_eq!(ran.stderr, "inherited drift: + users.nick Nullable<Text>\n");
}
