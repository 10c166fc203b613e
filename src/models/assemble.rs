//! Which declarations are the schema: many projects declare a table again where a query needs a
//! part of it, or a table that does not exist at all for a raw query.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::parse::Declarations;
use super::types::canonical;
use super::{DieselType, Join, ModelEnum, ModelTable, Models};
use crate::catalog::Name;
use crate::dialect::Dialect;
use crate::error::{Error, Result};

/// Brings the declarations of a backend's files together. `schema_files` are those that hold the
/// schema by name; without any, the file with the most tables does, and others add what looks like
/// schema too.
///
/// # Errors
/// Where two declarations of one table contradict each other, with both places.
pub fn assemble(files: &[(String, Rc<Declarations>)], schema_files: &[String]) -> Result<Models> {
    let sql_types: BTreeMap<String, Name> = files.iter().flat_map(|(_, d)| d.sql_types.iter().cloned()).collect();
    let most = files.iter().map(|(_, d)| d.tables.len()).max().unwrap_or_default();
    let is_schema = |path: &str, count: usize| {
        if schema_files.is_empty() {
            count == most || count > 1 || path.rsplit('/').next().is_some_and(|name| name.contains("schema"))
        } else {
            schema_files.iter().any(|file| file == path)
        }
    };
    let mut chosen: Vec<_> = files.iter().filter(|(path, d)| is_schema(path, d.tables.len())).collect();
    // The file with the most tables has the say about a table that stands in several.
    chosen.sort_by(|(a, x), (b, y)| y.tables.len().cmp(&x.tables.len()).then(a.cmp(b)));
    let mut models = Models::default();
    for (_, declarations) in &chosen {
        for table in &declarations.tables {
            match models.tables.get(&table.name) {
                Some(known) => contradiction(known, table)?,
                None => {
                    models.tables.insert(table.name.clone(), resolved(table, &sql_types));
                }
            }
        }
    }
    models.joins = joins(files, &models);
    models.enums = enums(files, &sql_types);
    Ok(models)
}

fn resolved(table: &ModelTable, sql_types: &BTreeMap<String, Name>) -> ModelTable {
    let mut table = table.clone();
    for column in &mut table.columns {
        resolve(&mut column.ty, sql_types);
    }
    table
}

fn resolve(ty: &mut DieselType, sql_types: &BTreeMap<String, Name>) {
    ty.sql_name = sql_types.get(&ty.name).cloned();
    ty.args.iter_mut().for_each(|arg| resolve(arg, sql_types));
}

/// Two declarations of a table may be parts of it, or alternatives of which `cfg` or the
/// directory's dialect picks one; the same column with two types is neither.
fn contradiction(known: &ModelTable, other: &ModelTable) -> Result<()> {
    let for_dialect =
        |table: &ModelTable| table.at.file.split(['/', '.', '_']).any(|part| Dialect::from_name(part).is_some());
    if known.conditional || other.conditional || for_dialect(known) || for_dialect(other) {
        return Ok(());
    }
    for column in &other.columns {
        let Some(first) = known.column(&column.name) else {
            if known.at.file == other.at.file {
                return Err(contradicts(known, other, &format!("only one has {}", column.name)));
            }
            continue;
        };
        if canonical(&first.ty) != canonical(&column.ty) || first.nullable != column.nullable {
            let text =
                format!("{} is {} in one and {} in the other", column.name, first.type_text(), column.type_text());
            return Err(contradicts(known, other, &text));
        }
    }
    Ok(())
}

fn contradicts(known: &ModelTable, other: &ModelTable, how: &str) -> Error {
    Error::undecided(format!("table {} is declared twice, differently: {how} (the other is at {})", known.name, known.at))
        .at(other.at.clone())
        .hint("keep one, or name the file that holds the schema: `schema-files = [\"src/schema.rs\"]` under [package.metadata.ops-migrate]")
}

/// The joins between tables of the schema, by SQL names.
fn joins(files: &[(String, Rc<Declarations>)], models: &Models) -> Vec<Join> {
    let table = |rust_name: &str| models.tables.values().find(|t| t.rust_name == rust_name);
    let mut joins: Vec<Join> = Vec::new();
    for raw in files.iter().flat_map(|(_, d)| &d.joins) {
        let (Some(child), Some(parent)) = (table(&raw.child), table(&raw.parent)) else { continue };
        let Some(column) = child.columns.iter().find(|c| c.rust_name == raw.column) else { continue };
        let join = Join {
            child: child.name.clone(),
            parent: parent.name.clone(),
            column: column.name.clone(),
            at: raw.at.clone(),
        };
        if !joins.iter().any(|j| (&j.child, &j.parent, &j.column) == (&join.child, &join.parent, &join.column)) {
            joins.push(join);
        }
    }
    joins
}

fn enums(files: &[(String, Rc<Declarations>)], sql_types: &BTreeMap<String, Name>) -> BTreeMap<Name, ModelEnum> {
    let mut enums = BTreeMap::new();
    for raw in files.iter().flat_map(|(_, d)| &d.enums) {
        let by_type = raw.rust_type.as_ref().and_then(|rust| sql_types.get(rust).cloned());
        let Some(name) = raw.sql_name.clone().or(by_type) else { continue };
        let one = ModelEnum { name: name.clone(), values: raw.values.clone(), at: raw.at.clone() };
        enums.entry(name).or_insert(one);
    }
    enums
}
