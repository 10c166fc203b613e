//! All that a command may take from outside: the directory, the environment's variables, the
//! clock, the terminal. `main` fills it once; tests fill it with their own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use crate::ui::Ui;

/// The world of one run.
pub struct Context<'a> {
    /// The directory that the command was started in, absolute.
    pub cwd: PathBuf,
    /// Environment variables; those that are not UTF-8 are left out.
    pub vars: BTreeMap<String, String>,
    /// This program's own file, where the system tells.
    pub executable: Option<PathBuf>,
    /// The command lines of the programs above this one, nearest first, up to the first git; empty
    /// where the system does not tell. A question, because hardly any command asks it.
    pub callers: fn() -> Vec<Vec<String>>,
    /// When the command started, UTC.
    pub now: OffsetDateTime,
    pub ui: Ui<'a>,
}

impl Context<'_> {
    /// A variable that is set and not empty.
    pub fn var(&self, name: &str) -> Option<&str> {
        self.vars.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A path as the user typed it, made absolute against the current directory.
    pub fn absolute(&self, path: &Path) -> PathBuf {
        self.cwd.join(path)
    }
}
