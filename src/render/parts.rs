//! One change as several revisions, where one transaction cannot hold it. PostgreSQL uses the new
//! value of an enum only after the transaction that added it (manual, ALTER TYPE, Notes), builds an
//! index beside writers only outside of any transaction (CREATE INDEX, Building Indexes
//! Concurrently), and makes a column NOT NULL without a long lock only behind a check that was
//! validated before (ALTER TABLE, Notes). Each part has its own two catalogs, so that each goes up
//! and down by itself. How the revisions are named and written is left to others.

use std::collections::BTreeSet;

use super::names::object_name;
use super::notes::{Note, Severity};
use super::postgres::{fill_nulls, used_at_once};
use super::{Script, script};
use crate::catalog::{Catalog, Check, Column, Expr, Index, Name};
use crate::dialect::Dialect;
use crate::diff::{self, Answers, Renames};
use crate::error::Result;
use crate::operation::Operation;
use crate::sql;

const DIALECT: Dialect = Dialect::Postgres;

/// How much a change spares those who use the database meanwhile; other dialects than PostgreSQL
/// have no such choice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ways {
    /// Indexes of tables that are there are made and dropped while others write.
    pub concurrently: bool,
    /// Columns become NOT NULL in steps, none of which locks the table for the time of a scan.
    pub in_steps: bool,
}

/// What one revision does of a change.
#[derive(Debug, Clone)]
pub struct Part {
    /// What it is about, in a word or two: "enum values".
    pub title: String,
    pub script: Script,
}

/// The change from one catalog to the other as the parts that it takes, in their order: usually
/// one, none where nothing differs.
///
/// # Errors
/// As [`script`].
pub fn parts(from: &Catalog, to: &Catalog, answers: &Answers, ways: Ways) -> Result<Vec<Part>> {
    let (server_texts, back_values) = (answers.server_texts, answers.back_values.clone());
    let plain = Answers { server_texts, back_values, ..Answers::default() };
    let mut plan = Plan { at: from.clone(), plain, parts: Vec::new() };
    if to.dialect != DIALECT {
        plan.go("tables", to.clone(), answers)?;
        return Ok(plan.parts);
    }
    let operations = diff::diff(from, to, answers);
    plan.go_plainly("enum values", with_values(from, to, &operations, &answers.renames))?;
    let (mut end, mut built) = (to.clone(), Vec::new());
    if ways.concurrently {
        plan.drop_indexes(&operations, &answers.renames)?;
        built = built_behind(&mut end, &operations, from, &answers.renames)?;
    }
    let required = if ways.in_steps { required(&operations, &end) } else { Vec::new() };
    let mut answers = answers.clone();
    answers.fills.retain(|key, _| !required.iter().any(|one| one.is(key)));
    plan.go("tables", with(&end, &required, |one, catalog| one.check(catalog, false)), &answers)?;
    plan.require(&required, end)?;
    plan.parts.extend(built);
    Ok(plan.parts)
}

/// The parts so far, and the catalog that they lead to.
struct Plan {
    at: Catalog,
    plain: Answers,
    parts: Vec<Part>,
}

impl Plan {
    /// Goes on to a catalog; where nothing differs, that is no part.
    fn go(&mut self, title: &str, next: Catalog, answers: &Answers) -> Result<()> {
        let script = script(&self.at, &next, answers)?;
        self.push(title, next, script);
        Ok(())
    }

    fn go_plainly(&mut self, title: &str, next: Catalog) -> Result<()> {
        if next == self.at {
            return Ok(());
        }
        let script = self.plainly(&next)?;
        self.push(title, next, script);
        Ok(())
    }

    fn plainly(&self, next: &Catalog) -> Result<Script> {
        script(&self.at, next, &self.plain)
    }

    fn push(&mut self, title: &str, next: Catalog, script: Script) {
        if !script.operations.is_empty() {
            self.parts.push(Part { title: title.to_owned(), script });
        }
        self.at = next;
    }

    /// Indexes go before everything else, under the names that hold then.
    fn drop_indexes(&mut self, operations: &[Operation], renames: &Renames) -> Result<()> {
        let before = renames.inverted().tables;
        for operation in operations {
            let Operation::DropIndex { table, index } = operation else { continue };
            let table = before.get(table).unwrap_or(table);
            let Some(next) = without_index(&self.at, table, &index.name) else { continue };
            if let Some(script) = concurrent(&self.at, &next, index)? {
                self.push(&format!("drop index {}", index.name), next, script);
            }
        }
        Ok(())
    }

    /// The columns become NOT NULL: values for the rows and a look at them, then the mark itself,
    /// for which the server takes the check's word.
    fn require(&mut self, required: &[Required], end: Catalog) -> Result<()> {
        if required.is_empty() {
            return Ok(());
        }
        let checked = with(&self.at, required, |one, catalog| one.check(catalog, true));
        let mut look = self.plainly(&checked)?;
        let filled = |one: &Required| one.fill.is_some();
        let tables: BTreeSet<&Name> = required.iter().filter(|one| filled(one)).map(|one| &one.table).collect();
        for table in tables.into_iter().rev() {
            let of_it = required.iter().filter(|one| one.table == *table);
            let fills: Vec<_> = of_it.filter_map(|one| Some((&one.column, one.fill.as_ref()?))).collect();
            look.up.insert_str(0, &format!("{}\n\n", fill_nulls(table, &fills)));
        }
        self.push("validate", checked, look);
        let marked = with(&self.at, required, Required::mark);
        let mark = self.plainly(&marked)?;
        self.at = marked;
        let mut both = in_sequence(mark, self.plainly(&end)?);
        if required.iter().all(filled) {
            both.notes.clear();
        }
        self.push("not null", end, both);
        Ok(())
    }
}

/// Two scripts as one.
fn in_sequence(first: Script, then: Script) -> Script {
    if first.operations.is_empty() {
        return then;
    }
    Script {
        up: format!("{}\n{}", first.up, then.up),
        down: format!("{}\n{}", then.down, first.down),
        operations: [first.operations, then.operations].concat(),
        reverse: [then.reverse, first.reverse].concat(),
        run_in_transaction: first.run_in_transaction && then.run_in_transaction,
        lossy_down: [then.lossy_down, first.lossy_down].concat(),
        notes: [first.notes, then.notes].concat(),
    }
}

/// The catalog before with the values that the change uses at once, under the names of before.
/// Where a new value has the name that a renamed one leaves, the enum stays as it is: the change
/// then makes it anew.
fn with_values(from: &Catalog, to: &Catalog, operations: &[Operation], renames: &Renames) -> Catalog {
    let mut catalog = from.clone();
    let back = renames.inverted();
    for name in used_at_once(operations) {
        let old = back.enums.get(&name).unwrap_or(&name);
        let (Some(after), Some(before)) = (to.enums.get(&name), catalog.enums.get_mut(old)) else { continue };
        let named_before = |value: &String| {
            let part = (old.clone(), value.clone());
            back.values.get(&part).unwrap_or(value).clone()
        };
        let values: Vec<String> = after.values.iter().map(named_before).collect();
        let twice = values.iter().enumerate().any(|(at, value)| values[..at].contains(value));
        if !twice && before.values.iter().all(|value| values.contains(value)) {
            before.values = values;
        }
    }
    catalog
}

/// Takes those new indexes from the last catalog that are built by themselves, behind all else.
fn built_behind(end: &mut Catalog, operations: &[Operation], from: &Catalog, renames: &Renames) -> Result<Vec<Part>> {
    let renamed = renames.apply(from);
    let mut parts = Vec::new();
    // The last one first: each script leads to a catalog that has those before it.
    for operation in operations.iter().rev() {
        let Operation::CreateIndex { table, index } = operation else { continue };
        let Some(without) = without_index(end, table, &index.name).filter(|_| renamed.table(table).is_some()) else {
            continue;
        };
        if let Some(script) = concurrent(&without, end, index)? {
            parts.push(Part { title: format!("index {}", index.name), script });
            *end = without;
        }
    }
    parts.reverse();
    Ok(parts)
}

/// The catalog without an index that the server can make and drop beside others; `None` for one of
/// a partitioned table (CREATE INDEX, Building Indexes Concurrently), or that a foreign key needs.
fn without_index(catalog: &Catalog, table: &Name, index: &str) -> Option<Catalog> {
    let owner = catalog.table(table)?;
    let found = owner.indexes.iter().find(|i| i.name == index)?;
    let mut keys = catalog.tables.values().flat_map(|t| &t.foreign_keys);
    let needed = found.unique && keys.any(|key| key.references == *table && is_of(&key.ref_columns, found));
    if needed || owner.options.partition_by.is_some() {
        return None;
    }
    let mut catalog = catalog.clone();
    catalog.table_mut(table)?.indexes.retain(|i| i.name != index);
    Some(catalog)
}

fn is_of(columns: &[String], index: &Index) -> bool {
    index.columns().all(|column| columns.iter().any(|c| c == column))
}

/// The script of one index, as one statement outside of a transaction; `None` where it takes more.
fn concurrent(from: &Catalog, to: &Catalog, index: &Index) -> Result<Option<Script>> {
    let mut script = script(from, to, &Answers::default())?;
    for text in [&mut script.up, &mut script.down] {
        if sql::statements(DIALECT, text)?.len() != 1 {
            return Ok(None);
        }
        *text = text.replacen("INDEX ", "INDEX CONCURRENTLY ", 1);
    }
    script.run_in_transaction = false;
    let makes = match script.operations.first() {
        Some(Operation::DropIndex { .. }) => format!("down makes {}", index.name),
        _ => format!("{} is made", index.name),
    };
    let text =
        format!("{makes} outside of a transaction: where that is interrupted, drop the invalid index that it leaves");
    script.notes.push(Note { severity: Severity::Info, text, table: None });
    Ok(Some(script))
}

/// A column that becomes NOT NULL in steps.
struct Required {
    table: Name,
    column: Column,
    fill: Option<Expr>,
}

impl Required {
    fn is(&self, key: &(Name, String)) -> bool {
        self.table == key.0 && self.column.name == key.1
    }

    fn name(&self) -> String {
        object_name(&self.table.name, &self.column.name, "not_null")
    }

    /// The column may be NULL yet, but for the check.
    fn check(&self, catalog: &mut Catalog, valid: bool) {
        self.mark_as(catalog, true);
        let Some(table) = catalog.table_mut(&self.table) else { return };
        table.checks.retain(|check| check.name.as_ref() != Some(&self.name()));
        let expr = Expr::new(format!("{} IS NOT NULL", DIALECT.quote(&self.column.name)));
        table.checks.push(Check { name: Some(self.name()), expr, valid });
    }

    fn mark(&self, catalog: &mut Catalog) {
        self.mark_as(catalog, false);
    }

    fn mark_as(&self, catalog: &mut Catalog, nullable: bool) {
        let table = catalog.table_mut(&self.table);
        if let Some(column) = table.and_then(|table| table.column_mut(&self.column.name, DIALECT)) {
            column.nullable = nullable;
        }
    }
}

/// The columns of tables that are there which become NOT NULL, or come as such with a value for
/// the rows. Those of a key and those that get their values by themselves have no way around it.
fn required(operations: &[Operation], to: &Catalog) -> Vec<Required> {
    let mut found = Vec::new();
    for operation in operations {
        let (table, column, fill) = match operation {
            Operation::SetNotNull { table, column, fill } => (table, column, fill),
            Operation::AddColumn { table, column, fill: fill @ Some(_) } if column.default.is_none() => {
                (table, column, fill)
            }
            _ => continue,
        };
        let one = Required { table: table.clone(), column: column.clone(), fill: fill.clone() };
        let possible = to.table(table).is_some_and(|table| {
            !table.key_columns().contains(&column.name)
                && !table.checks.iter().any(|check| check.name == Some(one.name()))
        });
        if possible && !column.nullable && column.auto.is_none() && column.generated.is_none() {
            found.push(one);
        }
    }
    found
}

/// The catalog after a change for each of these columns.
fn with(catalog: &Catalog, required: &[Required], change: impl Fn(&Required, &mut Catalog)) -> Catalog {
    let mut catalog = catalog.clone();
    required.iter().for_each(|one| change(one, &mut catalog));
    catalog
}

#[cfg(test)]
mod tests;
