//! A constraint whose name the server makes up.

use crate::dialect::Dialect::{Mysql, Postgres};
use crate::replay::action::{Action, ConstraintKind};
use crate::review::{Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM312",
    id: "unnamed-constraint",
    severity: Severity::Off,
    dialects: &[Postgres, Mysql],
    summary: "a constraint is added to a table that is there, without a name",
    help: "The server makes one up. Whoever drops it later has to find it out, and it may be another one in another database.",
    safer: "ADD CONSTRAINT name …",
    links: &["https://www.postgresql.org/docs/current/ddl-constraints.html"],
    examples: &[
        Example::new("ALTER TABLE users ADD UNIQUE (nick);", &["1 a constraint of users has no name of its own"])
            .on("CREATE TABLE users (id integer PRIMARY KEY, nick varchar(20));"),
        Example::new("ALTER TABLE users ADD CONSTRAINT users_nick UNIQUE (nick);", &[])
            .on("CREATE TABLE users (id integer PRIMARY KEY, nick varchar(20));"),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.acts() {
        let Action::AddConstraint(new) = &act.action else { continue };
        let has_none = new.name.is_none() && new.using_index.is_none();
        if has_none && !new.inline && !matches!(new.kind, ConstraintKind::PrimaryKey | ConstraintKind::NotNull) {
            reports.push(Report::at(step, format!("a constraint of {} has no name of its own", new.table)));
        }
    }
}
