//! The main job end to end, as a tutorial: a scratch copy of the sample backend in a git repository
//! of its own, on SQLite. Every command is printed before it runs, and must end as the tutorial
//! says.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::shell::{self, Result, command, root};

/// Plays the whole story; stops at the first command that does not end as it should.
pub(crate) fn run() -> Result {
    println!(
        "Building cargo-ops-migrate (the first time takes some minutes: libpq, OpenSSL, SQLite and libgit2 are compiled in) …"
    );
    shell::output(&mut command(&root(), "cargo", &["build", "--quiet", "--bin", "cargo-ops-migrate"]))?;
    let scratch = tempfile::Builder::new().prefix("ops-migrate-demo-").tempdir().map_err(|e| e.to_string())?;
    let stage = Stage::new(scratch.path())?;
    stage.play()
}

/// Where the tutorial plays.
struct Stage {
    app: PathBuf,
    home: PathBuf,
    path: std::ffi::OsString,
}

/// How a command has to end.
#[derive(Clone, Copy)]
enum Ends {
    Well,
    /// With this exit code.
    With(i32),
}

impl Stage {
    fn new(directory: &Path) -> Result<Self> {
        let (app, home) = (directory.join("backend"), directory.join("home"));
        copy(&root().join("tests/backends/ops/sqlite"), &app)?;
        std::fs::create_dir_all(&home).map_err(|e| e.to_string())?;
        let write = |name: &str, text: &str| std::fs::write(app.join(name), text).map_err(|e| e.to_string());
        write(".gitignore", "/target\n/Cargo.lock\n*.sqlite3\n*.lock\n.env\n")?;
        write(".env", "DATABASE_URL=ops.sqlite3\n")?;
        let mut paths = vec![binary_directory()?];
        paths.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths));
        let path = std::env::join_paths(paths).map_err(|e| e.to_string())?;
        Ok(Self { app, home, path })
    }

    fn play(&self) -> Result {
        self.say("A Diesel backend of some forty tables, as a git repository with a remote.");
        self.quietly("git init --quiet --initial-branch=main .")?;
        self.quietly("git add --all")?;
        self.quietly("git commit --quiet --message=backend")?;
        self.quietly("git init --quiet --bare ../remote.git")?;
        self.quietly("git remote add origin ../remote.git")?;
        self.quietly("git push --quiet --set-upstream origin main")?;

        self.say("1. Set it up: nothing to configure, and the hooks go where git runs them.");
        self.run("cargo ops-migrate init", Ends::Well)?;
        self.run("cargo ops-migrate hooks install", Ends::Well)?;
        self.run("cargo ops-migrate upgrade --quiet", Ends::Well)?;

        self.say("2. Change the models: a column and a table are new, a column is renamed and becomes NOT NULL.");
        self.edit_models()?;
        self.run("git diff --stat", Ends::Well)?;
        self.run("git commit --all --message=nick-names", Ends::With(1))?;

        self.say("3. Write the revision. A rename is never guessed, and rows that exist need a value: without a terminal both are flags.");
        self.run("cargo ops-migrate create \"add nick name\"", Ends::With(2))?;
        self.run(
            "cargo ops-migrate create \"add nick name\" --rename vendors.vendor_type:vendor_kind --fill vendors.vendor_kind=\"'non_profit'\"",
            Ends::Well,
        )?;

        self.say("4. Review it, and commit: the hook is content now.");
        self.run("cargo ops-migrate review", Ends::Well)?;
        self.run("git add --all", Ends::Well)?;
        self.run("git commit --quiet --message=nick-names", Ends::Well)?;

        self.say("Apply it, look around, take it back.");
        self.run("cargo ops-migrate status", Ends::With(3))?;
        self.run("cargo ops-migrate upgrade --plan", Ends::Well)?;
        self.run("cargo ops-migrate upgrade", Ends::Well)?;
        self.run("cargo ops-migrate status", Ends::Well)?;
        self.run("cargo ops-migrate current", Ends::Well)?;
        self.run("cargo ops-migrate heads", Ends::Well)?;
        self.run("cargo ops-migrate history -r -10:current", Ends::Well)?;
        self.run("cargo ops-migrate rollback --plan", Ends::Well)?;
        self.run("cargo ops-migrate rollback", Ends::Well)?;
        self.run("cargo ops-migrate upgrade +1", Ends::Well)?;
        self.run("cargo ops-migrate rollback head-1", Ends::Well)?;
        self.run("cargo ops-migrate upgrade head", Ends::Well)?;

        self.say("5. A commit that went around the hook does not leave the machine.");
        self.edit(
            "src/models/people.rs",
            "    pub last_name: Option<String>,\n",
            "    pub last_name: Option<String>,\n    pub motto: Option<String>,\n",
        )?;
        self.run("git commit --quiet --all --no-verify --message=motto", Ends::Well)?;
        self.run("git push --quiet", Ends::With(1))?;
        self.run("cargo ops-migrate create \"add motto\"", Ends::Well)?;
        self.run("git add --all", Ends::Well)?;
        self.run("git commit --quiet --message=motto", Ends::Well)?;
        self.run("git push --quiet", Ends::Well)?;
        self.say("That was the main job. `cargo ops-migrate help` has the rest.");
        Ok(())
    }

    fn edit_models(&self) -> Result {
        // The structs that derive OpsModel drive, and `create` edits table!; a table without one is
        // stated by its table!.
        let last_name = "    pub last_name: Option<String>,\n";
        self.edit("src/models/people.rs", last_name, &format!("{last_name}    pub nick_name: Option<String>,\n"))?;
        let vendors = "src/models/agreements.rs";
        self.edit(vendors, "check(\"vendor_type IN", "check(\"vendor_kind IN")?;
        // `table!` knows no column of that name yet, and a type of the project's own says no SQL type.
        let kind = "    #[ops(sql_type = \"text\")]\n    pub vendor_kind: VendorType,\n";
        self.edit(vendors, "    pub vendor_type: Option<VendorType>,\n", kind)?;
        let file = "src/schema.rs";
        let badges = "diesel::table! {\n    badges (id) {\n        id -> Integer,\n        user_id -> Integer,\n        label -> Text,\n    }\n}\n\ndiesel::joinable!(badges -> users (user_id));\n";
        let first_join = "diesel::joinable!(agreement_history -> agreements (agreement_id));\n";
        self.edit(file, first_join, &format!("{badges}{first_join}"))
    }

    /// Replaces a text that has to be there.
    fn edit(&self, file: &str, from: &str, to: &str) -> Result {
        let path = self.app.join(file);
        let text = std::fs::read_to_string(&path).map_err(|e| e.to_string())?;
        if !text.contains(from) {
            return Err(format!("the sample's {file} has no line `{}` any more: mend the demo", from.trim()));
        }
        std::fs::write(&path, text.replacen(from, to, 1)).map_err(|e| e.to_string())
    }

    fn say(&self, text: &str) {
        println!("\n# {text}");
    }

    fn quietly(&self, line: &str) -> Result {
        self.run_as(line, Ends::Well, false)
    }

    fn run(&self, line: &str, ends: Ends) -> Result {
        self.run_as(line, ends, true)
    }

    fn run_as(&self, line: &str, ends: Ends, show: bool) -> Result {
        if show {
            println!("\n$ {line}");
        }
        let words = words(line);
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).current_dir(&self.app).stdin(Stdio::null());
        command.env("PATH", &self.path).env("HOME", &self.home).env("NO_COLOR", "1").env_remove("DATABASE_URL");
        for (name, value) in [
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_AUTHOR_NAME", "A Developer"),
            ("GIT_AUTHOR_EMAIL", "dev@example.org"),
            ("GIT_COMMITTER_NAME", "A Developer"),
            ("GIT_COMMITTER_EMAIL", "dev@example.org"),
        ] {
            command.env(name, value);
        }
        // rustup and cargo keep their own places below the real home.
        for (name, below) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
            if let (None, Some(home)) = (std::env::var_os(name), std::env::var_os("HOME")) {
                command.env(name, Path::new(&home).join(below));
            }
        }
        let output = command.output().map_err(|error| format!("cannot run `{line}`: {error}"))?;
        let mut text = String::new();
        for stream in [&output.stdout, &output.stderr] {
            let _ = write!(text, "{}", String::from_utf8_lossy(stream));
        }
        if show {
            print!("{text}");
        }
        let wanted = match ends {
            Ends::Well => 0,
            Ends::With(code) => code,
        };
        match output.status.code() {
            Some(code) if code == wanted => {
                if show && code != 0 {
                    println!("(exit code {code})");
                }
                Ok(())
            }
            code => Err(format!("`{line}` ended with {code:?}, and {wanted} was expected\n{text}")),
        }
    }
}

/// A line's words, as a shell splits them: double quotes hold a word together.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match (c, words.last_mut()) {
            ('"', _) => quoted = !quoted,
            (' ', _) if !quoted => words.push(String::new()),
            (c, Some(word)) => word.push(c),
            (_, None) => {}
        }
    }
    words
}

/// Where cargo put the binary: beside this very program.
fn binary_directory() -> Result<PathBuf> {
    let own = std::env::current_exe().map_err(|e| e.to_string())?;
    let directory = own.parent().map(Path::to_owned).unwrap_or_default();
    let binary = directory.join(format!("cargo-ops-migrate{}", std::env::consts::EXE_SUFFIX));
    if binary.is_file() { Ok(directory) } else { Err(format!("{} is not there", binary.display())) }
}

fn copy(from: &Path, to: &Path) -> Result {
    std::fs::create_dir_all(to).map_err(|e| e.to_string())?;
    let entries = std::fs::read_dir(from).map_err(|error| format!("cannot read {}: {error}", from.display()))?;
    for entry in entries {
        let entry = entry.map_err(|e| e.to_string())?;
        let target = to.join(entry.file_name());
        let kind = entry.file_type().map_err(|e| e.to_string())?;
        if kind.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), &target).map_err(|e| e.to_string())?;
        }
    }
    Ok(())
}
