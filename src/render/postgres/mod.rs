//! PostgreSQL: each operation as the statements that an engineer would write by hand, one step at
//! a time, constraints under the names that they have or get. Columns and enum types have files of
//! their own.

mod column;
mod enums;
mod objects;
mod steps;

use std::collections::BTreeSet;

pub(super) use self::column::fill_nulls;
pub(super) use self::enums::{create_enum, used_at_once};
pub(super) use self::objects::{comment_on, create as create_object, create_policy};
pub(super) use self::steps::steps;
use super::context::Context;
use super::names;
use super::table::{alter_table, check, create_index, create_table_as, exclude, foreign_key, primary_key, unique};
use super::text::terminated;
use crate::catalog::{AutoValue, Catalog, Check, ForeignKey, Name, PrimaryKey, Table, TableOptions, Unique};
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::operation::{Object, Operation};

const DIALECT: Dialect = Dialect::Postgres;

/// All operations as statements.
pub(super) fn statements(context: &Context<'_>) -> Result<Vec<String>> {
    let mut statements = new_schemas(context);
    for operation in context.operations {
        let mut found = one(operation, context)?;
        if let Some(first) = found.first_mut() {
            first.insert_str(0, &context.loss_comment(operation));
        }
        statements.extend(found);
    }
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
        .filter(|schema| !context.renamed.schemas.contains(*schema) && !context.to.schemas.contains(*schema))
        .collect();
    needed.into_iter().map(|schema| format!("CREATE SCHEMA IF NOT EXISTS {};", DIALECT.quote(schema))).collect()
}

/// One operation.
fn one(operation: &Operation, context: &Context<'_>) -> Result<Vec<String>> {
    let statement = match operation {
        Operation::CreateEnum { ty } => return Ok(create_enum(ty)),
        Operation::DropEnum { ty } => format!("DROP TYPE {};", ty.name.sql(DIALECT)),
        Operation::RenameEnum { from, to } => rename("TYPE", from, to),
        Operation::AddEnumValue { name, value, before } => enums::add_value(name, value, before.as_deref()),
        Operation::RenameEnumValue { name, from, to } => {
            format!(
                "ALTER TYPE {} RENAME VALUE {} TO {};",
                name.sql(DIALECT),
                DIALECT.literal(from),
                DIALECT.literal(to)
            )
        }
        Operation::RebuildEnum { from, to, rows, .. } => return Ok(enums::rebuild(from, to, rows, context)),
        Operation::CommentEnum { name, to, .. } => enums::comment(name, to.as_deref()),
        Operation::Comment { on, to, .. } => objects::comment_on(on, to.as_deref(), context.to),
        Operation::CreateObject { object } => return Ok(objects::create(object)),
        Operation::DropObject { object } => {
            refuse_lost(object, context)?;
            objects::drop(object)
        }
        Operation::ChangeObject { from, to } => return Ok(objects::change(from, to, context)),
        Operation::ChangeOptions { table, from, to } => return change_options(table, from, to),
        Operation::CreateTable { table } => return Ok(create_table(table)),
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
        | Operation::AlterColumnKind { .. } => return Ok(column::statements(operation, context)),
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
        Operation::RenameIndex { table, from, index } => {
            rename("INDEX", &table.with_name(from), &table.with_name(&index.name))
        }
        Operation::RenameConstraint { table, from, to } => {
            alter(table, &[format!("RENAME CONSTRAINT {} TO {}", DIALECT.quote(from), DIALECT.quote(to))])
        }
        Operation::ValidateCheck { table, check } => validate(table, &check_name(table, check, context)),
        Operation::ValidateForeignKey { table, key } => validate(table, &foreign_key_name(table, key, context)),
        Operation::CreateTrigger { trigger, .. } => terminated(&trigger.sql),
        Operation::DropTrigger { table, trigger } => {
            format!("DROP TRIGGER {} ON {};", DIALECT.quote(&trigger.name), table.sql(DIALECT))
        }
        Operation::CreatePolicy { table, policy } => objects::create_policy(table, policy),
        Operation::DropPolicy { table, policy } => {
            format!("DROP POLICY {} ON {};", DIALECT.quote(&policy.name), table.sql(DIALECT))
        }
        Operation::SetComment { table, column, to, .. } => comment(table, column.as_deref(), to.as_deref()),
    };
    Ok(vec![statement])
}

/// A view that has to be made again, from a text that could not follow the renames before.
fn refuse_lost(object: &Object, context: &Context<'_>) -> Result<()> {
    let name = object.name();
    let again =
        context.operations.iter().any(|o| matches!(o, Operation::CreateObject { object } if object.name() == name));
    if !again || !context.lost.contains(&name) || context.renamed.views.get(&name) != context.to.views.get(&name) {
        return Ok(());
    }
    Err(Error::undecided(format!(
        "view {name} has to be dropped and made again, and what it names of the renamed columns is not sure"
    ))
    .hint("rename in a revision of its own, then change the rest: cargo ops-migrate create with the rename alone")
    .hint(format!("or drop {name} by hand in a revision before, and create it again after")))
}

/// A new table without its foreign keys. What CREATE TABLE cannot say comes behind it.
pub(super) fn create_table(table: &Table) -> Vec<String> {
    let mut statements = vec![create_table_as(&without_invalid(table), &table.name, DIALECT, false)];
    statements.extend(renamed_sequences(table));
    let security = row_security(&TableOptions::default(), &table.options);
    if !security.is_empty() {
        statements.push(alter(&table.name, &security));
    }
    statements.extend(table.checks.iter().filter(|c| !c.valid).map(|c| add_check(table, c)));
    statements
}

/// `serial` makes a sequence of a default name, but a renamed table or column keeps the one it had.
fn renamed_sequences(table: &Table) -> impl Iterator<Item = String> + '_ {
    table.columns.iter().filter_map(|column| {
        let Some(AutoValue::Serial { sequence }) = &column.auto else { return None };
        let made = names::serial_sequence(&table.name, &column.name);
        let sql = |name: &Name| name.sql(DIALECT);
        let to = DIALECT.quote(&sequence.name);
        (made != *sequence && made.schema == sequence.schema)
            .then(|| format!("ALTER SEQUENCE {} RENAME TO {to};", sql(&made)))
    })
}

/// The table without checks that are NOT VALID, which CREATE TABLE cannot say; the others by name,
/// so that leaving some out renames none.
fn without_invalid(table: &Table) -> Table {
    let named = |check: &Check| Check { name: Some(names::check(table, check)), ..check.clone() };
    let checks = table.checks.iter().filter(|check| check.valid).map(named).collect();
    Table { checks, ..table.clone() }
}

/// `ALTER TABLE` with one or several actions; several, or a long one, stand on lines of their own.
fn alter(table: &Name, actions: &[String]) -> String {
    alter_table(table, actions, DIALECT)
}

fn add(table: &Name, constraint: &str) -> String {
    alter(table, &[format!("ADD {constraint}")])
}

fn drop_constraint(table: &Name, name: &str) -> String {
    alter(table, &[format!("DROP CONSTRAINT {}", DIALECT.quote(name))])
}

fn validate(table: &Name, name: &str) -> String {
    alter(table, &[format!("VALIDATE CONSTRAINT {}", DIALECT.quote(name))])
}

/// What a table is a partition of, and whether it is logged, can be changed; how it is partitioned
/// cannot.
fn change_options(table: &Name, from: &TableOptions, to: &TableOptions) -> Result<Vec<String>> {
    if from.partition_by != to.partition_by {
        let key = |options: &TableOptions| options.partition_by.clone().unwrap_or_else(|| "none".to_owned());
        let (from, to) = (key(from), key(to));
        return Err(Error::undecided(format!(
            "the partition key of {table} changes from {from} to {to}, which no ALTER TABLE does"
        ))
        .hint(
            "write the change by hand: make the table anew and copy its rows (cargo ops-migrate create --empty \"…\")",
        ));
    }
    let mut statements = Vec::new();
    if (&from.partition_of, &from.partition_bounds) != (&to.partition_of, &to.partition_bounds) {
        let name = table.sql(DIALECT);
        statements.extend(from.partition_of.iter().map(|parent| alter(parent, &[format!("DETACH PARTITION {name}")])));
        if let Some(parent) = &to.partition_of {
            let bounds = bounds(table, to)?;
            statements.push(alter(parent, &[format!("ATTACH PARTITION {name} {bounds}")]));
        }
    }
    let mut actions = row_security(from, to);
    if from.unlogged != to.unlogged {
        actions.push(if to.unlogged { "SET UNLOGGED" } else { "SET LOGGED" }.to_owned());
    }
    if !actions.is_empty() {
        statements.push(alter(table, &actions));
    }
    Ok(statements)
}

/// Which rows a partition has.
fn bounds<'o>(table: &Name, options: &'o TableOptions) -> Result<&'o str> {
    options.partition_bounds.as_ref().map(|bounds| bounds.sql.as_str()).ok_or_else(|| {
        Error::undecided(format!("which rows the partition {table} has is not known"))
            .hint("write the change by hand: cargo ops-migrate create --empty \"…\"")
    })
}

/// Actions that switch row security on or off.
fn row_security(from: &TableOptions, to: &TableOptions) -> Vec<String> {
    let mut actions = Vec::new();
    if from.row_security != to.row_security {
        actions.push(if to.row_security { "ENABLE ROW LEVEL SECURITY" } else { "DISABLE ROW LEVEL SECURITY" });
    }
    if from.forced_row_security != to.forced_row_security {
        actions.push(if to.forced_row_security { "FORCE ROW LEVEL SECURITY" } else { "NO FORCE ROW LEVEL SECURITY" });
    }
    actions.into_iter().map(ToOwned::to_owned).collect()
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
