//! The suite. The whole of it starts the servers that it needs and stops them again; the quick
//! part leaves out the tests whose path contains `postgres_tests`.

use crate::servers::Postgres;
use crate::shell::{self, Result, command, exists, root};

/// Runs the suite, or the part without servers.
pub(crate) fn run(quick: bool) -> Result {
    let root = root();
    let postgres = if quick { None } else { Some(Postgres::start()?) };
    let nextest = exists("cargo-nextest", "--version");
    let mut tests = if nextest {
        command(&root, "cargo", &["nextest", "run", "--workspace", "--no-fail-fast"])
    } else {
        command(&root, "cargo", &["test", "--workspace", "--all-targets", "--no-fail-fast"])
    };
    match &postgres {
        Some(postgres) => {
            tests.env("OPS_MIGRATE_TEST_POSTGRES", postgres.url());
        }
        None if nextest => {
            tests.args(["-E", "not test(postgres_tests)"]);
        }
        None => {
            tests.args(["--", "--skip", "postgres_tests"]);
        }
    }
    shell::run(&mut tests)?;
    if nextest {
        // nextest leaves documentation tests out.
        shell::run(&mut command(&root, "cargo", &["test", "--quiet", "--doc", "-p", "cargo-ops-migrate"]))?;
    }
    Ok(())
}
