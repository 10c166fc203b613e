//! Whether git would really run our hooks, and why not: the directory that counts, who owns each hook,
//! hooks from git's configuration, and whether the tool would be found. `hooks status` and `doctor`
//! show what is found here; nothing is changed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::hooks::managers::{Manager, mentions_us};
use crate::hooks::{Hook, Owner, SHIM, Slot, baked_binary, is_pristine, manager_of};

use super::Repo;
use super::config_hooks::{self, ConfigHook, Version};
use super::install::{Effective, effective, gather, is_executable, slashed};
use super::record::Record;

/// What a graphical program or a service may have for a PATH.
const BARE_PATH: &str = "/usr/bin:/bin";

/// Whether the hooks are in force.
#[derive(Debug, Clone)]
pub struct Status {
    /// The directory that git runs hooks from.
    pub dir: PathBuf,
    /// The scope and the value of `core.hooksPath`, where it is set.
    pub configured: Option<(String, String)>,
    /// The version of git, as it says it.
    pub git: String,
    /// Whether a push proves its new revisions.
    pub prove: bool,
    /// Those that hold something back, and the others where they are installed.
    pub hooks: Vec<HookStatus>,
    /// Sentences that the user should read.
    pub notes: Vec<String>,
}

/// Whether a hook is in force.
#[derive(Debug, Clone)]
pub struct HookStatus {
    pub hook: Hook,
    pub path: PathBuf,
    /// `None` where there is no such file.
    pub owner: Option<Owner>,
    /// Whether git would run our check, as far as can be seen.
    pub would_run: bool,
    /// Why, in one sentence.
    pub why: String,
    /// Where the shim would find the tool.
    pub tool: Option<PathBuf>,
    /// The same for a program with nothing but the system's own directories on its PATH.
    pub tool_when_bare: Option<PathBuf>,
}

/// What is looked at for every hook.
struct Look<'a> {
    repo: &'a Repo,
    effective: Effective,
    manager: Option<Manager>,
    version: Version,
    config: Vec<ConfigHook>,
    /// Whether any hook of ours is.
    is_installed: bool,
}

/// Who owns each hook, and whether git would run our check.
///
/// # Errors
/// Where the hooks directory cannot be read.
pub fn status(repo: &Repo) -> Result<Status> {
    let effective = effective(repo)?;
    let record = Record::load(repo.common_dir())?;
    let mut slots = gather(&effective.dir, &record)?;
    let manager = manager_of(&slots, &slashed(&effective.dir)).and_then(Owner::manager);
    let config = config_hooks::read(repo)?;
    let by_config = |hook: Hook| config.iter().any(|entry| entry.runs(hook));
    // What a manager does not run, nobody misses.
    let is_expected = |hook: Hook| if manager.is_some() { Hook::MANAGED.contains(&hook) } else { !hook.is_notice() };
    slots.retain(|slot| is_expected(slot.hook) || slot.is_ours() || slot.was_ours || by_config(slot.hook));
    let is_installed = slots.iter().any(|slot| slot.is_ours() || by_config(slot.hook));
    let look = Look { repo, effective, manager, version: config_hooks::version(repo)?, config, is_installed };
    let hooks: Vec<HookStatus> = slots.iter().map(|slot| look.one(slot)).collect();
    let notes = look.notes(&hooks);
    let Look { effective, version, .. } = look;
    let Effective { dir, configured } = effective;
    Ok(Status { dir, configured, git: version.text, prove: record.prove, hooks, notes })
}

impl Look<'_> {
    fn one(&self, slot: &Slot) -> HookStatus {
        let bytes = slot.found.as_ref().map(|found| found.bytes.as_slice());
        let (mut would_run, mut why) = self.judge(slot);
        let of_config = self.config.iter().find(|entry| entry.runs(slot.hook));
        if let Some(entry) = of_config {
            let (runs, reason) = entry.judge(&self.version);
            why = match (would_run, runs) {
                (true, true) => format!("runs twice: {why}, and {reason}"),
                (true, false) => why,
                (false, _) => reason,
            };
            would_run = would_run || runs;
        }
        let bare = || {
            let kept = ["HOME", "USERPROFILE"];
            let own = self.repo.vars.iter().filter(|(name, _)| kept.contains(&name.as_str()));
            let path = ("PATH".to_owned(), BARE_PATH.to_owned());
            own.map(|(name, value)| (name.clone(), value.clone())).chain([path]).collect::<BTreeMap<_, _>>()
        };
        let shim = of_config.and_then(|entry| std::fs::read(entry.shim()).ok());
        let shim = shim.as_deref().or(bytes.filter(|bytes| matches!(Owner::of(bytes), Owner::Ours { .. })));
        let baked = shim.and_then(baked_binary);
        let find = |vars: &BTreeMap<String, String>| match shim {
            Some(_) => find_tool(vars, baked.as_deref()),
            // The configuration of a manager names the program alone.
            None => on_path(vars),
        };
        HookStatus {
            hook: slot.hook,
            path: self.effective.dir.join(slot.hook.name()),
            owner: bytes.map(Owner::of),
            would_run,
            why,
            tool: find(&self.repo.vars),
            tool_when_bare: find(&bare()),
        }
    }

    /// Whether git would run our check from the hooks directory, and why.
    fn judge(&self, slot: &Slot) -> (bool, String) {
        if let Some((scope, _)) = self.effective.configured.as_ref().filter(|(_, value)| value.is_empty()) {
            return (false, format!("core.hooksPath is set to nothing ({scope} configuration), so git runs no hooks"));
        }
        let moved = slot.moved_to.as_ref().map(|name| format!("; our shim was moved to {name}"));
        let replaced = || slot.was_ours.then(|| "; our shim, which was here, is gone".to_owned());
        let past = moved.or_else(replaced).unwrap_or_default();
        if let Some(manager) = self.manager {
            // These two run what they found in place of their own hook, before their own.
            let legacy = slot.moved_to.as_ref().filter(|name| name.ends_with(".legacy"));
            if let (Some(name), Manager::PreCommit | Manager::Prek, Some(_)) = (legacy, manager, &slot.found) {
                return (true, format!("{} runs our shim as {name}", manager.name()));
            }
            if !slot.is_ours() {
                let (configured, why) = self.ask_manager(slot.hook, manager);
                return match (configured, &slot.found) {
                    (true, None) => (false, format!("{why}, but {} is not installed{past}", slot.hook)),
                    _ => (configured, format!("{why}{past}")),
                };
            }
        }
        let Some(found) = &slot.found else {
            let newer = self.is_installed && !slot.was_ours && slot.moved_to.is_none();
            let newer = if newer { ", as the others are: cargo ops-migrate hooks install adds it" } else { "" };
            return (false, format!("not installed{newer}{}{past}", self.no_directory()));
        };
        if !found.executable {
            return (false, "the file is not executable, so git leaves it out (chmod +x)".to_owned());
        }
        match Owner::of(&found.bytes) {
            Owner::Ours { shim } => {
                let why = match find_tool(&self.repo.vars, baked_binary(&found.bytes).as_deref()) {
                    Some(tool) => format!("runs {}", tool.display()),
                    None => "installed, but cargo-ops-migrate is not where the hook looks for it".to_owned(),
                };
                let older = shim < SHIM || (found.recorded && !is_pristine(slot.hook, &found.bytes));
                let renew =
                    if older { "; the shim is of another version: cargo ops-migrate hooks install" } else { "" };
                (true, format!("{why}{renew}"))
            }
            _ if mentions_us(&String::from_utf8_lossy(&found.bytes)) => {
                (true, "another hook calls cargo-ops-migrate".to_owned())
            }
            owner => (false, format!("the hook belongs to {}{past}", owner.name())),
        }
    }

    /// What is to be said of a hooks directory that is not there.
    fn no_directory(&self) -> String {
        let dir = &self.effective.dir;
        match &self.effective.configured {
            _ if dir.is_dir() => String::new(),
            Some((scope, value)) if Path::new(value).is_relative() && !value.starts_with('~') => format!(
                ": core.hooksPath is {value} ({scope} configuration), and this work tree has no such directory, \
                 so git runs no hooks in it"
            ),
            _ => format!(": {} does not exist", dir.display()),
        }
    }

    fn ask_manager(&self, hook: Hook, manager: Manager) -> (bool, String) {
        let own = format!(".husky/{hook}");
        let local = ["lefthook-local.yml"];
        let files: Vec<&str> = match manager {
            Manager::Husky => vec![&own],
            Manager::Lefthook => manager.files().iter().copied().chain(local).collect(),
            _ => manager.files().to_vec(),
        };
        let root = self.repo.git_cwd();
        let calls = |file: &&&str| {
            std::fs::read(root.join(file)).is_ok_and(|bytes| mentions_us(&String::from_utf8_lossy(&bytes)))
        };
        let name = manager.name();
        match files.iter().find(calls) {
            Some(file) => (true, format!("{name} runs it from {file}")),
            None => {
                let there = files.iter().find(|file| root.join(file).is_file()).or(files.first());
                let file = there.copied().unwrap_or_default();
                (false, format!("{name} is in charge of the hooks, and {file} does not name the check"))
            }
        }
    }

    fn notes(&self, hooks: &[HookStatus]) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(manager) = self.manager
            && hooks.iter().any(|hook| !hook.would_run)
        {
            notes.push(format!(
                "what {0} needs: cargo ops-migrate hooks install --manager {0} [--write]",
                manager.name()
            ));
        }
        let lost = |hook: &&HookStatus| hook.would_run && hook.tool.is_some() && hook.tool_when_bare.is_none();
        let lost: Vec<&str> = hooks.iter().filter(lost).map(|hook| hook.hook.name()).collect();
        if !lost.is_empty() {
            notes.push(format!(
                "with a PATH of {BARE_PATH}, as graphical programs have it, {} would not find cargo-ops-migrate: \
                 put it (or a link) into a directory of that PATH",
                lost.join(", ")
            ));
        }
        notes
    }
}

/// The binary that a shim would run, looked for as the shim does.
fn find_tool(vars: &BTreeMap<String, String>, baked: Option<&str>) -> Option<PathBuf> {
    let set = |name: &str| vars.get(name).filter(|value| !value.is_empty());
    let home = || set("HOME").or_else(|| set("USERPROFILE")).map(|home| Path::new(home).join(".cargo"));
    let cargo = set("CARGO_HOME").map(PathBuf::from).or_else(home).map(|home| home.join("bin").join(tool_name()));
    let named = set("OPS_MIGRATE_BIN").map(PathBuf::from).filter(|file| is_program(file));
    let later = || cargo.into_iter().chain(baked.map(PathBuf::from)).find(|file| is_program(file));
    named.or_else(|| on_path(vars)).or_else(later)
}

fn on_path(vars: &BTreeMap<String, String>) -> Option<PathBuf> {
    let path = vars.get("PATH").filter(|path| !path.is_empty())?;
    std::env::split_paths(path).map(|dir| dir.join(tool_name())).find(|file| is_program(file))
}

fn tool_name() -> String {
    format!("cargo-ops-migrate{}", std::env::consts::EXE_SUFFIX)
}

fn is_program(file: &Path) -> bool {
    std::fs::metadata(file).is_ok_and(|at| at.is_file() && is_executable(&at))
}
