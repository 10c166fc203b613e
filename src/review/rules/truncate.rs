//! TRUNCATE in a revision.

use std::collections::BTreeSet;

use crate::catalog::Name;
use crate::dialect::Dialect::{self, Mysql, Postgres};
use crate::replay::action::Action;
use crate::review::{Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM204",
    id: "truncate",
    severity: Severity::Warn,
    dialects: DIALECTS,
    summary: "TRUNCATE empties a table that is in use",
    help: "No way back brings the rows again. With CASCADE, every table that references it is emptied, too. MySQL \
           commits at once.",
    safer: "DELETE with a condition, after a backup of what still matters",
    links: &["https://www.postgresql.org/docs/current/sql-truncate.html"],
    examples: &[
        Example::new("TRUNCATE TABLE users;", &["1 every row of users goes"]),
        Example::new("TRUNCATE users CASCADE;", &["1 every row of users, posts, likes goes"])
            .on("CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE posts (id integer PRIMARY KEY, user_id integer REFERENCES users (id));
CREATE TABLE likes (post_id integer REFERENCES posts (id));")
            .only(&[Postgres]),
        Example::new("CREATE TABLE t (id integer);\nTRUNCATE TABLE t;", &[]),
    ],
    check,
};

const DIALECTS: &[Dialect] = &[Postgres, Mysql];

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.standing() {
        let Action::Truncate { tables, cascade } = &act.action else { continue };
        let mut gone = tables.clone();
        let mut seen: BTreeSet<Name> = gone.iter().cloned().collect();
        let mut at = 0;
        while let Some(table) = gone.get(at).cloned().filter(|_| *cascade) {
            let children = subject.before.referencing(&table).map(|(child, _)| child.name.clone());
            gone.extend(children.filter(|child| seen.insert(child.clone())));
            at += 1;
        }
        let names: Vec<String> = gone.iter().map(ToString::to_string).collect();
        let report = Report::at(step, format!("every row of {} goes", names.join(", ")));
        reports.push(if gone.len() > tables.len() { report.severity(Severity::Error) } else { report });
    }
}
