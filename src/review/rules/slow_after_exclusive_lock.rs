//! A long statement while an earlier one of the transaction locks everybody out.

use std::collections::BTreeSet;

use crate::catalog::Name;
use crate::replay::action::Action;
use crate::review::{Act, Example, LockMode, POSTGRES, Report, Rule, Severity, Step, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM106",
    id: "slow-after-exclusive-lock",
    severity: Severity::Warn,
    dialects: POSTGRES,
    summary: "rows are written or checked while an earlier statement of the transaction holds ACCESS EXCLUSIVE",
    help: "Locks are kept until the transaction ends. ALTER TABLE alone is a moment; with an UPDATE of many rows \
           behind it, every reader of the altered table waits for that, too.",
    safer: "move the rows in a revision of their own",
    links: &["https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES"],
    examples: &[
        Example::new(
            "ALTER TABLE users ADD COLUMN age integer;\nUPDATE users SET age = 0;",
            &["2 users is locked against readers while rows of users are written"],
        ),
        Example::new("UPDATE users SET nick = '';\nALTER TABLE users ALTER nick SET NOT NULL;", &[]),
        Example::new(
            "ALTER TABLE users ADD COLUMN age integer;\nUPDATE pg_index SET indisvalid = false WHERE indrelid = 1;",
            &[],
        ),
        Example::new("CREATE TABLE t (id integer);\nINSERT INTO t SELECT id FROM users;", &[]),
        Example::new(
            "ALTER TABLE users RENAME TO people;\nCREATE TABLE t (id integer);\nINSERT INTO t SELECT id FROM people;",
            &["3 users, by then people, is locked against readers while rows of t are written"],
        ),
        Example::new(
            "ALTER TABLE users ADD COLUMN n bigint;\nUPDATE site SET n = (SELECT count(*) FROM users);",
            &["2 users is locked against readers while the row of site is worked out"],
        )
        .on("CREATE TABLE users (id integer PRIMARY KEY); CREATE TABLE site (one boolean PRIMARY KEY CHECK (one), n bigint);"),
        Example::new("ALTER TABLE users ADD COLUMN age integer;\nUPDATE users SET age = 0 WHERE id = 1;", &[]),
        Example::new("ALTER TABLE users ADD COLUMN age integer;\nUPDATE users SET age = 0 WHERE id IN (1, 2);", &[]),
        Example::new(
            "ALTER TABLE users ADD COLUMN age integer;\nUPDATE users SET age = 0 WHERE id = 1 OR nick = '';",
            &["2 users is locked against readers while rows of users are written"],
        ),
        Example::new("ALTER TABLE users ADD COLUMN role integer;\nUPDATE users SET role = 1 WHERE is_admin;", &[])
            .on("CREATE TABLE users (id integer PRIMARY KEY, is_admin boolean NOT NULL DEFAULT false);"),
        Example::new(
            "ALTER TABLE users ADD COLUMN role integer;\nUPDATE users SET role = 1 WHERE is_new;",
            &["2 users is locked against readers while rows of users are written"],
        )
        .on("CREATE TABLE users (id integer PRIMARY KEY, is_new boolean NOT NULL DEFAULT true);"),
        Example::new(
            "ALTER TABLE users ADD COLUMN age integer;\nINSERT INTO users (id) SELECT owner FROM site;\n\
             INSERT INTO users (id) SELECT u.id + 1 FROM site AS s, users u WHERE u.id = s.owner;\n\
             UPDATE users AS u SET age = 1 FROM site WHERE u.id = site.owner;",
            &[],
        )
        .on(SITE),
        Example::new(
            "ALTER TABLE site ADD COLUMN x integer;\n\
             WITH new AS (INSERT INTO users SELECT u.id + 1 FROM site, users u WHERE u.id = site.owner RETURNING id)\n\
             UPDATE site SET owner = new.id FROM new;",
            &[],
        )
        .on(SITE),
        Example::new(
            "ALTER TABLE users ADD COLUMN n bigint;\nUPDATE users SET n = (SELECT count(*) FROM users) WHERE id = 1;",
            &["2 users is locked against readers while rows of users are written"],
        )
        .on("CREATE TABLE users (id integer PRIMARY KEY);"),
        Example::new(
            "ALTER TABLE site ADD COLUMN x integer;\nINSERT INTO users (id) SELECT u.id + s.owner FROM site s, users u;",
            &["2 site is locked against readers while rows of users are written"],
        )
        .on(SITE),
        Example::new(
            "ALTER TABLE users ADD COLUMN age integer;\nUPDATE users SET age = 0;\nINSERT INTO posts SELECT id FROM users;",
            &["2 users is locked against readers while rows of users are written; and 1 more like it in line 3"],
        )
        .on("CREATE TABLE users (id integer PRIMARY KEY); CREATE TABLE posts (id integer PRIMARY KEY);"),
    ],
    check,
};

const SITE: &str = "CREATE TABLE users (id integer PRIMARY KEY); \
                    CREATE TABLE site (one boolean PRIMARY KEY CHECK (one), owner integer);";

/// A table that is locked by then, under the name that its readers know, and the one that it has.
struct Held<'a> {
    name: &'a Name,
    now: &'a Name,
}

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    if !subject.in_transaction() {
        return;
    }
    let mut held: Vec<Held<'_>> = Vec::new();
    let mut written: BTreeSet<&Name> = BTreeSet::new();
    for (step, act) in subject.acts() {
        if let Some((table, slow)) = slow(subject, step, act).filter(|_| !held.is_empty())
            && written.insert(table)
        {
            let Held { name, now } = most_read(subject, &held, table, step);
            let by_then = if name == now { String::new() } else { format!(", by then {now},") };
            let text = format!("{name}{by_then} is locked against readers while {slow}");
            reports.push(Report::at(step, text).about(table.to_string()));
        }
        let lock = subject.lock_of(act).filter(|lock| lock.mode == LockMode::AccessExclusive);
        let is_drop = matches!(act.action, Action::DropTable { .. });
        if let Some(before) = act.before.as_ref().filter(|_| !act.is_new && act.action.is_ddl() && !is_drop)
            && lock.is_some()
            && !held.iter().any(|held| *held.now == before.name)
        {
            held.push(Held { name: &before.name, now: &before.name });
        }
        if let Action::RenameTable { table, to } = &act.action {
            held.iter_mut().filter(|held| held.now == table).for_each(|held| held.now = to);
        }
    }
}

/// Of the locked tables the one that is written, unless one row is, or else the one that most others refer
/// to.
fn most_read<'h, 'a>(subject: &Subject<'_>, held: &'h [Held<'a>], written: &Name, step: &Step) -> &'h Held<'a> {
    let is_small = subject.small(&written.to_string(), step.offset).is_some();
    if let Some(own) = held.iter().find(|held| held.now == written && !is_small) {
        return own;
    }
    let users = |held: &Held<'_>| subject.users_of(&held.name.to_string());
    let mut most = &held[0];
    for one in held {
        if users(one) > users(most) {
            most = one;
        }
    }
    most
}

/// What a step does that takes long, with its table. Rows of a new table are nobody's yet, but those that
/// it is filled from are read.
fn slow<'a>(subject: &Subject<'_>, step: &Step, act: &'a Act) -> Option<(&'a Name, String)> {
    let table = act.action.table()?;
    // The server's own tables are small.
    let is_own =
        table.schema.as_deref() == Some("pg_catalog") || (table.schema.is_none() && table.name.starts_with("pg_"));
    let is_one_row = || subject.one_row(&table.to_string()).is_some();
    let text = match &act.action {
        Action::Insert(rows) if rows.from_query => format!("rows of {table} are written"),
        // Its one row takes no time, but what it gets.
        Action::Update(_) if !act.is_new && is_one_row() => format!("the row of {table} is worked out"),
        Action::Update(_) | Action::Delete(_) if !act.is_new => format!("rows of {table} are written"),
        Action::ValidateConstraint { constraint, .. } if !act.is_new => format!("{constraint} of {table} is checked"),
        _ => return None,
    };
    (!is_own && !subject.writes_few(step, act)).then_some((table, text))
}
