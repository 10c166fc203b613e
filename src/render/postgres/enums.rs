//! PostgreSQL: enum types. Values can be added but not taken away or moved, so such a change makes
//! the type anew and converts every column that has it.

use std::collections::BTreeSet;

use super::{DIALECT, alter};
use crate::catalog::{Check, Column, EnumType, Index, IndexKey, Name, Table};
use crate::operation::Operation;
use crate::render::context::Context;
use crate::render::table::create_index;
use crate::render::text::mentions;

/// A new type, with its comment.
pub(in crate::render) fn create_enum(ty: &EnumType) -> Vec<String> {
    let name = ty.name.sql(DIALECT);
    let values = ty.values.iter().map(|value| DIALECT.literal(value)).collect::<Vec<_>>().join(", ");
    let mut statements = vec![format!("CREATE TYPE {name} AS ENUM ({values});")];
    if let Some(comment) = &ty.comment {
        statements.push(format!("COMMENT ON TYPE {name} IS {};", DIALECT.literal(comment)));
    }
    statements
}

pub(super) fn add_value(name: &Name, value: &str, before: Option<&str>) -> String {
    let position = before.map(|next| format!(" BEFORE {}", DIALECT.literal(next))).unwrap_or_default();
    format!("ALTER TYPE {} ADD VALUE {}{position};", name.sql(DIALECT), DIALECT.literal(value))
}

/// Types whose new values the script itself uses: a value that was added cannot be used in the
/// same transaction (PostgreSQL manual, ALTER TYPE, Notes), that of a new type can.
pub(super) fn rebuilt_for_use(context: &Context<'_>) -> BTreeSet<Name> {
    let texts = expressions(context.operations);
    context
        .operations
        .iter()
        .filter_map(|operation| match operation {
            Operation::AddEnumValue { name, value, .. } => Some((name, DIALECT.literal(value))),
            _ => None,
        })
        .filter(|(_, literal)| texts.iter().any(|text| text.contains(literal)))
        .map(|(name, _)| name.clone())
        .collect()
}

/// Every expression that the server evaluates or stores when the operations run.
fn expressions(operations: &[Operation]) -> Vec<String> {
    let mut texts = Vec::new();
    for operation in operations {
        match operation {
            Operation::AddColumn { column, fill, .. } | Operation::SetNotNull { column, fill, .. } => {
                texts.extend(fill.iter().chain(&column.default).map(|e| e.sql.clone()));
                texts.extend(column.generated.iter().map(|g| g.expr.sql.clone()));
            }
            Operation::AlterType { to, using, .. } => {
                texts.extend(using.iter().chain(&to.default).map(|e| e.sql.clone()));
            }
            Operation::AlterDefault { to, .. } => texts.extend(to.default.iter().map(|e| e.sql.clone())),
            Operation::AlterColumnKind { to, .. } => texts.extend(to.generated.iter().map(|g| g.expr.sql.clone())),
            Operation::AddCheck { check, .. } => texts.push(check.expr.sql.clone()),
            Operation::AddExclude { exclude, .. } => texts.push(exclude.text.sql.clone()),
            Operation::CreateIndex { table, index } => texts.push(create_index(table, index, DIALECT)),
            Operation::CreateTable { table } => {
                texts.push(crate::render::table::create_table_as(table, &table.name, DIALECT, false));
            }
            _ => {}
        }
    }
    texts
}

/// The rebuild that stands for all values that are added to a type, at the first of them.
pub(super) fn rebuild_instead(operation: &Operation, name: &Name, context: &Context<'_>) -> Vec<String> {
    let first = context.operations.iter().find(|o| matches!(o, Operation::AddEnumValue { name: n, .. } if n == name));
    let (Some(old), Some(new)) = (context.renamed.enums.get(name), context.to.enums.get(name)) else {
        return Vec::new();
    };
    if first == Some(operation) { rebuild(old, new, context) } else { Vec::new() }
}

/// The type anew: the old one steps aside, every column is converted by its text, checks and
/// indexes that compare with the old type are made again.
pub(super) fn rebuild(from: &EnumType, to: &EnumType, context: &Context<'_>) -> Vec<String> {
    let old = from.name.with_name(format!("{}__old", from.name.name));
    let mut before = Vec::new();
    let mut convert = Vec::new();
    let mut after = Vec::new();
    for table in context.renamed.tables.values() {
        let columns: Vec<&Column> = table.columns.iter().filter(|c| c.ty.base == from.name.to_string()).collect();
        if columns.is_empty() {
            continue;
        }
        convert.push(convert_columns(table, &columns, to, context));
        for check in checks_of(table, &columns, context) {
            let (drop, add) = around_check(table, check, context);
            before.push(drop);
            after.push(add);
        }
        for index in indexes_of(table, &columns, context) {
            before.push(format!("DROP INDEX {};", table.name.with_name(&index.name).sql(DIALECT)));
            after.push(create_index(&table.name, index, DIALECT));
        }
    }
    let mut statements = before;
    statements.push(super::rename("TYPE", &from.name, &old));
    statements.extend(create_enum(to));
    statements.extend(convert);
    statements.push(format!("DROP TYPE {};", old.sql(DIALECT)));
    statements.extend(after);
    statements
}

fn convert_columns(table: &Table, columns: &[&Column], to: &EnumType, context: &Context<'_>) -> String {
    let mut actions = Vec::new();
    for column in columns {
        let name = DIALECT.quote(&column.name);
        let dimensions = if column.ty.array > 0 { "[]" } else { "" };
        let after = context.to.table(&table.name).and_then(|t| t.column(&column.name, DIALECT));
        // One that goes or gets another type later only has to leave the old type.
        let kept = after.filter(|after| after.ty == column.ty);
        let target = if kept.is_some() { to.name.sql(DIALECT) } else { "text".to_owned() };
        let cast = if kept.is_some() { format!("::{target}{dimensions}") } else { String::new() };
        if column.default.is_some() {
            actions.push(format!("ALTER COLUMN {name} DROP DEFAULT"));
        }
        let using = format!("{name}::text{dimensions}{cast}");
        actions.push(format!("ALTER COLUMN {name} TYPE {target}{dimensions} USING {using}"));
        if let Some(default) = kept.filter(|_| column.default.is_some()).and_then(|after| after.default.as_ref()) {
            actions.push(format!("ALTER COLUMN {name} SET DEFAULT {default}"));
        }
    }
    alter(&table.name, &actions)
}

/// Whether making a type anew has already given the column its default.
pub(super) fn sets_default(table: &Name, column: &Column, context: &Context<'_>) -> bool {
    let Some(before) = context.column_before(table, &column.name) else { return false };
    let for_use = rebuilt_for_use(context);
    let is_type = |name: &Name| name.to_string() == column.ty.base;
    let rebuilt = for_use.iter().any(is_type)
        || context.operations.iter().any(|o| matches!(o, Operation::RebuildEnum { from, .. } if is_type(&from.name)));
    rebuilt && before.default.is_some() && before.ty == column.ty
}

/// Checks that mention one of the columns and are there when the type changes.
fn checks_of<'t>(table: &'t Table, columns: &[&Column], context: &Context<'_>) -> Vec<&'t Check> {
    let gone = |check: &Check| {
        let drop =
            |o: &Operation| matches!(o, Operation::DropCheck { table: t, check: c } if *t == table.name && c == check);
        context.operations.iter().any(drop)
    };
    let uses = |check: &&Check| columns.iter().any(|c| mentions(&check.expr.sql, &c.name, DIALECT));
    table.checks.iter().filter(uses).filter(|check| !gone(check)).collect()
}

fn around_check(table: &Table, check: &Check, context: &Context<'_>) -> (String, String) {
    let name = super::check_name(&table.name, check, context);
    let named = Check { name: Some(name.clone()), ..check.clone() };
    (super::drop_constraint(&table.name, &name), super::add_check(table, &named))
}

/// Indexes whose predicate or expressions mention one of the columns; the others survive.
fn indexes_of<'t>(table: &'t Table, columns: &[&Column], context: &Context<'_>) -> Vec<&'t Index> {
    let gone = |index: &Index| {
        let drop = |o: &Operation| matches!(o, Operation::DropIndex { index: i, .. } if i.name == index.name);
        context.operations.iter().any(drop)
    };
    let texts = |index: &Index| -> Vec<String> {
        let keys = index.parts.iter().filter_map(|part| match &part.key {
            IndexKey::Expr(expr) => Some(expr.sql.clone()),
            IndexKey::Column(_) => None,
        });
        keys.chain(index.predicate.iter().map(|p| p.sql.clone())).collect()
    };
    let uses =
        |index: &&Index| texts(index).iter().any(|text| columns.iter().any(|c| mentions(text, &c.name, DIALECT)));
    table.indexes.iter().filter(uses).filter(|index| !gone(index)).collect()
}
