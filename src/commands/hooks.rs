//! `hooks`: installs, removes and inspects the git hooks, and puts the check into the configuration of
//! other managers and of CI.

use clap::{Args, Subcommand, ValueEnum};

use super::{gate, view};
use crate::cli::Global;
use crate::context::Context;
use crate::error::{Error, Kind, Outcome, Result};
use crate::git::hook_status::{self, Status};
use crate::git::install::{self, Options, Report, What};
use crate::git::{Repo, worktree_tree};
use crate::hooks::managers::{Edit, Manager, mentions_us};
use crate::tree::Tree as _;
use crate::ui::Tone;

/// Install, remove or inspect the git hooks.
#[derive(Debug, Args)]
pub struct Hooks {
    #[command(subcommand)]
    pub action: Action,
}

#[derive(Debug, Subcommand)]
pub enum Action {
    /// Install pre-commit, pre-merge-commit, pre-push and pre-applypatch where git runs them
    Install(Install),
    /// Remove them, and put back what was there before
    Uninstall,
    /// Tell whether git would really run them, and why not
    Status,
}

/// Install pre-commit, pre-merge-commit, pre-push and pre-applypatch where git runs them.
#[derive(Debug, Args)]
pub struct Install {
    /// Another directory than the one that git runs hooks from
    #[arg(long, value_name = "DIR")]
    pub hooks_dir: Option<std::path::PathBuf>,
    /// Write them into a template of repositories: git copies its hooks into each one that it makes or clones
    #[arg(long, value_name = "DIR", conflicts_with_all = ["hooks_dir", "manager", "via", "prove", "no_prove"])]
    pub template: Option<std::path::PathBuf>,
    /// Show what the configuration of a hook manager or of CI needs: pre-commit, prek, lefthook, husky,
    /// overcommit, cargo-husky, github, gitlab
    #[arg(long, value_name = "NAME", value_parser = parse_manager, conflicts_with_all = ["hooks_dir", "via", "notices"])]
    pub manager: Option<Manager>,
    /// Write what --manager shows
    #[arg(long, requires = "manager")]
    pub write: bool,
    /// Also post-checkout, post-merge and post-rewrite: they tell which revisions arrived
    #[arg(long)]
    pub notices: bool,
    /// On push, prove new revisions on a scratch database where one is at hand (SQLite always)
    #[arg(long, overrides_with = "no_prove")]
    pub prove: bool,
    /// No longer prove on push
    #[arg(long)]
    pub no_prove: bool,
    /// How git is told: by files in its hooks directory, or by its configuration (git 2.54 and newer;
    /// older versions leave that out without a word)
    #[arg(long, value_enum, default_value_t, conflicts_with = "hooks_dir")]
    pub via: Via,
}

/// How git is told about the hooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Via {
    #[default]
    Files,
    Config,
}

fn parse_manager(text: &str) -> Result<Manager, String> {
    let names = Manager::ALL.map(Manager::name).join(", ");
    Manager::parse(text).ok_or_else(|| format!("no manager {text} ({names})"))
}

impl Hooks {
    /// Runs the command.
    ///
    /// # Errors
    /// Where there is no repository, or its hooks directory is not ours to write to.
    pub fn run(&self, _global: &Global, cx: &mut Context) -> Result<Outcome> {
        if let Action::Install(install @ Install { template: Some(template), .. }) = &self.action {
            return install.to_template(&cx.absolute(template), cx);
        }
        let repo = gate::open(cx)?;
        match &self.action {
            Action::Install(install) => match install.manager {
                Some(manager) => install.with_manager(manager, &repo, cx),
                None => install.as_shims(&repo, cx),
            },
            Action::Uninstall => {
                let mut report = install::uninstall(&repo)?;
                report.notes.extend(callers(&repo));
                tell(&report, cx)
            }
            Action::Status => status(&hook_status::status(&repo)?, cx),
        }
    }
}

impl Install {
    fn options(&self, cx: &Context) -> Options {
        Options {
            binary: cx.executable.clone(),
            hooks_dir: self.hooks_dir.clone(),
            notices: self.notices,
            prove: self.proof(),
            via_config: self.via == Via::Config,
        }
    }

    fn to_template(&self, template: &std::path::Path, cx: &mut Context) -> Result<Outcome> {
        let mut report = install::install_template(template, &self.options(cx))?;
        let template = template.display();
        report.notes.push(format!(
            "git copies them once this is its template: git config --global init.templateDir {template}"
        ));
        report.notes.push("a repository that is there already gets them by: git init".to_owned());
        tell(&report, cx)
    }

    fn as_shims(&self, repo: &Repo, cx: &mut Context) -> Result<Outcome> {
        let mut report = install::install(repo, &self.options(cx))?;
        if let Some(manager) = report.manager {
            return Err(managed(manager));
        }
        report.notes.extend(waiting_manager(repo));
        if self.proof() == Some(true) {
            report.notes.push(
                "a push proves its new revisions on a scratch database, and says so where none is at hand".to_owned(),
            );
        }
        tell(&report, cx)
    }

    fn proof(&self) -> Option<bool> {
        (self.prove || self.no_prove).then_some(self.prove)
    }

    /// Shows what a manager's configuration needs, and writes it where that was asked for.
    fn with_manager(&self, manager: Manager, repo: &Repo, cx: &mut Context) -> Result<Outcome> {
        let root = repo.root().ok_or_else(|| Error::undecided("this is a bare repository: it has no configuration"))?;
        let edits = manager.edits(&worktree_tree(root))?;
        if self.write {
            install::write_edits(repo, &edits)?;
            if let Some(prove) = self.proof() {
                install::set_proof(repo, prove)?;
            }
            if self.prove && !manager.proves() {
                cx.ui.warn(format!(
                    "{} checks a push and cannot prove it: cargo ops-migrate test does, in CI",
                    manager.name()
                ));
            }
        }
        if cx.ui.is_json() {
            let edits: Vec<_> = edits
                .iter()
                .map(|edit| serde_json::json!({ "path": edit.path, "diff": shown(edit), "written": self.write }))
                .collect();
            cx.ui.json(&serde_json::json!({ "schema_version": 1, "manager": manager.name(), "edits": edits }))?;
            return Ok(Outcome::Fine);
        }
        for edit in &edits {
            cx.ui.line(shown(edit).trim_end())?;
        }
        if edits.is_empty() {
            cx.ui.line(format!("{} runs the check already.", manager.name()))?;
        } else if self.write {
            let files: Vec<&str> = edits.iter().map(|edit| edit.path.as_str()).collect();
            cx.ui.status(format!("written: {}", files.join(", ")));
        } else {
            cx.ui.hint(format!("write it: cargo ops-migrate hooks install --manager {} --write", manager.name()));
            return Ok(Outcome::Fine);
        }
        if let Some(step) = manager.next_step() {
            cx.ui.hint(format!("where that was not done yet: {step}"));
        }
        Ok(Outcome::Fine)
    }
}

/// A change as a unified diff.
fn shown(edit: &Edit) -> String {
    view::unified(&edit.path, edit.before.as_deref(), &edit.after)
}

/// Another program owns the hooks: ours go into its configuration.
fn managed(manager: Manager) -> Error {
    let name = manager.name();
    Error::new(Kind::Change, format!("{name} manages the hooks here and would displace others; nothing was written"))
        .hint(format!("see what its configuration needs: cargo ops-migrate hooks install --manager {name}"))
        .hint(format!("write it:                          cargo ops-migrate hooks install --manager {name} --write"))
}

/// The files of hook managers that are here, and whether they call us.
fn manager_files(repo: &Repo) -> Vec<(Manager, &'static str, bool)> {
    let Some(root) = repo.root() else { return Vec::new() };
    let tree = worktree_tree(root);
    let is_hook_manager = |manager: &Manager| !matches!(manager, Manager::Github | Manager::Gitlab);
    let files = |manager: Manager| manager.files().iter().map(move |file| (manager, *file));
    let read = |(manager, file)| {
        let text = tree.read(file).ok()??;
        Some((manager, file, mentions_us(&String::from_utf8_lossy(&text))))
    };
    Manager::ALL.into_iter().filter(is_hook_manager).flat_map(files).filter_map(read).collect()
}

/// A word about a manager that is configured and not installed: it would move our shims aside.
fn waiting_manager(repo: &Repo) -> Option<String> {
    let files = manager_files(repo);
    // The first file of each is the one that it reads.
    let mut first = files.chunk_by(|a, b| a.0 == b.0).filter_map(<[_]>::first);
    first.find(|(.., calls_us)| !calls_us).map(|(manager, file, _)| {
        format!(
            "{file} is here: if {0} runs hooks in this project, let it run the check too: \
             cargo ops-migrate hooks install --manager {0}",
            manager.name()
        )
    })
}

/// A word about each file of a manager that goes on calling us: it is the project's, and committed.
fn callers(repo: &Repo) -> Vec<String> {
    let mut files = manager_files(repo);
    // pre-commit and prek read the same one.
    files.dedup_by_key(|(_, file, _)| *file);
    let calling = files.into_iter().filter(|(.., calls_us)| *calls_us);
    let word = |(manager, file, _): (Manager, _, _)| {
        format!("{file} still lets {} run the check: take it out there", manager.name())
    };
    calling.map(word).collect()
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

fn status(status: &Status, cx: &mut Context) -> Result<Outcome> {
    if cx.ui.is_json() {
        cx.ui.json(&status_json(status))?;
    } else {
        let from = match &status.configured {
            Some((scope, value)) => format!(" (core.hooksPath = {value}, {scope} configuration)"),
            None => String::new(),
        };
        cx.ui.line(format!("hooks     {}{from}, git {}", status.dir.display(), status.git))?;
        for hook in &status.hooks {
            let mark =
                if hook.would_run { cx.ui.tone("runs    ", Tone::Good) } else { cx.ui.tone("does not", Tone::Bad) };
            cx.ui.line(format!("{mark}  {:<17} {}", hook.hook.name(), hook.why))?;
        }
        if status.prove {
            cx.ui.line("proof     a push proves its new revisions on a scratch database")?;
        }
        for note in &status.notes {
            cx.ui.status(format!("note: {note}"));
        }
    }
    Ok(if status.hooks.iter().all(|h| h.would_run) { Outcome::Fine } else { Outcome::Change })
}

fn status_json(status: &Status) -> serde_json::Value {
    let hooks: Vec<_> = status
        .hooks
        .iter()
        .map(|h| {
            let shim = match h.owner {
                Some(crate::hooks::Owner::Ours { shim }) => Some(shim),
                _ => None,
            };
            serde_json::json!({
                "hook": h.hook.name(),
                "path": h.path,
                "owner": h.owner.map(|o| o.name()),
                "shim": shim,
                "would_run": h.would_run,
                "why": h.why,
                "tool": h.tool,
                "tool_with_a_bare_path": h.tool_when_bare,
            })
        })
        .collect();
    serde_json::json!({
        "schema_version": 1,
        "directory": status.dir,
        "hooks_path": status.configured.as_ref().map(|(scope, value)| serde_json::json!({ "scope": scope, "value": value })),
        "git": status.git,
        "prove": status.prove,
        "hooks": hooks,
        "notes": status.notes,
    })
}
