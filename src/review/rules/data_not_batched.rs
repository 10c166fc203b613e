//! Every row of a table in one statement.

use super::delete_every_row::is_always_true;
use crate::replay::action::Action;
use crate::review::{ALL, Example, POSTGRES, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM209",
    id: "data-not-batched",
    severity: Severity::Info,
    dialects: ALL,
    summary: "one statement writes every row of a table that is in use",
    help: "It locks all the rows until the transaction ends, whoever wants to write one of them waits, and so does VACUUM; the table is twice as large afterwards. With millions of rows that is minutes.",
    safer: "in batches of some thousand rows, outside of the migration's transaction: a data step of `cargo ops-migrate`, or a job",
    links: &["https://docs.gitlab.com/ee/development/database/batched_background_migrations.html"],
    examples: &[
        Example::new("UPDATE users SET nick = '';", &["1 every row of users is written in one transaction"]),
        Example::new("UPDATE users SET nick = '' WHERE true;", &["1 every row of users is written in one transaction"]),
        Example::new("UPDATE users SET nick = '' WHERE id = 1;", &[]),
        Example::new("CREATE TABLE t (id integer);\nUPDATE t SET id = 1;", &[]),
        Example::new("UPDATE site SET open = true;", &[])
            .on("CREATE TABLE site (id boolean PRIMARY KEY CHECK (id), open boolean);")
            .only(POSTGRES),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.standing() {
        let Action::Update(rows) = &act.action else { continue };
        let is_small = || subject.small(&rows.table.to_string(), step.offset).is_some();
        if rows.condition.as_deref().is_none_or(is_always_true) && act.before.is_some() && !is_small() {
            reports.push(Report::at(step, format!("every row of {} is written in one transaction", rows.table)));
        }
    }
}
