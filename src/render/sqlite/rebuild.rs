//! SQLite: a table made anew, its rows copied (sqlite.org/lang_altertable.html section 7).
//!
//! Dropping the old table deletes its rows, which fires the ON DELETE actions of foreign keys that
//! point to it, deferred or not; and a transaction is no place to switch foreign keys off
//! (sqlite.org/foreignkeys.html sections 2 and 5). So the script stays in the runner's transaction
//! where no such action exists, and brings its own otherwise.

use std::collections::BTreeSet;

use super::native::Plan;
use super::{DIALECT, affinity};
use crate::catalog::{Action, AutoValue, Column, Expr, Index, Name, Table};
use crate::dialect::Dialect;
use crate::error::Result;
use crate::operation::Operation;
use crate::render::context::Context;
use crate::render::table::{create_index, create_table_as};
use crate::render::text::terminated;

/// Holds a row only while no foreign key is violated: the script stops otherwise.
const ASSERT: &str = "_ops_migrate_fk_check";

const HEADER: &str = "\
-- Brings its own transaction: dropping the old table would fire ON DELETE actions, and SQLite
-- cannot switch foreign keys off inside of the runner's transaction. If a statement fails, the
-- connection is left in an open transaction with foreign keys off: ROLLBACK, or close it.";

/// Whether the operations cannot run in the runner's transaction.
///
/// # Errors
/// Where a table cannot be made anew.
pub(in crate::render) fn needs_own_transaction(context: &Context<'_>) -> Result<bool> {
    if context.dialect() != Dialect::Sqlite {
        return Ok(false);
    }
    let plan = Plan::new(context)?;
    Ok(plan.rebuilt.iter().any(|table| has_actions(table, context)) || lacks_a_key(context, &plan))
}

/// Whether a foreign key of the schema before or after has no key to point to in the other one: in
/// between SQLite refuses to touch the rows of both tables ("foreign key mismatch").
fn lacks_a_key(context: &Context<'_>, plan: &Plan) -> bool {
    let sides = [(&context.renamed, context.to), (context.to, &context.renamed)];
    sides.into_iter().any(|(catalog, other)| {
        catalog.tables.values().flat_map(|table| table.foreign_keys.iter().map(move |key| (table, key))).any(
            |(table, key)| {
                let near = plan.rebuilds(&table.name) || plan.rebuilds(&key.references);
                near && other.table(&key.references).is_some_and(|parent| !is_key(parent, &key.ref_columns))
            },
        )
    })
}

/// Whether a foreign key can point to the columns; none are the primary key.
fn is_key(table: &Table, columns: &[String]) -> bool {
    let same = |key: &[String]| {
        key.len() == columns.len() && key.iter().all(|one| columns.iter().any(|other| DIALECT.same_name(one, other)))
    };
    let by_index = |index: &Index| {
        let names: Vec<String> = index.columns().map(ToOwned::to_owned).collect();
        index.unique && index.predicate.is_none() && names.len() == index.parts.len() && same(&names)
    };
    columns.is_empty()
        || same(table.key_columns())
        || table.uniques.iter().any(|unique| same(&unique.columns))
        || table.indexes.iter().any(by_index)
}

/// Whether a foreign key, before or after, does something to other rows when rows of the table go.
fn has_actions(table: &Name, context: &Context<'_>) -> bool {
    let acts = |action| matches!(action, Action::Cascade | Action::SetNull | Action::SetDefault);
    [&context.renamed, context.to].into_iter().any(|c| c.referencing(table).any(|(_, key)| acts(key.on_delete)))
}

/// All tables that are made anew.
pub(super) fn statements(context: &Context<'_>, plan: &Plan, own_transaction: bool) -> Result<Vec<String>> {
    if plan.rebuilt.is_empty() {
        return Ok(Vec::new());
    }
    let mut statements = Vec::new();
    if !own_transaction {
        statements.push("PRAGMA defer_foreign_keys = ON;".to_owned());
    }
    // Views and triggers that name the table are not looked at while it is away.
    statements.push("PRAGMA legacy_alter_table = ON;".to_owned());
    for name in &plan.rebuilt {
        statements.extend(one(name, context)?);
    }
    statements.push("PRAGMA legacy_alter_table = OFF;".to_owned());
    for name in &plan.rebuilt {
        let table = context.after(name)?;
        statements.extend(table.indexes.iter().map(|index| create_index(name, index, DIALECT)));
        statements.extend(table.triggers.iter().map(|trigger| terminated(&trigger.sql)));
    }
    statements.extend(assert_foreign_keys(context, plan));
    if !own_transaction {
        // Last: it also resets the count of violations, which dropping a table never lowers.
        statements.push("PRAGMA defer_foreign_keys = OFF;".to_owned());
    }
    Ok(statements)
}

/// The statements in a transaction of their own; with foreign keys off where a table is made anew.
pub(super) fn in_own_transaction(statements: Vec<String>, plan: &Plan) -> Vec<String> {
    let mut whole = Vec::new();
    let begin = "BEGIN IMMEDIATE;".to_owned();
    if plan.rebuilt.is_empty() {
        whole.push(begin);
        whole.extend(statements);
        whole.push("COMMIT;".to_owned());
        return whole;
    }
    whole.push(format!("{HEADER}\nPRAGMA foreign_keys = OFF;"));
    whole.push(begin);
    whole.extend(statements);
    whole.push("COMMIT;".to_owned());
    whole.push("PRAGMA foreign_keys = ON;".to_owned());
    whole
}

/// One table: create, copy, drop, rename.
fn one(name: &Name, context: &Context<'_>) -> Result<Vec<String>> {
    let after = context.after(name)?;
    let new = name.with_name(format!("_ops_new_{}", name.name));
    let (old_sql, new_sql) = (name.sql(DIALECT), new.sql(DIALECT));
    let losses: String =
        context.operations.iter().filter(|o| o.table() == Some(name)).map(|o| context.loss_comment(o)).collect();
    let mut statements = vec![create_table_as(after, &new, DIALECT, true)];
    let (targets, values) = copied(after, context);
    statements.push(format!("{losses}INSERT INTO {new_sql} ({targets})\nSELECT {values}\nFROM {old_sql};"));
    statements.extend(keep_sequence(after, context, name, &new));
    statements.push(format!("DROP TABLE {old_sql};"));
    statements.push(format!("ALTER TABLE {new_sql} RENAME TO {};", DIALECT.quote(&name.name)));
    Ok(statements)
}

/// The column list of the copy and the values that go into it.
fn copied(after: &Table, context: &Context<'_>) -> (String, String) {
    let mut pairs: Vec<(String, String)> = after
        .columns
        .iter()
        .filter(|column| column.generated.is_none())
        .filter_map(|column| Some((DIALECT.quote(&column.name), value(column, after, context)?)))
        .collect();
    if pairs.is_empty() {
        // Rows have to be copied by some column.
        let column = after.columns.iter().find(|c| c.generated.is_none());
        pairs.extend(column.map(|c| {
            let value = c.default.as_ref().map_or_else(|| "NULL".to_owned(), |default| default.sql.clone());
            (DIALECT.quote(&c.name), value)
        }));
    }
    let (targets, values): (Vec<String>, Vec<String>) = pairs.into_iter().unzip();
    (targets.join(", "), values.join(", "))
}

/// What a row that exists gets in a column; `None` for what the new table gives by itself.
fn value(column: &Column, after: &Table, context: &Context<'_>) -> Option<String> {
    let answers = Answered::of(column, &after.name, context);
    let Some(old) = context.column_before(&after.name, &column.name) else {
        return answers.fill.map(|fill| fill.sql.clone());
    };
    let name = DIALECT.quote(&old.name);
    let value = match answers.using {
        Some(using) => using.sql.clone(),
        None => converted(&name, old, column),
    };
    Some(match answers.fill {
        Some(fill) => format!("coalesce({value}, {fill})"),
        None => value,
    })
}

/// A cast where the affinity changes. Not to NUMERIC, which is what DATE and TIMESTAMP have: the
/// table converts what looks like a number by itself, and a cast would cut a date to its year.
fn converted(name: &str, old: &Column, new: &Column) -> String {
    let (from, to) = (affinity(&old.ty.base), affinity(&new.ty.base));
    if from == to || to == "NUMERIC" { name.to_owned() } else { format!("CAST({name} AS {to})") }
}

/// What the operations say about the values of one column.
#[derive(Default)]
struct Answered<'a> {
    fill: Option<&'a Expr>,
    using: Option<&'a Expr>,
}

impl<'a> Answered<'a> {
    fn of(column: &Column, table: &Name, context: &Context<'a>) -> Self {
        let mut answers = Self::default();
        for operation in context.operations.iter().filter(|o| o.table() == Some(table)) {
            match operation {
                Operation::AddColumn { column: c, fill, .. } | Operation::SetNotNull { column: c, fill, .. }
                    if c.name == column.name =>
                {
                    answers.fill = fill.as_ref();
                }
                Operation::AlterType { to, using, .. } if to.name == column.name => answers.using = using.as_ref(),
                _ => {}
            }
        }
        answers
    }
}

/// AUTOINCREMENT promises never to give a number twice, so the new table goes on counting.
fn keep_sequence(after: &Table, context: &Context<'_>, old: &Name, new: &Name) -> Option<String> {
    let counts = |table: &Table| table.columns.iter().any(|c| c.auto == Some(AutoValue::Increment));
    if !counts(after) || !context.renamed.table(old).is_some_and(counts) {
        return None;
    }
    let (old, new) = (DIALECT.literal(&old.name), DIALECT.literal(&new.name));
    Some(format!(
        "UPDATE sqlite_sequence\nSET seq = coalesce((SELECT seq FROM sqlite_sequence WHERE name = {old}), 0)\nWHERE name = {new};"
    ))
}

/// Stops the script where a row of a new table, or of one that references it, points nowhere. Rows
/// elsewhere are none of its business.
fn assert_foreign_keys(context: &Context<'_>, plan: &Plan) -> Vec<String> {
    let mut tables: BTreeSet<&Name> = BTreeSet::new();
    for name in &plan.rebuilt {
        tables.extend(context.to.referencing(name).map(|(table, _)| &table.name));
        tables.extend(context.to.table(name).filter(|t| !t.foreign_keys.is_empty()).map(|t| &t.name));
    }
    if tables.is_empty() {
        return Vec::new();
    }
    let mut statements = vec![format!("CREATE TEMP TABLE {ASSERT} (violations INTEGER CHECK (violations = 0));")];
    statements.extend(tables.into_iter().map(|table| {
        let table = DIALECT.literal(&table.name);
        format!("INSERT INTO {ASSERT} SELECT count(*) FROM pragma_foreign_key_check({table});")
    }));
    statements.push(format!("DROP TABLE {ASSERT};"));
    statements
}
