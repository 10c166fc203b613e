//! How many rows tables have, from a database or a small file, and what follows from it: nobody waits
//! long for the lock of a small table, and an empty one has nothing to lose.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::finding::{Finding, Severity};
use crate::error::{Error, Result};
use crate::place::{Place, line_at};

/// Up to so many rows, a table is read or written anew in a fraction of a second (the settings' `small-table`).
pub const SMALL: u64 = 10_000;

/// Row counts by table, under the name that SQL gives it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rows {
    pub tables: BTreeMap<String, u64>,
}

impl Rows {
    /// Nothing counted.
    pub(super) const NONE: Self = Self { tables: BTreeMap::new() };

    /// Reads the file: TOML, a line `table = rows` for each, `"schema.table" = rows` outside of the
    /// default schema.
    ///
    /// # Errors
    /// With the line, where it is something else.
    pub fn parse(text: &str, file: &str) -> Result<Self> {
        let tables = toml::from_str(text).map_err(|error: toml::de::Error| {
            let line = line_at(text, error.span().map_or(0, |span| span.start));
            Error::undecided(format!("not a list of row counts: {}", error.message()))
                .at(Place::new(file, line, 1))
                .hint("a line for each table: users = 120000; `cargo ops-migrate review --write-stats FILE` writes one")
        })?;
        Ok(Self { tables })
    }

    /// The text of the file.
    pub fn render(&self) -> String {
        let mut text = String::from("# Rows of each table, about; for `cargo ops-migrate review --stats`.\n");
        for (table, rows) in &self.tables {
            let bare = table.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') && !table.is_empty();
            let key =
                if bare { table.clone() } else { format!("\"{}\"", table.replace('\\', "\\\\").replace('"', "\\\"")) };
            let _infallible = writeln!(text, "{key} = {rows}");
        }
        text
    }

    /// What it says of the largest of some tables, or else the schema; `None` where one is not counted.
    fn largest(&self, tables: &[String], schema: &dyn Fn(&str) -> Option<u64>) -> Option<u64> {
        let counts: Option<Vec<u64>> =
            tables.iter().map(|table| self.tables.get(table).copied().or_else(|| schema(table))).collect();
        counts?.into_iter().max()
    }

    /// Lets size decide: findings about the lock of small tables, and about what empty ones lose, are
    /// notes. What the server refuses stays what it is. `schema` is how many rows a table can have at most
    /// where its keys tell.
    pub(super) fn weigh(
        &self,
        finding: &mut Finding,
        about: &dyn Fn() -> Vec<String>,
        small: u64,
        schema: &dyn Fn(&str) -> Option<u64>,
    ) {
        // What is written behind a lock decides how long that is held.
        let is_lock = finding.code.starts_with("OM1") && (finding.lock.is_some() || finding.code == "OM106");
        if !is_lock && self.tables.is_empty() {
            return;
        }
        finding.rows = match &finding.lock {
            Some(lock) => self.largest(&lock.tables, schema),
            None => Some(about()).filter(|about| !about.is_empty()).and_then(|about| self.largest(&about, schema)),
        };
        let Some(rows) = finding.rows else { return };
        let is_loss = matches!(finding.code, "OM001" | "OM002" | "OM003" | "OM204" | "OM205" | "OM207");
        if finding.severity > Severity::Info && ((is_lock && rows <= small) || (is_loss && rows == 0)) {
            finding.severity = Severity::Info;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Rows;

    #[test]
    fn what_is_written_is_read_back() {
        let text = "# Rows of each table, about; for `cargo ops-migrate review --stats`.\n\"app.events\" = 4\nusers = 120000\n";
        let rows = Rows::parse(text, "rows.toml").unwrap();
        assert_eq!(rows.render(), text);
        assert_eq!(rows.largest(&["users".to_owned(), "app.events".to_owned()], &|_| None), Some(120_000));
        assert_eq!(rows.largest(&["users".to_owned(), "posts".to_owned()], &|_| None), None);
        assert_eq!(rows.largest(&["users".to_owned(), "only".to_owned()], &|_| Some(1)), Some(120_000));
        let error = Rows::parse("users = 1\nposts = \"many\"\n", "rows.toml").unwrap_err();
        assert_eq!(error.to_string().split(": invalid").next(), Some("rows.toml:2: not a list of row counts"));
    }
}
