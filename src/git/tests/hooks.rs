//! Installing, running and removing the hooks, in real repositories and under a plain `sh`.

use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use expect_test::expect;

use super::Sandbox;
use crate::git::hook_status::{HookStatus, status};
use crate::git::install::{Options, Report, What, install, slot, uninstall};
use crate::git::record::Record;
use crate::hooks::Hook;
use crate::hooks::managers::Manager;

const HOOKS: [&str; 4] = ["pre-commit", "pre-merge-commit", "pre-push", "pre-applypatch"];

fn hooks_of(sandbox: &Sandbox) -> Vec<HookStatus> {
    status(&sandbox.open()).unwrap().hooks
}

impl Sandbox {
    fn install(&self) -> Report {
        install(&self.open(), &Options { binary: Some(self.stub()), ..Options::default() }).unwrap()
    }

    /// A stand-in for the tool, which prints how it was called and what it was given; its exit code is
    /// `$STUB`.
    fn stub(&self) -> PathBuf {
        let file = self.dir.path().canonicalize().unwrap().join("home dir/it's cargo-ops-migrate");
        std::fs::write(&file, "#!/bin/sh\necho \"stub $*\"\ncat\nexit ${STUB:-0}\n").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
        file
    }

    /// Everything in the hooks directory that is not a sample: name, mode, target or content.
    fn hooks(&self) -> Vec<(String, u32, Vec<u8>)> {
        describe(&self.path().join(".git/hooks"))
    }

    /// Runs an installed hook with nothing but a minimal environment.
    fn run_hook(&self, name: &str, args: &[&str], vars: &[(&str, &str)], stdin: &str) -> Output {
        let mut child = Command::new("/bin/sh")
            .arg(self.path().join(".git/hooks").join(name))
            .args(args)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .envs(vars.iter().copied())
            .current_dir(self.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // The hook may end without having read it.
        drop(child.stdin.take().unwrap().write_all(stdin.as_bytes()));
        child.wait_with_output().unwrap()
    }
}

fn describe(dir: &Path) -> Vec<(String, u32, Vec<u8>)> {
    let Ok(entries) = std::fs::read_dir(dir) else { return Vec::new() };
    let mut found: Vec<_> = entries
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), entry.path()))
        .filter(|(name, _)| !name.ends_with(".sample"))
        .map(|(name, path)| {
            let link = std::fs::read_link(&path).map(|target| target.into_os_string().into_encoded_bytes());
            let bytes = link.unwrap_or_else(|_| std::fs::read(&path).unwrap());
            (name, path.symlink_metadata().unwrap().permissions().mode() & 0o7777, bytes)
        })
        .collect();
    found.sort();
    found
}

fn whats(report: &Report) -> Vec<&What> {
    report.done.iter().map(|done| &done.what).collect()
}

fn text(output: &Output) -> String {
    let code = output.status.code().unwrap();
    format!("{}{}exit {code}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn installing_twice_changes_nothing_and_removing_leaves_nothing() {
    let sandbox = Sandbox::new();
    std::fs::remove_dir_all(sandbox.path().join(".git/hooks")).unwrap();
    assert_eq!(whats(&sandbox.install()), [&What::Written; 4]);
    let first = sandbox.hooks();
    let mut names = HOOKS;
    names.sort_unstable();
    assert_eq!(
        first.iter().map(|(name, mode, _)| (name.as_str(), *mode)).collect::<Vec<_>>(),
        names.map(|h| (h, 0o755))
    );
    assert!(first.iter().all(|(_, _, bytes)| !bytes.contains(&b'\r') && bytes.starts_with(b"#!/bin/sh\n")));
    assert_eq!(whats(&sandbox.install()), [&What::Unchanged; 4]);
    assert_eq!(sandbox.hooks(), first);
    assert_eq!(whats(&uninstall(&sandbox.open()).unwrap()), [&What::Removed; 4]);
    assert!(!sandbox.path().join(".git/hooks").exists() && !sandbox.path().join(".git/ops-migrate").exists());
    assert_eq!(whats(&uninstall(&sandbox.open()).unwrap()), [&What::Unchanged; 0]);
}

#[test]
fn hooks_that_were_here_before_run_first_and_come_back_byte_for_byte() {
    let sandbox = Sandbox::new();
    sandbox.write("scripts/hook", "#!/bin/sh\necho linked\n");
    std::fs::set_permissions(sandbox.path().join("scripts/hook"), std::fs::Permissions::from_mode(0o755)).unwrap();
    symlink("../../scripts/hook", sandbox.path().join(".git/hooks/pre-commit")).unwrap();
    let binary = sandbox.hook("pre-merge-commit", "");
    std::fs::write(&binary, b"\x7fELF\xff\r\n").unwrap();
    std::fs::set_permissions(&binary, std::fs::Permissions::from_mode(0o640)).unwrap();
    let push = sandbox.hook("pre-push", "#!/bin/sh\r\n");
    std::fs::set_permissions(&push, std::fs::Permissions::from_mode(0o711)).unwrap();
    sandbox.hook("pre-applypatch", "#!/bin/sh\n");
    let before = sandbox.hooks();

    assert_eq!(whats(&sandbox.install()), [&What::Chained; 4]);
    assert_eq!(std::fs::read_to_string(sandbox.path().join("scripts/hook")).unwrap(), "#!/bin/sh\necho linked\n");
    let ran = text(&sandbox.run_hook("pre-commit", &[], &[], ""));
    assert_eq!(ran, "linked\nstub ops-migrate hook pre-commit --shim 1 --\nexit 0");
    // Git left a hook out that nobody may execute, and so do we.
    let ran = text(&sandbox.run_hook("pre-merge-commit", &[], &[], ""));
    assert_eq!(ran, "stub ops-migrate hook pre-merge-commit --shim 1 --\nexit 0");
    assert_eq!(whats(&sandbox.install()), [&What::Unchanged; 4]);

    let report = uninstall(&sandbox.open()).unwrap();
    assert_eq!(whats(&report), [&What::Restored; 4]);
    assert!(report.notes.is_empty(), "{:?}", report.notes);
    assert_eq!(sandbox.hooks(), before);
}

/// A program that Git for Windows takes for a hook is moved aside with its extension, and runs from there.
#[test]
fn row_48_a_program_with_an_extension() {
    let sandbox = Sandbox::new();
    let program = sandbox.hook("pre-commit.exe", "#!/bin/sh\necho program\n");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let dir = program.parent().unwrap();
    let look = |programs: bool| slot(dir, Hook::PreCommit, &Record::default(), programs).unwrap();
    assert!(look(false).found.is_none());
    assert_eq!((look(true).extension, look(true).found.is_some(), look(true).has_previous), (".exe", true, false));
    let (from, to) = look(true).names();
    std::fs::rename(dir.join(from), dir.join(to)).unwrap();
    sandbox.install();
    let now = look(true);
    assert_eq!((now.extension, now.is_ours(), now.has_previous), (".exe", true, true));
    let ran = text(&sandbox.run_hook("pre-commit", &[], &[], ""));
    assert_eq!(ran, "program\nstub ops-migrate hook pre-commit --shim 1 --\nexit 0");
    // A file of the plain name is the one that git runs.
    std::fs::remove_file(dir.join(now.names().1)).unwrap();
    sandbox.hook("pre-commit.exe", "");
    assert_eq!((look(true).extension, look(true).is_ours()), ("", true));
}

#[test]
fn what_is_in_the_way_stops_the_installation_before_it_starts() {
    let sandbox = Sandbox::new();
    sandbox.hook("pre-push", "#!/bin/sh\n");
    sandbox.hook("pre-push.ops-migrate-prev", "#!/bin/sh\n");
    let before = sandbox.hooks();
    let error = install(&sandbox.open(), &Options::default()).unwrap_err();
    assert!(error.message.starts_with("no hooks were installed: pre-push is not ours"), "{error}");
    assert_eq!(sandbox.hooks(), before);
    // A shim that somebody has written into is theirs too.
    let sandbox = Sandbox::new();
    sandbox.install();
    let file = sandbox.path().join(".git/hooks/pre-commit");
    let mine = std::fs::read_to_string(&file).unwrap() + "echo mine\n";
    std::fs::write(&file, &mine).unwrap();
    assert!(install(&sandbox.open(), &Options::default()).is_err());
    let report = uninstall(&sandbox.open()).unwrap();
    assert!(matches!(&report.done[0].what, What::Refused(why) if why.contains("changed by hand")), "{report:?}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), mine);
}

#[test]
fn hooks_go_where_git_runs_them_from() {
    // Set in the repository, inside of it: there, with a word about `git status`.
    let sandbox = Sandbox::new();
    sandbox.git(&["config", "core.hooksPath", "tools/hooks"]);
    let report = sandbox.install();
    assert_eq!(report.dir, sandbox.path().join("tools/hooks"));
    assert!(report.notes[0].ends_with("the hooks will appear in `git status`"), "{:?}", report.notes);
    assert_eq!(describe(&report.dir).len(), HOOKS.len());
    // Uninstalling finds them although git looks elsewhere by now.
    sandbox.git(&["config", "--unset", "core.hooksPath"]);
    uninstall(&sandbox.open()).unwrap();
    assert!(!report.dir.exists());

    // The same for one work tree alone.
    sandbox.git(&["config", "extensions.worktreeConfig", "true"]);
    sandbox.git(&["config", "--worktree", "core.hooksPath", ".git/own"]);
    assert_eq!(sandbox.install().dir, sandbox.path().join(".git/own"));
    sandbox.git(&["config", "--worktree", "--unset", "core.hooksPath"]);

    // A linked work tree shares the hooks; a submodule has its own.
    sandbox.git(&["worktree", "add", "-q", "../linked"]);
    let linked = super::Repo::open(&sandbox.path().with_file_name("linked"), &sandbox.vars).unwrap().unwrap();
    assert_eq!(install(&linked, &Options::default()).unwrap().dir, sandbox.path().join(".git/hooks"));
    sandbox.git(&["clone", "-q", ".", "../other"]);
    sandbox.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../other", "sub"]);
    let sub = super::Repo::open(&sandbox.path().join("sub"), &sandbox.vars).unwrap().unwrap();
    assert_eq!(sub.root(), Some(sandbox.path().join("sub").as_path()));
    assert_eq!(install(&sub, &Options::default()).unwrap().dir, sandbox.path().join(".git/modules/sub/hooks"));
}

#[test]
fn directories_that_are_not_this_repositorys_own_are_left_alone() {
    let shared = |sandbox: &Sandbox| sandbox.dir.path().join("shared").display().to_string();
    let check = |arrange: &dyn Fn(&Sandbox), words: &str| {
        let sandbox = Sandbox::new();
        arrange(&sandbox);
        let error = install(&sandbox.open(), &Options::default()).unwrap_err();
        assert!(error.message.contains(words) && !error.hints.is_empty(), "{error:?}");
        assert!(sandbox.hooks().is_empty() && !sandbox.dir.path().join("shared").exists());
        assert!(hooks_of(&sandbox).iter().all(|hook| !hook.would_run));
    };
    check(
        &|s| drop(s.git(&["config", "--global", "core.hooksPath", &shared(s)])),
        "(global configuration): those hooks",
    );
    check(
        &|s| drop(s.git(&["config", "--global", "core.hooksPath", "~/hooks"])),
        "(global configuration): those hooks",
    );
    check(&|s| drop(s.git(&["config", "core.hooksPath", &shared(s)])), "outside of this repository");
    check(&|s| drop(s.git(&["config", "core.hooksPath", ""])), "is set to nothing (local configuration)");
    check(&|s| drop(s.git(&["config", "core.hooksPath", "/dev/null"])), "outside of this repository");
    // Named by the user, it is written to.
    let sandbox = Sandbox::new();
    sandbox.git(&["config", "--global", "core.hooksPath", &shared(&sandbox)]);
    let options = Options { hooks_dir: Some(PathBuf::from(".githooks")), ..Options::default() };
    let report = install(&sandbox.open(), &options).unwrap();
    assert_eq!(describe(&sandbox.path().join(".githooks")).len(), HOOKS.len());
    assert!(report.notes[0].contains("git runs hooks from"), "{:?}", report.notes);
}

#[test]
fn managers_are_reported_and_not_chained() {
    let sandbox = Sandbox::new();
    let text = "#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\n";
    sandbox.hook("pre-commit", text);
    let before = sandbox.hooks();
    let report = sandbox.install();
    assert_eq!((report.manager, report.done.len()), (Some(Manager::PreCommit), 0));
    assert_eq!(sandbox.hooks(), before);
    let why = |sandbox: &Sandbox| {
        let all = hooks_of(sandbox);
        all.iter().map(|hook| format!("{} {} {}\n", hook.hook, hook.would_run, hook.why)).collect::<String>()
    };
    expect![[r#"
        pre-commit false pre-commit is in charge of the hooks, and .pre-commit-config.yaml does not name the check
        pre-merge-commit false pre-commit is in charge of the hooks, and .pre-commit-config.yaml does not name the check
        pre-push false pre-commit is in charge of the hooks, and .pre-commit-config.yaml does not name the check
    "#]]
    .assert_eq(&why(&sandbox));
    sandbox.write(".pre-commit-config.yaml", &Manager::PreCommit.snippet(""));
    assert!(why(&sandbox).starts_with("pre-commit true pre-commit runs it from .pre-commit-config.yaml\n"));

    // One that came after us and moved our shim aside.
    let sandbox = Sandbox::new();
    sandbox.install();
    let hooks = sandbox.path().join(".git/hooks");
    std::fs::rename(hooks.join("pre-commit"), hooks.join("pre-commit.legacy")).unwrap();
    sandbox.hook("pre-commit", text);
    assert!(
        why(&sandbox).starts_with("pre-commit true pre-commit runs our shim as pre-commit.legacy\n"),
        "{}",
        why(&sandbox)
    );
    let report = uninstall(&sandbox.open()).unwrap();
    assert!(matches!(&report.done[0].what, What::Refused(why) if why.contains("pre-commit.legacy")), "{report:?}");
    assert_eq!(report.done[1].what, What::Removed);

    // husky's folder counts before it holds a hook.
    let sandbox = Sandbox::new();
    sandbox.git(&["config", "core.hooksPath", ".husky/_"]);
    assert_eq!(sandbox.install().manager, Some(Manager::Husky));
}

#[test]
fn status_says_whether_git_would_run_the_check() {
    let sandbox = Sandbox::new();
    let states = |sandbox: &Sandbox| {
        let all = hooks_of(sandbox);
        all.into_iter().map(|hook| (hook.would_run, hook.why)).collect::<Vec<_>>()
    };
    assert!(states(&sandbox).iter().all(|(run, why)| !run && why == "not installed"));
    sandbox.install();
    let stub = sandbox.stub();
    let found = states(&sandbox);
    assert!(found.iter().all(|(run, why)| *run && why.starts_with("runs ")), "{found:?}");
    std::fs::remove_file(stub).unwrap();
    let hook = sandbox.path().join(".git/hooks/pre-push");
    std::fs::set_permissions(hook, std::fs::Permissions::from_mode(0o644)).unwrap();
    let found = states(&sandbox);
    assert!(!found[2].0 && found[2].1.contains("not executable"), "{found:?}");
    sandbox.hook("pre-merge-commit", "#!/bin/sh\n");
    assert!(!states(&sandbox)[1].0);
}

#[test]
fn shims_find_the_tool_wherever_it_is() {
    let sandbox = Sandbox::new();
    sandbox.install();
    let line = "refs/heads/a 1111 refs/heads/a 0000\n";
    let baked = text(&sandbox.run_hook("pre-push", &["origin", "a b"], &[("STUB", "3")], line));
    assert_eq!(baked, format!("stub ops-migrate hook pre-push --shim 1 -- origin a b\n{line}exit 3"));
    let home = sandbox.dir.path().join("home two");
    let bin = home.join(".cargo/bin");
    std::fs::create_dir_all(&bin).unwrap();
    let put = |file: &Path, name: &str| {
        std::fs::write(file, format!("#!/bin/sh\necho {name}\n")).unwrap();
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)).unwrap();
    };
    put(&bin.join("cargo-ops-migrate"), "home");
    let other = sandbox.dir.path().join("other");
    put(&other, "variable");
    let on_path = sandbox.dir.path().join("path dir");
    std::fs::create_dir(&on_path).unwrap();
    put(&on_path.join("cargo-ops-migrate"), "path");
    let (home, other) = (home.to_str().unwrap(), other.to_str().unwrap());
    let (cargo, path) = (format!("{home}/.cargo"), format!("{}:/usr/bin:/bin", on_path.display()));
    for name in HOOKS {
        let run = |vars: &[(&str, &str)]| text(&sandbox.run_hook(name, &[], vars, line));
        assert_eq!(run(&[("HOME", home)]), "home\nexit 0");
        assert_eq!(run(&[("HOME", "/nowhere"), ("CARGO_HOME", &cargo)]), "home\nexit 0");
        assert_eq!(run(&[("HOME", home), ("PATH", &path)]), "path\nexit 0");
        assert_eq!(run(&[("HOME", home), ("PATH", &path), ("OPS_MIGRATE_BIN", other)]), "variable\nexit 0");
        assert!(run(&[("OPS_MIGRATE_BIN", "/nowhere")]).starts_with("stub "));
        let circle = format!("{name} {}", sandbox.path().display());
        assert_eq!(run(&[("OPS_MIGRATE_IN_HOOK", &circle)]), "exit 0");
    }
}

#[test]
fn without_the_tool_only_what_concerns_it_is_held_back() {
    let sandbox = Sandbox::new();
    install(&sandbox.open(), &Options::default()).unwrap();
    let run = |name: &str, vars: &[(&str, &str)], stdin: &str| text(&sandbox.run_hook(name, &[], vars, stdin));
    sandbox.write("docs.md", "docs\n");
    sandbox.git(&["add", "-A"]);
    for name in &HOOKS[..2] {
        assert_eq!(run(name, &[], ""), "exit 0");
    }
    sandbox.write("migrations/2/up.sql", "up\n");
    sandbox.git(&["add", "-A"]);
    for name in &HOOKS[..2] {
        let stopped = run(name, &[], "");
        assert!(stopped.starts_with(&format!("ops-migrate: {name} stopped, because ")), "{stopped}");
        assert!(stopped.contains("OPS_MIGRATE_SKIP=1 git ") && stopped.ends_with("exit 1"), "{stopped}");
        assert_eq!(run(name, &[("OPS_MIGRATE_SKIP", "1")], ""), "exit 0");
        assert_eq!(run(name, &[("SKIP", "fmt,ops-migrate")], ""), "exit 0");
        assert!(run(name, &[("OPS_MIGRATE_SKIP", "0"), ("SKIP", "ops-migrate-not")], "").ends_with("exit 1"));
    }
    let line = "refs/heads/a 1111 refs/heads/a 0000\n";
    assert_eq!(run("pre-push", &[], ""), "exit 0");
    assert_eq!(run("pre-push", &[], "(delete) 0000 refs/heads/a 1111\n"), "exit 0");
    assert!(run("pre-push", &[], line).ends_with("exit 1"));
    assert_eq!(run("pre-push", &[("OPS_MIGRATE_SKIP", "1")], line), "exit 0");
}

#[test]
fn a_push_is_told_to_the_hook_before_and_to_the_tool() {
    let sandbox = Sandbox::new();
    sandbox.hook("pre-push", "#!/bin/sh\necho \"lfs $*\"\ncat\nexit ${LFS:-0}\n");
    sandbox.install();
    let lines = "refs/heads/a\\n 1111 refs/heads/a 0000\n(delete) 0000 refs/heads/b 2222\n";
    let ran = text(&sandbox.run_hook("pre-push", &["origin", "url"], &[], lines));
    assert_eq!(
        ran,
        format!("lfs origin url\n{lines}stub ops-migrate hook pre-push --shim 1 -- origin url\n{lines}exit 0")
    );
    let ran = text(&sandbox.run_hook("pre-push", &["origin", "url"], &[("LFS", "7")], lines));
    assert_eq!(ran, format!("lfs origin url\n{lines}exit 7"));
    // One that does not read is no reason to fail, however long the list.
    sandbox.hook("pre-push.ops-migrate-prev", "#!/bin/sh\nexit 0\n");
    let many = lines.repeat(5000);
    let ran = text(&sandbox.run_hook("pre-push", &[], &[], &many));
    assert!(ran.ends_with("exit 0") && ran.len() > many.len(), "{}", &ran[..200.min(ran.len())]);
}

#[test]
fn git_runs_the_shims() {
    let sandbox = Sandbox::new();
    sandbox.install();
    sandbox.git(&["clone", "-q", "--bare", ".", "../up.git"]);
    sandbox.git(&["remote", "add", "origin", "../up.git"]);
    sandbox.write("src/models.rs", "two\n");
    let run = |args: &[&str], code: &str| {
        let output = sandbox.command("git", "r", args).env("STUB", code).output().unwrap();
        let all = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.success(), all)
    };
    let (passed, words) = run(&["commit", "-qam", "two"], "1");
    assert!(!passed && words.contains("stub ops-migrate hook pre-commit --shim 1 --"), "{words}");
    let (passed, words) = run(&["commit", "-qam", "two"], "0");
    assert!(passed, "{words}");
    let (passed, words) = run(&["push", "-q", "origin", "main"], "1");
    assert!(!passed && words.contains("-- origin ../up.git\nrefs/heads/main "), "{words}");
    assert!(run(&["push", "-q", "origin", "main"], "0").0);
}
