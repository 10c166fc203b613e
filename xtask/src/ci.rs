//! What has to hold before anything lands: formatting, lints, documentation, tests.

use crate::shell::{self, Result, command, root};
use crate::test;

/// Runs every check, the cheap ones first.
pub(crate) fn run() -> Result {
    let root = root();
    shell::run(&mut command(&root, "cargo", &["fmt", "--all", "--check"]))?;
    shell::run(&mut command(&root, "cargo", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    shell::run(
        command(&root, "cargo", &["doc", "--workspace", "--no-deps", "--document-private-items"])
            .env("RUSTDOCFLAGS", "-D warnings"),
    )?;
    if shell::exists("cargo-deny", "--version") {
        shell::run(&mut command(&root, "cargo", &["deny", "check", "licenses", "bans", "sources"]))?;
    } else {
        println!("cargo-deny is not installed: licences are not checked here (cargo install cargo-deny)");
    }
    test::run(false)
}
