//! PostgreSQL: each operation as the statements that an engineer would write by hand, one step at
//! a time, constraints under the names that they have or get. Columns and enum types have files of
//! their own.

mod column;
mod enums;
mod keys;

use std::collections::BTreeSet;

pub(super) use self::enums::create_enum;
use super::context::Context;
use super::names;
use super::table::{alter_table, check, create_index, create_table_as, exclude, foreign_key, primary_key, unique};
use super::text::terminated;
use super::views;
use crate::catalog::{Catalog, Check, ForeignKey, Name, PrimaryKey, Table, Unique};
use crate::dialect::Dialect;
use crate::error::Result;
use crate::operation::Operation;

const DIALECT: Dialect = Dialect::Postgres;

/// All operations as statements.
pub(super) fn statements(context: &Context<'_>) -> Result<Vec<String>> {
    let mut statements = new_schemas(context);
    let around = views::around(context);
    let mut views_dropped = false;
    let rebuilt = enums::rebuilt_for_use(context);
    for operation in context.operations {
        let rename = matches!(operation, Operation::RenameTable { .. } | Operation::RenameColumn { .. });
        if !rename && !views_dropped {
            statements.extend(around.before.iter().cloned());
            views_dropped = true;
        }
        statements.extend(keys::before(operation, context));
        let mut found = one(operation, context, &rebuilt)?;
        if let Some(first) = found.first_mut() {
            first.insert_str(0, &context.loss_comment(operation));
        }
        statements.extend(found);
    }
    statements.extend(keys::after(context));
    statements.extend(around.after);
    Ok(statements)
}

/// Schemas that new objects need and that are not there yet.
fn new_schemas(context: &Context<'_>) -> Vec<String> {
    let needed: BTreeSet<&String> = context
        .operations
        .iter()
        .filter_map(|operation| match operation {
            Operation::CreateTable { table } => table.name.schema.as_ref(),
            Operation::CreateEnum { ty } => ty.name.schema.as_ref(),
            _ => None,
        })
        .filter(|schema| !context.renamed.schemas.contains(*schema))
        .collect();
    needed.into_iter().map(|schema| format!("CREATE SCHEMA IF NOT EXISTS {};", DIALECT.quote(schema))).collect()
}

/// One operation. `rebuilt` are the enum types whose new values the script itself uses.
fn one(operation: &Operation, context: &Context<'_>, rebuilt: &BTreeSet<Name>) -> Result<Vec<String>> {
    let statement = match operation {
        Operation::CreateEnum { ty } => return Ok(create_enum(ty)),
        Operation::DropEnum { ty } => format!("DROP TYPE {};", ty.name.sql(DIALECT)),
        Operation::RenameEnum { from, to } => rename("TYPE", from, to),
        Operation::AddEnumValue { name, .. } if rebuilt.contains(name) => {
            return Ok(enums::rebuild_instead(operation, name, context));
        }
        Operation::AddEnumValue { name, value, before } => enums::add_value(name, value, before.as_deref()),
        Operation::RenameEnumValue { name, from, to } => {
            format!(
                "ALTER TYPE {} RENAME VALUE {} TO {};",
                name.sql(DIALECT),
                DIALECT.literal(from),
                DIALECT.literal(to)
            )
        }
        Operation::RebuildEnum { from, to, .. } => return Ok(enums::rebuild(from, to, context)),
        Operation::CreateTable { table } => create_table_as(table, &table.name, DIALECT, false),
        Operation::DropTable { table } => format!("DROP TABLE {};", table.name.sql(DIALECT)),
        Operation::RenameTable { from, to } => rename("TABLE", from, to),
        Operation::RenameColumn { table, from, to } => {
            alter(table, &[format!("RENAME COLUMN {} TO {}", DIALECT.quote(from), DIALECT.quote(to))])
        }
        Operation::AddColumn { .. }
        | Operation::DropColumn { .. }
        | Operation::AlterType { .. }
        | Operation::SetNotNull { .. }
        | Operation::DropNotNull { .. }
        | Operation::AlterDefault { .. }
        | Operation::AlterColumnKind { .. } => return column::statements(operation, context),
        Operation::AddPrimaryKey { table, key } => add(table, &primary_key(table, key, DIALECT)),
        Operation::DropPrimaryKey { table, key } => drop_constraint(table, &primary_key_name(table, key, context)),
        Operation::AddUnique { table, unique: added } => add(table, &unique(table, added, DIALECT)),
        Operation::DropUnique { table, unique } => drop_constraint(table, &unique_name(table, unique, context)),
        Operation::AddCheck { table, check } => add_check(context.after(table)?, check),
        Operation::DropCheck { table, check } => drop_constraint(table, &check_name(table, check, context)),
        Operation::AddExclude { table, exclude: added } => add(table, &exclude(table, added, DIALECT)),
        Operation::DropExclude { table, exclude } => {
            let original = original_name(table, context);
            drop_constraint(table, &names::exclude(&original, exclude.name.as_ref()))
        }
        Operation::AddForeignKey { table, key } => add_foreign_key(table, key, context.to),
        Operation::DropForeignKey { table, key } => drop_constraint(table, &foreign_key_name(table, key, context)),
        Operation::CreateIndex { table, index } => create_index(table, index, DIALECT),
        Operation::DropIndex { table, index } => format!("DROP INDEX {};", table.with_name(&index.name).sql(DIALECT)),
        Operation::CreateTrigger { trigger, .. } => terminated(&trigger.sql),
        Operation::DropTrigger { table, trigger } => {
            format!("DROP TRIGGER {} ON {};", DIALECT.quote(&trigger.name), table.sql(DIALECT))
        }
        Operation::SetComment { table, column, to, .. } => comment(table, column.as_deref(), to.as_deref()),
    };
    Ok(vec![statement])
}

fn alter(table: &Name, actions: &[String]) -> String {
    alter_table(table, actions, DIALECT)
}

fn add(table: &Name, constraint: &str) -> String {
    alter(table, &[format!("ADD {constraint}")])
}

fn drop_constraint(table: &Name, name: &str) -> String {
    alter(table, &[format!("DROP CONSTRAINT {}", DIALECT.quote(name))])
}

/// A rename; one into another schema moves the object first.
fn rename(kind: &str, from: &Name, to: &Name) -> String {
    let mut text = String::new();
    let mut at = from.clone();
    if from.schema != to.schema {
        at.schema = to.schema.clone();
        let schema = to.schema.as_deref().unwrap_or("public");
        text = format!("ALTER {kind} {} SET SCHEMA {};", from.sql(DIALECT), DIALECT.quote(schema));
    }
    if from.name != to.name {
        let gap = if text.is_empty() { "" } else { "\n\n" };
        text.push_str(&format!("{gap}ALTER {kind} {} RENAME TO {};", at.sql(DIALECT), DIALECT.quote(&to.name)));
    }
    text
}

/// Adds a foreign key; the referenced columns are spelled where the catalog knows them.
pub(super) fn add_foreign_key(table: &Name, key: &ForeignKey, catalog: &Catalog) -> String {
    let mut key = key.clone();
    if key.ref_columns.is_empty() {
        key.ref_columns = catalog.table(&key.references).map(|t| t.key_columns().to_vec()).unwrap_or_default();
    }
    let not_valid = if key.valid { "" } else { " NOT VALID" };
    add(table, &format!("{}{not_valid}", foreign_key(table, &key, DIALECT)))
}

/// Adds a check, without a look at the rows where it is `NOT VALID`.
pub(super) fn add_check(table: &Table, added: &Check) -> String {
    let not_valid = if added.valid { "" } else { " NOT VALID" };
    add(&table.name, &format!("{}{not_valid}", check(table, added, DIALECT)))
}

/// A comment on a table or a column; none takes it away.
pub(super) fn comment(table: &Name, column: Option<&str>, text: Option<&str>) -> String {
    let text = text.map_or_else(|| "NULL".to_owned(), |text| DIALECT.literal(text));
    match column {
        Some(column) => format!("COMMENT ON COLUMN {}.{} IS {text};", table.sql(DIALECT), DIALECT.quote(column)),
        None => format!("COMMENT ON TABLE {} IS {text};", table.sql(DIALECT)),
    }
}

// A constraint without a name got its default name from the table's and columns' names at that
// time, and keeps it through renames.

fn original_name(table: &Name, context: &Context<'_>) -> Name {
    context.original(table).map_or_else(|| table.clone(), |t| t.name.clone())
}

fn primary_key_name(table: &Name, key: &PrimaryKey, context: &Context<'_>) -> String {
    names::primary_key(&original_name(table, context), key)
}

fn unique_name(table: &Name, unique: &Unique, context: &Context<'_>) -> String {
    let columns = context.original_columns(table, &unique.columns);
    names::unique(&original_name(table, context), &Unique { columns, ..unique.clone() })
}

fn foreign_key_name(table: &Name, key: &ForeignKey, context: &Context<'_>) -> String {
    let columns = context.original_columns(table, &key.columns);
    names::foreign_key(&original_name(table, context), &ForeignKey { columns, ..key.clone() })
}

fn check_name(table: &Name, check: &Check, context: &Context<'_>) -> String {
    // The renamed table has its checks in the order of the original one.
    let (Some(old), Some(renamed)) = (context.original(table), context.renamed.table(table)) else {
        return names::check(&Table::new(table.clone()), check);
    };
    let position = renamed.checks.iter().position(|c| c == check);
    let original = position.and_then(|at| old.checks.get(at)).unwrap_or(check);
    names::check(old, original)
}

#[cfg(test)]
mod postgres_tests;
#[cfg(test)]
mod tests;
