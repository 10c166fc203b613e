//! Rows or values that no way back restores.

use crate::catalog::{Column, EnumType, Name};
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
        Example::new(
            "ALTER TABLE users DROP COLUMN nick;\nALTER TABLE users DROP COLUMN name;",
            &["1 drop column users.nick: loses the values of users.nick; and 1 more like it in line 2"],
        )
        .on("CREATE TABLE users (id integer PRIMARY KEY, nick text, name text);"),
        Example::new("DELETE FROM users;\nALTER TABLE users DROP COLUMN nick;", &[]),
        Example::new(
            "DROP TABLE nicks;",
            &["1 drop table nicks: loses the rows of nicks; its rows are worked out from other tables"],
        )
        .on("CREATE TABLE users (id integer PRIMARY KEY, nick text); CREATE TABLE nicks AS SELECT nick FROM users; \
             CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO nicks VALUES (NEW.nick); RETURN NEW; END $$;")
        .only(&[Postgres]),
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
        Example::new("ALTER TABLE users ALTER COLUMN nick TYPE varchar(4);", &[]).only(&[Postgres]),
        Example::new(
            "ALTER TABLE users ALTER COLUMN nick TYPE varchar(4) USING nick::varchar(4);",
            &["1 change type of users.nick from text to character varying(4): loses what of users.nick does not fit character varying(4)"],
        )
        .only(&[Postgres]),
        Example::new(
            "ALTER TABLE users DROP COLUMN nick;",
            &["1 drop column users.nick: loses the values of users.nick; 2024-01-01-000000_base copied them"],
        )
        .on("CREATE TABLE users (id integer PRIMARY KEY, nick text); CREATE TABLE nicks (id integer, nick text); INSERT INTO nicks SELECT id, nick FROM users;"),
        Example::new(
            "ALTER TABLE users DROP COLUMN nick;",
            &["1 drop column users.nick: loses the values of users.nick; 2024-01-01-000000_base says how they are copied"],
        )
        .on("CREATE TABLE users (id integer PRIMARY KEY, nick text);\nCREATE TABLE nicks (id integer, nick text);\n\
             -- by hand, since it takes long:\n-- insert into nicks (id, nick)\n--   select id, nick from users;\n"),
        Example::new(
            "ALTER TABLE users DROP COLUMN nick;",
            &["1 drop column users.nick: loses the values of users.nick; down.sql fills it in again from other tables"],
        )
        .on("CREATE TABLE users (id integer PRIMARY KEY, nick text); CREATE TABLE nicks (id integer, nick text);")
        .down("ALTER TABLE users ADD COLUMN nick text;\nUPDATE users SET nick = (SELECT nick FROM nicks WHERE nicks.id = users.id);"),
        Example::new(
            "ALTER TABLE users ALTER COLUMN mood TYPE date USING (CASE mood WHEN 0 THEN date '2024-01-01' END);",
            &[],
        )
        .on("CREATE TABLE users (id integer PRIMARY KEY, mood smallint);")
        .only(&[Postgres]),
        Example::new(
            "ALTER TABLE follows DROP COLUMN id;",
            &["1 drop column follows.id: loses the values of follows.id; they were only counted, and nothing refers to them"],
        )
        .on("CREATE TABLE follows (id serial UNIQUE, a integer, b integer, PRIMARY KEY (a, b));")
        .down("ALTER TABLE follows ADD COLUMN id serial UNIQUE;")
        .only(&[Postgres]),
        Example::new(
            "CREATE TYPE mood AS ENUM ('sad', 'ok');\nALTER TABLE users ALTER COLUMN nick TYPE mood USING nick::mood;",
            &[],
        )
        .only(&[Postgres]),
        Example::new("ALTER TABLE users ALTER COLUMN at TYPE timestamptz;", &[])
            .on("CREATE TABLE users (id integer PRIMARY KEY, at timestamp);")
            .only(&[Postgres]),
        Example::new(
            "ALTER TABLE users ADD COLUMN name text;\nUPDATE users SET name = nick;\nALTER TABLE users DROP COLUMN nick;",
            &[],
        ),
        Example::new("CREATE TABLE t (id integer);\nINSERT INTO t SELECT id FROM users;\nDROP TABLE users;", &[]),
        Example::new("ALTER TABLE users ALTER COLUMN nick TYPE jsonb USING nick::jsonb;", &[]).only(&[Postgres]),
        Example::new(
            "ALTER TABLE site DROP COLUMN open;",
            &["1 drop column site.open: loses the values of site.open; site has one row at most, as its keys say"],
        )
        .on("CREATE TABLE site (id boolean PRIMARY KEY CHECK (id), open boolean NOT NULL DEFAULT false);")
        .only(&[Postgres]),
        Example::new(
            "ALTER TYPE mood RENAME TO old;\nCREATE TYPE mood AS ENUM ('ok');\n\
             ALTER TABLE users ALTER COLUMN mood TYPE mood USING mood::text::mood;\nDROP TYPE old;",
            &["1 rebuild enum mood: loses 'sad', 'bad'"],
        )
        .on(MOODS)
        .only(&[Postgres]),
        Example::new(
            "UPDATE users SET mood = 'ok' WHERE mood IN ('sad', 'bad');\nALTER TYPE mood RENAME TO old;\n\
             CREATE TYPE mood AS ENUM ('ok');\n\
             ALTER TABLE users ALTER COLUMN mood TYPE mood USING mood::text::mood;\nDROP TYPE old;",
            &["2 rebuild enum mood: loses 'sad', 'bad'; the script says what becomes of the rows that have them"],
        )
        .on(MOODS)
        .only(&[Postgres]),
    ],
    check,
};

const MOODS: &str =
    "CREATE TYPE mood AS ENUM ('sad', 'bad', 'ok'); CREATE TABLE users (id integer PRIMARY KEY, mood mood);";

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for operation in subject.operations {
        let Some(loss) = operation.loss().filter(|_| !keeps_values(subject, operation)) else { continue };
        let words: Vec<&str> = match operation {
            Operation::DropTable { table } => vec!["drop", &table.name.name],
            Operation::DropColumn { table, column } => vec![&table.name, &column.name],
            Operation::AlterType { table, to, .. } => vec![&table.name, &to.name],
            _ => Vec::new(),
        };
        if is_moved(subject, operation) || is_unreleased(subject, operation) || is_emptied(subject, operation) {
            continue;
        }
        let text = match operation {
            Operation::RebuildEnum { from, to, .. } => lost_values(from, to),
            _ => format!("{}: loses {}", operation.describe(), loss.what),
        };
        let about = about(operation);
        let report = |text| {
            let report = subject.report_where(&|action| takes(operation, action), &words, text);
            Report { about: about.clone(), ..report }
        };
        reports.push(match kept(subject, operation) {
            Some(where_to) => report(format!("{text}; {where_to}")).severity(Severity::Info),
            None => report(text),
        });
    }
}

/// The table or column that goes.
fn about(operation: &Operation) -> Option<String> {
    match operation {
        Operation::DropTable { table } => Some(table.name.to_string()),
        Operation::DropColumn { table, column } => Some(format!("{table}.{}", column.name)),
        _ => None,
    }
}

/// The values that an enum has no more.
fn lost_values(from: &EnumType, to: &EnumType) -> String {
    const SHOWN: usize = 5;
    let gone: Vec<&String> = gone(from, to).collect();
    let shown: Vec<String> = gone.iter().take(SHOWN).map(|value| format!("'{value}'")).collect();
    let more = gone.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("rebuild enum {}: loses {}{more}", from.name, shown.join(", "))
}

fn gone<'a>(from: &'a EnumType, to: &'a EnumType) -> impl Iterator<Item = &'a String> {
    from.values.iter().filter(|value| !to.values.contains(value))
}

/// Whether the script says of each value that goes what becomes of the rows which have it, in every column
/// of the type.
fn is_remapped(subject: &Subject<'_>, columns: &[(Name, String)], gone: &[&String]) -> bool {
    let speaks = |text: &str, value: &str| text.contains(&format!("'{}'", value.replace('\'', "''")));
    let settles = |step: &Step, action: &Action, names: &[&Name], column: &str, value: &str| match action {
        Action::Update(rows) => {
            let condition = rows.condition.as_deref();
            names.contains(&&rows.table)
                && rows.columns.iter().any(|written| written == column)
                && condition.is_none_or(|condition| speaks(condition, value) || speaks(&step.text, value))
        }
        Action::Delete(rows) => {
            names.contains(&&rows.table) && rows.condition.as_deref().is_none_or(|condition| speaks(condition, value))
        }
        Action::AlterType { table, column: of, using: Some(using) } => {
            names.contains(&table) && of == column && using.to_lowercase().contains("case") && speaks(using, value)
        }
        _ => false,
    };
    columns.iter().all(|(table, column)| {
        let old = subject.first_name(table);
        let names = [table, &old];
        gone.iter().all(|value| subject.acts().any(|(step, act)| settles(step, &act.action, &names, column, value)))
    })
}

/// Whether a step is the one by which they go.
fn takes(operation: &Operation, action: &Action) -> bool {
    match (operation, action) {
        (Operation::DropTable { table }, Action::DropTable { table: of, .. }) => *of == table.name,
        (Operation::DropColumn { table, column }, Action::DropColumn { table: of, column: name, .. })
        | (Operation::AlterType { table, from: column, .. }, Action::AlterType { table: of, column: name, .. }) => {
            of == table && *name == column.name
        }
        (Operation::RebuildEnum { from, .. }, Action::CreateEnum { name } | Action::RenameObject { name, .. }) => {
            *name == from.name
        }
        _ => false,
    }
}

/// Whether the rows of the table go before, which is a loss of its own.
fn is_emptied(subject: &Subject<'_>, operation: &Operation) -> bool {
    let (Operation::DropColumn { table, .. } | Operation::AlterType { table, .. }) = operation else { return false };
    subject.acts().any(|(_, act)| match &act.action {
        Action::Delete(rows) => rows.table == *table && rows.condition.is_none() && !rows.from_query,
        Action::Truncate { tables, .. } => tables.contains(table),
        _ => false,
    })
}

/// Where the values are otherwise: an earlier revision copied them, or down.sql fills them in again.
fn kept(subject: &Subject<'_>, operation: &Operation) -> Option<String> {
    let (table, column) = match operation {
        Operation::DropTable { table } => (&table.name, None),
        Operation::DropColumn { table, column } => (table, Some(column.name.as_str())),
        Operation::AlterType { table, .. } => return subject.one_row(&table.to_string()),
        Operation::RebuildEnum { from, to, columns, .. } => {
            let gone: Vec<&String> = gone(from, to).collect();
            let said = "the script says what becomes of the rows that have them";
            return is_remapped(subject, columns, &gone).then(|| said.to_owned());
        }
        _ => return None,
    };
    // One value, which somebody can write down.
    if let Some(one) = subject.one_row(&table.to_string()).filter(|_| column.is_some()) {
        return Some(one);
    }
    let again = |action: &Action, step: &Step| match (action, column) {
        (Action::Insert(rows), None) => rows.from_query && rows.table == *table,
        (Action::Update(rows), Some(column)) => {
            let from_others = step.has_words(&["from"]) || step.has_words(&["join"]);
            rows.table == *table && from_others && rows.columns.iter().any(|written| written == column)
        }
        _ => false,
    };
    if column.is_none() && subject.is_derived(table) {
        return Some("its rows are worked out from other tables".to_owned());
    }
    if subject.down.acts().any(|(step, act)| again(&act.action, step)) {
        return Some("down.sql fills it in again from other tables".to_owned());
    }
    // Numbers that the server gave, and that nothing refers to, tell nothing.
    if let Operation::DropColumn { table, column } = operation
        && column.auto.is_some()
        && !subject.before.tables.values().any(|other| other.foreign_keys.iter().any(|key| key.references == *table))
    {
        return Some("they were only counted, and nothing refers to them".to_owned());
    }
    let is_given = |column: &&Column| column.auto.is_none() && column.name != "id";
    let columns: Vec<&str> = match operation {
        Operation::DropTable { table } => {
            table.columns.iter().map(|column| &**column).filter(is_given).map(|c| c.name.as_str()).collect()
        }
        Operation::DropColumn { column, .. } => Some(column).filter(is_given).iter().map(|c| c.name.as_str()).collect(),
        _ => Vec::new(),
    };
    let directory = subject.copied_by(table, &columns).filter(|_| !columns.is_empty());
    directory.map(|(directory, by_hand)| match by_hand {
        false => format!("{directory} copied them"),
        true => format!("{directory} says how they are copied"),
    })
}

/// Whether what goes was made by revisions that are not released either.
fn is_unreleased(subject: &Subject<'_>, operation: &Operation) -> bool {
    subject.acts().any(|(_, act)| match (operation, &act.action) {
        (Operation::DropTable { table }, Action::DropTable { table: name, .. }) => act.is_new && *name == table.name,
        (Operation::DropColumn { table, column }, Action::DropColumn { table: of, column: name, .. })
        | (Operation::AlterType { table, from: column, .. }, Action::AlterType { table: of, column: name, .. }) => {
            (act.is_new || act.is_new_column) && of == table && *name == column.name
        }
        _ => false,
    })
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
/// undoes, text that is filled up with blanks no more, two truth values that get other names. Without
/// USING, PostgreSQL refuses a text that is too long rather than to cut it (manual, 8.3).
fn keeps_values(subject: &Subject<'_>, operation: &Operation) -> bool {
    let Operation::AlterType { table, from, to, .. } = operation else { return false };
    let (old, new) = (&from.ty, &to.ty);
    let length = |args: &[String]| args.first().and_then(|n| n.parse::<u64>().ok()).unwrap_or(u64::MAX);
    let is_text = |base: &str| matches!(base, "text" | "character varying" | "citext");
    match (old.base.as_str(), new.base.as_str()) {
        ("character", "text") => true,
        ("character", "character varying" | "character") if length(&new.args) >= length(&old.args) => true,
        ("boolean", _) => subject.dialect() == Postgres,
        // What these cannot read is refused, and bytes hold every text.
        (old, "json" | "jsonb" | "uuid" | "smallint" | "integer" | "bigint" | "inet" | "bytea")
            if is_text(old) && subject.dialect() == Postgres =>
        {
            true
        }
        _ if maps_by_hand(subject, table, &from.name) => true,
        // A value that the enum does not have is refused.
        (old, new) if is_text(old) && subject.after.enums.keys().any(|name| name.to_string() == new) => true,
        (old, new) if is_text(old) && is_text(new) => !is_cast_by_hand(subject, table, &from.name),
        (old, new) => {
            old.strip_suffix(" without time zone").is_some_and(|kind| new == format!("{kind} with time zone"))
        }
    }
}

/// Whether USING says of each value what it becomes.
fn maps_by_hand(subject: &Subject<'_>, table: &Name, column: &str) -> bool {
    subject.acts().any(|(_, act)| match &act.action {
        Action::AlterType { table: of, column: name, using: Some(using) } => {
            of == table && name == column && using.to_lowercase().contains("case")
        }
        _ => false,
    })
}

/// Whether PostgreSQL is told how to make the new values, which may cut them.
fn is_cast_by_hand(subject: &Subject<'_>, table: &Name, column: &str) -> bool {
    let is_it = |action: &Action| matches!(action, Action::AlterType { table: of, column: name, using: None } if of == table && name == column);
    !subject.acts().any(|(_, act)| is_it(&act.action))
}
