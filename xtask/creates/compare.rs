//! Two schemas by what `table!` can say: tables, their columns, whether those may be NULL, and
//! their types. Defaults, indexes and constraints are not in the models and not compared.

use std::collections::BTreeSet;

use ops_migrate::catalog::{Catalog, Column, Name, Table};
use ops_migrate::models::{Fit, ModelColumn, Models, fits};

/// Something that is not the same.
pub(crate) struct Difference {
    pub(crate) table: Name,
    /// `None` for the table itself.
    pub(crate) column: Option<String>,
    pub(crate) kind: Kind,
    pub(crate) text: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What `table!` says the same of.
    Type,
    Real,
}

impl Difference {
    /// `users.nick` or `users`.
    pub(crate) fn path(&self) -> String {
        match &self.column {
            Some(column) => format!("{}.{column}", self.table),
            None => self.table.to_string(),
        }
    }
}

/// What differs in the tables that any of the models mention; the last of them say which types are
/// the same.
pub(crate) fn differences(models: &[&Models], created: &Catalog, actual: &Catalog) -> Vec<Difference> {
    let mentioned = models.iter().flat_map(|models| models.tables.values());
    let names: BTreeSet<&Name> = mentioned.filter(|table| !table.is_view).map(|table| &table.name).collect();
    let mut found = Vec::new();
    for name in names {
        let whole =
            |text: &str| Difference { table: name.clone(), column: None, kind: Kind::Real, text: text.to_owned() };
        match (created.table(name), actual.table(name)) {
            (Some(a), Some(b)) => in_table(models, (a, created), (b, actual), &mut found),
            (Some(_), None) if actual.view(name).is_some() => found.push(whole("the project has a view of that name")),
            (Some(_), None) => found.push(whole("the project has no such table")),
            (None, Some(_)) => found.push(whole("only the project has this table")),
            (None, None) => {}
        }
    }
    found
}

fn in_table(
    models: &[&Models],
    (a, created): (&Table, &Catalog),
    (b, actual): (&Table, &Catalog),
    found: &mut Vec<Difference>,
) {
    let dialect = actual.dialect;
    let model =
        |name: &str| models.last()?.tables.get(&b.name)?.columns.iter().find(|c| dialect.same_name(&c.name, name));
    let mut push = |column: &Column, kind, text| {
        found.push(Difference { table: b.name.clone(), column: Some(column.name.clone()), kind, text });
    };
    for column in &a.columns {
        let Some(other) = b.column(&column.name, dialect) else {
            push(column, Kind::Real, "the project has no such column".to_owned());
            continue;
        };
        let said = model(&column.name);
        if column.ty != other.ty {
            let same = said.is_some_and(|said| fit(said, column, created) && fit(said, other, actual));
            let said = said.map_or_else(|| "not in the models".to_owned(), ModelColumn::type_text);
            let kind = if same { Kind::Type } else { Kind::Real };
            push(column, kind, format!("{}, the project has {} ({said})", column.ty, other.ty));
        }
        if column.nullable != other.nullable {
            // SQLite lets most keys be NULL, and no model says so (diesel issue 852).
            let is_key = [a, b].iter().any(|t| t.key_columns().iter().any(|key| dialect.same_name(key, &column.name)));
            let kind = if is_key { Kind::Type } else { Kind::Real };
            let word = |column: &Column| if column.nullable { "NULL" } else { "NOT NULL" };
            let key = if is_key { " (a key)" } else { "" };
            push(column, kind, format!("{}, the project has {}{key}", word(column), word(other)));
        }
    }
    for column in b.columns.iter().filter(|column| a.column(&column.name, dialect).is_none()) {
        push(column, Kind::Real, "only the project has this column".to_owned());
    }
}

fn fit(said: &ModelColumn, column: &Column, catalog: &Catalog) -> bool {
    fits(&said.ty, &column.ty, catalog) == Fit::Yes
}
