//! A repository where real git runs the real hooks: the binary is started by git, as a process, with
//! nothing of the machine's configuration, and with no cargo within its reach.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::rc::Rc;

use tempfile::TempDir;

use super::{FIRST, MANIFEST, SCHEMA};

/// The tool as cargo has built it.
pub(crate) const TOOL: &str = env!("CARGO_BIN_EXE_cargo-ops-migrate");

/// The revision that makes the table of [`SCHEMA`].
pub(crate) const UP: &str =
    "CREATE TABLE users (\n    id INTEGER NOT NULL PRIMARY KEY,\n    name TEXT NOT NULL,\n    email TEXT\n);\n";

/// A repository in a temporary directory.
pub(crate) struct RealRepo {
    above: Rc<TempDir>,
    /// The root of the work tree.
    pub(crate) root: PathBuf,
    /// The environment of git, and so of its hooks.
    pub(crate) vars: BTreeMap<String, String>,
}

/// What a program did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl RealRepo {
    /// A crate with one table and the revision that makes it, committed; the hooks are installed.
    pub(crate) fn new() -> Self {
        let repo = Self::bare_crate(&[]);
        repo.tool(&["hooks", "install"]).passes();
        repo
    }

    /// The same without hooks; `init` goes to `git init`.
    pub(crate) fn bare_crate(init: &[&str]) -> Self {
        let repo = Self::unborn(init);
        repo.write_crate("");
        repo.record("first");
        repo
    }

    /// A repository without commits and hooks.
    pub(crate) fn unborn(init: &[&str]) -> Self {
        let above = TempDir::new().unwrap();
        let top = above.path().canonicalize().unwrap();
        let (root, home, bin) = (top.join("repo"), top.join("home dir"), top.join("bin"));
        for dir in [&root, &home, &bin] {
            fs_err::create_dir(dir).unwrap();
        }
        symlink(TOOL, bin.join("cargo-ops-migrate")).unwrap();
        let path = format!("{}:{}", bin.display(), system_path(&top));
        let vars = [
            ("PATH", path.as_str()),
            ("HOME", home.to_str().unwrap()),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CEILING_DIRECTORIES", top.to_str().unwrap()),
            ("GIT_AUTHOR_NAME", "Ada"),
            ("GIT_AUTHOR_EMAIL", "ada@example.org"),
            ("GIT_COMMITTER_NAME", "Ada"),
            ("GIT_COMMITTER_EMAIL", "ada@example.org"),
            ("GIT_EDITOR", "true"),
        ];
        let vars = vars.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let repo = Self { above: Rc::new(above), root, vars };
        repo.git(&[&["init", "--quiet", "--initial-branch=main"], init].concat()).passes();
        repo
    }

    /// Another directory of the same sandbox as a repository: a clone, a linked work tree.
    pub(crate) fn beside(&self, name: &str) -> Self {
        Self { above: Rc::clone(&self.above), root: self.top().join(name), vars: self.vars.clone() }
    }

    /// The directory that holds the repository, its home and its `bin`.
    pub(crate) fn top(&self) -> PathBuf {
        self.above.path().canonicalize().unwrap()
    }

    /// Writes the crate with its revision into a directory, which ends with `/` or is empty.
    pub(crate) fn write_crate(&self, directory: &str) {
        self.write(&format!("{directory}Cargo.toml"), MANIFEST);
        self.write(&format!("{directory}src/lib.rs"), "pub mod schema;\n");
        self.write(&format!("{directory}src/schema.rs"), SCHEMA);
        self.write(&format!("{directory}{FIRST}/up.sql"), UP);
        self.write(&format!("{directory}{FIRST}/down.sql"), "DROP TABLE users;\n");
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Writes a file and the directories above it.
    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }

    /// Writes a script that anyone may run.
    pub(crate) fn write_script(&self, path: &Path, text: &str) {
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
        fs_err::set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs_err::read_to_string(self.path(path)).unwrap()
    }

    /// Replaces the one place where a file says `from`.
    #[track_caller]
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert_eq!(text.matches(from).count(), 1, "{path} has to say `{from}` once:\n{text}");
        self.write(path, text.replace(from, to));
    }

    /// Adds a column to the models.
    #[track_caller]
    pub(crate) fn add_column(&self, column: &str) {
        self.edit(
            "src/schema.rs",
            "        email ->",
            &format!("        {column} -> Nullable<Text>,\n        email ->"),
        );
    }

    /// Writes the revision that adds a column, dated so that `number` decides the order, and gives
    /// its directory.
    pub(crate) fn add_revision(&self, number: u32, column: &str) -> String {
        let directory = format!("migrations/2024-02-{number:02}-000000_add_{column}");
        self.write(&format!("{directory}/up.sql"), format!("ALTER TABLE users ADD COLUMN {column} TEXT;\n"));
        self.write(&format!("{directory}/down.sql"), format!("ALTER TABLE users DROP COLUMN {column};\n"));
        directory
    }

    /// Commits everything as it is, past the hooks.
    #[track_caller]
    pub(crate) fn record(&self, message: &str) {
        self.git(&["add", "--all"]).passes();
        self.git(&["commit", "--quiet", "--allow-empty", "--no-verify", "--message", message]).passes();
    }

    /// Stages everything and commits through the hooks.
    pub(crate) fn commit_all(&self, message: &str) -> Ran {
        self.git(&["add", "--all"]).passes();
        self.commit(message)
    }

    /// Commits what is staged, through the hooks.
    pub(crate) fn commit(&self, message: &str) -> Ran {
        self.git(&["commit", "--quiet", "--message", message])
    }

    /// Runs git at the root.
    pub(crate) fn git(&self, args: &[&str]) -> Ran {
        self.run("git", args, "", &[])
    }

    /// Runs the tool as `cargo ops-migrate` would, at the root.
    pub(crate) fn tool(&self, args: &[&str]) -> Ran {
        self.run(TOOL, &[&["ops-migrate"], args].concat(), "", &[])
    }

    /// Runs a program at the root with input and variables on top of the repository's.
    pub(crate) fn run(&self, program: &str, args: &[&str], stdin: &str, vars: &[(&str, &str)]) -> Ran {
        let mut command = Command::new(program);
        command.args(args).env_clear().envs(&self.vars).envs(vars.iter().copied()).current_dir(&self.root);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A program need not read what it is given.
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        let output = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// One line of what git prints.
    #[track_caller]
    pub(crate) fn line(&self, args: &[&str]) -> String {
        let ran = self.git(args);
        assert_eq!(ran.code, 0, "git {args:?}\n{}", ran.stderr);
        ran.stdout.trim_end().to_owned()
    }

    /// What `hooks status` says of a hook: whether git would run it, and why.
    pub(crate) fn hook_status(&self, hook: &str) -> (bool, String) {
        let status = self.tool(&["hooks", "status", "--format", "json"]).json();
        let hooks = status["hooks"].as_array().unwrap();
        let found = hooks.iter().find(|found| found["hook"] == hook).unwrap();
        (found["would_run"].as_bool().unwrap(), found["why"].as_str().unwrap().to_owned())
    }

    /// An empty repository beside, as the remote `origin`, with what is here on its `main`.
    pub(crate) fn with_origin(self) -> Self {
        self.with_format("--object-format=sha1")
    }

    /// The same for a repository that was made with an option of `git init`.
    pub(crate) fn with_format(self, option: &str) -> Self {
        let origin = self.top().join("origin.git");
        let origin = origin.to_str().unwrap();
        self.git(&["init", "--quiet", "--bare", "--initial-branch=main", option, origin]).passes();
        self.git(&["remote", "add", "origin", origin]).passes();
        self.git(&["push", "--quiet", "--no-verify", "origin", "HEAD:main"]).passes();
        self
    }
}

/// Where git and the shell are, and nothing of cargo: a directory of links, because cargo may lie in
/// the same directories.
fn system_path(top: &Path) -> String {
    let dir = top.join("system");
    fs_err::create_dir(&dir).unwrap();
    #[expect(clippy::disallowed_methods, reason = "git has to be found")]
    let path = std::env::var("PATH").unwrap();
    let tools =
        ["git", "sh", "bash", "cat", "env", "true", "rm", "sed", "dirname", "basename", "ls", "mkdir", "uname", "tr"];
    for tool in tools {
        let found = std::env::split_paths(&path).map(|dir| dir.join(tool)).find(|file| file.is_file());
        if let Some(found) = found {
            symlink(found, dir.join(tool)).unwrap();
        }
    }
    dir.to_str().unwrap().to_owned()
}

impl Ran {
    /// Asserts that it went well.
    #[track_caller]
    pub(crate) fn passes(self) -> Self {
        assert_eq!(self.code, 0, "\n{}{}", self.stdout, self.stderr);
        self
    }

    /// Asserts that it went well and that nobody said a word.
    #[track_caller]
    pub(crate) fn passes_silently(self) -> Self {
        assert_eq!((self.code, self.stdout.as_str(), self.stderr.as_str()), (0, "", ""));
        self
    }

    /// Asserts the exit code, and that stderr starts with this line and holds each of the others.
    #[track_caller]
    pub(crate) fn fails(self, code: i32, headline: &str, parts: &[&str]) -> Self {
        assert_eq!(self.code, code, "\n{}{}", self.stdout, self.stderr);
        assert_eq!(self.stderr.lines().next().unwrap_or_default(), headline, "\n{}", self.stderr);
        self.says(parts)
    }

    /// Asserts that it failed with 1 and this first line.
    #[track_caller]
    pub(crate) fn blocks(self, headline: &str) -> Self {
        self.fails(1, headline, &[])
    }

    /// Asserts that stderr holds each of these.
    #[track_caller]
    pub(crate) fn says(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.stderr.contains(part), "`{part}` is not in\n{}", self.stderr);
        }
        self
    }

    /// Asserts that stdout holds each of these.
    #[track_caller]
    pub(crate) fn prints(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.stdout.contains(part), "`{part}` is not in\n{}", self.stdout);
        }
        self
    }

    /// What was printed, as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap()
    }

    /// Asserts that neither stream holds any of these.
    #[track_caller]
    pub(crate) fn says_nothing_of(self, parts: &[&str]) -> Self {
        for part in parts {
            let found = self.stdout.contains(part) || self.stderr.contains(part);
            assert!(!found, "`{part}` is in\n{}{}", self.stdout, self.stderr);
        }
        self
    }
}
