//! The suite. The whole of it starts the servers that it needs and stops them again, installs the hook
//! managers that it runs under, and is built with every client; the quick part needs none of these,
//! and leaves out the tests whose path contains `postgres_tests`, `manager_tests` or `matrix_tools`.

use crate::managers;
use crate::servers;
use crate::servers::{Galera, Mariadb, Pgbouncer, Postgres, Server};
use crate::shell::{self, Result, command, exists, is_root, root};

/// What builds the tool for all of its databases.
pub(crate) const ALL_DATABASES: [&str; 2] = ["--features", "cargo-ops-migrate/mysql"];

/// The same with the places at which the tests end a process.
pub(crate) const WITH_FAILPOINTS: [&str; 2] = ["--features", "cargo-ops-migrate/mysql,cargo-ops-migrate/failpoints"];

/// The servers that the tests look for.
struct Servers {
    // Stopped before the server behind it.
    pgbouncer: Server<Pgbouncer>,
    postgres: Server<Postgres>,
    mariadb: Server<Mariadb>,
}

impl Servers {
    fn start() -> Result<Self> {
        let postgres = Server::<Postgres>::start()?;
        Ok(Self { pgbouncer: Server::in_front_of(&postgres)?, postgres, mariadb: Server::start()? })
    }

    fn variables(&self) -> [(&'static str, String); 3] {
        [self.pgbouncer.variable(), self.postgres.variable(), self.mariadb.variable()]
    }
}

/// Ends runs at every place and at `kills` random moments on each engine, prints the table, and runs the
/// rows of the fault matrix at their full length.
pub(crate) fn faults(kills: &str) -> Result {
    servers::tools()?;
    let servers = Servers::start()?;
    // Its tests start a cluster of their own.
    servers::installed::<Galera>()?;
    let mut tests = command(&root(), "cargo", &["test", "-p", "cargo-ops-migrate", "--test", "main"]);
    tests.args(WITH_FAILPOINTS).args(["--", "--nocapture", "--test-threads", "4"]);
    tests.args(["faults::", "galera::", "matrix_", "model::", "fuzz::", "runner::", "single_transaction::"]);
    tests.envs(servers.variables()).env("OPS_MIGRATE_FAULTS", kills);
    shell::run(&mut tests)
}

/// The words in the paths of tests that cannot run.
fn left_out(quick: bool) -> Vec<&'static str> {
    let mut words = if quick { vec!["postgres_tests", "manager_tests", "matrix_tools"] } else { Vec::new() };
    if !is_root() {
        println!("the tests of files that are somebody else's (root_tests) are left out: only root can make such");
        words.push("root_tests");
    }
    words
}

/// Runs the suite, or the part without servers; with words, only the tests whose path contains one.
pub(crate) fn run(quick: bool, words: &[&str]) -> Result {
    let root = root();
    let managers = if quick { None } else { Some(managers::installed()?) };
    let servers = if quick { None } else { Some(Servers::start()?) };
    if !quick {
        servers::installed::<Galera>()?;
        servers::tools()?;
    }
    let left_out = left_out(quick);
    let nextest = exists("cargo-nextest", "--version");
    // Many tests wait for a server.
    let threads = (2 * std::thread::available_parallelism().map_or(1, usize::from)).to_string();
    let mut tests = if nextest {
        command(&root, "cargo", &["nextest", "run", "--workspace", "--no-fail-fast", "--test-threads", &threads])
    } else {
        command(&root, "cargo", &["test", "--workspace", "--all-targets", "--no-fail-fast"])
    };
    tests.envs(managers);
    if let Some(servers) = &servers {
        tests.args(WITH_FAILPOINTS).envs(servers.variables());
    }
    if nextest && !left_out.is_empty() {
        let without: Vec<String> = left_out.iter().map(|word| format!("not test({word})")).collect();
        tests.args(["-E", &without.join(" and ")]);
    }
    tests.arg("--").args(words);
    if !nextest {
        tests.args(left_out.iter().flat_map(|word| ["--skip", *word]));
    }
    shell::run(&mut tests)?;
    if nextest && words.is_empty() {
        // nextest leaves documentation tests out.
        let features: &[&str] = if quick { &[] } else { &ALL_DATABASES };
        shell::run(command(&root, "cargo", &["test", "--quiet", "--doc", "-p", "cargo-ops-migrate"]).args(features))?;
    }
    Ok(())
}
