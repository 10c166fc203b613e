//! Models against a catalog: whether it has what a change asks for, what is still missing, and how
//! far the two are apart. What a catalog or the models are not sure about never makes a difference.

use super::change::{added, enum_changes, is_internal};
use super::types::{Fit, Text, fits, from_sql};
use super::{Change, Form, ModelColumn, ModelTable, Models, beside, owned};
use crate::catalog::{Catalog, Column, Name, Table};
use crate::dialect::Dialect;
use crate::history_tables::{self, History};
use crate::place::Place;

/// Whether a catalog has what a change asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Satisfied {
    Yes,
    No,
    /// The catalog does not tell; why.
    Unsure(String),
}

/// Whether a catalog has what a change asks for. Where the `cfg` variants of a table disagree, what
/// fits one of them is satisfied, and what fits none is not certain.
pub fn satisfied(change: &Change, catalog: &Catalog) -> Satisfied {
    if let Some(doubt) = catalog.doubt_about(change.object(), change.name()) {
        return Satisfied::Unsure(doubt.reason.clone());
    }
    match change {
        Change::AddTable { table } => match shape(&table.name, catalog) {
            Shape::View => Satisfied::Yes,
            Shape::Table(_) if table.is_view => Satisfied::Yes,
            Shape::Absent => Satisfied::No,
            Shape::Table(found) => {
                let columns = table.columns.iter().map(|c| column_satisfied(table, c, found, catalog));
                columns.fold(Satisfied::Yes, worse)
            }
        },
        // Views are their author's: what no model mentions any more may stay.
        Change::DropTable { table } => yes_if(table.is_view || catalog.table(&table.name).is_none()),
        Change::AddColumn { table, column }
        | Change::ChangeType { table, to: column, .. }
        | Change::ChangeNullability { table, to: column, .. } => match shape(table, catalog) {
            Shape::View => Satisfied::Yes,
            Shape::Absent => no_unless(column.partial, table),
            Shape::Table(found) => match found.column(&column.name, catalog.dialect) {
                None => no_unless(column.partial, table),
                Some(actual) => match change {
                    Change::ChangeType { from, .. } if is_text_as_before(from, column, actual, catalog.dialect) => {
                        Satisfied::No
                    }
                    Change::ChangeType { .. } => type_satisfied(column, actual, catalog),
                    Change::ChangeNullability { .. } => null_satisfied(column, actual, found),
                    _ => worse(type_satisfied(column, actual, catalog), null_satisfied(column, actual, found)),
                },
            },
        },
        Change::DropColumn { table, column } => match shape(table, catalog) {
            Shape::Table(found) if found.column(&column.name, catalog.dialect).is_some() => {
                no_unless(column.partial, table)
            }
            Shape::Table(_) => Satisfied::Yes,
            Shape::View | Shape::Absent => Satisfied::Yes,
        },
        Change::Own { owned } => match shape(&owned.table.name, catalog) {
            Shape::Table(found) => yes_if(owned::against(owned, found, catalog).is_empty()),
            // That it is not there is another change.
            Shape::View | Shape::Absent => Satisfied::Yes,
        },
        Change::History { base, history, .. } => history_satisfied(base, history, catalog),
        Change::EndHistory { base, history } => yes_if(history_tables::is_over(catalog, base, history)),
        Change::Part { table, operation, .. } => yes_if(owned::is_satisfied(table, operation, catalog)),
        Change::ChangeKey { table, to, .. } => match shape(table, catalog) {
            Shape::Table(found) => yes_if(same_key(found, to, catalog.dialect)),
            Shape::View | Shape::Absent => Satisfied::Yes,
        },
        Change::AddEnum { .. }
        | Change::DropEnum { .. }
        | Change::AddEnumValue { .. }
        | Change::DropEnumValue { .. } => enum_satisfied(change, catalog),
    }
}

fn history_satisfied(base: &Name, history: &History, catalog: &Catalog) -> Satisfied {
    let mirror = history.of(base);
    match (shape(base, catalog), catalog.doubt_about(&mirror, &mirror.name)) {
        // That it is not there is another change.
        (Shape::View | Shape::Absent, _) => Satisfied::Yes,
        (_, Some(doubt)) => Satisfied::Unsure(doubt.reason.clone()),
        (Shape::Table(_), None) => yes_if(history_tables::faults(catalog, base, history).is_empty()),
    }
}

/// The verdict about what a catalog lacks, or still has: where only some `cfg` variants of the table
/// speak of it, nothing is certain.
fn no_unless(partial: bool, table: &Name) -> Satisfied {
    if partial { disagree(&format!("the `cfg` variants of {table} disagree")) } else { Satisfied::No }
}

fn disagree(reason: &str) -> Satisfied {
    Satisfied::Unsure(format!("{reason}, and nothing tells which one is compiled"))
}

/// Only PostgreSQL has enum types of their own.
fn enum_satisfied(change: &Change, catalog: &Catalog) -> Satisfied {
    if catalog.dialect != Dialect::Postgres {
        return Satisfied::Yes;
    }
    let values = |name: &Name| catalog.enums.get(name).map(|ty| &ty.values);
    match change {
        Change::AddEnum { ty } => {
            yes_if(values(&ty.name).is_some_and(|known| ty.values.iter().all(|value| known.contains(value))))
        }
        Change::DropEnum { ty } => yes_if(values(&ty.name).is_none()),
        Change::AddEnumValue { name, value, .. } => yes_if(values(name).is_some_and(|known| known.contains(value))),
        Change::DropEnumValue { name, value, .. } => yes_if(values(name).is_none_or(|known| !known.contains(value))),
        _ => Satisfied::Yes,
    }
}

enum Shape<'a> {
    Table(&'a Table),
    /// A view's columns are not followed.
    View,
    Absent,
}

fn shape<'a>(name: &Name, catalog: &'a Catalog) -> Shape<'a> {
    match catalog.table(name) {
        Some(table) if table.options.virtual_module.is_some() => Shape::View,
        Some(table) => Shape::Table(table),
        None if catalog.view(name).is_some() => Shape::View,
        None => Shape::Absent,
    }
}

fn yes_if(condition: bool) -> Satisfied {
    if condition { Satisfied::Yes } else { Satisfied::No }
}

fn worse(a: Satisfied, b: Satisfied) -> Satisfied {
    match (a, b) {
        (Satisfied::No, _) | (_, Satisfied::No) => Satisfied::No,
        (Satisfied::Yes, other) | (other, _) => other,
    }
}

fn column_satisfied(table: &ModelTable, column: &ModelColumn, found: &Table, catalog: &Catalog) -> Satisfied {
    debug_assert!(found.name.same(&table.name, catalog.dialect));
    match found.column(&column.name, catalog.dialect) {
        None => Satisfied::No,
        Some(actual) => worse(type_satisfied(column, actual, catalog), null_satisfied(column, actual, found)),
    }
}

fn type_satisfied(column: &ModelColumn, actual: &Column, catalog: &Catalog) -> Satisfied {
    any_form(column, |form| match fits(&form.ty, &actual.ty, catalog) {
        Fit::Yes => Satisfied::Yes,
        Fit::No => Satisfied::No,
        Fit::Unknown => Satisfied::Unsure(format!("nothing tells which SQL type {} is", form.ty)),
    })
}

/// Whether a text is exactly what the models said before, and not what they say now. Where it is neither,
/// `table!` was not printed from this schema, and nothing is sure; SQLite takes no notice of lengths.
fn is_text_as_before(from: &ModelColumn, to: &ModelColumn, actual: &Column, dialect: Dialect) -> bool {
    let texts = Text::of(from).zip(Text::of(to)).filter(|_| dialect != Dialect::Sqlite);
    texts.is_some_and(|(old, new)| old.differs(new) && old.is(&actual.ty) && !new.is(&actual.ty))
}

/// SQLite lets most primary keys be NULL, and no model says so (diesel issue 852).
fn null_satisfied(column: &ModelColumn, actual: &Column, table: &Table) -> Satisfied {
    let is_key = table.key_columns().iter().any(|key| key.eq_ignore_ascii_case(&column.name));
    any_form(column, |form| yes_if(is_key || form.nullable == actual.nullable))
}

/// The verdict about a column that may have several forms.
fn any_form(column: &ModelColumn, judge: impl Fn(&Form) -> Satisfied) -> Satisfied {
    let verdicts: Vec<Satisfied> = column.forms().map(|form| judge(&form)).collect();
    match verdicts.as_slice() {
        [only] => only.clone(),
        several if several.contains(&Satisfied::Yes) => Satisfied::Yes,
        _ => disagree(&format!("the `cfg` variants of {} disagree", column.name)),
    }
}

fn same_key(table: &Table, key: &[String], dialect: Dialect) -> bool {
    // A table without a key gets some key in its table!, since Diesel wants one.
    let actual = table.key_columns();
    // The order of a key's columns says nothing about rows, and projects have it another way in table!.
    let is_in = |column: &String| key.iter().any(|other| dialect.same_name(column, other));
    actual.is_empty() || (actual.len() == key.len() && actual.iter().all(is_in))
}

/// The changes that a catalog does not satisfy for sure. A table that is there in part becomes the
/// columns that are missing; an enum type that something else still uses may stay.
pub fn unsatisfied(changes: &[Change], catalog: &Catalog) -> Vec<Change> {
    let mut left = Vec::new();
    for change in changes {
        match change {
            Change::DropEnum { ty } if is_used_after(&ty.name, changes, catalog) => {}
            Change::Own { owned } => {
                if let Shape::Table(found) = shape(&owned.table.name, catalog) {
                    left.extend(
                        owned::against(owned, found, catalog)
                            .into_iter()
                            .filter(|c| satisfied(c, catalog) != Satisfied::Yes),
                    );
                }
            }
            Change::AddTable { table } if is_owned(&table.name, changes) && catalog.table(&table.name).is_some() => {}
            Change::AddTable { table } if !table.is_view => {
                match shape(&table.name, catalog) {
                    Shape::Table(found) => left.extend(against_table(table, found, catalog).into_iter().filter(|c| {
                        !matches!(c, Change::DropColumn { .. }) && satisfied(c, catalog) != Satisfied::Yes
                    })),
                    _ if satisfied(change, catalog) != Satisfied::Yes => left.push(change.clone()),
                    _ => {}
                }
            }
            _ if satisfied(change, catalog) != Satisfied::Yes => left.extend(what_is_left(change, catalog)),
            _ => {}
        }
    }
    left
}

/// Whether a struct that states the whole table is among the changes.
fn is_owned(name: &Name, changes: &[Change]) -> bool {
    changes.iter().any(|change| matches!(change, Change::Own { owned } if owned.table.name == *name))
}

/// What of a change a catalog lacks: of a column that it has in another form, that form.
fn what_is_left(change: &Change, catalog: &Catalog) -> Vec<Change> {
    if let Change::History { base, history, .. } = change {
        let is_new = catalog.table(&history.of(base)).is_none();
        let lacks = if is_new { Vec::new() } else { history_tables::faults(catalog, base, history) };
        return vec![Change::History { base: base.clone(), history: history.clone(), lacks }];
    }
    if let Change::AddColumn { table, column } = change
        && let Shape::Table(found) = shape(table, catalog)
        && let Some(actual) = found.column(&column.name, catalog.dialect)
    {
        return column_differences(table, column, actual, found, catalog);
    }
    vec![change.clone()]
}

/// Whether a column of a catalog has an enum type, and none of the changes takes it away.
fn is_used_after(name: &Name, changes: &[Change], catalog: &Catalog) -> bool {
    // A column of a history goes with that of its table.
    let base_of = |table: &Name| {
        changes.iter().find_map(|change| match change {
            Change::History { base, history, .. } => {
                history.of(base).same(table, catalog.dialect).then(|| base.clone())
            }
            _ => None,
        })
    };
    let goes = |table: &Table, column: &Column| {
        let name = base_of(&table.name).unwrap_or_else(|| table.name.clone());
        changes.iter().any(|change| match change {
            Change::DropTable { table: dropped } => dropped.name.same(&name, catalog.dialect),
            Change::DropColumn { table: of, column: changed } | Change::ChangeType { table: of, to: changed, .. } => {
                of.same(&name, catalog.dialect) && catalog.dialect.same_name(&changed.name, &column.name)
            }
            _ => false,
        })
    };
    users_of(name, catalog).any(|(table, column)| !goes(table, column))
}

/// The columns of an enum type, or of an array of it.
pub(super) fn users_of<'a>(name: &Name, catalog: &'a Catalog) -> impl Iterator<Item = (&'a Table, &'a Column)> {
    let base = name.to_string();
    let columns =
        catalog.tables.values().flat_map(|table| table.columns.iter().map(move |column| (&**table, &**column)));
    columns.filter(move |(_, column)| column.ty.base == base)
}

/// What the models say and a catalog does not have, and columns that it has and they do not say, as
/// far as the project has not agreed on it.
pub fn drift(models: &Models, catalog: &Catalog) -> Vec<Change> {
    let mut found = differences(models, catalog);
    found.retain(|change| models.asks_for(change));
    found
}

/// The same with what is hidden and agreed on. Tables that no model mentions are nobody's business
/// here.
pub fn differences(models: &Models, catalog: &Catalog) -> Vec<Change> {
    let mut found = Vec::new();
    for table in models.tables.values().filter(|t| !is_internal(&t.name)) {
        if catalog.doubt(&table.name).is_some() {
            continue;
        }
        match shape(&table.name, catalog) {
            Shape::View => {}
            Shape::Table(_) if table.is_view => {}
            Shape::Absent => {
                let mut missing = Vec::new();
                added(table, &mut missing);
                found.extend(missing.into_iter().filter(|change| satisfied(change, catalog) == Satisfied::No));
            }
            Shape::Table(actual) => found.extend(
                models
                    .owned
                    .get(&table.name)
                    .map_or_else(
                        || against_table(table, actual, catalog),
                        |owned| owned::against(owned, actual, catalog),
                    )
                    .into_iter()
                    .filter(|c| satisfied(c, catalog) == Satisfied::No),
            ),
        }
    }
    for (base, history) in &models.history {
        let change = Change::History { base: base.clone(), history: history.clone(), lacks: Vec::new() };
        if satisfied(&change, catalog) == Satisfied::No {
            found.extend(what_is_left(&change, catalog));
        }
    }
    for ty in models.enums.values() {
        let missing = Change::AddEnum { ty: ty.clone() };
        match catalog.enums.get(&ty.name) {
            Some(known) => enum_changes(&known.values, ty, &mut found),
            None if satisfied(&missing, catalog) == Satisfied::No => found.push(missing),
            None => {}
        }
    }
    found
}

/// In what a column of the models is not what a catalog has.
fn column_differences(
    table: &Name,
    column: &ModelColumn,
    actual: &Column,
    of: &Table,
    catalog: &Catalog,
) -> Vec<Change> {
    let mut found = Vec::new();
    let from = || as_model(actual, &column.at, catalog.dialect);
    if type_satisfied(column, actual, catalog) != Satisfied::Yes {
        found.push(Change::ChangeType { table: table.clone(), from: from(), to: column.clone() });
    }
    if null_satisfied(column, actual, of) != Satisfied::Yes {
        let from = ModelColumn { ty: column.ty.clone(), ..from() };
        found.push(Change::ChangeNullability { table: table.clone(), from, to: column.clone() });
    }
    found
}

/// A catalog's column in the words of the models.
pub(super) fn as_model(column: &Column, at: &Place, dialect: Dialect) -> ModelColumn {
    ModelColumn {
        name: column.name.clone(),
        rust_name: column.name.clone(),
        ty: from_sql(&column.ty, dialect),
        nullable: column.nullable,
        max_length: None,
        auto_increment: false,
        other_forms: Vec::new(),
        partial: false,
        at: at.clone(),
    }
}

/// A table of the models against the same table of a catalog.
fn against_table(table: &ModelTable, actual: &Table, catalog: &Catalog) -> Vec<Change> {
    let mut found = Vec::new();
    let same = |a: &str, b: &str| catalog.dialect.same_name(a, b);
    let name = || table.name.clone();
    for (at, column) in table.columns.iter().enumerate() {
        let Some(before) = beside(&actual.columns, at, |c| same(&c.name, &column.name)) else {
            found.push(Change::AddColumn { table: name(), column: column.clone() });
            continue;
        };
        found.extend(column_differences(&table.name, column, before, actual, catalog));
    }
    for (at, column) in actual.columns.iter().enumerate() {
        if beside(&table.columns, at, |c| same(&c.name, &column.name)).is_none() {
            found.push(Change::DropColumn {
                table: table.name.clone(),
                column: as_model(column, &table.at, catalog.dialect),
            });
        }
    }
    if table.other_keys.is_empty() && !same_key(actual, &table.primary_key, catalog.dialect) {
        found.push(Change::ChangeKey {
            table: table.name.clone(),
            from: actual.key_columns().to_vec(),
            to: table.primary_key.clone(),
            at: table.at.clone(),
        });
    }
    found
}
