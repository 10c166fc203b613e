//! Installs and removes the hooks: finds the directory that git really runs hooks from, gathers what
//! is there, and carries out the plans of `crate::hooks`. A hook file is replaced as a whole (a shell
//! reads its script while it runs) and never written through a link. Whether git would run what is
//! installed is asked in `hook_status`.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::error::{Error, Kind as ErrorKind, Result};
use crate::hooks::managers::{Edit, Manager};
use crate::hooks::{Action, Found, Hook, Kind, Owner, Slot, manager_of, plan_install, plan_uninstall};

use super::config_hooks;
use super::record::{Displaced, Record, sha256, text};
use super::{Repo, real};

/// What the user chose.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The tool's own path, for the day when it is not on the PATH of whoever runs git.
    pub binary: Option<PathBuf>,
    /// Another directory than the one that git runs hooks from.
    pub hooks_dir: Option<PathBuf>,
    /// Also the hooks that tell which revisions came or went.
    pub notices: bool,
    /// Whether a push proves its new revisions; `None` leaves it as it is.
    pub prove: Option<bool>,
    /// Let git's configuration call the shims, not the hooks directory.
    pub via_config: bool,
}

/// What was done.
#[derive(Debug, Clone)]
pub struct Report {
    /// The hooks directory.
    pub dir: PathBuf,
    /// The manager in charge; nothing was written then, and [`Manager::edits`] says what its
    /// configuration needs.
    pub manager: Option<Manager>,
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

/// Installs the shims where git runs hooks from, and takes away those that an earlier choice put
/// elsewhere, so that none runs twice.
///
/// # Errors
/// In a bare repository; where the directory belongs to more than this repository, or is switched off;
/// where a hook is in the way that cannot be moved; where git is too old to be asked by its
/// configuration. Nothing has been changed then.
pub fn install(repo: &Repo, options: &Options) -> Result<Report> {
    let effective = effective(repo)?;
    let dir = match &options.hooks_dir {
        _ if options.via_config => {
            config_hooks::need_support(repo)?;
            own_dir(repo)
        }
        Some(dir) => real(&repo.git_cwd().join(dir)),
        None => owned_dir(repo, &effective)?,
    };
    let mut record = Record::load(repo.common_dir())?;
    let mut slots = gather(&dir, &record)?;
    let has_notices = slots.iter().any(|slot| slot.was_ours && Hook::NOTICES.contains(&slot.hook));
    slots.retain(|slot| options.notices || has_notices || Hook::GATE.contains(&slot.hook));
    let mut report = Report { dir: dir.clone(), manager: None, done: Vec::new(), notes: Vec::new() };
    report.manager = manager_of(&slots, &slashed(&dir)).and_then(Owner::manager);
    if report.manager.is_some() {
        return Ok(report);
    }
    let actions = plan(&slots, options, repo.common_dir())?;
    if !dir.is_dir() {
        fs_err::create_dir_all(&dir)?;
        record.made.push(text(&dir));
    }
    note_all(&mut record, &dir, &actions)?;
    record.prove = options.prove.unwrap_or(record.prove);
    record.save(repo.common_dir())?;
    report.done = carry_out(&dir, &actions)?;
    if options.via_config {
        config_hooks::write(repo, &dir, slots.iter().map(|slot| slot.hook))?;
        let others = record.dirs().into_iter().filter(|other| *other != dir).collect();
        report.notes = take_away(repo, &mut record, others)?.notes;
    } else {
        config_hooks::remove(repo)?;
        take_away(repo, &mut record, vec![own_dir(repo)])?;
        report.notes = notes(repo, &effective, &dir);
    }
    record.save(repo.common_dir())?;
    Ok(report)
}

/// Writes the shims into a template of repositories (gitglossary, "template directory"), which git copies
/// when it makes or clones one. Nothing is recorded: a record would be copied too, and speak of another
/// place.
///
/// # Errors
/// Where a hook is in the way that cannot be moved, or that is a manager's. Nothing has been changed then.
pub fn install_template(template: &Path, options: &Options) -> Result<Report> {
    let template = real(template);
    let dir = template.join("hooks");
    let mut slots = gather(&dir, &Record::default())?;
    slots.retain(|slot| options.notices || Hook::GATE.contains(&slot.hook));
    if let Some(manager) = manager_of(&slots, &slashed(&dir)) {
        let message = format!("the hooks of {} are {}'s", template.display(), manager.name());
        return Err(Error::undecided(message).hint("name another template, or install in each repository"));
    }
    let actions = plan(&slots, options, &template)?;
    fs_err::create_dir_all(&dir)?;
    let done = carry_out(&dir, &actions)?;
    Ok(Report { dir, manager: None, done, notes: Vec::new() })
}

/// What is written for the chosen hooks; `home` tells one installation from another.
fn plan(slots: &[Slot], options: &Options, home: &Path) -> Result<Vec<Action>> {
    let id = &sha256(text(home).as_bytes())[..12];
    let binary = options.binary.as_deref().and_then(Path::to_str).unwrap_or_default();
    let binary = if cfg!(windows) { binary.replace('\\', "/") } else { binary.to_owned() };
    let actions = plan_install(slots, &binary, id);
    refuse_all(&actions)?;
    Ok(actions)
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
    config_hooks::remove(repo)?;
    let report = Report { dir, ..take_away(repo, &mut record, dirs)? };
    record.prove = false;
    record.save(repo.common_dir())?;
    Ok(report)
}

/// Undoes what the record says of some directories.
fn take_away(repo: &Repo, record: &mut Record, dirs: Vec<PathBuf>) -> Result<Report> {
    let mut report = Report { dir: PathBuf::new(), manager: None, done: Vec::new(), notes: Vec::new() };
    for dir in dirs {
        for slot in gather(&dir, record)? {
            if slot.hook.is_notice() && !slot.was_ours && slot.moved_to.is_none() {
                continue;
            }
            let actions = plan_uninstall(std::slice::from_ref(&slot));
            report.notes.extend(changed_meanwhile(&dir, record, &slot));
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

/// Remembers whether a push proves its new revisions, for the hooks of whoever calls them.
///
/// # Errors
/// Where the record cannot be read or written.
pub fn set_proof(repo: &Repo, prove: bool) -> Result<()> {
    let mut record = Record::load(repo.common_dir())?;
    record.prove = prove;
    record.save(repo.common_dir())
}

/// Whether a push proves its new revisions.
///
/// # Errors
/// Where the record cannot be read.
pub fn proves(repo: &Repo) -> Result<bool> {
    Ok(Record::load(repo.common_dir())?.prove)
}

/// Writes the configuration of another manager, each file whole or not at all.
///
/// # Errors
/// Where a file cannot be written, or lies behind a link.
pub fn write_edits(repo: &Repo, edits: &[Edit]) -> Result<()> {
    let root = repo.root().ok_or_else(bare)?;
    for edit in edits {
        let path = root.join(&edit.path);
        let is_link = std::fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_symlink());
        if is_link || !real(&path).starts_with(real(root)) {
            let message = format!("{} is reached through a link; nothing was written", edit.path);
            return Err(Error::new(ErrorKind::Change, message).hint("edit the file that it leads to"));
        }
    }
    for edit in edits {
        let path = root.join(&edit.path);
        let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
            continue;
        };
        fs_err::create_dir_all(folder)?;
        let usual = if edit.executable { 0o755 } else { 0o644 };
        let mode = std::fs::metadata(&path).ok().and_then(|metadata| mode(&metadata));
        let mode = mode.and_then(|mode| u32::from_str_radix(&mode, 8).ok());
        replace(folder, name, edit.after.as_bytes(), mode.unwrap_or(usual))?;
    }
    Ok(())
}

/// Where the shims are that git's configuration calls.
fn own_dir(repo: &Repo) -> PathBuf {
    real(repo.common_dir()).join("ops-migrate").join("hooks")
}

/// A path with `/` between its parts.
pub(super) fn slashed(path: &Path) -> String {
    text(path).replace('\\', "/")
}

fn bare() -> Error {
    Error::undecided("this is a bare repository: nothing is committed in it").hint("run this in a work tree or a clone")
}

/// The directory that git runs hooks from, and the configuration that says so.
pub(super) struct Effective {
    pub(super) dir: PathBuf,
    /// The scope and the value of `core.hooksPath`.
    pub(super) configured: Option<(String, String)>,
}

pub(super) fn effective(repo: &Repo) -> Result<Effective> {
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
    pub(super) fn git_cwd(&self) -> &Path {
        self.root().unwrap_or(self.git_dir())
    }
}

/// The effective directory, if it is this repository's own.
fn owned_dir(repo: &Repo, effective: &Effective) -> Result<PathBuf> {
    if repo.is_bare() {
        return Err(bare());
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
        .hint("or, with git 2.54 and newer: cargo ops-migrate hooks install --via config")
}

pub(super) fn gather(dir: &Path, record: &Record) -> Result<Vec<Slot>> {
    Hook::ALL.into_iter().map(|hook| slot(dir, hook, record, cfg!(windows))).collect()
}

/// What Git for Windows looks for where there is no hook of the plain name (run-command.c, `find_hook`).
const PROGRAM: &str = ".exe";

/// A hook's place; `programs` says whether git takes a program with an extension for a hook.
pub(super) fn slot(dir: &Path, hook: Hook, record: &Record, programs: bool) -> Result<Slot> {
    let written = record.find(dir, hook);
    let stands = |name: String| dir.join(name).symlink_metadata().is_ok();
    let is_program = programs
        && (stands(format!("{}{PROGRAM}", hook.previous()))
            || (!stands(hook.name().to_owned()) && stands(format!("{hook}{PROGRAM}"))));
    let extension = if is_program { PROGRAM } else { "" };
    let plain = look(&dir.join(hook.name()))?;
    let found = if plain.is_none() && is_program { look(&dir.join(format!("{hook}{PROGRAM}")))? } else { plain };
    let found = found.map(|mut found| {
        found.recorded = written.is_some_and(|written| written.wrote == sha256(&found.bytes));
        found
    });
    // Where pre-commit and prek, lefthook, and overcommit put the hooks that they find.
    let aside = [format!("{hook}.legacy"), format!("{hook}.old"), format!("old-hooks/{hook}")];
    let is_ours = |name: &String| {
        std::fs::read(dir.join(name)).is_ok_and(|bytes| matches!(Owner::of(&bytes), Owner::Ours { .. }))
    };
    let moved_to = aside.into_iter().find(is_ours);
    let has_previous = stands(format!("{}{extension}", hook.previous()));
    Ok(Slot { hook, found, extension, has_previous, moved_to, was_ours: written.is_some() })
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
pub(super) fn is_executable(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o111 != 0
}

/// Git for Windows runs any hook that is there.
#[cfg(not(unix))]
pub(super) fn is_executable(_: &std::fs::Metadata) -> bool {
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
    let previous = dir.join(slot.names().1);
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
