//! The proof of a revision: on a scratch database of the real engine, with rows in the tables, it
//! goes up, down (to exactly the schema before, without losing a row of a table that stays), and
//! up again (to exactly the schema after). Which revisions are proved, and where the scratch
//! database comes from, is decided by others.

mod difference;
mod recorded;
mod repaired;

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

pub use self::difference::{Agreement, agreement, difference, drift, lines};
pub use self::recorded::{Recorded, expected, recorded};
pub use self::repaired::{Repaired, name_of, repaired};
use crate::catalog::{Catalog, Name};
use crate::db::Database;
use crate::db::introspect::introspect;
use crate::db::scratch::Scratch;
use crate::db::seed::{count_all, seed};
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::runner::{Step, run_unrecorded, set_up};

/// How far a proof is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// The revisions before the proved ones.
    Before,
    Seed,
    Up,
    Down,
    UpAgain,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Before => "the revisions before",
            Self::Seed => "rows",
            Self::Up => "up",
            Self::Down => "down",
            Self::UpAgain => "up again",
        })
    }
}

/// What a proof found out.
#[derive(Debug)]
pub struct Proof {
    pub before: Catalog,
    /// The schema after `up`; the one before where that failed.
    pub after: Catalog,
    pub seeded_tables: Vec<Name>,
    /// Tables that stayed empty, and the engine's reason.
    pub not_seeded: Vec<(Name, String)>,
    /// Tables with rows that lack one with NULLs, though columns may be NULL; and the reason.
    pub without_nulls: Vec<(Name, String)>,
    /// What `down` leaves different from before.
    pub differences_down: Vec<String>,
    /// What the second `up` makes different from the first; it is only tried where `down` restored
    /// everything.
    pub differences_again: Vec<String>,
    /// Tables that have fewer rows than before though they stay, in words.
    pub lost_rows: Vec<String>,
    /// Proved steps without a way back: neither down nor the second up were tried.
    pub irreversible: Vec<String>,
    /// The phase that failed, and the error with its place.
    pub failure: Option<(Phase, String)>,
    /// Whether the failed phase passes where the tables are empty: then it is the rows (made up by
    /// the proof) that it fails with. False where nothing failed or nobody could tell.
    pub passes_when_empty: bool,
    pub duration: Duration,
}

impl Proof {
    /// Whether nothing was found. A step without a way back is nothing found: whether it may be so
    /// is for its metadata to say.
    pub fn is_ok(&self) -> bool {
        self.failure.is_none()
            && self.differences_down.is_empty()
            && self.differences_again.is_empty()
            && self.lost_rows.is_empty()
    }

    /// All findings, one line each.
    pub fn findings(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.failure.iter().map(|(phase, text)| self.failure_line(*phase, text)).collect();
        lines.extend(self.differences_down.iter().map(|line| format!("after down, {line}")));
        lines.extend(self.differences_again.iter().map(|line| format!("after up, down and up, {line}")));
        lines.extend(self.lost_rows.iter().cloned());
        lines
    }

    fn failure_line(&self, phase: Phase, text: &str) -> String {
        if self.passes_when_empty {
            format!("{phase} fails with rows in the tables: {text}; it passes on empty ones")
        } else {
            format!("{phase} failed: {text}")
        }
    }
}

/// Proves `subject` (steps up, in order) on an empty scratch database, after `before`.
///
/// # Errors
/// Where the scratch database itself fails; a step that fails is a finding.
pub fn prove(
    scratch: &mut Database,
    before: &[Step],
    subject: &[Step],
    on_event: &mut dyn FnMut(Phase),
) -> Result<Proof> {
    let began = Instant::now();
    let empty = Catalog::empty(scratch.dialect());
    let mut proof = Proof {
        before: empty.clone(),
        after: empty,
        seeded_tables: Vec::new(),
        not_seeded: Vec::new(),
        without_nulls: Vec::new(),
        differences_down: Vec::new(),
        differences_again: Vec::new(),
        lost_rows: Vec::new(),
        irreversible: Vec::new(),
        failure: None,
        passes_when_empty: false,
        duration: Duration::ZERO,
    };
    set_up(scratch)?;
    Attempt { scratch, on_event, proof: &mut proof }.run(before, subject)?;
    if let Some((phase, _)) = &proof.failure {
        proof.passes_when_empty =
            !proof.seeded_tables.is_empty() && passes_when_empty(scratch, before, subject, *phase);
    }
    proof.duration = began.elapsed();
    Ok(proof)
}

/// Goes the same way without made-up rows, on another scratch database, up to the phase that
/// failed. Where no other database can be made, the answer is no.
fn passes_when_empty(scratch: &Database, before: &[Step], subject: &[Step], phase: Phase) -> bool {
    let Ok(mut empty) = Scratch::create(Some(scratch.url()), scratch.dialect()) else { return false };
    let back: Vec<Step> = subject.iter().rev().map(Step::reversed).collect();
    let way = [(Phase::Before, before), (Phase::Up, subject), (Phase::Down, &back), (Phase::UpAgain, subject)];
    let mut steps = way.into_iter().filter(|(at, _)| *at <= phase).flat_map(|(_, steps)| steps);
    let empty = empty.database();
    set_up(empty).is_ok() && steps.all(|step| run_unrecorded(empty, step).is_ok())
}

struct Attempt<'a> {
    scratch: &'a mut Database,
    on_event: &'a mut dyn FnMut(Phase),
    proof: &'a mut Proof,
}

impl Attempt<'_> {
    /// Stops early after a failure, which the proof then holds.
    fn run(&mut self, before: &[Step], subject: &[Step]) -> Result<()> {
        if !self.steps(Phase::Before, before) {
            return Ok(());
        }
        self.proof.before = introspect(self.scratch)?;
        self.proof.after = self.proof.before.clone();
        (self.on_event)(Phase::Seed);
        let seeded = seed(self.scratch, &self.proof.before)?;
        (self.proof.seeded_tables, self.proof.not_seeded) = (seeded.tables, seeded.not_seeded);
        self.proof.without_nulls = seeded.without_nulls;
        let rows = count_all(self.scratch, &self.proof.before)?;

        if !self.steps(Phase::Up, subject) {
            return Ok(());
        }
        self.proof.after = introspect(self.scratch)?;
        // A table that goes may come back empty; one that stays keeps its rows.
        let staying: BTreeMap<Name, u64> =
            rows.into_iter().filter(|(name, _)| self.proof.after.table(name).is_some()).collect();
        let after = self.proof.after.clone();
        self.compare_rows("up", &staying, &after)?;

        let dialect = self.scratch.dialect();
        let back: Vec<Step> = subject.iter().rev().map(Step::reversed).collect();
        let without: Vec<String> = back.iter().filter(|s| s.is_blank(dialect)).map(|s| s.name.clone()).collect();
        if !without.is_empty() {
            self.proof.irreversible = without;
            return Ok(());
        }
        if !self.steps(Phase::Down, &back) {
            return Ok(());
        }
        let restored = introspect(self.scratch)?;
        self.proof.differences_down = difference(&self.proof.before, &restored);
        self.compare_rows("down", &staying, &restored)?;

        // From another schema, a second up would only repeat in other words what was found.
        if self.proof.differences_down.is_empty() && self.steps(Phase::UpAgain, subject) {
            let again = introspect(self.scratch)?;
            self.proof.differences_again = difference(&self.proof.after, &again);
        }
        Ok(())
    }

    /// Runs steps; false after a failure.
    fn steps(&mut self, phase: Phase, steps: &[Step]) -> bool {
        (self.on_event)(phase);
        let failed = steps.iter().find_map(|step| run_unrecorded(self.scratch, step).err().map(with_hints));
        let failed = failed.or_else(|| self.dangling_rows());
        let fine = failed.is_none();
        self.proof.failure = failed.map(|text| (phase, text));
        fine
    }

    /// SQLite checks no foreign key while they are switched off for a rebuild.
    fn dangling_rows(&mut self) -> Option<String> {
        if self.scratch.dialect() != Dialect::Sqlite {
            return None;
        }
        let sql =
            "SELECT DISTINCT 'rows of ' || \"table\" || ' point to rows of ' || parent || ' that are not there' AS row
            FROM pragma_foreign_key_check";
        self.scratch.texts(sql, &[]).ok()?.into_iter().flatten().next()
    }

    fn compare_rows(&mut self, way: &str, expected: &BTreeMap<Name, u64>, catalog: &Catalog) -> Result<()> {
        let now = count_all(self.scratch, catalog)?;
        for (name, before) in expected {
            let Some(key) = catalog.table_key(name) else { continue };
            let count = now.get(&key).copied().unwrap_or_default();
            if count < *before {
                self.proof.lost_rows.push(format!("table {name} had {before} row(s) and has {count} after {way}"));
            }
        }
        Ok(())
    }
}

/// The error with its hints; what they say of the state of a user's database means nothing here.
fn with_hints(error: Error) -> String {
    let of_the_state = |hint: &&String| {
        !["nothing of it is in place", "parts of it may be in place"].iter().any(|h| hint.starts_with(h))
    };
    let hints: Vec<String> = error.hints.iter().filter(of_the_state).map(|hint| format!(" ({hint})")).collect();
    format!("{error}{}", hints.concat())
}

#[cfg(test)]
mod tests {
    use super::{Phase, Proof, prove};
    use crate::db::scratch::Scratch;
    use crate::dialect::Dialect;
    use crate::runner::Step;
    use crate::runner::testing::{bare, step};

    const USERS: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL, email TEXT NOT NULL);
        CREATE INDEX users_email_idx ON users (email);
        CREATE TABLE posts (id INTEGER PRIMARY KEY NOT NULL,
            author INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE);";

    const REBUILD: &str = "PRAGMA foreign_keys = OFF;
        CREATE TABLE new_users (id INTEGER PRIMARY KEY NOT NULL, email TEXT NOT NULL);
        INSERT INTO new_users SELECT id, email FROM users;
        DROP TABLE users;
        ALTER TABLE new_users RENAME TO users;
        CREATE INDEX users_email_idx ON users (email);
        PRAGMA foreign_keys = ON;";

    fn proof(subject: Step) -> Proof {
        let mut scratch = Scratch::create(None, Dialect::Sqlite).unwrap();
        prove(scratch.database(), &[step("1", USERS, "")], &[subject], &mut |_| {}).unwrap()
    }

    #[test]
    fn a_good_revision_passes() {
        let proof = proof(step("2", "ALTER TABLE users ADD COLUMN nick TEXT", "ALTER TABLE users DROP COLUMN nick"));
        assert!(proof.is_ok(), "{:?}", proof.findings());
        let seeded: Vec<String> = proof.seeded_tables.iter().map(ToString::to_string).collect();
        assert_eq!(seeded, ["users", "posts"], "{:?}", proof.not_seeded);
    }

    #[test]
    fn a_way_back_that_forgets_something_is_named() {
        let proof = proof(step("2", "DROP INDEX users_email_idx", "SELECT 1"));
        assert_eq!(proof.findings(), ["after down, index users_email_idx of users is missing"]);
    }

    #[test]
    fn a_failing_up_is_told_with_its_place() {
        let proof = proof(step("2", "ALTER TABLE users ADD COLUMN nick TEXT NOT NULL", "SELECT 1"));
        let (phase, text) = proof.failure.unwrap();
        assert_eq!(phase, Phase::Up);
        assert!(text.contains("2_step/up.sql") && text.contains("NOT NULL"), "{text}");
        assert!(proof.passes_when_empty);
    }

    #[test]
    fn what_fails_on_empty_tables_too_is_no_matter_of_rows() {
        let found = proof(step("2", "ALTER TABLE nobody ADD COLUMN nick TEXT", "SELECT 1")).findings().concat();
        assert!(found.starts_with("up failed: ") && !found.contains("empty"), "{found}");
        let found = proof(step("2", "CREATE TABLE a (x)", "DROP TABLE b")).findings().concat();
        assert!(found.starts_with("down failed: ") && !found.contains("empty"), "{found}");
    }

    const NAMES: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL, nick TEXT CHECK (nick <> 'x'));";

    /// A rebuild that makes `nick` NOT NULL, with that expression for its values.
    fn tightened(value: &str) -> Step {
        let rebuild = |column: &str, value: &str| {
            format!(
                "PRAGMA foreign_keys = OFF;
                 CREATE TABLE new_users (id INTEGER PRIMARY KEY NOT NULL, nick TEXT {column} CHECK (nick <> 'x'));
                 INSERT INTO new_users SELECT id, {value} FROM users;
                 DROP TABLE users;
                 ALTER TABLE new_users RENAME TO users;
                 PRAGMA foreign_keys = ON;"
            )
        };
        bare("2", &rebuild("NOT NULL", value), &rebuild("", "nick"))
    }

    #[test]
    fn rows_with_nulls_meet_a_tightened_column() {
        let findings = |value: &str| {
            let mut scratch = Scratch::create(None, Dialect::Sqlite).unwrap();
            let before = [step("1", NAMES, "")];
            prove(scratch.database(), &before, &[tightened(value)], &mut |_| {}).unwrap().findings()
        };
        assert_eq!(findings("coalesce(nick, '')"), [""; 0]);
        for (value, words) in
            [("nick", "NOT NULL constraint failed"), ("coalesce(nick, 'x')", "CHECK constraint failed")]
        {
            let found = findings(value).concat();
            assert!(found.starts_with("up fails with rows in the tables: ") && found.contains(words), "{found}");
            assert!(found.ends_with("; it passes on empty ones"), "{found}");
        }
    }

    #[test]
    fn rows_lost_by_a_rebuild_inside_a_transaction_are_reported() {
        let inside = proof(step("2", REBUILD, REBUILD));
        assert!(inside.lost_rows.contains(&"table posts had 2 row(s) and has 0 after up".to_owned()), "{inside:?}");
        let outside = proof(bare("2", REBUILD, REBUILD));
        assert!(outside.is_ok(), "{:?}", outside.findings());
    }

    #[test]
    fn without_a_way_back_only_up_is_proved() {
        let proof = proof(step("2", "DROP TABLE posts", " "));
        assert!(proof.is_ok());
        assert_eq!(proof.irreversible, ["2_step"]);
    }
}

#[cfg(test)]
mod postgres_tests {
    mod postgres {
        use super::super::{Phase, Proof, prove};
        use crate::db::testing::postgres;
        use crate::runner::Step;
        use crate::runner::testing::step;

        const USERS: &str = "CREATE TYPE mood AS ENUM ('sad', 'ok');
            CREATE TABLE users (id serial PRIMARY KEY, email varchar(100) NOT NULL UNIQUE, mood mood NOT NULL);
            CREATE INDEX users_email_idx ON users (lower(email));
            CREATE TABLE posts (id serial PRIMARY KEY, author int NOT NULL REFERENCES users ON DELETE CASCADE);
            CREATE VIEW names AS SELECT email FROM users;";

        fn proof(subject: Step) -> Proof {
            let mut scratch = postgres();
            prove(scratch.database(), &[step("1", USERS, "")], &[subject], &mut |_| {}).unwrap()
        }

        #[test]
        fn a_good_revision_passes() {
            let proof = proof(step(
                "2",
                "ALTER TABLE users ADD nick text, ALTER mood DROP NOT NULL; CREATE TABLE tags (id serial PRIMARY KEY);
                 ALTER TYPE mood RENAME VALUE 'ok' TO 'fine';",
                "ALTER TABLE users DROP nick, ALTER mood SET NOT NULL; DROP TABLE tags;
                 ALTER TYPE mood RENAME VALUE 'fine' TO 'ok';",
            ));
            assert!(proof.is_ok(), "{:?}", proof.findings());
            assert_eq!(proof.seeded_tables.len(), 2, "{:?}", proof.not_seeded);
        }

        #[test]
        fn what_a_way_back_forgets_is_named() {
            let proof = proof(step(
                "2",
                "DROP VIEW names; ALTER TABLE users ALTER email TYPE text; DROP INDEX users_email_idx; DELETE FROM posts;",
                "CREATE INDEX users_email_idx ON users (email);",
            ));
            assert_eq!(
                proof.findings(),
                [
                    "after down, column users.email is `text NOT NULL` and was `character varying(100) NOT NULL`",
                    "after down, index users_email_idx of users is `(email)` and was `(lower(email::text))`",
                    "after down, view names is missing",
                    "table posts had 2 row(s) and has 0 after up",
                    "table posts had 2 row(s) and has 0 after down",
                ]
            );
        }

        #[test]
        fn a_column_without_a_value_for_the_rows_fails() {
            let proof = proof(step("2", "ALTER TABLE users ADD nick text NOT NULL", "ALTER TABLE users DROP nick"));
            let (phase, text) = proof.failure.unwrap();
            assert_eq!(phase, Phase::Up);
            assert!(text.contains("contains null values"), "{text}");
            assert!(proof.passes_when_empty);
        }

        #[test]
        fn rows_with_nulls_meet_a_tightened_column() {
            let findings = |up: &str| {
                let mut scratch = postgres();
                let before = [step("1", "CREATE TABLE t (id serial PRIMARY KEY, nick text CHECK (nick <> 'x'))", "")];
                let subject = [step("2", up, "ALTER TABLE t ALTER nick DROP NOT NULL")];
                prove(scratch.database(), &before, &subject, &mut |_| {}).unwrap().findings()
            };
            let tighten = "ALTER TABLE t ALTER nick SET NOT NULL";
            assert_eq!(findings(&format!("UPDATE t SET nick = '' WHERE nick IS NULL; {tighten}")), [""; 0]);
            let fill = format!("UPDATE t SET nick = 'x' WHERE nick IS NULL; {tighten}");
            for (up, words) in [(tighten, "contains null values"), (&fill, "violates check constraint")] {
                let found = findings(up).concat();
                assert!(found.starts_with("up fails with rows in the tables: ") && found.contains(words), "{found}");
                assert!(found.ends_with("; it passes on empty ones"), "{found}");
            }
        }
    }
}

#[cfg(all(test, feature = "mysql"))]
mod mysql_tests {
    mod mysql {
        use super::super::{Phase, Proof, prove};
        use crate::db::testing::mysql;
        use crate::runner::Step;
        use crate::runner::testing::step;

        const USERS: &str = "CREATE TABLE users (id int unsigned AUTO_INCREMENT PRIMARY KEY,
                email varchar(100) NOT NULL UNIQUE, mood enum('sad', 'ok') NOT NULL, KEY users_mood (mood));
            CREATE TABLE posts (id int AUTO_INCREMENT PRIMARY KEY, author int unsigned NOT NULL,
                FOREIGN KEY (author) REFERENCES users (id) ON DELETE CASCADE);
            CREATE VIEW names AS SELECT email FROM users;";

        fn proof(subject: Step) -> Proof {
            let mut scratch = mysql();
            prove(scratch.database(), &[step("1", USERS, "")], &[subject], &mut |_| {}).unwrap()
        }

        #[test]
        fn a_good_revision_passes() {
            let proof = proof(step(
                "2",
                "ALTER TABLE users ADD nick text, MODIFY mood enum('sad', 'ok', 'meh');
                 CREATE TABLE tags (id serial PRIMARY KEY);",
                "DROP TABLE tags; UPDATE users SET mood = 'ok' WHERE mood IS NULL;
                 ALTER TABLE users DROP nick, MODIFY mood enum('sad', 'ok') NOT NULL;",
            ));
            assert!(proof.is_ok(), "{:?}", proof.findings());
            assert_eq!(proof.seeded_tables.len(), 2, "{:?}", proof.not_seeded);
        }

        #[test]
        fn what_a_way_back_forgets_is_named() {
            let proof = proof(step(
                "2",
                "DROP VIEW names; ALTER TABLE users MODIFY email varchar(200) NOT NULL; DROP INDEX users_mood ON users;
                 DELETE FROM posts;",
                "CREATE INDEX users_mood ON users (mood, id);",
            ));
            assert_eq!(
                proof.findings(),
                [
                    "after down, column users.email is `varchar(200) NOT NULL` and was `varchar(100) NOT NULL`",
                    "after down, index users_mood of users is `(mood, id)` and was `(mood)`",
                    "after down, view names is missing",
                    "table posts had 2 row(s) and has 0 after up",
                    "table posts had 2 row(s) and has 0 after down",
                ]
            );
        }

        #[test]
        fn rows_with_nulls_meet_a_tightened_column() {
            let mut scratch = mysql();
            let before = [step("1", "CREATE TABLE t (id serial PRIMARY KEY, nick varchar(20))", "")];
            let subject =
                [step("2", "ALTER TABLE t MODIFY nick varchar(20) NOT NULL", "ALTER TABLE t MODIFY nick varchar(20)")];
            let proof = prove(scratch.database(), &before, &subject, &mut |_| {}).unwrap();
            let (phase, text) = proof.failure.unwrap();
            assert_eq!(phase, Phase::Up);
            // MariaDB's words, and MySQL's.
            assert!(text.contains("Data truncated") || text.contains("Invalid use of NULL"), "{text}");
            assert!(proof.passes_when_empty);
        }
    }
}
