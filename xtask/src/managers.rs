//! The programs that manage hooks, for the tests that run under them: pre-commit, prek and lefthook from
//! PyPI, in a folder of the target directory that is kept.

use std::path::PathBuf;

use crate::binary::target_directory;
use crate::shell::{self, Result, command, exists, output, root};

/// The variable in which the tests look for the programs' folder.
const VARIABLE: &str = "OPS_MIGRATE_TEST_MANAGERS";

/// What is installed. The versions are those that the tests were written against.
const PROGRAMS: [(&str, &str); 3] = [("pre-commit", "4.7.0"), ("prek", "0.5.11"), ("lefthook", "2.2.2")];

/// Runs the tests that need the programs, and no others.
pub(crate) fn run() -> Result {
    let nextest = exists("cargo-nextest", "--version");
    let words: &[&str] =
        if nextest { &["nextest", "run", "--no-fail-fast"] } else { &["test", "--no-fail-fast", "--test", "main"] };
    shell::run(command(&root(), "cargo", words).arg("manager_tests").envs([installed()?]))
}

/// Installs the programs where they are not there yet, and gives the variable and the folder that the
/// tests look for.
pub(crate) fn installed() -> Result<(&'static str, PathBuf)> {
    let home = target_directory()?.join("managers");
    let wanted: Vec<String> = PROGRAMS.iter().map(|(name, version)| format!("{name}=={version}")).collect();
    let stamp = home.join("installed");
    let there = std::fs::read_to_string(&stamp).is_ok_and(|text| text == wanted.join(" "));
    let programs = home.join("bin");
    // A copied target directory holds paths of the place that it came from.
    if !there || !exists(&programs.join("pre-commit").display().to_string(), "--version") {
        println!("Installing {} into {} …", wanted.join(", "), home.display());
        let place = home.display().to_string();
        let said = |step: &str, error: String| {
            format!(
                "the tests need {} and cannot {step}: {error}\n\
                 python3 with its venv module and a registry that pip can reach are needed \
                 (Debian: apt-get install python3-venv); without them: cargo xtask test --quick",
                wanted.join(", ")
            )
        };
        output(&mut command(&root(), "python3", &["-m", "venv", "--clear", &place]))
            .map_err(|error| said("make a virtual environment", error))?;
        let pip = programs.join("pip").display().to_string();
        let words: Vec<&str> = ["install", "--quiet", "--disable-pip-version-check"]
            .into_iter()
            .chain(wanted.iter().map(String::as_str))
            .collect();
        output(&mut command(&root(), &pip, &words)).map_err(|error| said("install them with pip", error))?;
        std::fs::write(&stamp, wanted.join(" ")).map_err(|error| format!("{}: {error}", stamp.display()))?;
    }
    Ok((VARIABLE, programs))
}
