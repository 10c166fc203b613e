//! History tables: beside a table one that keeps every state of its rows, filled by triggers.
//!
//! **The shape is a row image per change.** An INSERT or UPDATE of a row writes what the row is from
//! then on, a DELETE what it was last, with the operation, the time, the user and the transaction. So
//! history is only ever added to (an interval with its end would write every change twice, and lock the
//! row before), it is whole without the table (which may be dropped), and what a row was at a moment is
//! its newest image up to then. The time is that of the transaction where the engine knows it, so that
//! no moment shows half of one.
//!
//! The history has the table's columns with their types and nothing else of them: no default, check,
//! unique or foreign key, which would only keep a state of the past from being kept. Its own key is a
//! number; of the table's columns those of its key are NOT NULL as far as no row lacks them. An index on
//! the table's key and the time serves the question above, and columns of foreign keys that are indexed
//! there are indexed here.
//!
//! Here a base and its rule become tables, functions and triggers of a catalog; the differ and the
//! renderers do the rest. A history that is there already is completed, not made anew: what it has of
//! its own (names, more columns, more indexes) stays. Which tables have a history is for `rules`, what
//! the triggers say for `triggers`.

mod rules;
mod triggers;

use ops_migrate_grammar::HISTORY_COLUMNS;
use serde::{Deserialize, Serialize};

pub use self::rules::{ProjectRule, project_rule, rule_in, take_rules};
use self::triggers::{OPERATION, is_ours};
use crate::catalog::{AutoValue, Catalog, Column, Index, IndexPart, Name, PrimaryKey, Shared, SqlType, Table};
use crate::dialect::{Dialect, object_name};
use crate::diff::{self, Answers};
use crate::error::{Error, Result};
use crate::operation::Operation;
use crate::place::Place;

/// SQLite has no variables that a trigger could read: who changes rows names himself in this table,
/// in the same transaction, and takes the row out again before its end. Its number is that of the
/// transaction.
pub const SQLITE_USER: &str = "__ops_user";

/// That a table has a history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// What its name has behind that of the table.
    pub suffix: String,
    /// Whether it outlives the table.
    pub keep: bool,
    /// Where that is said.
    pub at: Place,
}

impl History {
    /// The name of a table's history.
    pub fn of(&self, base: &Name) -> Name {
        base.with_name(format!("{}{}", base.name, self.suffix))
    }

    /// Whether both mean the same, wherever it is said.
    pub fn same(&self, other: &Self) -> bool {
        (&self.suffix, self.keep) == (&other.suffix, other.keep)
    }
}

/// Refuses to make a history of a table that is none.
///
/// # Errors
/// Where the schema has a table of that name without any of the columns that every history has.
pub fn refuse_other(catalog: &Catalog, base: &Name, history: &History) -> Result<()> {
    let name = history.of(base);
    let is_other = |table: &Table| HISTORY_COLUMNS.iter().all(|own| table.column(own, catalog.dialect).is_none());
    if !catalog.table(&name).is_some_and(is_other) {
        return Ok(());
    }
    let text = format!("the history of {base} would be {name}, which is there already and is no history");
    Err(Error::undecided(text).at(history.at.clone()).hint("say another suffix: history(suffix = \"_version\")"))
}

/// Makes or completes the history of a table, with its triggers. Nothing happens where the catalog has
/// no such table.
pub fn bring(catalog: &mut Catalog, base: &Name, history: &History) {
    let dialect = catalog.dialect;
    let Some(mut table) = catalog.table(base).cloned() else { return };
    let name = history.of(&table.name);
    let mirror = match catalog.table(&name) {
        Some(known) => completed(known.clone(), &table, dialect),
        None => made(name, &table, dialect),
    };
    take_triggers(catalog, &mut table);
    let (triggers, function) = triggers::write(&table, &mirror, dialect);
    table.triggers.extend(triggers);
    catalog.functions.extend(function.map(|function| (function.name.clone(), function)));
    for table in [table, mirror] {
        let key = catalog.table_key(&table.name).unwrap_or_else(|| table.name.clone());
        catalog.tables.insert(key, table.into());
    }
    let user = Name::new(SQLITE_USER);
    if dialect == Dialect::Sqlite && catalog.table(&user).is_none() {
        catalog.tables.insert(user.clone(), sqlite_user(user).into());
    }
}

/// Ends a history: no trigger writes it any more, and it goes itself unless it is kept.
pub fn end(catalog: &mut Catalog, base: &Name, history: &History) {
    if let Some(mut table) = catalog.table(base).cloned() {
        take_triggers(catalog, &mut table);
        if let Some(known) = catalog.table_mut(base) {
            *known = table;
        }
    }
    if !history.keep {
        catalog.drop_table(&history.of(base));
    }
}

/// Whether nothing of a history that has ended is left to be done.
pub fn is_over(catalog: &Catalog, base: &Name, history: &History) -> bool {
    let writes = catalog.table(base).is_some_and(|table| table.triggers.iter().any(|one| is_ours(one, catalog)));
    !writes && (history.keep || catalog.table(&history.of(base)).is_none())
}

/// What the history of a table lacks, in words; nothing where the catalog has no such table.
pub fn faults(catalog: &Catalog, base: &Name, history: &History) -> Vec<String> {
    let Some(table) = catalog.table(base) else { return Vec::new() };
    let name = history.of(&table.name);
    // What a history can be about is no more than this of a schema.
    let mut before = Catalog::empty(catalog.dialect);
    let user = Name::new(SQLITE_USER);
    for one in [catalog.table(base), catalog.table(&name), catalog.table(&user)].into_iter().flatten() {
        before.tables.insert(one.name.clone(), one.clone().into());
    }
    let called = table.triggers.iter().filter_map(|trigger| trigger.function.as_ref());
    let wanted = called.cloned().chain([triggers::function_name(&name)]);
    for function in wanted.filter_map(|function| catalog.functions.get_key_value(&triggers::whole_name(&function))) {
        before.functions.insert(function.0.clone(), function.1.clone());
    }
    let mut after = before.clone();
    bring(&mut after, base, history);
    if before == after {
        return Vec::new();
    }
    if before.table(&name).is_none() {
        return vec![format!("there is no {name}")];
    }
    // A server writes functions and triggers its own way.
    let answers = Answers { server_texts: catalog.dialect == Dialect::Postgres, ..Answers::default() };
    let operations = diff::diff(&before, &after, &answers);
    let found: Vec<String> = operations.iter().filter_map(|one| fault(one, &name)).collect();
    // What fills it follows from its columns.
    if found.is_empty() && !operations.is_empty() {
        let writes = table.triggers.iter().any(|trigger| is_ours(trigger, catalog));
        return vec![if writes {
            format!("{name} is not filled as it should be")
        } else {
            format!("nothing fills {name}")
        }];
    }
    found
}

fn fault(operation: &Operation, mirror: &Name) -> Option<String> {
    Some(match operation {
        Operation::CreateTable { table } => format!("there is no {}", table.name),
        Operation::AddColumn { column, .. } => format!("{mirror} lacks {}", column.name),
        Operation::AlterType { from, to, .. } => format!("{mirror}.{} is {}, not {}", to.name, from.ty, to.ty),
        Operation::AlterColumnKind { to, .. } => format!("{mirror}.{} has another collation", to.name),
        Operation::DropNotNull { column, .. } => format!("{mirror}.{} is NOT NULL", column.name),
        Operation::CreateIndex { index, .. } => {
            let columns: Vec<&str> = index.columns().collect();
            format!("{mirror} has no index on ({})", columns.join(", "))
        }
        _ => return None,
    })
}

/// Whether a table is a history by its columns, which have names that nobody else gives.
pub fn has_shape<'a>(columns: impl IntoIterator<Item = &'a str>) -> bool {
    let columns: Vec<&str> = columns.into_iter().collect();
    HISTORY_COLUMNS.iter().all(|own| columns.iter().any(|column| column.eq_ignore_ascii_case(own)))
}

/// The suffix of the history that a table has, where its triggers fill one.
pub fn suffix_of<'a>(base: &Table, catalog: &'a Catalog) -> Option<&'a str> {
    if !base.triggers.iter().any(|trigger| is_ours(trigger, catalog)) {
        return None;
    }
    let is_one = |table: &&Shared<Table>| has_shape(table.columns.iter().map(|column| column.name.as_str()));
    let tables = catalog.tables.values().filter(|table| table.name.schema == base.name.schema).filter(is_one);
    tables.filter_map(|table| table.name.name.strip_prefix(&base.name.name)).find(|suffix| !suffix.is_empty())
}

/// Whether a table is the history of another.
pub fn is_history(table: &Table, catalog: &Catalog) -> bool {
    let is_of = |base: &Table| {
        let suffix = table.name.name.strip_prefix(&base.name.name);
        suffix.is_some_and(|suffix| suffix_of(base, catalog) == Some(suffix))
    };
    catalog.tables.values().filter(|base| base.name.schema == table.name.schema).any(|base| is_of(base))
}

/// Takes our triggers from a table, and the functions that they alone call.
fn take_triggers(catalog: &mut Catalog, table: &mut Table) {
    let (ours, others): (Vec<_>, Vec<_>) = table.triggers.drain(..).partition(|trigger| is_ours(trigger, catalog));
    table.triggers = others;
    for function in ours.into_iter().filter_map(|trigger| trigger.function) {
        catalog.functions.remove(&triggers::whole_name(&function));
    }
}

/// A history of a table that has none.
fn made(name: Name, base: &Table, dialect: Dialect) -> Table {
    let mut table = Table::new(name);
    table.columns = own_columns(base, dialect).into_iter().map(Shared::from).collect();
    let key_name = (dialect == Dialect::Postgres).then(|| object_name(&table.name.name, None, "pkey"));
    table.primary_key = Some(PrimaryKey { name: key_name, columns: vec![HISTORY_COLUMNS[0].to_owned()] });
    table.options.strict = base.options.strict;
    table.options.engine.clone_from(&base.options.engine);
    for column in &base.columns {
        let nullable = !base.key_columns().contains(&column.name);
        table.columns.push(Column { nullable, ..image_of(column) }.into());
    }
    completed(table, base, dialect)
}

/// The history with what it lacks.
fn completed(mut table: Table, base: &Table, dialect: Dialect) -> Table {
    table.options.charset.clone_from(&base.options.charset);
    table.options.collation.clone_from(&base.options.collation);
    for own in own_columns(base, dialect) {
        if table.column(&own.name, dialect).is_none() {
            // Rows that are there have no value for it.
            table.columns.push(Column { nullable: own.auto.is_none(), ..own }.into());
        }
    }
    for column in &base.columns {
        let image = image_of(column);
        match table.column_mut(&column.name, dialect) {
            None => table.columns.push(image.into()),
            Some(known) => {
                known.nullable |= column.nullable;
                (known.ty, known.charset, known.collation) = (image.ty, image.charset, image.collation);
            }
        }
    }
    // What the table no longer has gets no value.
    let is_filled = |column: &Column| {
        base.column(&column.name, dialect).is_some() || HISTORY_COLUMNS.contains(&column.name.as_str())
    };
    for column in table.columns.iter_mut().filter(|column| !column.fills_itself() && !is_filled(column)) {
        column.nullable = true;
    }
    for columns in indexed(base) {
        let is_led = |index: &Index| index.columns().take(columns.len()).eq(columns.iter().map(String::as_str));
        if !table.indexes.iter().any(is_led) {
            let name = object_name(&table.name.name, Some(&columns.join("_")), "idx");
            table
                .indexes
                .push(Index { parts: columns.iter().map(IndexPart::column).collect(), ..Index::new(name, &columns) });
        }
    }
    table
}

/// The columns of each index: the key with the time, and foreign keys that the table has an index for.
fn indexed(base: &Table) -> Vec<Vec<String>> {
    let key = base.key_columns();
    let mut found = Vec::new();
    if !key.is_empty() {
        found.push(key.iter().cloned().chain([HISTORY_COLUMNS[2].to_owned()]).collect::<Vec<_>>());
    }
    for columns in base.foreign_keys.iter().map(|key| &key.columns) {
        let is_led = |index: &Index| index.columns().take(columns.len()).eq(columns.iter().map(String::as_str));
        if *columns != key[..] && base.indexes.iter().any(is_led) && !found.contains(columns) {
            found.push(columns.clone());
        }
    }
    found
}

/// A column as the history has it.
fn image_of(column: &Column) -> Column {
    Column {
        charset: column.charset.clone(),
        collation: column.collation.clone(),
        ..Column::new(column.name.clone(), column.ty.clone())
    }
}

/// What a history has beside the columns of its table.
fn own_columns(base: &Table, dialect: Dialect) -> Vec<Column> {
    let [id, operation, at, by, transaction] = HISTORY_COLUMNS;
    let column = |name: &str, ty: SqlType| Column { nullable: false, ..Column::new(name, ty) };
    let ty = |base: &str| SqlType::new(base, dialect);
    let sized = |base: &str, size: usize| SqlType::with_args(base, vec![size.to_string()], 0, dialect);
    let (number, words, moment, user) = match dialect {
        Dialect::Postgres => ("bigint", ty("text"), ty("timestamptz"), ty("text")),
        // A strict table has types of its own (sqlite.org/stricttables.html).
        Dialect::Sqlite if base.options.strict => ("INTEGER", ty("TEXT"), ty("TEXT"), ty("TEXT")),
        Dialect::Sqlite => ("BIGINT", ty("TEXT"), ty("TIMESTAMP"), ty("TEXT")),
        Dialect::Mysql => ("bigint", sized("varchar", OPERATION), sized("datetime", 6), sized("varchar", 255)),
    };
    let auto = match dialect {
        Dialect::Postgres => Some(AutoValue::Identity { always: false, options: String::new() }),
        Dialect::Mysql => Some(AutoValue::Increment),
        // `INTEGER PRIMARY KEY` counts by itself (sqlite.org/lang_createtable.html#rowid).
        Dialect::Sqlite => None,
    };
    let id_type = if dialect == Dialect::Sqlite { ty("INTEGER") } else { ty(number) };
    vec![
        Column { auto, ..column(id, id_type) },
        column(operation, words),
        column(at, moment),
        Column { nullable: true, ..column(by, user) },
        column(transaction, ty(number)),
    ]
}

/// See [`SQLITE_USER`].
fn sqlite_user(name: Name) -> Table {
    let dialect = Dialect::Sqlite;
    let mut table = Table::new(name);
    let id = Column::new("id", SqlType::new("INTEGER", dialect));
    let name = Column::new("name", SqlType::new("TEXT", dialect));
    table.columns.push(Column { nullable: false, auto: Some(AutoValue::Increment), ..id }.into());
    table.columns.push(Column { nullable: false, ..name }.into());
    table.primary_key = Some(PrimaryKey { name: None, columns: vec!["id".to_owned()] });
    table
}

#[cfg(test)]
mod tests;
