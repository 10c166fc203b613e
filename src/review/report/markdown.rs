//! A summary for a pull request: what the revisions do, whether there is a way back, what was found.

use super::{Entry, summary};
use crate::review::{Finding, Severity};

/// The whole comment.
pub fn markdown(entries: &[Entry]) -> String {
    let sum = summary(entries);
    let mut text = format!("### Migrations: {}\n\n", sum.words());
    if entries.is_empty() {
        text.push_str("No revision is new.\n");
    }
    for entry in entries {
        revision(entry, &mut text);
    }
    text.push_str(&format!("<sub>`cargo ops-migrate review`: {}.</sub>\n", sum.coverage()));
    text
}

fn revision(entry: &Entry, text: &mut String) {
    let one = &entry.reviewed;
    text.push_str(&format!("#### `{}`\n\n", entry.directory));
    for operation in &one.operations {
        text.push_str(&format!("- {}\n", escaped(&operation.describe())));
    }
    if one.data_statements > 0 {
        let (plural, verb) = if one.data_statements == 1 { ("", "changes") } else { ("s", "change") };
        text.push_str(&format!("- {} statement{plural} {verb} rows\n", one.data_statements));
    }
    if one.operations.is_empty() && one.data_statements == 0 {
        text.push_str("- nothing that changes tables, columns, keys or indexes\n");
    }
    text.push_str(&format!("\nWay back: {}.\n\n", way_back(entry)));
    if !one.findings.is_empty() {
        text.push_str("| | rule | finding | at |\n|---|---|---|---|\n");
        one.findings.iter().for_each(|finding| text.push_str(&row(finding)));
        text.push('\n');
        one.findings.iter().filter(|f| f.sql.is_some() || f.lock.is_some()).for_each(|f| more(f, text));
    }
    for (place, statement) in &one.unread {
        text.push_str(&format!("Not analysed: `{place}`: `{}`\n\n", statement.replace('`', "'")));
    }
}

fn way_back(entry: &Entry) -> String {
    let one = &entry.reviewed;
    if let Some(why) = &one.irreversible {
        return format!("none ({})", escaped(why));
    }
    let of = |rules: &[&str]| one.findings.iter().any(|finding| rules.contains(&finding.rule));
    match () {
        () if of(&["missing-down"]) => "none".to_owned(),
        () if of(&["down-not-inverse"]) => "down.sql does not restore the schema".to_owned(),
        () if of(&["data-loss"]) => "down.sql restores the schema, not the rows".to_owned(),
        () => "down.sql".to_owned(),
    }
}

fn row(finding: &Finding) -> String {
    let mark = match finding.severity {
        Severity::Error => "❌ error",
        Severity::Warn => "⚠️ warn",
        Severity::Info | Severity::Off => "ℹ️ info",
    };
    let line = if finding.line > 0 { format!(":{}", finding.line) } else { String::new() };
    let file = finding.file.rsplit('/').next().unwrap_or_default();
    format!("| {mark} | {} {} | {} | `{file}{line}` |\n", finding.code, finding.rule, escaped(&finding.text))
}

fn more(finding: &Finding, text: &mut String) {
    text.push_str(&format!("<details><summary>{} {}</summary>\n\n", finding.code, escaped(&finding.text)));
    if let Some(lock) = &finding.lock {
        text.push_str(&format!("Lock: {}.\n\n", escaped(&lock.describe())));
    }
    text.push_str(&format!("{}\n", escaped(&finding.safer)));
    if let Some(sql) = &finding.sql {
        text.push_str(&format!("\n```sql\n{sql}\n```\n"));
    }
    text.push_str("\n</details>\n\n");
}

/// Text that stays text, in a table as well.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' => out.extend(['\\', c]),
            '<' => out.push_str("&lt;"),
            '\n' | '\r' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
