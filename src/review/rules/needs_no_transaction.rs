//! What PostgreSQL refuses to run in a transaction, run in Diesel's.

use crate::replay::action::Action;
use crate::review::mend::{self, Cut};
use crate::review::{Example, Fix, POSTGRES, Report, Rule, Severity, Step, Subject, Way};

pub(super) const RULE: Rule = Rule {
    code: "OM701",
    id: "needs-no-transaction",
    severity: Severity::Error,
    dialects: POSTGRES,
    summary: "a statement that refuses to run in a transaction, in a revision that Diesel runs in one",
    help: "Diesel opens a transaction around up.sql and one around down.sql, unless metadata.toml says otherwise for \
           both; CONCURRENTLY, VACUUM and the like end with \"cannot run inside a transaction block\".",
    safer: "run_in_transaction = false in metadata.toml, and the statement alone in its revision",
    links: &[
        "https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY",
        "https://docs.rs/diesel_migrations",
    ],
    examples: &[
        Example::new(
            "CREATE INDEX CONCURRENTLY users_nick ON users (nick);",
            &["1 CREATE INDEX CONCURRENTLY is refused: Diesel runs up.sql in a transaction"],
        ),
        Example::new(
            "DROP INDEX users_nick;",
            &["down.sql:2 CREATE INDEX CONCURRENTLY is refused: Diesel runs down.sql in a transaction"],
        )
        .on("CREATE TABLE users (nick text); CREATE INDEX users_nick ON users (nick);")
        .down("SELECT 1;\nCREATE INDEX CONCURRENTLY users_nick ON users (nick);"),
        Example::new("VACUUM users;", &["1 VACUUM is refused: Diesel runs up.sql in a transaction"]),
        Example::new("CREATE INDEX CONCURRENTLY users_nick ON users (nick);", &[]).no_transaction(),
        Example::new("CREATE INDEX users_nick ON users (nick);", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    if !subject.in_transaction() {
        return;
    }
    for (script, way) in [("up.sql", subject.up), ("down.sql", subject.down)] {
        for step in &way.steps {
            let Some(what) = refusing(step) else { continue };
            let text = format!("{what} is refused: Diesel runs {script} in a transaction");
            let report = Report::at(step, text).sql("-- metadata.toml\nrun_in_transaction = false");
            reports.push(report.fix(fix(subject, way, step)));
        }
    }
}

/// Without a transaction where it is alone, else in a revision of its own; where only the way back
/// has it, down.sql does without CONCURRENTLY.
fn fix(subject: &Subject<'_>, way: &Way<'_>, step: &Step) -> Option<Fix> {
    let (up, down) = (&subject.up.steps, &subject.down.steps);
    if !up.iter().any(|step| refusing(step).is_some()) {
        let at = step.text.to_ascii_lowercase().find(" concurrently")?;
        let words = format!("{}{}", &step.text[..at], &step.text[at + " concurrently".len()..]);
        let title = "leave CONCURRENTLY out: down.sql runs in a transaction";
        return Some(Fix::edits(title, vec![mend::instead(way, step, &words)]));
    }
    if up.len() == 1 && down.len() <= 1 {
        return Some(Fix::edits("run it without a transaction", vec![mend::transaction(subject, false)]));
    }
    mend::split(subject, "a revision of its own for each statement that refuses a transaction", &alone)
}

/// Where a statement stands in a revision that is split for those that refuse a transaction. Time limits
/// of theirs go: they belong to the session that runs the revisions, and made CONCURRENTLY fail.
pub(super) fn alone(step: &Step) -> Cut {
    let is_limit = |name: &str| matches!(name, "lock_timeout" | "statement_timeout");
    let sets_limits = || step.acts.iter().all(|act| matches!(&act.action, Action::Set { name, .. } if is_limit(name)));
    match refusing(step) {
        Some(_) => Cut::Alone(step.text.clone()),
        None if !step.acts.is_empty() && sets_limits() => Cut::Nowhere,
        None => Cut::With,
    }
}

/// What of a statement refuses to run in a transaction, in SQL's words (the manual's page of each
/// says so).
pub(super) fn refusing(step: &Step) -> Option<String> {
    step.acts.iter().find_map(|act| {
        Some(match &act.action {
            Action::CreateIndex(index) if index.concurrently => "CREATE INDEX CONCURRENTLY".to_owned(),
            Action::DropIndex { concurrently: true, .. } => "DROP INDEX CONCURRENTLY".to_owned(),
            Action::Reindex { concurrently: true, .. } => "REINDEX CONCURRENTLY".to_owned(),
            Action::Reindex { what, .. } if matches!(what.as_str(), "schema" | "database" | "system") => {
                format!("REINDEX {}", what.to_uppercase())
            }
            Action::DetachPartition { concurrently: true, .. } => "DETACH PARTITION CONCURRENTLY".to_owned(),
            Action::Vacuum { .. } => "VACUUM".to_owned(),
            Action::CreateObject { kind, .. } if is_outside(kind) => format!("CREATE {}", kind.to_uppercase()),
            Action::DropObject { kind, .. } if is_outside(kind) => format!("DROP {}", kind.to_uppercase()),
            Action::AlterObject { kind, .. } if kind == "system" => "ALTER SYSTEM".to_owned(),
            _ => return None,
        })
    })
}

fn is_outside(kind: &str) -> bool {
    matches!(kind, "database" | "tablespace")
}
