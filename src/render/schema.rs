//! A whole catalog as SQL, in an order in which it can be run on an empty database.

use super::table::{create_index, create_table, create_table_as};
use super::text::{mentions, terminated};
use super::views::{create_view, in_order};
use super::{mysql, names, postgres};
use crate::catalog::{AutoValue, Catalog, Check, Domain, Function, Name, Table};
use crate::dialect::Dialect;
use crate::sql;

/// The schema as SQL: types, tables, foreign keys, indexes, functions, views, triggers, comments.
pub fn schema_sql(catalog: &Catalog) -> String {
    let dialect = catalog.dialect;
    let mut statements = Vec::new();
    if dialect == Dialect::Postgres {
        statements.extend(postgres_types(catalog));
    }
    // A table may use a function, and a function a table.
    let names: Vec<&str> = catalog.tables.keys().chain(catalog.views.keys()).map(|name| name.name.as_str()).collect();
    let names_relation = |text: &str| names.iter().any(|name| mentions(text, name, dialect));
    let (late, early): (Vec<&Function>, Vec<&Function>) = catalog.functions.values().partition(|f| {
        names_relation(&f.sql)
            || (dialect == Dialect::Postgres && sql::postgres::body(&f.sql).is_some_and(|body| names_relation(&body)))
    });
    statements.extend(early.iter().map(|function| terminated(&function.sql)));
    match dialect {
        Dialect::Postgres => statements
            .extend(catalog.tables.values().map(|t| create_table_as(&without_invalid(t), &t.name, dialect, false))),
        Dialect::Sqlite => statements.extend(catalog.tables.values().map(|table| create_table(table, dialect))),
        // Each with its indexes and triggers; nothing in a whole schema is without a form.
        Dialect::Mysql => statements.extend(mysql::schema(catalog).unwrap_or_default()),
    }
    if dialect == Dialect::Postgres {
        for table in catalog.tables.values() {
            statements.extend(renamed_sequences(table));
            statements.extend(table.checks.iter().filter(|c| !c.valid).map(|c| postgres::add_check(table, c)));
            statements
                .extend(table.foreign_keys.iter().map(|key| postgres::add_foreign_key(&table.name, key, catalog)));
        }
    }
    statements.extend(late.iter().map(|function| terminated(&function.sql)));
    for table in catalog.tables.values().filter(|_| dialect != Dialect::Mysql) {
        statements.extend(table.indexes.iter().map(|index| create_index(&table.name, index, dialect)));
    }
    statements.extend(in_order(catalog).into_iter().flat_map(create_view));
    for table in catalog.tables.values().filter(|_| dialect != Dialect::Mysql) {
        statements.extend(table.triggers.iter().map(|trigger| terminated(&trigger.sql)));
    }
    if dialect == Dialect::Postgres {
        statements.extend(catalog.tables.values().flat_map(comments));
    }
    if statements.is_empty() { String::new() } else { statements.join("\n\n") + "\n" }
}

/// `serial` makes a sequence of a default name, but a renamed table or column keeps the one it had.
fn renamed_sequences(table: &Table) -> impl Iterator<Item = String> + '_ {
    table.columns.iter().filter_map(|column| {
        let Some(AutoValue::Serial { sequence }) = &column.auto else { return None };
        let made = names::serial_sequence(&table.name, &column.name);
        let sql = |name: &Name| name.sql(Dialect::Postgres);
        let to = Dialect::Postgres.quote(&sequence.name);
        (made != *sequence && made.schema == sequence.schema)
            .then(|| format!("ALTER SEQUENCE {} RENAME TO {to};", sql(&made)))
    })
}

/// The table without checks that are NOT VALID, which CREATE TABLE cannot say; the others by name,
/// so that leaving some out renames none.
fn without_invalid(table: &Table) -> Table {
    let named = |check: &Check| Check { name: Some(names::check(table, check)), ..check.clone() };
    let checks = table.checks.iter().filter(|check| check.valid).map(named).collect();
    Table { checks, ..table.clone() }
}

fn postgres_types(catalog: &Catalog) -> Vec<String> {
    let dialect = Dialect::Postgres;
    let mut statements: Vec<String> =
        catalog.schemas.iter().map(|schema| format!("CREATE SCHEMA {};", dialect.quote(schema))).collect();
    statements.extend(
        catalog.extensions.iter().map(|name| format!("CREATE EXTENSION IF NOT EXISTS {};", dialect.quote(name))),
    );
    for ty in catalog.enums.values() {
        statements.extend(postgres::create_enum(ty));
    }
    statements.extend(catalog.domains.values().map(create_domain));
    for sequence in catalog.sequences.values().filter(|sequence| sequence.owned_by.is_none()) {
        let text = format!("CREATE SEQUENCE {} {}", sequence.name.sql(dialect), sequence.options);
        statements.push(terminated(&text));
    }
    statements
}

fn create_domain(domain: &Domain) -> String {
    let dialect = Dialect::Postgres;
    let mut text = format!("CREATE DOMAIN {} AS {}", domain.name.sql(dialect), domain.base.sql(dialect));
    if let Some(default) = &domain.default {
        text.push_str(&format!(" DEFAULT {default}"));
    }
    if domain.not_null {
        text.push_str(" NOT NULL");
    }
    for check in &domain.checks {
        let name = check.name.as_ref().map(|name| format!("CONSTRAINT {} ", dialect.quote(name))).unwrap_or_default();
        text.push_str(&format!(" {name}CHECK {}", super::text::in_parentheses(&check.expr.sql)));
    }
    text + ";"
}

fn comments(table: &Table) -> Vec<String> {
    let own = table.comment.iter().map(|text| postgres::comment(&table.name, None, Some(text)));
    let columns = table.columns.iter().filter(|column| column.comment.is_some());
    own.chain(columns.map(|c| postgres::comment(&table.name, Some(&c.name), c.comment.as_deref()))).collect()
}
