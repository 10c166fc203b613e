//! `schema`: the schema at a revision, without a database.

use clap::Args;

use super::{project, view};
use crate::catalog::{Catalog, Table};
use crate::chain::{self, Chain};
use crate::cli::Global;
use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::history_tables::is_history;
use crate::models::owned::{Known, attributes};
use crate::project::Project;
use crate::snapshot::{self, Parsed};
use crate::ui::Format;
use crate::{render, schema_file};

/// The schema at a revision, without a database.
#[derive(Debug, Args)]
pub struct Schema {
    /// The revision; without it, the head
    #[arg(allow_hyphen_values = true)]
    pub revision: Option<String>,
    /// With --format rust: one section of diesel.toml, `[print_schema.KEY]`
    #[arg(long, value_name = "KEY")]
    pub schema_key: Option<String>,
    /// With --format ops: only these tables
    #[arg(long = "table", value_name = "TABLE")]
    pub tables: Vec<String>,
}

impl Schema {
    /// Runs the command.
    ///
    /// # Errors
    /// Where the project or the chain cannot be read, or there is no such revision.
    pub fn run(&self, global: &Global, cx: &mut Context) -> Result<Outcome> {
        let project = project(cx, global)?;
        let group = project.group()?;
        let chain = Chain::load(&project.tree, &group.directory)?;
        let id = match &self.revision {
            None => None,
            Some(text) => match view::revision_at(&project, &chain, text)? {
                Some(revision) => Some(revision.id.clone()),
                None => return self.tell(&project, &Catalog::empty(group.dialect), cx),
            },
        };
        let catalog =
            chain::catalog_with_cache(&project.tree, &chain, group.dialect, id.as_deref(), &mut project.cache())?;
        self.tell(&project, &catalog, cx)
    }

    fn tell(&self, project: &Project, catalog: &Catalog, cx: &mut Context) -> Result<Outcome> {
        match cx.ui.format {
            Format::Json => cx.ui.json(catalog)?,
            Format::Sql => cx.ui.line(render::schema_sql(catalog).trim_end())?,
            Format::Rust => self.tell_rust(project, catalog, cx)?,
            Format::Ops => tell_ops(project, catalog, &self.tables, cx)?,
            _ => tell_human(catalog, cx)?,
        }
        for doubt in &catalog.uncertain {
            cx.ui.warn(format!("{}: {}", doubt.at, doubt.reason));
        }
        Ok(Outcome::Fine)
    }

    /// The sections of diesel.toml one after the other, as `diesel print-schema` prints them.
    fn tell_rust(&self, project: &Project, catalog: &Catalog, cx: &mut Context) -> Result<()> {
        let mut files = schema_file::all(project)?;
        if let Some(key) = &self.schema_key {
            let keys: Vec<_> = files.iter().map(|file| file.section.key.clone()).collect();
            files.retain(|file| file.section.key == *key);
            if files.is_empty() {
                return Err(Error::undecided(format!("diesel.toml has no section print_schema.{key}"))
                    .hint(format!("it has: {}", keys.join(", "))));
            }
        }
        for file in files {
            let printed = file.print(catalog);
            cx.ui.line(printed.text.trim_end())?;
            for note in file.section.notes.iter().chain(&printed.notes) {
                cx.ui.warn(note);
            }
        }
        Ok(())
    }
}

/// The attributes for each table that no struct states yet, for copying.
fn tell_ops(project: &Project, catalog: &Catalog, tables: &[String], cx: &mut Context) -> Result<()> {
    let group = project.group()?;
    let layout = project.layout.of(group);
    let models = snapshot::models(&project.tree, &layout, &mut Parsed::default())?;
    let structs = snapshot::structs(&project.tree, &layout)?;
    // What is stated already has words of its own in `models.tables`.
    let mut declared = models.tables.clone();
    for (name, owned) in &models.owned {
        match &owned.declared {
            Some(table) => drop(declared.insert(name.clone(), table.clone())),
            None => drop(declared.remove(name)),
        }
    }
    let known = Known { tables: &declared, structs: &structs, module: "crate::schema" };
    for table in catalog.tables.values() {
        let is_asked = tables.iter().any(|name| *name == table.name.to_string());
        let is_its = models.tables.contains_key(&table.name) && !models.owned.contains_key(&table.name);
        // What states a table states its history.
        let is_its = is_its && !is_history(table, catalog);
        if is_asked || (tables.is_empty() && is_its) {
            cx.ui.line(attributes(table, catalog, &known))?;
        }
    }
    Ok(())
}

fn tell_human(catalog: &Catalog, cx: &mut Context) -> Result<()> {
    for table in catalog.tables.values() {
        tell_table(table, cx)?;
    }
    for (name, ty) in &catalog.enums {
        cx.ui.line(format!("enum {name}: {}", ty.values.join(", ")))?;
    }
    for (name, view) in &catalog.views {
        cx.ui.line(format!("{} {name}", if view.materialized { "materialized view" } else { "view" }))?;
    }
    Ok(())
}

fn tell_table(table: &Table, cx: &mut Context) -> Result<()> {
    cx.ui.line(format!("table {}", table.name))?;
    for column in &table.columns {
        let key = if table.key_columns().contains(&column.name) { " key" } else { "" };
        let null = if column.nullable { "" } else { " not null" };
        let default = column.default.as_ref().map(|d| format!(" default {d}")).unwrap_or_default();
        cx.ui.line(format!("  {:<32} {}{null}{default}{key}", column.name, column.ty))?;
    }
    for unique in &table.uniques {
        cx.ui.line(format!("  unique ({})", unique.columns.join(", ")))?;
    }
    for key in &table.foreign_keys {
        cx.ui.line(format!("  foreign key ({}) -> {}", key.columns.join(", "), key.references))?;
    }
    for check in &table.checks {
        cx.ui.line(format!("  check {}", check.expr))?;
    }
    for index in &table.indexes {
        let unique = if index.unique { "unique " } else { "" };
        cx.ui.line(format!("  {unique}index {}", index.name))?;
    }
    for trigger in &table.triggers {
        cx.ui.line(format!("  trigger {}", trigger.name))?;
    }
    Ok(())
}
