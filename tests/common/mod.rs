//! A sandbox: a small Diesel crate in a git repository of its own that no configuration of the
//! machine reaches, with its own environment and clock. Commands run in it in process; what they
//! printed comes back as text that is the same on every machine.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Parser;
use expect_test::Expect;
use ops_migrate::cli::Cargo;
use ops_migrate::context::Context;
use ops_migrate::db::DatabaseUrl;
use ops_migrate::db::scratch::Scratch;
use ops_migrate::dialect::Dialect;
use ops_migrate::ui::{ColorChoice, Format, Ui};
use tempfile::TempDir;
use time::{Duration, OffsetDateTime};

mod normal;
#[cfg(unix)]
#[cfg(all(unix, feature = "failpoints"))]
pub(crate) mod proxy;
pub(crate) mod real;
mod sqlite;

/// The manifest of the crate; it is read by `cargo metadata --no-deps` and never compiled.
pub(crate) const MANIFEST: &str = "\
[package]
name = \"app\"
version = \"0.1.0\"
edition = \"2024\"

[dependencies]
diesel = { version = \"2.3\", features = [\"sqlite\"] }
";

/// The models that the first revision makes.
pub(crate) const SCHEMA: &str = "\
diesel::table! {
    users (id) {
        id -> Integer,
        name -> Text,
        email -> Nullable<Text>,
    }
}
";

/// The directory of the first revision, as `diesel migration generate` makes one.
pub(crate) const FIRST: &str = "migrations/2024-01-01-000000_create_users";

/// The models after the three revisions of [`Sandbox::with_chain`].
pub(crate) const SCHEMA_OF_CHAIN: &str = "\
diesel::table! {
    users (id) {
        id -> Integer,
        name -> Text,
        email -> Nullable<Text>,
        bio -> Nullable<Text>,
    }
}

diesel::table! {
    posts (id) {
        id -> Integer,
        user_id -> Integer,
        title -> Text,
    }
}

diesel::joinable!(posts -> users (user_id));
diesel::allow_tables_to_appear_in_same_query!(posts, users);
";

/// A crate in a temporary directory.
pub(crate) struct Sandbox {
    // Removed with the sandbox.
    _dir: TempDir,
    root: PathBuf,
    /// The environment that commands and git see.
    pub(crate) vars: BTreeMap<String, String>,
    /// Where commands run, relative to the root.
    pub(crate) cwd: String,
    /// Two minutes pass with each command, so that no two revisions share a moment.
    clock: Cell<OffsetDateTime>,
}

/// What a command did.
#[must_use]
#[derive(Debug, Clone)]
pub(crate) struct Output {
    /// The process exit code.
    pub(crate) code: u8,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    root: PathBuf,
}

/// How a command meets its user.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Terminal<'a> {
    /// What stands on stdin.
    pub(crate) stdin: &'a str,
    /// Whether a person sits there who can be asked.
    pub(crate) interactive: bool,
    /// Whether stdout and stderr are terminals.
    pub(crate) is_terminal: bool,
}

/// A fresh database of the server that the test harness names in a variable.
pub(crate) fn scratch(variable: &str, dialect: Dialect) -> Scratch {
    // The part without servers leaves such modules out by their name; MariaDB's need a feature.
    let (thread, is_left_out) = (std::thread::current(), |test: &str| test.contains("postgres_tests::"));
    assert!(dialect == Dialect::Mysql || thread.name().is_none_or(is_left_out), "move it to mod postgres_tests");
    #[expect(clippy::disallowed_methods, reason = "the test harness names its servers there")]
    let server = std::env::var(variable).unwrap_or_else(|_| panic!("run cargo xtask test"));
    Scratch::create(Some(&DatabaseUrl::parse(&server).unwrap()), dialect).unwrap()
}

impl Sandbox {
    /// The crate with one table and the revision that makes it, committed; `.env` names a SQLite
    /// file that does not exist yet.
    pub(crate) fn new() -> Self {
        let sandbox = Self::without_revisions();
        sandbox.write(
            &format!("{FIRST}/up.sql"),
            "CREATE TABLE users (\n    id INTEGER NOT NULL PRIMARY KEY,\n    name TEXT NOT NULL,\n    email TEXT\n);\n",
        );
        sandbox.write(&format!("{FIRST}/down.sql"), "DROP TABLE users;\n");
        sandbox.commit("first revision");
        sandbox
    }

    /// The crate with two tables and three revisions, 20240101000000 to 20240301000000, committed.
    pub(crate) fn with_chain() -> Self {
        let sandbox = Self::new();
        sandbox.revision(
            "2024-02-01-000000_create_posts",
            "CREATE TABLE posts (\n    id INTEGER NOT NULL PRIMARY KEY,\n    user_id INTEGER NOT NULL REFERENCES users (id),\n    title TEXT NOT NULL\n);\nCREATE INDEX posts_user_id ON posts (user_id);\n",
            "DROP TABLE posts;\n",
        );
        sandbox.revision(
            "2024-03-01-000000_add_bio",
            "ALTER TABLE users ADD COLUMN bio TEXT;\n",
            "ALTER TABLE users DROP COLUMN bio;\n",
        );
        sandbox.write("src/schema.rs", SCHEMA_OF_CHAIN);
        sandbox.commit("three revisions");
        sandbox
    }

    /// The same with all three applied.
    pub(crate) fn applied() -> Self {
        let sandbox = Self::with_chain();
        let _ = sandbox.run(["upgrade"]).exits(0);
        sandbox
    }

    /// Writes a revision by hand.
    pub(crate) fn revision(&self, name: &str, up: &str, down: &str) {
        self.write(&format!("migrations/{name}/up.sql"), up);
        self.write(&format!("migrations/{name}/down.sql"), down);
    }

    /// The crate of [`Self::without_revisions`] in any dialect, then without models and a database.
    pub(crate) fn without_server(dialect: Dialect) -> Self {
        let sandbox = Self::without_revisions();
        let feature = match dialect {
            Dialect::Postgres => "postgres",
            Dialect::Sqlite => "sqlite",
            Dialect::Mysql => "mysql",
        };
        sandbox.edit("Cargo.toml", "\"sqlite\"", &format!("\"{feature}\""));
        fs_err::remove_file(sandbox.path(".env")).unwrap();
        fs_err::remove_file(sandbox.path("src/schema.rs")).unwrap();
        sandbox.write("src/lib.rs", "");
        sandbox
    }

    /// The crate before its first revision, without a migrations directory, committed.
    pub(crate) fn without_revisions() -> Self {
        let sandbox = Self::empty();
        sandbox.git(["init", "--quiet", "--initial-branch=main"]);
        sandbox.write("Cargo.toml", MANIFEST);
        sandbox.write("src/lib.rs", "pub mod schema;\n");
        sandbox.write("src/schema.rs", SCHEMA);
        sandbox.write(".env", "DATABASE_URL=app.db\n");
        sandbox.write(".gitignore", "/target\n/app.db*\n.env\n");
        sandbox.commit("a crate");
        sandbox
    }

    /// The same crate, but in no git repository.
    pub(crate) fn without_git() -> Self {
        let sandbox = Self::new();
        fs_err::remove_dir_all(sandbox.path(".git")).unwrap();
        sandbox
    }

    /// An empty directory.
    pub(crate) fn empty() -> Self {
        let dir = TempDir::new().unwrap();
        let above = dir.path().canonicalize().unwrap();
        let (root, home) = (above.join("app"), above.join("home"));
        fs_err::create_dir(&root).unwrap();
        fs_err::create_dir(&home).unwrap();
        #[expect(clippy::disallowed_methods, reason = "git and cargo have to be found")]
        let path = std::env::var("PATH").unwrap();
        let vars = [
            ("PATH", path.as_str()),
            ("HOME", home.to_str().unwrap()),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CEILING_DIRECTORIES", above.to_str().unwrap()),
            ("GIT_AUTHOR_NAME", "Ada"),
            ("GIT_AUTHOR_EMAIL", "ada@example.org"),
            ("GIT_AUTHOR_DATE", "2026-03-01T12:00:00Z"),
            ("GIT_COMMITTER_NAME", "Ada"),
            ("GIT_COMMITTER_EMAIL", "ada@example.org"),
            ("GIT_COMMITTER_DATE", "2026-03-01T12:00:00Z"),
        ];
        let vars = vars.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let clock = Cell::new(time::macros::datetime!(2026-03-01 12:00:00 UTC));
        Self { _dir: dir, root, vars, cwd: String::new(), clock }
    }

    /// A path of the sandbox on disk.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        // Joined with nothing a path gets a slash at its end.
        if relative.is_empty() { self.root.clone() } else { self.root.join(relative) }
    }

    /// Writes a file and the directories above it.
    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }

    /// A file's text.
    pub(crate) fn read(&self, path: &str) -> String {
        fs_err::read_to_string(self.path(path)).unwrap()
    }

    /// Copies what a directory holds.
    pub(crate) fn copy(&self, directory: &str) {
        let mut found = BTreeMap::new();
        list(Path::new(directory), Path::new(directory), &mut found);
        for (path, bytes) in found.iter().filter(|(path, _)| !path.ends_with('/')) {
            self.write(path, bytes);
        }
    }

    /// Replaces the one place where a file says `from`.
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert_eq!(text.matches(from).count(), 1, "{path} has to say `{from}` once:\n{text}");
        self.write(path, text.replace(from, to));
    }

    /// Runs git and gives its stdout.
    ///
    /// # Panics
    /// Where git fails.
    pub(crate) fn git<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> String {
        let args: Vec<&str> = args.into_iter().collect();
        let output = self.try_git(args.iter().copied());
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs git, which may fail.
    pub(crate) fn try_git<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> std::process::Output {
        let mut command = Command::new("git");
        command.args(args).env_clear().envs(&self.vars).current_dir(self.path(&self.cwd));
        command.output().unwrap()
    }

    /// Commits everything as it is.
    pub(crate) fn commit(&self, message: &str) {
        self.git(["add", "--all"]);
        self.git(["commit", "--quiet", "--allow-empty", "--no-verify", "--message", message]);
    }

    /// Runs `cargo ops-migrate ARGS`; nobody can be asked.
    pub(crate) fn run<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Output {
        self.run_on(Terminal::default(), args)
    }

    /// The same with a person at a terminal who types these answers.
    pub(crate) fn run_answering<'a>(&self, answers: &str, args: impl IntoIterator<Item = &'a str>) -> Output {
        self.run_on(Terminal { stdin: answers, interactive: true, is_terminal: false }, args)
    }

    /// The same in a terminal as given.
    pub(crate) fn run_on<'a>(&self, terminal: Terminal<'_>, args: impl IntoIterator<Item = &'a str>) -> Output {
        self.clock.set(self.clock.get() + Duration::MINUTE * 2);
        let (mut stdout, mut stderr, mut stdin) = (Vec::new(), Vec::new(), terminal.stdin.as_bytes());
        let code = match Cargo::try_parse_from(["cargo", "ops-migrate"].into_iter().chain(args)) {
            Ok(Cargo::OpsMigrate(cli)) => {
                let mut cx = self.context(terminal, &mut stdout, &mut stderr, &mut stdin);
                match ops_migrate::run(&cli, &mut cx) {
                    Ok(outcome) => outcome.exit_code(),
                    Err(error) => {
                        cx.ui.error(&error);
                        error.kind.exit_code()
                    }
                }
            }
            Err(error) => {
                let stream = if error.use_stderr() { &mut stderr } else { &mut stdout };
                stream.extend(error.to_string().into_bytes());
                if error.use_stderr() { 2 } else { 0 }
            }
        };
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Output { code, stdout: text(stdout), stderr: text(stderr), root: self.root.clone() }
    }

    fn context<'a>(
        &self,
        terminal: Terminal<'_>,
        stdout: &'a mut Vec<u8>,
        stderr: &'a mut Vec<u8>,
        stdin: &'a mut &'a [u8],
    ) -> Context<'a> {
        Context {
            cwd: self.path(&self.cwd),
            vars: self.vars.clone(),
            executable: Some(PathBuf::from(env!("CARGO_BIN_EXE_cargo-ops-migrate"))),
            callers: Vec::new,
            now: self.clock.get(),
            ui: Ui {
                stdout,
                stderr,
                stdin,
                interactive: terminal.interactive,
                stdout_is_terminal: terminal.is_terminal,
                stderr_is_terminal: terminal.is_terminal,
                color: ColorChoice::Auto,
                no_color: false,
                format: Format::Human,
                quiet: false,
                verbose: false,
            },
        }
    }

    /// Revision directories of a migrations directory, sorted, with hidden names.
    pub(crate) fn revisions_in(&self, directory: &str) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.path(directory)) else { return Vec::new() };
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.file_type().unwrap().is_dir())
            .map(|entry| entry.file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// The last revision directory, as `migrations/…`.
    pub(crate) fn newest(&self) -> String {
        format!("migrations/{}", self.revisions_in("migrations").pop().unwrap())
    }

    /// Every path outside of `.git` with what it holds: what has to be equal where nothing was to
    /// be written.
    pub(crate) fn listing(&self) -> BTreeMap<String, Vec<u8>> {
        let mut found = BTreeMap::new();
        list(&self.root, &self.root, &mut found);
        found
    }

    /// A text of this sandbox as it is everywhere.
    pub(crate) fn normal(&self, text: &str) -> String {
        normal::normal(text, &self.root)
    }

    /// Text of SQLite's rows, one a line, columns joined by `|`.
    pub(crate) fn query(&self, sql: &str) -> String {
        sqlite::query(&self.path("app.db"), sql)
    }

    /// Runs SQL on the database, past all of ours.
    pub(crate) fn execute(&self, sql: &str) {
        sqlite::execute(&self.path("app.db"), sql);
    }
}

fn list(root: &Path, directory: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs_err::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        // `target` is Cargo's: outside git, the catalog cache is there.
        if name == ".git" || name == "target" {
            continue;
        }
        if path.is_dir() {
            found.insert(format!("{name}/"), Vec::new());
            list(root, &path, found);
        } else {
            found.insert(name, fs_err::read(&path).unwrap());
        }
    }
}

impl Output {
    /// Asserts the exit code.
    #[track_caller]
    pub(crate) fn exits(self, code: u8) -> Self {
        assert_eq!(self.code, code, "\n{}", self.text());
        self
    }

    /// Everything as one text that is the same on every machine: the exit code, then each stream
    /// that is not empty. Paths, revision ids, times and durations are replaced.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("exit {}\n", self.code);
        for (name, stream) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !stream.is_empty() {
                text.push_str(&format!("--- {name}\n{}", normal::normal(stream, &self.root)));
            }
        }
        text
    }

    /// Compares the whole text.
    #[track_caller]
    pub(crate) fn check(&self, expected: Expect) {
        expected.assert_eq(&self.text());
    }

    /// Asserts that stdout or stderr holds each of these.
    #[track_caller]
    pub(crate) fn says(self, parts: &[&str]) -> Self {
        let text = self.text();
        for part in parts {
            assert!(text.contains(part), "`{part}` is not in\n{text}");
        }
        self
    }

    /// Asserts that neither stream holds any of these.
    #[track_caller]
    pub(crate) fn says_nothing_of(self, parts: &[&str]) -> Self {
        let text = self.text();
        for part in parts {
            assert!(!text.contains(part), "`{part}` is in\n{text}");
        }
        self
    }

    /// Stdout as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{}", self.text()))
    }
}
