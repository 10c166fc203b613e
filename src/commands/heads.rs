//! `heads`: revisions that nothing follows.

use clap::Args;

use super::{project, published, view};
use crate::chain::Chain;
use crate::cli::Global;
use crate::context::Context;
use crate::error::{Outcome, Result};

/// Revisions that nothing follows.
#[derive(Debug, Args)]
pub struct Heads {}

impl Heads {
    /// Runs the command; no database is asked.
    ///
    /// # Errors
    /// Where the project or the chain cannot be read.
    pub fn run(&self, global: &Global, cx: &mut Context) -> Result<Outcome> {
        let project = project(cx, global)?;
        let mut found = Vec::new();
        for group in &project.layout.groups {
            found.push((group, Chain::load(&project.tree, &group.directory)?));
        }
        if cx.ui.is_json() {
            let heads: Vec<_> = found
                .iter()
                .flat_map(|(group, chain)| chain.heads().into_iter().map(move |h| (group, h)))
                .map(|(group, h)| serde_json::json!({ "id": h.id, "version": h.version, "message": h.message, "directory": format!("{}/{}", group.directory, h.directory) }))
                .collect();
            cx.ui.json(&serde_json::json!({ "schema_version": 1, "heads": heads }))?;
            return Ok(Outcome::Fine);
        }
        for (group, chain) in &found {
            if found.len() > 1 {
                cx.ui.line(format!("{} ({}):", group.directory, group.dialect))?;
            }
            if chain.heads().is_empty() {
                cx.ui.status("no revision yet");
            }
            for head in chain.heads() {
                cx.ui.line(view::revision_line(head, cx))?;
            }
            published::hint(&project, group, chain)?.into_iter().for_each(|hint| cx.ui.hint(hint));
        }
        Ok(Outcome::Fine)
    }
}
