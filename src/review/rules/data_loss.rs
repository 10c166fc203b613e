//! Rows or values that no way back restores.

use crate::catalog::Name;
use crate::dialect::Dialect::{Postgres, Sqlite};
use crate::operation::Operation;
use crate::replay::action::Action;
use crate::review::{ALL, Example, Report, Rule, Severity, Step, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM003",
    id: "data-loss",
    severity: Severity::Warn,
    dialects: ALL,
    summary: "rows or values are lost",
    help: "The way back makes the table or column again, and not what was in it.",
    safer: "deploy code that stopped using it first, and keep a backup of what still matters",
    links: &["https://www.postgresql.org/docs/current/sql-altertable.html", "https://sqlite.org/lang_altertable.html"],
    examples: &[
        Example::new(
            "ALTER TABLE users DROP COLUMN nick;",
            &["1 drop column users.nick: loses the values of users.nick"],
        ),
        Example::new("-- gone\nDROP TABLE users;", &["2 drop table users: loses the rows of users"]),
        Example::new("ALTER TABLE users RENAME TO people;", &[]).only(&[Postgres, Sqlite]),
        Example::new("CREATE TABLE t (id integer); DROP TABLE t;", &[]),
        Example::new(
            "ALTER TABLE users RENAME TO old;\nCREATE TABLE users (id integer PRIMARY KEY);\nCREATE TABLE nicks (nick text);\nINSERT INTO nicks SELECT nick FROM old;\nDROP TABLE old;",
            &[],
        )
        .only(&[Postgres, Sqlite]),
        Example::new("CREATE TABLE kept AS SELECT * FROM users;\nDROP TABLE users;", &[]).only(&[Postgres, Sqlite]),
        Example::new("ALTER TABLE users RENAME TO old;\nALTER TABLE people RENAME TO users;", &[])
            .on("CREATE TABLE users (id integer); CREATE TABLE people (id integer);")
            .only(&[Postgres, Sqlite]),
        Example::new("ALTER TABLE users ALTER COLUMN nick TYPE varchar(40);", &[])
            .on("CREATE TABLE users (id integer PRIMARY KEY, nick char(36));")
            .only(&[Postgres]),
        Example::new("ALTER TABLE users ALTER COLUMN at TYPE timestamptz;", &[])
            .on("CREATE TABLE users (id integer PRIMARY KEY, at timestamp);")
            .only(&[Postgres]),
        Example::new(
            "ALTER TABLE users ADD COLUMN name text;\nUPDATE users SET name = nick;\nALTER TABLE users DROP COLUMN nick;",
            &[],
        ),
        Example::new("CREATE TABLE t (id integer);\nINSERT INTO t SELECT id FROM users;\nDROP TABLE users;", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for operation in subject.operations {
        let Some(loss) = operation.loss().filter(|_| !keeps_values(operation)) else { continue };
        let words: Vec<&str> = match operation {
            Operation::DropTable { table } => vec!["drop", &table.name.name],
            Operation::DropColumn { table, column } => vec![&table.name, &column.name],
            Operation::AlterType { table, to, .. } => vec![&table.name, &to.name],
            _ => Vec::new(),
        };
        if !is_moved(subject, operation) {
            reports.push(subject.report_at(&words, format!("{}: loses {}", operation.describe(), loss.what)));
        }
    }
}

/// Whether a statement of the same revision copies what goes to where it stays.
pub(super) fn is_moved(subject: &Subject<'_>, operation: &Operation) -> bool {
    let (table, words) = match operation {
        Operation::DropTable { table } => (&table.name, vec![table.name.name.as_str()]),
        Operation::DropColumn { table, column } => (table, vec![table.name.as_str(), column.name.as_str()]),
        _ => return false,
    };
    let copies = |action: &Action| match action {
        Action::Insert(rows) => rows.from_query && (rows.table != *table || words.len() > 1),
        Action::Update(rows) => {
            rows.table != *table || words.last().is_some_and(|w| !rows.columns.iter().any(|c| c == w))
        }
        Action::CreateTable { table: new, from_query, .. } => *from_query && new != table,
        _ => false,
    };
    let renamed = match operation {
        Operation::DropTable { table } => {
            let is_it =
                |action: &Action| matches!(action, Action::RenameTable { table: old, .. } if *old == table.name);
            subject.acts().any(|(_, act)| is_it(&act.action))
        }
        Operation::DropColumn { table, column } => is_renamed(subject, table, &column.name),
        _ => false,
    };
    // A rebuild reads what it keeps from the old table's new name.
    let names = subject.acts().filter_map(|(_, act)| match &act.action {
        Action::RenameTable { table: old, to } if old == table => Some(to.name.as_str()),
        _ => None,
    });
    let under = |name: &str, step: &Step| step.has_words(&[&[name], &words[1..]].concat());
    let names: Vec<&str> = names.chain([table.name.as_str()]).collect();
    let reads = |step: &Step| names.iter().any(|name| under(name, step));
    renamed || subject.acts().any(|(step, act)| copies(&act.action) && reads(step))
}

/// Whether a statement renames the column, whatever has its name afterwards.
pub(super) fn is_renamed(subject: &Subject<'_>, table: &Name, column: &str) -> bool {
    subject.acts().any(|(_, act)| match &act.action {
        Action::RenameColumn { table: of, column: old, .. } => of == table && old == column,
        _ => false,
    })
}

/// Values that only get another reading or more room: a time with a time zone, which the way back
/// undoes, and text that is filled up with blanks no more.
fn keeps_values(operation: &Operation) -> bool {
    let Operation::AlterType { from, to, .. } = operation else { return false };
    let (old, new) = (&from.ty, &to.ty);
    let length = |args: &[String]| args.first().and_then(|n| n.parse::<u64>().ok()).unwrap_or(u64::MAX);
    match (old.base.as_str(), new.base.as_str()) {
        ("character", "text") => true,
        ("character", "character varying" | "character") => length(&new.args) >= length(&old.args),
        (old, new) => {
            old.strip_suffix(" without time zone").is_some_and(|kind| new == format!("{kind} with time zone"))
        }
    }
}
