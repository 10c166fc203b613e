//! A domain's new constraint, checked in every table at once.

use crate::catalog::{Shared, Table};
use crate::replay::action::Action;
use crate::review::{Example, POSTGRES, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM114",
    id: "domain-constraint-not-valid",
    severity: Severity::Warn,
    dialects: POSTGRES,
    summary: "a domain gets a constraint that is checked at once in every table that uses it",
    help: "Every table with a column of the domain is read under a SHARE lock: writers of all of them wait.",
    safer: "NOT VALID, and ALTER DOMAIN … VALIDATE CONSTRAINT in the next revision",
    links: &["https://www.postgresql.org/docs/current/sql-alterdomain.html"],
    examples: &[
        Example::new(
            "ALTER DOMAIN d ADD CONSTRAINT c CHECK (VALUE > 0);",
            &["1 every row of t is checked for domain d"],
        )
        .on("CREATE DOMAIN d AS integer; CREATE TABLE t (a d);"),
        Example::new("ALTER DOMAIN d ADD CONSTRAINT c CHECK (VALUE > 0) NOT VALID;", &[])
            .on("CREATE DOMAIN d AS integer; CREATE TABLE t (a d);"),
        Example::new("ALTER DOMAIN d ADD CONSTRAINT c CHECK (VALUE > 0);", &[]).on("CREATE DOMAIN d AS integer;"),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.acts() {
        let Action::AlterDomain { name, constraint, not_valid: false, not_null } = &act.action else { continue };
        if constraint.is_none() && !not_null {
            continue;
        }
        let base = name.to_string();
        let uses = |table: &&Shared<Table>| table.columns.iter().any(|column| column.ty.base == base);
        let users: Vec<String> = subject.before.tables.values().filter(uses).map(|t| t.name.to_string()).collect();
        if !users.is_empty() {
            let text = format!("every row of {} is checked for domain {name}", users.join(", "));
            reports.push(Report::at(step, text));
        }
    }
}
