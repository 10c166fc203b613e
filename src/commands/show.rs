//! `show`: one revision: where it stands, what it does, its SQL.

use clap::Args;

use super::{project, view};
use crate::chain::Chain;
use crate::cli::Global;
use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::explain;
use crate::ui::Tone;

/// One revision: what it does, and its SQL.
#[derive(Debug, Args)]
pub struct Show {
    /// The revision: an id or the start of one, head, head-1, current
    #[arg(default_value = "head", allow_hyphen_values = true)]
    pub revision: String,
}

impl Show {
    /// Runs the command.
    ///
    /// # Errors
    /// Where the project or the chain cannot be read, or there is no such revision.
    pub fn run(&self, global: &Global, cx: &mut Context) -> Result<Outcome> {
        let project = project(cx, global)?;
        let group = project.group()?;
        let chain = Chain::load(&project.tree, &group.directory)?;
        let Some(revision) = view::revision_at(&project, &chain, &self.revision)? else {
            return Err(Error::undecided(format!("`{}` is before the first revision", self.revision))
                .hint("cargo ops-migrate history lists them"));
        };
        let before = view::catalog_before(&project, group, &chain, revision)?;
        let up = chain.up(&project.tree, revision)?;
        let down = chain.down(&project.tree, revision)?;
        let effect = explain::effect(&before, &up.text, &up.file)?;
        if cx.ui.is_json() {
            let operations: Vec<_> = effect.operations.iter().map(|o| o.describe()).collect();
            cx.ui.json(&serde_json::json!({
                "schema_version": 1, "id": revision.id, "version": revision.version, "message": revision.message,
                "directory": format!("{}/{}", group.directory, revision.directory), "parents": revision.parents,
                "created": revision.created, "run_in_transaction": revision.run_in_transaction,
                "operations": operations, "up": up.text, "down": down.text,
            }))?;
            return Ok(Outcome::Fine);
        }
        cx.ui.line(view::revision_line(revision, cx))?;
        let parents = if revision.parents.is_empty() { "base".to_owned() } else { revision.parents.join(", ") };
        cx.ui.line(format!("revises  {parents}"))?;
        if let Some(created) = &revision.created {
            cx.ui.line(format!("created  {created}"))?;
        }
        if !revision.run_in_transaction {
            cx.ui.line("runs outside of a transaction")?;
        }
        for operation in &effect.operations {
            cx.ui.line(format!("  - {}", operation.describe()))?;
        }
        if effect.data_statements > 0 {
            cx.ui.line(view::data_line(effect.data_statements))?;
        }
        for script in [&up, &down] {
            let title = cx.ui.tone(&format!("-- {}", script.file), Tone::Faint);
            cx.ui.line(format!("\n{title}\n{}", script.text.trim_end()))?;
        }
        Ok(Outcome::Fine)
    }
}
