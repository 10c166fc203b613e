//! A change of the schema and of rows in one revision.

use crate::catalog::Name;
use crate::place::line_at;
use crate::review::{ALL, Example, Report, Rule, Severity, Step, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM210",
    id: "schema-and-data",
    severity: Severity::Off,
    dialects: ALL,
    summary: "a revision changes tables that are in use, and rows as well",
    help: "The one takes a moment under a strong lock, the other long under a weak one; together they take long under the strong one. On MySQL, what the first statement did stays when a later one fails.",
    safer: "two revisions",
    links: &["https://docs.gitlab.com/ee/development/database/batched_background_migrations.html"],
    examples: &[
        Example::new(
            "ALTER TABLE users ADD COLUMN age integer;\nUPDATE users SET age = 1 WHERE id = 1;",
            &["2 rows of users are written where line 1 changes users"],
        ),
        Example::new("UPDATE users SET nick = '';", &[]),
        Example::new("CREATE TABLE t (id integer);\nINSERT INTO t SELECT id FROM users;", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    let mut changed: Option<(&Step, &Name)> = None;
    for (step, act) in subject.standing().filter(|(_, act)| act.before.is_some()) {
        let Some(table) = act.action.table() else { continue };
        match changed {
            None if act.action.is_ddl() => changed = Some((step, table)),
            Some((first, what)) if act.action.is_data() => {
                let line = line_at(&subject.up.script.text, first.offset);
                let text = format!("rows of {table} are written where line {line} changes {what}");
                reports.push(Report::at(step, text));
                return;
            }
            _ => {}
        }
    }
}
