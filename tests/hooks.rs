//! Hooks where they are installed: beside foreign ones, in every kind of repository, found and run by
//! real git with and without the tool.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::common::real::{RealRepo, TOOL};

const NICK: &str = "ops-migrate: users.nick added in src/schema.rs:5 has no migration";

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
    for (name, _, bytes) in listing(&repo.path(".git/hooks")) {
        let path = repo.path(".git/hooks").join(name);
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
        ["pre-applypatch", "pre-commit", "pre-merge-commit", "pre-push", "pre-push.ops-migrate-prev"]
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
fn row_54_the_tool_is_missing_where_hooks_only_tell() {
    let repo = RealRepo::bare_crate(&[]);
    repo.tool(&["hooks", "install", "--notices"]).passes();
    hide_tool(&repo);
    repo.git(&["checkout", "--quiet", "-b", "topic"]).passes_silently();
    repo.add_revision(1, "nick");
    repo.record("nick");
    repo.git(&["checkout", "--quiet", "main"]).passes_silently();
    repo.git(&["merge", "--quiet", "topic"]).passes_silently();
}

#[test]
fn row_57_a_branch_without_a_backend() {
    let repo = RealRepo::new().with_origin();
    repo.git(&["checkout", "--quiet", "--orphan", "pages"]).passes();
    repo.git(&["rm", "--quiet", "-rf", "."]).passes();
    repo.write("index.html", "<p>\n");
    repo.write("tools.rs", "fn main() {}\n");
    repo.commit_all("pages").passes_silently();
    repo.git(&["push", "--quiet", "origin", "pages"]).passes_silently();
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

/// Git that says it is of another version; the rest is the real one's.
fn pretend_version(repo: &mut RealRepo, version: &str) {
    let dir = repo.top().join(format!("git {version}"));
    let git = repo.top().join("system/git");
    let script = format!(
        "#!/bin/sh\n[ \"$1\" = version ] && {{ echo 'git version {version}'; exit; }}\nexec '{}' \"$@\"\n",
        git.display()
    );
    repo.write_script(&dir.join("git"), &script);
    let path = format!("{}:{}", dir.display(), repo.vars["PATH"]);
    repo.vars.insert("PATH".to_owned(), path);
}

/// Whether the git of this machine runs hooks from its configuration.
fn runs_config_hooks(repo: &RealRepo) -> bool {
    let version = repo.line(&["version"]);
    let mut numbers = version.trim_start_matches("git version ").split('.').map(|n| n.parse::<u32>().unwrap_or(0));
    (numbers.next().unwrap(), numbers.next().unwrap()) >= (2, 54)
}

#[test]
fn row_59_hooks_from_the_configuration() {
    let repo = RealRepo::new();
    let is_new = runs_config_hooks(&repo);
    let before = listing(&repo.path(".git/hooks"));
    let old = "error: git 2.53.1 runs no hooks from its configuration and says nothing about it (2.54 and newer do)";
    let mut older = repo.beside("repo");
    pretend_version(&mut older, "2.53.1");
    older.tool(&["hooks", "install", "--via", "config"]).fails(2, old, &["cargo ops-migrate hooks install"]);
    assert_eq!(listing(&repo.path(".git/hooks")), before);

    // In place of the files, so that no check runs twice.
    let mut newer = repo.beside("repo");
    pretend_version(&mut newer, "2.54.0");
    newer.tool(&["hooks", "install", "--via", "config"]).passes();
    assert!(listing(&repo.path(".git/hooks")).is_empty());
    let shim = repo.path(".git/ops-migrate/hooks/pre-push");
    assert_eq!(repo.line(&["config", "hook.ops-migrate-pre-push.event"]), "pre-push");
    assert_eq!(repo.line(&["config", "hook.ops-migrate-pre-push.command"]), format!("'{}'", shim.display()));
    assert_eq!(
        newer.hook_status("pre-push"),
        (true, "git runs hook.ops-migrate-pre-push (local configuration)".to_owned())
    );
    assert_eq!(
        older.hook_status("pre-commit"),
        (
            false,
            "hook.ops-migrate-pre-commit (local configuration) is left out by git 2.53.1: hooks of the configuration need 2.54 or newer".to_owned()
        )
    );
    // As git would call it: through the shell, with what the hook is given behind it.
    let command = repo.line(&["config", "hook.ops-migrate-pre-commit.command"]);
    repo.add_column("nick");
    repo.git(&["add", "--all"]).passes();
    repo.run("sh", &["-c", &format!("{command} \"$@\""), "git"], "", &[]).blocks(NICK);
    if is_new {
        repo.commit("nick").blocks(NICK);
        repo.git(&["config", "core.hooksPath", "/dev/null"]).passes();
        repo.commit("nick").blocks(NICK);
        repo.git(&["config", "--unset", "core.hooksPath"]).passes();
    } else {
        assert!(!repo.hook_status("pre-commit").0);
    }
    newer.git(&["config", "hook.ops-migrate-pre-commit.enabled", "false"]).passes();
    assert!(!newer.hook_status("pre-commit").0);

    // Back to files, and then to nothing.
    repo.tool(&["hooks", "install"]).passes();
    assert_eq!(listing(&repo.path(".git/hooks")), before);
    assert!(!shim.exists());
    assert_eq!(repo.git(&["config", "--get-regexp", "^hook"]).code, 1);
    repo.commit("nick").blocks(NICK);
    newer.tool(&["hooks", "install", "--via", "config"]).passes();
    repo.tool(&["hooks", "uninstall"]).passes();
    assert_eq!(repo.git(&["config", "--get-regexp", "^hook"]).code, 1);
    assert!(!repo.path(".git/ops-migrate/hooks").exists());
}

/// What Git for Windows cannot start, and what a shell other than bash cannot read.
#[test]
fn row_61_scripts_for_every_system() {
    let repo = RealRepo::bare_crate(&[]);
    repo.tool(&["hooks", "install", "--notices"]).passes();
    let mut scripts = listing(&repo.path(".git/hooks"));
    assert_eq!(scripts.len(), 7);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ci = fs_err::read(root.join("hooks/ci/github.sh")).unwrap();
    scripts.push(("github.sh".to_owned(), 0, ci));
    #[expect(clippy::disallowed_methods, reason = "the shells of this machine have to be found")]
    let path = std::env::var("PATH").unwrap();
    let find = |name: &str| std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file());
    let shells = [("sh", None), ("dash", None), ("bash", Some("--posix")), ("busybox", Some("sh"))];
    for (name, _, bytes) in scripts {
        assert!(bytes.is_ascii() && !bytes.contains(&b'\r'), "{name}");
        assert!(name == "github.sh" || bytes.starts_with(b"#!/bin/sh\n"), "{name}");
        let file = repo.top().join(&name);
        fs_err::write(&file, &bytes).unwrap();
        for (shell, argument) in shells {
            let Some(program) = find(shell) else { continue };
            let arguments: Vec<&str> = argument.into_iter().chain(["-n", file.to_str().unwrap()]).collect();
            repo.run(program.to_str().unwrap(), &arguments, "", &[]).passes_silently();
        }
    }
    // Paths with backslashes would be escapes.
    let shim = ops_migrate::hooks::render(ops_migrate::hooks::Hook::PreCommit, "C:/it's/cargo-ops-migrate.exe", "1");
    assert!(String::from_utf8(shim).unwrap().contains(r"'C:/it'\''s/cargo-ops-migrate.exe'"));
    let attributes = fs_err::read_to_string(root.join(".gitattributes")).unwrap();
    assert!(attributes.contains("hooks/** text eol=lf"), "{attributes}");
}

#[test]
fn status_says_all_that_is_known() {
    let mut repo = RealRepo::new();
    let status = repo.tool(&["hooks", "status", "--format", "json"]).passes().json();
    assert_eq!(status["directory"], repo.path(".git/hooks").to_str().unwrap());
    assert_eq!((&status["hooks_path"], &status["prove"]), (&serde_json::Value::Null, &false.into()));
    assert!(repo.line(&["version"]).contains(status["git"].as_str().unwrap()));
    let hook = &status["hooks"][0];
    assert_eq!(
        (&hook["hook"], &hook["owner"], &hook["shim"]),
        (&"pre-commit".into(), &"cargo ops-migrate".into(), &1.into())
    );
    assert_eq!(hook["tool"], repo.top().join("bin/cargo-ops-migrate").to_str().unwrap());
    // Nothing is on a bare PATH, but the shim remembers where the tool was.
    assert_eq!(hook["tool_with_a_bare_path"], TOOL);
    // Another directory counts now.
    repo.git(&["config", "core.hooksPath", ".githooks"]).passes();
    let status = repo.tool(&["hooks", "status", "--format", "json"]).json();
    assert_eq!(status["hooks_path"], serde_json::json!({ "scope": "local", "value": ".githooks" }));
    repo.git(&["config", "--unset", "core.hooksPath"]).passes();
    repo.git(&["update-index", "--refresh"]).passes();
    fs_err::set_permissions(repo.path(".git/hooks/pre-push"), PermissionsExt::from_mode(0o644)).unwrap();
    assert_eq!(
        repo.hook_status("pre-push"),
        (false, "the file is not executable, so git leaves it out (chmod +x)".to_owned())
    );
    // A hook of the user's own that calls the tool by its name needs it on the PATH of whoever runs git.
    let own = "#!/bin/sh\nexec cargo-ops-migrate ops-migrate check --staged\n";
    repo.write_script(&repo.path(".git/hooks/pre-commit"), own);
    assert_eq!(repo.hook_status("pre-commit"), (true, "another hook calls cargo-ops-migrate".to_owned()));
    repo.tool(&["hooks", "status"])
        .says(&["with a PATH of /usr/bin:/bin", "pre-commit would not find cargo-ops-migrate"]);
    repo.vars.insert("OPS_MIGRATE_BIN".to_owned(), "/nowhere".to_owned());
    assert!(repo.hook_status("pre-merge-commit").0);
}
