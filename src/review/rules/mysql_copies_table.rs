//! A change that MySQL makes by copying the table.

use crate::catalog::{Column, Table};
use crate::dialect::Dialect::{self, Mysql};
use crate::replay::action::{Action, ConstraintKind, Dropped, Generation};
use crate::review::{Act, Example, Report, Rule, Severity, Step, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM402",
    id: "mysql-copies-table",
    severity: Severity::Warn,
    dialects: MYSQL,
    summary: "a change that the server makes while nobody can write to the table, mostly by copying it",
    help: "InnoDB changes a column's type, character set and a primary key that goes without another only with \
           ALGORITHM=COPY: the table is written anew under a lock that lets nobody write. A varchar grows in place \
           as long as its length takes one byte before and after (up to 255 bytes), or two.",
    safer: "spell ALGORITHM=INPLACE, LOCK=NONE (or INSTANT), so that the server refuses instead; for a large table a tool \
            that copies in the background: gh-ost, pt-online-schema-change",
    links: &[
        "https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html",
        "https://mariadb.com/kb/en/innodb-online-ddl-operations-with-the-inplace-alter-algorithm/",
    ],
    examples: &[
        Example::new(
            "ALTER TABLE users MODIFY id bigint;",
            &["1 users is copied: the type of users.id changes from int to bigint"],
        ),
        Example::new("ALTER TABLE users ADD CHECK (id > 0);", &["1 users is copied: a check is added"]),
        Example::new("ALTER TABLE users DROP PRIMARY KEY;", &["1 users is copied: its primary key goes"]),
        Example::new("ALTER TABLE users DROP PRIMARY KEY, ADD PRIMARY KEY (id, nick);", &[])
            .on("CREATE TABLE users (id integer PRIMARY KEY, nick varchar(10) NOT NULL);"),
        Example::new("ALTER TABLE users MODIFY nick varchar(60);", &[])
            .on("CREATE TABLE users (id integer PRIMARY KEY, nick varchar(20));"),
        Example::new(
            "ALTER TABLE users MODIFY nick varchar(200);",
            &["1 users is copied, but not by MariaDB: the type of users.nick changes from varchar(20) to varchar(200)"],
        )
        .on("CREATE TABLE users (id integer PRIMARY KEY, nick varchar(20)) CHARACTER SET utf8mb4;"),
        Example::new(
            "ALTER TABLE users MODIFY nick varchar(200);",
            &["1 users is copied: the type of users.nick changes from varchar(50) to varchar(200)"],
        )
        .on("CREATE TABLE users (id integer PRIMARY KEY, nick varchar(50)) CHARACTER SET utf8mb4;"),
        Example::new("ALTER TABLE users MODIFY mood enum('a', 'b', 'c');", &[])
            .on("CREATE TABLE users (id integer PRIMARY KEY, mood enum('a', 'b'));"),
        Example::new(
            "ALTER TABLE users MODIFY mood enum('c', 'a', 'b');",
            &["1 users is copied: the type of users.mood changes from enum('a','b') to enum('c','a','b')"],
        )
        .on("CREATE TABLE users (id integer PRIMARY KEY, mood enum('a', 'b'));"),
        Example::new(
            "ALTER TABLE users ADD COLUMN n bigint NOT NULL AUTO_INCREMENT UNIQUE;",
            &["1 users is rebuilt while nobody can write to it: n counts its rows"],
        )
        .on("CREATE TABLE users (nick varchar(20));"),
        Example::new(
            "ALTER TABLE users ADD COLUMN k varchar(36) DEFAULT (uuid());",
            &["1 users is copied: the default of k is worked out for each row"],
        ),
        Example::new("CREATE TABLE t (id integer);\nALTER TABLE t MODIFY id bigint;", &[]),
        Example::new(
            "CREATE FULLTEXT INDEX i ON users (nick);",
            &["1 nobody can write to users while its index is built: it is FULLTEXT or SPATIAL"],
        ),
        Example::new("CREATE INDEX i ON users (nick(10));", &[]),
    ],
    check,
};

const MYSQL: &[Dialect] = &[Mysql];

pub(in crate::review) fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.standing() {
        let (Some(before), Some(after)) = (&act.before, &act.after) else { continue };
        let why = match &act.action {
            Action::DefineColumn { column, to, .. } => {
                let pair = before.column(column, Mysql).zip(after.column(to, Mysql));
                let Some((old, new)) = pair.filter(|(old, new)| copies(before, old, new)) else { continue };
                let text = match old.ty == new.ty {
                    true => format!("the character set of {}.{column} changes", before.name),
                    false => format!("the type of {}.{column} changes from {} to {}", before.name, old.ty, new.ty),
                };
                if !by_mariadb(before, old, new) {
                    let text = format!("{} is copied, but not by MariaDB: {text}", before.name);
                    reports.push(Report::at(step, text).severity(Severity::Info));
                    continue;
                }
                text
            }
            Action::DropConstraint { constraint: Dropped::PrimaryKey, .. } if !step.acts.iter().any(adds_key) => {
                "its primary key goes".to_owned()
            }
            Action::TableOption { what, .. } if what.starts_with("convert to") => {
                "its character set changes".to_owned()
            }
            Action::AddConstraint(new) if new.kind == ConstraintKind::ForeignKey && checks_keys(subject, step) => {
                "a foreign key is checked (not with foreign_key_checks = 0)".to_owned()
            }
            Action::AddConstraint(new) if new.kind == ConstraintKind::Check && !new.inline => {
                "a check is added".to_owned()
            }
            Action::AddColumn(new) if new.generated == Some(Generation::Stored) => {
                format!("the values of {} are worked out", new.column)
            }
            Action::AddColumn(new) if new.default.as_deref().is_some_and(is_expression) => {
                format!("the default of {} is worked out for each row", new.column)
            }
            Action::CreateIndex(_) if builds_under_lock(before, after) => {
                let text =
                    format!("nobody can write to {} while its index is built: it is FULLTEXT or SPATIAL", before.name);
                reports.push(Report::at(step, text));
                continue;
            }
            Action::AddColumn(new) if new.identity => {
                let text =
                    format!("{} is rebuilt while nobody can write to it: {} counts its rows", before.name, new.column);
                reports.push(Report::at(step, text));
                continue;
            }
            Action::OnlineOption { option, value, .. } if option == "algorithm" && value == "copy" => {
                "the statement says so".to_owned()
            }
            _ => continue,
        };
        reports.push(Report::at(step, format!("{} is copied: {why}", before.name)));
    }
}

/// Whether one of the indexes that a statement makes is of a kind that is built while nobody can write.
fn builds_under_lock(before: &Table, after: &Table) -> bool {
    after.indexes.iter().any(|index| index.method.is_some() && !before.indexes.contains(index))
}

/// Whether a default is worked out: an expression in parentheses.
fn is_expression(default: &str) -> bool {
    default.trim_start().starts_with('(')
}

/// Whether the last word about it before a statement lets foreign keys be checked.
fn checks_keys(subject: &Subject<'_>, step: &Step) -> bool {
    let said = subject.acts().take_while(|(other, _)| other.offset < step.offset).filter_map(|(_, act)| {
        let Action::Set { name, value, .. } = &act.action else { return None };
        name.eq_ignore_ascii_case("foreign_key_checks").then(|| value.clone().unwrap_or_default())
    });
    said.last().is_none_or(|value| !matches!(value.to_ascii_lowercase().as_str(), "0" | "off"))
}

fn adds_key(act: &Act) -> bool {
    matches!(&act.action, Action::AddConstraint(new) if new.kind == ConstraintKind::PrimaryKey)
}

/// Whether a column's new type needs the rows written anew.
fn copies(table: &Table, old: &Column, new: &Column) -> bool {
    if old.ty == new.ty {
        // What says nothing of it has the table's.
        let of = |column: &Column| column.charset.clone().or_else(|| table.options.charset.clone());
        return of(old).zip(of(new)).is_some_and(|(old, new)| old != new);
    }
    let same = old.ty.base == new.ty.base;
    match old.ty.base.as_str() {
        "varchar" | "varbinary" if same => {
            let (from, to) = (bytes(table, old), bytes(table, new));
            to < from || (from < 256) != (to < 256)
        }
        // Values behind the others; beyond 255 they take another byte.
        "enum" if same => {
            !new.ty.args.starts_with(&old.ty.args) || (old.ty.args.len() < 256) != (new.ty.args.len() < 256)
        }
        _ => true,
    }
}

/// Whether MariaDB copies as well: up to 127 bytes its rows keep the length in the same way as beyond
/// 255.
fn by_mariadb(table: &Table, old: &Column, new: &Column) -> bool {
    let grows = old.ty.base == "varchar" && new.ty.base == "varchar" && bytes(table, new) > bytes(table, old);
    !(grows && bytes(table, old) < 128)
}

/// How many bytes a value takes at most.
fn bytes(table: &Table, column: &Column) -> u64 {
    let length = column.ty.args.first().and_then(|n| n.parse::<u64>().ok()).unwrap_or(1);
    let charset = column.charset.as_deref().or(table.options.charset.as_deref()).unwrap_or("utf8mb4");
    length * if column.ty.base == "varbinary" { 1 } else { width(charset) }
}

/// How many bytes a character takes at most.
fn width(charset: &str) -> u64 {
    match charset {
        "latin1" | "ascii" | "binary" => 1,
        "ucs2" => 2,
        "utf8" | "utf8mb3" => 3,
        _ => 4,
    }
}
