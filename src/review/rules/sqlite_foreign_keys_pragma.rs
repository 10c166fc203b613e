//! A pragma that does nothing where it stands.

use crate::dialect::Dialect::{self, Sqlite};
use crate::replay::action::Action;
use crate::review::{Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM503",
    id: "sqlite-foreign-keys-pragma",
    severity: Severity::Warn,
    dialects: SQLITE,
    summary: "PRAGMA foreign_keys = OFF inside of a transaction does nothing",
    help: "SQLite ignores it there without a word, and Diesel opens a transaction around the script: a rebuild that counts \
           on it deletes the rows of tables whose foreign keys cascade.",
    safer: "run_in_transaction = false in metadata.toml, the pragma before BEGIN, PRAGMA foreign_key_check before COMMIT",
    links: &["https://sqlite.org/pragma.html#pragma_foreign_keys"],
    examples: &[
        Example::new(
            "PRAGMA foreign_keys = OFF;",
            &["1 PRAGMA foreign_keys does nothing inside of Diesel's transaction"],
        ),
        Example::new("PRAGMA foreign_keys = OFF;\nBEGIN;\nCOMMIT;\nPRAGMA foreign_keys = ON;", &[]).no_transaction(),
        Example::new("PRAGMA foreign_keys = ON;", &[]),
        Example::new("PRAGMA foreign_key_check;", &[]),
        Example::new("PRAGMA defer_foreign_keys = ON;", &[]),
    ],
    check,
};

const SQLITE: &[Dialect] = &[Sqlite];

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    if !subject.in_transaction() {
        return;
    }
    let found = subject.acts().find(|(_, act)| {
        matches!(&act.action, Action::Set { name, value: Some(value), .. }
            if name.rsplit('.').next() == Some("foreign_keys") && is_off(value))
    });
    if let Some((step, _)) = found {
        reports.push(Report::at(step, "PRAGMA foreign_keys does nothing inside of Diesel's transaction"));
    }
}

/// SQLite's words for false (sqlite.org/pragma.html, "boolean").
fn is_off(value: &str) -> bool {
    matches!(value.trim().trim_matches(['\'', '"']).to_ascii_lowercase().as_str(), "off" | "0" | "false" | "no")
}
