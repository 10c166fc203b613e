//! `current`: the revision that the database is at.

use clap::Args;
use serde::Serialize;

use super::{project, view};
use crate::chain::Chain;
use crate::cli::Global;
use crate::context::Context;
use crate::error::{Outcome, Result};

/// The revision that the database is at.
#[derive(Debug, Args)]
pub struct Current {}

#[derive(Serialize)]
struct View<'a> {
    schema_version: u32,
    current: Vec<Item<'a>>,
    /// Applied versions that are not in this chain.
    unknown: &'a [String],
}

#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    version: &'a str,
    message: &'a str,
    head: bool,
}

impl Current {
    /// Runs the command.
    ///
    /// # Errors
    /// Where the project, the chain or the database cannot be read.
    pub fn run(&self, global: &Global, cx: &mut Context) -> Result<Outcome> {
        let project = project(cx, global)?;
        let chain = Chain::load(&project.tree, &project.group()?.directory)?;
        let mut database = view::open_for_reading(&project)?;
        let applied = view::applied_versions(&mut database)?;
        let heads: Vec<_> = chain.heads().iter().map(|h| h.id.clone()).collect();
        let current = chain.current(&applied);
        let unknown = chain.pending(&applied).unknown;
        if cx.ui.is_json() {
            let current = current.iter().map(|r| Item {
                id: &r.id,
                version: &r.version,
                message: &r.message,
                head: heads.contains(&r.id),
            });
            cx.ui.json(&View { schema_version: 1, current: current.collect(), unknown: &unknown })?;
            return Ok(Outcome::Fine);
        }
        if current.is_empty() {
            let what = if unknown.is_empty() { "nothing is applied" } else { "nothing of this chain is applied" };
            cx.ui.line(format!("base ({what})"))?;
        }
        view::warn_unknown(&unknown, cx);
        for revision in current {
            let head = if heads.contains(&revision.id) { " (head)" } else { "" };
            cx.ui.line(format!("{}{head}", view::revision_line(revision, cx)))?;
        }
        Ok(Outcome::Fine)
    }
}
