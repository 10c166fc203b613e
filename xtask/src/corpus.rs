//! Starts the servers for the example `corpus`, which compares the replay with real engines on
//! checkouts of other people's projects.

use crate::servers::{Mariadb, Postgres, Server};
use crate::shell::{self, Result, command, root};
use crate::test::ALL_DATABASES;

/// Runs it on each of the paths.
pub(crate) fn run(paths: &[String]) -> Result {
    if paths.is_empty() {
        return Err("name checkouts of Diesel projects: cargo xtask corpus PATH…".to_owned());
    }
    let paths: Vec<String> = paths
        .iter()
        .map(|path| std::path::absolute(path).map(|path| path.display().to_string()).map_err(|e| e.to_string()))
        .collect::<Result<_>>()?;
    let (postgres, mariadb) = (Server::<Postgres>::start()?, Server::<Mariadb>::start()?);
    let mut corpus = command(&root(), "cargo", &["run", "--release", "--quiet", "--example", "corpus"]);
    corpus.args(ALL_DATABASES).arg("--").args(paths);
    shell::run(corpus.envs([postgres.variable(), mariadb.variable()]))
}
