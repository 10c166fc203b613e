//! The suite. The whole of it starts the servers that it needs and stops them again, installs the hook
//! managers that it runs under, and is built with every client; the quick part needs none of these,
//! and leaves out the tests whose path contains `postgres_tests` or `manager_tests`.

use crate::managers;
use crate::servers::{Mariadb, Postgres, Server};
use crate::shell::{self, Result, command, exists, root};

/// What builds the tool for all of its databases.
pub(crate) const ALL_DATABASES: [&str; 2] = ["--features", "cargo-ops-migrate/mysql"];

/// Runs the suite, or the part without servers.
pub(crate) fn run(quick: bool) -> Result {
    let root = root();
    let managers = if quick { None } else { Some(managers::installed()?) };
    let servers = if quick { None } else { Some((Server::<Postgres>::start()?, Server::<Mariadb>::start()?)) };
    let nextest = exists("cargo-nextest", "--version");
    let mut tests = if nextest {
        command(&root, "cargo", &["nextest", "run", "--workspace", "--no-fail-fast"])
    } else {
        command(&root, "cargo", &["test", "--workspace", "--all-targets", "--no-fail-fast"])
    };
    tests.envs(managers);
    match &servers {
        Some((postgres, mariadb)) => {
            tests.args(ALL_DATABASES).envs([postgres.variable(), mariadb.variable()]);
        }
        None if nextest => {
            tests.args(["-E", "not test(postgres_tests) and not test(manager_tests)"]);
        }
        None => {
            tests.args(["--", "--skip", "postgres_tests", "--skip", "manager_tests"]);
        }
    }
    shell::run(&mut tests)?;
    if nextest {
        // nextest leaves documentation tests out.
        let features: &[&str] = if quick { &[] } else { &ALL_DATABASES };
        shell::run(command(&root, "cargo", &["test", "--quiet", "--doc", "-p", "cargo-ops-migrate"]).args(features))?;
    }
    Ok(())
}
