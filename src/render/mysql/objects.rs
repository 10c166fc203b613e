//! MySQL: views, routines and sequences, which come and go around the tables.

use super::DIALECT;
use crate::operation::{Object, Operation};
use crate::render::text::terminated;
use crate::render::views::{create_view, drop_view};

/// What goes, and what is made anew, before anything else changes.
pub(super) fn dropped(operations: &[Operation]) -> Vec<String> {
    let gone = operations.iter().filter_map(|operation| match operation {
        Operation::DropObject { object } | Operation::ChangeObject { from: object, .. } => Some(object),
        _ => None,
    });
    gone.filter_map(drop).collect()
}

/// What comes when all tables are as they are to be.
pub(super) fn created(operations: &[Operation]) -> Vec<String> {
    let new = operations.iter().filter_map(|operation| match operation {
        Operation::CreateObject { object } | Operation::ChangeObject { to: object, .. } => Some(object),
        _ => None,
    });
    new.flat_map(create).collect()
}

fn drop(object: &Object) -> Option<String> {
    match object {
        Object::View(view) => Some(drop_view(view, DIALECT)),
        Object::Function(function) => {
            // The word comes before anything that could be a body.
            let mut words = function.sql.split_whitespace();
            let kinds = ["FUNCTION", "PROCEDURE"];
            let kind = words.find_map(|word| kinds.iter().find(|kind| word.eq_ignore_ascii_case(kind)))?;
            Some(format!("DROP {kind} {};", function.name.sql(DIALECT)))
        }
        Object::Sequence(sequence) => Some(format!("DROP SEQUENCE {};", sequence.name.sql(DIALECT))),
        // Only PostgreSQL has them in a catalog.
        Object::Schema(_) | Object::Extension(_) | Object::Domain(_) => None,
    }
}

fn create(object: &Object) -> Vec<String> {
    match object {
        Object::View(view) => create_view(view, DIALECT),
        Object::Function(function) => vec![terminated(&function.sql)],
        Object::Sequence(sequence) => {
            vec![terminated(&format!("CREATE SEQUENCE {} {}", sequence.name.sql(DIALECT), sequence.options))]
        }
        Object::Schema(_) | Object::Extension(_) | Object::Domain(_) => Vec::new(),
    }
}
