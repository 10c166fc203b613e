//! What was found, as text: for people, for a pull request, and for the programs that show findings
//! in their place. Text in, text out; who prints it is the command's business.

mod human;
mod manual;
mod markdown;

#[cfg(test)]
mod tests;

use serde::Serialize;

use super::finding::{Finding, Severity};
use super::rules::find;
use super::walk::Reviewed;
use crate::dialect::Dialect;
use crate::place::Place;
use crate::report;
use crate::words;

pub use self::human::{Style, explained, human, rules};
pub use self::manual::{manual, page};
pub use self::markdown::markdown;

/// A reviewed revision with the directory of its chain.
pub struct Entry {
    /// The path of the revision's directory.
    pub directory: String,
    pub dialect: Dialect,
    pub reviewed: Reviewed,
}

/// A review as JSON; fields are added, none is taken away or changes its meaning while
/// `schema_version` stays.
#[derive(Serialize)]
pub struct Json<'a> {
    pub schema_version: u32,
    pub summary: Summary,
    pub revisions: Vec<Revision<'a>>,
}

/// A revision in JSON.
#[derive(Serialize)]
pub struct Revision<'a> {
    pub directory: &'a str,
    pub operations: Vec<String>,
    pub statements: usize,
    pub data_statements: usize,
    pub not_analysed: Vec<Unread<'a>>,
    pub findings: &'a [Finding],
}

/// A statement that could not be followed.
#[derive(Serialize)]
pub struct Unread<'a> {
    pub file: &'a str,
    pub line: u32,
    /// How it begins.
    pub statement: &'a str,
}

/// The sums of a review.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub revisions: usize,
    pub errors: usize,
    pub warnings: usize,
    pub notes: usize,
    pub statements: usize,
    pub analysed: usize,
    /// Findings that the baseline knows; they are counted nowhere else.
    pub known: usize,
}

/// The sums of what was found.
pub fn summary(entries: &[Entry]) -> Summary {
    let mut sum = Summary { revisions: entries.len(), ..Summary::default() };
    for entry in entries {
        let one = &entry.reviewed;
        sum.statements += one.statements;
        // What is beyond is one line of what was not read.
        sum.analysed += one.statements - one.unread.len() - one.beyond.saturating_sub(1);
        sum.known += one.known;
        for finding in &one.findings {
            match finding.severity {
                Severity::Error => sum.errors += 1,
                Severity::Warn => sum.warnings += 1,
                Severity::Info | Severity::Off => sum.notes += 1,
            }
        }
    }
    sum
}

/// As JSON.
pub fn json(entries: &[Entry]) -> Json<'_> {
    let revisions = entries.iter().map(|entry| {
        let one = &entry.reviewed;
        let unread = |(place, statement)| -> Unread<'_> {
            let (place, statement): (&Place, &String) = (place, statement);
            Unread { file: &place.file, line: place.line, statement }
        };
        Revision {
            directory: &entry.directory,
            operations: one.operations.iter().map(|o| o.describe()).collect(),
            statements: one.statements,
            data_statements: one.data_statements,
            not_analysed: one.unread.iter().map(|(place, text)| unread((place, text))).collect(),
            findings: &one.findings,
        }
    });
    Json { schema_version: 1, summary: summary(entries), revisions: revisions.collect() }
}

impl Summary {
    /// "2 errors, 1 warning"; "no findings".
    pub fn words(&self) -> String {
        let counted = |count: usize, thing: &str| match count {
            0 => None,
            1 => Some(format!("1 {thing}")),
            _ => Some(format!("{count} {thing}s")),
        };
        let parts = [counted(self.errors, "error"), counted(self.warnings, "warning"), counted(self.notes, "note")];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() { "no findings".to_owned() } else { parts.join(", ") }
    }

    /// "analysed 41 of 42 statements".
    pub fn coverage(&self) -> String {
        format!("analysed {} of {}", self.analysed, words::counted(self.statements, "statement"))
    }
}

/// The findings for the services that show them beside the code.
pub fn for_services(entries: &[Entry]) -> Vec<report::Finding> {
    entries.iter().flat_map(|entry| &entry.reviewed.findings).filter_map(for_service).collect()
}

fn for_service(finding: &Finding) -> Option<report::Finding> {
    let rule = find(finding.code)?;
    Some(report::Finding {
        check: report::Check {
            id: rule.code,
            name: rule.id,
            summary: rule.summary,
            help: rule.help,
            link: rule.links.first().copied(),
        },
        level: match finding.severity {
            Severity::Error => report::Level::Error,
            Severity::Warn => report::Level::Warning,
            Severity::Info | Severity::Off => report::Level::Note,
        },
        place: Place::new(&finding.file, finding.line, finding.column),
        end: (finding.line > 0).then_some((finding.end_line, finding.end_column)),
        message: details(finding),
        key: finding.fingerprint.clone(),
    })
}

/// What a service shows: the sentence, the lock, the way out, the SQL.
fn details(finding: &Finding) -> String {
    let mut text = finding.text.clone();
    if let Some(lock) = &finding.lock {
        text.push_str(&format!("\nLock: {}.", lock.describe()));
    }
    text.push_str(&format!("\nSafer: {}", finding.safer));
    if let Some(sql) = &finding.sql {
        text.push_str(&format!("\n\n{sql}"));
    }
    text
}
