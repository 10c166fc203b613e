//! What a rule is, and what it reports.

use super::finding::{Fix, Severity};
use super::lock::Lock;
use super::step::Step;
use super::subject::Subject;
use crate::dialect::Dialect;

/// A rule: what it looks for, and all that people read about it.
pub struct Rule {
    /// Stable, never given again. OM0xx: what every revision needs; OM1xx: locks and rewrites;
    /// OM2xx: loss and compatibility; OM3xx: design; OM4xx: MySQL; OM5xx: SQLite; OM6xx: the way
    /// back and the chain; OM7xx: Diesel.
    pub code: &'static str,
    /// In words with dashes, for configuration and comments.
    pub id: &'static str,
    pub severity: Severity,
    pub dialects: &'static [Dialect],
    /// One line: what it finds.
    pub summary: &'static str,
    /// Why that matters.
    pub help: &'static str,
    /// What to do instead.
    pub safer: &'static str,
    /// The manuals.
    pub links: &'static [&'static str],
    /// Tests and documentation at once.
    pub examples: &'static [Example],
    pub check: fn(&Subject<'_>, &mut Vec<Report>),
}

/// Every dialect.
pub const ALL: &[Dialect] = &[Dialect::Postgres, Dialect::Sqlite, Dialect::Mysql];

/// PostgreSQL alone.
pub const POSTGRES: &[Dialect] = &[Dialect::Postgres];

/// A revision and what the rule says of it.
#[derive(Clone, Copy)]
pub struct Example {
    /// An applied revision that makes the schema; see [`Example::USERS`].
    pub before: &'static str,
    pub up: &'static str,
    /// `None`: there is no such file.
    pub down: Option<&'static str>,
    pub metadata: Option<&'static str>,
    /// Tables of the models, as `users: id Integer, nick Nullable<Text>`; empty: none are known.
    pub models: &'static [&'static str],
    /// What makes the schema of the project's chain for another database, which has no more revisions; `None`: it
    /// has no other chain.
    pub sibling: Option<&'static str>,
    /// Whether the base branch has a revision that sorts after this one.
    pub is_late: bool,
    /// Whether the base branch has another up.sql of it.
    pub is_edited: bool,
    /// The columns that the settings ask of every new table.
    pub required_columns: &'static [&'static str],
    /// The pattern that the settings ask of every new name.
    pub name_pattern: Option<&'static str>,
    /// Whether the project keeps the history of every table.
    pub history: bool,
    /// The dialects that it is about; empty: all of the rule's.
    pub dialects: &'static [Dialect],
    /// `file:line text` of each finding of the rule; `up.sql` is left out.
    pub finds: &'static [&'static str],
}

impl Example {
    /// The schema of most examples.
    pub const USERS: &'static str = "CREATE TABLE users (id integer PRIMARY KEY, nick text);";

    /// An `up.sql` on [`Self::USERS`] and what is found in it.
    pub const fn new(up: &'static str, finds: &'static [&'static str]) -> Self {
        let down = Some("SELECT 1;");
        Self {
            before: Self::USERS,
            up,
            down,
            metadata: None,
            models: &[],
            sibling: None,
            is_late: false,
            is_edited: false,
            required_columns: &[],
            name_pattern: None,
            history: false,
            dialects: &[],
            finds,
        }
    }

    /// On another schema.
    #[must_use]
    pub const fn on(self, before: &'static str) -> Self {
        Self { before, ..self }
    }

    /// With a way back.
    #[must_use]
    pub const fn down(self, down: &'static str) -> Self {
        Self { down: Some(down), ..self }
    }

    /// Without a down.sql.
    #[must_use]
    pub const fn without_down(self) -> Self {
        Self { down: None, ..self }
    }

    /// With a metadata.toml.
    #[must_use]
    pub const fn metadata(self, metadata: &'static str) -> Self {
        Self { metadata: Some(metadata), ..self }
    }

    /// With models.
    #[must_use]
    pub const fn models(self, models: &'static [&'static str]) -> Self {
        Self { models, ..self }
    }

    /// In a project that keeps the history of every table.
    #[must_use]
    pub const fn with_history(self) -> Self {
        Self { history: true, ..self }
    }

    /// Outside of a transaction.
    #[must_use]
    pub const fn no_transaction(self) -> Self {
        self.metadata("run_in_transaction = false\n")
    }

    /// In a project with a chain for another database, which has the revision before and not this one.
    #[must_use]
    pub const fn with_sibling(self) -> Self {
        self.beside(self.before)
    }

    /// In a project with a chain for another database that comes to this schema.
    #[must_use]
    pub const fn beside(self, sibling: &'static str) -> Self {
        Self { sibling: Some(sibling), ..self }
    }

    /// Where the base branch has gone on meanwhile.
    #[must_use]
    pub const fn before_a_released_one(self) -> Self {
        Self { is_late: true, ..self }
    }

    /// Where the base branch has another up.sql of it.
    #[must_use]
    pub const fn edited(self) -> Self {
        Self { is_edited: true, ..self }
    }

    /// With columns that every new table has to have.
    #[must_use]
    pub const fn required_columns(self, required_columns: &'static [&'static str]) -> Self {
        Self { required_columns, ..self }
    }

    /// With a pattern that every new name has to fit.
    #[must_use]
    pub const fn name_pattern(self, name_pattern: &'static str) -> Self {
        Self { name_pattern: Some(name_pattern), ..self }
    }

    /// In some dialects only.
    #[must_use]
    pub const fn only(self, dialects: &'static [Dialect]) -> Self {
        Self { dialects, ..self }
    }
}

/// A rule's report, before it gets the rule's code.
#[derive(Debug, Clone)]
pub struct Report {
    pub file: String,
    /// The part of the file that it is about; `None`: all of it.
    pub range: Option<(usize, usize)>,
    pub text: String,
    /// `None`: the rule's own.
    pub severity: Option<Severity>,
    /// `None`: the rule's own.
    pub safer: Option<String>,
    pub sql: Option<String>,
    pub lock: Option<Lock>,
    pub fix: Option<Fix>,
    /// The table or column that is lost or looks renamed, where two rules may speak of one, or the table
    /// that takes the time where `lock` does not say.
    pub about: Option<String>,
}

impl Report {
    /// About a statement.
    pub fn at(step: &Step, text: impl Into<String>) -> Self {
        Self { range: Some((step.offset, step.end)), ..Self::file(step.file.as_ref(), text) }
    }

    /// About a file.
    pub fn file(file: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            range: None,
            text: text.into(),
            severity: None,
            safer: None,
            sql: None,
            lock: None,
            fix: None,
            about: None,
        }
    }

    /// About a statement, or the file where there is none.
    pub fn at_or(step: Option<&Step>, file: &str, text: impl Into<String>) -> Self {
        match step {
            Some(step) => Self::at(step, text),
            None => Self::file(file, text),
        }
    }

    #[must_use]
    pub fn severity(self, severity: Severity) -> Self {
        Self { severity: Some(severity), ..self }
    }

    #[must_use]
    pub fn safer(self, safer: impl Into<String>) -> Self {
        Self { safer: Some(safer.into()), ..self }
    }

    /// With the SQL to write instead.
    #[must_use]
    pub fn sql(self, sql: impl Into<String>) -> Self {
        Self { sql: Some(sql.into()), ..self }
    }

    #[must_use]
    pub fn lock(self, lock: Lock) -> Self {
        Self { lock: Some(lock), ..self }
    }

    #[must_use]
    pub fn about(self, what: impl Into<String>) -> Self {
        Self { about: Some(what.into()), ..self }
    }

    #[must_use]
    pub fn fix(self, fix: impl Into<Option<Fix>>) -> Self {
        Self { fix: fix.into(), ..self }
    }
}
