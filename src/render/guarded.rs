//! Operations as SQL that does something only where it is needed: for a revision that puts a database
//! right which is not what its revisions make, and that every other database of the project runs,
//! too. PostgreSQL is asked by a DO block before each operation; MariaDB and SQLite have
//! `IF [NOT] EXISTS` for some of them. What has no guard in a dialect is named.

use super::context::Context;
use super::{names, render};
use crate::catalog::{Catalog, Name};
use crate::dialect::Dialect;
use crate::error::Result;
use crate::operation::{Object, Operation};

/// What can be guarded, and what cannot.
#[derive(Debug, Clone, Default)]
pub struct Guarded {
    pub statements: Vec<String>,
    /// The operations without a guard, in words.
    pub bare: Vec<String>,
}

/// Renders operations one by one, each behind its guard. `is_mariadb` tells MariaDB from MySQL, which
/// has no such guards. `defined` gives the server's own text of what an operation drops: what is to go
/// has a right form elsewhere, and only the wrong one goes.
///
/// # Errors
/// As [`render`].
pub fn guarded(
    operations: &[Operation],
    from: &Catalog,
    to: &Catalog,
    is_mariadb: bool,
    defined: &dyn Fn(&Operation) -> Option<String>,
) -> Result<Guarded> {
    let mut found = Guarded::default();
    for group in groups(operations, from.dialect) {
        let rendered = render(group, from, to)?;
        let context = Context::new(group, from, to, true);
        let sql = match (from.dialect, group) {
            (Dialect::Postgres, [operation]) => on_postgres(operation, &rendered.statements, &context, defined),
            (Dialect::Mysql, _) if !is_mariadb => None,
            (dialect, group) => {
                let words: Option<Vec<_>> = group.iter().map(|operation| words(operation, dialect)).collect();
                words.map(|words| replaced(rendered.statements, &words.concat()))
            }
        };
        match sql {
            Some(statements) => found.statements.extend(statements),
            None => found.bare.extend(group.iter().map(Operation::describe)),
        }
    }
    Ok(found)
}

/// What is rendered together: where CREATE TABLE says all of a table, with what is said of it.
fn groups(operations: &[Operation], dialect: Dialect) -> Vec<&[Operation]> {
    if dialect == Dialect::Postgres {
        return operations.chunks(1).collect();
    }
    let made: Vec<&Name> = operations
        .iter()
        .filter_map(|operation| match operation {
            Operation::CreateTable { table } => Some(&table.name),
            _ => None,
        })
        .collect();
    let is_of_made = |operation: &Operation| operation.table().is_some_and(|table| made.contains(&table));
    operations.chunk_by(|a, b| is_of_made(a) && is_of_made(b)).collect()
}

/// Words of a statement and what they are with a guard; `None` where the dialect has none.
fn words(operation: &Operation, dialect: Dialect) -> Option<Vec<(&'static str, &'static str)>> {
    let is_mariadb = dialect == Dialect::Mysql;
    Some(match operation {
        Operation::CreateTable { .. } => vec![("CREATE TABLE ", "CREATE TABLE IF NOT EXISTS ")],
        Operation::DropTable { .. } => vec![("DROP TABLE ", "DROP TABLE IF EXISTS ")],
        Operation::CreateIndex { .. } if is_mariadb => vec![("ADD KEY ", "ADD KEY IF NOT EXISTS "), UNIQUE],
        Operation::CreateIndex { .. } => {
            vec![("CREATE INDEX ", "CREATE INDEX IF NOT EXISTS "), UNIQUE_INDEX]
        }
        Operation::DropIndex { .. } if is_mariadb => vec![("DROP KEY ", "DROP KEY IF EXISTS ")],
        Operation::DropIndex { .. } => vec![("DROP INDEX ", "DROP INDEX IF EXISTS ")],
        Operation::AddUnique { .. } if is_mariadb => vec![UNIQUE],
        Operation::AddColumn { fill: None, .. } if is_mariadb => vec![("ADD COLUMN ", "ADD COLUMN IF NOT EXISTS ")],
        Operation::DropColumn { .. } if is_mariadb => vec![("DROP COLUMN ", "DROP COLUMN IF EXISTS ")],
        Operation::AddForeignKey { .. } if is_mariadb => {
            vec![(" FOREIGN KEY (", " FOREIGN KEY IF NOT EXISTS (")]
        }
        // The same again is nothing.
        Operation::DropNotNull { .. }
        | Operation::SetNotNull { fill: None, .. }
        | Operation::AlterType { using: None, .. }
        | Operation::AlterDefault { .. }
        | Operation::SetComment { .. }
            if is_mariadb =>
        {
            Vec::new()
        }
        // Said in CREATE TABLE.
        Operation::AddForeignKey { .. } | Operation::SetComment { .. } if !is_mariadb => Vec::new(),
        _ => return None,
    })
}

const UNIQUE: (&str, &str) = ("ADD UNIQUE KEY ", "ADD UNIQUE KEY IF NOT EXISTS ");
const UNIQUE_INDEX: (&str, &str) = ("CREATE UNIQUE INDEX ", "CREATE UNIQUE INDEX IF NOT EXISTS ");

fn replaced(statements: Vec<String>, words: &[(&str, &str)]) -> Vec<String> {
    let one = |statement: String| {
        let mut done: Vec<&str> = Vec::new();
        words.iter().fold(statement, |text, (from, to)| {
            if done.contains(from) {
                return text;
            }
            done.push(from);
            text.replace(from, to)
        })
    };
    statements.into_iter().map(one).collect()
}

/// The statements in a DO block that asks first; as they are where they do nothing a second time.
fn on_postgres(
    operation: &Operation,
    statements: &[String],
    context: &Context<'_>,
    defined: &dyn Fn(&Operation) -> Option<String>,
) -> Option<Vec<String>> {
    let asked = match operation {
        Operation::AddEnumValue { .. } => {
            let same = |text: &String| text.replace(" ADD VALUE ", " ADD VALUE IF NOT EXISTS ");
            return Some(statements.iter().map(same).collect());
        }
        Operation::DropNotNull { .. }
        | Operation::AlterDefault { .. }
        | Operation::SetComment { .. }
        | Operation::Comment { .. }
        | Operation::CommentEnum { .. }
        | Operation::ChangeObject { .. } => return Some(statements.to_vec()),
        _ => condition(operation, context, defined)?,
    };
    let inner: Vec<String> = statements.iter().map(|statement| indented(&performed(statement))).collect();
    Some(vec![format!("DO $repair$\nBEGIN\n    IF {asked} THEN\n{}\n    END IF;\nEND $repair$;", inner.join("\n\n"))])
}

/// Set off, where no text in the statement can be meant as it stands.
fn indented(statement: &str) -> String {
    if statement.contains(['\'', '$']) && statement.contains('\n') {
        return statement.to_owned();
    }
    statement.lines().map(|line| format!("        {line}")).collect::<Vec<_>>().join("\n")
}

/// PL/pgSQL does not let a query's result go by (PostgreSQL manual, 43.5.2).
fn performed(statement: &str) -> String {
    match statement.strip_prefix("SELECT ") {
        Some(rest) => format!("PERFORM {rest}"),
        None => statement.to_owned(),
    }
}

fn condition(
    operation: &Operation,
    context: &Context<'_>,
    defined: &dyn Fn(&Operation) -> Option<String>,
) -> Option<String> {
    let literal = |text: &str| Dialect::Postgres.literal(text);
    let class = |name: &Name| format!("to_regclass({})", literal(&name.sql(Dialect::Postgres)));
    let ty = |name: &Name| format!("to_regtype({})", literal(&name.sql(Dialect::Postgres)));
    let column = |table: &Name, column: &str| {
        format!(
            "(SELECT FROM pg_attribute WHERE attrelid = {} AND attname = {} AND NOT attisdropped)",
            class(table),
            literal(column)
        )
    };
    let constraint = |table: &Name, name: &str| {
        format!("(SELECT FROM pg_constraint WHERE conrelid = {} AND conname = {})", class(table), literal(name))
    };
    let wrong_constraint = |table: &Name, name: &str| {
        let text = defined(operation)?;
        let of = format!("conrelid = {} AND conname = {}", class(table), literal(name));
        Some(format!(
            "EXISTS (SELECT FROM pg_constraint WHERE {of} AND pg_get_constraintdef(oid) = {})",
            literal(&text)
        ))
    };
    let named = |name: &Option<String>| name.clone();
    Some(match operation {
        Operation::CreateTable { table } => format!("{} IS NULL", class(&table.name)),
        Operation::DropTable { table } => format!("{} IS NOT NULL", class(&table.name)),
        Operation::AddColumn { table, column: new, .. } => format!("NOT EXISTS {}", column(table, &new.name)),
        Operation::DropColumn { table, column: old } => format!("EXISTS {}", column(table, &old.name)),
        Operation::AlterType { table, from, .. } => {
            let is = format!("format_type(atttypid, atttypmod) = {}", literal(&from.ty.sql(Dialect::Postgres)));
            format!("EXISTS {}", column(table, &from.name).replace("NOT attisdropped", &is))
        }
        Operation::SetNotNull { table, column: of, .. } => {
            format!("EXISTS {}", column(table, &of.name).replace("NOT attisdropped", "NOT attnotnull"))
        }
        Operation::CreateIndex { table, index } => {
            format!("{} IS NULL", class(&table.with_name(&index.name)))
        }
        Operation::DropIndex { table, index } => {
            let text = defined(operation)?;
            format!("pg_get_indexdef({}) = {}", class(&table.with_name(&index.name)), literal(&text))
        }
        Operation::AddPrimaryKey { table, .. } => {
            format!("NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = {} AND contype = 'p')", class(table))
        }
        Operation::AddUnique { table, unique } => {
            format!("NOT EXISTS {}", constraint(table, &named(&unique.name)?))
        }
        Operation::AddCheck { table, check } => {
            let name = names::check(context.after(table).ok()?, check);
            format!("NOT EXISTS {}", constraint(table, &name))
        }
        Operation::AddExclude { table, exclude } => format!("NOT EXISTS {}", constraint(table, &named(&exclude.name)?)),
        Operation::AddForeignKey { table, key } => format!("NOT EXISTS {}", constraint(table, &named(&key.name)?)),
        Operation::DropPrimaryKey { table, key } => wrong_constraint(table, &named(&key.name)?)?,
        Operation::DropUnique { table, unique } => wrong_constraint(table, &named(&unique.name)?)?,
        Operation::DropCheck { table, check } => wrong_constraint(table, &named(&check.name)?)?,
        Operation::DropExclude { table, exclude } => wrong_constraint(table, &named(&exclude.name)?)?,
        Operation::DropForeignKey { table, key } => wrong_constraint(table, &named(&key.name)?)?,
        Operation::CreateTrigger { table, trigger } => format!(
            "NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = {} AND tgname = {})",
            class(table),
            literal(&trigger.name)
        ),
        Operation::CreateEnum { ty: made } => format!("{} IS NULL", ty(&made.name)),
        Operation::CreateObject { object } => match object {
            Object::Domain(domain) => format!("{} IS NULL", ty(&domain.name)),
            Object::Sequence(sequence) => format!("{} IS NULL", class(&sequence.name)),
            Object::View(view) => format!("{} IS NULL", class(&view.name)),
            Object::Schema(name) => format!("to_regnamespace({}) IS NULL", literal(&Dialect::Postgres.quote(name))),
            Object::Function(function) => {
                let name = function.name.to_string();
                let name = name.split('(').next().unwrap_or_default().to_owned();
                format!("NOT EXISTS (SELECT FROM pg_proc WHERE oid::regproc::text = {})", literal(&name))
            }
            Object::Extension(_) => "true".to_owned(),
        },
        _ => return None,
    })
}
