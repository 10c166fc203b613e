//! `doctor`: what was found, where from, and what is missing.

use clap::Args;

use super::{project, view};
use crate::chain::Chain;
use crate::cli::Global;
use crate::context::Context;
use crate::db::Database;
use crate::error::{Outcome, Result};
use crate::project::Project;
use crate::snapshot::{self, Parsed};
use crate::ui::Tone;

/// What was found, where from, and what is missing.
#[derive(Debug, Args)]
pub struct Doctor {}

/// How a line of the report is marked.
enum Mark {
    Good,
    Missing,
    Note,
}

impl Doctor {
    /// Runs the command. What is missing is told, not an error.
    ///
    /// # Errors
    /// Where no backend is found.
    pub fn run(&self, global: &Global, cx: &mut Context) -> Result<Outcome> {
        let project = project(cx, global)?;
        for fact in &project.layout.facts {
            line(cx, Mark::Good, fact.what, &format!("{} (from {})", shown(&fact.value), fact.from))?;
        }
        models(&project, cx)?;
        chains(&project, cx)?;
        for note in &project.layout.notes {
            line(cx, Mark::Note, "note", note)?;
        }
        database(&project, cx)?;
        git(&project, cx)?;
        Ok(Outcome::Fine)
    }
}

fn line(cx: &mut Context, mark: Mark, what: &str, text: &str) -> Result<()> {
    let mark = match mark {
        Mark::Good => cx.ui.tone("ok     ", Tone::Good),
        Mark::Missing => cx.ui.tone("missing", Tone::Bad),
        Mark::Note => cx.ui.tone("note   ", Tone::Warn),
    };
    cx.ui.line(format!("{mark}  {what:<13} {text}"))
}

fn shown(path: &str) -> &str {
    if path.is_empty() { "." } else { path }
}

fn models(project: &Project, cx: &mut Context) -> Result<()> {
    match snapshot::models(&project.tree, &project.layout, &mut Parsed::default()) {
        Ok(models) => {
            let columns: usize = models.tables.values().map(|t| t.columns.len()).sum();
            let text = format!("{} tables, {columns} columns, {} enums", models.tables.len(), models.enums.len());
            let mark = if models.tables.is_empty() { Mark::Missing } else { Mark::Good };
            line(cx, mark, "models", &text)
        }
        Err(error) => line(cx, Mark::Missing, "models", &error.to_string()),
    }
}

fn chains(project: &Project, cx: &mut Context) -> Result<()> {
    for group in &project.layout.groups {
        match Chain::load(&project.tree, &group.directory) {
            Ok(chain) => {
                let ours = chain.revisions().iter().filter(|r| r.ours).count();
                let text = format!(
                    "{} ({}): {}, {ours} of them ours, {}",
                    group.directory,
                    group.dialect,
                    view::counted(chain.revisions().len(), "revision"),
                    view::counted(chain.heads().len(), "head")
                );
                line(cx, Mark::Good, "chain", &text)?;
                let (empty, first) = down_less(project, &chain);
                if let Some(first) = first {
                    line(
                        cx,
                        Mark::Note,
                        "chain",
                        &format!(
                            "{} cannot be taken back (no or empty down.sql), the first is {first}",
                            view::counted(empty, "revision")
                        ),
                    )?;
                }
            }
            Err(error) => line(cx, Mark::Missing, "chain", &error.to_string())?,
        }
    }
    Ok(())
}

fn down_less(project: &Project, chain: &Chain) -> (usize, Option<String>) {
    let mut names = chain
        .revisions()
        .iter()
        .filter(|r| chain.down(&project.tree, r).map_or(true, |script| script.runnable().is_err()))
        .map(|r| r.directory.clone());
    let first = names.next();
    (names.count() + usize::from(first.is_some()), first)
}

fn database(project: &Project, cx: &mut Context) -> Result<()> {
    let Some((url, from)) = &project.database else {
        line(cx, Mark::Missing, "database", "no URL: --database-url, DATABASE_URL or .env")?;
        return compose(project, cx);
    };
    line(cx, Mark::Good, "database", &format!("{url} (from {from})"))?;
    if !Database::exists(url) {
        return line(cx, Mark::Note, "database", "not there yet: cargo ops-migrate upgrade makes it");
    }
    match Database::connect_read_only(url).and_then(|mut db| {
        let version = db.server_version()?;
        Ok((version, view::applied_versions(&mut db)?.len()))
    }) {
        Ok((version, applied)) => {
            line(cx, Mark::Good, "server", &format!("{version}, {} applied", view::counted(applied, "revision")))
        }
        Err(error) => {
            line(cx, Mark::Missing, "server", &error.to_string())?;
            compose(project, cx)
        }
    }
}

fn compose(project: &Project, cx: &mut Context) -> Result<()> {
    match project.compose_command() {
        Some(command) => line(cx, Mark::Note, "start it", &command),
        None => Ok(()),
    }
}

fn git(project: &Project, cx: &mut Context) -> Result<()> {
    let Some(repo) = &project.repo else {
        return line(
            cx,
            Mark::Note,
            "git",
            "no repository: changes are seen against the chain, and nothing guards commits",
        );
    };
    for hook in crate::git::install::status(repo)? {
        let mark = if hook.would_run { Mark::Good } else { Mark::Missing };
        line(cx, mark, "hook", &format!("{}: {}", hook.hook.name(), hook.why))?;
    }
    Ok(())
}
