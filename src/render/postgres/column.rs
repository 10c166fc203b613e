//! PostgreSQL: what happens to columns of tables that have rows.

use super::steps::is_remade;
use super::{DIALECT, alter, enums};
use crate::catalog::{AutoValue, Catalog, Column, Expr, Name, Sequence};
use crate::operation::Operation;
use crate::render::casts::{Cast, cast};
use crate::render::context::Context;
use crate::render::names;
use crate::render::table::{collation_sql, column_definition, identity};

/// A column's operation as statements; any other operation has none here.
pub(super) fn statements(operation: &Operation, context: &Context<'_>) -> Vec<String> {
    match operation {
        Operation::AddColumn { table, column, fill } => match own_sequence(table, column, context.to) {
            Some(sequence) => add_counting(table, column, sequence),
            None => add_column(table, column, fill.as_ref()),
        },
        Operation::DropColumn { table, column } => {
            vec![alter(table, &[format!("DROP COLUMN {}", DIALECT.quote(&column.name))])]
        }
        Operation::AlterType { table, from, to, using } => alter_type(table, from, to, using.as_ref(), context),
        Operation::SetNotNull { table, column, fill } => set_not_null(table, column, fill.as_ref()),
        Operation::DropNotNull { table, column } => vec![alter(table, &[action(column, "DROP NOT NULL")])],
        Operation::AlterDefault { table, to, .. } => alter_default(table, to, context),
        Operation::AlterColumnKind { table, from, to } => alter_kind(table, from, to),
        _ => Vec::new(),
    }
}

fn action(column: &Column, what: &str) -> String {
    format!("ALTER COLUMN {} {what}", DIALECT.quote(&column.name))
}

/// A new column. With a value for the rows that exist it comes as nullable, is filled, and only
/// then gets its default and its NOT NULL.
fn add_column(table: &Name, column: &Column, fill: Option<&Expr>) -> Vec<String> {
    let add = |column: &Column| alter(table, &[format!("ADD COLUMN {}", column_definition(column, DIALECT))]);
    let Some(fill) = fill.filter(|fill| column.default.as_ref() != Some(fill)) else {
        return vec![add(column)];
    };
    let bare = Column { nullable: true, default: None, ..column.clone() };
    let mut statements = vec![add(&bare)];
    statements.push(format!("UPDATE {} SET {} = {fill};", table.sql(DIALECT), DIALECT.quote(&column.name)));
    let mut actions = Vec::new();
    if let Some(default) = &column.default {
        actions.push(action(column, &format!("SET DEFAULT {default}")));
    }
    if !column.nullable {
        actions.push(action(column, "SET NOT NULL"));
    }
    if !actions.is_empty() {
        statements.push(alter(table, &actions));
    }
    statements
}

/// The sequence of a new column that `serial` would make otherwise: under another name, or with options
/// that have to hold when rows that exist get their numbers.
pub(super) fn own_sequence<'c>(table: &Name, column: &Column, to: &'c Catalog) -> Option<&'c Sequence> {
    let Some(AutoValue::Serial { sequence }) = &column.auto else { return None };
    let found = to.sequences.get(sequence)?;
    let made = names::serial_sequence(table, &column.name);
    (made != *sequence || !found.options.is_empty()).then_some(found)
}

/// A new column whose sequence is made before it.
fn add_counting(table: &Name, column: &Column, sequence: &Sequence) -> Vec<String> {
    let name = sequence.name.sql(DIALECT);
    let next = Expr::new(format!("nextval({})", DIALECT.literal(&name)));
    let bare = Column { auto: None, default: Some(next), ..column.clone() };
    let ty = if column.ty.base == "bigint" { String::new() } else { format!(" AS {}", column.ty.base) };
    let create = format!("CREATE SEQUENCE {name}{ty} {}", sequence.options);
    let mut statements = vec![format!("{};", create.trim_end())];
    statements.extend(add_column(table, &bare, None));
    statements.push(format!("ALTER SEQUENCE {name} OWNED BY {}.{};", table.sql(DIALECT), DIALECT.quote(&column.name)));
    statements
}

fn set_not_null(table: &Name, column: &Column, fill: Option<&Expr>) -> Vec<String> {
    let mut statements = Vec::new();
    if let Some(fill) = fill {
        statements.push(fill_nulls(table, &[(column, fill)]));
    }
    statements.push(alter(table, &[action(column, "SET NOT NULL")]));
    statements
}

/// Values for the rows that have none. Several columns are filled at once: a row that got only one
/// of its values might break the check of another.
pub(in crate::render) fn fill_nulls(table: &Name, fills: &[(&Column, &Expr)]) -> String {
    let name = |column: &Column| DIALECT.quote(&column.name);
    let value = |(column, fill): &(&Column, &Expr)| match fills {
        [_] => format!("{} = {fill}", name(column)),
        _ => format!("{0} = coalesce({0}, {fill})", name(column)),
    };
    let values: Vec<String> = fills.iter().map(value).collect();
    let missing: Vec<String> = fills.iter().map(|(column, _)| format!("{} IS NULL", name(column))).collect();
    format!("UPDATE {} SET {} WHERE {};", table.sql(DIALECT), values.join(", "), missing.join(" OR "))
}

/// The default goes before and comes back after where the server could not convert it.
fn alter_type(table: &Name, from: &Column, to: &Column, using: Option<&Expr>, context: &Context<'_>) -> Vec<String> {
    let cast = cast(&DIALECT.quote(&to.name), &from.ty, &to.ty, [&context.renamed, context.to]);
    let mut change = format!("TYPE {}", to.ty.sql(DIALECT));
    if let Some(collation) = &to.collation {
        change.push_str(&format!(" COLLATE {}", collation_sql(collation, DIALECT)));
    }
    match (using, &cast) {
        (Some(using), _) => change.push_str(&format!(" USING {using}")),
        (None, Cast::Using(sql) | Cast::Doubtful(sql)) => change.push_str(&format!(" USING {sql}")),
        (None, Cast::Automatic) => {}
    }
    if !moves_default(from, &cast, context) {
        let mut statements = vec![alter(table, &[action(to, &change)])];
        statements.extend(widen_sequence(from, to));
        return statements;
    }
    let mut actions = vec![action(to, "DROP DEFAULT"), action(to, &change)];
    if let Some(default) = &to.default {
        actions.push(action(to, &format!("SET DEFAULT {default}")));
    }
    vec![alter(table, &actions)]
}

/// A `serial` column's sequence keeps the old type's highest number otherwise.
fn widen_sequence(from: &Column, to: &Column) -> Option<String> {
    let (Some(AutoValue::Serial { sequence }), Some(AutoValue::Serial { .. })) = (&from.auto, &to.auto) else {
        return None;
    };
    let is_integer = matches!(to.ty.base.as_str(), "smallint" | "integer" | "bigint");
    is_integer.then(|| format!("ALTER SEQUENCE {} AS {};", sequence.sql(DIALECT), to.ty.base))
}

/// Whether the default cannot stay: the server does not convert it, or it went with the old type.
fn moves_default(from: &Column, cast: &Cast, context: &Context<'_>) -> bool {
    from.default.is_some() && (*cast != Cast::Automatic || enums::is_rebuilt(&from.ty, context))
}

/// A default that the change of type has set, or that belongs to a sequence, is left alone.
fn alter_default(table: &Name, to: &Column, context: &Context<'_>) -> Vec<String> {
    let converted = context.operations.iter().any(|operation| match operation {
        Operation::AlterType { table: of, from, to: new, .. } if of == table && new.name == to.name => {
            let cast = cast("c", &from.ty, &to.ty, [&context.renamed, context.to]);
            moves_default(from, &cast, context)
        }
        _ => false,
    });
    if converted || enums::sets_default(table, to, context) || to.generated.is_some() || to.auto.is_some() {
        return Vec::new();
    }
    let what =
        to.default.as_ref().map_or_else(|| "DROP DEFAULT".to_owned(), |default| format!("SET DEFAULT {default}"));
    vec![alter(table, &[action(to, &what)])]
}

/// Generation, collation, and where a value comes from when none is given.
fn alter_kind(table: &Name, from: &Column, to: &Column) -> Vec<String> {
    let mut statements = Vec::new();
    if is_remade(from, to) {
        let add = format!("ADD COLUMN {}", column_definition(to, DIALECT));
        return vec![alter(table, &[format!("DROP COLUMN {}", DIALECT.quote(&to.name)), add])];
    }
    if from.generated.is_some() && to.generated.is_none() {
        statements.push(alter(table, &[action(to, "DROP EXPRESSION")]));
    }
    if from.collation != to.collation && from.ty == to.ty {
        let collation = to.collation.as_deref().unwrap_or("default");
        let change = format!("TYPE {} COLLATE {}", to.ty.sql(DIALECT), collation_sql(collation, DIALECT));
        statements.push(alter(table, &[action(to, &change)]));
    }
    if from.auto != to.auto {
        statements.extend(stop_counting(table, from, to));
        statements.extend(start_counting(table, from, to));
    }
    statements
}

fn stop_counting(table: &Name, from: &Column, to: &Column) -> Vec<String> {
    match (&from.auto, &to.auto) {
        // `SET GENERATED` is enough where only the kind changes.
        (Some(AutoValue::Identity { options: a, .. }), Some(AutoValue::Identity { options: b, .. })) if a == b => {
            Vec::new()
        }
        (Some(AutoValue::Identity { .. }), _) => vec![alter(table, &[action(to, "DROP IDENTITY")])],
        (Some(AutoValue::Serial { sequence }), _) => {
            vec![alter(table, &[action(to, "DROP DEFAULT")]), format!("DROP SEQUENCE {};", sequence.sql(DIALECT))]
        }
        (None | Some(AutoValue::Increment), Some(_)) if from.default.is_some() => {
            vec![alter(table, &[action(to, "DROP DEFAULT")])]
        }
        (None | Some(AutoValue::Increment), _) => Vec::new(),
    }
}

/// The first number is the one after the highest that is there.
fn start_counting(table: &Name, from: &Column, to: &Column) -> Vec<String> {
    let (name, column) = (table.sql(DIALECT), DIALECT.quote(&to.name));
    match (&from.auto, &to.auto) {
        (Some(AutoValue::Identity { options: a, .. }), Some(AutoValue::Identity { always, options: b })) if a == b => {
            let when = if *always { "ALWAYS" } else { "BY DEFAULT" };
            vec![alter(table, &[action(to, &format!("SET GENERATED {when}"))])]
        }
        (_, Some(AutoValue::Identity { always, options })) => {
            let mut actions = Vec::new();
            if from.nullable {
                actions.push(action(to, "SET NOT NULL"));
            }
            actions.push(action(to, &format!("ADD {}", identity(*always, options))));
            let sequence = format!("pg_get_serial_sequence({}, {})", DIALECT.literal(&name), DIALECT.literal(&to.name));
            vec![alter(table, &actions), continue_from(&sequence, &name, &column)]
        }
        (_, Some(AutoValue::Serial { sequence })) => {
            let sequence = sequence.sql(DIALECT);
            let text = DIALECT.literal(&sequence);
            let ty = if to.ty.base == "bigint" { String::new() } else { format!(" AS {}", to.ty.base) };
            vec![
                format!("CREATE SEQUENCE {sequence}{ty} OWNED BY {name}.{column};"),
                continue_from(&text, &name, &column),
                alter(table, &[action(to, &format!("SET DEFAULT nextval({text})"))]),
            ]
        }
        (_, Some(AutoValue::Increment) | None) => Vec::new(),
    }
}

fn continue_from(sequence: &str, table: &str, column: &str) -> String {
    format!("SELECT setval({sequence}, coalesce(max({column}), 0) + 1, false) FROM {table};")
}
