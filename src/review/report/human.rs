//! For people at a terminal: first what the revision does, in words; then each finding with its
//! statement, the lock, and what to write instead.

use super::{Entry, Summary};
use crate::review::{Finding, RULES, Rule, Severity, mends};

/// How a part of the text is marked: the text and its severity, or `None` for what is to be faint.
pub type Style<'a> = &'a dyn Fn(&str, Option<Severity>) -> String;

/// At most so many lines of a statement are shown.
const LINES: usize = 8;

/// The findings of one revision, worst first.
pub fn human(entry: &Entry, style: Style<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for finding in &entry.reviewed.findings {
        one(entry, finding, style, &mut lines);
    }
    for (place, statement) in &entry.reviewed.unread {
        lines.push(style(&format!("not analysed: {place}: {statement}"), None));
    }
    lines
}

fn one(entry: &Entry, finding: &Finding, style: Style<'_>, lines: &mut Vec<String>) {
    let label = style(finding.severity.name(), Some(finding.severity));
    lines.push(format!("{label} {} {}: {}", finding.code, finding.rule, finding.text));
    let line = if finding.line > 0 { format!(":{}", finding.line) } else { String::new() };
    lines.push(format!("    at {}{line}", finding.file));
    let text = entry.reviewed.texts.get(&finding.file).map_or("", String::as_str);
    lines.extend(frame(finding, text).into_iter().map(|line| style(&line, None)));
    if let Some(lock) = &finding.lock {
        lines.push(format!("    lock: {}", lock.describe()));
    }
    if let Some(rows) = finding.rows {
        lines.push(format!("    rows: about {rows}"));
    }
    lines.push(format!("    {}", finding.safer));
    for line in finding.sql.iter().flat_map(|sql| sql.lines()).filter(|line| *line != finding.safer) {
        lines.push(format!("      {line}"));
    }
    if let Some(fix) = &finding.fix {
        lines.push(format!("    --fix: {}", fix.title));
    }
}

/// The statement's lines with their numbers.
fn frame(finding: &Finding, text: &str) -> Vec<String> {
    let (Ok(first), Ok(last)) = (usize::try_from(finding.line), usize::try_from(finding.end_line)) else {
        return Vec::new();
    };
    if first == 0 {
        return Vec::new();
    }
    let width = last.to_string().len();
    let numbered = text.lines().enumerate().skip(first - 1).take((last + 1 - first).min(LINES));
    let mut lines: Vec<String> =
        numbered.map(|(at, line)| format!("    {:>width$} | {}", at + 1, clipped(line))).collect();
    if last + 1 - first > LINES {
        lines.push(format!("    {:>width$} | …", ""));
    }
    lines
}

/// A line that fits a screen.
fn clipped(line: &str) -> String {
    match line.char_indices().nth(160) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_owned(),
    }
}

impl Summary {
    /// The last line of a review; empty where there is nothing to add.
    pub fn line(&self) -> String {
        let mut text = format!("{}; {}", self.words(), self.coverage());
        if self.known > 0 {
            text.push_str(&format!("; {} known from the baseline", self.known));
        }
        text
    }
}

/// Every rule as a line.
pub fn rules() -> Vec<String> {
    let width = RULES.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let line = |rule: &Rule| {
        let fix = if mends(rule).is_some() { " [--fix]" } else { "" };
        format!("{} {:<5} {:<width$}  {}{fix}", rule.code, rule.severity.name(), rule.id, rule.summary)
    };
    RULES.iter().map(line).collect()
}

/// A rule in full, its examples included.
pub fn explained(rule: &Rule) -> Vec<String> {
    let dialects: Vec<&str> = rule.dialects.iter().map(|dialect| dialect.display()).collect();
    let mut lines = vec![
        format!("{} {}", rule.code, rule.id),
        format!("{}.", rule.summary),
        String::new(),
        format!("Severity: {}. For {}.", rule.severity.name(), dialects.join(", ")),
        String::new(),
        rule.help.to_owned(),
        String::new(),
        format!("Instead: {}.", rule.safer),
    ];
    lines.extend(mends(rule).map(|what| format!("--fix {what}.")));
    for (title, finds) in [("For example:", true), ("But not:", false)] {
        let Some(example) = rule.example(finds) else { continue };
        lines.extend([String::new(), title.to_owned()]);
        for (name, text) in example.files() {
            lines.push(format!("  {name}"));
            lines.extend(text.lines().map(|line| format!("    {}", line.trim())));
        }
        lines.extend(example.finds.iter().map(|found| format!("  → {found}")));
    }
    if !rule.links.is_empty() {
        lines.push(String::new());
        lines.extend(rule.links.iter().map(|link| (*link).to_owned()));
    }
    lines.extend([
        String::new(),
        format!("To allow it in one place: -- ops-migrate: allow {} <reason>", rule.id),
        format!("To change its level:      [package.metadata.ops-migrate.review.rules]  {} = \"off\"", rule.id),
    ]);
    lines
}
