//! PostgreSQL: enum types. Values can be added but not taken away or moved, so such a change makes
//! the type anew and converts every column that has it.

use std::collections::{BTreeMap, BTreeSet};

use super::{DIALECT, alter};
use crate::catalog::{Column, EnumType, Name, SqlType, Table};
use crate::operation::{Object, Operation};
use crate::render::context::Context;
use crate::render::table::create_index;

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

/// A comment on a type; none takes it away.
pub(super) fn comment(name: &Name, text: Option<&str>) -> String {
    let text = text.map_or_else(|| "NULL".to_owned(), |text| DIALECT.literal(text));
    format!("COMMENT ON TYPE {} IS {text};", name.sql(DIALECT))
}

/// Types whose new values the script itself uses: a value that was added cannot be used in the
/// same transaction (PostgreSQL manual, ALTER TYPE, Notes), that of a new type can.
pub(in crate::render) fn used_at_once(operations: &[Operation]) -> BTreeSet<Name> {
    let added: Vec<(&Name, &String)> = operations
        .iter()
        .filter_map(|operation| match operation {
            Operation::AddEnumValue { name, value, .. } => Some((name, value)),
            _ => None,
        })
        .collect();
    if added.is_empty() {
        return BTreeSet::new();
    }
    let texts = expressions(operations);
    let used = added.into_iter().filter(|(_, value)| texts.iter().any(|text| names_value(text, value)));
    used.map(|(name, _)| name.clone()).collect()
}

/// Whether an expression has the value as a literal, or as an element of an array's (`'{sad,ok}'`).
fn names_value(text: &str, value: &str) -> bool {
    let arrays = text.split('\'').filter(|piece| piece.starts_with('{'));
    let mut elements = arrays.flat_map(|array| array.split(['{', '}', ',', '"'])).map(str::trim);
    text.contains(&DIALECT.literal(value)) || elements.any(|element| element == value)
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
            Operation::CreateObject { object } => texts.extend(super::create_object(object)),
            Operation::CreatePolicy { table, policy } => texts.push(super::create_policy(table, policy)),
            Operation::CreateTrigger { trigger, .. } => texts.push(trigger.sql.clone()),
            _ => {}
        }
    }
    texts
}

/// The type anew, with rows converted by their text; a value that goes may have another in its
/// place.
pub(super) fn rebuild(
    from: &EnumType,
    to: &EnumType,
    rows: &BTreeMap<String, String>,
    context: &Context<'_>,
) -> Vec<String> {
    let name = to.name.sql(DIALECT);
    let literal = |text: &String| DIALECT.literal(text);
    let value = |column: &str, array: &str| {
        let text = format!("{column}::text{array}");
        let mapped = match (rows.is_empty(), array.is_empty()) {
            (true, _) => text,
            (false, true) => {
                let cases: Vec<String> =
                    rows.iter().map(|(old, new)| format!("WHEN {} THEN {}", literal(old), literal(new))).collect();
                format!("(CASE {text} {} ELSE {text} END)", cases.join(" "))
            }
            (false, false) => rows
                .iter()
                .fold(text, |text, (old, new)| format!("array_replace({text}, {}, {})", literal(old), literal(new))),
        };
        format!("{mapped}::{name}{array}")
    };
    let create = create_enum(to);
    rebuild_type(&Anew { kind: "TYPE", name: &from.name, create, value: &value, plain: "text".to_owned() }, context)
}

/// A type that is made anew.
pub(super) struct Anew<'a> {
    /// As `ALTER` and `DROP` call it.
    pub(super) kind: &'a str,
    pub(super) name: &'a Name,
    pub(super) create: Vec<String>,
    /// The new value of a column, by its name and the brackets of an array.
    pub(super) value: &'a dyn Fn(&str, &str) -> String,
    /// What columns become that get another type later and only have to leave this one.
    pub(super) plain: String,
}

/// The old type steps aside, every column is converted.
pub(super) fn rebuild_type(anew: &Anew<'_>, context: &Context<'_>) -> Vec<String> {
    let Anew { kind, name, .. } = anew;
    let old = name.with_name(format!("{}__old", name.name));
    let mut statements = vec![super::rename(kind, name, &old)];
    statements.extend(anew.create.iter().cloned());
    for table in context.renamed.tables.values().filter(|table| !context.drops(&table.name)) {
        let of_type = |c: &&Column| c.ty.base == name.to_string() && c.generated.is_none();
        let columns: Vec<&Column> = table.columns.iter().map(|column| &**column).filter(of_type).collect();
        if !columns.is_empty() {
            statements.push(convert_columns(table, &columns, anew, context));
        }
    }
    let dropped = context
        .renamed
        .tables
        .values()
        .any(|table| context.drops(&table.name) && table.columns.iter().any(|c| c.ty.base == name.to_string()));
    // Tables that go have the old type to their end.
    let cascade = if dropped { " CASCADE" } else { "" };
    statements.push(format!("DROP {kind} {}{cascade};", old.sql(DIALECT)));
    statements
}

fn convert_columns(table: &Table, columns: &[&Column], anew: &Anew<'_>, context: &Context<'_>) -> String {
    let mut actions = Vec::new();
    for column in columns {
        let name = DIALECT.quote(&column.name);
        let array = if column.ty.array > 0 { "[]" } else { "" };
        let after = context.to.table(&table.name).and_then(|t| t.column(&column.name, DIALECT));
        let kept = after.filter(|after| after.ty == column.ty);
        if column.default.is_some() {
            actions.push(format!("ALTER COLUMN {name} DROP DEFAULT"));
        }
        let (ty, using) = match kept {
            Some(_) => (format!("{}{array}", anew.name.sql(DIALECT)), (anew.value)(&name, array)),
            None => (format!("{}{array}", anew.plain), format!("{name}::{}{array}", anew.plain)),
        };
        actions.push(format!("ALTER COLUMN {name} TYPE {ty} USING {using}"));
        if let Some(default) = kept.filter(|_| column.default.is_some()).and_then(|after| after.default.as_ref()) {
            actions.push(format!("ALTER COLUMN {name} SET DEFAULT {default}"));
        }
    }
    alter(&table.name, &actions)
}

/// Whether making a type anew has already given the column its default.
pub(super) fn sets_default(table: &Name, column: &Column, context: &Context<'_>) -> bool {
    let Some(before) = context.column_before(table, &column.name) else { return false };
    is_rebuilt(&column.ty, context) && before.default.is_some() && before.ty == column.ty
}

/// Whether the script makes a type anew.
pub(super) fn is_rebuilt(ty: &SqlType, context: &Context<'_>) -> bool {
    context.operations.iter().any(|operation| match operation {
        Operation::RebuildEnum { from, .. } => from.name.to_string() == ty.base,
        Operation::ChangeObject { from: Object::Domain(from), to: Object::Domain(to) } => {
            from.base != to.base && from.name.to_string() == ty.base
        }
        _ => false,
    })
}
