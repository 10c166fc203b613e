//! What a plan would destroy of the database's present contents, for `upgrade` and `rollback`.

use crate::catalog::Catalog;
use crate::chain::target::{Direction, Plan};
use crate::chain::{self, Chain, Revision};
use crate::db::Database;
use crate::db::losses::{Counter, Lost};
use crate::error::Result;
use crate::explain;
use crate::layout::Group;
use crate::project::Project;

/// Words without one of which no statement takes away rows or values that a replay can tell.
const LOSING: [&str; 5] = ["drop", "type", "modify", "change", "rename"];

/// What the steps of a plan destroy, also where that are no rows now.
///
/// # Errors
/// Where a file of the chain cannot be read.
pub fn of_plan(
    project: &Project,
    group: &Group,
    chain: &Chain,
    plan: &Plan<'_>,
    database: &mut Database,
) -> Result<Vec<Lost>> {
    if plan.steps.is_empty() {
        return Ok(Vec::new());
    }
    let mut counter = Counter::new(database);
    let mut lost = Vec::new();
    for revision in &plan.steps {
        let script = match plan.direction {
            Direction::Up => chain.up(&project.tree, revision)?,
            Direction::Down => chain.down(&project.tree, revision)?,
        };
        let text = script.text.to_lowercase();
        if plan.direction == Direction::Up && !LOSING.iter().any(|word| text.contains(word)) {
            continue;
        }
        let before = before(project, group, chain, revision, plan.direction)?;
        let Ok(effect) = explain::effect(&before, &script.text, &script.file) else { continue };
        lost.extend(effect.operations.iter().filter_map(|operation| counter.loss(operation)));
    }
    Ok(lost)
}

/// The schema that a step of the plan meets.
fn before(
    project: &Project,
    group: &Group,
    chain: &Chain,
    revision: &Revision,
    direction: Direction,
) -> Result<Catalog> {
    let (tree, cache) = (&project.tree, &mut project.cache());
    match direction {
        Direction::Up => chain::catalog_before(tree, chain, group.dialect, &revision.id, cache),
        Direction::Down => chain::catalog_with_cache(tree, chain, group.dialect, Some(&revision.id), cache),
    }
}
