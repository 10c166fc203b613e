//! A name that the server cuts.

use crate::dialect::Dialect::{Mysql, Postgres};
use crate::review::{Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM313",
    id: "identifier-too-long",
    severity: Severity::Warn,
    dialects: &[Postgres, Mysql],
    summary: "a new name is longer than the server keeps",
    help: "PostgreSQL keeps the first 63 bytes of a name and says so in a notice that nobody reads: the object has another name than the migration, and two long names may become one. MySQL refuses more than 64 characters.",
    safer: "a shorter name",
    links: &["https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS", "https://dev.mysql.com/doc/refman/8.4/en/identifier-length.html"],
    examples: &[
        Example::new(
            "CREATE INDEX an_index_with_a_name_that_goes_on_and_on_until_it_is_far_too_long ON users (nick);",
            &["1 an_index_with_a_name_that_goes_on_and_on_until_it_is_far_too_long has 65 bytes: PostgreSQL keeps an_index_with_a_name_that_goes_on_and_on_until_it_is_far_too_lo"],
        )
        .only(&[Postgres]),
        Example::new(
            "ALTER TABLE users ADD COLUMN a_column_with_a_name_that_goes_on_and_on_until_it_is_far_too_long integer;",
            &["1 a_column_with_a_name_that_goes_on_and_on_until_it_is_far_too_long has 65 characters: MySQL refuses it"],
        )
        .only(&[Mysql]),
        Example::new("CREATE TABLE a_name_that_may_be_as_long_as_it_likes (id integer);", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, name) in subject.new_names() {
        let text = match subject.dialect() {
            Postgres => {
                let Some(written) = written(&step.text, &name) else { continue };
                // Every statement that names it is cut alike; what the tool knows follows the cut name.
                let text = format!("{written} has {} bytes: PostgreSQL keeps {name}", written.len());
                reports.push(Report::at(step, text).severity(Severity::Info));
                continue;
            }
            Mysql if name.chars().count() > 64 => {
                format!("{name} has {} characters: MySQL refuses it", name.chars().count())
            }
            _ => continue,
        };
        reports.push(Report::at(step, text));
    }
}

/// The longer name that a statement has for what PostgreSQL cuts to this one.
fn written<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    // A character of several bytes is not cut in two.
    if name.len() < 60 {
        return None;
    }
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let mut words = text.split(|c: char| !is_part(c));
    words.find(|word| word.len() > 63 && word.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name)))
}
