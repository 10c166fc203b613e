//! What has to hold before anything lands: formatting, lints, documentation, tests, the README's demo.

use crate::demo;
use crate::servers::{self, Mariadb};
use crate::shell::{self, Result, command, root};
use crate::test::{self, WITH_FAILPOINTS};

/// Runs every check, the cheap ones first.
pub(crate) fn run() -> Result {
    let root = root();
    shell::run(&mut command(&root, "cargo", &["fmt", "--all", "--check"]))?;
    // The client library is needed already to build.
    servers::installed::<Mariadb>()?;
    for features in [&[][..], &WITH_FAILPOINTS] {
        let clippy = [&["clippy", "--workspace", "--all-targets"], features, &["--", "-D", "warnings"]].concat();
        shell::run(&mut command(&root, "cargo", &clippy))?;
    }
    shell::run(
        command(&root, "cargo", &["doc", "--workspace", "--no-deps", "--document-private-items"])
            .args(WITH_FAILPOINTS)
            .env("RUSTDOCFLAGS", "-D warnings"),
    )?;
    if shell::exists("cargo-deny", "--version") {
        shell::run(&mut command(&root, "cargo", &["deny", "check", "licenses", "bans", "sources"]))?;
    } else {
        println!("cargo-deny is not installed: licences are not checked here (cargo install cargo-deny)");
    }
    test::run(false, &[])?;
    demo::run()
}
