//! An up.sql with nothing in it.

use crate::chain::Content;
use crate::dialect::Dialect::{Mysql, Postgres, Sqlite};
use crate::review::{ALL, Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM705",
    id: "empty-up",
    severity: Severity::Error,
    dialects: ALL,
    summary: "up.sql is empty, or its bytes are no SQL",
    help: "Diesel refuses a file without bytes, and with it all revisions that follow; PostgreSQL and MySQL refuse a \
           file that has only comments. PostgreSQL takes a byte order mark for a syntax error.",
    safer: "SELECT 1; where a revision is to do nothing",
    links: &["https://docs.rs/diesel_migrations"],
    examples: &[
        Example::new("", &["up.sql up.sql is empty: Diesel refuses to run it, and all revisions after it"]),
        Example::new("-- later\n", &["up.sql up.sql has only comments: the server refuses an empty query"])
            .only(&[Postgres, Mysql]),
        Example::new(
            "\u{feff}SELECT 1;",
            &["up.sql up.sql begins with a byte order mark: a syntax error to PostgreSQL"],
        )
        .only(&[Postgres]),
        Example::new("-- later\n", &[]).only(&[Sqlite]),
        Example::new("SELECT 1;", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    let script = subject.up.script;
    let text = match (script.content, subject.dialect()) {
        (Content::Empty, _) => "up.sql is empty: Diesel refuses to run it, and all revisions after it",
        (Content::Comment, Postgres | Mysql) => "up.sql has only comments: the server refuses an empty query",
        (_, Postgres) if script.byte_order_mark => "up.sql begins with a byte order mark: a syntax error to PostgreSQL",
        _ => return,
    };
    reports.push(Report { file: script.file.clone(), ..Report::file("", text) });
}
