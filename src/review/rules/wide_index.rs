//! An index of many columns.

use crate::review::{ALL, Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM311",
    id: "wide-index",
    severity: Severity::Off,
    dialects: ALL,
    summary: "a new index that is not unique has more than three columns",
    help: "Only queries that say something of its first columns use the later ones, while every write pays for all of them.",
    safer: "the columns that queries filter by first, and the others in INCLUDE, if at all",
    links: &["https://www.postgresql.org/docs/current/indexes-multicolumn.html"],
    examples: &[
        Example::new("CREATE INDEX i ON t (a, b, c, d);", &["1 i of t has 4 columns"]).on(SCHEMA),
        Example::new("CREATE UNIQUE INDEX i ON t (a, b, c, d);", &[]).on(SCHEMA),
        Example::new("CREATE INDEX i ON t (a, b, c);", &[]).on(SCHEMA),
    ],
    check,
};

const SCHEMA: &str = "CREATE TABLE t (a integer, b integer, c integer, d integer);";

/// As many columns as an index may have here.
const MOST: usize = 3;

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, table, index) in subject.new_indexes(subject.after) {
        if !index.unique && index.parts.len() > MOST {
            let text = format!("{} of {} has {} columns", index.name, table.name, index.parts.len());
            reports.push(Report::at(step, text));
        }
    }
}
