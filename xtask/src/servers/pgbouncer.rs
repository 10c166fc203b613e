//! pgbouncer in front of the tests' PostgreSQL, sharing its sessions transaction by transaction.

use std::path::PathBuf;

use super::{Engine, Home, PASSWORD, Postgres, Server, program, program_folders};
use crate::shell::{Result, command, output};

pub(crate) struct Pgbouncer {
    program: PathBuf,
    /// The folder of the server's socket.
    upstream: String,
}

impl Engine for Pgbouncer {
    const NAME: &'static str = "pgbouncer";
    const VARIABLE: &'static str = "OPS_MIGRATE_TEST_PGBOUNCER";
    const DATABASE: &'static str = "postgres";
    const PACKAGES: &'static [&'static str] = &["pgbouncer"];
    const USERS: &'static [&'static str] = &["postgres", "nobody"];

    fn find() -> Option<Self> {
        Some(Self { program: program(&program_folders(), "pgbouncer")?, upstream: String::new() })
    }

    fn start(&mut self, home: &Home) -> Result {
        let (folder, upstream) = (home.path().display(), &self.upstream);
        let settings = format!(
            "[databases]\n* = host={upstream} port=5432 user=ops\n[pgbouncer]\nlisten_addr =\nlisten_port = 6432\n\
             unix_socket_dir = {folder}\nauth_type = any\npool_mode = transaction\nmax_client_conn = 300\n\
             default_pool_size = 4\nlogfile = {folder}/log\npidfile = {folder}/pid\n"
        );
        home.write("pgbouncer.ini", &settings)?;
        self.restart(home)
    }

    fn stop(&mut self, home: &Home) -> Result {
        let process = self.process(home).ok_or("it has written no process number")?;
        output(&mut command(home.path(), "kill", &["-TERM", &process])).map(drop)
    }

    fn process(&self, home: &Home) -> Option<String> {
        std::fs::read_to_string(home.file("pid")).ok().map(|pid| pid.trim().to_owned())
    }

    fn restart(&mut self, home: &Home) -> Result {
        home.run(&self.program, &["-q", "-d", &home.file("pgbouncer.ini")]).map(drop)
    }

    fn url(&self, home: &Home, database: &str) -> String {
        let host = home.path().display().to_string().replace('/', "%2F");
        format!("postgres://ops:{PASSWORD}@{host}:6432/{database}")
    }
}

impl Server<Pgbouncer> {
    /// Starts one in front of a server.
    pub(crate) fn in_front_of(postgres: &Server<Postgres>) -> Result<Self> {
        let upstream = postgres.home.path().display().to_string();
        Self::start_with(|engine: &mut Pgbouncer| engine.upstream = upstream)
    }
}
