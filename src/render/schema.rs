//! A whole catalog as SQL, in an order in which it can be run on an empty database.

use std::collections::BTreeSet;

use super::postgres::{create_object, create_policy};
use super::table::{create_index, create_table};
use super::text::terminated;
use super::views::create_view;
use super::{mysql, postgres};
use crate::catalog::{Catalog, Table};
use crate::dialect::Dialect;
use crate::diff::{Level, level};
use crate::operation::Object;

/// The schema as SQL: types, tables, foreign keys, indexes, functions, views, triggers, comments.
pub fn schema_sql(catalog: &Catalog) -> String {
    let dialect = catalog.dialect;
    let mut statements = Vec::new();
    if dialect == Dialect::Postgres {
        statements.extend(postgres_types(catalog));
    }
    // A table may use a function, and a function a table.
    let functions = |wanted: Level| {
        let all = catalog.functions.values().filter(move |function| level(function, &[catalog]) == wanted);
        all.map(|function| terminated(&function.sql))
    };
    statements.extend(functions(Level::Early));
    match dialect {
        Dialect::Postgres => {
            statements.extend(catalog.whole_before_parts().into_iter().flat_map(postgres::create_table));
        }
        Dialect::Sqlite => statements.extend(catalog.tables.values().map(|table| create_table(table, dialect))),
        // Each with its indexes and triggers; nothing in a whole schema is without a form.
        Dialect::Mysql => statements.extend(mysql::schema(catalog).unwrap_or_default()),
    }
    if dialect == Dialect::Postgres {
        for table in catalog.tables.values() {
            statements
                .extend(table.foreign_keys.iter().map(|key| postgres::add_foreign_key(&table.name, key, catalog)));
        }
    }
    statements.extend(functions(Level::Tables));
    for table in catalog.tables.values().filter(|_| dialect != Dialect::Mysql) {
        statements.extend(table.indexes.iter().map(|index| create_index(&table.name, index, dialect)));
    }
    statements.extend(catalog.views_in_order().into_iter().flat_map(|view| create_view(view, dialect)));
    statements.extend(functions(Level::Views));
    for table in catalog.tables.values().filter(|_| dialect != Dialect::Mysql) {
        statements.extend(table.triggers.iter().map(|trigger| terminated(&trigger.sql)));
        statements.extend(table.policies.iter().map(|policy| create_policy(&table.name, policy)));
    }
    if dialect == Dialect::Postgres {
        statements.extend(catalog.tables.values().flat_map(|table| comments(table)));
        statements.extend(catalog.comments.iter().map(|one| postgres::comment_on(&one.on, Some(&one.text), catalog)));
    }
    if statements.is_empty() { String::new() } else { statements.join("\n\n") + "\n" }
}

fn postgres_types(catalog: &Catalog) -> Vec<String> {
    let names = |names: &BTreeSet<String>, object: fn(String) -> Object| -> Vec<Object> {
        names.iter().cloned().map(object).collect()
    };
    let mut objects = names(&catalog.schemas, Object::Schema);
    objects.extend(names(&catalog.extensions, Object::Extension));
    let mut statements: Vec<String> = objects.iter().flat_map(create_object).collect();
    statements.extend(catalog.enums.values().flat_map(postgres::create_enum));
    let domains = catalog.domains.values().cloned().map(Object::Domain);
    let sequences = catalog.sequences.values().filter(|sequence| sequence.owned_by.is_none());
    let objects = domains.chain(sequences.cloned().map(Object::Sequence));
    statements.extend(objects.flat_map(|object| create_object(&object)));
    statements
}

fn comments(table: &Table) -> Vec<String> {
    let own = table.comment.iter().map(|text| postgres::comment(&table.name, None, Some(text)));
    let columns = table.columns.iter().filter(|column| column.comment.is_some());
    own.chain(columns.map(|c| postgres::comment(&table.name, Some(&c.name), c.comment.as_deref()))).collect()
}
