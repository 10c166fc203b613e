//! A foreign key that follows a rename it should not.

use crate::dialect::Dialect::{self, Sqlite};
use crate::replay::action::Action;
use crate::review::{Example, Report, Rule, Severity, Step, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM501",
    id: "sqlite-reference-to-nowhere",
    severity: Severity::Error,
    dialects: SQLITE,
    summary: "a foreign key references a table that is gone",
    help: "ALTER TABLE RENAME takes the foreign keys of other tables along: where the old table is renamed first and \
           dropped later, its children reference a name that nothing has, and every INSERT into them fails.",
    safer: "create the new table under another name, copy, drop the old one, rename the new one",
    links: &[
        "https://sqlite.org/lang_altertable.html#otheralter",
        "https://sqlite.org/foreignkeys.html#fk_schemacommands",
    ],
    examples: &[
        Example::new(OLD_FIRST, &["4 posts (user_id) references users_old, which is gone"]).on(POSTS),
        Example::new(NEW_FIRST, &[]).on(POSTS),
        Example::new("DROP TABLE posts;\nDROP TABLE users;", &[]).on(POSTS),
    ],
    check,
};

const SQLITE: &[Dialect] = &[Sqlite];

pub(in crate::review) const POSTS: &str = "CREATE TABLE users (id integer PRIMARY KEY, nick text);
CREATE TABLE posts (id integer PRIMARY KEY, user_id integer REFERENCES users (id));";
pub(in crate::review) const OLD_FIRST: &str = "ALTER TABLE users RENAME TO users_old;
CREATE TABLE users (id integer PRIMARY KEY, nick text NOT NULL);
INSERT INTO users SELECT id, coalesce(nick, '') FROM users_old;
DROP TABLE users_old;";
const NEW_FIRST: &str = "CREATE TABLE users_new (id integer PRIMARY KEY, nick text NOT NULL);
INSERT INTO users_new SELECT id, coalesce(nick, '') FROM users;
DROP TABLE users;
ALTER TABLE users_new RENAME TO users;";

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for table in subject.near_after.tables.values() {
        for key in &table.foreign_keys {
            let known = |catalog: &crate::catalog::Catalog| {
                catalog
                    .table(&table.name)
                    .is_some_and(|old| old.foreign_keys.iter().any(|k| k.references == key.references))
            };
            if subject.after.table(&key.references).is_some() || known(subject.before) {
                continue;
            }
            let drops = |step: &&Step| {
                let is_it = |action: &Action| matches!(action, Action::DropTable { table, .. } if table.same(&key.references, Sqlite));
                step.acts.iter().any(|act| is_it(&act.action))
            };
            let Some(step) = subject.up.steps.iter().rfind(drops) else { continue };
            let text =
                format!("{} ({}) references {}, which is gone", table.name, key.columns.join(", "), key.references);
            reports.push(Report::at(step, text));
        }
    }
}
