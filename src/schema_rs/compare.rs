//! What a schema file says against what is printed for the revisions: differences in words, for
//! people. Order, docs and aliases make none.

use super::outline::{Block, Outline};
use crate::error::Result;

/// Where the file does not say what was printed, with its lines where it says anything.
///
/// # Errors
/// Where the file does not parse.
pub fn differences(path: &str, text: &str, printed: &str) -> Result<Vec<String>> {
    let (ours, printed) = (Outline::read(path, text)?, Outline::read("printed", printed)?);
    let mut found = Vec::new();
    for block in &printed.blocks {
        match ours.blocks.iter().find(|other| other.model.name == block.model.name) {
            None => found.push(format!("{path}: table {} is missing", block.model.name)),
            Some(own) if !own.model.is_view => in_block(path, own, block, &mut found),
            Some(_) => {}
        }
    }
    for own in ours.blocks.iter().filter(|own| !own.model.is_view && printed.block(&own.model.name).is_none()) {
        found.push(format!("{}: table {} is not in the revisions", own.model.at, own.model.name));
    }
    for join in &printed.joins {
        let is_there = ours.joins.iter().any(|own| own.child == join.child && own.parent == join.parent);
        let has = |name: &String| ours.blocks.iter().any(|own| own.model.rust_name == *name);
        if !is_there && has(&join.child) && has(&join.parent) {
            found.push(format!("{path}: joinable!({} -> {} ({})) is missing", join.child, join.parent, join.column));
        }
    }
    Ok(found)
}

fn in_block(path: &str, own: &Block, printed: &Block, found: &mut Vec<String>) {
    let table = &own.model.name;
    for spot in &printed.columns {
        let column = &spot.model;
        match own.column(&column.name) {
            None => found.push(format!("{path}: {table}.{} is missing", column.name)),
            Some(other) if !other.model.same_type(column) => {
                let (here, there) = (other.model.type_text(), column.type_text());
                found
                    .push(format!("{}: {table}.{} is {here}, the revisions give {there}", other.model.at, column.name));
            }
            Some(_) => {}
        }
    }
    for other in own.columns.iter().filter(|other| printed.column(&other.model.name).is_none()) {
        found.push(format!("{}: {table}.{} is not in the revisions", other.model.at, other.model.name));
    }
    if own.model.primary_key != printed.model.primary_key {
        let (here, there) = (own.model.primary_key.join(", "), printed.model.primary_key.join(", "));
        found.push(format!("{}: the key of {table} is ({here}), the revisions give ({there})", own.model.at));
    }
}
