//! Database servers for the tests: private ones, on a socket in a temporary folder, stopped and
//! removed when the tests are over. A missing server is installed as root, and named otherwise.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::shell::{Result, command, is_root, output};

/// The tests look for it in every error: a server that wants none would prove nothing.
const PASSWORD: &str = "Canary-S3cret";

/// A PostgreSQL server that lives as long as this value.
pub(crate) struct Postgres {
    bin: PathBuf,
    /// The data directory and the socket.
    directory: TempDir,
    user: Option<&'static str>,
}

impl Postgres {
    /// Starts a server; as root under an unprivileged user, since PostgreSQL refuses root.
    pub(crate) fn start() -> Result<Self> {
        let bin = match find() {
            Some(bin) => bin,
            None => install()?,
        };
        let directory = tempfile::Builder::new()
            .prefix("ops-migrate-pg-")
            .tempdir()
            .map_err(|error| format!("cannot make a temporary folder: {error}"))?;
        let user = if is_root() { Some(unprivileged_user()?) } else { None };
        let password_file = directory.path().join("password");
        std::fs::write(&password_file, PASSWORD).map_err(|error| format!("cannot write the password: {error}"))?;
        if let Some(user) = user {
            output(&mut command(Path::new("/"), "chown", &["-R", user, &directory.path().display().to_string()]))?;
        }
        let password_file = format!("--pwfile={}", password_file.display());
        let server = Self { bin, directory, user };
        let data = server.data();
        server.as_user(
            "initdb",
            &[
                "--auth=trust",
                &password_file,
                "--username=ops",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
                "-D",
                &data,
            ],
        )?;
        let options = format!(
            "-c listen_addresses='' -c unix_socket_directories='{}' -c fsync=off -c full_page_writes=off -c max_connections=200",
            server.directory.path().display()
        );
        let log = server.directory.path().join("log").display().to_string();
        server.as_user("pg_ctl", &["start", "--wait", "--silent", "-D", &data, "-l", &log, "-o", &options])?;
        println!("PostgreSQL is up in {}", server.directory.path().display());
        Ok(server)
    }

    /// The URL of its maintenance database.
    pub(crate) fn url(&self) -> String {
        self.database("postgres")
    }

    /// The URL of a database, which need not be there.
    pub(crate) fn database(&self, name: &str) -> String {
        let host = self.directory.path().display().to_string().replace('/', "%2F");
        format!("postgres://ops:{PASSWORD}@{host}/{name}")
    }

    fn data(&self) -> String {
        self.directory.path().join("data").display().to_string()
    }

    fn as_user(&self, program: &str, args: &[&str]) -> Result<String> {
        let program = self.bin.join(program).display().to_string();
        match self.user {
            None => output(&mut command(self.directory.path(), &program, args)),
            Some(user) => {
                let mut all = vec!["-u", user, "--", program.as_str()];
                all.extend(args);
                output(&mut command(Path::new("/"), "runuser", &all))
            }
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.data();
        if let Err(error) = self.as_user("pg_ctl", &["stop", "--mode=immediate", "--silent", "-D", &data]) {
            eprintln!("xtask: the PostgreSQL server in {data} did not stop: {error}");
        }
    }
}

/// The directory of PostgreSQL's programs: Debian's, newest first, else the one on the PATH.
fn find() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|e| e.path().join("bin")).collect())
        .unwrap_or_default();
    versions.sort();
    let on_path =
        std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect::<Vec<_>>()).unwrap_or_default();
    versions.into_iter().rev().chain(on_path).find(|bin| bin.join("initdb").is_file() && bin.join("pg_ctl").is_file())
}

fn install() -> Result<PathBuf> {
    if !is_root() {
        return Err(
            "the tests need a PostgreSQL server: sudo apt-get install postgresql (or: cargo xtask test --quick)"
                .to_owned(),
        );
    }
    println!("no PostgreSQL server here: installing the package postgresql");
    output(&mut command(Path::new("/"), "apt-get", &["update"]))?;
    output(
        command(Path::new("/"), "apt-get", &["install", "--yes", "--no-install-recommends", "postgresql"])
            .env("DEBIAN_FRONTEND", "noninteractive"),
    )?;
    find().ok_or_else(|| "postgresql was installed, but initdb is nowhere below /usr/lib/postgresql".to_owned())
}

fn unprivileged_user() -> Result<&'static str> {
    ["postgres", "nobody"]
        .into_iter()
        .find(|user| output(&mut command(Path::new("/"), "id", &["-u", user])).is_ok())
        .ok_or_else(|| "no unprivileged user to run PostgreSQL as (postgres or nobody)".to_owned())
}
