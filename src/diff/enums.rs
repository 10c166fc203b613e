//! What differs between enum types. The order of their values alone is no difference; where values
//! come and others stand in another order, the type is made anew, since values cannot be moved.

use std::collections::BTreeSet;

use super::Answers;
use crate::catalog::{Catalog, EnumType, Name};
use crate::operation::Operation;

/// Adds the operations that lead from one catalog's enums to the other's.
pub(super) fn diff_enums(from: &Catalog, to: &Catalog, answers: &Answers, found: &mut Vec<Operation>) {
    for (name, new) in &to.enums {
        match from.enums.get(name) {
            None => found.push(Operation::CreateEnum { ty: new.clone() }),
            Some(old) => diff_enum(old, new, to, answers, found),
        }
    }
    for (name, old) in &from.enums {
        if !to.enums.contains_key(name) {
            found.push(Operation::DropEnum { ty: old.clone() });
        }
    }
}

fn diff_enum(old: &EnumType, new: &EnumType, to: &Catalog, answers: &Answers, found: &mut Vec<Operation>) {
    let kept: BTreeSet<&String> = new.values.iter().collect();
    let added = new.values.len() > old.values.len();
    if old.values.iter().any(|value| !kept.contains(value)) || (added && is_moved(old, new)) {
        found.push(rebuild(old, new, to, answers));
        return;
    }
    let mut values = old.values.clone();
    for (at, value) in new.values.iter().enumerate() {
        if values.contains(value) {
            continue;
        }
        let before = new.values[at + 1..].iter().find(|next| values.contains(next)).cloned();
        let position = before.as_ref().and_then(|next| values.iter().position(|v| v == next)).unwrap_or(values.len());
        values.insert(position, value.clone());
        found.push(Operation::AddEnumValue { name: new.name.clone(), value: value.clone(), before });
    }
    if old.comment != new.comment {
        let (from, to) = (old.comment.clone(), new.comment.clone());
        found.push(Operation::CommentEnum { name: new.name.clone(), from, to });
    }
}

/// Whether values that both have stand in another order.
fn is_moved(old: &EnumType, new: &EnumType) -> bool {
    !new.values.iter().filter(|value| old.values.contains(value)).eq(&old.values)
}

fn rebuild(old: &EnumType, new: &EnumType, to: &Catalog, answers: &Answers) -> Operation {
    let gone = old.values.iter().filter(|value| !new.values.contains(value));
    let rows = gone.filter_map(|value| {
        let other = answers.values.get(&(new.name.clone(), value.clone()))?;
        new.values.contains(other).then(|| (value.clone(), other.clone()))
    });
    Operation::RebuildEnum {
        from: old.clone(),
        to: new.clone(),
        columns: columns_of_type(&new.name, to),
        rows: rows.collect(),
    }
}

/// Every column that has a user type, arrays of it included.
pub(crate) fn columns_of_type(name: &Name, catalog: &Catalog) -> Vec<(Name, String)> {
    let base = name.to_string();
    let columns = catalog.tables.values().flat_map(|t| t.columns.iter().map(move |c| (&t.name, c)));
    columns.filter(|(_, c)| c.ty.base == base).map(|(table, c)| (table.clone(), c.name.clone())).collect()
}
