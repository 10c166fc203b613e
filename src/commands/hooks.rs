//! `hooks`: installs, removes and inspects the git hooks.

use clap::{Args, Subcommand};

use super::gate;
use crate::cli::Global;
use crate::context::Context;
use crate::error::{Error, Kind, Outcome, Result};
use crate::git::install::{self, HookStatus, Options, Report, What};
use crate::ui::Tone;

/// Install, remove or inspect the git hooks.
#[derive(Debug, Args)]
pub struct Hooks {
    #[command(subcommand)]
    pub action: Action,
}

#[derive(Debug, Subcommand)]
pub enum Action {
    /// Install pre-commit, pre-merge-commit and pre-push where git runs them
    Install {
        /// Another directory than the one that git runs hooks from
        #[arg(long, value_name = "DIR")]
        hooks_dir: Option<std::path::PathBuf>,
    },
    /// Remove them, and put back what was there before
    Uninstall,
    /// Tell whether git would really run them, and why not
    Status,
}

impl Hooks {
    /// Runs the command.
    ///
    /// # Errors
    /// Where there is no repository, or its hooks directory is not ours to write to.
    pub fn run(&self, _global: &Global, cx: &mut Context) -> Result<Outcome> {
        let repo = gate::open(cx)?;
        match &self.action {
            Action::Install { hooks_dir } => {
                let options = Options { binary: cx.executable.clone(), hooks_dir: hooks_dir.clone() };
                let report = install::install(&repo, &options)?;
                if let Some(manager) = report.manager {
                    return Err(managed(manager));
                }
                tell(&report, cx)
            }
            Action::Uninstall => tell(&install::uninstall(&repo)?, cx),
            Action::Status => status(&install::status(&repo)?, cx),
        }
    }
}

/// Another program owns the hooks: ours go into its configuration.
fn managed(manager: crate::hooks::Owner) -> Error {
    let error = Error::new(Kind::Change, format!("{} manages the hooks here; nothing was written", manager.name()));
    match manager.snippet() {
        Some((file, text)) => error.hint(format!("add this to {file}:\n{text}")),
        None => error.hint("let it run: cargo-ops-migrate ops-migrate check --staged"),
    }
}

fn tell(report: &Report, cx: &mut Context) -> Result<Outcome> {
    let mut outcome = Outcome::Fine;
    for done in &report.done {
        let what = match &done.what {
            What::Written => "installed".to_owned(),
            What::Chained => "installed; the hook that was there runs first".to_owned(),
            What::Unchanged => "was installed already".to_owned(),
            What::Removed => "removed".to_owned(),
            What::Restored => "removed; the hook that was there is back".to_owned(),
            What::Refused(why) => {
                outcome = Outcome::Change;
                format!("left alone: {why}")
            }
        };
        cx.ui.line(format!("{:<17} {what} ({})", done.hook.name(), done.path.display()))?;
    }
    if report.done.is_empty() {
        cx.ui.line("No hook of ours is installed here.")?;
    }
    for note in &report.notes {
        cx.ui.status(format!("note: {note}"));
    }
    Ok(outcome)
}

fn status(hooks: &[HookStatus], cx: &mut Context) -> Result<Outcome> {
    if cx.ui.is_json() {
        let hooks: Vec<_> = hooks
            .iter()
            .map(|h| serde_json::json!({ "hook": h.hook.name(), "path": h.path, "owner": h.owner.map(|o| o.name()), "would_run": h.would_run, "why": h.why }))
            .collect();
        cx.ui.json(&serde_json::json!({ "schema_version": 1, "hooks": hooks }))?;
    } else {
        for hook in hooks {
            let mark =
                if hook.would_run { cx.ui.tone("runs    ", Tone::Good) } else { cx.ui.tone("does not", Tone::Bad) };
            cx.ui.line(format!("{mark}  {:<17} {}", hook.hook.name(), hook.why))?;
        }
    }
    Ok(if hooks.iter().all(|h| h.would_run) { Outcome::Fine } else { Outcome::Change })
}
