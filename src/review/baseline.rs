//! Findings that are known and left alone: a file that says which, by their fingerprints.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::finding::Finding;
use crate::error::{Error, Result};
use crate::place::Place;

/// The known findings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    schema_version: u32,
    findings: BTreeSet<Known>,
}

/// One of them; everything but the fingerprint is for people.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Known {
    file: String,
    code: String,
    fingerprint: String,
}

impl Baseline {
    /// Of all that was found.
    pub fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Self {
        let known = |finding: &Finding| Known {
            file: finding.file.clone(),
            code: finding.code.to_owned(),
            fingerprint: finding.fingerprint.clone(),
        };
        Self { schema_version: 1, findings: findings.into_iter().map(known).collect() }
    }

    /// Reads the file's text.
    ///
    /// # Errors
    /// Where it is no baseline.
    pub fn parse(text: &str, file: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|error| {
            Error::undecided(format!("this is no baseline: {error}"))
                .at(Place::file(file))
                .hint("`cargo ops-migrate review --all --write-baseline FILE` writes one")
        })
    }

    /// The file's text.
    pub fn render(&self) -> String {
        serde_json::to_string_pretty(self).map(|text| text + "\n").unwrap_or_default()
    }

    /// Takes the known findings away; how many these were.
    pub fn leave_out(&self, findings: &mut Vec<Finding>) -> usize {
        let known: BTreeSet<&str> = self.findings.iter().map(|known| known.fingerprint.as_str()).collect();
        let before = findings.len();
        findings.retain(|finding| !known.contains(finding.fingerprint.as_str()));
        before - findings.len()
    }

    /// How many findings it knows.
    pub fn len(&self) -> usize {
        self.findings.len()
    }

    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::Baseline;
    use crate::dialect::Dialect::Postgres;
    use crate::review::Example;
    use crate::review::testing::findings;

    #[test]
    fn what_is_known_stays_known_where_it_moves() {
        let found = |up| findings(&Example::new(up, &[]), Postgres, &|rule| rule.code == "OM003");
        let baseline = Baseline::of(&found("DROP TABLE users;"));
        let baseline = Baseline::parse(&baseline.render(), "baseline.json").unwrap();
        let mut moved = found("-- a comment\n\nDROP  TABLE\n users;");
        assert_eq!((baseline.leave_out(&mut moved), moved.len()), (1, 0));
        let mut other = found("ALTER TABLE users DROP COLUMN nick;");
        assert_eq!((baseline.leave_out(&mut other), other.len()), (0, 1));
        let error = Baseline::parse("{", "baseline.json").unwrap_err().to_string();
        assert!(error.starts_with("baseline.json: this is no baseline"), "{error}");
    }
}
