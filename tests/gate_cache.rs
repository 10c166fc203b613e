//! What the gate remembers: under commits at the same time, after damage, and how much of it there is.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::common::real::{RealRepo, TOOL};

const NICK: &str = "ops-migrate: users.nick added in src/schema.rs:5 has no migration";

/// A chain of some revisions, each of which adds a column, and a model change without one, staged.
fn long_chain(revisions: u32) -> RealRepo {
    let repo = RealRepo::bare_crate(&[]);
    for n in 0..revisions {
        let directory = format!("migrations/2024-01-02-{n:06}_step");
        repo.write(&format!("{directory}/up.sql"), format!("ALTER TABLE users ADD COLUMN c{n} TEXT;\n"));
        repo.write(&format!("{directory}/down.sql"), format!("ALTER TABLE users DROP COLUMN c{n};\n"));
        repo.write(&format!("{directory}/metadata.toml"), "run_in_transaction = true\n");
    }
    repo.record("chain");
    repo.add_column("nick");
    repo.git(&["add", "--all"]).passes();
    repo
}

fn remembered(repo: &RealRepo) -> Vec<PathBuf> {
    let directory = repo.path(".git/ops-migrate/cache");
    let files = fs_err::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    files.collect()
}

#[test]
fn many_at_the_same_time() {
    let repo = long_chain(80);
    let start = || {
        let mut command = Command::new(TOOL);
        command.args(["ops-migrate", "check", "--staged"]).env_clear().envs(&repo.vars).current_dir(&repo.root);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    for _ in 0..3 {
        let running: Vec<_> = (0..8).map(|_| start()).collect();
        for child in running {
            let output = child.wait_with_output().unwrap();
            let words = String::from_utf8(output.stderr).unwrap();
            assert!(output.status.code() == Some(1) && words.starts_with(NICK), "{words}");
        }
        // Half of them are cut short before the next round.
        for file in remembered(&repo).iter().step_by(2) {
            let bytes = fs_err::read(file).unwrap();
            fs_err::write(file, &bytes[..bytes.len() / 2]).unwrap();
        }
    }
}

#[test]
fn damage_is_mended_without_a_word() {
    let repo = long_chain(20);
    let ran = repo.tool(&["check", "--staged"]).blocks(NICK);
    let whole: Vec<(PathBuf, Vec<u8>)> =
        remembered(&repo).into_iter().map(|file| (file.clone(), fs_err::read(file).unwrap())).collect();
    assert!(!whole.is_empty());
    for damage in [&b""[..], b"\xff\x00", b"{}", b"[]", b"{\"slots\":[{\"count\":99999,\"key\":\"\"}],\"next\":77}"] {
        for (file, _) in &whole {
            fs_err::write(file, damage).unwrap();
        }
        assert_eq!(repo.tool(&["check", "--staged"]), ran, "{damage:?}");
        assert!(remembered(&repo).iter().all(|file| fs_err::read(file).unwrap() != damage), "{damage:?}");
    }
    // Nor does it matter where it cannot be kept at all.
    fs_err::remove_dir_all(repo.path(".git/ops-migrate")).unwrap();
    repo.write(".git/ops-migrate", "a file\n");
    assert_eq!(repo.tool(&["check", "--staged"]), ran);
}

#[test]
fn it_never_grows() {
    let repo = long_chain(10);
    let mut sizes = Vec::new();
    for n in 0..25 {
        repo.add_revision(n + 1, &format!("x{n}"));
        repo.git(&["add", "migrations"]).passes();
        repo.tool(&["check", "--staged"]).blocks(NICK);
        sizes.push(remembered(&repo).len());
    }
    assert_eq!(sizes[24], sizes[12], "{sizes:?}");
    assert!(sizes[24] <= 16, "{sizes:?}");
}
