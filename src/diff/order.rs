//! When each operation runs: phases in which every dependency holds, so that no graph is needed.
//! Foreign keys are operations of their own and come last, so tables may reference each other in a
//! circle. Views are the exception: they are ordered by what they use.

use std::collections::BTreeSet;

use crate::catalog::{Catalog, Function, Name};
use crate::operation::{Object, Operation};
use crate::sql::postgres::{body, ident, tokens};

/// The phases, in their order. Within one the order of finding holds: by table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Rename,
    DropView,
    DropForeignKey,
    DetachPartition,
    DropTrigger,
    DropIndex,
    DropConstraint,
    DropPrimaryKey,
    DropLateFunction,
    /// Before what they are computed from changes or goes.
    DropGenerated,
    /// Where dropped parts have made room for their names.
    RenamePart,
    CreateSchema,
    CreateExtension,
    Enum,
    Domain,
    CreateSequence,
    EarlyFunction,
    CreateTable,
    AddColumn,
    AlterColumn,
    AddGenerated,
    AttachPartition,
    ChangeSequence,
    AddPrimaryKey,
    AddConstraint,
    CreateIndex,
    AddForeignKey,
    LateFunction,
    CreateTrigger,
    Comment,
    DropColumn,
    DropTable,
    CreateView,
    LastFunction,
    LastComment,
    DropEarlyFunction,
    DropDomain,
    DropEnum,
    DropSequence,
    DropExtension,
    DropSchema,
}

/// What a function names, and so when it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// No table: tables may use it.
    Early,
    Tables,
    Views,
}

/// The level of a function among the relations of these catalogs.
pub(crate) fn level(function: &Function, catalogs: &[&Catalog]) -> Level {
    let body = body(&function.sql).unwrap_or_default();
    let words: BTreeSet<String> =
        [function.sql.as_str(), &body].iter().flat_map(|text| tokens(text)).map(|token| ident(token.text)).collect();
    let named = |name: &Name| words.contains(&name.name);
    if catalogs.iter().any(|c| c.views.keys().any(named)) {
        Level::Views
    } else if catalogs.iter().any(|c| c.tables.keys().any(named)) {
        Level::Tables
    } else {
        Level::Early
    }
}

/// The operations in the order in which they run; `from` is the catalog with the renames done.
pub(crate) fn in_order(operations: Vec<Operation>, from: &Catalog, to: &Catalog) -> Vec<Operation> {
    let views = operations.iter().any(|o| matches!(o, Operation::CreateObject { .. } | Operation::DropObject { .. }));
    let order = |catalog: &Catalog| -> Vec<Name> {
        if views { catalog.views_in_order().into_iter().map(|v| v.name.clone()).collect() } else { Vec::new() }
    };
    let (before, after) = (order(from), order(to));
    let place = |operation: &Operation| match operation {
        Operation::DropObject { object: Object::View(view) } => {
            before.len() - before.iter().position(|name| *name == view.name).unwrap_or(0)
        }
        // A table before its partitions, and after them where they go.
        Operation::CreateTable { table } => to.partition_depth(&table.name),
        Operation::DropTable { table } => usize::MAX - from.partition_depth(&table.name),
        Operation::CreateObject { object: Object::View(view) } => {
            after.iter().position(|name| *name == view.name).unwrap_or(0)
        }
        _ => 0,
    };
    let mut ranked: Vec<_> = operations.into_iter().map(|o| (rank(&o, from, to), place(&o), o)).collect();
    ranked.sort_by_key(|(rank, place, _)| (*rank, *place));
    ranked.into_iter().map(|(_, _, operation)| operation).collect()
}

fn rank(operation: &Operation, from: &Catalog, to: &Catalog) -> Rank {
    match operation {
        Operation::RenameTable { .. }
        | Operation::RenameColumn { .. }
        | Operation::RenameEnum { .. }
        | Operation::RenameEnumValue { .. } => Rank::Rename,
        Operation::DropForeignKey { .. } => Rank::DropForeignKey,
        Operation::DropTrigger { .. } | Operation::DropPolicy { .. } => Rank::DropTrigger,
        Operation::DropIndex { .. } => Rank::DropIndex,
        Operation::DropUnique { .. } | Operation::DropCheck { .. } | Operation::DropExclude { .. } => {
            Rank::DropConstraint
        }
        Operation::DropPrimaryKey { .. } => Rank::DropPrimaryKey,
        Operation::RenameIndex { .. } | Operation::RenameConstraint { .. } => Rank::RenamePart,
        Operation::CreateEnum { .. } | Operation::AddEnumValue { .. } | Operation::RebuildEnum { .. } => Rank::Enum,
        Operation::CreateTable { .. } => Rank::CreateTable,
        Operation::AddColumn { column, .. } if column.generated.is_some() => Rank::AddGenerated,
        Operation::AddColumn { .. } => Rank::AddColumn,
        Operation::AlterColumnKind { to: column, .. } if column.generated.is_some() => Rank::AddGenerated,
        Operation::ChangeOptions { from, to, .. } if from.partition_of.is_some() && to.partition_of.is_none() => {
            Rank::DetachPartition
        }
        Operation::ChangeOptions { from, to, .. } if from.partition_of != to.partition_of => Rank::AttachPartition,
        Operation::AlterType { .. }
        | Operation::SetNotNull { .. }
        | Operation::DropNotNull { .. }
        | Operation::AlterDefault { .. }
        | Operation::AlterColumnKind { .. }
        | Operation::ChangeOptions { .. } => Rank::AlterColumn,
        Operation::AddPrimaryKey { .. } => Rank::AddPrimaryKey,
        Operation::AddUnique { .. }
        | Operation::AddCheck { .. }
        | Operation::AddExclude { .. }
        | Operation::ValidateCheck { .. } => Rank::AddConstraint,
        Operation::CreateIndex { table, .. } if to.views.contains_key(table) => Rank::LastFunction,
        Operation::CreateIndex { .. } => Rank::CreateIndex,
        Operation::AddForeignKey { .. } | Operation::ValidateForeignKey { .. } => Rank::AddForeignKey,
        Operation::CreateTrigger { .. } | Operation::CreatePolicy { .. } => Rank::CreateTrigger,
        Operation::SetComment { .. } | Operation::CommentEnum { .. } => Rank::Comment,
        Operation::Comment { .. } => Rank::LastComment,
        Operation::DropColumn { column, .. } if column.generated.is_some() => Rank::DropGenerated,
        Operation::DropColumn { .. } => Rank::DropColumn,
        Operation::DropTable { .. } => Rank::DropTable,
        Operation::DropEnum { .. } => Rank::DropEnum,
        Operation::CreateObject { object } => rank_of_new(object, to),
        Operation::DropObject { object } => rank_of_old(object, from, to),
        Operation::ChangeObject { to: object, .. } => match object {
            Object::Sequence(_) => Rank::ChangeSequence,
            Object::View(_) => Rank::LastFunction,
            _ => rank_of_new(object, to),
        },
    }
}

fn rank_of_new(object: &Object, to: &Catalog) -> Rank {
    match object {
        Object::Schema(_) => Rank::CreateSchema,
        Object::Extension(_) => Rank::CreateExtension,
        Object::Domain(_) => Rank::Domain,
        Object::Sequence(_) => Rank::CreateSequence,
        Object::View(_) => Rank::CreateView,
        Object::Function(function) => match level(function, &[to]) {
            Level::Early => Rank::EarlyFunction,
            Level::Tables => Rank::LateFunction,
            Level::Views => Rank::LastFunction,
        },
    }
}

fn rank_of_old(object: &Object, from: &Catalog, to: &Catalog) -> Rank {
    match object {
        Object::Schema(_) => Rank::DropSchema,
        Object::Extension(_) => Rank::DropExtension,
        Object::Domain(_) => Rank::DropDomain,
        Object::Sequence(_) => Rank::DropSequence,
        Object::View(_) => Rank::DropView,
        // One that comes back with another result makes room first.
        Object::Function(function) => match level(function, &[from]) {
            Level::Early if !to.functions.contains_key(&function.name) => Rank::DropEarlyFunction,
            _ => Rank::DropLateFunction,
        },
    }
}
