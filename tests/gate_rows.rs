//! Situations of the list that need a place of their own: mail, partial clones, another owner, and what
//! a hook costs where there is nothing to do.

use crate::common::real::{RealRepo, TOOL};

const NICK: &str = "ops-migrate: users.nick added in src/schema.rs:5 has no migration";

#[test]
fn row_25_patches_from_mail() {
    let repo = RealRepo::new().with_origin();
    repo.add_column("nick");
    repo.record("nick");
    let patch = repo.git(&["format-patch", "-1", "--stdout"]).passes().stdout;
    repo.git(&["reset", "--quiet", "--hard", "HEAD^"]).passes();
    let am = || repo.run("git", &["am", "--quiet"], &patch, &[]);
    // Without the hook the push is where it shows, and `hooks status` says what is missing.
    fs_err::remove_file(repo.path(".git/hooks/pre-applypatch")).unwrap();
    am().passes();
    repo.git(&["push", "--quiet", "origin", "main"]).blocks(NICK);
    repo.git(&["reset", "--quiet", "--hard", "HEAD^"]).passes();
    repo.tool(&["hooks", "install"]).passes();
    let ran = am();
    assert!(ran.code != 0 && ran.stderr.starts_with(NICK), "{}", ran.stderr);
    ran.says(&["skip once: OPS_MIGRATE_SKIP=1 git am --continue"]);
    // With its revision it goes on, and without one on request.
    repo.add_revision(1, "nick");
    repo.git(&["am", "--continue"]).says(&["not staged:  git add migrations/2024-02-01-000000_add_nick"]);
    repo.git(&["add", "migrations"]).passes();
    repo.git(&["am", "--continue"]).passes();
    repo.git(&["push", "--quiet", "origin", "main"]).passes_silently();
    repo.git(&["reset", "--quiet", "--hard", "HEAD^"]).passes();
    assert_ne!(am().code, 0);
    repo.run("git", &["am", "--continue"], "", &[("OPS_MIGRATE_SKIP", "1")]).passes();
    repo.git(&["reset", "--quiet", "--hard", "HEAD^"]).passes();
    assert_ne!(am().code, 0);
    repo.git(&["am", "--abort"]).passes();
    repo.write("README.md", "docs\n");
    repo.record("docs");
    let patch = repo.git(&["format-patch", "-1", "--stdout"]).passes().stdout;
    repo.git(&["reset", "--quiet", "--hard", "HEAD^"]).passes();
    assert_eq!(repo.run("git", &["am", "--quiet"], &patch, &[]).passes().stderr, "");
}

/// A rebase may apply its commits as patches: no commit of it is judged, as with any other rebase.
#[test]
fn row_23_a_rebase_by_patches() {
    let repo = RealRepo::new().with_origin();
    repo.git(&["switch", "--quiet", "--create", "side"]).passes();
    repo.add_column("nick");
    repo.record("bypassed");
    repo.git(&["switch", "--quiet", "main"]).passes();
    repo.write("README.md", "docs\n");
    repo.record("docs");
    repo.git(&["switch", "--quiet", "side"]).passes();
    repo.git(&["rebase", "--quiet", "--apply", "main"]).passes();
    repo.git(&["push", "--quiet", "origin", "side"]).blocks(NICK);
}

/// What an older version has installed lacks a hook, and `hooks status` says how to get it.
#[test]
fn an_older_installation_lacks_a_hook() {
    let repo = RealRepo::new();
    let hook = repo.path(".git/hooks/pre-applypatch");
    fs_err::remove_file(&hook).unwrap();
    let record = ".git/ops-migrate/hooks.toml";
    let mut kept: toml::Table = repo.read(record).parse().unwrap();
    kept["hook"].as_array_mut().unwrap().retain(|hook| hook["name"].as_str() != Some("pre-applypatch"));
    repo.write(record, kept.to_string());
    let why = "not installed, as the others are: cargo ops-migrate hooks install adds it".to_owned();
    assert_eq!(repo.hook_status("pre-applypatch"), (false, why));
    assert_eq!(repo.tool(&["hooks", "status"]).code, 1);
    repo.tool(&["hooks", "install"]).passes();
    repo.tool(&["hooks", "status"]).passes();
    repo.tool(&["hooks", "uninstall"]).passes().prints(&["pre-applypatch    removed"]);
    assert!(!hook.exists());
}

#[test]
fn row_35_partial_clone_without_its_remote() {
    let repo = RealRepo::new().with_origin();
    repo.add_column("nick");
    repo.add_revision(1, "nick");
    repo.record("nick");
    repo.git(&["push", "--quiet", "origin", "main"]).passes();
    let origin = repo.top().join("origin.git");
    repo.git(&["-C", origin.to_str().unwrap(), "config", "uploadpack.allowFilter", "true"]).passes();
    let clone = repo.beside("partial");
    let url = format!("file://{}", origin.display());
    repo.git(&["clone", "--quiet", "--filter=blob:none", &url, clone.root.to_str().unwrap()]).passes();
    fs_err::rename(&origin, repo.top().join("away.git")).unwrap();
    clone.tool(&["hooks", "install"]).passes();
    // A commit has all that it needs.
    clone.add_column("mail");
    let line = "ops-migrate: users.mail added in src/schema.rs:6 has no migration";
    clone.commit_all("mail").blocks(line);
    clone.add_revision(2, "mail");
    clone.commit_all("mail").passes_silently();
    // What the range starts from was never fetched; a tip that is right needs no comparison.
    let second = clone.top().join("second.git");
    clone.git(&["init", "--quiet", "--bare", second.to_str().unwrap()]).passes();
    clone.git(&["push", "--quiet", "--no-verify", second.to_str().unwrap(), "HEAD~2:refs/heads/main"]);
    let push = |tip: &str| {
        let id = |rev: &str| clone.line(&["rev-parse", rev]);
        let line = format!("refs/heads/main {} refs/heads/main {}\n", id(tip), id("HEAD~2"));
        clone.run(TOOL, &["ops-migrate", "hook", "pre-push", "--", "second", "url"], &line, &[])
    };
    push("HEAD").passes_silently();
    clone.tool(&["check", "--range", "HEAD~2..HEAD"]).passes_silently();
    // Where it is not right, nobody can say whose it is.
    clone.add_column("zip");
    clone.record("zip");
    let ran = clone.tool(&["check", "--range", "HEAD~3..HEAD"]);
    assert!(ran.code == 2 && ran.stderr.starts_with("error: could not check: "), "{}", ran.stderr);
    ran.says(&["this is a partial clone"]);
}

mod root_tests {
    use super::{NICK, RealRepo};

    #[test]
    fn row_38_somebody_elses_repository() {
        let mut repo = RealRepo::new();
        repo.add_column("nick");
        repo.git(&["add", "--all"]).passes();
        let chown = std::process::Command::new("chown").args(["-R", "65534"]).arg(&repo.root).status();
        assert!(chown.unwrap().success(), "only root may give files away: cargo xtask test leaves this test out");
        let line = "error: could not check: the repository cannot be opened: detected dubious ownership";
        let ran = repo.tool(&["check", "--staged"]);
        assert!(ran.code == 2 && ran.stderr.starts_with(line), "{}", ran.stderr);
        for (name, value) in [("COUNT", "1"), ("KEY_0", "safe.directory"), ("VALUE_0", "*")] {
            repo.vars.insert(format!("GIT_CONFIG_{name}"), value.to_owned());
        }
        repo.commit("nick").blocks(NICK);
        repo.add_revision(1, "nick");
        repo.commit_all("nick").passes_silently();
    }
}

#[test]
fn row_39_models_behind_a_link_that_leads_out() {
    let repo = RealRepo::new();
    fs_err::write(repo.top().join("outside.rs"), repo.read("src/schema.rs")).unwrap();
    fs_err::remove_file(repo.path("src/schema.rs")).unwrap();
    std::os::unix::fs::symlink("../../outside.rs", repo.path("src/schema.rs")).unwrap();
    repo.git(&["add", "--all"]).passes();
    let line = "error: could not check: src/schema.rs is a symbolic link that leads out of the repository";
    repo.tool(&["check", "--staged"]).fails(2, line, &[]);
    assert_eq!(repo.commit("a link").code, 1);
    assert_eq!(repo.line(&["log", "--format=%s"]), "first");
}

/// What is missing in the repository is said, and nothing of the user's is touched.
#[test]
fn missing_objects_are_no_changes_of_nobody() {
    let repo = RealRepo::new();
    repo.add_column("nick");
    repo.git(&["add", "--all"]).passes();
    let status = repo.line(&["status", "--porcelain"]);
    let blob = repo.line(&["rev-parse", ":src/schema.rs"]);
    fs_err::remove_file(repo.path(&format!(".git/objects/{}/{}", &blob[..2], &blob[2..]))).unwrap();
    let ran = repo.tool(&["check", "--staged"]);
    assert!(
        ran.code == 2 && ran.stderr.starts_with("error: could not check: a file's content cannot be read"),
        "{ran:?}"
    );
    assert_eq!(repo.commit("nick").code, 1);
    assert_eq!(repo.line(&["status", "--porcelain"]), status);
    // Of the parent: nobody can say whose a difference is.
    let repo = RealRepo::new();
    let blob = repo.line(&["rev-parse", "HEAD:src/schema.rs"]);
    repo.add_column("nick");
    repo.git(&["add", "--all"]).passes();
    fs_err::remove_file(repo.path(&format!(".git/objects/{}/{}", &blob[..2], &blob[2..]))).unwrap();
    let ran = repo.tool(&["check", "--staged"]);
    assert!(ran.code == 2 && ran.stderr.starts_with("error: could not check: "), "{ran:?}");
}

/// Bytes that the hook and everything it starts have read, as the shell that waits for it is told
/// (proc(5), /proc/pid/io).
#[cfg(target_os = "linux")]
fn bytes_read(repo: &RealRepo) -> u64 {
    let script = "cat /proc/$$/io; .git/hooks/pre-commit || exit $?; cat /proc/$$/io";
    let ran = repo.run("sh", &["-c", script], "", &[("GIT_INDEX_FILE", ".git/index")]).passes();
    let counts = ran.stdout.lines().filter_map(|line| line.strip_prefix("rchar: ")?.parse().ok());
    let [before, after] = counts.collect::<Vec<u64>>()[..] else { panic!("{}", ran.stdout) };
    after - before
}

/// Where nothing of ours has changed, what is read is small and does not grow with the repository.
#[cfg(target_os = "linux")]
#[test]
fn row_62_bytes_read() {
    let measured = |files: usize| {
        let repo = RealRepo::new();
        for n in 0..files {
            repo.write(&format!("docs/{}/{n}.md", n % 50), format!("{n}\n"));
        }
        repo.record("docs");
        repo.write("docs/0/0.md", "other\n");
        repo.git(&["add", "--all"]).passes();
        bytes_read(&repo)
    };
    let (few, many) = (measured(100), measured(2_000));
    assert!(many < 100_000 && many.abs_diff(few) < 20_000, "{few} bytes of 100 files, {many} of 2,000");
}

/// A revision that somebody deleted, and did not stage, mends nothing.
#[test]
fn a_revision_missing_from_the_work_tree_is_not_forgotten() {
    let repo = RealRepo::new();
    repo.add_column("nick");
    let revision = repo.add_revision(1, "nick");
    repo.record("nick");
    repo.edit("src/schema.rs", "        nick -> Nullable<Text>,\n", "");
    repo.record("models without it");
    fs_err::remove_dir_all(repo.path(&revision)).unwrap();
    repo.tool(&["check", "--tree", "HEAD"]).says(&["write it:  cargo ops-migrate create \"users nick removed\""]);
}
