//! A long statement while an earlier one of the transaction locks everybody out.

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
            &["3 users is locked against readers while rows of t are written"],
        ),
        Example::new(
            "ALTER TABLE users ADD COLUMN n bigint;\nUPDATE site SET n = (SELECT count(*) FROM users);",
            &["2 users is locked against readers while rows of site are written"],
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
            "ALTER TABLE site ADD COLUMN x integer;\nINSERT INTO users (id) SELECT u.id + s.owner FROM site s, users u;",
            &["2 site is locked against readers while rows of users are written"],
        )
        .on(SITE),
    ],
    check,
};

const SITE: &str = "CREATE TABLE users (id integer PRIMARY KEY); \
                    CREATE TABLE site (one boolean PRIMARY KEY CHECK (one), owner integer);";

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    if !subject.in_transaction() {
        return;
    }
    let mut held: Vec<&Name> = Vec::new();
    for (step, act) in subject.acts() {
        if let Some((table, slow)) = slow(subject, step, act).filter(|_| !held.is_empty()) {
            let locked = most_read(subject, &held, table);
            return reports.push(Report::at(step, format!("{locked} is locked against readers while {slow}")));
        }
        let lock = subject.lock_of(act).filter(|lock| lock.mode == LockMode::AccessExclusive);
        let is_drop = matches!(act.action, Action::DropTable { .. });
        if let Some(before) = act.before.as_ref().filter(|_| !act.is_new && act.action.is_ddl() && !is_drop)
            && lock.is_some()
        {
            held.push(&before.name);
        }
    }
}

/// Of the locked tables the one that is written, or else the one that most others refer to.
fn most_read<'a>(subject: &Subject<'_>, held: &[&'a Name], written: &Name) -> &'a Name {
    let users = |name: &Name| subject.before.referencing(name).count();
    let mut most = held[0];
    for &name in held {
        if name == written {
            return name;
        }
        if users(name) > users(most) {
            most = name;
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
    let text = match &act.action {
        Action::Insert(rows) if rows.from_query => format!("rows of {table} are written"),
        Action::Update(_) | Action::Delete(_) if !act.is_new => format!("rows of {table} are written"),
        Action::ValidateConstraint { constraint, .. } if !act.is_new => format!("{constraint} of {table} is checked"),
        _ => return None,
    };
    (!is_own && !subject.writes_few(step, act)).then_some((table, text))
}
