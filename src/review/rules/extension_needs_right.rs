//! An extension that not everybody may install.

use crate::replay::action::Action;
use crate::review::{Example, POSTGRES, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM318",
    id: "extension-needs-right",
    severity: Severity::Off,
    dialects: POSTGRES,
    summary: "CREATE EXTENSION, which most roles of applications may not do",
    help: "Only a superuser may install most extensions, and a role with CREATE on the database those that are marked trusted: the revision fails where the application's role runs it.",
    safer: "let whoever sets up the database install it; keep IF NOT EXISTS in the revision",
    links: &["https://www.postgresql.org/docs/current/sql-createextension.html"],
    examples: &[
        Example::new(
            "CREATE EXTENSION IF NOT EXISTS citext;",
            &["1 extension citext: the role that runs this has to be allowed to install it"],
        ),
        Example::new("CREATE SCHEMA audit;", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.acts() {
        let Action::CreateObject { kind, name, .. } = &act.action else { continue };
        if kind == "extension" {
            let text = format!("extension {name}: the role that runs this has to be allowed to install it");
            reports.push(Report::at(step, text));
        }
    }
}
