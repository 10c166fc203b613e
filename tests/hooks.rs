//! Hooks where they are installed: beside foreign ones, in every kind of repository, found and run by
//! real git with and without the tool.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::common::real::{RealRepo, TOOL};

const NICK: &str = "ops-migrate: users.nick added in src/schema.rs:5 has no migration";
const HOOKS: [&str; 3] = ["pre-commit", "pre-merge-commit", "pre-push"];

fn install(repo: &RealRepo) {
    repo.tool(&["hooks", "install"]).passes();
}

/// What stands in a hooks directory: names, modes, contents; of a link, where it leads.
fn listing(dir: &Path) -> Vec<(String, u32, Vec<u8>)> {
    let mut found: Vec<_> = fs_err::read_dir(dir)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let metadata = fs_err::symlink_metadata(&path).unwrap();
            let text = match std::fs::read_link(&path) {
                Ok(target) => target.to_str().unwrap().as_bytes().to_vec(),
                Err(_) => fs_err::read(&path).unwrap(),
            };
            (path.file_name().unwrap().to_str().unwrap().to_owned(), metadata.permissions().mode(), text)
        })
        .filter(|(name, ..)| !name.ends_with(".sample"))
        .collect();
    found.sort();
    found
}

/// A model change without its revision is held back.
#[track_caller]
fn guards(repo: &RealRepo) {
    let before = repo.read("src/schema.rs");
    repo.add_column("nick");
    repo.commit_all("nick").blocks(NICK);
    repo.write("src/schema.rs", before);
    repo.git(&["reset", "--quiet"]).passes();
}

/// Takes the tool away from everywhere that a hook looks.
fn hide_tool(repo: &RealRepo) {
    fs_err::remove_file(repo.top().join("bin/cargo-ops-migrate")).unwrap();
    for hook in HOOKS {
        let path = repo.path(&format!(".git/hooks/{hook}"));
        let bytes = fs_err::read(&path).unwrap();
        let baked = ops_migrate::hooks::baked_binary(&bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        fs_err::write(&path, text.replace(&baked, "/nowhere/cargo-ops-migrate")).unwrap();
    }
}

#[test]
fn row_48_over_foreign_hooks() {
    let repo = RealRepo::bare_crate(&[]);
    let hook = repo.path(".git/hooks/pre-commit");
    let log = repo.top().join("log");
    repo.write_script(&hook, &format!("#!/bin/sh\necho \"mine $#\" >>'{}'\nexit ${{MINE:-0}}\n", log.display()));
    install(&repo);
    guards(&repo);
    assert_eq!(fs_err::read_to_string(&log).unwrap(), "mine 0\n");
    // It has the first say.
    repo.add_column("nick");
    repo.git(&["add", "--all"]).passes();
    let ran = repo.run("git", &["commit", "-m", "nick"], "", &[("MINE", "3")]);
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""));
}

#[test]
fn row_48_over_programs_and_hooks_that_git_leaves_out() {
    let repo = RealRepo::bare_crate(&[]);
    let system = fs_err::canonicalize(repo.top().join("system/true")).unwrap();
    fs_err::copy(system, repo.path(".git/hooks/pre-commit")).unwrap();
    // Nobody may run this one, so nobody has: that stays so.
    repo.write(".git/hooks/pre-push", "#!/bin/sh\nexit 9\n");
    let before = listing(&repo.path(".git/hooks"));
    install(&repo);
    guards(&repo);
    let repo = repo.with_origin();
    repo.write("README.md", "docs\n");
    repo.record("docs");
    repo.git(&["push", "--quiet", "origin", "main"]).passes_silently();
    repo.tool(&["hooks", "uninstall"]).passes();
    assert_eq!(listing(&repo.path(".git/hooks")), before);
}

#[test]
fn row_48_over_a_link_to_a_tracked_file() {
    let repo = RealRepo::bare_crate(&[]);
    repo.write_script(&repo.path("scripts/check"), "#!/bin/sh\nexit 0\n");
    repo.record("script");
    std::os::unix::fs::symlink("../../scripts/check", repo.path(".git/hooks/pre-commit")).unwrap();
    let before = listing(&repo.path(".git/hooks"));
    install(&repo);
    guards(&repo);
    assert_eq!(repo.line(&["status", "--porcelain"]), "");
    repo.tool(&["hooks", "uninstall"]).passes();
    assert_eq!(listing(&repo.path(".git/hooks")), before);
}

#[test]
fn row_49_twice_and_back() {
    let repo = RealRepo::bare_crate(&[]);
    repo.write_script(&repo.path(".git/hooks/pre-push"), "#!/bin/sh\nexit 0\n");
    let before = listing(&repo.path(".git/hooks"));
    install(&repo);
    let once = listing(&repo.path(".git/hooks"));
    assert_eq!(
        once.iter().map(|(name, ..)| name.as_str()).collect::<Vec<_>>(),
        ["pre-commit", "pre-merge-commit", "pre-push", "pre-push.ops-migrate-prev"]
    );
    install(&repo);
    assert_eq!(listing(&repo.path(".git/hooks")), once);
    repo.tool(&["hooks", "status"]).passes();
    repo.tool(&["hooks", "uninstall"]).passes();
    assert_eq!(listing(&repo.path(".git/hooks")), before);
    assert_eq!(repo.tool(&["hooks", "status"]).code, 1);
    repo.add_column("nick");
    repo.commit_all("nobody looks").passes_silently();
}

#[test]
fn row_50_git_lfs_runs_first_and_reads_everything() {
    let repo = RealRepo::bare_crate(&[]).with_origin();
    let log = repo.top().join("lfs");
    let lfs = format!(
        "#!/bin/sh\n# git lfs pre-push \"$@\"\n{{ echo \"$1\"; cat; }} >>'{}'\nexit ${{LFS:-0}}\n",
        log.display()
    );
    repo.write_script(&repo.path(".git/hooks/pre-push"), &lfs);
    install(&repo);
    repo.add_column("nick");
    repo.record("nick");
    repo.git(&["push", "--quiet", "origin", "main", "main~1:refs/heads/b"]).blocks(NICK);
    let id = |name: &str| repo.line(&["rev-parse", name]);
    let (tip, base, zero) = (id("main"), id("main~1"), "0".repeat(40));
    let expected = format!("origin\nrefs/heads/main {tip} refs/heads/main {base}\nmain~1 {base} refs/heads/b {zero}\n");
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&fs_err::read_to_string(&log).unwrap()), sorted(&expected));
    // Its refusal stands, and it is asked about deletions too.
    let ran = repo.run("git", &["push", "--quiet", "origin", "main"], "", &[("LFS", "2")]);
    assert!(ran.code == 1 && !ran.stderr.contains("ops-migrate"), "{}", ran.stderr);
    repo.git(&["push", "--quiet", "origin", "main~1:refs/heads/c"]).passes();
    fs_err::remove_file(&log).unwrap();
    repo.git(&["push", "--quiet", "origin", ":c"]).passes();
    assert!(fs_err::read_to_string(&log).unwrap().contains("(delete)"));
}

#[test]
fn row_54_the_tool_is_missing() {
    let repo = RealRepo::new().with_origin();
    hide_tool(&repo);
    repo.write("README.md", "docs\n");
    repo.commit_all("docs").passes_silently();
    repo.add_column("nick");
    repo.git(&["add", "--all"]).passes();
    let line = "ops-migrate: pre-commit stopped, because cargo-ops-migrate is not installed and models or migrations are staged";
    repo.commit("nick").fails(1, line, &["cargo install cargo-ops-migrate", "OPS_MIGRATE_SKIP=1 git commit"]);
    repo.run("git", &["commit", "--quiet", "-m", "nick"], "", &[("OPS_MIGRATE_SKIP", "1")]).passes_silently();
    let line = "ops-migrate: pre-push stopped, because cargo-ops-migrate is not installed";
    repo.git(&["push", "--quiet", "origin", "main"]).fails(1, line, &["OPS_MIGRATE_SKIP=1 git push"]);
    repo.run("git", &["push", "--quiet", "origin", "main"], "", &[("SKIP", "ops-migrate")]).passes();
    repo.git(&["push", "--quiet", "origin", "main"]).passes_silently();
}

#[test]
fn row_55_the_tool_is_only_where_cargo_installs() {
    let mut repo = RealRepo::new();
    hide_tool(&repo);
    // The environment of a graphical program.
    let system = repo.top().join("system");
    repo.vars.retain(|name, _| name == "HOME" || name.starts_with("GIT_"));
    repo.vars.insert("PATH".to_owned(), system.to_str().unwrap().to_owned());
    let home = repo.top().join("home dir/.cargo/bin");
    fs_err::create_dir_all(&home).unwrap();
    std::os::unix::fs::symlink(TOOL, home.join("cargo-ops-migrate")).unwrap();
    guards(&repo);
    let moved = repo.top().join("cargo home");
    fs_err::rename(repo.top().join("home dir/.cargo"), &moved).unwrap();
    repo.vars.insert("CARGO_HOME".to_owned(), moved.to_str().unwrap().to_owned());
    guards(&repo);
    repo.vars.remove("CARGO_HOME");
    repo.vars.insert("OPS_MIGRATE_BIN".to_owned(), moved.join("bin/cargo-ops-migrate").to_str().unwrap().to_owned());
    guards(&repo);
}

#[test]
fn row_55_the_tool_is_only_where_it_was_at_installation() {
    let repo = RealRepo::new();
    fs_err::remove_file(repo.top().join("bin/cargo-ops-migrate")).unwrap();
    guards(&repo);
}

/// Programs that write their name down instead of working, first on the PATH.
fn watch(repo: &mut RealRepo, programs: &[&str]) -> PathBuf {
    let (dir, log) = (repo.top().join("watched"), repo.top().join("started"));
    for program in programs {
        repo.write_script(&dir.join(program), &format!("#!/bin/sh\necho {program} >>'{}'\nexit 1\n", log.display()));
    }
    let path = format!("{}:{}", dir.display(), repo.vars["PATH"]);
    repo.vars.insert("PATH".to_owned(), path);
    log
}

#[test]
fn row_56_no_hook_starts_cargo() {
    let mut repo = RealRepo::new();
    repo.write("rust-toolchain.toml", "[toolchain]\nchannel = \"1.2.3\"\n");
    repo.record("pinned");
    let log = watch(&mut repo, &["cargo", "rustup", "rustc", "psql", "diesel"]);
    guards(&repo);
    repo.add_column("nick");
    repo.add_revision(1, "nick");
    repo.commit_all("nick").passes_silently();
    assert!(!log.exists(), "{}", fs_err::read_to_string(log).unwrap());
}

/// Git starts the shell, the shell becomes the tool, and the tool asks git once for what is staged;
/// nothing else is started. Run as git runs the hook, since git puts its own directory in front of
/// the PATH. The git here only writes its name down: the tool has to find its way without it.
#[test]
fn row_62_two_processes() {
    let repo = RealRepo::new();
    let system = repo.top().join("system");
    let watched: Vec<String> = fs_err::read_dir(&system)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "sh")
        .collect();
    let run = |repo: &RealRepo, bare: &RealRepo| {
        let hook = repo.path(".git/hooks/pre-commit");
        let vars = [("GIT_INDEX_FILE", ".git/index"), ("GIT_PREFIX", ""), ("GIT_EDITOR", ":")];
        bare.run(hook.to_str().unwrap(), &[], "", &vars)
    };
    let mut bare = repo.beside("repo");
    let log = watch(&mut bare, &watched.iter().map(String::as_str).collect::<Vec<_>>());
    repo.write("README.md", "docs\n");
    repo.git(&["add", "--all"]).passes();
    run(&repo, &bare).passes_silently();
    assert_eq!(fs_err::read_to_string(&log).unwrap(), "git\n");
    repo.add_column("nick");
    repo.git(&["add", "--all"]).passes();
    run(&repo, &bare).blocks(NICK);
    repo.add_revision(1, "nick");
    repo.git(&["add", "--all"]).passes();
    run(&repo, &bare).passes_silently();
    let started = fs_err::read_to_string(&log).unwrap();
    assert!(started.lines().all(|program| program == "git"), "{started}");
}
