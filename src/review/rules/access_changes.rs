//! Who may do what.

use crate::replay::action::Action;
use crate::review::{Example, POSTGRES, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM212",
    id: "access-changes",
    severity: Severity::Info,
    dialects: POSTGRES,
    summary: "rights or row security of a table that is in use change",
    help: "A right that goes is missed by the application at its next query; row security that is switched on without a policy hides every row from everybody but the owner.",
    safer: "policies first, then ENABLE ROW LEVEL SECURITY, in one revision; REVOKE when no release needs the right",
    links: &["https://www.postgresql.org/docs/current/ddl-rowsecurity.html"],
    examples: &[
        Example::new(
            "ALTER TABLE users ENABLE ROW LEVEL SECURITY;",
            &["1 row security of users is on, and no policy lets anybody see a row"],
        ),
        Example::new("REVOKE SELECT ON users FROM PUBLIC;", &["1 a right goes that running code may need"]),
        Example::new("CREATE POLICY p ON users USING (true);\nALTER TABLE users ENABLE ROW LEVEL SECURITY;", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.standing() {
        let text = match &act.action {
            Action::Revoke => "a right goes that running code may need".to_owned(),
            Action::TableOption { table, what } if what.starts_with("enable row level security") => {
                let has_policy = subject.after.table(table).is_none_or(|table| !table.policies.is_empty());
                if has_policy {
                    continue;
                }
                format!("row security of {table} is on, and no policy lets anybody see a row")
            }
            _ => continue,
        };
        reports.push(Report::at(step, text));
    }
}
