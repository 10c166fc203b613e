//! What a rule found, with its place and what helps.

use serde::{Deserialize, Serialize};

use super::lock::Lock;

/// How much a finding matters; a rule that is off is not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Off,
    Info,
    Warn,
    Error,
}

impl Severity {
    /// As configuration and output spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// What a rule reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable: `OM001`.
    pub code: &'static str,
    pub rule: &'static str,
    pub severity: Severity,
    pub file: String,
    /// From 1; 0 where the file as a whole is meant.
    pub line: u32,
    pub column: u32,
    /// The last line and the column behind the last character.
    pub end_line: u32,
    pub end_column: u32,
    /// What is the matter.
    pub text: String,
    /// What to do instead.
    pub safer: String,
    /// The SQL to write instead, with the real names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sql: Option<String>,
    /// What the statement locks meanwhile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lock: Option<Lock>,
    /// How many rows the largest table has that it is about, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
    /// Equal for the same finding as long as its statement stays what it is, wherever it moves.
    pub fingerprint: String,
}

/// A mechanical change that removes the finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fix {
    pub title: String,
    pub edits: Vec<Edit>,
    /// What the revision becomes, in this order, where it is rewritten as a whole; the first keeps its
    /// directory.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
}

/// A revision that another one is split into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// What it does, in a few words.
    pub title: String,
    pub up: String,
    pub down: String,
    pub run_in_transaction: bool,
}

impl Fix {
    /// Parts of files replaced.
    pub fn edits(title: impl Into<String>, edits: Vec<Edit>) -> Self {
        Self { title: title.into(), edits, parts: Vec::new() }
    }
}

/// A part of a file replaced; a file that is not there has no bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Edit {
    pub file: String,
    pub start: usize,
    pub end: usize,
    pub text: String,
}
