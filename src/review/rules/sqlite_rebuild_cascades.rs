//! A table rebuilt while its children watch.

use crate::catalog::Action as OnDelete;
use crate::dialect::Dialect::{self, Sqlite};
use crate::replay::action::Action;
use crate::review::{Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM007",
    id: "sqlite-rebuild-cascades",
    severity: Severity::Error,
    dialects: SQLITE,
    summary: "dropping a table to rebuild it deletes or changes rows of its children",
    help: "DROP TABLE deletes the rows first, and inside of a transaction, which Diesel opens, foreign keys cannot \
           be switched off: children that cascade lose theirs.",
    safer: "run_in_transaction = false in metadata.toml, and PRAGMA foreign_keys=OFF before BEGIN",
    links: &[
        "https://sqlite.org/lang_altertable.html#otheralter",
        "https://sqlite.org/foreignkeys.html#fk_schemacommands",
    ],
    examples: &[
        Example::new(REBUILD, &["3 rebuilding users inside of a transaction deletes or changes rows of posts"])
            .on(CASCADES),
        Example::new(REBUILD, &[]).on(RESTRICTS),
        Example::new(REBUILD, &[]).on(CASCADES).no_transaction(),
    ],
    check,
};

const SQLITE: &[Dialect] = &[Sqlite];

/// A table made anew with another column.
pub(super) const REBUILD: &str = "CREATE TABLE new_users (id integer PRIMARY KEY, nick text, age integer);
INSERT INTO new_users (id, nick) SELECT id, nick FROM users;
DROP TABLE users;
ALTER TABLE new_users RENAME TO users;";
const CASCADES: &str = "CREATE TABLE users (id integer PRIMARY KEY, nick text);
CREATE TABLE posts (id integer PRIMARY KEY, user_id integer REFERENCES users (id) ON DELETE CASCADE);";
const RESTRICTS: &str = "CREATE TABLE users (id integer PRIMARY KEY, nick text);
CREATE TABLE posts (id integer PRIMARY KEY, user_id integer REFERENCES users (id));";

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    if !subject.in_transaction() {
        return;
    }
    for (step, act) in subject.standing() {
        let (Action::DropTable { .. }, Some(table)) = (&act.action, &act.before) else { continue };
        if subject.after.table(&table.name).is_none() || subject.before.table(&table.name).is_none() {
            continue;
        }
        let acts = |on: OnDelete| matches!(on, OnDelete::Cascade | OnDelete::SetNull | OnDelete::SetDefault);
        let referencing = subject.before.referencing(&table.name);
        let hit: Vec<_> =
            referencing.filter(|(_, key)| acts(key.on_delete)).map(|(child, _)| child.name.to_string()).collect();
        if !hit.is_empty() {
            let text = format!(
                "rebuilding {} inside of a transaction deletes or changes rows of {}",
                table.name,
                hit.join(", ")
            );
            reports.push(Report::at(step, text));
        }
    }
}
