//! MySQL and MariaDB: the smallest number of statements, since each one commits by itself and most
//! of them copy their table. What happens to one table is one ALTER TABLE, where its rows and the
//! foreign keys between tables allow it; `alter` collects its clauses, `definition` spells them, and
//! `around` knows what has to make way.

mod align;
mod alter;
mod around;
mod definition;
mod objects;

use self::alter::{Changes, drop_foreign_key};
use self::definition::add_foreign_key;
use super::context::Context;
use super::table::alter_table;
use super::text::terminated;
use crate::catalog::{Catalog, ForeignKey, Name, Table, mysql};
use crate::dialect::Dialect;
use crate::diff::{self, Answers, Renames};
use crate::error::Result;
use crate::operation::Operation;
use crate::replay;

const DIALECT: Dialect = Dialect::Mysql;

/// Both sides of a change with everything named that a script has to name, and everything in them
/// that the server makes by itself: an index for every foreign key.
pub(super) fn prepared(from: &Catalog, to: &Catalog, renames: &Renames) -> (Catalog, Catalog) {
    let (from, mut to) = (completed(from), completed(to));
    align::align(&renames.apply(&from), &mut to);
    (from, to)
}

/// What a script leaves behind, by the replay of its statements.
///
/// # Errors
/// As [`statements`].
pub(super) fn left_by(context: &Context<'_>) -> Result<Catalog> {
    let mut catalog = context.from.clone();
    replay::apply(&mut catalog, &statements(context)?.join("\n"), "up.sql")?;
    Ok(catalog)
}

/// What makes the names of indexes on the way back what they were before all of it.
///
/// # Errors
/// As [`statements`].
pub(super) fn restored_names(before: &Catalog, down: &Context<'_>) -> Result<Vec<String>> {
    Ok(align::restored_names(before, &left_by(down)?))
}

fn completed(catalog: &Catalog) -> Catalog {
    let mut catalog = catalog.clone();
    for table in catalog.tables.values_mut() {
        mysql::settle(table);
        mysql::complete(table);
    }
    catalog
}

/// The whole table as one statement.
pub(super) fn create_table(table: &Table) -> String {
    definition::create_table(table, &table.foreign_keys)
}

/// The tables of a catalog with their foreign keys and triggers, for an empty database.
///
/// # Errors
/// As [`statements`].
pub(super) fn schema(catalog: &Catalog) -> Result<Vec<String>> {
    let (empty, catalog) = (Catalog::empty(DIALECT), completed(catalog));
    let mut operations = diff::diff(&empty, &catalog, &Answers::default());
    operations.retain(|operation| !matches!(operation, Operation::CreateObject { .. }));
    statements(&Context::new(&operations, &empty, &catalog, false))
}

/// All operations as statements.
///
/// # Errors
/// Where an operation has no form in this dialect, or names what the catalog after it lacks.
pub(super) fn statements(context: &Context<'_>) -> Result<Vec<String>> {
    let operations = around::with_surroundings(context);
    let plan = Plan::new(&operations, context);
    let mut statements = plan.dropped_triggers();
    statements.extend(objects::dropped(&operations));
    statements.extend(plan.renames());
    statements.extend(plan.early_key_drops());
    // Before the tables that stay change: a table that goes may reference what changes there.
    statements.extend(plan.dropped_tables(context));
    statements.extend(plan.created.iter().map(|(table, keys)| definition::create_table(table, keys)));
    for changes in &plan.altered {
        statements.extend(changes.statements(context)?);
    }
    statements.extend(plan.late_key_adds());
    statements.extend(objects::created(&operations));
    statements.extend(plan.created_triggers());
    Ok(statements)
}

/// Which statement each operation goes into.
struct Plan<'a> {
    operations: &'a [Operation],
    /// New tables in an order in which most find what they reference, with the foreign keys that
    /// can stand in CREATE TABLE.
    created: Vec<(Table, Vec<ForeignKey>)>,
    altered: Vec<Changes<'a>>,
    early: Vec<(Name, ForeignKey)>,
    late: Vec<(Name, ForeignKey)>,
}

impl<'a> Plan<'a> {
    fn new(operations: &'a [Operation], context: &Context<'_>) -> Self {
        let mut plan =
            Self { operations, created: Vec::new(), altered: Vec::new(), early: Vec::new(), late: Vec::new() };
        plan.collect(context);
        plan.create_in_order(context);
        plan.place_foreign_keys(context);
        plan
    }

    /// The operations on tables that stay, by table.
    fn collect(&mut self, context: &Context<'_>) {
        for operation in self.operations {
            let rename = matches!(operation, Operation::RenameTable { .. } | Operation::RenameColumn { .. });
            let trigger = matches!(operation, Operation::CreateTrigger { .. } | Operation::DropTrigger { .. });
            let Some(table) = operation.table().filter(|_| !rename && !trigger) else { continue };
            if context.creates(table) || context.drops(table) {
                continue;
            }
            match self.altered.iter().position(|changes| changes.table == *table) {
                Some(_) => {}
                None => {
                    let own = |o: &&Operation| o.table() == Some(table) && !is_foreign_key(o);
                    let operations: Vec<&Operation> = self.operations.iter().filter(own).collect();
                    self.altered.push(Changes::new(table.clone(), operations));
                }
            }
        }
    }

    /// Tables that reference only what is there come first.
    fn create_in_order(&mut self, context: &Context<'_>) {
        let new = self.operations.iter().filter_map(|operation| match operation {
            Operation::CreateTable { table } => Some(context.to.table(&table.name).unwrap_or(table)),
            _ => None,
        });
        let mut left: Vec<&Table> = new.collect();
        while !left.is_empty() {
            let waits = |table: &Table| {
                let others = table.foreign_keys.iter().filter(|key| !key.references.same(&table.name, DIALECT));
                others.into_iter().any(|key| left.iter().any(|other| other.name.same(&key.references, DIALECT)))
            };
            let free = left.iter().position(|table| !waits(table)).unwrap_or(0);
            let next = left.remove(free);
            let stands = |key: &&ForeignKey| {
                let later = left.iter().any(|other| other.name.same(&key.references, DIALECT));
                !later && !self.disturbs(key)
            };
            let (inline, late): (Vec<&ForeignKey>, Vec<&ForeignKey>) = next.foreign_keys.iter().partition(stands);
            self.late.extend(late.into_iter().map(|key| (next.name.clone(), key.clone())));
            self.created.push((next.clone(), inline.into_iter().cloned().collect()));
        }
    }

    /// Whether the script changes what the foreign key references.
    fn disturbs(&self, key: &ForeignKey) -> bool {
        self.altered
            .iter()
            .any(|changes| changes.table.same(&key.references, DIALECT) && changes.touch(&key.ref_columns))
    }

    /// Foreign keys of tables that stay go and come with the other changes of their table, unless
    /// what they reference changes, too: then before and after everything else. One that comes
    /// under the name of one that goes needs a statement of its own (InnoDB error 121).
    fn place_foreign_keys(&mut self, context: &Context<'_>) {
        for operation in self.operations {
            match operation {
                Operation::DropForeignKey { table, key } => {
                    let own = self.own_statement(table, key);
                    match own.filter(|_| !context.drops(table) && !context.drops(&key.references)) {
                        Some(at) => self.altered[at].drop_keys.push(key.clone()),
                        None => self.early.push((table.clone(), key.clone())),
                    }
                }
                Operation::AddForeignKey { table, key } if !context.creates(table) => {
                    let taken = |changes: &Changes<'_>| changes.drop_keys.iter().any(|gone| gone.name == key.name);
                    match self.own_statement(table, key).filter(|at| !taken(&self.altered[*at])) {
                        Some(at) => self.altered[at].add_keys.push(key.clone()),
                        None => self.late.push((table.clone(), key.clone())),
                    }
                }
                _ => {}
            }
        }
    }

    /// The statement of a table, where a foreign key may stand in it.
    fn own_statement(&self, table: &Name, key: &ForeignKey) -> Option<usize> {
        self.altered.iter().position(|changes| changes.table == *table).filter(|_| !self.disturbs(key))
    }

    fn dropped_triggers(&self) -> Vec<String> {
        let drop = |operation: &Operation| match operation {
            Operation::DropTrigger { trigger, .. } => Some(format!("DROP TRIGGER {};", DIALECT.quote(&trigger.name))),
            _ => None,
        };
        self.operations.iter().filter_map(drop).collect()
    }

    fn created_triggers(&self) -> Vec<String> {
        let create = |operation: &Operation| match operation {
            Operation::CreateTrigger { trigger, .. } => Some(terminated(&trigger.sql)),
            _ => None,
        };
        self.operations.iter().filter_map(create).collect()
    }

    /// One statement for each table, its columns included.
    fn renames(&self) -> Vec<String> {
        let columns_of = |table: &Name| -> Vec<String> {
            let rename = |operation: &Operation| match operation {
                Operation::RenameColumn { table: of, from, to } if of == table => {
                    Some(format!("RENAME COLUMN {} TO {}", DIALECT.quote(from), DIALECT.quote(to)))
                }
                _ => None,
            };
            self.operations.iter().filter_map(rename).collect()
        };
        let mut statements = Vec::new();
        let mut done: Vec<&Name> = Vec::new();
        for operation in self.operations {
            let (now, then) = match operation {
                Operation::RenameTable { from, to } => (from, to),
                Operation::RenameColumn { table, .. } => (table, table),
                _ => continue,
            };
            if done.contains(&then) {
                continue;
            }
            done.push(then);
            let mut clauses = columns_of(then);
            if now != then {
                clauses.push(format!("RENAME TO {}", then.sql(DIALECT)));
            }
            statements.push(alter_table(now, &clauses, DIALECT));
        }
        statements
    }

    fn early_key_drops(&self) -> Vec<String> {
        by_table(&self.early, |_, key| drop_foreign_key(key))
    }

    fn late_key_adds(&self) -> Vec<String> {
        by_table(&self.late, add_foreign_key)
    }

    fn dropped_tables(&self, context: &Context<'_>) -> Vec<String> {
        let drop = |operation: &Operation| match operation {
            Operation::DropTable { table } => {
                Some(format!("{}DROP TABLE {};", context.loss_comment(operation), table.name.sql(DIALECT)))
            }
            _ => None,
        };
        self.operations.iter().filter_map(drop).collect()
    }
}

fn is_foreign_key(operation: &Operation) -> bool {
    matches!(operation, Operation::AddForeignKey { .. } | Operation::DropForeignKey { .. })
}

/// One statement for the foreign keys of each table.
fn by_table(keys: &[(Name, ForeignKey)], clause: impl Fn(&Name, &ForeignKey) -> String) -> Vec<String> {
    let mut statements: Vec<(&Name, Vec<String>)> = Vec::new();
    for (table, key) in keys {
        match statements.iter_mut().find(|(of, _)| *of == table) {
            Some((_, clauses)) => clauses.push(clause(table, key)),
            None => statements.push((table, vec![clause(table, key)])),
        }
    }
    statements.into_iter().map(|(table, clauses)| alter_table(table, &clauses, DIALECT)).collect()
}

#[cfg(test)]
pub(super) mod laws;
#[cfg(test)]
mod tests;
