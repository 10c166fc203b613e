//! A revision that the server refuses.

use super::super::refused::refusals;
use crate::dialect::Dialect::{self, Mysql, Postgres};
use crate::review::{Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM604",
    id: "unknown-object",
    severity: Severity::Error,
    dialects: DIALECTS,
    summary: "up.sql speaks of what is not there, makes what is there, or drops what others still need",
    help: "It was followed on the schema that the revisions before it leave: the server refuses this statement. What \
           somebody made by hand is in no revision, and in no new database.",
    safer: "mend the name; what was made by hand belongs into a revision before this one",
    links: &["https://docs.rs/diesel_migrations"],
    examples: &[
        Example::new(
            "ALTER TABLE user ADD COLUMN age integer;",
            &["1 up.sql does not run: alters table user, which is not there"],
        )
        .only(&[Mysql]),
        Example::new("DROP TABLE posts;", &["1 up.sql does not run: drops table posts, which is not there"]),
        Example::new("DROP TABLE IF EXISTS posts;", &[]),
        Example::new(
            "CREATE TABLE users (id integer);",
            &["1 up.sql does not run: creates table users, which is there already"],
        ),
    ],
    check,
};

const DIALECTS: &[Dialect] = &[Postgres, Mysql];

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    if !subject.up.errors.is_empty() {
        return;
    }
    for (step, reason) in refusals(subject.up, subject.before, subject.after) {
        // Names that the server gave by itself depend on its version.
        if reason.contains(" constraint ") || reason.contains("__diesel_schema_migrations") {
            continue;
        }
        let reason = reason
            .replace("no earlier revision creates", "is not there")
            .replace("an earlier revision creates already", "is there already");
        reports.push(Report::at_or(step, &subject.up.script.file, format!("up.sql does not run: {reason}")));
    }
}
