//! Installs, removes and inspects the hooks: finds the directory that git really runs hooks from,
//! gathers what is there, and carries out the plans of `crate::hooks`. A hook file is replaced as a
//! whole (a shell reads its script while it runs) and never written through a link.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::error::{Error, Kind as ErrorKind, Result};
use crate::hooks::{Action, Found, Hook, Kind, Owner, Slot, baked_binary, manager_of, plan_install, plan_uninstall};

use super::record::{Displaced, Record, sha256, text};
use super::{Repo, real};

/// What the user chose.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The tool's own path, for the day when it is not on the PATH of whoever runs git.
    pub binary: Option<PathBuf>,
    /// Another directory than the one that git runs hooks from.
    pub hooks_dir: Option<PathBuf>,
}

/// What was done.
#[derive(Debug, Clone)]
pub struct Report {
    /// The hooks directory.
    pub dir: PathBuf,
    /// The manager in charge; nothing was written then, and [`Owner::snippet`] says what its
    /// configuration needs.
    pub manager: Option<Owner>,
    pub done: Vec<Done>,
    /// Sentences that the user should read.
    pub notes: Vec<String>,
}

/// What was done to a hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    pub hook: Hook,
    pub path: PathBuf,
    pub what: What,
}

/// See [`Done`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    Written,
    /// Written, and the hook that was there before is run first.
    Chained,
    Unchanged,
    Removed,
    /// Removed, and the hook that was there before is back.
    Restored,
    /// Left alone, and why.
    Refused(String),
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
}

/// Installs the shims where git runs hooks from.
///
/// # Errors
/// In a bare repository; where the directory belongs to more than this repository, or is switched off;
/// where a hook is in the way that cannot be moved. Nothing has been changed then.
pub fn install(repo: &Repo, options: &Options) -> Result<Report> {
    let effective = effective(repo)?;
    let dir = match &options.hooks_dir {
        Some(dir) => real(&repo.git_cwd().join(dir)),
        None => owned_dir(repo, &effective)?,
    };
    let mut record = Record::load(repo.common_dir())?;
    let slots = gather(&dir, &record)?;
    let mut report = Report { dir: dir.clone(), manager: None, done: Vec::new(), notes: Vec::new() };
    report.manager = manager_of(&slots, &text(&dir).replace('\\', "/"));
    if report.manager.is_some() {
        return Ok(report);
    }
    let id = &sha256(text(repo.common_dir()).as_bytes())[..12];
    let binary = options.binary.as_deref().and_then(Path::to_str).unwrap_or_default();
    let binary = if cfg!(windows) { binary.replace('\\', "/") } else { binary.to_owned() };
    let actions = plan_install(&slots, &binary, id);
    refuse_all(&actions)?;
    if !dir.is_dir() {
        fs_err::create_dir_all(&dir)?;
        record.made.push(text(&dir));
    }
    note_all(&mut record, &dir, &actions)?;
    record.save(repo.common_dir())?;
    report.done = carry_out(&dir, &actions)?;
    report.notes = notes(repo, &effective, &dir);
    Ok(report)
}

/// Removes the shims and puts back what was there before, in every directory that holds one of ours.
///
/// # Errors
/// Where a file cannot be moved or removed. A hook that is not ours any more is reported as refused.
pub fn uninstall(repo: &Repo) -> Result<Report> {
    let mut record = Record::load(repo.common_dir())?;
    let mut dirs = record.dirs();
    // A directory of the user's own (a global one) is searched only where we have written.
    let current = effective(repo).and_then(|effective| owned_dir(repo, &effective)).ok();
    dirs.extend(current.iter().cloned());
    dirs.sort();
    dirs.dedup();
    let dir = current.or_else(|| dirs.first().cloned()).unwrap_or_default();
    let mut report = Report { dir, manager: None, done: Vec::new(), notes: Vec::new() };
    for dir in dirs {
        let slots = gather(&dir, &record)?;
        for slot in slots {
            let actions = plan_uninstall(std::slice::from_ref(&slot));
            report.notes.extend(changed_meanwhile(&dir, &record, &slot));
            report.done.extend(carry_out(&dir, &actions)?);
            if !actions.iter().any(|action| matches!(action, Action::Refuse { .. })) {
                record.forget(&dir, slot.hook);
            }
        }
        if record.made.contains(&text(&dir)) && std::fs::remove_dir(&dir).is_ok() {
            record.made.retain(|made| *made != text(&dir));
        }
    }
    record.made.retain(|made| Path::new(made).is_dir() && record.hooks.iter().any(|written| written.dir == *made));
    record.save(repo.common_dir())?;
    Ok(report)
}

/// Who owns each hook, and whether git would run our check.
///
/// # Errors
/// Where the hooks directory cannot be read.
pub fn status(repo: &Repo) -> Result<Vec<HookStatus>> {
    let effective = effective(repo)?;
    let record = Record::load(repo.common_dir())?;
    let slots = gather(&effective.dir, &record)?;
    let manager = manager_of(&slots, &text(&effective.dir).replace('\\', "/"));
    let one = |slot: &Slot| {
        let owner = slot.found.as_ref().map(|found| Owner::of(&found.bytes));
        let (would_run, why) = judge(repo, &effective, slot, manager);
        HookStatus { hook: slot.hook, path: effective.dir.join(slot.hook.name()), owner, would_run, why }
    };
    Ok(slots.iter().map(one).collect())
}

/// The directory that git runs hooks from, and the configuration that says so.
struct Effective {
    dir: PathBuf,
    /// The scope and the value of `core.hooksPath`.
    configured: Option<(String, String)>,
}

fn effective(repo: &Repo) -> Result<Effective> {
    // Not `--path-format=absolute`: it fails where the directory does not exist yet.
    let dir = repo.git.line(&["rev-parse", "--git-path", "hooks"])?;
    let answer = repo.git.ask(&["config", "--show-scope", "-z", "--get", "core.hooksPath"])?;
    let configured = answer.map(|answer| {
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let mut fields = answer.split('\0');
        (fields.next().unwrap_or_default().to_owned(), fields.next().unwrap_or_default().to_owned())
    });
    Ok(Effective { dir: real(&repo.git_cwd().join(dir)), configured })
}

impl Repo {
    /// The folder that git's relative answers start from.
    fn git_cwd(&self) -> &Path {
        self.root().unwrap_or(self.git_dir())
    }
}

/// The effective directory, if it is this repository's own.
fn owned_dir(repo: &Repo, effective: &Effective) -> Result<PathBuf> {
    let refuse = |message: String| Err(Error::new(ErrorKind::Undecided, message));
    if repo.is_bare() {
        return refuse("this is a bare repository: nothing is committed in it".to_owned())
            .map_err(|error| error.hint("run this in a work tree or a clone"));
    }
    let inside =
        [repo.root(), Some(repo.common_dir())].into_iter().flatten().any(|at| effective.dir.starts_with(real(at)));
    match &effective.configured {
        Some((scope, value)) if value.is_empty() => Err(Error::undecided(format!(
            "core.hooksPath is set to nothing ({scope} configuration): git runs no hooks"
        ))
        .hint(format!("git config --{scope} --unset core.hooksPath"))),
        Some((scope, value)) if !matches!(scope.as_str(), "local" | "worktree") => Err(ways_out(Error::undecided(
            format!("core.hooksPath is {value} ({scope} configuration): those hooks run in other repositories too"),
        ))),
        Some((scope, value)) if !inside => Err(ways_out(Error::undecided(format!(
            "core.hooksPath is {value} ({scope} configuration), outside of this repository"
        )))),
        None if !inside => Err(ways_out(Error::undecided(format!(
            "the hooks directory leads out of this repository, to {}",
            effective.dir.display()
        )))),
        _ => Ok(effective.dir.clone()),
    }
}

/// What to do where the hooks directory is not ours to write to.
fn ways_out(error: Error) -> Error {
    error
        .hint("call the check from the hooks there: cargo-ops-migrate ops-migrate hook <hook name> -- \"$@\"")
        .hint("or use hooks of this repository's own: git config --local core.hooksPath .git/hooks")
        .hint("or name a directory: cargo ops-migrate hooks install --hooks-dir <directory>")
        .hint(
            "or, with git 2.54 and newer: git config hook.ops-migrate.event pre-commit, and \
             git config hook.ops-migrate.command 'cargo-ops-migrate ops-migrate hook pre-commit'",
        )
}

fn gather(dir: &Path, record: &Record) -> Result<Vec<Slot>> {
    Hook::ALL.into_iter().map(|hook| slot(dir, hook, record)).collect()
}

fn slot(dir: &Path, hook: Hook, record: &Record) -> Result<Slot> {
    let found = look(&dir.join(hook.name()))?.map(|mut found| {
        found.recorded = record.find(dir, hook).is_some_and(|written| written.wrote == sha256(&found.bytes));
        found
    });
    // Where pre-commit and prek, lefthook, and overcommit put the hooks that they find.
    let aside = [format!("{hook}.legacy"), format!("{hook}.old"), format!("old-hooks/{hook}")];
    let is_ours = |name: &String| {
        std::fs::read(dir.join(name)).is_ok_and(|bytes| matches!(Owner::of(&bytes), Owner::Ours { .. }))
    };
    let moved_to = aside.into_iter().find(is_ours);
    let has_previous = dir.join(hook.previous()).symlink_metadata().is_ok();
    Ok(Slot { hook, found, has_previous, moved_to })
}

/// What stands at a path; of a link the content is read, and its own kind kept.
fn look(path: &Path) -> Result<Option<Found>> {
    let metadata = match fs_err::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(error.into()),
    };
    let kind = match metadata.file_type() {
        kind if kind.is_symlink() => Kind::Symlink,
        kind if kind.is_file() => Kind::File,
        _ => Kind::Other,
    };
    let bytes = match kind {
        Kind::File => fs_err::read(path)?,
        // A link to nothing is a hook that does not run.
        Kind::Symlink => std::fs::read(path).unwrap_or_default(),
        Kind::Other => Vec::new(),
    };
    let executable = std::fs::metadata(path).is_ok_and(|metadata| is_executable(&metadata));
    Ok(Some(Found { kind, bytes, executable, recorded: false }))
}

#[cfg(unix)]
fn is_executable(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o111 != 0
}

/// Git for Windows runs any hook that is there.
#[cfg(not(unix))]
fn is_executable(_: &std::fs::Metadata) -> bool {
    true
}

/// One error for everything that stands in the way.
fn refuse_all(actions: &[Action]) -> Result<()> {
    let mut whys = actions.iter().filter_map(|action| match action {
        Action::Refuse { why, .. } => Some(why.clone()),
        _ => None,
    });
    let Some(first) = whys.next() else { return Ok(()) };
    let error = Error::new(ErrorKind::Change, format!("no hooks were installed: {first}"));
    Err(whys.fold(error, Error::hint))
}

/// Notes what is about to be done.
fn note_all(record: &mut Record, dir: &Path, actions: &[Action]) -> Result<()> {
    let mut displaced = BTreeMap::new();
    for action in actions {
        match action {
            Action::Rename { hook, from, .. } => {
                displaced.insert(*hook, describe(&dir.join(from))?);
            }
            Action::Write { hook, bytes } => record.note(dir, *hook, sha256(bytes), displaced.remove(hook)),
            _ => {}
        }
    }
    Ok(())
}

fn describe(path: &Path) -> Result<Displaced> {
    let metadata = fs_err::symlink_metadata(path)?;
    if metadata.is_symlink() {
        let target = fs_err::read_link(path)?;
        return Ok(Displaced { sha256: None, mode: None, target: Some(text(&target)) });
    }
    Ok(Displaced { sha256: Some(sha256(&fs_err::read(path)?)), mode: mode(&metadata), target: None })
}

#[cfg(unix)]
fn mode(metadata: &std::fs::Metadata) -> Option<String> {
    use std::os::unix::fs::PermissionsExt;
    Some(format!("{:04o}", metadata.permissions().mode() & 0o7777))
}

#[cfg(not(unix))]
fn mode(_: &std::fs::Metadata) -> Option<String> {
    None
}

/// What to tell where the hook that comes back is not the one that was moved away.
fn changed_meanwhile(dir: &Path, record: &Record, slot: &Slot) -> Option<String> {
    let before = record.find(dir, slot.hook)?.displaced.as_ref()?;
    let previous = dir.join(slot.hook.previous());
    match describe(&previous) {
        Ok(now) if now == *before => None,
        Ok(_) => Some(format!(
            "{} has been changed since it was moved aside; it comes back as it is now",
            previous.display()
        )),
        Err(_) => Some(format!("{} is gone, so there is nothing to put back", previous.display())),
    }
}

/// Carries out a plan. A hook that was moved aside comes back if the shim cannot be written.
fn carry_out(dir: &Path, actions: &[Action]) -> Result<Vec<Done>> {
    let mut done: BTreeMap<Hook, What> = BTreeMap::new();
    let mut moved: Option<(PathBuf, PathBuf)> = None;
    for action in actions {
        let (hook, what) = match action {
            Action::Keep { hook } => (*hook, What::Unchanged),
            Action::Refuse { hook, why } => (*hook, What::Refused(why.clone())),
            Action::Rename { hook, from, to } => {
                let (from, to) = (dir.join(from), dir.join(to));
                fs_err::rename(&from, &to)?;
                moved = Some((from, to));
                (*hook, What::Restored)
            }
            Action::Write { hook, bytes } => {
                let moved = moved.take();
                if let Err(error) = replace(dir, hook.name(), bytes, 0o755) {
                    if let Some((from, to)) = moved {
                        fs_err::rename(to, from)?;
                    }
                    return Err(error);
                }
                (*hook, if moved.is_some() { What::Chained } else { What::Written })
            }
            Action::Remove { hook, name } => {
                fs_err::remove_file(dir.join(name))?;
                (*hook, What::Removed)
            }
        };
        done.insert(hook, what);
    }
    Ok(done.into_iter().map(|(hook, what)| Done { hook, path: dir.join(hook.name()), what }).collect())
}

/// Writes a file whole or not at all.
pub(super) fn replace(dir: &Path, name: &str, bytes: &[u8], mode: u32) -> Result<()> {
    let mut file = tempfile::Builder::new().prefix(".ops-migrate-").tempfile_in(dir)?;
    file.write_all(bytes)?;
    set_mode(file.as_file(), mode)?;
    file.as_file().sync_all()?;
    file.persist(dir.join(name)).map_err(|error| Error::from(error.error))?;
    Ok(())
}

#[cfg(unix)]
fn set_mode(file: &std::fs::File, mode: u32) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    Ok(file.set_permissions(std::fs::Permissions::from_mode(mode))?)
}

#[cfg(not(unix))]
fn set_mode(_: &std::fs::File, _: u32) -> Result<()> {
    Ok(())
}

/// What the user should know about where the hooks went.
fn notes(repo: &Repo, effective: &Effective, dir: &Path) -> Vec<String> {
    let mut notes = Vec::new();
    if *dir != effective.dir {
        notes.push(format!(
            "git runs hooks from {}, not from {}; `git config core.hooksPath` changes that",
            effective.dir.display(),
            dir.display()
        ));
    }
    let in_work_tree = repo.root().is_some_and(|root| dir.starts_with(real(root)))
        && ![repo.git_dir(), repo.common_dir()].into_iter().any(|git| dir.starts_with(real(git)));
    let file = text(&dir.join(Hook::PreCommit.name()));
    let is_ignored = || repo.git.output(&["check-ignore", "--quiet", "--", &file]).is_ok_and(|o| o.status.success());
    if in_work_tree && !is_ignored() {
        notes.push(format!("{} is part of the work tree: the hooks will appear in `git status`", dir.display()));
    }
    notes
}

/// Whether git would run our check from a hook, and why.
fn judge(repo: &Repo, effective: &Effective, slot: &Slot, manager: Option<Owner>) -> (bool, String) {
    if effective.configured.as_ref().is_some_and(|(_, value)| value.is_empty()) {
        return (false, "core.hooksPath is set to nothing, so git runs no hooks".to_owned());
    }
    let moved = slot.moved_to.as_ref().map(|name| format!("; our shim was moved to {name}")).unwrap_or_default();
    if let Some(manager) = manager {
        // These two run what they found in place of their own hook, before their own.
        let legacy = slot.moved_to.as_ref().filter(|name| name.ends_with(".legacy"));
        if let (Some(name), Owner::PreCommit | Owner::Prek) = (legacy, manager) {
            return (true, format!("{} runs our shim as {name}", manager.name()));
        }
        let (configured, why) = ask_manager(repo, slot.hook, manager);
        return (configured && slot.found.is_some(), format!("{why}{moved}"));
    }
    let Some(found) = &slot.found else {
        let dir = &effective.dir;
        let missing = if dir.is_dir() { String::new() } else { format!(": {} does not exist", dir.display()) };
        return (false, format!("not installed{missing}{moved}"));
    };
    if !found.executable {
        return (false, "the file is not executable, so git leaves it out (chmod +x)".to_owned());
    }
    match Owner::of(&found.bytes) {
        Owner::Ours { .. } => match find_tool(&repo.vars, baked_binary(&found.bytes).as_deref()) {
            Some(tool) => (true, format!("runs {}", tool.display())),
            None => (true, "installed, but cargo-ops-migrate is not where the hook looks for it".to_owned()),
        },
        _ if mentions_us(&found.bytes) => (true, "another hook calls cargo-ops-migrate".to_owned()),
        owner => (false, format!("the hook belongs to {}{moved}", owner.name())),
    }
}

fn ask_manager(repo: &Repo, hook: Hook, manager: Owner) -> (bool, String) {
    let husky = format!(".husky/{hook}");
    let files: &[&str] = match manager {
        Owner::PreCommit => &[".pre-commit-config.yaml"],
        Owner::Prek => &["prek.toml", ".pre-commit-config.yaml", ".pre-commit-config.yml"],
        Owner::Lefthook => &["lefthook.yml", ".lefthook.yml", "lefthook.yaml", "lefthook.toml", "lefthook-local.yml"],
        Owner::Husky => &[&husky],
        Owner::Overcommit => &[".overcommit.yml"],
        _ => &[],
    };
    let root = repo.git_cwd();
    let file = files.iter().find(|file| std::fs::read(root.join(file)).is_ok_and(|bytes| mentions_us(&bytes)));
    match (file, manager.snippet()) {
        (Some(file), _) => (true, format!("{} runs it from {file}", manager.name())),
        (None, Some((file, _))) => {
            (false, format!("{} is in charge of the hooks, and {file} does not name the check", manager.name()))
        }
        (None, None) => (false, format!("{} is in charge of the hooks", manager.name())),
    }
}

fn mentions_us(bytes: &[u8]) -> bool {
    let name = b"cargo-ops-migrate";
    bytes.windows(name.len()).any(|window| window == name)
}

/// The binary that a shim would run, looked for as the shim does.
fn find_tool(vars: &BTreeMap<String, String>, baked: Option<&str>) -> Option<PathBuf> {
    let name = format!("cargo-ops-migrate{}", std::env::consts::EXE_SUFFIX);
    let set = |name: &str| vars.get(name).filter(|value| !value.is_empty());
    let path = set("PATH").map(|path| std::env::split_paths(path).map(|dir| dir.join(&name)).collect());
    let home = || set("HOME").or_else(|| set("USERPROFILE")).map(|home| Path::new(home).join(".cargo"));
    let cargo = set("CARGO_HOME").map(PathBuf::from).or_else(home).map(|home| home.join("bin").join(&name));
    let places = set("OPS_MIGRATE_BIN").map(PathBuf::from).into_iter();
    let places = places.chain(path.unwrap_or_else(Vec::new)).chain(cargo).chain(baked.map(PathBuf::from));
    places.into_iter().find(|file| std::fs::metadata(file).is_ok_and(|at| at.is_file() && is_executable(&at)))
}
