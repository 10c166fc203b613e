//! The git edge against real git, in temporary folders that no configuration of the machine reaches.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{Repo, Rev, worktree_tree};
use crate::tree::Tree;

/// A repository `r` in a folder of its own.
struct Sandbox {
    dir: TempDir,
    vars: BTreeMap<String, String>,
}

impl Sandbox {
    fn empty() -> Self {
        let dir = TempDir::new().unwrap();
        let home = dir.path().join("home dir");
        std::fs::create_dir(&home).unwrap();
        let config = home.join("gitconfig");
        std::fs::write(&config, "").unwrap();
        #[expect(clippy::disallowed_methods, reason = "git has to be found")]
        let path = std::env::var("PATH").unwrap();
        let vars = [
            ("PATH", path.as_str()),
            ("HOME", home.to_str().unwrap()),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_GLOBAL", config.to_str().unwrap()),
            ("GIT_AUTHOR_NAME", "a"),
            ("GIT_AUTHOR_EMAIL", "a@example.org"),
            ("GIT_COMMITTER_NAME", "a"),
            ("GIT_COMMITTER_EMAIL", "a@example.org"),
        ];
        let vars = vars.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { dir, vars }
    }

    /// A repository without commits.
    fn unborn(init: &[&str]) -> Self {
        let sandbox = Self::empty();
        sandbox.git_in(".", &[&["init", "-q", "-b", "main"], init, &["r"]].concat());
        sandbox
    }

    /// A repository with one commit of two files.
    fn new() -> Self {
        Self::with(&[])
    }

    fn with(init: &[&str]) -> Self {
        let sandbox = Self::unborn(init);
        sandbox.write("src/models.rs", "one\n");
        sandbox.write("migrations/1/up.sql", "up\n");
        sandbox.commit_all("first");
        sandbox
    }

    fn path(&self) -> PathBuf {
        self.dir.path().canonicalize().unwrap().join("r")
    }

    fn write(&self, path: &str, text: &str) {
        let file = self.path().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }

    fn command(&self, program: &str, folder: &str, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(args).env_clear().envs(&self.vars).current_dir(self.path().parent().unwrap().join(folder));
        command.stdin(Stdio::null());
        command
    }

    fn try_git(&self, args: &[&str]) -> Output {
        self.command("git", "r", args).output().unwrap()
    }

    fn git_in(&self, folder: &str, args: &[&str]) -> String {
        let output = self.command("git", folder, args).output().unwrap();
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn git(&self, args: &[&str]) -> String {
        self.git_in("r", args)
    }

    fn commit_all(&self, message: &str) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--no-verify", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    fn hook(&self, name: &str, text: &str) -> PathBuf {
        let file = self.path().join(".git/hooks").join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
        file
    }

    fn open(&self) -> Repo {
        Repo::open(&self.path(), &self.vars).unwrap().unwrap()
    }

    /// Runs git, stops in the hook, and looks at the repository from there.
    fn in_hook<T>(&self, hook: &str, args: &[&str], look: impl FnOnce(&Path, &BTreeMap<String, String>) -> T) -> T {
        self.in_hook_of("r", hook, args, look)
    }

    fn in_hook_of<T>(
        &self,
        folder: &str,
        hook: &str,
        args: &[&str],
        look: impl FnOnce(&Path, &BTreeMap<String, String>) -> T,
    ) -> T {
        let out = self.dir.path().join("out");
        std::fs::create_dir_all(&out).unwrap();
        let path = out.display();
        self.hook(
            hook,
            &format!("#!/bin/sh\npwd >{path}/pwd\nenv -0 >{path}/env.part\nmv {path}/env.part {path}/env\nwhile [ ! -e {path}/go ]; do sleep 0.02; done\n"),
        );
        let mut child = self.command("git", folder, args).spawn().unwrap();
        let started = Instant::now();
        while !out.join("env").exists() {
            assert!(started.elapsed() < Duration::from_secs(20), "the hook {hook} did not run");
            std::thread::sleep(Duration::from_millis(5));
        }
        let env = std::fs::read(out.join("env")).unwrap();
        let vars = env.split(|&byte| byte == 0).filter_map(|line| {
            let line = String::from_utf8_lossy(line);
            line.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()))
        });
        let cwd = std::fs::read_to_string(out.join("pwd")).unwrap();
        let answer = look(Path::new(cwd.trim_end()), &vars.collect());
        std::fs::write(out.join("go"), "").unwrap();
        child.wait().unwrap();
        std::fs::remove_dir_all(out).unwrap();
        answer
    }
}

/// The changes in short, the same from libgit2 and from the git command.
fn staged(repo: &mut Repo) -> String {
    let from = repo.head_rev().unwrap();
    both(repo, |repo| {
        let changes = repo.changes(&from, &Rev::Index).unwrap();
        let one = |change: &super::FileChange| {
            let sign = match (&change.old, &change.new) {
                (None, _) => '+',
                (_, None) => '-',
                _ => '~',
            };
            let text = change.new.as_ref().map(|id| String::from_utf8_lossy(&repo.blob(id).unwrap()).into_owned());
            let link = if change.symlink { "@" } else { "" };
            format!("{sign}{}{link}={}", change.path, text.unwrap_or_default().trim_end())
        };
        changes.iter().map(one).collect::<Vec<_>>().join(" ")
    })
}

/// The answer of libgit2 (where it can open the repository) and of git, which must agree.
fn both<T: PartialEq + std::fmt::Debug>(repo: &mut Repo, ask: impl Fn(&Repo) -> T) -> T {
    let first = ask(repo);
    let library = repo.library.take();
    let second = ask(repo);
    repo.library = library;
    assert_eq!(first, second, "libgit2 (left) and git (right) disagree");
    first
}

/// Paths and contents of a tree.
fn listing(tree: &dyn Tree, directory: &str) -> String {
    let entries = tree.files(directory).unwrap();
    let one = |path: &str| {
        let text = tree.read(path).unwrap().map(|bytes| String::from_utf8_lossy(&bytes).trim_end().to_owned());
        format!("{path}={}", text.unwrap_or_else(|| "?".to_owned()))
    };
    entries.iter().map(|entry| one(&entry.path)).collect::<Vec<_>>().join(" ")
}

#[test]
fn no_repository_is_none() {
    let sandbox = Sandbox::empty();
    let ceiling = sandbox.dir.path().canonicalize().unwrap();
    let mut vars = sandbox.vars.clone();
    vars.insert("GIT_CEILING_DIRECTORIES".to_owned(), ceiling.parent().unwrap().display().to_string());
    assert!(Repo::open(&ceiling, &vars).unwrap().is_none());
    vars.insert("GIT_DIR".to_owned(), "nowhere/.git".to_owned());
    assert!(Repo::open(&ceiling, &vars).unwrap().is_none());
}

#[test]
fn the_index_is_judged_and_not_the_work_tree() {
    let sandbox = Sandbox::new();
    sandbox.write("src/models.rs", "two\n");
    sandbox.write("a b/new.rs", "new\n");
    sandbox.git(&["add", "-A"]);
    sandbox.git(&["rm", "-q", "--cached", "migrations/1/up.sql"]);
    sandbox.write("src/models.rs", "three\n");
    let mut repo = sandbox.open();
    assert_eq!(staged(&mut repo), "+a b/new.rs=new -migrations/1/up.sql= ~src/models.rs=two");
    both(&mut repo, |repo| {
        assert_eq!(listing(&repo.tree(Rev::Index), ""), "a b/new.rs=new src/models.rs=two");
        assert_eq!(listing(&repo.tree(Rev::Index), "src"), "src/models.rs=two");
        assert_eq!(listing(&repo.tree(Rev::Index), "sr"), "");
        let head = repo.head_rev().unwrap();
        assert_eq!(listing(&repo.tree(head.clone()), ""), "migrations/1/up.sql=up src/models.rs=one");
        assert_eq!(listing(&repo.tree(head.clone()), "migrations"), "migrations/1/up.sql=up");
        assert_eq!(repo.tree(head.clone()).files("src").unwrap()[0].stamp.as_ref().unwrap().len(), 40);
        assert_eq!(repo.tree(head.clone()).read("src").unwrap(), None);
        assert_eq!(repo.changes(&Rev::Index, &head).unwrap().len(), 3);
        assert_eq!(repo.changes(&Rev::Empty, &head).unwrap().len(), 2);
        assert_eq!(listing(&repo.tree(Rev::Empty), ""), "");
    });
    assert_eq!(listing(&worktree_tree(&sandbox.path()), "src"), "src/models.rs=three");
}

#[test]
fn paths_on_disk_get_the_names_of_the_repository() {
    let sandbox = Sandbox::new();
    symlink(sandbox.path(), sandbox.path().with_file_name("other name")).unwrap();
    let cases = [
        ("r/src/models.rs", Some("src/models.rs")),
        ("other name/src/new/x.rs", Some("src/new/x.rs")),
        ("other name", Some("")),
        ("home dir", None),
    ];
    let repo = Repo::open(&sandbox.path().with_file_name("other name"), &sandbox.vars).unwrap().unwrap();
    for (path, expected) in cases {
        assert_eq!(repo.relative(&sandbox.path().parent().unwrap().join(path)).as_deref(), expected, "{path}");
    }
}

#[test]
fn before_the_first_commit_everything_is_new() {
    let sandbox = Sandbox::unborn(&[]);
    let mut repo = sandbox.open();
    assert_eq!(both(&mut repo, |repo| repo.head().unwrap()), None);
    assert_eq!(staged(&mut repo), "");
    let look = |cwd: &Path, vars: &BTreeMap<String, String>| staged(&mut Repo::open(cwd, vars).unwrap().unwrap());
    assert_eq!(sandbox.in_hook("pre-commit", &["commit", "-q", "--allow-empty", "-m", "x"], look), "");
    sandbox.git(&["update-ref", "-d", "HEAD"]);
    sandbox.write("x.rs", "x\n");
    sandbox.git(&["add", "x.rs"]);
    assert_eq!(staged(&mut sandbox.open()), "+x.rs=x");
    assert_eq!(both(&mut sandbox.open(), |repo| repo.base_branch().unwrap()), None);
}

#[test]
fn inside_a_hook_the_index_is_the_one_that_git_commits() {
    let sandbox = Sandbox::new();
    let look = |cwd: &Path, vars: &BTreeMap<String, String>| staged(&mut Repo::open(cwd, vars).unwrap().unwrap());
    sandbox.write("src/models.rs", "two\n");
    assert_eq!(sandbox.in_hook("pre-commit", &["commit", "-qam", "x"], look), "~src/models.rs=two");
    // Only the named file is committed; what else is staged is not.
    sandbox.write("src/models.rs", "three\n");
    sandbox.write("other.rs", "other\n");
    sandbox.git(&["add", "-A"]);
    assert_eq!(sandbox.in_hook("pre-commit", &["commit", "-qm", "x", "other.rs"], look), "+other.rs=other");
    // A program that a hook starts in a folder below sees the same.
    let below = |cwd: &Path, vars: &BTreeMap<String, String>| {
        let repo = Repo::open(&cwd.join("src"), vars).unwrap().unwrap();
        assert_eq!(repo.root(), Some(cwd));
        repo.changes(&repo.head_rev().unwrap(), &Rev::Index).unwrap().len()
    };
    assert_eq!(sandbox.in_hook("pre-commit", &["commit", "-qm", "x"], below), 1);
}

#[test]
fn linked_work_trees_and_explicit_places_are_followed() {
    let sandbox = Sandbox::new();
    sandbox.git(&["worktree", "add", "-q", "../linked"]);
    let linked = sandbox.path().with_file_name("linked");
    std::fs::write(linked.join("src/models.rs"), "linked\n").unwrap();
    sandbox.git_in("linked", &["add", "-A"]);
    let mut repo = Repo::open(&linked, &sandbox.vars).unwrap().unwrap();
    assert_eq!((repo.root(), repo.common_dir()), (Some(linked.as_path()), sandbox.path().join(".git").as_path()));
    assert_eq!(staged(&mut repo), "~src/models.rs=linked");
    assert_eq!(staged(&mut sandbox.open()), "");

    let look = |cwd: &Path, vars: &BTreeMap<String, String>| {
        assert!(vars["GIT_DIR"].starts_with('/'), "git names the places of a linked work tree");
        let mut repo = Repo::open(cwd, vars).unwrap().unwrap();
        assert_eq!(repo.root(), Some(linked.as_path()));
        let scrubbed = super::without_repository(vars);
        assert!(
            scrubbed.contains_key("HOME") && !scrubbed.keys().any(|name| name == "GIT_DIR" || name == "GIT_INDEX_FILE")
        );
        staged(&mut repo)
    };
    let changes = sandbox.in_hook_of("linked", "pre-commit", &["commit", "-q", "-m", "x"], look);
    assert_eq!(changes, "~src/models.rs=linked");
    sandbox.git_in("linked", &["reset", "-q", "--soft", "HEAD~"]);

    // As git exports them in a hook of that work tree, and relative from elsewhere.
    let parent = sandbox.path().parent().unwrap().to_owned();
    let cases = [
        (linked.clone(), "../r/.git/worktrees/linked", None, "../r/.git/worktrees/linked/index"),
        (parent.clone(), "r/.git/worktrees/linked", Some("linked"), "r/.git/worktrees/linked/index"),
    ];
    for (cwd, git_dir, work_tree, index) in cases {
        let mut vars = sandbox.vars.clone();
        vars.insert("GIT_DIR".to_owned(), git_dir.to_owned());
        vars.insert("GIT_INDEX_FILE".to_owned(), index.to_owned());
        vars.extend(work_tree.map(|root| ("GIT_WORK_TREE".to_owned(), root.to_owned())));
        let mut repo = Repo::open(&cwd, &vars).unwrap().unwrap();
        assert_eq!(repo.root(), Some(linked.as_path()));
        assert_eq!(staged(&mut repo), "~src/models.rs=linked");
        vars.insert("GIT_INDEX_FILE".to_owned(), "nowhere".to_owned());
        let repo = Repo::open(&cwd, &vars).unwrap().unwrap();
        let error = repo.changes(&Rev::Empty, &Rev::Index).unwrap_err();
        assert!(error.message.starts_with("could not check: the index file "), "{error}");
        assert!(repo.tree(Rev::Index).files("").is_err());
    }
}

#[test]
fn files_that_are_only_meant_to_be_added_do_not_count() {
    let sandbox = Sandbox::new();
    sandbox.write("migrations/2/up.sql", "later\n");
    sandbox.git(&["add", "-N", "migrations/2/up.sql"]);
    sandbox.git(&["rm", "-q", "--cached", "src/models.rs"]);
    sandbox.git(&["add", "-N", "src/models.rs"]);
    let mut repo = sandbox.open();
    assert_eq!(staged(&mut repo), "-src/models.rs=");
    assert_eq!(both(&mut repo, |repo| listing(&repo.tree(Rev::Index), "")), "migrations/1/up.sql=up");
    assert_eq!(both(&mut repo, |repo| repo.tree(Rev::Index).read("migrations/2/up.sql").unwrap()), None);
}

#[test]
fn a_conflict_has_to_be_resolved_first() {
    let sandbox = Sandbox::new();
    sandbox.git(&["checkout", "-qb", "side"]);
    sandbox.write("src/models.rs", "side\n");
    sandbox.commit_all("side");
    sandbox.git(&["checkout", "-q", "main"]);
    sandbox.write("src/models.rs", "main\n");
    sandbox.commit_all("main");
    assert!(!sandbox.try_git(&["merge", "-q", "side"]).status.success());
    let mut repo = sandbox.open();
    both(&mut repo, |repo| {
        let words = "could not check: src/models.rs is in conflict; resolve the conflicts first";
        assert_eq!(repo.changes(&Rev::Empty, &Rev::Index).unwrap_err().message, words);
        assert_eq!(repo.tree(Rev::Index).files("").unwrap_err().message, words);
        assert_eq!(repo.tree(Rev::Index).read("src/models.rs").unwrap_err().message, words);
    });
    let heads = repo.merge_heads().unwrap();
    assert_eq!(heads.iter().map(|head| head.id.as_str()).collect::<Vec<_>>(), [sandbox.git(&["rev-parse", "side"])]);
}

#[test]
fn a_clean_merge_names_its_other_side_in_the_environment() {
    let sandbox = Sandbox::new();
    sandbox.git(&["checkout", "-qb", "side"]);
    sandbox.write("side.rs", "side\n");
    let side = sandbox.commit_all("side");
    sandbox.git(&["checkout", "-q", "main"]);
    sandbox.write("main.rs", "main\n");
    sandbox.commit_all("main");
    let look = |cwd: &Path, vars: &BTreeMap<String, String>| {
        let mut repo = Repo::open(cwd, vars).unwrap().unwrap();
        (repo.merge_heads().unwrap(), staged(&mut repo))
    };
    let (heads, changes) = sandbox.in_hook("pre-merge-commit", &["merge", "-q", "--no-edit", "side"], look);
    assert_eq!(heads, [super::MergeHead { id: side, name: Some("side".to_owned()) }]);
    assert_eq!(changes, "+side.rs=side");
}

#[test]
fn repositories_that_libgit2_cannot_read_are_read_by_git() {
    type Case<'a> = (&'a str, &'a [&'a str], &'a [&'a [&'a str]]);
    let prepare: [Case<'_>; 4] = [
        ("split index", &[], &[&["update-index", "--split-index"]]),
        ("sha256", &["--object-format=sha256"], &[]),
        ("reftable", &["--ref-format=reftable"], &[]),
        ("sparse index", &[], &[&["sparse-checkout", "set", "--sparse-index", "src"]]),
    ];
    for (name, init, commands) in prepare {
        let sandbox = Sandbox::with(init);
        commands.iter().for_each(|command| drop(sandbox.git(command)));
        sandbox.write("src/models.rs", "two\n");
        sandbox.git(&["add", "src"]);
        let mut repo = sandbox.open();
        let library = repo.library.as_ref().map(|library| library.changes(&Rev::Empty, &Rev::Index));
        assert!(library.is_none_or(|changes| changes.is_err()), "{name}: libgit2 reads it now");
        assert_eq!(staged(&mut repo), "~src/models.rs=two", "{name}");
        let whole = "migrations/1/up.sql=up src/models.rs=two";
        assert_eq!(both(&mut repo, |repo| listing(&repo.tree(Rev::Index), "")), whole, "{name}");
        assert_eq!(repo.changes(&Rev::Empty, &Rev::Index).unwrap().len(), 2, "{name}");
        let head = repo.head().unwrap().unwrap();
        assert_eq!(repo.changes(&Rev::Empty, &Rev::Commit(head.clone())).unwrap().len(), 2, "{name}");
        assert_eq!(listing(&repo.tree(Rev::Commit(head.clone())), "src"), "src/models.rs=one", "{name}");
        assert_eq!(repo.base_branch().unwrap(), Some(("main".to_owned(), head)), "{name}");
    }
}

#[test]
fn what_nobody_can_read_is_an_error_and_never_no_changes() {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path().join(".git/index"), "DIRC nonsense").unwrap();
    let error = sandbox.open().changes(&Rev::Empty, &Rev::Index).unwrap_err();
    assert!(error.message.starts_with("could not check: the index cannot be read: git diff-index: "), "{error}");
    let head = sandbox.git(&["rev-parse", "HEAD"]);
    let tree = sandbox.git(&["rev-parse", "HEAD^{tree}"]);
    let object = sandbox.path().join(".git/objects").join(&tree[..2]).join(&tree[2..]);
    std::fs::remove_file(object).unwrap();
    let repo = sandbox.open();
    assert!(repo.tree(Rev::Commit(head)).files("").unwrap_err().message.starts_with("could not check: "));
    assert!(repo.blob(&"1".repeat(40)).unwrap_err().message.starts_with("could not check: "));
    assert!(repo.resolve("nothing").unwrap_err().message.contains("`nothing` names no commit"));
}

#[test]
fn without_git_what_libgit2_cannot_read_is_undecided() {
    let vars = |sandbox: &Sandbox| {
        let mut vars = sandbox.vars.clone();
        vars.insert("PATH".to_owned(), "/nowhere".to_owned());
        vars
    };
    let sandbox = Sandbox::with(&["--object-format=sha256"]);
    let Err(error) = Repo::open(&sandbox.path(), &vars(&sandbox)) else { panic!("opened") };
    assert!(error.message.starts_with("could not check: the repository cannot be opened"), "{error}");
    let sandbox = Sandbox::new();
    let repo = Repo::open(&sandbox.path(), &vars(&sandbox)).unwrap().unwrap();
    assert_eq!(repo.changes(&repo.head_rev().unwrap(), &Rev::Index).unwrap(), []);
}

#[test]
fn a_large_index_is_compared() {
    let sandbox = Sandbox::new();
    let blob = sandbox.git(&["rev-parse", "HEAD:src/models.rs"]);
    let lines: String = (0..10_001).map(|n| format!("100644 {blob}\tmany/{n}.rs\n")).collect();
    std::fs::write(sandbox.dir.path().join("lines"), lines).unwrap();
    let stdin = std::fs::File::open(sandbox.dir.path().join("lines")).unwrap();
    let mut update = sandbox.command("git", "r", &["update-index", "--index-info"]);
    assert!(update.stdin(stdin).status().unwrap().success());
    sandbox.git(&["commit", "-qm", "many"]);
    sandbox.write("src/models.rs", "two\n");
    sandbox.git(&["add", "src"]);
    let mut repo = sandbox.open();
    assert_eq!(staged(&mut repo), "~src/models.rs=two");
    assert_eq!(both(&mut repo, |repo| repo.tree(Rev::Index).files("many").unwrap().len()), 10_001);
    // Where there is no git, libgit2 has to do.
    let mut vars = sandbox.vars.clone();
    vars.insert("PATH".to_owned(), "/nowhere".to_owned());
    let repo = Repo::open(&sandbox.path(), &vars).unwrap().unwrap();
    assert_eq!(repo.changes(&repo.head_rev().unwrap(), &Rev::Index).unwrap().len(), 1);
}

mod root_tests {
    use super::{Repo, Sandbox, staged};

    #[test]
    fn a_repository_of_another_owner_is_opened_as_git_allows() {
        let sandbox = Sandbox::new();
        let chown = sandbox.command("chown", "r", &["-R", "65534", "."]).status();
        assert!(chown.unwrap().success(), "only root may give files away: cargo xtask test leaves this test out");
        let Err(error) = Repo::open(&sandbox.path(), &sandbox.vars) else { panic!("opened without being allowed") };
        assert!(error.message.contains("dubious ownership"), "{error}");
        let mut vars = sandbox.vars.clone();
        for (name, value) in [("COUNT", "1"), ("KEY_0", "safe.directory"), ("VALUE_0", "*")] {
            vars.insert(format!("GIT_CONFIG_{name}"), value.to_owned());
        }
        let mut repo = Repo::open(&sandbox.path(), &vars).unwrap().unwrap();
        assert!(repo.library.is_none());
        assert_eq!(staged(&mut repo), "");
    }
}

#[test]
fn links_submodules_and_strange_names_are_told_apart() {
    let sandbox = Sandbox::new();
    let root = sandbox.path();
    symlink("src/models.rs", root.join("link.rs")).unwrap();
    symlink("migrations", root.join("folder")).unwrap();
    symlink("/etc/passwd", root.join("outside.rs")).unwrap();
    symlink("gone.rs", root.join("broken.rs")).unwrap();
    std::fs::write(root.join(OsStr::from_bytes(b"\xff\n\"x.rs")), "odd\n").unwrap();
    sandbox.git(&["init", "-q", "sub"]);
    sandbox.git_in("r/sub", &["commit", "-q", "--allow-empty", "-m", "sub"]);
    sandbox.git(&["-c", "advice.addEmbeddedRepo=false", "add", "-A"]);
    let mut repo = sandbox.open();
    assert_eq!(
        staged(&mut repo),
        "+broken.rs@=gone.rs +folder@=migrations +link.rs@=src/models.rs +outside.rs@=/etc/passwd +\\xff\n\"x.rs=odd"
    );
    let paths = |tree: &dyn Tree| {
        let entries = tree.files("").unwrap();
        entries.iter().map(|entry| entry.path.clone()).collect::<Vec<_>>().join("|")
    };
    let expected = "\\xff\n\"x.rs|link.rs|migrations/1/up.sql|outside.rs|src/models.rs";
    let check = |tree: &dyn Tree| {
        assert_eq!(paths(tree), expected);
        assert_eq!(listing(tree, "folder"), "folder/1/up.sql=up");
        for (path, text) in [("link.rs", "one\n"), ("folder/1/up.sql", "up\n"), ("\\xff\n\"x.rs", "odd\n")] {
            assert_eq!(tree.read(path).unwrap().as_deref(), Some(text.as_bytes()), "{path}");
        }
        assert!(tree.read("outside.rs").unwrap_err().message.contains("leads out of"));
        assert_eq!(tree.read("broken.rs").unwrap(), None);
        assert_eq!(tree.read("../x").ok().flatten(), None);
    };
    both(&mut repo, |repo| {
        check(&repo.tree(Rev::Index));
        // The stamp of a link is that of its content.
        let files = repo.tree(Rev::Index).files("").unwrap();
        let stamp = |path: &str| files.iter().find(|entry| entry.path == path).unwrap().stamp.clone();
        assert_eq!(stamp("link.rs"), stamp("src/models.rs"));
    });
    check(&worktree_tree(&root));
    // A link that takes the place of a file, and a change of mode alone.
    sandbox.commit_all("links");
    std::fs::remove_file(root.join("src/models.rs")).unwrap();
    symlink("../link.rs", root.join("src/models.rs")).unwrap();
    std::fs::set_permissions(root.join("migrations/1/up.sql"), std::fs::Permissions::from_mode(0o755)).unwrap();
    sandbox.git(&["add", "-A"]);
    assert_eq!(staged(&mut sandbox.open()), "~src/models.rs@=../link.rs");
    assert!(sandbox.open().tree(Rev::Index).read("src/models.rs").is_err());
}

#[test]
fn the_work_tree_leaves_out_what_is_not_the_project() {
    let sandbox = Sandbox::new();
    sandbox.write("target/CACHEDIR.TAG", "");
    sandbox.write("target/debug/build/out.rs", "");
    sandbox.write("src/target/mod.rs", "module\n");
    sandbox.write("web/node_modules/x/index.js", "");
    sandbox.git(&["worktree", "add", "-q", "nested"]);
    let tree = worktree_tree(&sandbox.path());
    assert_eq!(listing(&tree, ""), "migrations/1/up.sql=up src/models.rs=one src/target/mod.rs=module");
    let entry = tree.files("src/target").unwrap()[0].clone();
    let stamp = tree.stamp(&entry);
    sandbox.write("src/target/mod.rs", "changed\n");
    assert_ne!(tree.stamp(&entry), stamp);
    assert!(tree.files("nowhere").unwrap().is_empty());
}

#[test]
fn history_is_the_same_from_both_sides() {
    let sandbox = Sandbox::new();
    let first = sandbox.git(&["rev-parse", "HEAD"]);
    sandbox.git(&["clone", "-q", "--bare", ".", "../up.git"]);
    sandbox.git(&["remote", "add", "origin", "../up.git"]);
    sandbox.git(&["fetch", "-q", "origin"]);
    sandbox.git(&["checkout", "-qb", "work"]);
    sandbox.write("src/models.rs", "two\n");
    let second = sandbox.commit_all("two, of work\n\nbody");
    sandbox.write("docs.md", "docs\n");
    let third = sandbox.commit_all("three");
    sandbox.git(&["checkout", "-q", "--orphan", "other"]);
    let lone = sandbox.commit_all("lone");
    sandbox.git(&["checkout", "-q", "work"]);
    let mut repo = sandbox.open();
    both(&mut repo, |repo| {
        assert_eq!(repo.head().unwrap().unwrap(), third);
        assert_eq!(repo.resolve("HEAD~1").unwrap(), second);
        assert_eq!(repo.parents(&third).unwrap().join(" "), second);
        assert_eq!(repo.parents(&first).unwrap(), [""; 0]);
        assert_eq!(repo.merge_base(&third, &first).unwrap().unwrap(), first);
        assert_eq!(repo.merge_base(&third, &lone).unwrap(), None);
        assert!(repo.is_ancestor(&first, &third).unwrap() && !repo.is_ancestor(&third, &first).unwrap());
        assert!(repo.has_commit(&first).unwrap() && !repo.has_commit(&"1".repeat(40)).unwrap());
        assert_eq!(repo.log_subject(&second).unwrap(), "two, of work");
        assert_eq!(repo.base_branch().unwrap().unwrap(), ("origin/main".to_owned(), first.clone()));
        for remote in ["origin", "https://example.org/x.git", "../up.git", "unknown"] {
            let commits = repo.rev_list_not_on_remote(&third, remote).unwrap();
            assert_eq!(commits, [second.clone(), third.clone()], "{remote}");
        }
        assert_eq!(repo.rev_list_not_on_remote(&first, "origin").unwrap(), [""; 0]);
        assert_eq!(repo.last_commit_touching(&["src"], &third).unwrap().unwrap(), second);
        assert_eq!(repo.last_commit_touching(&["migrations", "nowhere"], &third).unwrap().unwrap(), first);
        assert_eq!(repo.last_commit_touching(&["*"], &third).unwrap(), None);
    });
    sandbox.git(&["push", "-q", "origin", &format!("{second}:refs/heads/some/branch")]);
    let left = both(&mut sandbox.open(), |repo| repo.rev_list_not_on_remote(&third, "origin").unwrap());
    assert_eq!(left.join(" "), third);
    sandbox.git(&["remote", "set-head", "origin", "main"]);
    sandbox.git(&["branch", "-q", "--set-upstream-to=main"]);
    let found = both(&mut sandbox.open(), |repo| repo.base_branch().unwrap().unwrap().0);
    assert_eq!(found, "origin/main");
    sandbox.git(&["remote", "remove", "origin"]);
    assert_eq!(both(&mut sandbox.open(), |repo| repo.base_branch().unwrap().unwrap().0), "main");
}

#[test]
fn shallow_clones_end_at_their_boundary() {
    let sandbox = Sandbox::new();
    sandbox.write("src/models.rs", "two\n");
    let second = sandbox.commit_all("two");
    let url = format!("file://{}", sandbox.path().display());
    sandbox.git_in(".", &["clone", "-q", "--depth", "1", &url, "shallow"]);
    let path = sandbox.path().with_file_name("shallow");
    let mut repo = Repo::open(&path, &sandbox.vars).unwrap().unwrap();
    both(&mut repo, |repo| {
        assert_eq!(repo.parents(&second).unwrap(), [""; 0]);
        assert_eq!(listing(&repo.tree(Rev::Commit(second.clone())), "src"), "src/models.rs=two");
        assert_eq!(repo.rev_list_not_on_remote(&second, "origin").unwrap(), [""; 0]);
    });
}

#[test]
fn partial_clones_are_not_fetched_behind_the_users_back() {
    let sandbox = Sandbox::new();
    let old = sandbox.git(&["rev-parse", "HEAD:src/models.rs"]);
    sandbox.write("src/models.rs", "two\n");
    sandbox.commit_all("two");
    sandbox.git(&["config", "uploadpack.allowFilter", "true"]);
    sandbox.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let url = format!("file://{}", sandbox.path().display());
    sandbox.git_in(".", &["clone", "-q", "--filter=blob:none", &url, "partial"]);
    let path = sandbox.path().with_file_name("partial");
    let repo = Repo::open(&path, &sandbox.vars).unwrap().unwrap();
    let error = repo.blob(&old).unwrap_err();
    assert!(error.message.starts_with("could not check: ") && !error.hints.is_empty(), "{error:?}");
    assert_eq!(repo.with_fetch().blob(&old).unwrap(), b"one\n");
}

/// The way through merges that `git log` takes: along a parent that has the same, and no further.
#[test]
fn the_last_commit_is_found_through_merges() {
    let sandbox = Sandbox::new();
    let commit = |file: &str, text: &str| {
        sandbox.write(file, text);
        sandbox.commit_all(file)
    };
    let branch = sandbox.git(&["symbolic-ref", "--short", "HEAD"]);
    sandbox.git(&["checkout", "-q", "-b", "side"]);
    let theirs = commit("sql/1_a/up.sql", "SELECT 1;");
    sandbox.git(&["checkout", "-q", &branch]);
    commit("docs/a.md", "a");
    sandbox.git(&["merge", "-q", "--no-edit", "side"]);
    commit("docs/b.md", "b");
    sandbox.git(&["checkout", "-q", "-b", "other", "HEAD~1"]);
    commit("sql/2_b/up.sql", "SELECT 2;");
    sandbox.git(&["checkout", "-q", &branch]);
    commit("sql/3_c/up.sql", "SELECT 3;");
    sandbox.git(&["merge", "-q", "--no-edit", "other"]);
    let merge = sandbox.git(&["rev-parse", "HEAD"]);
    sandbox.git(&["rm", "-q", "-r", "sql"]);
    let gone = sandbox.commit_all("gone");
    let mut repo = sandbox.open();
    let mut found = |from: &str| both(&mut repo, |repo| repo.last_commit_touching(&["sql"], from).unwrap());
    assert_eq!(found(&merge), Some(merge.clone()));
    assert_eq!(found(&gone), Some(gone.clone()));
    let after_first_merge = sandbox.git(&["rev-parse", "other~1"]);
    assert_eq!(found(&after_first_merge), Some(theirs));
    let before = sandbox.git(&["rev-parse", "other~1^1"]);
    assert_eq!(found(&before), None);
}

#[test]
fn bare_repositories_have_trees_and_no_root() {
    let sandbox = Sandbox::new();
    let head = sandbox.git(&["rev-parse", "HEAD"]);
    sandbox.git(&["clone", "-q", "--bare", ".", "../bare.git"]);
    let mut repo = Repo::open(&sandbox.path().with_file_name("bare.git"), &sandbox.vars).unwrap().unwrap();
    assert!(repo.is_bare() && repo.root().is_none());
    let text = both(&mut repo, |repo| listing(&repo.tree(Rev::Commit(head.clone())), "src"));
    assert_eq!(text, "src/models.rs=one");
    assert_eq!(both(&mut repo, |repo| repo.last_commit_touching(&["src"], &head).unwrap()), Some(head.clone()));
    assert!(super::install::install(&repo, &super::install::Options::default()).is_err());
}

mod hooks;
