//! Workflow commands that GitHub shows at the lines of a pull request
//! (docs.github.com, Workflow commands for GitHub Actions).

use super::{Entry, details, findings};
use crate::review::{Finding, Severity};

/// A line for each finding.
pub fn github(entries: &[Entry]) -> Vec<String> {
    findings(entries).map(command).collect()
}

fn command(finding: &Finding) -> String {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warn => "warning",
        Severity::Info | Severity::Off => "notice",
    };
    let mut place = format!("file={}", property(&finding.file));
    if finding.line > 0 {
        place.push_str(&format!(",line={},endLine={}", finding.line, finding.end_line));
        // GitHub refuses columns of a range over several lines.
        if finding.line == finding.end_line {
            place.push_str(&format!(",col={},endColumn={}", finding.column, finding.end_column));
        }
    }
    let title = property(&format!("{} {}", finding.code, finding.rule));
    format!("::{level} {place},title={title}::{}", data(&details(finding)))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
