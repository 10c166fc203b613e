//! Which declarations are the schema: many projects declare a table again where a query needs a
//! part of it, or a table that does not exist at all for a raw query.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::parse::Declarations;
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
    let types = SqlTypes::of(files);
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
            let table = types.resolved(table);
            match models.tables.get_mut(&table.name) {
                Some(known) if are_variants(known, &table) => known.take_variant(&table),
                Some(known) => contradiction(known, &table)?,
                None => {
                    models.tables.insert(table.name.clone(), table);
                }
            }
        }
    }
    models.joins = joins(files, &models);
    models.enums = enums(files, &types);
    models.sql_types = files.iter().flat_map(|(_, d)| &d.sql_types).filter_map(|ty| ty.postgres.clone()).collect();
    Ok(models)
}

/// What the Rust names of SQL types stand for.
pub(super) struct SqlTypes<'a> {
    by_name: BTreeMap<&'a str, (Option<Name>, Option<&'a str>)>,
}

impl<'a> SqlTypes<'a> {
    /// Those that are declared, and those that `DbEnum` makes: stored as text where the database has
    /// no enum types.
    pub(super) fn of(files: &'a [(String, Rc<Declarations>)]) -> Self {
        let declarations = || files.iter().map(|(_, declarations)| declarations);
        let made = declarations().flat_map(|d| &d.enums).filter(|raw| raw.sql_name.is_some());
        let made = made.map(|raw| (raw.rust_type.as_str(), (raw.sql_name.clone(), Some("Text"))));
        let declared = declarations().flat_map(|d| &d.sql_types);
        let declared = declared.map(|ty| (ty.rust_name.as_str(), (ty.postgres.clone(), ty.sqlite.as_deref())));
        Self { by_name: made.chain(declared).collect() }
    }

    fn postgres(&self, rust_name: &str) -> Option<&Name> {
        self.by_name.get(rust_name)?.0.as_ref()
    }

    fn resolved(&self, table: &ModelTable) -> ModelTable {
        let mut table = table.clone();
        for column in &mut table.columns {
            self.resolve(&mut column.ty);
            column.other_forms.iter_mut().for_each(|form| self.resolve(&mut form.ty));
        }
        table
    }

    /// Gives a type what its Rust name stands for.
    pub(super) fn resolve(&self, ty: &mut DieselType) {
        if let Some((postgres, sqlite)) = self.by_name.get(ty.name.as_str()) {
            ty.sql_name.clone_from(postgres);
            ty.storage = sqlite.map(str::to_owned);
        }
        ty.args.iter_mut().for_each(|arg| self.resolve(arg));
    }
}

/// Whether two declarations of a table are alternatives, of which a `cfg` in their file or the
/// backends that their paths name pick one.
fn are_variants(known: &ModelTable, other: &ModelTable) -> bool {
    let conditional = known.conditional || other.conditional;
    let backends = (backend_of(known), backend_of(other));
    (conditional && known.at.file == other.at.file) || matches!(backends, (Some(a), Some(b)) if a != b)
}

/// The dialect that a part of the file's path names.
fn backend_of(table: &ModelTable) -> Option<Dialect> {
    table.at.file.split(['/', '.', '_']).find_map(Dialect::from_name)
}

/// Another declaration of a table may be a part of it, for one query or one backend; the same column
/// with two types is not.
fn contradiction(known: &ModelTable, other: &ModelTable) -> Result<()> {
    if known.conditional || other.conditional || backend_of(known).or(backend_of(other)).is_some() {
        return Ok(());
    }
    for column in &other.columns {
        let Some(first) = known.column(&column.name) else {
            if known.at.file == other.at.file {
                return Err(contradicts(known, other, &format!("only one has {}", column.name)));
            }
            continue;
        };
        if !column.forms().all(|form| first.forms().any(|known| known.same(&form))) {
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

/// The enums that the database knows. Several Rust enums of one SQL type are one: each has to find its
/// values.
fn enums(files: &[(String, Rc<Declarations>)], types: &SqlTypes<'_>) -> BTreeMap<Name, ModelEnum> {
    let mut enums: BTreeMap<Name, ModelEnum> = BTreeMap::new();
    for raw in files.iter().flat_map(|(_, d)| &d.enums) {
        let Some(name) = raw.sql_name.as_ref().or_else(|| types.postgres(&raw.rust_type)) else { continue };
        let new = || ModelEnum { name: name.clone(), values: Vec::new(), at: raw.at.clone() };
        let known = enums.entry(name.clone()).or_insert_with(new);
        for value in &raw.values {
            if !known.values.contains(value) {
                known.values.push(value.clone());
            }
        }
    }
    enums
}
