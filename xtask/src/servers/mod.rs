//! Database servers for the tests: private ones, on a socket in a temporary folder, stopped and
//! removed when the tests are over. A missing server is installed as root, and named otherwise.
//! What one engine needs is in the file of its name.

mod galera;
mod mariadb;
mod pgbouncer;
mod postgres;

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use tempfile::TempDir;

pub(crate) use self::galera::Galera;
pub(crate) use self::mariadb::Mariadb;
pub(crate) use self::pgbouncer::Pgbouncer;
pub(crate) use self::postgres::Postgres;
use crate::shell::{Result, command, is_root, output};

/// The tests look for it in every error: a server that wants none would prove nothing.
const PASSWORD: &str = "Canary-S3cret";

/// What one kind of server is.
pub(crate) trait Engine: Sized {
    /// The name shown to people.
    const NAME: &'static str;
    /// The variable in which the tests look for the server's URL.
    const VARIABLE: &'static str;
    /// The database that is there from the start.
    const DATABASE: &'static str;
    /// Debian's packages with everything that it needs.
    const PACKAGES: &'static [&'static str];
    /// Users that it may run as where the tests run as root, the best first.
    const USERS: &'static [&'static str];

    /// Finds what is installed; `None` where a part of it is missing.
    fn find() -> Option<Self>;

    /// Makes a data directory in the folder and starts a server on it; returns when it answers.
    fn start(&mut self, home: &Home) -> Result;

    /// Stops it, without care for its data.
    fn stop(&mut self, home: &Home) -> Result;

    /// The number of its process, where one can be killed.
    fn process(&self, home: &Home) -> Option<String>;

    /// Starts it again on the data that it has.
    fn restart(&mut self, home: &Home) -> Result;

    /// The URL of a database, which need not be there.
    fn url(&self, home: &Home, database: &str) -> String;
}

/// What the servers may fill, in KiB.
const ROOM: u64 = 4 << 20;

/// Where a server lives, and who it is.
pub(crate) struct Home {
    /// The data directory and the socket.
    directory: TempDir,
    user: Option<&'static str>,
    guard: Child,
}

/// A server that lives as long as this value.
pub(crate) struct Server<E: Engine> {
    engine: E,
    home: Home,
}

impl<E: Engine> Server<E> {
    /// Starts a server; as root under an unprivileged user, since servers refuse root.
    pub(crate) fn start() -> Result<Self> {
        Self::start_with(|_| ())
    }

    /// The same with more to be known before.
    fn start_with(prepare: impl FnOnce(&mut E)) -> Result<Self> {
        Self::start_in(Home::in_folder(&folder(), E::USERS)?, prepare)
    }

    fn start_in(home: Home, prepare: impl FnOnce(&mut E)) -> Result<Self> {
        let mut server = Self { engine: installed()?, home };
        prepare(&mut server.engine);
        server.engine.start(&server.home)?;
        println!("{} is up in {}", E::NAME, server.home.path().display());
        Ok(server)
    }

    /// Kills it, as a machine that loses its power; what it had kept is there again after `restart`.
    pub(crate) fn crash(&mut self) -> Result {
        let process = self.engine.process(&self.home).ok_or_else(|| format!("{} does not run", E::NAME))?;
        output(&mut command(Path::new("/"), "kill", &["-KILL", &process])).map(drop)
    }

    /// Starts it again.
    pub(crate) fn restart(&mut self) -> Result {
        self.engine.restart(&self.home)
    }

    /// A folder that is the server's, on a small disk of its own, which is full soon. Only root can have one.
    pub(crate) fn small_disk(&self, size: &str) -> Result<SmallDisk> {
        let path = self.home.path().join("small");
        std::fs::create_dir(&path).map_err(|error| error.to_string())?;
        let disk = SmallDisk::mount(path, size)?;
        self.home.give_away()?;
        Ok(disk)
    }

    /// The variable and the URL that the tests look for.
    pub(crate) fn variable(&self) -> (&'static str, String) {
        (E::VARIABLE, self.database(E::DATABASE))
    }

    /// The URL of a database, which need not be there.
    pub(crate) fn database(&self, name: &str) -> String {
        self.engine.url(&self.home, name)
    }
}

impl<E: Engine> Drop for Server<E> {
    fn drop(&mut self) {
        if let Err(error) = self.engine.stop(&self.home) {
            eprintln!("xtask: the {} server in {} did not stop: {error}", E::NAME, self.home.path().display());
        }
    }
}

/// A small disk in memory; unmounted with this value.
pub(crate) struct SmallDisk(pub(crate) PathBuf);

impl SmallDisk {
    /// Mounts one on an empty folder.
    pub(crate) fn mount(path: PathBuf, size: &str) -> Result<Self> {
        let folder = path.display().to_string();
        output(&mut command(
            Path::new("/"),
            "mount",
            &["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs", &folder],
        ))?;
        Ok(Self(path))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a server may have files open there.
        let _ = output(&mut command(Path::new("/"), "umount", &["--lazy", &self.0.display().to_string()]));
    }
}

/// Where servers live: in memory where that is large enough, because a server waits for its disk at
/// every change of a schema; else where temporary files are.
fn folder() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let free = output(&mut command(Path::new("/"), "df", &["-k", "--output=avail", &memory.display().to_string()]));
    let free: Option<u64> = free.ok().and_then(|text| text.lines().last()?.trim().parse().ok());
    if free.is_some_and(|kibibytes| kibibytes >= ROOM) { memory.to_owned() } else { std::env::temp_dir() }
}

impl Home {
    fn in_folder(folder: &Path, users: &[&'static str]) -> Result<Self> {
        let directory = tempfile::Builder::new()
            .prefix("ops-migrate-db-")
            .tempdir_in(folder)
            .map_err(|error| format!("cannot make a temporary folder: {error}"))?;
        let user = if is_root() { Some(unprivileged(users)?) } else { None };
        let guard = guard(directory.path()).map_err(|error| format!("cannot run sh: {error}"))?;
        let home = Self { directory, user, guard };
        home.give_away()?;
        Ok(home)
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    /// A file or folder in it.
    fn file(&self, name: &str) -> String {
        self.path().join(name).display().to_string()
    }

    /// An option that names a folder for a MariaDB server's temporary tables: one that starts takes away
    /// whatever looks like such a table where it keeps its own, a neighbour's too.
    fn own_tmpdir(&self, name: &str) -> Result<String> {
        let path = self.file(name);
        if !Path::new(&path).exists() {
            std::fs::create_dir(&path).map_err(|error| format!("cannot make {path}: {error}"))?;
            self.give_away()?;
        }
        Ok(format!("--tmpdir={path}"))
    }

    /// Writes a file that the server's user owns.
    fn write(&self, name: &str, text: &str) -> Result<String> {
        let path = self.file(name);
        std::fs::write(&path, text).map_err(|error| format!("cannot write {path}: {error}"))?;
        self.give_away()?;
        Ok(path)
    }

    fn give_away(&self) -> Result {
        let Some(user) = self.user else { return Ok(()) };
        output(&mut command(Path::new("/"), "chown", &["-R", user, &self.path().display().to_string()])).map(drop)
    }

    /// A program as the server's user.
    fn command(&self, program: &Path, args: &[&str]) -> std::process::Command {
        let program = program.display().to_string();
        match self.user {
            None => command(self.path(), &program, args),
            Some(user) => {
                let all = [&["-u", user, "--", program.as_str()], args].concat();
                command(Path::new("/"), "runuser", &all)
            }
        }
    }

    fn run(&self, program: &Path, args: &[&str]) -> Result<String> {
        output(&mut self.command(program, args))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // Without its input it ends, and finds nothing more to stop.
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}

/// A process that outlives this one, however it ends: it then stops the servers whose command line
/// names the folder (they leave our process group, so that a Ctrl-C does not reach them), and removes
/// the folder. Its input is what tells: nobody else holds the other end.
fn guard(folder: &Path) -> std::io::Result<Child> {
    std::process::Command::new("sh")
        .args(["-c", include_str!("guard.sh")])
        .arg(folder)
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

/// The folders of the PATH, and those of servers, which only root has there.
fn program_folders() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    path.unwrap_or_default().into_iter().chain(["/usr/sbin".into(), "/usr/local/sbin".into()]).collect()
}

/// A program in one of the folders.
fn program(folders: &[PathBuf], name: &str) -> Option<PathBuf> {
    folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// What is installed; as root, what is missing is installed first.
pub(crate) fn installed<E: Engine>() -> Result<E> {
    if let Some(engine) = E::find() {
        return Ok(engine);
    }
    let (name, packages) = (E::NAME, E::PACKAGES.join(" "));
    if !is_root() {
        return Err(format!(
            "the tests need a {name} server: sudo apt-get install {packages} (or: cargo xtask test --quick)"
        ));
    }
    println!("not all of {name} is here: installing {packages}");
    let apt = |args: &[&str]| {
        output(command(Path::new("/"), "apt-get", args).env("DEBIAN_FRONTEND", "noninteractive")).map(drop)
    };
    apt(&["update"])?;
    apt(&[&["install", "--yes", "--no-install-recommends"], E::PACKAGES].concat())?;
    E::find().ok_or_else(|| format!("{packages} were installed, but a part of {name} is still missing"))
}

fn unprivileged(users: &[&'static str]) -> Result<&'static str> {
    let exists = |user: &str| output(&mut command(Path::new("/"), "id", &["-u", user])).is_ok();
    users
        .iter()
        .copied()
        .find(|user| exists(user))
        .ok_or_else(|| format!("no unprivileged user to run a server as ({})", users.join(" or ")))
}
