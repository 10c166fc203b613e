//! A table in whichever schema comes first.

use crate::replay::action::Action;
use crate::review::{Example, POSTGRES, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM319",
    id: "unqualified-name",
    severity: Severity::Off,
    dialects: POSTGRES,
    summary: "a new table is named without its schema",
    help: "It is made in the first schema of search_path that there is, which a role, a database or a pooler may set otherwise.",
    safer: "schema.table, in every statement",
    links: &["https://www.postgresql.org/docs/current/ddl-schemas.html#DDL-SCHEMAS-PATH"],
    examples: &[
        Example::new("CREATE TABLE t (id integer PRIMARY KEY);", &["1 t is made in the first schema of search_path"]),
        Example::new("CREATE TABLE public.t (id integer PRIMARY KEY);", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.acts() {
        let Action::CreateTable { table, temporary: false, .. } = &act.action else { continue };
        let is_qualified = step.text.split_once('(').is_some_and(|(head, _)| head.contains('.'));
        if !is_qualified && table.schema.is_none() {
            reports.push(Report::at(step, format!("{table} is made in the first schema of search_path")));
        }
    }
}
