//! The fault matrix, the network: a server that falls silent (row 23), as far as a test can make one
//! without leaving its machine: a network of the test's own, whose device is switched off. It takes
//! root, or a system on which users may have networks of their own, and fails where neither is the case. What each row is stands in
//! `tests/FAULTS.md`.

#![cfg(target_os = "linux")]

mod postgres_tests {
    use std::process::Command;
    use std::time::{Duration, Instant};

    use crate::matrix_runs::said;
    use crate::runner::Backend;
    use crate::servers::{name_space, tool};

    #[test]
    fn row_23_a_server_that_falls_silent() {
        let backend = Backend::postgres();
        for name in ["socat", "ip"] {
            let _ = tool(name).unwrap();
        }
        let space = name_space("--net").unwrap();
        backend.sandbox.revision("2024-01-01-000000_a", "CREATE TABLE a (x integer);", "DROP TABLE a;");
        backend.sandbox.revision(
            "2024-02-01-000000_b",
            "SELECT pg_sleep(2); CREATE TABLE b (x integer);",
            "DROP TABLE b;",
        );
        let url = backend.url.to_string().replace("***", "x");
        let (before, rest) = url.split_once('@').unwrap();
        let (host, database) = rest.split_once('/').unwrap();
        // In the new network a port of its own leads to the server's socket.
        let script = format!(
            "ip link set lo up && (socat TCP-LISTEN:5999,fork,reuseaddr UNIX-CONNECT:{}/.s.PGSQL.5432 >/dev/null 2>&1 & echo $! > pid); \
             sleep 0.3; (sleep 1.5; ip link set lo down) >/dev/null 2>&1 & \
             timeout 80 \"$0\" ops-migrate upgrade --database-url '{before}@127.0.0.1:5999/{database}?tcp_user_timeout=3000&keepalives_idle=1&keepalives_interval=1'; \
             code=$?; pkill -P $(cat pid); kill $(cat pid); exit $code",
            host.replace("%2F", "/")
        );
        let mut command = Command::new(space[0]);
        command.args(&space[1..]).args([
            "--fork",
            "--kill-child",
            "sh",
            "-c",
            &script,
            env!("CARGO_BIN_EXE_cargo-ops-migrate"),
        ]);
        command
            .env_clear()
            .envs(&backend.sandbox.vars)
            .env("CARGO", env!("CARGO"))
            .current_dir(backend.sandbox.path(""));
        let began = Instant::now();
        let output = command.output().unwrap();
        assert!(began.elapsed() < Duration::from_secs(90), "{:?}", began.elapsed());
        assert_eq!(output.status.code(), Some(5), "{}", said(&output));
        let _ = backend.sandbox.run(["upgrade", "--lock-wait", "30"]).exits(0);
        assert_eq!(backend.versions().len(), 2);
    }
}
