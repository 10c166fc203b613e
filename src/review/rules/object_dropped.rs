//! A view, function, type or sequence that goes for good.

use crate::catalog::{Catalog, Name};
use crate::dialect::Dialect::Postgres;
use crate::replay::action::Action;
use crate::review::{ALL, Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM215",
    id: "object-dropped",
    severity: Severity::Info,
    dialects: ALL,
    summary: "a view, function, type, sequence or schema goes, and nothing of its name comes",
    help: "Code that runs while the revision is applied, reports and other services may still ask for it; nothing in the \
           schema tells.",
    safer: "drop it one release after the last that uses it",
    links: &["https://www.postgresql.org/docs/current/sql-dropview.html"],
    examples: &[
        Example::new("DROP VIEW nicks;", &["1 view nicks goes: whoever still uses it fails"]).on(VIEW),
        Example::new("DROP VIEW nicks;\nCREATE VIEW nicks AS SELECT id FROM users;", &[]).on(VIEW),
        Example::new("CREATE VIEW nicks AS SELECT nick FROM users;\nDROP VIEW nicks;", &[]),
        Example::new("DROP TYPE mood;", &["1 type mood goes: whoever still uses it fails"])
            .on("CREATE TYPE mood AS ENUM ('sad', 'ok');")
            .only(&[Postgres]),
        Example::new("DROP FUNCTION one(integer);", &["1 function one goes: whoever still uses it fails"])
            .on("CREATE FUNCTION one(n integer) RETURNS integer LANGUAGE sql AS $$ SELECT 1 $$;")
            .only(&[Postgres]),
    ],
    check,
};

const VIEW: &str =
    "CREATE TABLE users (id integer PRIMARY KEY, nick text); CREATE VIEW nicks AS SELECT nick FROM users;";

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.acts() {
        let Action::DropObject { kind, name, .. } = &act.action else { continue };
        if has(subject.before, kind, name) && !has(subject.after, kind, name) {
            reports.push(Report::at(step, format!("{kind} {name} goes: whoever still uses it fails")));
        }
    }
}

/// Whether a schema has an object of that kind and name; of functions, one with any arguments.
fn has(catalog: &Catalog, kind: &str, name: &Name) -> bool {
    match kind {
        "view" | "materialized view" => catalog.view(name).is_some(),
        "function" | "procedure" | "routine" => catalog.functions.values().any(|function| {
            function.name.schema == name.schema && function.name.name.split('(').next() == Some(name.name.as_str())
        }),
        "type" => catalog.enums.contains_key(name),
        "domain" => catalog.domains.contains_key(name),
        "sequence" => catalog.sequences.contains_key(name),
        "schema" => catalog.schemas.contains(&name.name),
        _ => false,
    }
}
