//! How MySQL and MariaDB change a table: by which algorithm, and who may write to it meanwhile. The server is
//! the one to know: a statement that names an algorithm or a lock which it cannot have is refused before
//! anything is done (MariaDB knowledge base, ALTER TABLE, ALGORITHM and LOCK), so that the first of them that
//! is not refused is its own.

use serde::Serialize;

use crate::dialect::Dialect;
use crate::error::Result;
use crate::replay::action::{Action, actions};

/// An algorithm and a lock, as the server spells them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Online {
    pub algorithm: &'static str,
    /// `None`: the algorithm has none worth naming.
    pub lock: Option<&'static str>,
}

/// From the least that a statement may cost to the most. MySQL has no NOCOPY, and refuses it.
const WAYS: [Online; 7] = [
    Online { algorithm: "INSTANT", lock: None },
    Online { algorithm: "NOCOPY", lock: Some("NONE") },
    Online { algorithm: "NOCOPY", lock: Some("SHARED") },
    Online { algorithm: "INPLACE", lock: Some("NONE") },
    Online { algorithm: "INPLACE", lock: Some("SHARED") },
    Online { algorithm: "COPY", lock: Some("NONE") },
    Online { algorithm: "COPY", lock: Some("SHARED") },
];

impl Online {
    /// Whether others may write to the table meanwhile.
    pub fn lets_write(&self) -> bool {
        self.lock != Some("SHARED")
    }

    /// In words: `copied: writers wait (ALGORITHM=COPY, LOCK=SHARED)`.
    pub fn describe(&self) -> String {
        let how = match self.algorithm {
            "INSTANT" => "instant",
            "COPY" => "copied",
            _ => "in place",
        };
        let who = match self.lock {
            None => "",
            Some("NONE") => ": others may write",
            Some(_) => ": writers wait",
        };
        let lock = self.lock.map(|lock| format!(", LOCK={lock}")).unwrap_or_default();
        format!("{how}{who} (ALGORITHM={}{lock})", self.algorithm)
    }

    /// A statement that may be done in this way or not at all.
    fn of(&self, statement: &str, comma: &str) -> String {
        let lock = self.lock.map(|lock| format!("{comma} LOCK={lock}")).unwrap_or_default();
        format!("{statement}\n{comma} ALGORITHM={}{lock}", self.algorithm)
    }
}

/// Runs a statement in the least way that the server accepts, and says in which; as it stands where it changes
/// no table that is there, names a way itself, or fails in all of them.
///
/// # Errors
/// What `run` says of the statement as it stands.
pub fn run(statement: &str, run: &mut dyn FnMut(&str) -> Result<()>) -> Result<Option<Online>> {
    if let Some(comma) = comma(statement)
        && let Some(way) = WAYS.iter().find(|way| run(&way.of(statement, comma)).is_ok())
    {
        return Ok(Some(*way));
    }
    run(statement).map(|()| None)
}

/// What stands between the options of a statement that may name a way and does not.
fn comma(statement: &str) -> Option<&'static str> {
    let named = |action: &Action| matches!(action, Action::OnlineOption { .. });
    let words: Vec<String> = statement.split_whitespace().take(3).map(str::to_ascii_lowercase).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let comma = match words.as_slice() {
        ["alter", "table", ..] => ",",
        ["create" | "drop", "index", ..] | ["create", "unique" | "fulltext" | "spatial", "index"] => "",
        _ => return None,
    };
    let lower = statement.to_ascii_lowercase();
    let is_named = match comma {
        "" => ["algorithm", "lock"].iter().any(|word| lower.split_whitespace().any(|own| own.starts_with(word))),
        _ => actions(Dialect::Mysql, statement).iter().any(named),
    };
    (!is_named).then_some(comma)
}

#[cfg(test)]
mod tests {
    use super::run;
    use crate::error::Error;

    /// What is tried on a server that accepts nothing.
    fn tried(statement: &str) -> usize {
        let mut tried = 0;
        let ran = run(statement, &mut |_| {
            tried += 1;
            Err(Error::undecided("no"))
        });
        assert!(ran.is_err());
        tried
    }

    #[test]
    fn only_what_may_have_a_way_is_tried_in_several() {
        assert_eq!(tried("ALTER TABLE t ADD a int"), 8);
        assert_eq!(tried("CREATE UNIQUE INDEX i ON t (a)"), 8);
        assert_eq!(tried("ALTER TABLE t ADD a int, ALGORITHM = INPLACE"), 1);
        assert_eq!(tried("DROP INDEX i ON t ALGORITHM=COPY"), 1);
        assert_eq!(tried("CREATE TABLE t (a int)"), 1);
        assert_eq!(tried("UPDATE t SET a = 1"), 1);
    }
}
