//! Partitions: what happens to the columns of a table happens to those of its partitions by itself.

use std::borrow::Cow;

use crate::catalog::{Catalog, Column, Name, Table};

/// A table that stays, with the changes that reach it through the one that it is a partition of.
pub(super) fn followed<'t>(old: &'t Table, new: &Table, from: &Catalog, to: &Catalog) -> Cow<'t, Table> {
    let parent = old.options.partition_of.as_ref().filter(|parent| new.options.partition_of.as_ref() == Some(parent));
    let Some((before, after)) = parent.and_then(|parent| Some((whole(parent, from)?, whole(parent, to)?))) else {
        return Cow::Borrowed(old);
    };
    let mut alone = Catalog::empty(to.dialect);
    alone.tables.insert(old.name.clone(), old.clone().into());
    for gone in before.columns.iter().filter(|c| after.column(&c.name, to.dialect).is_none()) {
        alone.drop_column(&old.name, &gone.name);
    }
    let Some(mut table) = alone.tables.remove(&old.name) else { return Cow::Borrowed(old) };
    for column in after.columns.iter().filter(|c| !before.columns.contains(c)) {
        // As the partition has it then: its sequence and comment stay the whole table's.
        let Some(own) = new.column(&column.name, to.dialect) else { continue };
        let comment = table.column(&column.name, to.dialect).and_then(|c| c.comment.clone());
        let own = Column { comment, ..own.clone() };
        match table.column_mut(&column.name, to.dialect) {
            Some(column) => *column = own,
            None => table.columns.push(own.into()),
        }
    }
    Cow::Owned(table.into_inner())
}

fn whole<'c>(parent: &Name, catalog: &'c Catalog) -> Option<&'c Table> {
    catalog.table(parent)
}
