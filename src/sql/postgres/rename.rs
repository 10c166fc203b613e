//! Renames of a PostgreSQL schema, down to the texts that the server keeps as trees and prints anew
//! with the new name: views, policies, functions with a body in SQL. Bodies that are strings stay
//! as they are, there as here.

use super::body;
use super::query::{Renamed, renamed, renamed_expr, result_renamed};
use crate::catalog::{Catalog, Expr, IndexKey, Name, Table, rename_call, rename_identifier};

/// Renames a table or view wherever it is named.
///
/// Returns the objects whose text names it in a way that could not be followed.
pub(crate) fn rename_relation(catalog: &mut Catalog, from: &Name, to: &Name) -> Vec<Name> {
    let texts = Texts::of(catalog, &from.name);
    if let Some(mut view) = catalog.views.remove(from) {
        view.name = to.clone();
        view.sql = with_own_name(&view.sql, from, to);
        catalog.views.insert(to.clone(), view);
    } else {
        catalog.rename_table(from, to);
    }
    for view in catalog.views.values_mut() {
        if view.depends_on.remove(from) {
            view.depends_on.insert(to.clone());
        }
    }
    texts.rename(catalog, Renamed::Relation { from, to })
}

/// Renames a column wherever it is named.
///
/// Returns the objects whose text names it in a way that could not be followed.
pub(crate) fn rename_column(catalog: &mut Catalog, table: &Name, from: &str, to: &str) -> Vec<Name> {
    let texts = Texts::of(catalog, from);
    catalog.rename_column(table, from, to);
    let mut lost = texts.rename(catalog, Renamed::Column { table, from, to });
    for partition in catalog.partitions(table) {
        lost.extend(rename_column(catalog, &partition, from, to));
    }
    lost
}

/// Renames a column of a view, and wherever it is named.
///
/// Returns the objects whose text names it in a way that could not be followed.
pub(crate) fn rename_view_column(catalog: &mut Catalog, view: &Name, from: &str, to: &str) -> Vec<Name> {
    let texts = Texts::of(catalog, from);
    let mut lost = Vec::new();
    if let Some(view) = catalog.views.get_mut(view) {
        match result_renamed(&view.sql, from, to) {
            Some(sql) => view.sql = sql,
            None => lost.push(view.name.clone()),
        }
        for index in &mut view.indexes {
            let parts = index.parts.iter_mut().filter_map(|part| match &mut part.key {
                IndexKey::Column(name) => Some(name),
                IndexKey::Expr(_) => None,
            });
            parts.filter(|name| *name == from).for_each(|name| to.clone_into(name));
        }
    }
    lost.extend(texts.rename(catalog, Renamed::Column { table: view, from, to }));
    lost
}

/// Renames a function where it is called, its name without arguments.
///
/// Returns the objects that call it where others of that name stay (`overloaded`), or that would
/// have to name another schema now.
pub(crate) fn rename_function(catalog: &mut Catalog, from: &Name, to: &Name, overloaded: bool) -> Vec<Name> {
    let unsure = overloaded || from.schema != to.schema;
    let mut doubtful = Vec::new();
    let what = Renamed::Function { from: &from.name, to: &to.name };
    let mut rename = |sql: &mut String, owner: &Name, is_query: bool| {
        let new = rename_call(sql, &from.name, &to.name);
        if new != *sql && unsure {
            doubtful.push(owner.clone());
        } else if new != *sql {
            *sql = if is_query { renamed(sql, what, &|_| None).unwrap_or(new) } else { new };
        }
    };
    for table in catalog.tables.values_mut() {
        let name = table.name.clone();
        table.exprs_mut().for_each(|(_, expr)| rename(&mut expr.sql, &name, false));
    }
    for view in catalog.views.values_mut() {
        rename(&mut view.sql, &view.name, true);
    }
    for domain in catalog.domains.values_mut() {
        let checks = domain.checks.iter_mut().map(|check| &mut check.expr);
        checks.chain(&mut domain.default).for_each(|expr| rename(&mut expr.sql, &domain.name, false));
    }
    for function in catalog.functions.values_mut().filter(|function| body(&function.sql).is_none()) {
        rename(&mut function.sql, &function.name, true);
    }
    doubtful.sort();
    doubtful.dedup();
    doubtful
}

/// The view's own name in its statement.
fn with_own_name(sql: &str, from: &Name, to: &Name) -> String {
    let tokens = super::tokens(sql);
    let Some(at) = tokens.iter().position(|token| token.is("view")) else { return sql.to_owned() };
    let skipped = tokens[at + 1..].iter().take_while(|t| ["if", "not", "exists"].iter().any(|w| t.is(w))).count();
    let first = at + 1 + skipped;
    let last = if tokens.get(first + 1).is_some_and(|t| t.text == ".") { first + 2 } else { first };
    match (tokens.get(first), tokens.get(last)) {
        (Some(start), Some(end)) => {
            let name = to.sql(crate::dialect::Dialect::Postgres);
            format!("{}{name}{}", &sql[..start.offset], &sql[end.end()..])
        }
        _ => rename_identifier(sql, &from.name, &to.name),
    }
}

/// The columns of every table, before a rename: what a text means was settled then.
struct Texts {
    columns: std::collections::BTreeMap<Name, Vec<String>>,
    /// The name that changes: a text without it has nothing to follow.
    word: String,
}

impl Texts {
    fn of(catalog: &Catalog, word: &str) -> Self {
        let relevant = !catalog.views.is_empty()
            || catalog.tables.values().any(|table| !table.policies.is_empty())
            || catalog.functions.values().any(|function| body(&function.sql).is_none());
        let tables = catalog.tables.values().filter(|_| relevant);
        let columns = |table: &crate::catalog::Table| table.columns.iter().map(|c| c.name.clone()).collect();
        Self { columns: tables.map(|table| (table.name.clone(), columns(table))).collect(), word: word.to_owned() }
    }

    fn rename(&self, catalog: &mut Catalog, what: Renamed<'_>) -> Vec<Name> {
        let columns = |name: &Name| self.columns.get(name).cloned();
        let table = match what {
            Renamed::Column { table, .. } => table,
            Renamed::Relation { to, .. } => to,
            Renamed::Function { .. } => return Vec::new(),
        };
        let names = |sql: &str| rename_identifier(sql, &self.word, "\u{1}") != sql;
        let mut lost = Vec::new();
        for view in catalog.views.values_mut().filter(|view| view.depends_on.contains(table)) {
            // A join may name columns without a word of theirs.
            if names(&view.sql) || view.sql.contains('*') || view.sql.to_ascii_lowercase().contains("natural") {
                match renamed(&view.sql, what, &columns) {
                    Some(sql) => view.sql = sql,
                    None => lost.push(view.name.clone()),
                }
            }
        }
        for table in catalog.tables.values_mut() {
            let name = match what {
                Renamed::Relation { from, to } if table.name == *to => from.clone(),
                _ => table.name.clone(),
            };
            if table.policies.is_empty() {
                continue;
            }
            let table: &mut Table = table;
            for expr in table.policies.iter_mut().flat_map(|policy| policy.using.iter_mut().chain(&mut policy.check)) {
                if names(&expr.sql) {
                    match renamed_expr(&expr.sql, &name, what, &columns) {
                        Some(sql) => *expr = Expr::new(sql),
                        None => lost.push(table.name.clone()),
                    }
                }
            }
        }
        for function in catalog.functions.values_mut().filter(|f| names(&f.sql) && body(&f.sql).is_none()) {
            match renamed(&function.sql, what, &columns) {
                Some(sql) => function.sql = sql,
                None => lost.push(function.name.clone()),
            }
        }
        lost
    }
}
