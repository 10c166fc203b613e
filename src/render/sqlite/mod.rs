//! SQLite: what `ALTER TABLE` can do is done with it; every other change makes the table anew, once
//! for all changes of that table in a script (sqlite.org/lang_altertable.html section 7). How a
//! table is made anew stands in `rebuild`, what `ALTER TABLE` can do in `native`.

mod native;
mod rebuild;

use self::native::Plan;
pub(super) use self::rebuild::needs_own_transaction;
use super::context::Context;
use super::table::{create_index, create_table};
use super::text::terminated;
use super::views::{create_view, drop_view, dropped_views, step_aside};
use crate::catalog::{Catalog, Index, Name, Table};
use crate::dialect::Dialect;
use crate::diff::in_order;
use crate::error::Result;
use crate::operation::Operation;

const DIALECT: Dialect = Dialect::Sqlite;

/// The affinity of a declared type (sqlite.org/datatype3.html section 3.1).
pub(super) fn affinity(declared: &str) -> &'static str {
    let has = |part: &str| declared.to_ascii_uppercase().contains(part);
    if has("INT") {
        "INTEGER"
    } else if has("CHAR") || has("CLOB") || has("TEXT") {
        "TEXT"
    } else if has("BLOB") || declared.is_empty() {
        "BLOB"
    } else if has("REAL") || has("FLOA") || has("DOUB") {
        "REAL"
    } else {
        "NUMERIC"
    }
}

/// The tables that the operations make anew, by name.
///
/// # Errors
/// Where such a table is virtual or not in the catalog after the change.
pub(super) fn rebuilt(context: &Context<'_>) -> Result<Vec<Name>> {
    match context.dialect() {
        Dialect::Sqlite => Plan::new(context).map(|plan| plan.rebuilt),
        Dialect::Postgres | Dialect::Mysql => Ok(Vec::new()),
    }
}

/// The operations, and the views that use those which go: `ALTER TABLE` reads every view of the schema,
/// and fails for one whose own view is away (sqlite.org/lang_altertable.html section 2).
pub(super) fn steps(operations: &[Operation], renamed: &Catalog, to: &Catalog) -> Vec<Operation> {
    let mut steps = operations.to_vec();
    step_aside(dropped_views(operations), &mut steps, renamed, to);
    in_order(steps, renamed, to)
}

/// All operations as statements; with their own transaction where they are run outside of one.
///
/// # Errors
/// As [`rebuilt`].
pub(super) fn statements(context: &Context<'_>, own_transaction: bool) -> Result<Vec<String>> {
    let plan = Plan::new(context)?;
    let mut statements = Vec::new();
    for phase in [rename, drop_dependants, create, add_column] {
        statements.extend(in_phase(context, &plan, phase)?);
    }
    statements.extend(rebuild::statements(context, &plan, own_transaction)?);
    for phase in [create_dependants, drop_column] {
        statements.extend(in_phase(context, &plan, phase)?);
    }
    statements.extend(drop_tables(context, own_transaction));
    statements.extend(in_phase(context, &plan, create_views)?);
    Ok(if own_transaction { rebuild::in_own_transaction(statements, &plan) } else { statements })
}

/// What a phase makes of an operation; nothing where it is not of that phase.
type Phase = fn(&Operation, &Context<'_>, &Plan) -> Result<Vec<String>>;

/// The operations of one phase, in their order.
fn in_phase(context: &Context<'_>, plan: &Plan, phase: Phase) -> Result<Vec<String>> {
    let mut statements = Vec::new();
    for operation in context.operations {
        let mut found = phase(operation, context, plan)?;
        if let Some(first) = found.first_mut() {
            first.insert_str(0, &context.loss_comment(operation));
        }
        statements.extend(found);
    }
    Ok(statements)
}

fn rename(operation: &Operation, _: &Context<'_>, _: &Plan) -> Result<Vec<String>> {
    Ok(match operation {
        Operation::RenameTable { from, to } => {
            vec![format!("ALTER TABLE {} RENAME TO {};", from.sql(DIALECT), DIALECT.quote(&to.name))]
        }
        Operation::RenameColumn { table, from, to } => {
            let (from, to) = (DIALECT.quote(from), DIALECT.quote(to));
            vec![format!("ALTER TABLE {} RENAME COLUMN {from} TO {to};", table.sql(DIALECT))]
        }
        _ => Vec::new(),
    })
}

fn drop_dependants(operation: &Operation, context: &Context<'_>, plan: &Plan) -> Result<Vec<String>> {
    let (table, text) = match operation {
        Operation::DropTrigger { table, trigger } => (table, format!("DROP TRIGGER {};", DIALECT.quote(&trigger.name))),
        Operation::DropIndex { table, index: Index { name, .. } }
        | Operation::RenameIndex { table, from: name, .. } => (table, format!("DROP INDEX {};", DIALECT.quote(name))),
        Operation::DropObject { object } => {
            return Ok(object.view().map(|view| drop_view(view, DIALECT)).into_iter().collect());
        }
        _ => return Ok(Vec::new()),
    };
    // They go with the table.
    let gone = plan.rebuilds(table) || context.drops(table);
    Ok(if gone { Vec::new() } else { vec![text] })
}

/// New tables with everything that belongs into them; SQLite does not look for the targets of
/// foreign keys here.
fn create(operation: &Operation, context: &Context<'_>, _: &Plan) -> Result<Vec<String>> {
    let Operation::CreateTable { table } = operation else { return Ok(Vec::new()) };
    let whole: &Table = context.to.table(&table.name).unwrap_or(table);
    Ok(vec![create_table(whole, DIALECT)])
}

fn add_column(operation: &Operation, context: &Context<'_>, plan: &Plan) -> Result<Vec<String>> {
    match operation {
        Operation::AddColumn { table, column, fill } if !plan.rebuilds(table) => {
            Ok(native::add_column(table, column, fill.as_ref(), context))
        }
        _ => Ok(Vec::new()),
    }
}

fn create_dependants(operation: &Operation, _: &Context<'_>, plan: &Plan) -> Result<Vec<String>> {
    Ok(match operation {
        Operation::CreateIndex { table, index } | Operation::RenameIndex { table, index, .. }
            if !plan.rebuilds(table) =>
        {
            vec![create_index(table, index, DIALECT)]
        }
        Operation::CreateTrigger { table, trigger } if !plan.rebuilds(table) => vec![terminated(&trigger.sql)],
        _ => Vec::new(),
    })
}

fn create_views(operation: &Operation, _: &Context<'_>, _: &Plan) -> Result<Vec<String>> {
    let Operation::CreateObject { object } = operation else { return Ok(Vec::new()) };
    Ok(object.view().map(|view| create_view(view, DIALECT)).unwrap_or_default())
}

fn drop_column(operation: &Operation, _: &Context<'_>, plan: &Plan) -> Result<Vec<String>> {
    Ok(match operation {
        Operation::DropColumn { table, column } if !plan.rebuilds(table) => {
            vec![format!("ALTER TABLE {} DROP COLUMN {};", table.sql(DIALECT), DIALECT.quote(&column.name))]
        }
        _ => Vec::new(),
    })
}

/// Dropping a table deletes its rows first. Where dropped tables reference each other, the checks
/// wait until all are gone.
fn drop_tables(context: &Context<'_>, own_transaction: bool) -> Vec<String> {
    let mut statements = Vec::new();
    let mut cycle = false;
    for operation in context.operations {
        match operation {
            Operation::DropForeignKey { table, .. } if context.drops(table) => cycle = true,
            Operation::DropTable { table } => {
                let drop = format!("DROP TABLE {};", table.name.sql(DIALECT));
                statements.push(format!("{}{drop}", context.loss_comment(operation)));
            }
            _ => {}
        }
    }
    if cycle && !own_transaction {
        statements.insert(0, "PRAGMA defer_foreign_keys = ON;".to_owned());
        statements.push("PRAGMA defer_foreign_keys = OFF;".to_owned());
    }
    statements
}

#[cfg(test)]
mod tests;
