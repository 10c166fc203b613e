//! An enum where a table would do.

use crate::replay::action::Action;
use crate::review::{Example, POSTGRES, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM317",
    id: "new-enum-type",
    severity: Severity::Off,
    dialects: POSTGRES,
    summary: "a new enum type",
    help: "A value of an enum can be added and renamed, and never removed or moved: that takes a new type, and writes every table anew that uses it.",
    safer: "a table of the values with a foreign key, or text with a CHECK",
    links: &["https://www.postgresql.org/docs/current/datatype-enum.html"],
    examples: &[
        Example::new("CREATE TYPE mood AS ENUM ('sad');", &["1 mood is an enum: none of its values can be removed"]),
        Example::new("CREATE TABLE moods (mood text PRIMARY KEY);", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.acts() {
        if let Action::CreateEnum { name } = &act.action {
            reports.push(Report::at(step, format!("{name} is an enum: none of its values can be removed")));
        }
    }
}
