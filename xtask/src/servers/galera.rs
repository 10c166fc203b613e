//! A Galera cluster of three MariaDB nodes on this machine's loopback; the first one makes it, and the
//! others copy its data.

use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::mariadb::initial_statements;
use super::{Engine, Home, PASSWORD, program, program_folders};
use crate::shell::{Result, command, output};

/// How long a node may take to be there.
const PATIENCE: Duration = Duration::from_secs(240);

/// Where Debian has it.
const PROVIDER: &str = "/usr/lib/galera/libgalera_smm.so";

pub(crate) struct Galera {
    install_db: PathBuf,
    server: PathBuf,
    admin: PathBuf,
    /// The port of each node; the next one is for copies.
    ports: [u16; 3],
    running: [Option<Child>; 3],
}

impl Engine for Galera {
    const NAME: &'static str = "Galera";
    const VARIABLE: &'static str = "OPS_MIGRATE_TEST_GALERA";
    const DATABASE: &'static str = "ops";
    const PACKAGES: &'static [&'static str] =
        &["mariadb-server", "mariadb-client", "galera-4", "rsync", "lsof", "iproute2", "libmariadb-dev", "pkg-config"];
    const USERS: &'static [&'static str] = &["mysql", "nobody"];

    fn find() -> Option<Self> {
        let folders = program_folders();
        std::path::Path::new(PROVIDER).is_file().then_some(())?;
        // What a node copies the data of another with; the second is of the server's package, where the
        // server itself is of its core.
        program(&folders, "rsync")?;
        program(&folders, "wsrep_sst_rsync")?;
        Some(Self {
            install_db: program(&folders, "mariadb-install-db")?,
            server: program(&folders, "mariadbd")?,
            admin: program(&folders, "mariadb-admin")?,
            ports: [0; 3],
            running: [None, None, None],
        })
    }

    fn start(&mut self, home: &Home) -> Result {
        // Not those that the system gives to others; each node has two.
        let base = 20_000 + u16::try_from(std::process::id() % 1_000).unwrap_or_default() * 10;
        self.ports = [base, base + 2, base + 4];
        let data = format!("--datadir={}", home.file("1"));
        let auth = "--auth-root-authentication-method=socket";
        let tmpdir = home.own_tmpdir("tmp1")?;
        home.run(&self.install_db, &["--no-defaults", "--skip-test-db", auth, &data, &tmpdir])?;
        let init = home.write("init.sql", &format!("FLUSH PRIVILEGES;\n{}", initial_statements()))?;
        for n in ["2", "3", "tmp2", "tmp3"] {
            std::fs::create_dir(home.file(n)).map_err(|error| error.to_string())?;
        }
        home.write("none", "")?;
        let bootstrap = format!("{} --no-defaults --bootstrap {data} {tmpdir} < {init}", self.server.display());
        home.run(std::path::Path::new("/bin/sh"), &["-c", &bootstrap])?;
        (0..3).try_for_each(|node| self.node(home, node, node == 0))
    }

    fn stop(&mut self, home: &Home) -> Result {
        for node in (0..3).rev() {
            if let Some(mut server) = self.running[node].take() {
                if self.kill(home, node).is_err() {
                    // It has yet to write its number; who has started it hands the signal on.
                    let starter = server.id().to_string();
                    let _ = output(&mut command(std::path::Path::new("/"), "kill", &["-TERM", &starter]));
                }
                let _ = server.wait();
            }
        }
        Ok(())
    }

    fn process(&self, home: &Home) -> Option<String> {
        pid(home, 0)
    }

    fn restart(&mut self, home: &Home) -> Result {
        self.node(home, 0, false)
    }

    /// Those of all nodes, with spaces between them.
    fn url(&self, home: &Home, database: &str) -> String {
        let url = |node| format!("mysql://ops:{PASSWORD}@localhost/{database}?unix_socket={}", socket(home, node));
        (0..3).map(url).collect::<Vec<_>>().join(" ")
    }
}

impl Galera {
    /// Starts a node and waits until it is one of the cluster.
    pub(super) fn node(&mut self, home: &Home, node: usize, is_first: bool) -> Result {
        if let Some(mut ended) = self.running[node].take() {
            let _ = ended.wait();
        }
        let all = self.ports.map(|port| format!("127.0.0.1:{port}")).join(",");
        let port = self.ports[node];
        let file = |name: &str| home.file(&format!("{name}{}", node + 1));
        let own = [
            format!("--datadir={}", home.file(&(node + 1).to_string())),
            home.own_tmpdir(&format!("tmp{}", node + 1))?,
            format!("--socket={}", socket(home, node)),
            format!("--pid-file={}", file("pid")),
            format!("--log-error={}", file("log")),
            format!("--wsrep-provider={PROVIDER}"),
            format!("--wsrep-cluster-address=gcomm://{all}"),
            format!(
                "--wsrep-provider-options=gmcast.listen_addr=tcp://127.0.0.1:{port};ist.recv_addr=127.0.0.1:{};\
                 gcache.size=32M;evs.keepalive_period=PT0.5S;evs.suspect_timeout=PT2S;evs.inactive_timeout=PT5S",
                port + 1
            ),
            format!("--wsrep-node-name=n{}", node + 1),
            format!("--wsrep-node-address=127.0.0.1:{port}"),
        ];
        let mut args = vec!["--no-defaults", "--skip-networking", "--max-connections=200", "--wsrep-on=1"];
        args.extend(["--wsrep-cluster-name=ops", "--wsrep-sst-method=rsync", "--binlog-format=ROW"]);
        args.extend(["--innodb-autoinc-lock-mode=2", "--innodb-flush-log-at-trx-commit=2", "--innodb-doublewrite=0"]);
        args.extend(["--innodb-buffer-pool-size=32M", "--innodb-log-file-size=16M"]);
        args.extend(own.iter().map(String::as_str));
        if is_first {
            args.push("--wsrep-new-cluster");
        }
        let mut server = home.command(&self.server, &args);
        server.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.running[node] = Some(server.spawn().map_err(|error| format!("cannot start Galera: {error}"))?);
        let deadline = Instant::now() + PATIENCE;
        while !self.is_there(home, node) {
            let ended = self.running[node].as_mut().and_then(|server| server.try_wait().ok().flatten());
            if ended.is_some() || Instant::now() > deadline {
                // Its suffix is the server's idea.
                let log = std::fs::read_to_string(file("log") + ".err").unwrap_or_default();
                let end: Vec<&str> = log.lines().rev().take(5).collect();
                return Err(format!("node {} did not start: {}", node + 1, end.join(" / ")));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    fn is_there(&self, home: &Home, node: usize) -> bool {
        let socket = format!("--socket={}", socket(home, node));
        let mut admin = home.command(&self.admin, &["--no-defaults", &socket, "--user=ops", "ping"]);
        output(admin.env("MYSQL_PWD", PASSWORD)).is_ok()
    }

    /// Ends a node without a word.
    pub(super) fn kill(&self, home: &Home, node: usize) -> Result {
        let pid = pid(home, node).ok_or("it has written no process number")?;
        output(&mut command(std::path::Path::new("/"), "kill", &["-KILL", &pid])).map(drop)
    }
}

impl super::Server<Galera> {
    /// Kills one node, from 0.
    pub(crate) fn crash_node(&mut self, node: usize) -> Result {
        self.engine.kill(&self.home, node)
    }

    /// Brings it back.
    pub(crate) fn restart_node(&mut self, node: usize) -> Result {
        self.engine.node(&self.home, node, false)
    }
}

fn pid(home: &Home, node: usize) -> Option<String> {
    std::fs::read_to_string(home.file(&format!("pid{}", node + 1))).ok().map(|pid| pid.trim().to_owned())
}

/// A socket's path has at most 107 bytes, so its name is short.
fn socket(home: &Home, node: usize) -> String {
    home.file(&format!("s{}", node + 1))
}
