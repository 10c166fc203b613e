//! Where a person has to look before a script is run: rows that would stop it, data that is lost,
//! data that nobody moves. The notes speak of the script; what is wise in general is the review's.

use super::casts::{Cast, cast};
use super::context::Context;
use super::sqlite;
use super::text::mentions;
use crate::catalog::{Column, Name};
use crate::dialect::Dialect;
use crate::error::Result;
use crate::operation::Operation;

/// How much a note matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Info,
    /// Data is lost, or the script may fail on a table with rows.
    Warn,
}

/// Something to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub severity: Severity,
    pub text: String,
    pub table: Option<Name>,
}

fn note(severity: Severity, table: Option<&Name>, text: String) -> Note {
    Note { severity, text, table: table.cloned() }
}

/// All notes of a script; `invented` are the operations of `down` whose value was made up.
pub(super) fn notes(
    up: &Context<'_>,
    down: &Context<'_>,
    invented: &[Operation],
    own_transaction: bool,
) -> Result<Vec<Note>> {
    let mut notes: Vec<Note> = up.operations.iter().filter_map(|operation| of_up(operation, up)).collect();
    notes.extend(up.operations.iter().filter_map(|operation| copied_table(operation, up.dialect())));
    notes.extend(data_to_move(up));
    notes.extend(broken_views(up));
    for table in sqlite::rebuilt(up)? {
        notes.push(note(Severity::Info, Some(&table), format!("{table} is rebuilt: a new table, its rows copied")));
    }
    if own_transaction {
        notes.push(note(
            Severity::Warn,
            None,
            "both files bring their own transaction: run_in_transaction = false; after a failure close the connection"
                .to_owned(),
        ));
    }
    notes.extend(down.operations.iter().filter_map(of_down));
    notes.extend(invented.iter().filter_map(|operation| {
        let Operation::AddColumn { table, column, fill: Some(fill) } = operation else { return None };
        let text = format!("down gives {table}.{} the value {fill} in rows that exist", column.name);
        Some(note(Severity::Info, Some(table), text))
    }));
    Ok(notes)
}

fn of_up(operation: &Operation, context: &Context<'_>) -> Option<Note> {
    let table = operation.table();
    let text = match operation {
        Operation::AddColumn { table, column, fill: None } if !column.fills_itself() => {
            let path = format!("{table}.{}", column.name);
            let outcome = match context.dialect() {
                Dialect::Mysql => format!("gives rows that exist the empty value of {}", column.ty),
                Dialect::Postgres | Dialect::Sqlite => format!("fails where {table} has rows"),
            };
            format!("adding {path} NOT NULL {outcome}; give --fill {path}=EXPR")
        }
        Operation::SetNotNull { table, column, fill: None } => {
            let path = format!("{table}.{}", column.name);
            format!("{path} NOT NULL fails where a row has NULL; give --fill {path}=EXPR")
        }
        Operation::RebuildEnum { from, to, rows, .. } => {
            let gone: Vec<_> = from.values.iter().filter(|v| !to.values.contains(v)).cloned().collect();
            if gone.is_empty() {
                return None;
            }
            let mapped = |value: &String| rows.contains_key(value);
            if gone.iter().all(mapped) {
                return Some(note(Severity::Warn, table, format!("loses {}", operation.loss()?.what)));
            }
            let open: Vec<_> = gone.into_iter().filter(|value| !mapped(value)).collect();
            format!(
                "removing values of enum {0} fails where a row has '{1}'; give --map {0}.{2}=VALUE",
                from.name,
                open.join("' or '"),
                open[0]
            )
        }
        Operation::AlterType { table, from, to, using: None } if is_doubtful(from, to, context) => {
            let path = format!("{table}.{}", to.name);
            format!("PostgreSQL has no cast of {path} from {} to {}; give --using {path}=EXPR", from.ty, to.ty)
        }
        other => format!("loses {}", other.loss()?.what),
    };
    Some(note(Severity::Warn, table, text))
}

/// MySQL: a change of type that makes the whole table anew, which nobody can write to meanwhile
/// (MariaDB manual, InnoDB Online DDL Operations; what is done in place is a longer varchar on the
/// same side of 256 bytes, and labels behind those of an enum or set).
fn copied_table(operation: &Operation, dialect: Dialect) -> Option<Note> {
    let Operation::AlterType { table, from, to, .. } = operation else { return None };
    let length = |column: &Column| column.ty.args.first().and_then(|n| n.parse::<u32>().ok()).unwrap_or(0);
    // Four bytes a character: 63 of them are the most that fit.
    let short = |column: &Column| length(column) <= 63;
    let in_place = match (from.ty.base.as_str(), to.ty.base.as_str()) {
        ("varchar", "varchar") => length(to) >= length(from) && short(from) == short(to),
        ("enum", "enum") | ("set", "set") => to.ty.args.starts_with(&from.ty.args),
        _ => false,
    };
    let text = format!("changing the type of {table}.{} copies {table}, which cannot be written meanwhile", to.name);
    (dialect == Dialect::Mysql && !in_place).then(|| note(Severity::Info, Some(table), text))
}

/// MySQL: each statement that changes the schema commits by itself, whatever runs it.
pub(super) fn of_commits(statements: &[String]) -> Option<Note> {
    let text = "MySQL commits each statement by itself: if one fails, what those before it did stays";
    (statements.len() > 1).then(|| note(Severity::Info, None, text.to_owned()))
}

fn is_doubtful(from: &Column, to: &Column, context: &Context<'_>) -> bool {
    context.dialect() == Dialect::Postgres
        && matches!(cast("c", &from.ty, &to.ty, [&context.renamed, context.to]), Cast::Doubtful(_))
}

fn of_down(operation: &Operation) -> Option<Note> {
    let text = match operation {
        Operation::SetNotNull { table, column, .. } => {
            format!("down makes {table}.{} NOT NULL again, which fails where a row has NULL by then", column.name)
        }
        Operation::RebuildEnum { from, rows, .. } if !rows.is_empty() => {
            let gone: Vec<_> = rows.iter().map(|(gone, other)| format!("'{gone}' (rows get '{other}')")).collect();
            format!("down removes {} of enum {}", gone.join(", "), from.name)
        }
        Operation::CreateTable { table } => format!("down makes {} again, without its rows", table.name),
        Operation::AddColumn { table, column, .. } if column.generated.is_none() => {
            format!("down makes {table}.{} again, without its values", column.name)
        }
        _ => return None,
    };
    Some(note(Severity::Info, operation.table(), text))
}

/// A column goes and another comes: nobody moves the values.
fn data_to_move(context: &Context<'_>) -> Vec<Note> {
    let mut notes = Vec::new();
    for dropped in context.operations {
        let Operation::DropColumn { table, column: old } = dropped else { continue };
        let added: Vec<&str> = context
            .operations
            .iter()
            .filter_map(|operation| match operation {
                Operation::AddColumn { table: same, column, .. } if same == table => Some(column.name.as_str()),
                _ => None,
            })
            .collect();
        if !added.is_empty() {
            let text = format!(
                "{table}.{} goes and {} {}: if the values should move, write the UPDATE between",
                old.name,
                added.join(", "),
                if added.len() == 1 { "comes" } else { "come" }
            );
            notes.push(note(Severity::Info, Some(table), text));
        }
    }
    notes
}

/// Views that name a column which goes.
fn broken_views(context: &Context<'_>) -> Vec<Note> {
    let mut notes = Vec::new();
    for operation in context.operations {
        let (table, column) = match operation {
            Operation::DropColumn { table, column } => (table, Some(&column.name)),
            Operation::DropTable { table } => (&table.name, None),
            _ => continue,
        };
        for view in context.to.views.values().filter(|view| view.depends_on.contains(table)) {
            if column.is_none_or(|column| mentions(&view.sql, column, context.dialect())) {
                let what = column.map_or_else(|| table.to_string(), |column| format!("{table}.{column}"));
                let text = format!("view {} uses {what}, which goes", view.name);
                notes.push(note(Severity::Warn, Some(table), text));
            }
        }
    }
    notes
}

/// The lines that `down.sql` opens with: what `up` lost for good, and which values were made up.
pub(super) fn down_header(operations: &[Operation], invented: &[Operation]) -> Vec<String> {
    let mut lines = Vec::new();
    for operation in operations {
        let verb = match operation {
            Operation::DropColumn { column, .. } if column.generated.is_some() => continue,
            Operation::DropColumn { .. } | Operation::DropTable { .. } => "are",
            _ => "is",
        };
        if let Some(loss) = operation.loss() {
            lines.push(format!("restores the structure only: {} {verb} lost", loss.what.replace('\n', " ")));
        }
    }
    for operation in invented {
        let Operation::AddColumn { table, column, fill: Some(fill) } = operation else { continue };
        lines.push(format!("rows that exist get {} for {table}.{}", fill.sql, column.name));
    }
    lines
}
