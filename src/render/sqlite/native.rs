//! SQLite: which changes `ALTER TABLE` can do, and which tables have to be made anew instead
//! (sqlite.org/lang_altertable.html sections 4 to 6).

use super::DIALECT;
use crate::catalog::{AutoValue, Check, Column, Expr, ForeignKey, Index, Name, Table};
use crate::error::{Error, Result};
use crate::operation::Operation;
use crate::render::context::Context;
use crate::render::table::{check, column_definition, create_index, references};
use crate::render::text::{is_literal, mentions};

/// Which tables are made anew, sorted by name.
pub(super) struct Plan {
    pub(super) rebuilt: Vec<Name>,
}

impl Plan {
    pub(super) fn new(context: &Context<'_>) -> Result<Self> {
        let mut rebuilt: Vec<Name> = Vec::new();
        for operation in context.operations {
            let Some(table) = operation.table() else { continue };
            let elsewhere = context.creates(table) || context.drops(table) || rebuilt.contains(table);
            if !elsewhere && !is_native(operation, context) {
                if context.after(table)?.options.virtual_module.is_some() {
                    return Err(Error::undecided(format!("{table} is a virtual table, which cannot be changed"))
                        .hint("write the change by hand: drop the table and create it again"));
                }
                rebuilt.push(table.clone());
            }
        }
        rebuilt.sort();
        Ok(Self { rebuilt })
    }

    pub(super) fn rebuilds(&self, table: &Name) -> bool {
        self.rebuilt.contains(table)
    }
}

/// Whether an operation on a table that stays needs no new table.
fn is_native(operation: &Operation, context: &Context<'_>) -> bool {
    match operation {
        Operation::CreateEnum { .. }
        | Operation::DropEnum { .. }
        | Operation::RenameEnum { .. }
        | Operation::AddEnumValue { .. }
        | Operation::RenameEnumValue { .. }
        | Operation::RebuildEnum { .. }
        | Operation::CommentEnum { .. }
        | Operation::Comment { .. }
        | Operation::CreateObject { .. }
        | Operation::DropObject { .. }
        | Operation::ChangeObject { .. }
        | Operation::RenameIndex { .. }
        | Operation::RenameConstraint { .. }
        | Operation::ValidateCheck { .. }
        | Operation::ValidateForeignKey { .. }
        | Operation::CreateTable { .. }
        | Operation::DropTable { .. }
        | Operation::RenameTable { .. }
        | Operation::RenameColumn { .. }
        | Operation::CreateIndex { .. }
        | Operation::DropIndex { .. }
        | Operation::CreateTrigger { .. }
        | Operation::DropTrigger { .. }
        | Operation::CreatePolicy { .. }
        | Operation::DropPolicy { .. }
        | Operation::SetComment { .. } => true,
        Operation::AddColumn { table, column, fill } => can_add(table, column, fill.as_ref(), context),
        Operation::DropColumn { table, column } => can_drop(table, column, context),
        Operation::AddForeignKey { table, key } => inline_key_column(table, key, context).is_some(),
        Operation::AddCheck { table, check } => inline_check_column(table, check, context).is_some(),
        Operation::AlterType { .. }
        | Operation::SetNotNull { .. }
        | Operation::DropNotNull { .. }
        | Operation::AlterDefault { .. }
        | Operation::AlterColumnKind { .. }
        | Operation::AddPrimaryKey { .. }
        | Operation::DropPrimaryKey { .. }
        | Operation::AddUnique { .. }
        | Operation::DropUnique { .. }
        | Operation::DropCheck { .. }
        | Operation::AddExclude { .. }
        | Operation::DropExclude { .. }
        | Operation::ChangeOptions { .. }
        | Operation::DropForeignKey { .. } => false,
    }
}

/// A NOT NULL column without a value for the rows that exist is left to SQLite, which takes it
/// while the table is empty and refuses it otherwise.
fn can_add(table: &Name, column: &Column, fill: Option<&Expr>, context: &Context<'_>) -> bool {
    let stored = column.generated.as_ref().is_some_and(|g| g.stored);
    let constant = column.default.as_ref().is_none_or(|default| is_literal(&default.sql));
    let filled = fill.is_none_or(|fill| column.nullable || column.default.as_ref() == Some(fill));
    let is_key = context.to.table(table).is_some_and(|t| {
        t.key_columns().contains(&column.name) || t.uniques.iter().any(|u| u.columns.contains(&column.name))
    });
    let counted = column.auto == Some(AutoValue::Increment);
    !stored && constant && filled && !is_key && !counted
}

/// The added column at which a new foreign key can stand.
fn inline_key_column<'c>(table: &Name, key: &ForeignKey, context: &Context<'c>) -> Option<&'c Column> {
    let [name] = key.columns.as_slice() else { return None };
    added_columns(table, context)
        .find(|column| column.name == *name)
        // With foreign keys on, SQLite refuses any default but NULL here.
        .filter(|column| column.default.as_ref().is_none_or(|d| d.sql.eq_ignore_ascii_case("null")))
}

/// The added column at which a new check can stand: the only one of the added that it mentions.
fn inline_check_column<'c>(table: &Name, check: &Check, context: &Context<'c>) -> Option<&'c Column> {
    let mut mentioned = added_columns(table, context).filter(|c| mentions(&check.expr.sql, &c.name, DIALECT));
    mentioned.next().filter(|_| mentioned.next().is_none())
}

fn added_columns<'c>(table: &Name, context: &Context<'c>) -> impl Iterator<Item = &'c Column> {
    context.operations.iter().filter_map(move |operation| match operation {
        Operation::AddColumn { table: of, column, .. } if of == table => Some(column),
        _ => None,
    })
}

/// `ADD COLUMN` with the constraints of the script that fit into it.
pub(super) fn add_column(table: &Name, column: &Column, fill: Option<&Expr>, context: &Context<'_>) -> Vec<String> {
    let mut text = format!("ALTER TABLE {} ADD COLUMN {}", table.sql(DIALECT), column_definition(column, DIALECT));
    for operation in context.operations {
        match operation {
            Operation::AddForeignKey { table: of, key }
                if of == table && inline_key_column(table, key, context) == Some(column) =>
            {
                let name = key.name.as_ref().map(|n| format!(" CONSTRAINT {}", DIALECT.quote(n))).unwrap_or_default();
                text.push_str(&format!("{name} {}", references(key, DIALECT)));
            }
            Operation::AddCheck { table: of, check: added }
                if of == table && inline_check_column(table, added, context) == Some(column) =>
            {
                text.push_str(&format!(" {}", check(&Table::new(table.clone()), added, DIALECT)));
            }
            _ => {}
        }
    }
    let mut statements = vec![text + ";"];
    if let Some(fill) = fill.filter(|fill| column.default.as_ref() != Some(fill)) {
        statements.push(format!("UPDATE {} SET {} = {fill};", table.sql(DIALECT), DIALECT.quote(&column.name)));
    }
    statements
}

/// Whether nothing uses the column: SQLite refuses to drop it then, or worse, does not.
fn can_drop(table: &Name, column: &Column, context: &Context<'_>) -> bool {
    let name = column.name.as_str();
    let Some(before) = context.renamed.table(table) else { return false };
    let own = [Some(before), context.to.table(table)].into_iter().flatten().any(|t| in_constraint(t, name));
    let indexed = before.indexes.iter().any(|index| in_index(table, index, name) && !is_dropped(index, context));
    let in_trigger = [&context.renamed, context.to]
        .into_iter()
        .flat_map(|catalog| catalog.tables.values().flat_map(|t| &t.triggers))
        .any(|trigger| mentions(&trigger.sql, name, DIALECT));
    let in_view = [&context.renamed, context.to]
        .into_iter()
        .flat_map(|catalog| catalog.views.values())
        .any(|view| mentions(&view.sql, name, DIALECT));
    let referenced =
        context.renamed.referencing(table).any(|(_, key)| key.ref_columns.iter().any(|c| DIALECT.same_name(c, name)));
    !(own || indexed || in_trigger || in_view || referenced)
}

fn in_constraint(table: &Table, column: &str) -> bool {
    let has = |columns: &[String]| columns.iter().any(|c| DIALECT.same_name(c, column));
    has(table.key_columns())
        || table.uniques.iter().any(|u| has(&u.columns))
        || table.foreign_keys.iter().any(|k| has(&k.columns))
        || table.checks.iter().any(|c| mentions(&c.expr.sql, column, DIALECT))
        || table
            .columns
            .iter()
            .filter_map(|c| c.generated.as_ref())
            .any(|generated| mentions(&generated.expr.sql, column, DIALECT))
}

fn in_index(table: &Name, index: &Index, column: &str) -> bool {
    // The name of the index may be that of the column.
    let unnamed = Index { name: "_".to_owned(), ..index.clone() };
    mentions(&create_index(&Name::new(format!("{}_", table.name)), &unnamed, DIALECT), column, DIALECT)
}

fn is_dropped(index: &Index, context: &Context<'_>) -> bool {
    context.operations.iter().any(|operation| match operation {
        Operation::DropIndex { index: dropped, .. } => dropped.name == index.name,
        Operation::RenameIndex { from, .. } => *from == index.name,
        _ => false,
    })
}
