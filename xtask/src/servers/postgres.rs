//! PostgreSQL, whose programs Debian keeps in a folder of each version.

use std::path::PathBuf;

use super::{Engine, Home, PASSWORD, program, program_folders};
use crate::shell::Result;

pub(crate) struct Postgres {
    initdb: PathBuf,
    pg_ctl: PathBuf,
    pg_basebackup: PathBuf,
    /// Waits for its disk, as a server of somebody's does.
    durable: bool,
    /// The folder of the socket of the server that it follows.
    primary: Option<String>,
}

impl Engine for Postgres {
    const NAME: &'static str = "PostgreSQL";
    const VARIABLE: &'static str = "OPS_MIGRATE_TEST_POSTGRES";
    const DATABASE: &'static str = "postgres";
    const PACKAGES: &'static [&'static str] = &["postgresql"];
    const USERS: &'static [&'static str] = &["postgres", "nobody"];

    /// Debian's, newest first, else the one on the PATH.
    fn find() -> Option<Self> {
        let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
            .map(|entries| entries.flatten().map(|e| e.path().join("bin")).collect())
            .unwrap_or_default();
        versions.sort();
        let folders = versions.into_iter().rev().chain(program_folders());
        folders.map(|folder| [folder]).find_map(|folder| {
            let program = |name| program(&folder, name);
            let (initdb, pg_ctl, pg_basebackup) = (program("initdb")?, program("pg_ctl")?, program("pg_basebackup")?);
            Some(Self { initdb, pg_ctl, pg_basebackup, durable: false, primary: None })
        })
    }

    fn start(&mut self, home: &Home) -> Result {
        if let Some(primary) = &self.primary {
            let data = home.file("data");
            let from = ["--host", primary, "--username=ops", "--checkpoint=fast", "--no-sync"];
            home.run(&self.pg_basebackup, &[&from[..], &["--write-recovery-conf", "-D", &data]].concat())?;
            return self.restart(home);
        }
        let password = format!("--pwfile={}", home.write("password", PASSWORD)?);
        let data = home.file("data");
        let auth = ["--auth=trust", &password, "--username=ops", "--encoding=UTF8", "--locale=C.UTF-8"];
        home.run(&self.initdb, &[&auth[..], &["--no-sync", "-D", &data]].concat())?;
        self.restart(home)
    }

    fn stop(&mut self, home: &Home) -> Result {
        let data = home.file("data");
        home.run(&self.pg_ctl, &["stop", "--mode=immediate", "--silent", "-D", &data]).map(drop)
    }

    fn process(&self, home: &Home) -> Option<String> {
        std::fs::read_to_string(home.file("data/postmaster.pid")).ok()?.lines().next().map(str::to_owned)
    }

    fn restart(&mut self, home: &Home) -> Result {
        let lazy = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off";
        let options = format!(
            "-c listen_addresses='' -c unix_socket_directories='{}' -c max_connections=200 {}",
            home.path().display(),
            if self.durable { "" } else { lazy }
        );
        let (data, log) = (home.file("data"), home.file("log"));
        home.run(&self.pg_ctl, &["start", "--wait", "--silent", "-D", &data, "-l", &log, "-o", &options]).map(drop)
    }

    fn url(&self, home: &Home, database: &str) -> String {
        let host = home.path().display().to_string().replace('/', "%2F");
        format!("postgres://ops:{PASSWORD}@{host}/{database}")
    }
}

impl super::Server<Postgres> {
    /// One that follows another one.
    pub(crate) fn replica_of(primary: &Self) -> Result<Self> {
        let folder = primary.home.path().display().to_string();
        Self::start_with(|engine: &mut Postgres| engine.primary = Some(folder))
    }

    /// User and system time of its processes in ticks of 10 ms: of those that have ended, and of those that
    /// are there.
    pub(crate) fn ticks(&self) -> f64 {
        let Some(postmaster) = super::Engine::process(&self.engine, &self.home) else { return 0.0 };
        let fields = |process: &str| -> Option<Vec<String>> {
            let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
            Some(stat.rsplit(')').next()?.split_whitespace().map(str::to_owned).collect())
        };
        // proc(5): the first field here is number 3; 4 is the parent, 14 to 17 are times.
        let sum = |fields: &[String], which: std::ops::RangeInclusive<usize>| -> f64 {
            which.filter_map(|n| fields.get(n - 3)?.parse::<f64>().ok()).sum()
        };
        let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let children = processes.filter_map(|entry| fields(&entry.file_name().to_string_lossy()));
        let children = children.filter(|fields| fields.get(1) == Some(&postmaster));
        let own = fields(&postmaster).map_or(0.0, |fields| sum(&fields, 14..=17));
        own + children.map(|fields| sum(&fields, 14..=17)).sum::<f64>()
    }

    /// One that keeps what it has committed, on a disk.
    pub(crate) fn durable() -> Result<Self> {
        let home = Home::in_folder(std::path::Path::new("/var/tmp"), Postgres::USERS)?;
        Self::start_in(home, |engine: &mut Postgres| engine.durable = true)
    }
}
