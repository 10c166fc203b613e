//! SQL that the server will refuse.

use crate::dialect::Dialect::{Postgres, Sqlite};
use crate::review::{ALL, Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM009",
    id: "sql-does-not-parse",
    severity: Severity::Error,
    dialects: ALL,
    summary: "up.sql has a syntax error",
    help: "The server refuses the script. The other statements are reviewed all the same.",
    safer: "mend it; `cargo ops-migrate test` runs it",
    links: &[],
    examples: &[
        Example::new(
            "SELECT 1;\nALTER TABEL users;\n",
            &["2 the SQL does not parse: expected command, found ALTER_KW"],
        )
        .only(&[Postgres]),
        Example::new(
            "SELECT 1;\nALTER TABEL users;\n",
            &["2 this does not parse as SQLite: near \"TABEL\": syntax error"],
        )
        .only(&[Sqlite]),
        Example::new("SELECT 1;", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    let script = subject.up.script;
    let mut lines = Vec::new();
    for error in &subject.up.errors {
        let line = error.place.as_ref().map_or(0, |place| place.line);
        // One slip of the pen makes several errors.
        if lines.contains(&line) {
            continue;
        }
        lines.push(line);
        let mut report = Report::file(&script.file, error.message.clone());
        report.range = line_range(&script.text, line);
        reports.push(report);
    }
}

/// Where a line begins and ends, in bytes, without white space around it.
pub(super) fn line_range(text: &str, line: u32) -> Option<(usize, usize)> {
    let number = usize::try_from(line).ok()?.checked_sub(1)?;
    let found = text.split('\n').nth(number)?;
    let start = text.split_inclusive('\n').take(number).map(str::len).sum::<usize>();
    let indent = found.len() - found.trim_start().len();
    Some((start + indent, start + found.trim_end().len().max(indent)))
}
