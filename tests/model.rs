//! Random sequences of commands against a model of a few lines: what is applied, which directories are
//! there, what a killed run left. After each command the database is what the model says, by Diesel's
//! table, the ledger and the schema. `OPS_MIGRATE_MODEL=N` plays N sequences, others than usual.

use std::collections::BTreeSet;

use ops_migrate::db::ledger;

use crate::matrix_runs::said;
use crate::runner::Backend;

const REVISIONS: usize = 6;

/// What a sequence is made of.
#[derive(Debug, Clone, Copy)]
enum Command {
    /// So many revisions up.
    Up(usize),
    Head,
    /// So many back.
    Down(usize),
    Base,
    /// Recorded as if the chain were applied up to here, without running anything.
    Stamp(usize),
    /// The same as `Head`, but killed at a place that it passes.
    KilledUp(usize),
    KilledDown(usize),
    /// A branch without the last directories is checked out.
    Leave(usize),
    /// All of them are there again.
    Return,
    /// What is applied and has no directory is taken back by the ledger.
    Unknown,
}

/// What has to be true.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Model {
    /// What Diesel's table says: revisions, counted from 0.
    recorded: BTreeSet<usize>,
    /// Whose tables are there: stamping parts the two.
    made: BTreeSet<usize>,
    /// Directories that are there: 0 to here.
    files: usize,
}

impl Model {
    /// What `upgrade` to here would run.
    fn pending(&self, to: usize) -> Vec<usize> {
        (0..to.min(self.files)).filter(|n| !self.recorded.contains(n)).collect()
    }

    /// Applies one after the other; a table that is there already ends it.
    fn up(&mut self, count: usize) -> bool {
        for n in self.pending(REVISIONS).into_iter().take(count) {
            if !self.made.insert(n) {
                return false;
            }
            self.recorded.insert(n);
        }
        true
    }

    /// The last ones that are recorded and have a directory, newest first; a table that is gone ends it.
    fn down(&mut self, count: usize) -> bool {
        let known: Vec<usize> = self.recorded.iter().copied().filter(|n| *n < self.files).rev().take(count).collect();
        known.into_iter().all(|n| self.take_back(n))
    }

    fn take_back(&mut self, n: usize) -> bool {
        if !self.made.remove(&n) {
            return false;
        }
        self.recorded.remove(&n);
        true
    }
}

struct Play<'a> {
    backend: &'a Backend,
    model: Model,
}

fn name(n: usize) -> String {
    format!("2024-01-{:02}-000000_r{n}", n + 1)
}

fn version(n: usize) -> String {
    format!("202401{:02}000000", n + 1)
}

impl Play<'_> {
    fn write(&self, n: usize) {
        let up = format!("CREATE TABLE r{n} (x integer PRIMARY KEY);\nINSERT INTO r{n} VALUES ({n});\n");
        self.backend.sandbox.revision(&name(n), &up, &format!("DROP TABLE r{n};\n"));
        // One of them has no transaction.
        if n == 3 {
            let path = format!("migrations/{}/metadata.toml", name(n));
            self.backend.sandbox.write(&path, "run_in_transaction = false\n");
        }
    }

    fn run(&self, args: &[&str]) -> (u8, String) {
        let output = self.backend.sandbox.run(args.iter().copied());
        (output.code, output.text())
    }

    /// Ends a run at a place, by the count of those that it passes.
    fn killed(&self, args: &[&str], place: usize) {
        let output = self.backend.start(args, &[("OPS_MIGRATE_FAILPOINT", place.to_string())]).output();
        let text = said(&output);
        assert!(!text.contains("has a bug"), "{text}");
    }

    /// Plays one command, on the database and on the model.
    fn play(&mut self, command: Command) -> String {
        let down = ["--allow-data-loss", "--yes"];
        let before = self.model.clone();
        let (code, text, expected) = match command {
            Command::Up(count) => {
                // The target has to be there.
                let enough = before.pending(REVISIONS).len() >= count;
                let (code, text) = self.run(&["upgrade", &format!("+{count}")]);
                let done = enough && self.model.up(count);
                (code, text, done)
            }
            Command::Head => {
                let (code, text) = self.run(&["upgrade"]);
                (code, text, self.model.up(REVISIONS))
            }
            Command::Down(count) => {
                let known = before.recorded.iter().filter(|n| **n < before.files).count();
                let (code, text) = self.run(&[&["rollback", &format!("-{count}")][..], &down].concat());
                (code, text, known >= count && self.model.down(count))
            }
            Command::Base => {
                let (code, text) = self.run(&[&["rollback", "base"][..], &down].concat());
                (code, text, self.model.down(REVISIONS))
            }
            Command::Stamp(to) => {
                let to = to.min(self.model.files - 1);
                let (code, text) = self.run(&["stamp", &version(to), "--yes"]);
                let unknown = self.model.recorded.split_off(&self.model.files);
                self.model.recorded = (0..=to).chain(unknown).collect();
                (code, text, true)
            }
            Command::KilledUp(place) => {
                self.killed(&["upgrade"], place);
                let (code, text) = self.run(&["upgrade"]);
                (code, text, self.model.up(REVISIONS))
            }
            Command::KilledDown(place) => {
                self.killed(&[&["rollback", "base"][..], &down].concat(), place);
                let (code, text) = self.run(&[&["rollback", "base"][..], &down].concat());
                (code, text, self.model.down(REVISIONS))
            }
            Command::Leave(files) => {
                for n in files..self.model.files {
                    std::fs::remove_dir_all(self.backend.sandbox.path(&format!("migrations/{}", name(n)))).unwrap();
                }
                self.model.files = self.model.files.min(files);
                (0, String::new(), true)
            }
            Command::Return => {
                (self.model.files..REVISIONS).for_each(|n| self.write(n));
                self.model.files = REVISIONS;
                (0, String::new(), true)
            }
            Command::Unknown => {
                let (code, text) = self.run(&[&["rollback", "--unknown"][..], &down].concat());
                let unknown: Vec<usize> =
                    self.model.recorded.iter().copied().filter(|n| *n >= before.files).rev().collect();
                (code, text, unknown.into_iter().all(|n| self.model.take_back(n)))
            }
        };
        let _ = (code, expected);
        text
    }

    /// The database as the model has it.
    fn actual(&self) -> Model {
        let mut db = self.backend.database();
        let versions = db.applied().unwrap();
        let recorded = (0..REVISIONS).filter(|n| versions.iter().any(|row| row.version == version(*n))).collect();
        let made = (0..REVISIONS).filter(|n| db.has_table(&format!("r{n}")).unwrap()).collect();
        Model { recorded, made, files: self.model.files }
    }

    /// What the ledger says last of each revision is what Diesel's table says.
    fn ledger_agrees(&self) -> Result<(), String> {
        let mut db = self.backend.database();
        let entries = ledger::entries(&mut db).unwrap();
        for n in 0..REVISIONS {
            let of = |entry: &&ledger::Entry| entry.version == version(n);
            let last = entries
                .iter()
                .filter(of)
                .rfind(|entry| matches!(entry.state, ledger::State::Applied | ledger::State::Reverted));
            let says = last.is_some_and(|entry| entry.state == ledger::State::Applied);
            if says != self.model.recorded.contains(&n) {
                return Err(format!("r{n}: the ledger says {last:?}"));
            }
        }
        let open = ledger::unfinished(&mut db).unwrap();
        if open.is_empty() { Ok(()) } else { Err(format!("open: {open:?}")) }
    }
}

fn next(random: &mut u64, limit: usize) -> usize {
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    usize::try_from(*random % limit as u64).unwrap()
}

fn command(random: &mut u64) -> Command {
    match next(random, 14) {
        0 | 1 => Command::Up(1 + next(random, 2)),
        2 | 3 => Command::Head,
        4 | 5 => Command::Down(1 + next(random, 2)),
        6 => Command::Base,
        7 => Command::Stamp(next(random, REVISIONS)),
        8 | 9 => Command::KilledUp(1 + next(random, 30)),
        10 => Command::KilledDown(1 + next(random, 30)),
        11 => Command::Leave(2 + next(random, REVISIONS - 2)),
        12 => Command::Return,
        _ => Command::Unknown,
    }
}

/// Plays sequences; what has happened is told where the two part.
#[expect(clippy::disallowed_methods, reason = "the harness says how long it may take")]
fn sequences(bounded: usize, backend: impl Fn() -> Backend) {
    let asked: Option<usize> = std::env::var("OPS_MIGRATE_MODEL").ok().and_then(|n| n.parse().ok());
    let mut random = asked.map_or(0x5851_f42d_4c95_7f2d, |n| 0x1405_7b7e_f767_814f ^ n as u64);
    for _ in 0..asked.unwrap_or(bounded) {
        let backend = backend();
        let mut play = Play { backend: &backend, model: Model { files: REVISIONS, ..Model::default() } };
        (0..REVISIONS).for_each(|n| play.write(n));
        let mut history = Vec::new();
        // The database is there from the first command on.
        for turn in 0..12 {
            let command = if turn == 0 { Command::Up(1) } else { command(&mut random) };
            history.push(command);
            let text = play.play(command);
            assert_eq!(play.actual(), play.model, "after {history:?}\n{text}");
            if let Err(difference) = play.ledger_agrees() {
                panic!("after {history:?}: {difference}\n{text}");
            }
        }
    }
}

#[test]
fn commands_do_what_the_model_says() {
    sequences(12, Backend::sqlite);
}

mod postgres_tests {
    use super::{Backend, sequences};

    #[test]
    fn commands_do_what_the_model_says() {
        sequences(4, Backend::postgres);
    }
}
