//! What a rule found, with its place and what helps.

use std::collections::BTreeSet;

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
    /// The rule whose fix it is: that of a part where it has none of its own.
    #[serde(skip)]
    pub mends: &'static str,
    /// The lines of more statements of which the same is to be said, with repetitions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<u32>,
    /// Statements that read every row of its table under the same lock: the line, and the rule that says so.
    #[serde(skip)]
    pub scans: Vec<(u32, &'static str)>,
    /// Equal for the same finding as long as its statement stays what it is, wherever it moves.
    pub fingerprint: String,
}

/// A finding before it is told, with what is needed to tell it once.
pub(super) struct Found {
    pub(super) finding: Finding,
    /// The part of its file that it is about.
    pub(super) range: Option<(usize, usize)>,
    /// As in [`super::Report::about`].
    pub(super) about: Option<String>,
}

impl Finding {
    /// Takes in another finding of the rule of which the same is to be said.
    pub(super) fn take_in(&mut self, other: Self) {
        self.also.push(other.line);
        self.scans.extend(other.scans);
        self.rows = self.rows.zip(other.rows).map(|(a, b)| a.max(b));
        self.fix = self.fix.take().or(other.fix);
        // Below a lock the first statement's way shows the others'.
        if let (None, Some(sql), Some(more)) = (&self.lock, &mut self.sql, other.sql) {
            sql.push('\n');
            sql.push_str(&more);
        }
        if let (Some(lock), Some(more)) = (&mut self.lock, other.lock) {
            lock.work = lock.work.max(more.work);
            lock.tables.extend(more.tables);
            let mut seen = BTreeSet::new();
            lock.tables.retain(|table| seen.insert(table.clone()));
        }
    }

    /// Takes in what is a part of the same work under the same lock, with what can be done about it.
    pub(super) fn take_part(&mut self, part: Self) {
        if part.line != self.line {
            self.scans.push((part.line, part.code));
        }
        if self.fix.is_none() && part.fix.is_some() {
            (self.fix, self.mends) = (part.fix, part.code);
        }
    }

    /// Says in the text which statements were taken in.
    pub(super) fn name_others(&mut self) {
        self.also.sort_unstable();
        let place = lines(self.also.iter().filter(|line| **line != self.line));
        let place = if place.is_empty() { place } else { format!(" in {place}") };
        self.text.push_str(&counted(self.also.len(), &place));
        self.scans.sort_unstable();
        let scans = lines(self.scans.iter().map(|(line, _)| line));
        if !scans.is_empty() {
            let verb = if scans.starts_with("lines") { "read" } else { "reads" };
            let codes: BTreeSet<&str> = self.scans.iter().map(|(_, code)| *code).collect();
            let codes: Vec<&str> = codes.into_iter().collect();
            self.text.push_str(&format!("; {scans} {verb} every row under the same lock ({})", codes.join(", ")));
        }
    }
}

/// "lines 3, 5, …"; nothing where there are none. They are sorted.
fn lines<'a>(of: impl Iterator<Item = &'a u32>) -> String {
    const SHOWN: usize = 8;
    let mut lines: Vec<u32> = of.copied().collect();
    lines.dedup();
    let shown: Vec<String> = lines.iter().take(SHOWN).map(u32::to_string).collect();
    let more = if lines.len() > SHOWN { ", …" } else { "" };
    match shown.as_slice() {
        [] => String::new(),
        [line] => format!("line {line}"),
        lines => format!("lines {}{more}", lines.join(", ")),
    }
}

/// How many more there are of a kind; nothing where there are none.
fn counted(count: usize, place: &str) -> String {
    if count == 0 { String::new() } else { format!("; and {count} more like it{place}") }
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
