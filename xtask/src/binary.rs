//! The release binary, built when it is asked for.

use std::path::{Path, PathBuf};

use crate::shell::{self, Result, command, root};

/// Builds the release binary and says where it is.
pub(crate) fn release() -> Result<PathBuf> {
    println!("Building the release binary …");
    shell::run(&mut command(&root(), "cargo", &["build", "--release", "--bin", "cargo-ops-migrate"]))?;
    built("release/cargo-ops-migrate")
}

/// Builds one of the package's examples, with more arguments for cargo, and says where it is.
pub(crate) fn example(name: &str, args: &[&str]) -> Result<PathBuf> {
    let build = [&["build", "--release", "--example", name], args].concat();
    shell::run(&mut command(&root(), "cargo", &build))?;
    built(&format!("release/examples/{name}"))
}

fn built(path: &str) -> Result<PathBuf> {
    let binary = target_directory()?.join(path);
    if binary.is_file() { Ok(binary) } else { Err(format!("{} is not there", binary.display())) }
}

/// The target directory that cargo uses here, told by cargo itself.
pub(crate) fn target_directory() -> Result<PathBuf> {
    let args = ["metadata", "--no-deps", "--offline", "--format-version", "1"];
    let text = shell::output(&mut command(&root(), "cargo", &args))?;
    let target = text.split("\"target_directory\":\"").nth(1).and_then(|rest| rest.split('"').next());
    target
        .map(|target| Path::new(target).to_owned())
        .ok_or_else(|| "cargo metadata names no target directory".to_owned())
}
