//! Commands as typed, run in a directory that is always named.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A task's result: an error is a sentence for the person who runs it.
pub(crate) type Result<T = ()> = std::result::Result<T, String>;

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_owned()
}

/// A command in a directory.
pub(crate) fn command(directory: &Path, program: &str, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args).current_dir(directory);
    command
}

/// Runs a command with its output on the screen.
pub(crate) fn run(command: &mut Command) -> Result {
    let text = show(command);
    println!("+ {text}");
    let status = command.status().map_err(|error| format!("cannot run `{text}`: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{text}` failed ({status})")) }
}

/// Runs a command and gives its stdout; its stderr is part of the error.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let text = show(command);
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("cannot run `{text}`: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("`{text}` failed ({}): {}", output.status, String::from_utf8_lossy(&output.stderr).trim()))
    }
}

/// Whether a program answers at all.
pub(crate) fn exists(program: &str, arg: &str) -> bool {
    succeeds(program, &[arg])
}

/// Whether a program is there and says yes; what it prints is not shown.
pub(crate) fn succeeds(program: &str, args: &[&str]) -> bool {
    Command::new(program).args(args).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|s| s.success())
}

/// Whether this process runs as root.
pub(crate) fn is_root() -> bool {
    output(&mut command(Path::new("/"), "id", &["-u"])).is_ok_and(|id| id.trim() == "0")
}

fn show(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|a| a.to_string_lossy().into_owned()));
    words.join(" ")
}
