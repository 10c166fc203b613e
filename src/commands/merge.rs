//! `merge`: a revision that changes nothing and follows all heads, for heads that others have already.

use clap::Args;
use serde::Serialize;

use super::published::{Published, WayOut};
use super::{project, view};
use crate::chain::{self, Chain, Metadata};
use crate::cli::Global;
use crate::context::Context;
use crate::error::{Outcome, Result};
use crate::store;
use crate::ui::Tone;

/// Join heads that are published by a revision that follows them all.
///
/// It changes nothing; from then on there is one head again. Where one of the branches is nobody else's
/// yet, `cargo ops-migrate rebase` gives a line without it.
#[derive(Debug, Args)]
pub struct Merge {
    /// What it is called; it names the directory
    #[arg(short, long, default_value = "merge heads")]
    pub message: String,
}

#[derive(Serialize)]
struct MergedView {
    id: String,
    directory: String,
    revises: Vec<String>,
}

/// Diesel refuses files that say nothing.
const UP: &str = "-- Joins heads; it changes nothing.\nSELECT 1;\n";
const DOWN: &str = "-- Takes nothing back: it joined heads.\nSELECT 1;\n";

impl Merge {
    /// Runs the command.
    ///
    /// # Errors
    /// Where the project or a chain cannot be read, revisions of both branches cannot stand in one chain, or
    /// nothing can be written.
    pub fn run(&self, global: &Global, cx: &mut Context) -> Result<Outcome> {
        let project = project(cx, global)?;
        let (mut merged, mut writes) = (Vec::new(), Vec::new());
        // All chains are looked at before anything is written.
        for group in &project.layout.groups {
            let chain = Chain::load(&project.tree, &group.directory)?;
            let heads = chain.heads();
            if heads.len() < 2 {
                continue;
            }
            if let Some((first, _)) = heads.split_first() {
                // Joined or in one line, they do the same.
                let others = chain.beside(&first.id);
                chain.rebased(&project.tree, &others, first)?.check(&chain, group.dialect, &mut project.cache())?;
            }
            let way_out = WayOut::of(&chain, Published::of(&project, group)?.as_ref());
            if way_out == Some(WayOut::Rebase) {
                let command = WayOut::Rebase.command();
                cx.ui.hint(format!("not all heads are published; a line without this revision: {command}"));
            }
            let id = view::new_id(&[&chain], cx);
            let newest = chain.newest().map(|revision| revision.version.as_str());
            let name = chain::new_name(cx.now, &id, &self.message, newest)?;
            let revises: Vec<String> = heads.iter().map(|head| head.id.clone()).collect();
            let metadata = Metadata {
                revision: Some(id.clone()),
                revises: revises.clone(),
                message: Some(self.message.clone()),
                created: Some(name.created),
                ..Metadata::default()
            };
            let files =
                vec![("up.sql", UP.to_owned()), ("down.sql", DOWN.to_owned()), ("metadata.toml", metadata.render())];
            let directory = format!("{}/{}", group.directory, name.directory);
            let labels: Vec<String> = heads.iter().map(|head| head.label()).collect();
            let place = project.path(&group.directory);
            writes.push((place, (name.directory, files), format!("{directory}/: it follows {}", labels.join(" and "))));
            merged.push(MergedView { id, directory, revises });
        }
        for (place, revision, line) in writes {
            store::write_revisions(&place, &[revision])?;
            if !cx.ui.is_json() {
                let wrote = cx.ui.tone("Wrote", Tone::Good);
                cx.ui.line(format!("{wrote} {line}"))?;
            }
        }
        if cx.ui.is_json() {
            cx.ui.json(&serde_json::json!({ "schema_version": 1, "revisions": merged }))?;
        } else if merged.is_empty() {
            cx.ui.line("Nothing to join: there is one head.")?;
        }
        if !merged.is_empty() {
            let paths: Vec<&str> = merged.iter().map(|one| one.directory.as_str()).collect();
            cx.ui.hint("prove the revisions of both together: cargo ops-migrate test");
            cx.ui.status(format!("next: git add {}; cargo ops-migrate upgrade", paths.join(" ")));
        }
        Ok(Outcome::Fine)
    }
}
