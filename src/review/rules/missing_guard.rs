//! A statement that fails when what it makes is there already.

use crate::dialect::Dialect::{self, Mysql, Postgres, Sqlite};
use crate::replay::action::{Action, Dropped};
use crate::review::{ALL, Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM321",
    id: "missing-guard",
    severity: Severity::Off,
    dialects: ALL,
    summary: "a statement without IF [NOT] EXISTS, where the dialect has one",
    help: "For projects that run a half-applied revision again by hand. In a transaction a guard gains nothing, and it \
           hides a schema that is not what the chain says.",
    safer: "IF NOT EXISTS or IF EXISTS",
    links: &["https://www.postgresql.org/docs/current/sql-createtable.html"],
    examples: &[
        Example::new("CREATE TABLE t (id integer PRIMARY KEY);", &["1 no IF NOT EXISTS: it fails where t is there"]),
        Example::new("CREATE TABLE IF NOT EXISTS t (id integer PRIMARY KEY);", &[]),
        Example::new("DROP TABLE users;", &["1 no IF EXISTS: it fails where users is not there"]),
        Example::new("DROP TABLE IF EXISTS users;", &[]),
        Example::new(
            "ALTER TABLE users ADD COLUMN age integer;",
            &["1 no IF NOT EXISTS: it fails where users.age is there"],
        )
        .only(&[Postgres]),
        Example::new("ALTER TABLE users ADD COLUMN age integer;", &[]).only(&[Sqlite, Mysql]),
        Example::new("CREATE INDEX i ON users (id);", &["1 no IF NOT EXISTS: it fails where i is there"])
            .only(&[Postgres, Sqlite]),
        // The server finds a name that is free.
        Example::new("CREATE INDEX ON users (id);", &[]).only(&[Postgres]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.acts() {
        if let Some((guard, what)) = unguarded(&act.action, subject.dialect()) {
            let there = if guard == MAKES { "there" } else { "not there" };
            reports.push(Report::at(step, format!("no {guard}: it fails where {what} is {there}")));
        }
    }
}

const MAKES: &str = "IF NOT EXISTS";
const DROPS: &str = "IF EXISTS";

/// The guard that a step lacks and its dialect has, and what it is about.
fn unguarded(action: &Action, dialect: Dialect) -> Option<(&'static str, String)> {
    let (postgres, mysql) = (dialect == Postgres, dialect == Mysql);
    let (guard, what) = match action {
        Action::CreateTable { table, tolerant: false, .. } => (MAKES, table.to_string()),
        Action::DropTable { table, tolerant: false, .. } => (DROPS, table.to_string()),
        Action::AddColumn(new) if postgres && !new.tolerant => (MAKES, format!("{}.{}", new.table, new.column)),
        Action::DropColumn { table, column, tolerant: false, .. } if postgres => (DROPS, format!("{table}.{column}")),
        Action::DropConstraint { table, constraint: Dropped::Named(name), tolerant: false, .. } if postgres => {
            (DROPS, format!("{name} of {table}"))
        }
        Action::CreateIndex(new) if !mysql && !new.tolerant => (MAKES, new.name.clone()?),
        Action::DropIndex { index, tolerant: false, .. } if !mysql => (DROPS, index.to_string()),
        Action::AddEnumValue { name, value, tolerant: false } => (MAKES, format!("{value} of {name}")),
        Action::DropObject { name, tolerant: false, .. } => (DROPS, name.to_string()),
        _ => return None,
    };
    Some((guard, what))
}
