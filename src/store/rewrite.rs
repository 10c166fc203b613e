//! Several changes of the migrations directory as one: new revisions, files replaced, directories
//! renamed. All that is to appear is written and synced under a hidden name first; then a journal
//! says what is to be done, by one rename, and from there on the work is carried to its end: by this
//! process, or where it is killed, by the next one that looks at the project.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{
    NewRevision, Renamed, Replaced, Unfinished, cannot_write, exists, is_plain, optional, shown, sweep, sync_directory,
    write_synced,
};
use crate::error::{Error, Result};
use crate::failpoint;
use crate::place::Place;

/// Diesel ignores names with a dot in front.
const JOURNAL: &str = ".ops-migrate-journal";

/// What is to be done, in this order; each step can be told from its result, so that whoever reads
/// it knows what is done already.
#[derive(Serialize, Deserialize)]
struct Plan {
    /// The hidden directory with all that is to appear.
    staged: String,
    /// The last first: what sorts last may always go further back.
    renamed: Vec<Renamed>,
    /// A directory in `staged`, and its name from then on.
    new: Vec<(String, String)>,
    /// A file in `staged`, and the one that it becomes.
    files: Vec<(String, String)>,
}

/// How a step is taken back.
enum Undo {
    Rename { from: PathBuf, to: PathBuf },
    Remove(PathBuf),
    Write { file: PathBuf, before: Option<Vec<u8>>, staged: PathBuf },
}

/// Replaces files of revisions that are there, and adds new revisions; directories that get another
/// name get it first: `files` are under the new ones. All of it is done, or nothing where an error
/// comes in between. A process that ends in the middle leaves a journal, see [`finish_interrupted`].
///
/// # Errors
/// Where something cannot be written; everything is as it was then.
pub fn rewrite(dir: &Path, files: &[Replaced], new: &[NewRevision], renamed: &[Renamed]) -> Result<()> {
    finish_interrupted(dir)?;
    let names = renamed.iter().map(|(_, to)| to).chain(new.iter().map(|(name, _)| name));
    if let Some(name) = names.into_iter().find(|name| !is_plain(name)) {
        return Err(Error::undecided(format!("`{name}` is no name for a revision")).at(Place::file(shown(dir))));
    }
    sweep(dir);
    let staged = Unfinished::create(dir)?;
    let plan = stage(&staged, files, new, renamed).map_err(|error| cannot_write(dir, error))?;
    failpoint::hit("store: all is staged");
    // Held until the work is done: whoever finds the journal without its lock is to finish it.
    let journal = plan.begin(dir, &staged).map_err(|error| cannot_write(dir, error))?;
    failpoint::hit("store: the journal is there");
    let mut done = Vec::new();
    if let Err(error) = plan.carry_out(dir, false, &mut done) {
        done.into_iter().rev().for_each(take_back);
        let _ = std::fs::remove_file(dir.join(JOURNAL));
        return Err(error);
    }
    plan.end(dir).map_err(|error| cannot_write(dir, error))?;
    drop(journal);
    Ok(())
}

/// Carries to its end what a process that was killed began in a migrations directory; waits for one
/// that is still at work. Whether there was something to finish.
///
/// # Errors
/// Where the rest cannot be written.
pub fn finish_interrupted(dir: &Path) -> Result<bool> {
    let path = dir.join(JOURNAL);
    // Asked by every command: one look where there is none.
    if path.symlink_metadata().is_err() {
        return Ok(false);
    }
    let failed = |error: Error| {
        error
            .hint(format!("a run was killed while it wrote {}, and the rest of it has to be written first", shown(dir)))
    };
    let journal = std::fs::File::open(&path).map_err(|error| failed(cannot_write(dir, error)))?;
    // A file system without locks has nobody to wait for.
    let _ = journal.lock();
    let Some(text) = optional(&path)? else { return Ok(false) };
    let plan: Plan = serde_json::from_slice(&text).map_err(|error| {
        Error::undecided("this is no journal of ours").at(Place::file(shown(&path))).caused_by(error)
    })?;
    plan.carry_out(dir, true, &mut Vec::new()).map_err(failed)?;
    plan.end(dir).map_err(|error| failed(cannot_write(dir, error)))?;
    let _ = std::fs::remove_dir_all(dir.join(&plan.staged));
    Ok(true)
}

fn stage(staged: &Unfinished, files: &[Replaced], new: &[NewRevision], renamed: &[Renamed]) -> std::io::Result<Plan> {
    let mut plan = Plan {
        staged: staged.path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        renamed: renamed.iter().rev().cloned().collect(),
        new: Vec::new(),
        files: Vec::new(),
    };
    for (number, (name, texts)) in new.iter().enumerate() {
        let hidden = format!("new-{number}");
        let path = staged.path.join(&hidden);
        fs_err::create_dir(&path)?;
        texts.iter().try_for_each(|(file, text)| write_synced(&path.join(file), text))?;
        sync_directory(&path)?;
        plan.new.push((hidden, name.clone()));
    }
    for (number, (file, text)) in files.iter().enumerate() {
        let hidden = format!("file-{number}");
        write_synced(&staged.path.join(&hidden), text)?;
        plan.files.push((hidden, file.clone()));
    }
    sync_directory(&staged.path)?;
    Ok(plan)
}

impl Plan {
    /// The journal appears whole.
    fn begin(&self, dir: &Path, staged: &Unfinished) -> std::io::Result<std::fs::File> {
        let hidden = staged.path.join("journal");
        write_synced(&hidden, &serde_json::to_string(self)?)?;
        let journal = std::fs::File::open(&hidden)?;
        let _ = journal.lock();
        fs_err::rename(&hidden, dir.join(JOURNAL))?;
        sync_directory(dir)?;
        Ok(journal)
    }

    /// Takes every step; a journal that was `found` may have been carried out in part.
    fn carry_out(&self, dir: &Path, found: bool, done: &mut Vec<Undo>) -> Result<()> {
        let failed = |error| cannot_write(dir, error);
        for (from, to) in &self.renamed {
            let (from, to) = (dir.join(from), dir.join(to));
            if to.symlink_metadata().is_ok() {
                if found {
                    continue;
                }
                return Err(exists(&to));
            }
            fs_err::rename(&from, &to).map_err(failed)?;
            failpoint::hit("store: a directory is renamed");
            done.push(Undo::Rename { from, to });
        }
        for (hidden, name) in &self.new {
            let (hidden, target) = (dir.join(&self.staged).join(hidden), dir.join(name));
            if found && !hidden.exists() {
                continue;
            }
            if target.symlink_metadata().is_ok() {
                return Err(exists(&target));
            }
            fs_err::rename(&hidden, &target).map_err(failed)?;
            failpoint::hit("store: a revision appears");
            done.push(Undo::Remove(target));
        }
        for (hidden, file) in &self.files {
            let (hidden, target) = (dir.join(&self.staged).join(hidden), dir.join(file));
            if found && !hidden.exists() {
                continue;
            }
            done.push(replace(&hidden, &target).map_err(failed)?);
            failpoint::hit("store: a file is replaced");
        }
        Ok(())
    }

    /// Nothing is left to be done: the names are durable before the journal goes.
    fn end(&self, dir: &Path) -> std::io::Result<()> {
        for (_, file) in &self.files {
            if let Some(parent) = dir.join(file).parent() {
                sync_directory(parent)?;
            }
        }
        sync_directory(dir)?;
        fs_err::remove_file(dir.join(JOURNAL))?;
        failpoint::hit("store: the journal is gone");
        sync_directory(dir)
    }
}

fn replace(hidden: &Path, target: &Path) -> std::io::Result<Undo> {
    // The file itself, where its path is a link.
    let target = if target.exists() { fs_err::canonicalize(target)? } else { target.to_owned() };
    let before = if target.exists() { Some(fs_err::read(&target)?) } else { None };
    if let Ok(known) = fs_err::metadata(&target) {
        fs_err::set_permissions(hidden, known.permissions())?;
    }
    fs_err::rename(hidden, &target)?;
    Ok(Undo::Write { file: target, before, staged: hidden.to_owned() })
}

/// Nothing more can be done about a disk that fails twice.
fn take_back(step: Undo) {
    let done = match step {
        Undo::Rename { from, to } => std::fs::rename(to, from),
        Undo::Remove(directory) => std::fs::remove_dir_all(directory),
        Undo::Write { file, before: Some(bytes), staged } => {
            std::fs::write(&staged, bytes).and_then(|()| std::fs::rename(staged, file))
        }
        Undo::Write { file, .. } => std::fs::remove_file(file),
    };
    drop(done);
}
