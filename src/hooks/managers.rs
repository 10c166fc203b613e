//! The check in the configuration of the programs that manage hooks, and of CI: which files they read,
//! what has to stand in them, and the least change that puts it there. Reading and writing the
//! files, and showing the change, is left to `git::install` and the command.

use yaml_rust2::Yaml;

use super::yaml::{self, Addition};
use super::{Hook, Owner};
use crate::error::{Error, Kind, Result};
use crate::tree::Tree;

/// A program that runs hooks or checks by a configuration of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manager {
    PreCommit,
    Prek,
    Lefthook,
    Husky,
    Overcommit,
    CargoHusky,
    /// A workflow of GitHub Actions.
    Github,
    /// A job of GitLab CI.
    Gitlab,
}

/// A file as it has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// From the repository's root.
    pub path: String,
    /// What stands there now; `None` where there is no such file.
    pub before: Option<String>,
    pub after: String,
    pub executable: bool,
}

const PRE_COMMIT_CONFIG: &str = ".pre-commit-config.yaml";

/// `always_run`: a filter by file name skips a commit that only deletes a migration.
const PRE_COMMIT_REPO: &str = "\
repo: local
hooks:
  - id: ops-migrate
    name: cargo ops-migrate
    language: system
    entry: cargo-ops-migrate ops-migrate check --auto
    always_run: true
    pass_filenames: false
    require_serial: true
    stages: [pre-commit, pre-merge-commit, pre-push]
";

/// Without it only pre-commit itself is installed, and no push is ever checked.
const HOOK_TYPES: &str = "default_install_hook_types";

const CHECK_STAGED: &str = "cargo-ops-migrate ops-migrate check --staged";
const CHECK_PUSH: &str = "cargo-ops-migrate ops-migrate hook pre-push --";

const OVERCOMMIT: [(&str, &str); 2] = [
    (
        "PreCommit",
        "OpsMigrate:\n  enabled: true\n  description: Models that changed need a migration\n  required_executable: cargo-ops-migrate\n  command: [cargo-ops-migrate, ops-migrate, check, --staged]\n",
    ),
    (
        "PrePush",
        "OpsMigrate:\n  enabled: true\n  description: Models that changed need a migration\n  required_executable: cargo-ops-migrate\n  command: [cargo-ops-migrate, ops-migrate, hook, pre-push, --]\n",
    ),
];

impl Manager {
    pub const ALL: [Self; 8] = [
        Self::PreCommit,
        Self::Prek,
        Self::Lefthook,
        Self::Husky,
        Self::Overcommit,
        Self::CargoHusky,
        Self::Github,
        Self::Gitlab,
    ];

    /// The name as users know it and type it.
    pub fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::Prek => "prek",
            Self::Lefthook => "lefthook",
            Self::Husky => "husky",
            Self::Overcommit => "overcommit",
            Self::CargoHusky => "cargo-husky",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
        }
    }

    /// The manager of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|manager| manager.name() == name)
    }

    /// The files in which its configuration may stand, the one that it reads first.
    pub fn files(self) -> &'static [&'static str] {
        match self {
            Self::PreCommit => &[PRE_COMMIT_CONFIG],
            Self::Prek => &["prek.toml", PRE_COMMIT_CONFIG, ".pre-commit-config.yml"],
            Self::Lefthook => &[
                "lefthook.yml",
                ".lefthook.yml",
                ".config/lefthook.yml",
                "lefthook.yaml",
                ".lefthook.yaml",
                "lefthook.toml",
                ".lefthook.toml",
                "lefthook.json",
                ".lefthook.json",
            ],
            Self::Husky => &[".husky/pre-commit", ".husky/pre-merge-commit", ".husky/pre-push"],
            Self::CargoHusky => {
                &[".cargo-husky/hooks/pre-commit", ".cargo-husky/hooks/pre-merge-commit", ".cargo-husky/hooks/pre-push"]
            }
            Self::Overcommit => &[".overcommit.yml"],
            Self::Github => &[".github/workflows/ops-migrate.yml"],
            Self::Gitlab => &[".gitlab-ci.yml"],
        }
    }

    /// Whether it runs our pre-push hook itself, which proves new revisions where that was asked for;
    /// the others run only the check.
    pub fn proves(self) -> bool {
        matches!(self, Self::Lefthook | Self::Husky | Self::Overcommit | Self::CargoHusky)
    }

    /// What has to be done, beside the file, for the hooks to run.
    pub fn next_step(self) -> Option<&'static str> {
        match self {
            Self::PreCommit => Some("pre-commit install"),
            Self::Prek => Some("prek install"),
            Self::Lefthook => Some("lefthook install"),
            Self::Overcommit => Some("overcommit --install && overcommit --sign"),
            Self::CargoHusky => Some(
                "cargo-husky = { version = \"1\", default-features = false, features = [\"user-hooks\"] } under [dev-dependencies], then: cargo test",
            ),
            Self::Husky | Self::Github | Self::Gitlab => None,
        }
    }

    /// What its configuration lacks for the check; nothing where it is all there.
    ///
    /// # Errors
    /// Where a file is written in a form that cannot be added to: the text to add is in the hints.
    pub fn edits(self, tree: &dyn Tree) -> Result<Vec<Edit>> {
        let edits = match self {
            Self::Husky | Self::CargoHusky => self.scripts(tree)?,
            _ => {
                let (path, before) = self.config(tree)?;
                let after = self.with_check(&path, before.as_deref().unwrap_or_default());
                let after = after.map_err(|why| self.refusal(&path, &why))?;
                vec![Edit { path, before, after, executable: false }]
            }
        };
        Ok(edits.into_iter().filter(|edit| edit.before.as_ref() != Some(&edit.after)).collect())
    }

    /// The configuration that is there, else the one to write.
    fn config(self, tree: &dyn Tree) -> Result<(String, Option<String>)> {
        let usual = if self == Self::Prek { PRE_COMMIT_CONFIG } else { self.files()[0] };
        for path in self.files() {
            if let Some(text) = self.text(tree, path)? {
                return Ok(((*path).to_owned(), Some(text)));
            }
        }
        Ok((usual.to_owned(), None))
    }

    fn text(self, tree: &dyn Tree, path: &str) -> Result<Option<String>> {
        let Some(bytes) = tree.read(path)? else { return Ok(None) };
        String::from_utf8(bytes).map(Some).map_err(|_| self.refusal(path, "it is not UTF-8"))
    }

    fn refusal(self, path: &str, why: &str) -> Error {
        Error::new(Kind::Change, format!("{path} was left as it is: {why}"))
            .hint(format!("add this to {path} yourself:\n{}", self.snippet(path).trim_end()))
    }

    /// What a configuration at a path needs that holds nothing else.
    pub fn snippet(self, path: &str) -> String {
        match self {
            Self::Husky | Self::CargoHusky => {
                let script = |hook: Hook| format!("# {hook}\n{} || exit $?\n", check_line(hook));
                Hook::MANAGED.map(script).concat()
            }
            _ => self.with_check(path, "").or_else(|_| self.with_check(".yml", "")).unwrap_or_default(),
        }
    }

    fn with_check(self, path: &str, text: &str) -> Result<String, String> {
        match self {
            Self::Prek if path.ends_with(".toml") => prek_toml(text),
            Self::PreCommit | Self::Prek => pre_commit(text),
            Self::Lefthook if path.ends_with(".yml") || path.ends_with(".yaml") => lefthook(text),
            Self::Lefthook if mentions_us(text) => Ok(text.to_owned()),
            Self::Lefthook => Err("only YAML is edited".to_owned()),
            Self::Overcommit => overcommit(text),
            Self::Github if text.is_empty() || text == workflow() => Ok(workflow()),
            Self::Github if mentions_us(text) => Ok(text.to_owned()),
            Self::Github => Err("it is another workflow".to_owned()),
            Self::Gitlab => gitlab(text),
            Self::Husky | Self::CargoHusky => Err("it is a script".to_owned()),
        }
    }

    /// The check as a line of shell scripts, one for each hook.
    fn scripts(self, tree: &dyn Tree) -> Result<Vec<Edit>> {
        let mut edits = Vec::new();
        for (path, hook) in self.files().iter().zip(Hook::MANAGED) {
            let before = self.text(tree, path)?;
            let text = before.as_deref().unwrap_or(if self == Self::CargoHusky { "#!/bin/sh\n" } else { "" });
            let after = script(text, hook).map_err(|why| self.refusal(path, &why))?;
            edits.push(Edit { path: (*path).to_owned(), before, after, executable: true });
        }
        Ok(edits)
    }
}

impl Owner {
    /// The manager whose configuration decides what this hook does.
    pub fn manager(self) -> Option<Manager> {
        match self {
            Self::PreCommit => Some(Manager::PreCommit),
            Self::Prek => Some(Manager::Prek),
            Self::Lefthook => Some(Manager::Lefthook),
            Self::Husky => Some(Manager::Husky),
            Self::Overcommit => Some(Manager::Overcommit),
            _ => None,
        }
    }
}

/// Whether a file calls the tool.
pub fn mentions_us(text: &str) -> bool {
    text.contains("cargo-ops-migrate") || text.contains("cargo ops-migrate")
}

/// Whether some text in a value calls the tool, or names our hook in another repository.
fn calls_us(value: &Yaml) -> bool {
    match value {
        Yaml::String(text) => mentions_us(text) || text == "ops-migrate" || text == "ops-migrate-system",
        Yaml::Array(items) => items.iter().any(calls_us),
        Yaml::Hash(entries) => entries.values().any(calls_us),
        _ => false,
    }
}

fn pre_commit(text: &str) -> Result<String, String> {
    let mut text = text.to_owned();
    let value = yaml::value(&text)?;
    match &value[HOOK_TYPES] {
        Yaml::BadValue => {
            let names = Hook::MANAGED.map(Hook::name).join(", ");
            let line = format!("{HOOK_TYPES}: [{names}]\n");
            text = yaml::add(&text, Addition::key(&[], &line).before("repos"))?;
        }
        types => {
            let has = |name: &str| types.as_vec().is_some_and(|t| t.iter().any(|t| t.as_str() == Some(name)));
            for hook in Hook::MANAGED.into_iter().filter(|hook| !has(hook.name())) {
                text = yaml::add(&text, Addition::item(&[HOOK_TYPES], hook.name()))?;
            }
        }
    }
    match &value["repos"] {
        repos if calls_us(repos) => Ok(text),
        Yaml::BadValue => yaml::add(&text, Addition::key(&[], &format!("repos:\n{}", indent_item(PRE_COMMIT_REPO)))),
        _ => yaml::add(&text, Addition::item(&["repos"], PRE_COMMIT_REPO)),
    }
}

/// A text as the only item of a list that is two columns deep.
fn indent_item(text: &str) -> String {
    let lines = text.lines().enumerate();
    lines.map(|(number, line)| format!("  {}{line}\n", if number == 0 { "- " } else { "  " })).collect()
}

/// The tables that prek reads (its own format, with the keys of pre-commit's).
fn prek_toml(text: &str) -> Result<String, String> {
    if mentions_us(text) {
        return Ok(text.to_owned());
    }
    let mut document: toml_edit::DocumentMut =
        text.parse().map_err(|error: toml_edit::TomlError| format!("it is not TOML: {}", error.message()))?;
    let types = document
        .entry(HOOK_TYPES)
        .or_insert_with(|| toml_edit::value(toml_edit::Array::new()))
        .as_array_mut()
        .ok_or_else(|| format!("{HOOK_TYPES} is no list"))?;
    for hook in Hook::MANAGED {
        if !types.iter().any(|name| name.as_str() == Some(hook.name())) {
            types.push(hook.name());
        }
    }
    let hook = "[[repos]]\nrepo = \"local\"\nhooks = [\n  { id = \"ops-migrate\", name = \"cargo ops-migrate\", language = \"system\", entry = \"cargo-ops-migrate ops-migrate check --auto\", always_run = true, pass_filenames = false, require_serial = true, stages = [\"pre-commit\", \"pre-merge-commit\", \"pre-push\"] },\n]\n";
    match document.get("repos") {
        None | Some(toml_edit::Item::ArrayOfTables(_)) => {}
        Some(_) => return Err("its repos are written in brackets".to_owned()),
    }
    let text = document.to_string();
    let gap = if text.is_empty() || text.ends_with("\n\n") { "" } else { "\n" };
    let after = format!("{text}{gap}{hook}");
    after.parse::<toml_edit::DocumentMut>().map(|_| after).map_err(|error| error.message().to_owned())
}

fn lefthook(text: &str) -> Result<String, String> {
    let mut text = text.to_owned();
    for hook in Hook::MANAGED {
        let value = yaml::value(&text)?;
        let at = &value[hook.name()];
        if calls_us(at) {
            continue;
        }
        let job = match hook {
            Hook::PrePush => format!("name: ops-migrate\nrun: {CHECK_PUSH} {{1}} {{2}}\nuse_stdin: true\n"),
            _ => format!("name: ops-migrate\nrun: {CHECK_STAGED}\n"),
        };
        let jobs = format!("jobs:\n{}", indent_item(&job));
        let whole = jobs.lines().map(|line| format!("  {line}\n")).collect::<String>();
        let name = hook.name();
        text = match at {
            Yaml::BadValue => yaml::add(&text, Addition::key(&[], &format!("{name}:\n{whole}"))),
            at if at["jobs"].is_badvalue() => yaml::add(&text, Addition::key(&[name], &jobs)),
            _ => yaml::add(&text, Addition::item(&[name, "jobs"], &job)),
        }?;
    }
    Ok(text)
}

fn overcommit(text: &str) -> Result<String, String> {
    let mut text = text.to_owned();
    for (name, hook) in OVERCOMMIT {
        let value = yaml::value(&text)?;
        let whole = hook.lines().map(|line| format!("  {line}\n")).collect::<String>();
        text = match &value[name] {
            at if calls_us(at) => continue,
            Yaml::BadValue => yaml::add(&text, Addition::key(&[], &format!("{name}:\n{whole}"))),
            _ => yaml::add(&text, Addition::key(&[name], hook)),
        }?;
    }
    Ok(text)
}

fn gitlab(text: &str) -> Result<String, String> {
    let value = yaml::value(text)?;
    if calls_us(&value) {
        return Ok(text.to_owned());
    }
    let job = include_str!("../../hooks/ci/gitlab.yml").replace("@VERSION@", env!("CARGO_PKG_VERSION"));
    // Without a list of stages there is one called test, where jobs go that name none.
    let stages = value["stages"].as_vec();
    let stage = stages.filter(|stages| !stages.iter().any(|stage| stage.as_str() == Some("test")));
    let job = match stage.and_then(|stages| stages.first()?.as_str()) {
        Some(stage) => job.replacen("ops-migrate:\n", &format!("ops-migrate:\n  stage: {stage}\n"), 1),
        None => job,
    };
    yaml::add(text, Addition::key(&[], &job))
}

/// The workflow of GitHub Actions, whole.
fn workflow() -> String {
    let script = include_str!("../../hooks/ci/github.sh");
    let script: String = script.lines().map(|line| format!("          {line}\n")).collect();
    include_str!("../../hooks/ci/github.yml")
        .replace("@VERSION@", env!("CARGO_PKG_VERSION"))
        .replace("@SCRIPT@\n", &script)
}

/// The script of a hook with our line before its other commands: whatever their exit codes do to it,
/// ours counts. Only standard input cannot be read twice.
fn script(text: &str, hook: Hook) -> Result<String, String> {
    if mentions_us(text) {
        return Ok(text.to_owned());
    }
    let is_head = |line: &&str| {
        let line = line.trim();
        line.is_empty() || line.starts_with('#') || line.starts_with("set -") || line.contains("/husky.sh\"")
    };
    let head: usize = text.split_inclusive('\n').take_while(is_head).map(str::len).sum();
    let (head, commands) = text.split_at(head);
    let reads = ["git lfs", "git-lfs", "read ", "cat", "xargs", "/dev/stdin"];
    if hook == Hook::PrePush && reads.iter().any(|word| commands.contains(word)) {
        return Err("another command there reads what git writes to the hook's standard input".to_owned());
    }
    let gap = if head.is_empty() || head.ends_with('\n') { "" } else { "\n" };
    Ok(format!("{head}{gap}{} || exit $?\n{commands}", check_line(hook)))
}

/// The check as a line of a hook's script.
fn check_line(hook: Hook) -> String {
    if hook == Hook::PrePush { format!("{CHECK_PUSH} \"$@\"") } else { CHECK_STAGED.to_owned() }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::Manager;
    use crate::hooks::Hook;
    use crate::tree::MemTree;

    /// What a manager's files become, as unified diffs; then, that a second time there is nothing to do.
    #[track_caller]
    fn check(manager: Manager, files: &[(&str, &str)], expected: Expect) {
        let mut tree = MemTree::default();
        tree.files.extend(files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())));
        let edits = match manager.edits(&tree) {
            Ok(edits) => edits,
            Err(error) => return expected.assert_eq(&format!("{error}\n{}\n", error.hints.join("\n"))),
        };
        let mut shown = String::new();
        for edit in edits {
            let mut options = diffy::DiffOptions::new();
            options.set_context_len(1);
            options.set_original_filename(edit.path.clone()).set_modified_filename(edit.path.clone());
            let before = edit.before.clone().unwrap_or_default();
            shown.push_str(&options.create_patch(&before, &edit.after).to_string());
            tree.files.insert(edit.path, edit.after.into_bytes());
        }
        expected.assert_eq(&shown);
        assert_eq!(manager.edits(&tree).unwrap(), []);
    }

    #[test]
    fn pre_commit_keeps_what_is_there() {
        let config = "# ours\nfail_fast: true\n\nrepos:\n  - repo: https://example.org/x # pinned\n    rev: v1\n    hooks:\n      - id: x\n\n# the end\n";
        check(
            Manager::PreCommit,
            &[(".pre-commit-config.yaml", config)],
            expect![[r#"
            --- .pre-commit-config.yaml
            +++ .pre-commit-config.yaml
            @@ -3,2 +3,3 @@

            +default_install_hook_types: [pre-commit, pre-merge-commit, pre-push]
             repos:
            @@ -8,2 +9,12 @@
                   - id: x
            +  - repo: local
            +    hooks:
            +      - id: ops-migrate
            +        name: cargo ops-migrate
            +        language: system
            +        entry: cargo-ops-migrate ops-migrate check --auto
            +        always_run: true
            +        pass_filenames: false
            +        require_serial: true
            +        stages: [pre-commit, pre-merge-commit, pre-push]

        "#]],
        );
        let config = "default_install_hook_types: [pre-commit, commit-msg]\nrepos:\n- repo: local\n  hooks: []\n";
        check(
            Manager::Prek,
            &[(".pre-commit-config.yaml", config)],
            expect![[r#"
            --- .pre-commit-config.yaml
            +++ .pre-commit-config.yaml
            @@ -1,2 +1,2 @@
            -default_install_hook_types: [pre-commit, commit-msg]
            +default_install_hook_types: [pre-commit, commit-msg, pre-merge-commit, pre-push]
             repos:
            @@ -4 +4,11 @@
               hooks: []
            +- repo: local
            +  hooks:
            +    - id: ops-migrate
            +      name: cargo ops-migrate
            +      language: system
            +      entry: cargo-ops-migrate ops-migrate check --auto
            +      always_run: true
            +      pass_filenames: false
            +      require_serial: true
            +      stages: [pre-commit, pre-merge-commit, pre-push]
        "#]],
        );
        check(
            Manager::PreCommit,
            &[],
            expect![[r#"
            --- .pre-commit-config.yaml
            +++ .pre-commit-config.yaml
            @@ -0,0 +1,12 @@
            +default_install_hook_types: [pre-commit, pre-merge-commit, pre-push]
            +repos:
            +  - repo: local
            +    hooks:
            +      - id: ops-migrate
            +        name: cargo ops-migrate
            +        language: system
            +        entry: cargo-ops-migrate ops-migrate check --auto
            +        always_run: true
            +        pass_filenames: false
            +        require_serial: true
            +        stages: [pre-commit, pre-merge-commit, pre-push]
        "#]],
        );
        let other = "default_install_hook_types: [pre-commit, pre-merge-commit, pre-push]\nrepos:\n  - repo: https://example.org/cargo-ops-migrate\n    rev: v1\n    hooks:\n      - id: ops-migrate\n";
        check(Manager::PreCommit, &[(".pre-commit-config.yaml", other)], expect![[r##""##]]);
    }

    #[test]
    fn prek_has_a_format_of_its_own() {
        let config = "# mine\nfail_fast = true\n\n[[repos]]\nrepo = \"builtin\"\nhooks = [{ id = \"check-toml\" }]\n";
        check(
            Manager::Prek,
            &[("prek.toml", config)],
            expect![[r#"
            --- prek.toml
            +++ prek.toml
            @@ -2,2 +2,3 @@
             fail_fast = true
            +default_install_hook_types = ["pre-commit", "pre-merge-commit", "pre-push"]

            @@ -6 +7,7 @@
             hooks = [{ id = "check-toml" }]
            +
            +[[repos]]
            +repo = "local"
            +hooks = [
            +  { id = "ops-migrate", name = "cargo ops-migrate", language = "system", entry = "cargo-ops-migrate ops-migrate check --auto", always_run = true, pass_filenames = false, require_serial = true, stages = ["pre-commit", "pre-merge-commit", "pre-push"] },
            +]
        "#]],
        );
        check(
            Manager::Prek,
            &[("prek.toml", "repos = []\n")],
            expect![[r#"
                prek.toml was left as it is: its repos are written in brackets
                add this to prek.toml yourself:
                default_install_hook_types = ["pre-commit", "pre-merge-commit", "pre-push"]

                [[repos]]
                repo = "local"
                hooks = [
                  { id = "ops-migrate", name = "cargo ops-migrate", language = "system", entry = "cargo-ops-migrate ops-migrate check --auto", always_run = true, pass_filenames = false, require_serial = true, stages = ["pre-commit", "pre-merge-commit", "pre-push"] },
                ]
            "#]],
        );
    }

    #[test]
    fn lefthook_gets_a_job_in_each_hook() {
        let config = "# lefthook\npre-commit:\n  parallel: true\n  commands:\n    fmt: # first\n      run: cargo fmt --check\n\npre-push:\n  jobs:\n    - run: cargo test\n";
        check(
            Manager::Lefthook,
            &[("lefthook.yml", config)],
            expect![[r#"
            --- lefthook.yml
            +++ lefthook.yml
            @@ -6,2 +6,5 @@
                   run: cargo fmt --check
            +  jobs:
            +    - name: ops-migrate
            +      run: cargo-ops-migrate ops-migrate check --staged

            @@ -10 +13,8 @@
                 - run: cargo test
            +    - name: ops-migrate
            +      run: cargo-ops-migrate ops-migrate hook pre-push -- {1} {2}
            +      use_stdin: true
            +pre-merge-commit:
            +  jobs:
            +    - name: ops-migrate
            +      run: cargo-ops-migrate ops-migrate check --staged
        "#]],
        );
        check(
            Manager::Lefthook,
            &[("lefthook.toml", "[pre-commit]\n")],
            expect![[r#"
                lefthook.toml was left as it is: only YAML is edited
                add this to lefthook.toml yourself:
                pre-commit:
                  jobs:
                    - name: ops-migrate
                      run: cargo-ops-migrate ops-migrate check --staged
                pre-merge-commit:
                  jobs:
                    - name: ops-migrate
                      run: cargo-ops-migrate ops-migrate check --staged
                pre-push:
                  jobs:
                    - name: ops-migrate
                      run: cargo-ops-migrate ops-migrate hook pre-push -- {1} {2}
                      use_stdin: true
            "#]],
        );
    }

    #[test]
    fn scripts_get_a_line_before_the_others() {
        let old = "#!/usr/bin/env sh\n. \"$(dirname -- \"$0\")/_/husky.sh\"\n\nnpm test\n";
        check(
            Manager::Husky,
            &[(".husky/pre-commit", old), (".husky/pre-push", "npm run build")],
            expect![[r#"
            --- .husky/pre-commit
            +++ .husky/pre-commit
            @@ -3,2 +3,3 @@

            +cargo-ops-migrate ops-migrate check --staged || exit $?
             npm test
            --- .husky/pre-merge-commit
            +++ .husky/pre-merge-commit
            @@ -0,0 +1 @@
            +cargo-ops-migrate ops-migrate check --staged || exit $?
            --- .husky/pre-push
            +++ .husky/pre-push
            @@ -1 +1,2 @@
            +cargo-ops-migrate ops-migrate hook pre-push -- "$@" || exit $?
             npm run build
            \ No newline at end of file
        "#]],
        );
        check(
            Manager::CargoHusky,
            &[],
            expect![[r#"
            --- .cargo-husky/hooks/pre-commit
            +++ .cargo-husky/hooks/pre-commit
            @@ -0,0 +1,2 @@
            +#!/bin/sh
            +cargo-ops-migrate ops-migrate check --staged || exit $?
            --- .cargo-husky/hooks/pre-merge-commit
            +++ .cargo-husky/hooks/pre-merge-commit
            @@ -0,0 +1,2 @@
            +#!/bin/sh
            +cargo-ops-migrate ops-migrate check --staged || exit $?
            --- .cargo-husky/hooks/pre-push
            +++ .cargo-husky/hooks/pre-push
            @@ -0,0 +1,2 @@
            +#!/bin/sh
            +cargo-ops-migrate ops-migrate hook pre-push -- "$@" || exit $?
        "#]],
        );
        check(
            Manager::Husky,
            &[(".husky/pre-push", "git lfs pre-push \"$@\"\n")],
            expect![[r#"
            .husky/pre-push was left as it is: another command there reads what git writes to the hook's standard input
            add this to .husky/pre-push yourself:
            # pre-commit
            cargo-ops-migrate ops-migrate check --staged || exit $?
            # pre-merge-commit
            cargo-ops-migrate ops-migrate check --staged || exit $?
            # pre-push
            cargo-ops-migrate ops-migrate hook pre-push -- "$@" || exit $?
        "#]],
        );
    }

    #[test]
    fn overcommit_and_ci() {
        let config = "PreCommit:\n  RuboCop:\n    enabled: true\nCommitMsg:\n  ALL:\n    enabled: false\n";
        check(
            Manager::Overcommit,
            &[(".overcommit.yml", config)],
            expect![[r#"
            --- .overcommit.yml
            +++ .overcommit.yml
            @@ -3,2 +3,7 @@
                 enabled: true
            +  OpsMigrate:
            +    enabled: true
            +    description: Models that changed need a migration
            +    required_executable: cargo-ops-migrate
            +    command: [cargo-ops-migrate, ops-migrate, check, --staged]
             CommitMsg:
            @@ -6 +11,7 @@
                 enabled: false
            +PrePush:
            +  OpsMigrate:
            +    enabled: true
            +    description: Models that changed need a migration
            +    required_executable: cargo-ops-migrate
            +    command: [cargo-ops-migrate, ops-migrate, hook, pre-push, --]
        "#]],
        );
        let config = "stages: [lint, build]\n\nlint:\n  stage: lint\n  script: [\"true\"]\n";
        check(
            Manager::Gitlab,
            &[(".gitlab-ci.yml", config)],
            expect![[r#"
            --- .gitlab-ci.yml
            +++ .gitlab-ci.yml
            @@ -5 +5,23 @@
               script: ["true"]
            +# The check of the git hooks, for every commit that came without them.
            +ops-migrate:
            +  stage: lint
            +  image: rust:latest
            +  variables:
            +    GIT_DEPTH: "0"
            +  rules:
            +    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
            +    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
            +  cache:
            +    key: cargo-ops-migrate-0.1.0
            +    paths: [.cargo-ops-migrate]
            +  script:
            +    - cargo install cargo-ops-migrate --version 0.1.0 --locked --root .cargo-ops-migrate
            +    - export PATH="$PWD/.cargo-ops-migrate/bin:$PATH"
            +    - base=${CI_MERGE_REQUEST_DIFF_BASE_SHA:-$CI_COMMIT_BEFORE_SHA}
            +    - case $base in *[!0]*) set -- --range "$base...HEAD" ;; *) set -- --tree HEAD ;; esac
            +    - cargo-ops-migrate ops-migrate check "$@" --format gitlab > gl-code-quality-report.json
            +  artifacts:
            +    when: always
            +    reports:
            +      codequality: gl-code-quality-report.json
        "#]],
        );
        check(
            Manager::Gitlab,
            &[(".gitlab-ci.yml", "lint: [\n")],
            expect![[r#"
                .gitlab-ci.yml was left as it is: it is not YAML: while parsing a node, did not find expected node content at byte 8 line 2 column 1
                add this to .gitlab-ci.yml yourself:
                # The check of the git hooks, for every commit that came without them.
                ops-migrate:
                  image: rust:latest
                  variables:
                    GIT_DEPTH: "0"
                  rules:
                    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
                    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
                  cache:
                    key: cargo-ops-migrate-0.1.0
                    paths: [.cargo-ops-migrate]
                  script:
                    - cargo install cargo-ops-migrate --version 0.1.0 --locked --root .cargo-ops-migrate
                    - export PATH="$PWD/.cargo-ops-migrate/bin:$PATH"
                    - base=${CI_MERGE_REQUEST_DIFF_BASE_SHA:-$CI_COMMIT_BEFORE_SHA}
                    - case $base in *[!0]*) set -- --range "$base...HEAD" ;; *) set -- --tree HEAD ;; esac
                    - cargo-ops-migrate ops-migrate check "$@" --format gitlab > gl-code-quality-report.json
                  artifacts:
                    when: always
                    reports:
                      codequality: gl-code-quality-report.json
            "#]],
        );
        check(
            Manager::Github,
            &[(".github/workflows/ops-migrate.yml", "name: other\n")],
            expect![[r####"
                .github/workflows/ops-migrate.yml was left as it is: it is another workflow
                add this to .github/workflows/ops-migrate.yml yourself:
                # Written by `cargo ops-migrate hooks install --manager github`: the check of the git hooks, for every
                # commit that came without them.
                name: ops-migrate
                on:
                  pull_request:
                  merge_group:
                  push:
                    branches: [main, master]
                permissions:
                  contents: read
                jobs:
                  check:
                    runs-on: ubuntu-latest
                    steps:
                      - uses: actions/checkout@v4
                        with:
                          fetch-depth: 0
                      - uses: actions/cache@v4
                        with:
                          path: ~/.cargo/bin/cargo-ops-migrate
                          key: cargo-ops-migrate-0.1.0-${{ runner.os }}-${{ runner.arch }}
                      - name: Install cargo-ops-migrate
                        run: command -v cargo-ops-migrate || cargo install cargo-ops-migrate --version 0.1.0 --locked
                      - name: Models and revisions
                        env:
                          OPS_MIGRATE_BASE: ${{ github.event.merge_group.base_sha || github.event.before }}
                        run: |
                          # Which commits are new is told by the event. A pull request is checked out as its merge with the branch
                          # that it goes to (HEAD^1), which is newer than what the event itself remembers of that branch.
                          set -u
                          known() { git rev-parse --quiet --verify "$1^{commit}" >/dev/null 2>&1; }
                          base=
                          case ${GITHUB_EVENT_NAME:-} in
                            pull_request*)
                              if known HEAD^2; then base=HEAD^1; else base=origin/${GITHUB_BASE_REF:-main}...; fi ;;
                            *)
                              # An earlier tip, or zeros for a new branch.
                              case ${OPS_MIGRATE_BASE:-} in '' | *[!0]*) base=${OPS_MIGRATE_BASE:-} ;; esac ;;
                          esac
                          case $base in
                            '') set -- check --tree HEAD "$@" ;;
                            *...) set -- check --range "${base}HEAD" "$@" ;;
                            *) set -- check --range "$base..HEAD" "$@" ;;
                          esac
                          case $base in HEAD^1 | '') ;; *)
                            if ! known "${base%...}"; then
                              echo "::error::cargo ops-migrate: ${base%...} is not in this checkout; give actions/checkout fetch-depth: 0"
                              exit 2
                            fi ;;
                          esac
                          code=0
                          cargo-ops-migrate ops-migrate "$@" --format github || code=$?
                          if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
                            {
                              case $code in
                                0) echo "### cargo ops-migrate: models and revisions agree" ;;
                                1) echo "### cargo ops-migrate: models without a revision" ;;
                                *) echo "### cargo ops-migrate: could not check" ;;
                              esac
                              if [ "$code" != 0 ]; then
                                echo '```text'
                                cargo-ops-migrate ops-migrate "$@" 2>&1 || :
                                echo '```'
                              fi
                            } >>"$GITHUB_STEP_SUMMARY"
                          fi
                          exit "$code"
            "####]],
        );
    }

    #[test]
    fn what_we_ship_is_what_the_programs_read() {
        let yaml = |text: &str| yaml_rust2::YamlLoader::load_from_str(text).unwrap().remove(0);
        let workflow = yaml(&super::workflow());
        let steps = workflow["jobs"]["check"]["steps"].as_vec().unwrap();
        assert_eq!(steps.last().unwrap()["run"].as_str().unwrap(), include_str!("../../hooks/ci/github.sh"));
        assert!(!super::workflow().contains("@VERSION@"));
        let action = yaml(include_str!("../../action.yml"));
        assert_eq!(action["runs"]["using"].as_str(), Some("composite"));
        let steps = action["runs"]["steps"].as_vec().unwrap();
        assert!(steps.iter().all(|step| step["uses"].as_str().is_some() || step["shell"].as_str() == Some("sh")));
        let hooks = yaml(include_str!("../../.pre-commit-hooks.yaml"));
        for hook in hooks.as_vec().unwrap() {
            assert_eq!(hook["always_run"].as_bool(), Some(true));
            let stages: Vec<&str> = hook["stages"].as_vec().unwrap().iter().filter_map(|s| s.as_str()).collect();
            assert!(Hook::MANAGED.iter().all(|hook| stages.contains(&hook.name())), "{stages:?}");
        }
        for manager in Manager::ALL {
            assert_eq!(Manager::parse(manager.name()), Some(manager));
            assert!(manager.snippet("").contains("ops-migrate"), "{}", manager.name());
        }
    }
}
