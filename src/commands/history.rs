//! `history`: revisions, newest first.

use std::collections::HashSet;

use clap::Args;
use serde::Serialize;

use super::{project, view};
use crate::chain::target::{self, Range};
use crate::chain::{Chain, Revision};
use crate::cli::Global;
use crate::context::Context;
use crate::error::{Outcome, Result};
use crate::ui::Tone;

/// List revisions, newest first.
#[derive(Debug, Args)]
pub struct History {
    /// Which ones: `a:b`, `a:`, `:b`, `-10:current` (the ten before current)
    #[arg(short, long, value_name = "RANGE", allow_hyphen_values = true)]
    pub range: Option<String>,
    /// Mark the revision that the database is at
    #[arg(short, long)]
    pub indicate_current: bool,
}

#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    version: &'a str,
    message: &'a str,
    directory: &'a str,
    parents: &'a [String],
    created: Option<&'a str>,
    head: bool,
    applied: Option<bool>,
}

impl History {
    /// Runs the command; the database is asked only where `current` or marks are wanted.
    ///
    /// # Errors
    /// Where the project, the chain or, if needed, the database cannot be read, or the range names
    /// nothing.
    pub fn run(&self, global: &Global, cx: &mut Context) -> Result<Outcome> {
        let range = self.range.as_deref().map(target::parse_range).transpose()?;
        let project = project(cx, global)?;
        let group = project.group()?;
        let chain = Chain::load(&project.tree, &group.directory)?;
        let needs_current = self.indicate_current || range.as_ref().is_some_and(Range::needs_current);
        let applied = if needs_current {
            let mut database = view::open_for_reading(&project)?;
            Some(view::applied_versions(&mut database)?)
        } else {
            None
        };
        let mut revisions: Vec<&Revision> = match &range {
            Some(range) => range.resolve(&chain, applied.as_deref().unwrap_or_default())?,
            None => chain.revisions().iter().collect(),
        };
        revisions.sort_by(|a, b| b.version.cmp(&a.version));
        if cx.ui.is_json() {
            return json(&revisions, &chain, applied.as_deref(), cx);
        }
        let current: Vec<String> = match &applied {
            Some(applied) => chain.current(applied).iter().map(|r| r.id.clone()).collect(),
            None => Vec::new(),
        };
        if chain.is_empty() {
            cx.ui.status("no revision yet");
        }
        let heads: Vec<_> = chain.heads().iter().map(|h| h.id.clone()).collect();
        let lines: Vec<String> =
            revisions.into_iter().flat_map(|revision| lines_of(revision, &heads, &current, cx)).collect();
        // Line by line, a long chain would be as many system calls.
        if !lines.is_empty() {
            cx.ui.line(lines.join("\n"))?;
        }
        Ok(Outcome::Fine)
    }
}

fn lines_of(revision: &Revision, heads: &[String], current: &[String], cx: &Context) -> Vec<String> {
    let mut marks = Vec::new();
    if heads.contains(&revision.id) {
        marks.push("head");
    }
    if current.contains(&revision.id) {
        marks.push("current");
    }
    let marks = if marks.is_empty() { String::new() } else { format!(" ({})", marks.join(", ")) };
    let mut lines = vec![format!("{}{}", view::revision_line(revision, cx), cx.ui.tone(&marks, Tone::Strong))];
    if cx.ui.verbose {
        let parents = if revision.parents.is_empty() { "base".to_owned() } else { revision.parents.join(", ") };
        lines.push(format!("    revises   {parents}"));
        lines.push(format!("    version   {}", revision.version));
        if let Some(created) = &revision.created {
            lines.push(format!("    created   {created}"));
        }
        if let Some(why) = &revision.irreversible {
            lines.push(format!("    irreversible: {why}"));
        }
        for what in &revision.lossy {
            lines.push(format!("    loses     {what}"));
        }
        for what in &revision.lossy_down {
            lines.push(format!("    loses     {what}, on the way back"));
        }
    }
    lines
}

fn json(revisions: &[&Revision], chain: &Chain, applied: Option<&[String]>, cx: &mut Context) -> Result<Outcome> {
    let heads: Vec<_> = chain.heads().iter().map(|h| h.id.clone()).collect();
    let applied: Option<HashSet<&String>> = applied.map(|versions| versions.iter().collect());
    let items: Vec<_> = revisions
        .iter()
        .map(|r| Item {
            id: &r.id,
            version: &r.version,
            message: &r.message,
            directory: &r.directory,
            parents: &r.parents,
            created: r.created.as_deref(),
            head: heads.contains(&r.id),
            applied: applied.as_ref().map(|versions| versions.contains(&r.version)),
        })
        .collect();
    cx.ui.json(&serde_json::json!({ "schema_version": 1, "revisions": items }))?;
    Ok(Outcome::Fine)
}
