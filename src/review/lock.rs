//! PostgreSQL's table locks and what they block (PostgreSQL manual 13.3.1, table 13.2).

use serde::Serialize;

use crate::catalog::Name;

/// A lock mode, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LockMode {
    RowExclusive,
    ShareUpdateExclusive,
    Share,
    ShareRowExclusive,
    Exclusive,
    AccessExclusive,
}

impl LockMode {
    /// As the manual spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::RowExclusive => "ROW EXCLUSIVE",
            Self::ShareUpdateExclusive => "SHARE UPDATE EXCLUSIVE",
            Self::Share => "SHARE",
            Self::ShareRowExclusive => "SHARE ROW EXCLUSIVE",
            Self::Exclusive => "EXCLUSIVE",
            Self::AccessExclusive => "ACCESS EXCLUSIVE",
        }
    }

    /// The mode that the manual spells so; `None` for those that nobody waits for.
    pub fn named(name: &str) -> Option<Self> {
        use LockMode::{AccessExclusive, Exclusive, RowExclusive, Share, ShareRowExclusive, ShareUpdateExclusive};
        let all = [RowExclusive, ShareUpdateExclusive, Share, ShareRowExclusive, Exclusive, AccessExclusive];
        all.into_iter().find(|mode| mode.name() == name)
    }

    /// What waits meanwhile, in words.
    pub fn blocks(self) -> &'static str {
        match self {
            Self::RowExclusive => "no reads or writes",
            Self::ShareUpdateExclusive => "VACUUM and changes of the schema",
            Self::Share | Self::ShareRowExclusive | Self::Exclusive => "writes",
            Self::AccessExclusive => "reads and writes",
        }
    }
}

/// How long the lock is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Work {
    /// A moment: only the catalog changes.
    Catalog,
    /// Every row is read.
    Scan,
    /// Every row is read, and an index written.
    Index,
    /// Every row and every index is written anew.
    Rewrite,
}

impl Work {
    /// In words, behind the lock.
    pub fn words(self) -> &'static str {
        match self {
            Self::Catalog => "for a moment",
            Self::Scan => "while every row is read",
            Self::Index => "while the index is built",
            Self::Rewrite => "while the table is rewritten",
        }
    }
}

/// What a statement locks, and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lock {
    pub mode: LockMode,
    pub tables: Vec<String>,
    pub work: Work,
    pub blocks: &'static str,
}

impl Lock {
    /// A lock on tables.
    pub fn new<'a>(mode: LockMode, tables: impl IntoIterator<Item = &'a Name>, work: Work) -> Self {
        let mut tables: Vec<String> = tables.into_iter().map(ToString::to_string).collect();
        tables.dedup();
        Self { mode, tables, work, blocks: mode.blocks() }
    }

    /// "SHARE on posts: blocks writes while the index is built".
    pub fn describe(&self) -> String {
        let tables = self.tables.join(", ");
        format!("{} on {tables}: blocks {} {}", self.mode.name(), self.blocks, self.work.words())
    }
}
