//! `completions`: a script that lets a shell complete our command line.

use clap::{Args, CommandFactory as _};

use crate::cli::Cargo;
use crate::context::Context;
use crate::error::{Outcome, Result};

/// Print a completion script for a shell.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    pub shell: clap_complete::Shell,
}

impl Completions {
    /// Writes the script to stdout.
    ///
    /// # Errors
    /// Where stdout cannot be written.
    pub fn run(&self, cx: &mut Context) -> Result<Outcome> {
        let mut script = Vec::new();
        let mut command = Cargo::command().name("cargo-ops-migrate");
        clap_complete::generate(self.shell, &mut command, "cargo-ops-migrate", &mut script);
        cx.ui.line(String::from_utf8_lossy(&script).trim_end())?;
        Ok(Outcome::Fine)
    }
}
