//! The questions of `create`, answered as a person would who knows the project's own revision.

use ops_migrate::catalog::{Catalog, Expr};
use ops_migrate::error::Result;
use ops_migrate::make::{self, Draft, Question, Wishes};
use ops_migrate::models::{Candidate, Models};

/// The draft once no question is open, and what was answered.
pub(crate) fn draft(
    before: &Models,
    now: &Models,
    baseline: &Catalog,
    actual: &Catalog,
    own_sql: &str,
) -> Result<(Draft, Wishes)> {
    let own_sql = own_sql.to_lowercase();
    let mut wishes = Wishes::default();
    loop {
        let draft = make::draft(Some(before), now, baseline, &wishes)?;
        let Some(question) = draft.questions.first() else { return Ok((draft, wishes)) };
        match question {
            Question::Rename(candidate) if is_rename(candidate, actual, &own_sql) => {
                wishes.renames.push(candidate.rename());
            }
            Question::Rename(candidate) => wishes.drops.push(candidate.old_path()),
            Question::Fill { table, column, .. } => {
                // Replayed and never run: one value is as good as another.
                wishes.fills.insert((table.clone(), column.clone()), Expr::new("''"));
            }
            Question::Drop { what } => wishes.drops.push(what.clone()),
        }
    }
}

/// Whether the project's own revision renamed it: it says RENAME and both names, and has the new
/// thing and not the old one.
fn is_rename(candidate: &Candidate, actual: &Catalog, own_sql: &str) -> bool {
    let is_said = |name: &str| own_sql.contains(&name.to_lowercase());
    let old = candidate.column.as_deref().unwrap_or(&candidate.table.name);
    let new = candidate.table.with_name(&candidate.to);
    let has = |column: &str| actual.table(&candidate.table).is_some_and(|t| t.column(column, actual.dialect).is_some());
    let is_done = match (&candidate.column, actual.enums.get(&candidate.table)) {
        (Some(old), None) => has(&candidate.to) && !has(old),
        (Some(old), Some(ty)) => ty.values.contains(&candidate.to) && !ty.values.contains(old),
        (None, _) => {
            let is_there = |name| actual.table(name).is_some() || actual.enums.contains_key(name);
            is_there(&new) && !is_there(&candidate.table)
        }
    };
    is_done && is_said("rename") && is_said(old) && is_said(&candidate.to)
}
