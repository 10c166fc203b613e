//! A file that may stop in the middle.

use crate::dialect::Dialect::{self, Mysql};
use crate::review::{Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM401",
    id: "mysql-several-ddl",
    severity: Severity::Warn,
    dialects: MYSQL,
    summary: "several statements that each commit, the later ones on tables with rows",
    help: "MySQL and MariaDB commit before and after each DDL statement, so Diesel's transaction is void: when a later \
           statement fails, the earlier ones stay, Diesel believes that nothing ran, and the next try fails at the \
           first statement.",
    safer: "one such statement in a revision, or one ALTER TABLE with several clauses",
    links: &[
        "https://dev.mysql.com/doc/refman/8.4/en/implicit-commit.html",
        "https://mariadb.com/kb/en/sql-statements-that-cause-an-implicit-commit/",
    ],
    examples: &[
        Example::new(
            "ALTER TABLE users ADD COLUMN a integer;\nALTER TABLE users MODIFY nick varchar(10) NOT NULL;",
            &["2 when this fails, line 1 stays: MySQL has committed it"],
        ),
        Example::new("ALTER TABLE users ADD COLUMN a integer, MODIFY nick varchar(10) NOT NULL;", &[]),
        Example::new("CREATE TABLE a (id integer);\nCREATE TABLE b (id integer);", &[]),
        Example::new("UPDATE users SET nick = '';\nALTER TABLE users MODIFY nick varchar(10) NOT NULL;", &[]),
        Example::new("ALTER TABLE users ADD COLUMN a integer;\nDROP TABLE IF EXISTS old;", &[]),
    ],
    check,
};

const MYSQL: &[Dialect] = &[Mysql];

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    let mut ddl = subject.up.steps.iter().filter(|step| step.acts.iter().any(|act| act.action.is_ddl()));
    let Some(first) = ddl.next() else { return };
    // A statement on a table with rows is one that may fail in production and nowhere else.
    let risky = ddl.find(|step| {
        step.acts.iter().any(|act| act.action.is_ddl() && !act.is_new && act.before.is_some() && act.after.is_some())
    });
    let Some(step) = risky else { return };
    let line = crate::place::line_at(&subject.up.script.text, first.offset);
    reports.push(Report::at(step, format!("when this fails, line {line} stays: MySQL has committed it")));
}
