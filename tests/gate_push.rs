//! The gate on pushes: which commits of which references are judged, and against what.

use expect_test::expect;

use crate::common::real::RealRepo;

const NICK: &str = "ops-migrate: users.nick added in src/schema.rs:5 has no migration";

/// What a push of nothing new would say is git's business: only the hook's exit counts.
fn pushable() -> RealRepo {
    RealRepo::new().with_origin()
}

/// A commit as messages name it.
fn short(repo: &RealRepo, rev: &str) -> String {
    repo.line(&["rev-parse", "--short=10", rev])
}

fn push(repo: &RealRepo, refs: &[&str]) -> crate::common::real::Ran {
    repo.git(&[&["push", "--quiet", "origin"], refs].concat())
}

#[test]
fn row_26_a_bypassed_commit_is_stopped() {
    let repo = pushable();
    repo.add_column("nick");
    repo.git(&["commit", "--quiet", "--all", "--no-verify", "-m", "nick"]).passes();
    let ran = push(&repo, &["main"]).blocks(NICK);
    let hook: String = ran.stderr.lines().take_while(|l| !l.starts_with("error: ")).map(|l| format!("{l}\n")).collect();
    expect![[r#"
        ops-migrate: users.nick added in src/schema.rs:5 has no migration
          + users.nick Nullable<Text>                      src/schema.rs:5
          since <id> nick
        write it:  cargo ops-migrate create "users nick added" && git add migrations
        skip once: OPS_MIGRATE_SKIP=1 git push …   (CI checks again)
        ops-migrate: push to main blocked: users.nick added in src/schema.rs:5 has no migration (since <id> nick)
    "#]]
    .assert_eq(&hook.replace(&short(&repo, "HEAD"), "<id>"));
    let ran = repo.run("git", &["push", "--quiet", "origin", "main"], "", &[("OPS_MIGRATE_SKIP", "1")]).passes();
    assert_eq!(ran.stderr, "ops-migrate: pre-push skipped (OPS_MIGRATE_SKIP); CI checks again\n");
}

#[test]
fn row_16_an_amended_bypassed_commit_is_stopped() {
    let repo = pushable();
    repo.add_column("nick");
    repo.record("nick");
    repo.git(&["commit", "--quiet", "--amend", "--no-verify", "-m", "better words"]).passes_silently();
    push(&repo, &["main"]).blocks(NICK);
}

#[test]
fn row_41_pushes_that_bring_nothing() {
    let repo = pushable();
    repo.git(&["branch", "gone"]).passes();
    push(&repo, &["gone"]).passes_silently();
    push(&repo, &["--delete", "gone"]).passes_silently();
    push(&repo, &["main"]).passes_silently();
    repo.add_column("nick");
    repo.record("nick");
    repo.git(&["notes", "add", "-m", "a note"]).passes();
    push(&repo, &["refs/notes/*:refs/notes/*"]).passes_silently();
    // A dry run asks as well.
    push(&repo, &["--dry-run", "main"]).blocks(NICK);
    let hook = ["ops-migrate", "hook", "pre-push", "--", "origin", "url"];
    repo.run(crate::common::real::TOOL, &hook, "", &[]).passes_silently();
}

#[test]
fn row_42_every_reference_is_looked_at() {
    let repo = pushable();
    repo.git(&["switch", "--quiet", "-c", "a"]).passes();
    repo.write("README.md", "docs\n");
    repo.record("docs");
    repo.git(&["switch", "--quiet", "-c", "b", "main"]).passes();
    repo.add_column("nick");
    repo.record("nick");
    let ran = push(&repo, &["a", "b"]).blocks(NICK);
    ran.says(&["ops-migrate: push to b blocked: "]).says_nothing_of(&["push to a blocked"]);
    push(&repo, &["b", "a"]).blocks(NICK);
    assert_eq!(repo.line(&["ls-remote", "--heads", "origin"]).lines().count(), 1);
}

#[test]
fn row_43_new_branches_urls_and_remotes_without_tracking() {
    let repo = pushable();
    // What the remote has already is not the pusher's.
    repo.add_column("nick");
    repo.record("nick");
    repo.git(&["push", "--quiet", "--no-verify", "origin", "main"]).passes();
    repo.write("README.md", "docs\n");
    repo.record("docs");
    push(&repo, &["main:new"]).passes();
    let url = repo.top().join("origin.git");
    repo.git(&["push", "--quiet", url.to_str().unwrap(), "main:by-url"]).passes();
    let second = repo.top().join("second.git");
    repo.git(&["init", "--quiet", "--bare", second.to_str().unwrap()]).passes();
    repo.git(&["remote", "add", "second", second.to_str().unwrap()]).passes();
    repo.git(&["push", "--quiet", "second", "main"]).passes();
    // What it has not is.
    repo.add_column("mail");
    repo.record("mail");
    let line = "ops-migrate: users.mail added in src/schema.rs:6 has no migration";
    push(&repo, &["main:newer"]).blocks(line).says_nothing_of(&["+ users.nick"]);
    repo.git(&["push", "--quiet", url.to_str().unwrap(), "main:by-url"]).blocks(line);
}

#[test]
fn a_first_push_of_everything() {
    let repo = RealRepo::new();
    let origin = repo.top().join("origin.git");
    repo.git(&["init", "--quiet", "--bare", origin.to_str().unwrap()]).passes();
    repo.git(&["remote", "add", "origin", origin.to_str().unwrap()]).passes();
    repo.add_column("nick");
    repo.record("nick");
    push(&repo, &["main"]).blocks(NICK);
    repo.add_revision(1, "nick");
    repo.commit_all("revision").passes_silently();
    push(&repo, &["main"]).passes_silently();
}

/// A branch with a good commit, pushed; then somebody else's drift lands on the remote's main.
fn with_drift_upstream() -> RealRepo {
    let repo = pushable();
    repo.git(&["switch", "--quiet", "-c", "topic"]).passes();
    repo.add_column("nick");
    repo.add_revision(1, "nick");
    repo.commit_all("nick").passes_silently();
    push(&repo, &["topic"]).passes_silently();
    repo.git(&["switch", "--quiet", "main"]).passes();
    repo.write("src/tags.rs", "diesel::table! { tags (id) { id -> Integer, } }\n");
    repo.record("theirs");
    repo.git(&["push", "--quiet", "--no-verify", "origin", "main"]).passes();
    repo.git(&["switch", "--quiet", "topic"]).passes();
    repo
}

#[test]
fn row_44_forced_push_after_a_rebase_over_drift() {
    let repo = with_drift_upstream();
    repo.git(&["rebase", "--quiet", "main"]).passes();
    push(&repo, &["--force", "topic"]).passes().says_nothing_of(&["has no migration"]);
    repo.edit("src/schema.rs", "name -> Text", "name -> Integer");
    repo.record("own");
    repo.git(&["commit", "--quiet", "--amend", "--no-verify", "-m", "own"]).passes();
    let line = "ops-migrate: users.name changed to Integer in src/schema.rs:4 has no migration";
    push(&repo, &["--force", "topic"]).blocks(line).says_nothing_of(&["+ tags"]);
}

#[test]
fn row_19_push_after_a_merge_of_drift() {
    let repo = with_drift_upstream();
    repo.git(&["merge", "--quiet", "--no-edit", "main"]).passes();
    push(&repo, &["topic"]).passes().says_nothing_of(&["has no migration"]);
    // As a new branch, it is just as little the pusher's.
    push(&repo, &["topic:other"]).passes();
}

#[test]
fn row_45_expressions_tags_and_foreign_references() {
    let repo = pushable();
    repo.write("README.md", "docs\n");
    repo.record("docs");
    repo.add_column("nick");
    repo.record("nick");
    for reference in ["HEAD:refs/for/main", "HEAD:refs/heads/x", "@:main"] {
        push(&repo, &[reference]).blocks(NICK);
    }
    push(&repo, &["HEAD~1:refs/heads/x"]).passes_silently();
    repo.git(&["tag", "light"]).passes();
    repo.git(&["tag", "-a", "-m", "words", "heavy"]).passes();
    for tag in ["light", "heavy"] {
        push(&repo, &[tag]).blocks(NICK).says(&["push to refs/tags/"]);
    }
    repo.git(&["tag", "old", "HEAD~1"]).passes();
    push(&repo, &["old"]).passes_silently();
}

#[test]
fn row_46_a_later_commit_of_the_push_mends_it() {
    let repo = pushable();
    repo.add_column("nick");
    repo.record("nick");
    repo.add_revision(1, "nick");
    repo.record("its revision");
    push(&repo, &["main"]).passes_silently();
}

#[test]
fn row_46_each_commit_where_the_project_asks_for_it() {
    let repo = pushable();
    repo.edit("Cargo.toml", "[package]\n", "[package.metadata.ops-migrate]\neach-commit = true\n\n[package]\n");
    repo.record("each commit");
    repo.add_column("nick");
    repo.record("nick");
    let first = short(&repo, "HEAD");
    repo.add_revision(1, "nick");
    repo.record("its revision");
    let last = format!("blocked: users.nick added in src/schema.rs:5 has no migration (since {first} nick)\n");
    push(&repo, &["main"]).blocks(NICK).says(&[&last]);
    // A commit that is undone leaves nothing between the ends.
    repo.git(&["reset", "--quiet", "--hard", "HEAD^"]).passes();
    repo.git(&["revert", "--no-edit", "HEAD"]).passes();
    push(&repo, &["main"]).blocks(NICK).says(&[&last]);
    repo.git(&["reset", "--quiet", "--hard", "HEAD~2"]).passes();
    repo.add_column("nick");
    repo.add_revision(1, "nick");
    repo.record("both");
    push(&repo, &["main"]).passes_silently();
}

/// Of several commits the one is named that brought what is missing in the end.
#[test]
fn the_first_offending_commit_is_named() {
    let repo = pushable();
    repo.add_column("nick");
    repo.record("mended later");
    repo.write("README.md", "docs\n");
    repo.record("docs");
    repo.add_column("mail");
    repo.record("the one");
    let one = short(&repo, "HEAD");
    repo.add_revision(1, "nick");
    repo.record("mends");
    let line = "ops-migrate: users.mail added in src/schema.rs:6 has no migration";
    push(&repo, &["main"]).blocks(line).says(&[&format!("  since {one} the one\n")]);
}

#[test]
fn row_47_the_work_tree_mends_nothing() {
    let repo = pushable();
    repo.add_column("nick");
    repo.record("nick");
    let revision = repo.add_revision(1, "nick");
    push(&repo, &["main"]).blocks(NICK).says(&[&revision]);
    repo.git(&["add", "--all"]).passes();
    push(&repo, &["main"]).blocks(NICK);
}

#[test]
fn row_37_shallow_clone() {
    let repo = pushable();
    repo.write("README.md", "docs\n");
    repo.record("docs");
    push(&repo, &["main"]).passes_silently();
    let url = format!("file://{}", repo.top().join("origin.git").display());
    let clone = repo.beside("shallow");
    repo.git(&["clone", "--quiet", "--depth=1", &url, clone.root.to_str().unwrap()]).passes();
    clone.tool(&["hooks", "install"]).passes();
    clone.add_column("nick");
    clone.commit_all("nick").blocks(NICK);
    clone.record("nick");
    push(&clone, &["HEAD:new"]).blocks(NICK);
    clone.add_revision(1, "nick");
    clone.commit_all("revision").passes_silently();
    push(&clone, &["HEAD:new"]).passes_silently();
}

#[test]
fn a_push_over_commits_that_are_not_here() {
    let repo = pushable();
    let clone = repo.beside("clone");
    repo.git(&["clone", "--quiet", repo.top().join("origin.git").to_str().unwrap(), clone.root.to_str().unwrap()])
        .passes();
    clone.write("README.md", "docs\n");
    clone.record("docs");
    push(&clone, &["main"]).passes();
    // The remote's tip is unknown here.
    repo.add_column("nick");
    repo.record("nick");
    push(&repo, &["--force", "main"]).blocks(NICK);
    repo.add_revision(1, "nick");
    repo.record("revision");
    push(&repo, &["--force", "main"]).passes_silently();
}

/// Of two backends only the one that was named is judged.
#[test]
fn check_pre_push_takes_the_package() {
    let repo = RealRepo::unborn(&[]);
    repo.write("Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\"]\n");
    for name in ["a", "b"] {
        repo.write_crate(&format!("{name}/"));
        repo.write(&format!("{name}/Cargo.toml"), crate::common::MANIFEST.replace("\"app\"", &format!("\"{name}\"")));
    }
    repo.record("first");
    let base = repo.git(&["rev-parse", "HEAD"]).passes().stdout.trim().to_owned();
    repo.edit("a/src/schema.rs", "        email ->", "        nick -> Nullable<Text>,\n        email ->");
    repo.record("nick");
    let tip = repo.git(&["rev-parse", "HEAD"]).passes().stdout.trim().to_owned();
    let line = format!("refs/heads/main {tip} refs/heads/main {base}\n");
    let check = |package: &str| {
        let args = ["ops-migrate", "--package", package, "check", "--pre-push", "--", "origin", "url"];
        repo.run(crate::common::real::TOOL, &args, &line, &[])
    };
    check("a").blocks("ops-migrate: users.nick added in a/src/schema.rs:5 has no migration");
    check("b").passes_silently();
}
