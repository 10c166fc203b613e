//! The hooks under pre-commit, prek and lefthook themselves. `cargo xtask test` installs the programs and
//! says where they are; `cargo xtask managers` runs only these tests.

mod manager_tests {
    use std::path::PathBuf;

    use crate::common::FIRST;
    use crate::common::real::{Ran, RealRepo, UP};

    const NICK: &str = "ops-migrate: users.nick added in src/schema.rs:5 has no migration";
    const GATE: [&str; 3] = ["pre-commit", "pre-merge-commit", "pre-push"];

    /// Where the programs are.
    fn programs() -> PathBuf {
        #[expect(clippy::disallowed_methods, reason = "the tests' surroundings, not the tool's")]
        let directory = std::env::var_os("OPS_MIGRATE_TEST_MANAGERS");
        directory.expect("run these tests with `cargo xtask managers`, which installs the programs").into()
    }

    /// A repository with the programs within reach of git and its hooks.
    fn repository() -> RealRepo {
        let mut repo = RealRepo::bare_crate(&[]).with_origin();
        let path = format!("{}:{}", repo.vars["PATH"], programs().display());
        repo.vars.insert("PATH".to_owned(), path);
        for (name, value) in [("NO_COLOR", "1"), ("LEFTHOOK_QUIET", "meta")] {
            repo.vars.insert(name.to_owned(), value.to_owned());
        }
        repo
    }

    /// What a manager prints goes to either stream.
    #[track_caller]
    fn blocks(ran: &Ran) {
        assert_ne!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
        assert!(ran.stdout.contains(NICK) || ran.stderr.contains(NICK), "{}{}", ran.stdout, ran.stderr);
        assert!(!ran.stderr.contains("migration mode"), "{}", ran.stderr);
    }

    /// A change without its revision is held back in a commit of any kind, in a merge and in a push, and
    /// passes with it.
    #[track_caller]
    fn guards(repo: &RealRepo) {
        repo.write("README.md", "docs\n");
        repo.commit_all("docs").passes();
        repo.add_column("nick");
        blocks(&repo.git(&["commit", "--all", "-m", "nick"]));
        blocks(&repo.commit_all("nick"));
        // Deleting a revision changes no model's file.
        repo.record("bypassed");
        blocks(&repo.git(&["push", "origin", "main"]));
        repo.add_revision(1, "nick");
        repo.commit_all("nick").passes();
        repo.git(&["push", "origin", "main"]).passes();
        repo.git(&["rm", "--quiet", "-r", "migrations/2024-02-01-000000_add_nick"]).passes();
        let ran = repo.commit("gone");
        assert_ne!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
        repo.git(&["reset", "--quiet", "--hard"]).passes();
    }

    /// Puts the check into the manager's configuration and installs it.
    #[track_caller]
    fn install(repo: &RealRepo, manager: &str) {
        repo.tool(&["hooks", "install", "--manager", manager, "--write"]).passes();
        repo.record("configured");
        repo.git(&["push", "--quiet", "--no-verify", "origin", "main"]).passes();
        repo.run(manager, &["install"], "", &[]).passes();
        for hook in GATE {
            let (runs, why) = repo.hook_status(hook);
            assert!(runs && why.contains(&format!("{manager} runs it from")), "{hook}: {why}");
        }
    }

    #[test]
    fn row_51_pre_commit_runs_the_check() {
        let repo = repository();
        install(&repo, "pre-commit");
        guards(&repo);
    }

    #[test]
    fn row_51_prek_runs_the_check() {
        let repo = repository();
        install(&repo, "prek");
        guards(&repo);
        let repo = repository();
        repo.write("prek.toml", "# mine\n[[repos]]\nrepo = \"builtin\"\nhooks = [{ id = \"check-toml\" }]\n");
        install(&repo, "prek");
        guards(&repo);
    }

    #[test]
    fn row_51_lefthook_runs_the_check() {
        let repo = repository();
        repo.write("lefthook.yml", "pre-commit:\n  commands:\n    one: # first\n      run: \"true\"\n");
        install(&repo, "lefthook");
        guards(&repo);
    }

    /// Of a revision that others have already: its end, and another text under the same name.
    #[test]
    fn row_14_an_old_revision_is_deleted_or_edited() {
        let up = format!("{FIRST}/up.sql");
        for manager in ["pre-commit", "prek"] {
            let repo = repository();
            install(&repo, manager);
            repo.git(&["rm", "--quiet", "-r", FIRST]).passes();
            let ran = repo.commit("gone");
            assert_ne!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
            repo.git(&["reset", "--quiet", "--hard"]).passes();
            // An edit that takes nothing from the models passes.
            repo.write(&up, format!("{UP}-- words\n"));
            repo.commit_all("words").passes();
            // With the file that a filter would look at deleted and nothing else staged.
            repo.git(&["rm", "--quiet", &up]).passes();
            let ran = repo.commit("no up.sql");
            assert_ne!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
        }
    }

    /// The hook that this repository offers to pre-commit and prek, by its manifest.
    #[test]
    fn the_hooks_that_we_ship() {
        let shipped = fs_err::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/.pre-commit-hooks.yaml")).unwrap();
        for manager in ["pre-commit", "prek"] {
            let repo = repository();
            let hooks = repo.beside("hooks");
            fs_err::create_dir(&hooks.root).unwrap();
            hooks.git(&["init", "--quiet"]).passes();
            hooks.write(".pre-commit-hooks.yaml", &shipped);
            hooks.record("hooks");
            let config = format!(
                "default_install_hook_types: [pre-commit, pre-merge-commit, pre-push]\nrepos:\n  - repo: {}\n    rev: {}\n    hooks:\n      - id: ops-migrate-system\n",
                hooks.root.display(),
                hooks.line(&["rev-parse", "HEAD"])
            );
            repo.write(".pre-commit-config.yaml", config);
            repo.record("configured");
            repo.git(&["push", "--quiet", "--no-verify", "origin", "main"]).passes();
            repo.run(manager, &["install"], "", &[]).passes();
            repo.run(manager, &["validate-manifest", hooks.path(".pre-commit-hooks.yaml").to_str().unwrap()], "", &[])
                .passes();
            repo.tool(&["hooks", "install", "--manager", manager]).passes().prints(&["runs the check already"]);
            guards(&repo);
        }
    }

    #[test]
    fn row_52_installed_after_us() {
        for manager in ["pre-commit", "prek"] {
            let repo = repository();
            repo.tool(&["hooks", "install"]).passes();
            let ours = repo.read(".git/hooks/pre-commit");
            repo.write(".pre-commit-config.yaml", "repos: []\n");
            repo.record("configured");
            repo.run(manager, &["install"], "", &[]).passes();
            assert_eq!(repo.hook_status("pre-commit"), (true, format!("{manager} runs our shim as pre-commit.legacy")));
            repo.add_column("nick");
            blocks(&repo.commit_all("nick"));
            // Once more, by either: no circle, no error of its own.
            assert_eq!(repo.tool(&["hooks", "install"]).code, 1);
            repo.run(manager, &["install"], "", &[]).passes();
            blocks(&repo.commit_all("nick"));
            // We do not uninstall what is in another's hands.
            repo.tool(&["hooks", "uninstall"]).prints(&["has moved our shim to pre-commit.legacy"]);
            blocks(&repo.commit_all("nick"));
            repo.run(manager, &["uninstall"], "", &[]).passes();
            assert_eq!(repo.read(".git/hooks/pre-commit"), ours);
            repo.tool(&["hooks", "uninstall"]).passes();
            assert!(!repo.path(".git/hooks/pre-commit").exists());
        }
    }

    #[test]
    fn row_52_forced_over_us() {
        for manager in ["pre-commit", "prek"] {
            let repo = repository();
            repo.tool(&["hooks", "install"]).passes();
            repo.write(".pre-commit-config.yaml", "repos: []\n");
            repo.run(manager, &["install", "--overwrite"], "", &[]).passes();
            let (runs, why) = repo.hook_status("pre-commit");
            assert!(!runs && why.ends_with("our shim, which was here, is gone"), "{why}");
        }
    }

    #[test]
    fn row_52_and_53_lefthook_after_us() {
        let repo = repository();
        repo.tool(&["hooks", "install"]).passes();
        let ours = repo.read(".git/hooks/pre-commit");
        repo.write("lefthook.yml", "pre-commit:\n  jobs:\n    - run: \"true\"\n");
        repo.record("configured");
        repo.run("lefthook", &["install"], "", &[]).passes();
        let (runs, why) = repo.hook_status("pre-commit");
        assert!(!runs && why.ends_with("our shim was moved to pre-commit.old"), "{why}");
        repo.tool(&["hooks", "uninstall"]).prints(&["lefthook has moved our shim to pre-commit.old"]);
        repo.run("lefthook", &["uninstall"], "", &[]).passes();
        assert_eq!(repo.read(".git/hooks/pre-commit"), ours);
        repo.tool(&["hooks", "uninstall"]).passes();
    }
}
