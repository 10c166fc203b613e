//! A revision without a way back.

use crate::chain::Content;
use crate::review::mend;
use crate::review::{ALL, Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM005",
    id: "missing-down",
    severity: Severity::Warn,
    dialects: ALL,
    summary: "down.sql is missing, empty, or takes nothing back",
    help: "Diesel reverts with down.sql. Without the file it cannot; a file without bytes it refuses; a comment \
           alone changes nothing, and PostgreSQL reports an empty query.",
    safer: "write it, or say in metadata.toml: [ops-migrate] irreversible = \"why\"",
    links: &["https://docs.rs/diesel_migrations"],
    examples: &[
        Example::new(TAGS, &["down.sql there is no down.sql: the revision cannot be taken back"]).without_down(),
        Example::new(TAGS, &["down.sql down.sql is empty: Diesel refuses to run it"]).down(""),
        Example::new(TAGS, &["down.sql down.sql has only comments: it takes nothing back"]).down("-- nothing\n"),
        Example::new(TAGS, &[]).down("DROP TABLE tags;"),
    ],
    check,
};

const TAGS: &str = "CREATE TABLE tags (id integer PRIMARY KEY);";

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    let content = subject.down.script.content;
    if subject.revision.irreversible.is_some() || content == Content::Statements {
        return;
    }
    let text = match content {
        Content::Missing => "there is no down.sql: the revision cannot be taken back",
        Content::Empty => "down.sql is empty: Diesel refuses to run it",
        _ if subject.operations.is_empty() => return,
        _ => "down.sql has only comments: it takes nothing back",
    };
    reports.push(Report::file(&subject.down.script.file, text).fix(mend::written_down(subject)));
}
