//! A script without any transaction.

use crate::dialect::Dialect::{self, Sqlite};
use crate::replay::action::{Action, Transaction};
use crate::review::{Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM505",
    id: "sqlite-half-applied",
    severity: Severity::Warn,
    dialects: SQLITE,
    summary: "several statements run without a transaction",
    help: "metadata.toml switches Diesel's transaction off, and the script opens none: when a statement fails, those before \
           it stay, and the next try fails at the first.",
    safer: "BEGIN after the pragmas and COMMIT at the end; or no metadata.toml, where no pragma needs it",
    links: &["https://sqlite.org/lang_altertable.html#otheralter"],
    examples: &[
        Example::new(
            "ALTER TABLE users ADD COLUMN a integer;\nALTER TABLE users ADD COLUMN b integer;",
            &["2 when this fails, line 1 stays: there is no transaction"],
        )
        .no_transaction(),
        Example::new(
            "PRAGMA foreign_keys = OFF;\nBEGIN;\nALTER TABLE users ADD COLUMN a integer;\nALTER TABLE users ADD COLUMN b integer;\nCOMMIT;",
            &[],
        )
        .no_transaction(),
        Example::new("ALTER TABLE users ADD COLUMN a integer;\nALTER TABLE users ADD COLUMN b integer;", &[]),
    ],
    check,
};

const SQLITE: &[Dialect] = &[Sqlite];

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    let opens = |action: &Action| matches!(action, Action::Transaction(Transaction::Begin | Transaction::Savepoint));
    if subject.in_transaction() || subject.acts().any(|(_, act)| opens(&act.action)) {
        return;
    }
    let writes = |action: &Action| action.is_ddl() || action.is_data();
    let mut writing = subject.up.steps.iter().filter(|step| step.acts.iter().any(|act| writes(&act.action)));
    let (Some(first), Some(second)) = (writing.next(), writing.next()) else { return };
    let line = crate::place::line_at(&subject.up.script.text, first.offset);
    reports.push(Report::at(second, format!("when this fails, line {line} stays: there is no transaction")));
}
