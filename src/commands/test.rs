//! `test`: proves revisions on a scratch database.

use clap::Args;

use super::{project, view};
use crate::chain::Chain;
use crate::cli::Global;
use crate::context::Context;
use crate::dialect::Dialect;
use crate::error::{Error, Kind, Outcome, Result};

/// Prove revisions on a scratch database: up, down, up again, with rows.
#[derive(Debug, Args)]
pub struct Test {
    /// The revision; without it, the head
    #[arg(allow_hyphen_values = true)]
    pub revision: Option<String>,
    /// Every revision of the chain, one by one
    #[arg(long, conflicts_with = "revision")]
    pub all: bool,
}

impl Test {
    /// Runs the command.
    ///
    /// # Errors
    /// Where the project or the chain cannot be read, there is no such revision, or no server.
    pub fn run(&self, global: &Global, cx: &mut Context) -> Result<Outcome> {
        let project = project(cx, global)?;
        let mut proofs = Vec::new();
        let named = project.layout.groups.len() == 1 || project.database.is_some() || self.revision.is_some();
        let groups = if named { vec![project.group()?] } else { project.layout.groups.iter().collect() };
        for group in groups {
            let has_server = project.database.as_ref().is_some_and(|(url, _)| url.dialect() == group.dialect);
            if group.dialect != Dialect::Sqlite && !has_server {
                return Err(Error::undecided(format!(
                    "{} needs a {} server to be proved on",
                    group.directory, group.dialect
                ))
                .hint("name one: --database-url URL (a scratch database is made beside it and removed again)"));
            }
            let chain = Chain::load(&project.tree, &group.directory)?;
            let names: Vec<String> = if self.all {
                chain.revisions().iter().map(|r| r.directory.clone()).collect()
            } else {
                let text = self.revision.as_deref().unwrap_or("head");
                view::revision_at(&project, &chain, text)?.map(|r| r.directory.clone()).into_iter().collect()
            };
            for name in names {
                cx.ui.status(format!("{}/{name}", group.directory));
                proofs.push(view::prove(&project, group, &chain, &[name], None, cx)?);
            }
        }
        if cx.ui.is_json() {
            cx.ui.json(&serde_json::json!({ "schema_version": 1, "proofs": proofs }))?;
        }
        if proofs.iter().any(|proof| proof.proved.is_none()) {
            return Err(Error::new(Kind::Database, "not every revision could be proved: the server is out of reach"));
        }
        let fine = proofs.iter().all(|proof| proof.proved != Some(false));
        Ok(if fine { Outcome::Fine } else { Outcome::Change })
    }
}
