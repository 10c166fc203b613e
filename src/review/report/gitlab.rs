//! GitLab's code quality report (docs.gitlab.com, Code Quality, "Code Quality report format").

use serde::Serialize;

use super::{Entry, details, findings};
use crate::review::{Finding, Severity};

/// An issue of the report.
#[derive(Serialize)]
pub struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: &'a str,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

/// Every finding as an issue.
pub fn gitlab(entries: &[Entry]) -> Vec<Issue<'_>> {
    findings(entries).map(issue).collect()
}

fn issue(finding: &Finding) -> Issue<'_> {
    Issue {
        description: format!("{} {}", finding.code, details(finding)),
        check_name: finding.rule,
        fingerprint: &finding.fingerprint,
        severity: match finding.severity {
            Severity::Error => "critical",
            Severity::Warn => "major",
            Severity::Info | Severity::Off => "info",
        },
        location: Location { path: &finding.file, lines: Lines { begin: finding.line.max(1) } },
    }
}
