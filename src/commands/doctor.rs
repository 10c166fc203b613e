//! `doctor`: what was found, where from, and what is missing.

use clap::Args;
use serde::Serialize;

use super::{project, view};
use crate::chain::Chain;
use crate::cli::Global;
use crate::context::Context;
use crate::db::Database;
use crate::error::{Outcome, Result};
use crate::layout::Group;
use crate::project::Project;
use crate::snapshot::{self, Parsed};
use crate::store;
use crate::ui::Tone;
use crate::words::counted;

/// What was found, where from, and what is missing.
#[derive(Debug, Args)]
pub struct Doctor {}

/// How a line of the report is marked.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
enum Mark {
    #[serde(rename = "ok")]
    Good,
    Missing,
    Note,
}

/// A line of the report: a mark, what it is about, what was found.
#[derive(Debug, Serialize)]
struct Line {
    mark: Mark,
    what: &'static str,
    text: String,
}

/// What was found so far.
#[derive(Default)]
struct Report {
    lines: Vec<Line>,
}

impl Report {
    fn add(&mut self, mark: Mark, what: &'static str, text: impl Into<String>) {
        self.lines.push(Line { mark, what, text: text.into() });
    }
}

impl Doctor {
    /// Runs the command. What is missing is told, not an error.
    ///
    /// # Errors
    /// Where no backend is found.
    pub fn run(&self, global: &Global, cx: &mut Context) -> Result<Outcome> {
        let project = project(cx, global)?;
        let mut report = Report::default();
        for fact in &project.layout.facts {
            report.add(Mark::Good, fact.what, format!("{} (from {})", shown(&fact.value), fact.from));
        }
        models(&project, &mut report);
        chains(&project, &mut report);
        for note in &project.layout.notes {
            report.add(Mark::Note, "note", note);
        }
        database(&project, &mut report);
        git(&project, &mut report)?;
        if cx.ui.is_json() {
            cx.ui.json(&serde_json::json!({ "schema_version": 1, "lines": report.lines }))?;
            return Ok(Outcome::Fine);
        }
        report.lines.iter().try_for_each(|line| tell(line, cx))?;
        Ok(Outcome::Fine)
    }
}

fn tell(line: &Line, cx: &mut Context) -> Result<()> {
    let mark = match line.mark {
        Mark::Good => cx.ui.tone("ok     ", Tone::Good),
        Mark::Missing => cx.ui.tone("missing", Tone::Bad),
        Mark::Note => cx.ui.tone("note   ", Tone::Warn),
    };
    cx.ui.line(format!("{mark}  {:<13} {}", line.what, line.text))
}

fn shown(path: &str) -> &str {
    if path.is_empty() { "." } else { path }
}

fn models(project: &Project, report: &mut Report) {
    match snapshot::models(&project.tree, &project.layout, &mut Parsed::default()) {
        Ok(models) => {
            let columns: usize = models.tables.values().map(|t| t.columns.len()).sum();
            let text = format!("{} tables, {columns} columns, {} enums", models.tables.len(), models.enums.len());
            let mark = if models.tables.is_empty() { Mark::Missing } else { Mark::Good };
            report.add(mark, "models", text);
        }
        Err(error) => report.add(Mark::Missing, "models", error.to_string()),
    }
}

fn chains(project: &Project, report: &mut Report) {
    for group in &project.layout.groups {
        for name in store::empty_directories(&project.path(&group.directory)).unwrap_or_default() {
            let directory = &group.directory;
            report.add(
                Mark::Missing,
                "chain",
                format!(
                    "{directory}/{name} is empty, and Diesel refuses migrations with an empty directory: remove it"
                ),
            );
        }
        match Chain::load(&project.tree, &group.directory) {
            Ok(chain) => found_chain(project, group, &chain, report),
            Err(error) => report.add(Mark::Missing, "chain", error.to_string()),
        }
    }
}

fn found_chain(project: &Project, group: &Group, chain: &Chain, report: &mut Report) {
    let ours = chain.revisions().iter().filter(|r| r.ours).count();
    let text = format!(
        "{} ({}): {}, {ours} of them ours, {}",
        group.directory,
        group.dialect,
        counted(chain.revisions().len(), "revision"),
        counted(chain.heads().len(), "head")
    );
    report.add(Mark::Good, "chain", text);
    let (empty, first) = down_less(project, chain);
    if let Some(first) = first {
        let empty = counted(empty, "revision");
        report.add(
            Mark::Note,
            "chain",
            format!("{empty} cannot be taken back (no or empty down.sql), the first is {first}"),
        );
    }
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

fn database(project: &Project, report: &mut Report) {
    let Some((url, from)) = &project.database else {
        report.add(Mark::Missing, "database", "no URL: --database-url, DATABASE_URL or .env");
        return compose(project, report);
    };
    report.add(Mark::Good, "database", format!("{url} (from {from})"));
    if !Database::exists(url) {
        return report.add(Mark::Note, "database", "not there yet: cargo ops-migrate upgrade makes it");
    }
    let asked = Database::connect_read_only(url).and_then(|mut db| {
        let version = db.server_version()?;
        Ok((version, view::applied_versions(&mut db)?.len()))
    });
    match asked {
        Ok((version, applied)) => {
            report.add(Mark::Good, "server", format!("{version}, {} applied", counted(applied, "revision")));
        }
        Err(error) => {
            report.add(Mark::Missing, "server", error.to_string());
            compose(project, report);
        }
    }
}

fn compose(project: &Project, report: &mut Report) {
    if let Some(command) = project.compose_command() {
        report.add(Mark::Note, "start it", command);
    }
}

fn git(project: &Project, report: &mut Report) -> Result<()> {
    let Some(repo) = &project.repo else {
        report.add(Mark::Note, "git", "no repository: changes are seen against the chain, and nothing guards commits");
        return Ok(());
    };
    let status = crate::git::hook_status::status(repo)?;
    for hook in &status.hooks {
        let mark = if hook.would_run { Mark::Good } else { Mark::Missing };
        report.add(mark, "hook", format!("{}: {}", hook.hook.name(), hook.why));
    }
    for note in status.notes {
        report.add(Mark::Note, "hooks", note);
    }
    Ok(())
}
