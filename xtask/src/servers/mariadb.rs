//! MariaDB, and the client library that the tool is linked against with its feature `mysql`.

use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::{Engine, Home, PASSWORD, program, program_folders};
use crate::shell::{Result, exists, succeeds};

/// How long a server may take until it answers, or is gone.
const PATIENCE: Duration = Duration::from_secs(240);

pub(crate) struct Mariadb {
    install_db: PathBuf,
    server: PathBuf,
    admin: PathBuf,
    running: Option<Child>,
}

impl Engine for Mariadb {
    const NAME: &'static str = "MariaDB";
    const VARIABLE: &'static str = "OPS_MIGRATE_TEST_MYSQL";
    const DATABASE: &'static str = "ops";
    const PACKAGES: &'static [&'static str] = &["mariadb-server", "mariadb-client", "libmariadb-dev", "pkg-config"];
    const USERS: &'static [&'static str] = &["mysql", "nobody"];

    fn find() -> Option<Self> {
        let folders = program_folders();
        has_client_library().then_some(())?;
        Some(Self {
            install_db: program(&folders, "mariadb-install-db")?,
            server: program(&folders, "mariadbd")?,
            admin: program(&folders, "mariadb-admin")?,
            running: None,
        })
    }

    fn start(&mut self, home: &Home) -> Result {
        let data = format!("--datadir={}", home.file("data"));
        // Only the server's own user reaches the socket as root.
        let auth = "--auth-root-authentication-method=socket";
        let tmpdir = home.own_tmpdir("tmp")?;
        home.run(&self.install_db, &["--no-defaults", "--skip-test-db", auth, &data, &tmpdir])?;
        home.write("init.sql", &initial_statements())?;
        self.restart(home)
    }

    fn stop(&mut self, home: &Home) -> Result {
        let Some(mut server) = self.running.take() else { return Ok(()) };
        self.ask(home, "shutdown")?;
        let deadline = Instant::now() + PATIENCE;
        while server.try_wait().map_err(|error| error.to_string())?.is_none() {
            if Instant::now() > deadline {
                return Err("it was asked to, and goes on".to_owned());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    fn process(&self, home: &Home) -> Option<String> {
        std::fs::read_to_string(home.file("pid")).ok().map(|pid| pid.trim().to_owned())
    }

    fn restart(&mut self, home: &Home) -> Result {
        if let Some(mut ended) = self.running.take() {
            // It was killed.
            let _ = ended.wait();
        }
        let data = format!("--datadir={}", home.file("data"));
        let (init, log) =
            (format!("--init-file={}", home.file("init.sql")), format!("--log-error={}", home.file("log")));
        let place = [format!("--socket={}", socket(home)), format!("--pid-file={}", home.file("pid"))];
        // Nothing of it outlives the tests, so nothing has to reach the disk; what it was asked to keep
        // has to outlive its own end, which the system's memory does.
        let lazy = [
            "--innodb-flush-log-at-trx-commit=2",
            "--innodb-flush-method=O_DIRECT_NO_FSYNC",
            "--innodb-doublewrite=0",
            "--skip-log-bin",
            // The thread that keeps statistics holds up whoever drops or renames a table, up to a second.
            "--innodb-stats-persistent=0",
            // Tells the metadata locks of a session.
            "--plugin-load-add=metadata_lock_info",
        ];
        let args = [&["--no-defaults", "--skip-networking", "--max-connections=200"], &lazy[..]].concat();
        let tmpdir = home.own_tmpdir("tmp")?;
        let own = [&data, &tmpdir, &init, &log, &place[0], &place[1]].map(String::as_str);
        let mut server = home.command(&self.server, &[&args[..], &own].concat());
        server.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.running = Some(server.spawn().map_err(|error| format!("cannot start MariaDB: {error}"))?);
        self.wait_for(home)
    }

    fn url(&self, home: &Home, database: &str) -> String {
        format!("mysql://ops:{PASSWORD}@localhost/{database}?unix_socket={}", socket(home))
    }
}

impl Mariadb {
    fn wait_for(&mut self, home: &Home) -> Result {
        let deadline = Instant::now() + PATIENCE;
        while self.ask(home, "ping").is_err() {
            let ended = self.running.as_mut().and_then(|server| server.try_wait().ok().flatten());
            if ended.is_some() || Instant::now() > deadline {
                let log = std::fs::read_to_string(home.file("log")).unwrap_or_default();
                let last: Vec<&str> = log.lines().rev().take(5).collect();
                return Err(format!("MariaDB does not answer: {}", last.join(" | ")));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// As the tests' user, whose password the programs read from the environment.
    fn ask(&self, home: &Home, what: &str) -> Result {
        let socket = format!("--socket={}", socket(home));
        let mut admin = home.command(&self.admin, &["--no-defaults", &socket, "--user=ops", what]);
        crate::shell::output(admin.env("MYSQL_PWD", PASSWORD)).map(drop)
    }
}

/// The tests' database and its user; also where they are there already.
pub(super) fn initial_statements() -> String {
    format!(
        "CREATE DATABASE IF NOT EXISTS ops;\nCREATE USER IF NOT EXISTS ops@localhost IDENTIFIED BY '{PASSWORD}';\n\
         GRANT ALL ON *.* TO ops@localhost WITH GRANT OPTION;\n"
    )
}

/// A socket's path has at most 107 bytes, so its name is short.
fn socket(home: &Home) -> String {
    home.file("s")
}

/// The ways in which the build of Diesel's client library looks for the system's.
fn has_client_library() -> bool {
    let by_pkg_config = |name| succeeds("pkg-config", &["--exists", name]);
    by_pkg_config("libmariadb") || by_pkg_config("mysqlclient") || exists("mysql_config", "--version")
}
