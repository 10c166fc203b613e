//! Hooks that git runs from its configuration (`hook.<name>.command` and `.event`, git 2.54 and newer;
//! git-config(1)). They run beside the hooks directory, whatever `core.hooksPath` says. Older versions
//! leave them out without a word, so they are written only on request.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::hooks::Hook;
use crate::hooks::managers::mentions_us;

use super::Repo;
use super::install::slashed;

/// What the names of ours start with; a name must not be that of an event.
const PREFIX: &str = "ops-migrate-";

/// The first version that runs hooks from its configuration.
const FIRST: (u32, u32) = (2, 54);

/// The version of git.
#[derive(Debug, Clone)]
pub(super) struct Version {
    pub(super) text: String,
    supports: bool,
}

/// A hook of the configuration.
#[derive(Debug, Clone, Default)]
pub(super) struct ConfigHook {
    name: String,
    scope: String,
    command: String,
    events: Vec<String>,
    disabled: bool,
}

impl ConfigHook {
    /// Whether it is our check, at an event.
    pub(super) fn runs(&self, hook: Hook) -> bool {
        let ours = mentions_us(&self.command) || self.name.starts_with(PREFIX);
        ours && self.events.iter().any(|event| event == hook.name())
    }

    /// Whether git would run it, and why.
    pub(super) fn judge(&self, version: &Version) -> (bool, String) {
        let name = format!("hook.{} ({} configuration)", self.name, self.scope);
        match self.command.as_str() {
            _ if !version.supports => (
                false,
                format!("{name} is left out by git {}: hooks of the configuration need 2.54 or newer", version.text),
            ),
            _ if self.disabled => (false, format!("{name} is not enabled")),
            "" => (false, format!("{name} has no command")),
            _ if self.is_gone() => (false, format!("{name} names {}, which is not there", self.command)),
            _ => (true, format!("git runs {name}")),
        }
    }

    /// The file that it calls, where it is one of ours.
    pub(super) fn shim(&self) -> PathBuf {
        PathBuf::from(self.command.trim_matches('\''))
    }

    fn is_gone(&self) -> bool {
        self.command.starts_with('\'') && !self.shim().is_file()
    }
}

/// The version of git that would run the hooks.
pub(super) fn version(repo: &Repo) -> Result<Version> {
    let line = repo.git.line(&["version"])?;
    let text = line.trim_start_matches("git version ").split(' ').next().unwrap_or_default().to_owned();
    let mut numbers = text.split('.').map(|number| number.parse::<u32>().unwrap_or(0));
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    Ok(Version { text, supports: found >= FIRST })
}

/// That git runs hooks from its configuration.
///
/// # Errors
/// Where it is too old.
pub(super) fn need_support(repo: &Repo) -> Result<()> {
    let version = version(repo)?;
    if version.supports {
        return Ok(());
    }
    Err(Error::undecided(format!(
        "git {} runs no hooks from its configuration and says nothing about it (2.54 and newer do)",
        version.text
    ))
    .hint("as files, which every version runs: cargo ops-migrate hooks install"))
}

/// All hooks of the configuration, by name.
pub(super) fn read(repo: &Repo) -> Result<Vec<ConfigHook>> {
    let answer =
        repo.git.ask(&["config", "--show-scope", "-z", "--get-regexp", r"^hook\..*\.(command|event|enabled)$"])?;
    let answer = String::from_utf8_lossy(&answer.unwrap_or_default()).into_owned();
    let mut fields = answer.split('\0');
    let mut found: BTreeMap<String, ConfigHook> = BTreeMap::new();
    while let (Some(scope), Some(entry)) = (fields.next(), fields.next()) {
        let (key, value) = entry.split_once('\n').unwrap_or((entry, "true"));
        let Some((name, key)) = key.trim_start_matches("hook.").rsplit_once('.') else { continue };
        let hook = found.entry(name.to_owned()).or_default();
        (hook.name, hook.scope) = (name.to_owned(), scope.to_owned());
        match key {
            "command" => hook.command = value.to_owned(),
            // An empty one starts the list anew.
            "event" if value.is_empty() => hook.events.clear(),
            "event" => hook.events.push(value.to_owned()),
            _ => hook.disabled = matches!(value, "false" | "no" | "off" | "0" | ""),
        }
    }
    Ok(found.into_values().collect())
}

/// Lets git call the shims of a directory.
pub(super) fn write(repo: &Repo, dir: &Path, hooks: impl Iterator<Item = Hook>) -> Result<()> {
    for hook in hooks {
        let section = format!("hook.{PREFIX}{hook}");
        // The shell reads it, with what git gives to the hook behind it.
        let command = format!("'{}'", slashed(&dir.join(hook.name())).replace('\'', r"'\''"));
        repo.git.run(&["config", "--local", "--replace-all", &format!("{section}.command"), &command])?;
        repo.git.run(&["config", "--local", "--replace-all", &format!("{section}.event"), hook.name()])?;
    }
    Ok(())
}

/// Takes ours out of the repository's configuration.
pub(super) fn remove(repo: &Repo) -> Result<()> {
    for hook in read(repo)?.iter().filter(|hook| hook.name.starts_with(PREFIX) && hook.scope == "local") {
        repo.git.run(&["config", "--local", "--remove-section", &format!("hook.{}", hook.name)])?;
    }
    Ok(())
}
