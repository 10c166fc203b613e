//! Hooks in repositories that are not plain: linked work trees, submodules, other hook directories,
//! indexes and formats that only git itself can read.

use crate::common::real::{Ran, RealRepo};

const NICK: &str = "ops-migrate: users.nick added in src/schema.rs:5 has no migration";

/// A model change without its revision is held back, and passes with it.
#[track_caller]
fn guards(repo: &RealRepo) {
    repo.add_column("nick");
    repo.git(&["add", "--all"]).passes();
    repo.commit("nick").blocks(NICK);
    repo.git(&["commit", "--all", "-m", "nick"]).blocks(NICK);
    repo.add_revision(1, "nick");
    // Not `--all`: a sparse checkout wants to be told.
    repo.git(&["add", "--sparse", "src", "migrations"]).passes();
    repo.commit("nick").passes_silently();
}

fn install(repo: &RealRepo) -> Ran {
    repo.tool(&["hooks", "install"])
}

#[test]
fn row_28_linked_work_tree() {
    let repo = RealRepo::new();
    let linked = repo.beside("linked tree");
    repo.git(&["worktree", "add", "--quiet", "-b", "topic", linked.root.to_str().unwrap()]).passes();
    guards(&linked);
    // The other tree's index is its own.
    repo.write("README.md", "docs\n");
    repo.commit_all("docs").passes_silently();
    linked.tool(&["hooks", "uninstall"]).passes();
    install(&linked).passes();
    assert!(repo.path(".git/hooks/pre-commit").exists());
    assert!(!repo.path(".git/worktrees/linked tree/hooks").exists());
}

#[test]
fn row_30_hook_directories_by_configuration() {
    let repo = RealRepo::bare_crate(&[]);
    repo.git(&["config", "core.hooksPath", ".githooks"]).passes();
    install(&repo).passes().says(&["will appear in `git status`"]);
    assert!(repo.path(".githooks/pre-commit").exists() && !repo.path(".git/hooks/pre-commit").exists());
    guards(&repo);

    let repo = RealRepo::bare_crate(&[]);
    repo.git(&["config", "core.hooksPath", ""]).passes();
    let line = "error: core.hooksPath is set to nothing (local configuration): git runs no hooks";
    install(&repo).fails(2, line, &["git config --local --unset core.hooksPath"]);

    let mut repo = RealRepo::bare_crate(&[]);
    let global = repo.top().join("global hooks");
    fs_err::create_dir(&global).unwrap();
    let config = repo.top().join("gitconfig");
    fs_err::write(&config, format!("[core]\n\thooksPath = {}\n", global.display())).unwrap();
    repo.vars.insert("GIT_CONFIG_GLOBAL".to_owned(), config.to_str().unwrap().to_owned());
    let ran = install(&repo);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    ran.says(&["(global configuration): those hooks run in other repositories too", "--hooks-dir"]);
    assert_eq!(fs_err::read_dir(&global).unwrap().count(), 0);
}

/// What git copies into each repository that it makes: silent where no models are, on guard where they are.
#[test]
fn a_template_of_repositories() {
    let repo = RealRepo::bare_crate(&[]);
    let template = repo.top().join("template");
    let at = template.to_str().unwrap();
    let says = format!("git config --global init.templateDir {at}");
    repo.tool(&["hooks", "install", "--template", at]).passes().says(&[&says]);
    repo.tool(&["hooks", "install", "--template", at]).passes().prints(&["was installed already"]);
    assert!(!repo.path(".git/hooks/pre-commit").exists() && !repo.path(".git/ops-migrate").exists());
    assert!(!template.join("hooks/post-merge").exists());

    repo.git(&["init", "--quiet", "--template", at]).passes();
    guards(&repo);
    repo.tool(&["hooks", "status"]).passes();
    repo.tool(&["hooks", "uninstall"]).passes();
    assert!(!repo.path(".git/hooks/pre-commit").exists() && template.join("hooks/pre-commit").exists());

    let docs = repo.top().join("docs");
    let docs = docs.to_str().unwrap();
    repo.git(&["init", "--quiet", "--template", at, docs]).passes();
    repo.git(&["-C", docs, "commit", "--quiet", "--allow-empty", "-m", "empty"]).passes_silently();
    fs_err::create_dir_all(format!("{docs}/src")).unwrap();
    fs_err::write(format!("{docs}/src/lib.rs"), "//! No models here.\n").unwrap();
    repo.git(&["-C", docs, "add", "src"]).passes();
    repo.git(&["-C", docs, "commit", "--quiet", "-m", "code"]).passes_silently();
}

/// Every way to say where the hooks are that belongs to this repository alone.
#[test]
fn row_30_hook_directories_of_this_repository() {
    let configure = |repo: &RealRepo, args: &[&str]| drop(repo.git(&[&["config"], args].concat()).passes());
    // For one work tree.
    let repo = RealRepo::bare_crate(&[]);
    configure(&repo, &["extensions.worktreeConfig", "true"]);
    configure(&repo, &["--worktree", "core.hooksPath", "own hooks"]);
    install(&repo).passes();
    assert!(repo.path("own hooks/pre-commit").exists());
    guards(&repo);
    // Absolute, inside of the repository.
    let repo = RealRepo::bare_crate(&[]);
    configure(&repo, &["core.hooksPath", repo.path(".git/more").to_str().unwrap()]);
    install(&repo).passes();
    guards(&repo);
    // Outside, by the home directory or by an include that depends on the remote: seen, and refused.
    let mut repo = RealRepo::bare_crate(&[]);
    let config = repo.top().join("gitconfig");
    repo.vars.insert("GIT_CONFIG_GLOBAL".to_owned(), config.to_str().unwrap().to_owned());
    repo.git(&["remote", "add", "origin", "https://example.org/repo.git"]).passes();
    let included = repo.top().join("included");
    fs_err::write(&included, "[core]\n\thooksPath = ~/hooks\n").unwrap();
    let include =
        format!("[includeIf \"hasconfig:remote.*.url:https://example.org/**\"]\n\tpath = {}\n", included.display());
    for text in ["[core]\n\thooksPath = ~/hooks\n", &include] {
        fs_err::write(&config, text).unwrap();
        install(&repo).fails(
            2,
            "error: core.hooksPath is ~/hooks (global configuration): those hooks run in other repositories too",
            &["--hooks-dir", "--via config"],
        );
        assert!(!repo.top().join("home dir/hooks").exists());
    }
    // A directory that the user names is written to, and it is said what git does.
    repo.tool(&["hooks", "install", "--hooks-dir", ".git/mine"]).passes().says(&["git runs hooks from"]);
    assert!(repo.path(".git/mine/pre-commit").exists());
    assert!(!repo.hook_status("pre-commit").0);
}

#[test]
fn row_29_a_linked_work_tree_without_the_hooks_directory() {
    let repo = RealRepo::bare_crate(&[]);
    let linked = repo.beside("linked");
    repo.git(&["worktree", "add", "--quiet", "-b", "topic", linked.root.to_str().unwrap()]).passes();
    repo.git(&["config", "core.hooksPath", ".githooks"]).passes();
    install(&repo).passes();
    assert!(repo.hook_status("pre-commit").0);
    // Git says nothing, and runs nothing.
    linked.add_column("nick");
    linked.commit_all("nobody looks").passes_silently();
    let (runs, why) = linked.hook_status("pre-commit");
    assert!(
        !runs
            && why.contains(
                "core.hooksPath is .githooks (local configuration), and this work tree has no such directory"
            ),
        "{why}"
    );
    install(&linked).passes();
    assert!(linked.hook_status("pre-commit").0);
}

#[test]
fn row_31_submodule_and_its_superproject() {
    let library = RealRepo::bare_crate(&[]);
    let repo = library.beside("super");
    let git = |args: &[&str]| {
        let ran = repo.run("git", &[&["-c", "protocol.file.allow=always"], args].concat(), "", &[]);
        ran.passes();
    };
    fs_err::create_dir(&repo.root).unwrap();
    git(&["init", "--quiet", "--initial-branch=main"]);
    repo.write_crate("app/");
    git(&["submodule", "--quiet", "add", library.root.to_str().unwrap(), "sub"]);
    repo.record("first");
    let sub = library.beside("super/sub");
    install(&sub).passes();
    install(&repo).passes();
    assert!(repo.path(".git/modules/sub/hooks/pre-commit").exists());
    guards(&sub);
    // The submodule's own drift is its own.
    sub.add_column("mail");
    sub.record("bypassed");
    repo.commit_all("bump").passes_silently();
    repo.edit("app/src/schema.rs", "name -> Text", "name -> Integer");
    repo.commit_all("type")
        .blocks("ops-migrate: users.name changed to Integer in app/src/schema.rs:4 has no migration");
}

#[test]
fn row_32_bare_repositories() {
    let repo = RealRepo::bare_crate(&[]);
    let bare = repo.beside("bare.git");
    let url = repo.root.to_str().unwrap();
    repo.git(&["clone", "--quiet", "--bare", url, bare.root.to_str().unwrap()]).passes();
    let ran = install(&bare);
    assert!(ran.code == 2 && ran.stderr.starts_with("error: this is a bare repository"), "{}", ran.stderr);
    let tree = repo.beside("tree");
    bare.git(&["worktree", "add", "--quiet", tree.root.to_str().unwrap(), "main"]).passes();
    install(&tree).passes();
    guards(&tree);
    // A folder whose `.git` is a file that leads to the bare repository, with work trees beside it.
    let layout = repo.beside("layout");
    fs_err::create_dir(&layout.root).unwrap();
    layout.git(&["clone", "--quiet", "--bare", url, ".bare"]).passes();
    layout.write(".git", "gitdir: ./.bare\n");
    layout.git(&["worktree", "add", "--quiet", "main"]).passes();
    let tree = repo.beside("layout/main");
    install(&tree).passes();
    assert!(layout.path(".bare/hooks/pre-commit").exists());
    guards(&tree);
}

#[test]
fn row_33_from_outside() {
    let repo = RealRepo::new();
    let above = repo.beside("");
    repo.add_column("nick");
    let place = ["--git-dir=repo/.git", "--work-tree=repo"];
    above.git(&[&place[..], &["commit", "--all", "-m", "nick"]].concat()).blocks(NICK);
    repo.git(&["-C", "src", "commit", "--all", "-m", "nick"]).blocks(NICK);
}

#[test]
fn row_34_split_and_sparse_indexes() {
    let repo = RealRepo::new();
    repo.git(&["update-index", "--split-index"]).passes();
    guards(&repo);
    let repo = RealRepo::new();
    repo.write("docs/a/b.md", "docs\n");
    repo.record("docs");
    repo.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "src", "migrations"]).passes();
    guards(&repo);
}

#[test]
fn row_34_other_object_and_reference_formats() {
    for format in ["--object-format=sha256", "--ref-format=reftable"] {
        let repo = RealRepo::bare_crate(&[format]).with_format(format);
        install(&repo).passes();
        guards(&repo);
        repo.add_column("mail");
        repo.record("bypassed");
        let line = "ops-migrate: users.mail added in src/schema.rs:6 has no migration";
        repo.git(&["push", "--quiet", "origin", "main"]).blocks(line);
        repo.add_revision(2, "mail");
        repo.record("mended");
        repo.git(&["push", "--quiet", "origin", "main"]).passes_silently();
    }
}

#[test]
fn row_34_without_git_nothing_is_decided() {
    let mut repo = RealRepo::bare_crate(&["--object-format=sha256"]);
    repo.add_column("nick");
    repo.git(&["add", "--all"]).passes();
    repo.vars.insert("PATH".to_owned(), "/nowhere".to_owned());
    let ran = repo.tool(&["check", "--staged"]);
    assert!(ran.code == 2 && ran.stderr.contains("could not check"), "{}", ran.stderr);
}

#[test]
fn row_36_sparse_checkout_without_the_migrations() {
    let repo = RealRepo::new();
    repo.git(&["sparse-checkout", "set", "--no-cone", "/src/", "/Cargo.toml"]).passes();
    assert!(!repo.path("migrations").exists());
    repo.write("src/lib.rs", "pub mod schema;\n// more\n");
    repo.commit_all("lib").passes_silently();
    guards(&repo);
}

#[test]
fn row_58_the_users_index_stays_as_it_is() {
    for split in [false, true] {
        let repo = RealRepo::new();
        if split {
            repo.git(&["update-index", "--split-index"]).passes();
        }
        repo.add_column("nick");
        repo.git(&["add", "--all"]).passes();
        repo.git(&["status"]).passes();
        let index = || fs_err::read(repo.path(".git/index")).unwrap();
        let (before, status) = (index(), repo.line(&["status", "--porcelain"]));
        repo.tool(&["check", "--staged"]).blocks(NICK);
        assert_eq!(index(), before);
        let vars = [("GIT_INDEX_FILE", ".git/index"), ("GIT_DIR", ".git")];
        let args = ["ops-migrate", "hook", "pre-commit"];
        repo.run(crate::common::real::TOOL, &args, "", &vars).blocks(NICK);
        assert_eq!(index(), before);
        repo.commit("nick").blocks(NICK);
        assert_eq!(repo.line(&["status", "--porcelain"]), status);
        assert!(!repo.path(".git/index.lock").exists());
    }
}

/// A program that is started from a hook works on what it finds around it, and not on git's index.
#[test]
fn row_58_a_child_that_calls_git() {
    let repo = RealRepo::new();
    repo.add_column("nick");
    repo.git(&["add", "--all"]).passes();
    repo.git(&["status"]).passes();
    let index = || fs_err::read(repo.path(".git/index")).unwrap();
    let before = index();
    let other = repo.top().join("other");
    let (cargo, other) = (repo.top().join("cargo"), other.to_str().unwrap());
    let script = format!(
        "#!/bin/sh\nmkdir -p '{other}' && cd '{other}' && git init -q && echo x >file && git add file && git ls-files\nexit 1\n"
    );
    repo.write_script(&cargo, &script);
    for git_dir in [".git", repo.path(".git").to_str().unwrap()] {
        let index_file = format!("{git_dir}/index");
        let vars = [
            ("GIT_DIR", git_dir),
            ("GIT_INDEX_FILE", index_file.as_str()),
            ("GIT_WORK_TREE", "."),
            ("GIT_PREFIX", ""),
            ("CARGO", cargo.to_str().unwrap()),
        ];
        let ran = repo.run(crate::common::real::TOOL, &["ops-migrate", "check"], "", &vars);
        assert_ne!(ran.code, 0, "{}", ran.stderr);
        assert_eq!(index(), before);
        let added = repo.run("git", &["-C", other, "ls-files"], "", &[]).passes();
        assert_eq!(added.stdout, "file\n");
        fs_err::remove_dir_all(other).unwrap();
    }
}
