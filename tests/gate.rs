//! The gate on commits: what real git hands to the pre-commit hook, and what the hook answers. The
//! numbers are those of the list of situations that the hooks were designed against.

use expect_test::expect;

use crate::common::FIRST;
use crate::common::real::RealRepo;

/// The finding for a column that [`RealRepo::add_column`] has added.
const NICK: &str = "ops-migrate: users.nick added in src/schema.rs:5 has no migration";

#[test]
fn row_01_staged_model_without_revision() {
    let repo = RealRepo::new();
    repo.add_column("nick");
    let ran = repo.commit_all("nick").blocks(NICK);
    expect![[r#"
        ops-migrate: users.nick added in src/schema.rs:5 has no migration
          + users.nick Nullable<Text>                      src/schema.rs:5
        write it:  cargo ops-migrate create "users nick added" && git add migrations
        skip once: OPS_MIGRATE_SKIP=1 git commit …   (pre-push and CI check again)
    "#]]
    .assert_eq(&ran.stderr);
}

#[test]
fn row_02_staged_model_with_its_revision() {
    let repo = RealRepo::new();
    repo.add_column("nick");
    repo.add_revision(1, "nick");
    repo.commit_all("nick").passes_silently();
}

#[test]
fn row_03_commit_all_with_a_model_change_only() {
    let repo = RealRepo::new();
    repo.add_column("nick");
    repo.git(&["commit", "--all", "-m", "nick"]).blocks(NICK);
}

#[test]
fn row_04_commit_of_another_file_while_models_are_staged() {
    let repo = RealRepo::new();
    repo.add_column("nick");
    repo.git(&["add", "src/schema.rs"]).passes();
    repo.write("src/lib.rs", "pub mod schema;\n// more\n");
    repo.git(&["commit", "--quiet", "-m", "other", "src/lib.rs"]).passes_silently();
    repo.commit("nick").blocks(NICK);
}

#[test]
fn row_05_commit_of_models_whose_staged_revision_is_not_named() {
    let repo = RealRepo::new();
    repo.add_column("nick");
    let revision = repo.add_revision(1, "nick");
    repo.git(&["add", "--all"]).passes();
    let fix = format!("it is written, but this commit leaves it out:  git commit <paths> {revision}\n");
    repo.git(&["commit", "-m", "nick", "src/schema.rs"]).blocks(NICK).says(&[&fix]);
    repo.git(&["commit", "--quiet", "-m", "nick", "src/schema.rs", &revision]).passes_silently();
}

#[test]
fn row_06_commit_include_and_patch() {
    let repo = RealRepo::new();
    repo.add_column("nick");
    repo.git(&["add", "src/schema.rs"]).passes();
    repo.write("src/lib.rs", "pub mod schema;\n// more\n");
    repo.git(&["commit", "--include", "-m", "both", "src/lib.rs"]).blocks(NICK);
    repo.git(&["reset", "--quiet"]).passes();
    // `src/lib.rs` comes first and is left out.
    let ran = repo.run("git", &["commit", "--patch", "-m", "hunk"], "n\ny\n", &[]);
    assert!(ran.code == 1 && ran.stderr.contains(NICK), "{}", ran.stderr);
    assert_eq!(repo.line(&["log", "--format=%s"]), "first");
}

#[test]
fn row_07_the_index_is_judged_and_not_the_work_tree() {
    let repo = RealRepo::new();
    let before = repo.read("src/schema.rs");
    repo.add_column("nick");
    repo.git(&["add", "--all"]).passes();
    repo.write("src/schema.rs", &before);
    repo.commit("nick").blocks(NICK);
    // And the other way round.
    repo.git(&["add", "--all"]).passes();
    repo.add_column("nick");
    repo.git(&["commit", "--quiet", "--allow-empty", "-m", "nothing"]).passes_silently();
}

#[test]
fn row_08_revision_on_disk_but_untracked() {
    let repo = RealRepo::new();
    repo.add_column("nick");
    let revision = repo.add_revision(1, "nick");
    repo.git(&["add", "src"]).passes();
    let fix = format!("it is written, but not staged:  git add {revision}\n");
    repo.commit("nick").blocks(NICK).says(&[&fix]);
    repo.git(&["add", &revision]).passes();
    repo.commit("nick").passes_silently();
}

#[test]
fn row_09_revision_only_meant_to_be_added() {
    let repo = RealRepo::new();
    repo.add_column("nick");
    let revision = repo.add_revision(1, "nick");
    repo.git(&["add", "src"]).passes();
    repo.git(&["add", "--intent-to-add", &revision]).passes();
    repo.commit("nick").blocks(NICK).says(&[&format!("git add {revision}\n")]);
}

#[test]
fn row_08_revision_staged_before_it_was_written() {
    let repo = RealRepo::new();
    repo.add_column("nick");
    let revision = repo.add_revision(1, "nick");
    let text = repo.read(&format!("{revision}/up.sql"));
    repo.write(&format!("{revision}/up.sql"), "-- later\n");
    repo.git(&["add", "--all"]).passes();
    repo.write(&format!("{revision}/up.sql"), text);
    let fix = format!("it is written, but not staged:  git add {revision}\n");
    repo.commit("nick").blocks(NICK).says(&[&fix]).says_nothing_of(&["write it"]);
    repo.git(&["add", &revision]).passes();
    repo.commit("nick").passes_silently();
}

#[test]
fn row_10_staged_revision_without_statements() {
    for text in ["", "-- Your SQL goes here\n"] {
        let repo = RealRepo::new();
        repo.add_column("nick");
        let revision = repo.add_revision(1, "nick");
        repo.write(&format!("{revision}/up.sql"), text);
        let ran = repo.commit_all("nick");
        assert!(matches!(ran.code, 1 | 2), "{text:?}: {}", ran.stderr);
        assert_eq!(repo.line(&["log", "--format=%s"]), "first", "{text:?}");
    }
}

#[test]
fn row_11_edits_without_meaning() {
    let repo = RealRepo::new();
    repo.edit(
        "src/schema.rs",
        "        name -> Text,",
        "        /// The name.\n        #[max_length = 20]\n\n   name   ->   Text ,",
    );
    repo.commit_all("comment").passes_silently();
    repo.write(
        "src/models.rs",
        "#[derive(diesel::Queryable)]\n#[diesel(table_name = crate::schema::users)]\npub struct User;\n",
    );
    repo.commit_all("derive").passes_silently();
    let text = repo.read("src/schema.rs").replace('\n', "\r\n");
    repo.write("src/schema.rs", text);
    repo.commit_all("line ends").passes_silently();
}

#[test]
fn row_12_models_move_and_split() {
    let repo = RealRepo::new();
    repo.write(
        "src/schema.rs",
        repo.read("src/schema.rs") + "diesel::table! {\n    tags (id) {\n        id -> Integer,\n    }\n}\n",
    );
    repo.write("migrations/2024-02-01-000000_tags/up.sql", "CREATE TABLE tags (id INTEGER NOT NULL PRIMARY KEY);\n");
    repo.write("migrations/2024-02-01-000000_tags/down.sql", "DROP TABLE tags;\n");
    repo.commit_all("tags").passes_silently();
    repo.git(&["mv", "src/schema.rs", "src/db.rs"]).passes();
    repo.commit("moved").passes_silently();
    let text = repo.read("src/db.rs");
    let (users, tags) = text.split_at(text.rfind("diesel::table!").unwrap());
    repo.write("src/db/users.rs", users);
    repo.write("src/db/tags.rs", tags);
    repo.git(&["rm", "--quiet", "-f", "src/db.rs"]).passes();
    repo.commit_all("split").passes_silently();
}

#[test]
fn row_12_models_move_where_diesel_toml_names_them() {
    let repo = RealRepo::new();
    repo.write("diesel.toml", "[print_schema]\nfile = \"src/schema.rs\"\n");
    repo.commit_all("named").passes_silently();
    repo.git(&["mv", "src/schema.rs", "src/db.rs"]).passes();
    repo.commit("moved, the name is stale").passes_silently();
    repo.write("diesel.toml", "[print_schema]\nfile = \"src/db.rs\"\n");
    repo.commit_all("named again").passes_silently();
    repo.edit("src/db.rs", "name -> Text", "name -> Integer");
    repo.commit_all("type").blocks("ops-migrate: users.name changed to Integer in src/db.rs:4 has no migration");
}

#[test]
fn row_13_deleted_models() {
    let repo = RealRepo::new();
    // The only file of models: then no file declares tables any more.
    repo.git(&["rm", "--quiet", "src/schema.rs"]).passes();
    let headline = "ops-migrate: table users removed in src/schema.rs:2 has no migration";
    repo.commit("no models").blocks(headline);
    repo.write("migrations/2024-02-01-000000_drop/up.sql", "DROP TABLE users;\n");
    repo.write("migrations/2024-02-01-000000_drop/down.sql", "SELECT 1;\n");
    repo.commit_all("no models").passes_silently();
}

#[test]
fn row_13_one_of_two_model_files_is_deleted() {
    let repo = RealRepo::new();
    repo.write("src/tags.rs", "diesel::table! { tags (id) { id -> Integer, } }\n");
    repo.write("migrations/2024-02-01-000000_tags/up.sql", "CREATE TABLE tags (id INTEGER NOT NULL PRIMARY KEY);\n");
    repo.write("migrations/2024-02-01-000000_tags/down.sql", "DROP TABLE tags;\n");
    repo.commit_all("tags").passes_silently();
    repo.git(&["rm", "--quiet", "src/tags.rs"]).passes();
    repo.commit("no tags").blocks("ops-migrate: table tags removed in src/tags.rs:1 has no migration");
    // Together with everything that belongs to it, nothing is left to judge.
    repo.git(&["rm", "--quiet", "-r", "."]).passes();
    repo.commit("nothing").passes_silently();
}

#[test]
fn row_15_first_commit() {
    let repo = RealRepo::unborn(&[]);
    repo.write_crate("");
    repo.tool(&["hooks", "install"]).passes();
    repo.git(&["add", "src", "Cargo.toml"]).passes();
    repo.commit("models only")
        .blocks("ops-migrate: table users added in src/schema.rs:2 has no migration")
        .says(&[&format!("git add {FIRST}\n")]);
    repo.commit_all("both").passes_silently();
}

#[test]
fn row_15_first_revision_of_a_crate_without_migrations() {
    let repo = RealRepo::unborn(&[]);
    repo.write_crate("");
    std::fs::remove_dir_all(repo.path("migrations")).unwrap();
    repo.tool(&["hooks", "install"]).passes();
    let ran = repo.commit_all("models only");
    expect![[r#"
        ops-migrate: table users added in src/schema.rs:2 has no migration
          + users (3 columns)                              src/schema.rs:2
        write it:  cargo ops-migrate create "table users added" && git add migrations
        skip once: OPS_MIGRATE_SKIP=1 git commit …   (pre-push and CI check again)
    "#]]
    .assert_eq(&ran.stderr);
    // What was there before the hooks came is inherited.
    repo.record("models only");
    repo.add_column("nick");
    repo.commit_all("nick").blocks(NICK);
}

#[test]
fn row_16_amend_of_the_message() {
    let repo = RealRepo::new();
    repo.git(&["commit", "--quiet", "--amend", "-m", "better words"]).passes_silently();
    // A message is no option.
    repo.git(&["commit", "--quiet", "--allow-empty", "-m", "--amend"]).passes_silently();
    repo.add_column("nick");
    repo.record("bypassed");
    // Against HEAD nothing is new; git's own command line says that HEAD is replaced.
    if cfg!(target_os = "linux") {
        repo.git(&["commit", "--amend", "-m", "better words"]).blocks(NICK);
        repo.git(&["-c", "alias.again=commit --amend", "again", "-m", "better words"]).blocks(NICK);
    }
    // What is added on top is not to blame.
    repo.git(&["commit", "--quiet", "--allow-empty", "-m", "more"]).passes_silently();
}

#[test]
#[cfg(target_os = "linux")]
fn row_16_amend_of_the_first_commit() {
    let repo = RealRepo::unborn(&[]);
    repo.write_crate("");
    repo.git(&["add", "src", "Cargo.toml"]).passes();
    repo.git(&["commit", "--quiet", "-m", "models only"]).passes();
    repo.tool(&["hooks", "install"]).passes();
    repo.git(&["commit", "--amend", "-m", "better words"])
        .blocks("ops-migrate: table users added in src/schema.rs:2 has no migration");
    repo.git(&["add", "--all"]).passes();
    repo.git(&["commit", "--quiet", "--amend", "-m", "all of it"]).passes_silently();
}

#[test]
fn row_17_amend_brings_or_drops_the_revision() {
    let repo = RealRepo::new().with_origin();
    repo.add_column("nick");
    repo.record("forgotten");
    let revision = repo.add_revision(1, "nick");
    repo.git(&["add", "--all"]).passes();
    repo.git(&["commit", "--quiet", "--amend", "-m", "nick"]).passes_silently();
    repo.git(&["rm", "--quiet", "-r", "--cached", &revision]).passes();
    repo.git(&["commit", "--quiet", "--amend", "-m", "nick"]).blocks(NICK).says(&[&format!("git add {revision}\n")]);
}

#[test]
fn row_14_a_revision_that_the_models_need_is_deleted() {
    let repo = RealRepo::new();
    repo.add_column("nick");
    let revision = repo.add_revision(1, "nick");
    repo.commit_all("nick").passes_silently();
    repo.git(&["rm", "--quiet", "-r", &revision]).passes();
    repo.commit("gone").blocks(NICK);
    // With the models it may go.
    repo.edit("src/schema.rs", "        nick -> Nullable<Text>,\n", "");
    repo.commit_all("both gone").passes_silently();
}

/// A revision that is given another name and another text is edited: what the models lack now is the
/// next commit's business.
#[test]
fn row_14_an_unreleased_revision_is_replaced() {
    let repo = RealRepo::new();
    repo.git(&["rm", "--quiet", "-r", FIRST]).passes();
    repo.write(
        "migrations/2024-01-02-000000_people/up.sql",
        "CREATE TABLE people (id INTEGER NOT NULL PRIMARY KEY);\n",
    );
    repo.write("migrations/2024-01-02-000000_people/down.sql", "DROP TABLE people;\n");
    repo.commit_all("other words").passes();
}

#[test]
fn row_24_reverts() {
    let repo = RealRepo::new();
    repo.add_column("nick");
    repo.add_revision(1, "nick");
    repo.commit_all("nick").passes_silently();
    repo.git(&["revert", "--no-edit", "HEAD"]).passes();
    repo.git(&["revert", "--no-commit", "HEAD"]).passes();
    repo.commit("back again").passes_silently();
}

#[test]
fn row_24b_inherited_drift_never_blocks() {
    let repo = RealRepo::new();
    repo.add_column("nick");
    repo.record("bypassed");
    repo.write("README.md", "docs\n");
    repo.commit_all("docs").passes_silently();
    repo.write("src/lib.rs", "pub mod schema;\npub fn other() {}\n");
    repo.commit_all("unrelated").passes_silently();
    repo.add_column("mail");
    let ran = repo.commit_all("mail");
    let line = "ops-migrate: users.mail added in src/schema.rs:6 has no migration";
    ran.blocks(line).says_nothing_of(&["nick"]);
    repo.add_revision(1, "mail");
    let ran = repo.commit_all("mail").passes();
    expect![[r#"
        ops-migrate: inherited drift, which does not block: + users.nick Nullable<Text>
    "#]]
    .assert_eq(&ran.stderr);
    // Catching up with it is welcome.
    repo.add_revision(2, "nick");
    repo.commit_all("caught up").passes_silently();
}

#[test]
fn row_27_skipping() {
    let repo = RealRepo::new();
    repo.add_column("nick");
    repo.git(&["add", "--all"]).passes();
    for (name, value) in [("OPS_MIGRATE_SKIP", "0"), ("SKIP", "other,ops-migrate-not")] {
        repo.run("git", &["commit", "--quiet", "-m", "nick"], "", &[(name, value)]).blocks(NICK);
    }
    for (name, value) in [("OPS_MIGRATE_SKIP", "1"), ("SKIP", "clippy, ops-migrate")] {
        let ran = repo.run("git", &["commit", "--quiet", "-m", "nick"], "", &[(name, value)]).passes();
        let notice = format!("ops-migrate: pre-commit skipped ({name}); pre-push and CI check again\n");
        assert_eq!(ran.stderr, notice);
        repo.git(&["reset", "--quiet", "--soft", "HEAD^"]).passes();
    }
}

#[test]
fn row_39_names_that_are_hard_to_handle() {
    let repo = RealRepo::new();
    for name in ["src/two words.rs", "src/quo\"te.rs", "src/new\nline.rs", "src/ümlaut.rs"] {
        repo.write(name, "diesel::table! { tags (id) { id -> Integer, } }\n");
        let ran = repo.commit_all("tags");
        let place = format!("ops-migrate: table tags added in {name}:1 has no migration");
        assert!(ran.code == 1 && ran.stderr.starts_with(&place), "{}", ran.stderr);
        std::fs::remove_file(repo.path(name)).unwrap();
    }
    let bytes: std::ffi::OsString = std::os::unix::ffi::OsStringExt::from_vec(b"src/\xff.rs".to_vec());
    std::fs::write(repo.root.join(bytes), "diesel::table! { tags (id) { id -> Integer, } }\n").unwrap();
    repo.commit_all("tags").blocks("ops-migrate: table tags added in src/\\xff.rs:1 has no migration");
}

#[test]
fn row_39_models_behind_a_link() {
    let repo = RealRepo::new();
    repo.git(&["mv", "src/schema.rs", "schema.rs"]).passes();
    std::os::unix::fs::symlink("../schema.rs", repo.path("src/schema.rs")).unwrap();
    repo.commit_all("a link").passes_silently();
}

#[test]
fn row_40_conflicts_have_to_be_resolved_first() {
    let repo = RealRepo::new();
    repo.git(&["switch", "--quiet", "-c", "other"]).passes();
    repo.edit("src/schema.rs", "name -> Text", "name -> Integer");
    repo.record("theirs");
    repo.git(&["switch", "--quiet", "main"]).passes();
    repo.edit("src/schema.rs", "name -> Text", "name -> Nullable<Text>");
    repo.record("ours");
    assert_eq!(repo.git(&["merge", "other"]).code, 1);
    let line = "error: could not check: src/schema.rs is in conflict; resolve the conflicts first";
    repo.tool(&["check", "--staged"]).fails(2, line, &["git status"]);
}

#[test]
fn row_63_the_message_is_plain_and_on_stderr() {
    let repo = RealRepo::new();
    for number in 0..7 {
        repo.add_column(&format!("c{number}"));
    }
    repo.git(&["add", "--all"]).passes();
    let ran = repo.run("git", &["commit", "-m", "many"], "", &[("TERM", "xterm-256color")]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    assert!(!ran.stderr.contains('\x1b'), "{}", ran.stderr);
    expect![[r#"
        ops-migrate: users.c0 added in src/schema.rs:5 has no migration
          + users.c0 Nullable<Text>                        src/schema.rs:5
          + users.c1 Nullable<Text>                        src/schema.rs:6
          + users.c2 Nullable<Text>                        src/schema.rs:7
          + users.c3 Nullable<Text>                        src/schema.rs:8
          + users.c4 Nullable<Text>                        src/schema.rs:9
          and 2 more
        write it:  cargo ops-migrate create "users c0 added" && git add migrations
        skip once: OPS_MIGRATE_SKIP=1 git commit …   (pre-push and CI check again)
    "#]]
    .assert_eq(&ran.stderr);
}

#[test]
fn bad_models_are_an_error_with_their_place() {
    let repo = RealRepo::new();
    repo.write("src/schema.rs", "diesel::table! { users (id) { id -> \n");
    let ran = repo.commit_all("broken");
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.starts_with("error: src/schema.rs:1: "), "{}", ran.stderr);
}
