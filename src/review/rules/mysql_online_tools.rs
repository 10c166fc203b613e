//! What keeps a tool from changing the table online.

use crate::catalog::Table;
use crate::dialect::Dialect::Mysql;
use crate::review::{Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM406",
    id: "mysql-online-tools",
    severity: Severity::Off,
    dialects: &[Mysql],
    summary: "a table is copied that gh-ost or pt-online-schema-change cannot change",
    help: "gh-ost refuses tables with foreign keys on either side and with triggers, and needs a primary or unique key that is there before and after. pt-online-schema-change needs --alter-foreign-keys-method for tables that are referenced, and a primary key.",
    safer: "run it where nobody writes, or take the keys away for the time",
    links: &["https://github.com/github/gh-ost/blob/master/doc/requirements-and-limitations.md"],
    examples: &[
        Example::new(
            "ALTER TABLE users MODIFY id bigint;",
            &["1 users cannot be changed by gh-ost: posts references it"],
        )
        .on(KEYED),
        Example::new(
            "ALTER TABLE posts MODIFY id bigint;",
            &["1 posts cannot be changed by gh-ost: it references users"],
        )
        .on(KEYED),
        Example::new("ALTER TABLE users MODIFY id bigint;", &[]),
    ],
    check,
};

const KEYED: &str = "CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE posts (id integer PRIMARY KEY, user_id integer, FOREIGN KEY (user_id) REFERENCES users (id));";

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    let mut copied = Vec::new();
    super::mysql_copies_table::check(subject, &mut copied);
    for report in copied {
        let step = subject.up.steps.iter().find(|step| Some((step.offset, step.end)) == report.range);
        let table = step.and_then(|step| step.acts.iter().find_map(|act| act.before.as_ref()));
        let (Some(step), Some(table)) = (step, table) else { continue };
        for why in blockers(subject, table) {
            reports.push(Report::at(step, format!("{} cannot be changed by gh-ost: {why}", table.name)));
        }
    }
}

/// What of a table such tools refuse.
fn blockers(subject: &Subject<'_>, table: &Table) -> Vec<String> {
    let references = table.foreign_keys.iter().map(|key| format!("it references {}", key.references));
    let others = subject.before.tables.values().filter(|other| other.name != table.name);
    let referenced = others.filter(|other| other.foreign_keys.iter().any(|key| key.references == table.name));
    let referenced = referenced.map(|other| format!("{} references it", other.name));
    let triggers = table.triggers.iter().map(|trigger| format!("it has trigger {}", trigger.name));
    let unique = table.indexes.iter().any(|index| index.unique) || !table.uniques.is_empty();
    let no_key = (table.primary_key.is_none() && !unique).then(|| "it has no unique key".to_owned());
    references.chain(referenced).chain(triggers).chain(no_key).collect()
}
