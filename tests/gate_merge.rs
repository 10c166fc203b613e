//! The gate on merges: clean ones, which only pre-merge-commit sees, and those that a commit
//! concludes.

use crate::common::real::{Ran, RealRepo};

/// A revision of ours, which follows the first one.
fn write_ours(repo: &RealRepo, second: u32, id: &str, up: &str) {
    let directory = format!("migrations/2026-01-01-1200{second:02}-{id}_step");
    repo.write(&format!("{directory}/up.sql"), up);
    repo.write(&format!("{directory}/down.sql"), "SELECT 1;\n");
    let metadata =
        format!("run_in_transaction = true\n\n[ops-migrate]\nrevision = \"{id}\"\nrevises = \"20240101000000\"\n");
    repo.write(&format!("{directory}/metadata.toml"), metadata);
}

/// Two branches: `main`, which is checked out, and `other`, which changed as told.
fn branched(theirs: impl Fn(&RealRepo), ours: impl Fn(&RealRepo)) -> RealRepo {
    let repo = RealRepo::new();
    repo.git(&["switch", "--quiet", "-c", "other"]).passes();
    theirs(&repo);
    repo.record("theirs");
    repo.git(&["switch", "--quiet", "main"]).passes();
    ours(&repo);
    repo.record("ours");
    repo
}

fn merge(repo: &RealRepo) -> Ran {
    repo.git(&["merge", "--quiet", "--no-edit", "other"])
}

fn tags(repo: &RealRepo) {
    repo.write("src/tags.rs", "diesel::table! { tags (id) { id -> Integer, } }\n");
}

fn tags_revision(repo: &RealRepo) {
    repo.write("migrations/2024-03-01-000000_tags/up.sql", "CREATE TABLE tags (id INTEGER NOT NULL PRIMARY KEY);\n");
    repo.write("migrations/2024-03-01-000000_tags/down.sql", "DROP TABLE tags;\n");
}

fn nick(repo: &RealRepo) {
    repo.add_column("nick");
    repo.add_revision(1, "nick");
}

#[test]
fn row_18_clean_merge_of_two_good_sides() {
    let theirs = |repo: &RealRepo| {
        tags(repo);
        tags_revision(repo);
    };
    let repo = branched(theirs, nick);
    merge(&repo).passes_silently();
    assert_eq!(repo.line(&["rev-list", "--count", "--merges", "HEAD"]), "1");
    // The same without a fast path: the merged models are a file that differs from both sides.
    let theirs = |repo: &RealRepo| {
        repo.edit("src/schema.rs", "    users (id) {", "    users (id) {\n        first -> Nullable<Text>,");
        repo.add_revision(2, "first");
    };
    let ran = merge(&branched(theirs, nick)).passes();
    assert_eq!(ran.stderr, "");
}

#[test]
fn row_19_clean_merge_that_brings_their_drift() {
    let ran = merge(&branched(tags, nick)).passes().says_nothing_of(&["has no migration"]);
    let line = "ops-migrate: inherited drift from other (theirs), which does not block: ";
    assert!(ran.stderr.starts_with(line) && ran.stderr.contains("tags"), "{}", ran.stderr);
    // What was here before is nobody else's.
    let ran = merge(&branched(nick, tags)).passes();
    assert!(ran.stderr.starts_with("ops-migrate: inherited drift, which does not block: "), "{}", ran.stderr);
    // And where git had to merge the models themselves.
    let theirs = |repo: &RealRepo| {
        repo.edit("src/schema.rs", "    users (id) {", "    users (id) {\n        first -> Nullable<Text>,");
    };
    merge(&branched(theirs, nick)).passes().says_nothing_of(&["has no migration"]);
}

#[test]
fn row_20_merge_that_gives_two_heads() {
    let theirs = |repo: &RealRepo| {
        tags(repo);
        write_ours(repo, 1, "aaaaaaaaaaaa", "CREATE TABLE tags (id INTEGER NOT NULL PRIMARY KEY);\n");
    };
    let ours = |repo: &RealRepo| {
        repo.add_column("nick");
        write_ours(repo, 2, "bbbbbbbbbbbb", "ALTER TABLE users ADD COLUMN nick TEXT;\n");
    };
    let repo = branched(theirs, ours);
    let line = "ops-migrate: commit blocked: migrations has 2 heads: 2026-01-01-120001-aaaaaaaaaaaa_step, 2026-01-01-120002-bbbbbbbbbbbb_step";
    let ran = merge(&repo);
    assert!(ran.code != 0 && ran.stderr.starts_with(&format!("{line}\nhint: ")), "{}", ran.stderr);
    assert!(repo.path(".git/MERGE_HEAD").exists());
    repo.commit("merged").blocks(line);
    // One after the other is fine.
    repo.edit(
        "migrations/2026-01-01-120002-bbbbbbbbbbbb_step/metadata.toml",
        "revises = \"20240101000000\"",
        "revises = \"aaaaaaaaaaaa\"",
    );
    repo.commit_all("merged").passes_silently();
    // Two heads that are there do not hold back the next commit.
    write_ours(&repo, 3, "cccccccccccc", "SELECT 1;\n");
    repo.record("bypassed");
    repo.add_column("mail");
    repo.add_revision(2, "mail");
    repo.commit_all("mail").passes().says(&["inherited: migrations has "]);
}

#[test]
fn row_20_merge_that_gives_one_version_twice() {
    let theirs = |repo: &RealRepo| {
        repo.write("migrations/2024-02-01-000000_theirs/up.sql", "CREATE TABLE a (id INTEGER PRIMARY KEY);\n");
        repo.write("migrations/2024-02-01-000000_theirs/down.sql", "DROP TABLE a;\n");
    };
    let repo = branched(theirs, nick);
    let ran = merge(&repo);
    assert_ne!(ran.code, 0);
    ran.says(&["ops-migrate: commit blocked: ", "2024-02-01-000000_theirs", "2024-02-01-000000_add_nick"]);
    assert!(repo.path(".git/MERGE_HEAD").exists());
    assert_eq!(repo.commit("merged").code, 1);
}

#[test]
fn row_21_conflict_concluded_by_commit_and_by_continue() {
    // Both sides add a column at the same place; theirs without its revision.
    let theirs = |repo: &RealRepo| repo.add_column("first");
    for conclude in [&["commit", "--quiet", "--no-edit"][..], &["merge", "--continue"]] {
        let repo = branched(theirs, nick);
        assert_eq!(merge(&repo).code, 1);
        repo.git(&["checkout", "--quiet", "--theirs", "src/schema.rs"]).passes();
        repo.add_column("nick");
        repo.git(&["add", "--all"]).passes();
        repo.git(conclude).passes();
        // What neither side has is the merge's own.
        let repo = branched(theirs, nick);
        assert_eq!(merge(&repo).code, 1);
        repo.git(&["checkout", "--quiet", "--theirs", "src/schema.rs"]).passes();
        repo.add_column("nick");
        repo.add_column("third");
        repo.git(&["add", "--all"]).passes();
        let line = "ops-migrate: users.third added in src/schema.rs:7 has no migration";
        repo.git(conclude).blocks(line).says_nothing_of(&["+ users.first", "+ users.nick"]);
    }
}

#[test]
fn row_21_a_column_of_one_side_gets_another_type_in_the_merge() {
    let repo = branched(nick, tags);
    repo.git(&["merge", "--quiet", "--no-commit", "other"]).passes();
    repo.edit("src/schema.rs", "nick -> Nullable<Text>", "nick -> Nullable<Integer>");
    repo.git(&["add", "--all"]).passes();
    let line = "ops-migrate: users.nick changed to Nullable<Integer> in src/schema.rs:5 has no migration";
    repo.git(&["commit", "--no-edit"]).blocks(line);
    // Seen from the other side.
    let repo = branched(tags, nick);
    repo.git(&["merge", "--quiet", "--no-commit", "other"]).passes();
    repo.edit("src/schema.rs", "nick -> Nullable<Text>", "nick -> Nullable<Integer>");
    repo.git(&["add", "--all"]).passes();
    repo.git(&["commit", "--no-edit"]).blocks(line);
}

#[test]
fn row_22_fast_forward_and_squash() {
    let repo = branched(tags, |repo| repo.write("README.md", "docs\n"));
    repo.git(&["merge", "--quiet", "--squash", "other"]).passes();
    repo.commit("squashed").blocks("ops-migrate: table tags added in src/tags.rs:1 has no migration");
    let repo = branched(tags, |_| ());
    repo.git(&["reset", "--quiet", "--hard", "HEAD^"]).passes();
    // No hook runs here, and none could: nothing is recorded.
    repo.git(&["merge", "--quiet", "--ff-only", "other"]).passes();
}

#[test]
fn row_23_picks_without_hooks_are_stopped_by_the_push() {
    let repo = branched(tags, |repo| repo.write("README.md", "docs\n"));
    let origin = repo.top().join("origin.git");
    repo.git(&["init", "--quiet", "--bare", origin.to_str().unwrap()]).passes();
    repo.git(&["remote", "add", "origin", origin.to_str().unwrap()]).passes();
    repo.git(&["push", "--quiet", "--no-verify", "origin", "main"]).passes();
    let base = repo.line(&["rev-parse", "main"]);
    for how in [&["cherry-pick", "other"][..], &["rebase", "--quiet", "main", "other"]] {
        repo.git(how).passes();
        let line = "ops-migrate: table tags added in src/tags.rs:1 has no migration";
        repo.git(&["push", "--quiet", "origin", "HEAD:main"]).blocks(line);
        repo.git(&["switch", "--quiet", "main"]).passes();
        repo.git(&["reset", "--quiet", "--hard", &base]).passes();
    }
}

#[test]
fn row_24_picks_that_are_continued_and_rewords() {
    let repo = branched(tags, |repo| repo.write("src/tags.rs", "// nothing yet\n"));
    assert_eq!(repo.git(&["cherry-pick", "other"]).code, 1);
    repo.git(&["checkout", "--quiet", "--theirs", "src/tags.rs"]).passes();
    repo.git(&["add", "--all"]).passes();
    let ran = repo.git(&["cherry-pick", "--continue"]);
    assert_ne!(ran.code, 0);
    ran.says(&["ops-migrate: table tags added in src/tags.rs:1 has no migration\n"]);
    repo.git(&["commit", "--quiet", "--no-verify", "--no-edit"]).passes();
    // A reword records what HEAD has.
    let editor = [("GIT_SEQUENCE_EDITOR", "sed -i s/^pick/reword/")];
    repo.run("git", &["rebase", "--quiet", "--interactive", "HEAD^"], "", &editor).passes();
    let editor = [("GIT_SEQUENCE_EDITOR", "sed -i s/^pick/edit/")];
    repo.run("git", &["rebase", "--quiet", "--interactive", "HEAD^"], "", &editor).passes();
    repo.add_column("nick");
    repo.git(&["add", "--all"]).passes();
    repo.git(&["commit", "--amend", "--no-edit"])
        .blocks("ops-migrate: users.nick added in src/schema.rs:5 has no migration")
        .says_nothing_of(&["+ tags"]);
}
