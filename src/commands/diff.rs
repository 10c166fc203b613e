//! `diff`: what differs between two schemas: revisions, the models, a SQL file, a database.

use clap::Args;

use super::{project, view};
use crate::catalog::Catalog;
use crate::chain::{self, Chain};
use crate::cli::Global;
use crate::context::Context;
use crate::db::introspect::introspect;
use crate::db::{Database, DatabaseUrl};
use crate::dialect::Dialect;
use crate::diff::{self as differ, Answers};
use crate::error::{Outcome, Result};
use crate::layout::Group;
use crate::project::Project;
use crate::render::{Part, Ways};
use crate::snapshot::{self, Parsed};
use crate::ui::Format;
use crate::{models, render, replay};

/// What differs between two schemas.
#[derive(Debug, Args)]
pub struct Diff {
    /// A revision, `models`, a .sql file, or a database URL
    #[arg(long, value_name = "A", default_value = "head", allow_hyphen_values = true)]
    pub from: String,
    /// A revision, `models`, a .sql file, or a database URL
    #[arg(long, value_name = "B", default_value = "models", allow_hyphen_values = true)]
    pub to: String,
    /// With --format sql, PostgreSQL: indexes as `create --concurrently` makes them
    #[arg(long)]
    pub concurrently: bool,
    /// With --format sql, PostgreSQL: NOT NULL as `create --in-steps` makes it
    #[arg(long)]
    pub in_steps: bool,
}

impl Diff {
    /// Runs the command.
    ///
    /// # Errors
    /// Where a side cannot be read.
    pub fn run(&self, global: &Global, cx: &mut Context) -> Result<Outcome> {
        let project = project(cx, global)?;
        let from = side(&self.from, &project, cx)?;
        let to = side(&self.to, &project, cx)?;
        let server_texts = from.dialect == Dialect::Postgres && is_url(&self.from) != is_url(&self.to);
        let answers = Answers { server_texts, ..Answers::default() };
        let operations = differ::diff(&from, &to, &answers);
        match cx.ui.format {
            Format::Json => cx.ui.json(&serde_json::json!({ "schema_version": 1, "operations": operations }))?,
            Format::Sql => {
                let ways = Ways { concurrently: self.concurrently, in_steps: self.in_steps };
                cx.ui.line(as_sql(&render::parts(&from, &to, &answers, ways)?))?;
            }
            _ => {
                for operation in &operations {
                    cx.ui.line(operation.describe())?;
                }
                if operations.is_empty() {
                    cx.ui.line("No differences.")?;
                }
            }
        }
        Ok(Outcome::Fine)
    }
}

/// The scripts that `create` would write, each behind a line that says how it is to be run; one that
/// needs no such line stands alone.
fn as_sql(parts: &[Part]) -> String {
    let count = parts.len();
    let script = |(number, part): (usize, &Part)| {
        let mode = if part.script.run_in_transaction { "in a transaction" } else { "without a transaction" };
        let up = part.script.up.trim_end();
        match (count, part.script.run_in_transaction) {
            (1, true) => up.to_owned(),
            (1, false) => format!("-- {mode}\n{up}"),
            _ => format!("-- {} of {count}: {}, {mode}\n{up}", number + 1, part.title),
        }
    };
    match count {
        0 => "-- No differences.".to_owned(),
        _ => parts.iter().enumerate().map(script).collect::<Vec<_>>().join("\n\n"),
    }
}

fn is_url(text: &str) -> bool {
    text.contains("://") || text.starts_with("file:")
}

fn side(text: &str, project: &Project, cx: &Context) -> Result<Catalog> {
    let group = project.group()?;
    if text == "models" {
        return of_models(project, group);
    }
    if is_url(text) {
        let mut database = Database::connect_read_only(&DatabaseUrl::parse(text)?.resolved(&cx.cwd))?;
        return introspect(&mut database);
    }
    if text.ends_with(".sql") {
        let path = cx.cwd.join(text);
        let sql = fs_err::read_to_string(&path)?;
        let mut catalog = Catalog::empty(group.dialect);
        replay::apply(&mut catalog, &sql, text)?;
        return Ok(catalog);
    }
    let chain = Chain::load(&project.tree, &group.directory)?;
    match view::revision_at(project, &chain, text)? {
        Some(revision) => {
            chain::catalog_with_cache(&project.tree, &chain, group.dialect, Some(&revision.id), &mut project.cache())
        }
        None => Ok(Catalog::empty(group.dialect)),
    }
}

/// The schema that the models ask for: the chain's own, with everything that differs changed.
fn of_models(project: &Project, group: &Group) -> Result<Catalog> {
    let (_, baseline) = snapshot::baseline(&project.tree, group, &mut project.cache())?;
    let now = snapshot::models(&project.tree, &project.layout.of(group), &mut Parsed::default())?;
    models::desired(&baseline, &models::drift(&now, &baseline), &now, &[])
}
