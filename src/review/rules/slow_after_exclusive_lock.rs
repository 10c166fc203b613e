//! A long statement while an earlier one of the transaction locks everybody out.

use crate::replay::action::Action;
use crate::review::{Act, Example, LockMode, POSTGRES, Report, Rule, Severity, Subject};

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
        Example::new("ALTER TABLE users ADD COLUMN age integer;\nUPDATE users SET age = 0 WHERE id = 1;", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    if !subject.in_transaction() {
        return;
    }
    let mut held: Option<String> = None;
    for (step, act) in subject.standing() {
        let slow = match &act.action {
            Action::Update(rows) | Action::Delete(rows) => {
                let few = rows.condition.as_deref().is_some_and(|text| names_one_row(act, text));
                (!few).then(|| format!("rows of {} are written", rows.table))
            }
            Action::Insert(rows) if rows.from_query => Some(format!("rows of {} are written", rows.table)),
            Action::ValidateConstraint { table, constraint } => Some(format!("{constraint} of {table} is checked")),
            _ => None,
        };
        // The server's own tables are small.
        let is_own = act.action.table().is_some_and(|table| {
            table.schema.as_deref() == Some("pg_catalog") || (table.schema.is_none() && table.name.starts_with("pg_"))
        });
        if let (Some(locked), Some(slow)) = (&held, slow.filter(|_| !is_own)) {
            reports.push(Report::at(step, format!("{locked} is locked against readers while {slow}")));
            return;
        }
        let lock = subject.lock_of(act).filter(|lock| lock.mode == LockMode::AccessExclusive);
        if act.before.is_some() && act.action.is_ddl() && !matches!(act.action, Action::DropTable { .. }) {
            held = held.or_else(|| lock.and_then(|lock| lock.tables.into_iter().next()));
        }
    }
}

/// Whether a condition says which key a row has.
fn names_one_row(act: &Act, condition: &str) -> bool {
    let Some(table) = &act.before else { return false };
    let keys: Vec<&[String]> =
        table.uniques.iter().map(|unique| unique.columns.as_slice()).chain([table.key_columns()]).collect();
    let text = condition.to_lowercase();
    let fixed = |column: &String| {
        let rest = text.split_once(&column.to_lowercase()).map(|(_, rest)| rest.trim_start_matches('"').trim_start());
        rest.and_then(|rest| rest.strip_prefix('='))
            .is_some_and(|value| value.trim_start().starts_with(|c: char| c.is_ascii_digit() || c == '\''))
    };
    keys.iter().any(|key| !key.is_empty() && key.iter().all(fixed))
}
