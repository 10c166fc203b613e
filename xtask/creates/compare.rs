//! Two schemas by what the models can say: tables, their columns, whether those may be NULL, their
//! types, the primary keys, and the values of enums. Defaults, indexes and constraints are not in the
//! models and not compared.

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
    let enums: BTreeSet<&Name> = models.iter().flat_map(|models| models.enums.keys()).collect();
    for name in enums.into_iter().filter(|name| values(created, name) != values(actual, name)) {
        let words = [created, actual].map(|catalog| values(catalog, name).into_iter().collect::<Vec<_>>().join(", "));
        let text = format!("an enum ({}), the project has ({})", words[0], words[1]);
        found.push(Difference { table: name.clone(), column: None, kind: Kind::Real, text });
    }
    found
}

fn values<'a>(catalog: &'a Catalog, name: &Name) -> BTreeSet<&'a str> {
    catalog.enums.get(name).map(|ty| ty.values.iter().map(String::as_str).collect()).unwrap_or_default()
}

fn in_table(
    models: &[&Models],
    (a, created): (&Table, &Catalog),
    (b, actual): (&Table, &Catalog),
    found: &mut Vec<Difference>,
) {
    let dialect = actual.dialect;
    let mut push = |column: Option<&Column>, (kind, text): (Kind, String)| {
        found.push(Difference { table: b.name.clone(), column: column.map(|column| column.name.clone()), kind, text });
    };
    let key = |table: &Table| table.key_columns().iter().map(|c| c.to_ascii_lowercase()).collect::<BTreeSet<_>>();
    if key(a) != key(b) {
        // Every table! has a key, where the table may have none.
        let kind = if key(b).is_empty() { Kind::Type } else { Kind::Real };
        let words = [a, b].map(|table| table.key_columns().join(", "));
        push(None, (kind, format!("the key ({}), the project has ({})", words[0], words[1])));
    }
    let table = models.last().and_then(|models| models.tables.get(&b.name));
    for column in &a.columns {
        let Some(other) = b.column(&column.name, dialect) else {
            push(Some(column), (Kind::Real, "the project has no such column".to_owned()));
            continue;
        };
        let said = table.and_then(|t| t.columns.iter().find(|c| dialect.same_name(&c.name, &column.name)));
        if column.ty != other.ty {
            push(Some(column), types(said, (column, created), (other, actual)));
        }
        if column.nullable != other.nullable {
            push(
                Some(column),
                nulls(column, other, key(a).union(&key(b)).any(|key| dialect.same_name(key, &column.name))),
            );
        }
    }
    for column in b.columns.iter().filter(|column| a.column(&column.name, dialect).is_none()) {
        push(Some(column), (Kind::Real, "only the project has this column".to_owned()));
    }
}

fn types(
    said: Option<&ModelColumn>,
    (a, created): (&Column, &Catalog),
    (b, actual): (&Column, &Catalog),
) -> (Kind, String) {
    let same = said.is_some_and(|said| fit(said, a, created) && fit(said, b, actual));
    let said = said.map_or_else(|| "not in the models".to_owned(), ModelColumn::type_text);
    (if same { Kind::Type } else { Kind::Real }, format!("{}, the project has {} ({said})", a.ty, b.ty))
}

/// SQLite lets most keys be NULL, and no model says so (diesel issue 852).
fn nulls(a: &Column, b: &Column, is_key: bool) -> (Kind, String) {
    let word = |column: &Column| if column.nullable { "NULL" } else { "NOT NULL" };
    let kind = if is_key { Kind::Type } else { Kind::Real };
    (kind, format!("{}, the project has {}{}", word(a), word(b), if is_key { " (a key)" } else { "" }))
}

fn fit(said: &ModelColumn, column: &Column, catalog: &Catalog) -> bool {
    fits(&said.ty, &column.ty, catalog) == Fit::Yes
}
