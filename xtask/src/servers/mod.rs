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
    /// The size of the disk of its own that the server has at `small`.
    disk: Option<String>,
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

    /// Starts one that has a small disk of its own, which is full soon, at `small`. Nobody else sees what is
    /// there: it is mounted in a name space of the server's, which takes no root where users may have such.
    pub(crate) fn with_small_disk(size: &str) -> Result<Self> {
        let mut home = Home::in_folder(&folder(), E::USERS)?;
        name_space("--mount")?;
        std::fs::create_dir(home.small()).map_err(|error| error.to_string())?;
        home.give_away()?;
        home.disk = Some(size.to_owned());
        Self::start_in(home, |_| ())
    }

    /// Where the small disk is.
    pub(crate) fn small(&self) -> String {
        self.home.small()
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

/// How a command begins that is root in a name space of its own (`--mount`, `--net`).
///
/// # Errors
/// Where neither root nor this user may have one, with what allows it.
pub(crate) fn name_space(kind: &'static str) -> Result<Vec<&'static str>> {
    tool("unshare")?;
    let words = if is_root() { vec![kind] } else { vec!["--user", "--map-root-user", kind] };
    output(&mut command(Path::new("/"), "unshare", &[&words[..], &["true"]].concat())).map_err(|error| {
        format!(
            "this needs a name space of its own: run it as root (in a container with --privileged), or let users \
             have them: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu), \
             kernel.unprivileged_userns_clone=1 (Debian): {error}"
        )
    })?;
    Ok([&["unshare"], &words[..]].concat())
}

/// Programs that the tests use beside servers, and Debian's packages of them.
const TOOLS: [(&str, &str); 7] = [
    ("strace", "strace"),
    ("faketime", "faketime"),
    ("unshare", "util-linux"),
    ("mount", "mount"),
    ("socat", "socat"),
    ("ip", "iproute2"),
    ("time", "time"),
];

/// A program that a test cannot do without.
///
/// # Errors
/// Where it is missing, with the package that has it.
pub(crate) fn tool(name: &str) -> Result<PathBuf> {
    let package = TOOLS.iter().find(|(program, _)| *program == name).map_or(name, |(_, package)| package);
    program(&program_folders(), name)
        .ok_or_else(|| format!("this needs {name}: sudo apt-get install {package} (cargo xtask test does so as root)"))
}

/// All of them are here; as root, what is missing is installed first.
pub(crate) fn tools() -> Result {
    let missing: Vec<&str> =
        TOOLS.iter().filter(|(program, _)| tool(program).is_err()).map(|(_, package)| *package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !is_root() {
        return Err(format!("the tests need more programs: sudo apt-get install {}", missing.join(" ")));
    }
    install(&missing)?;
    TOOLS.iter().try_for_each(|(program, _)| tool(program).map(drop))
}

fn install(packages: &[&str]) -> Result {
    println!("installing {}", packages.join(" "));
    let apt = |args: &[&str]| {
        output(command(Path::new("/"), "apt-get", args).env("DEBIAN_FRONTEND", "noninteractive")).map(drop)
    };
    apt(&["update"])?;
    apt(&[&["install", "--yes", "--no-install-recommends"], packages].concat())
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
        let home = Self { directory, user, guard, disk: None };
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

    fn small(&self) -> String {
        self.file("small")
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
        let Some(size) = &self.disk else {
            return match self.user {
                None => command(self.path(), &program, args),
                Some(user) => {
                    command(Path::new("/"), "runuser", &[&["-u", user, "--", program.as_str()], args].concat())
                }
            };
        };
        // Root only for the mount: a server refuses to be that.
        let (space, owner, back) = match self.user {
            Some(user) => (&["--mount"][..], format!(",uid=$(id -u {user})"), format!("runuser -u {user} --")),
            None => {
                let back = "unshare --user --map-user=$user --map-group=$group --";
                (&["--user", "--map-root-user", "--mount"][..], String::new(), back.to_owned())
            }
        };
        let script = format!(
            "mount -t tmpfs -o size={size},mode=700{owner} tmpfs {small} && exec {back} \"$0\" \"$@\"",
            small = self.small()
        );
        // Asked for outside, where they are not root's.
        let outer = format!(
            "user=$(id -u) group=$(id -g); export user group; exec unshare {} sh -c '{script}' \"$@\"",
            space.join(" ")
        );
        command(Path::new("/"), "sh", &[&["-c", &outer, "sh", program.as_str()], args].concat())
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
    println!("not all of {name} is here");
    install(E::PACKAGES)?;
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
