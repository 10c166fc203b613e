//! The migrations directory on disk: a revision is written whole or not at all, and read for the
//! runner. What stands in the files, and what a directory of them means, is left to `chain`.

mod rewrite;

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::place::Place;

pub use self::rewrite::{finish_interrupted, rewrite};

/// What the names of unfinished revisions begin with; Diesel ignores names with a dot in front.
const UNFINISHED: &str = ".ops-migrate-";

/// After this time an unfinished revision is nobody's work any more.
const ABANDONED: Duration = Duration::from_secs(60 * 60);

/// A revision to be written: the name of its directory, and its files by name.
pub type NewRevision = (String, Vec<(&'static str, String)>);

/// A file of a revision that is there, `<revision>/<file>`, and its new text.
pub type Replaced = (String, String);

/// The name of a revision's directory as it is, and the one that it gets.
pub type Renamed = (String, String);

/// The files of a revision as they lie on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevisionFiles {
    pub up: Vec<u8>,
    pub down: Option<Vec<u8>>,
    pub metadata: Option<Vec<u8>>,
}

/// Writes revisions as new directories of the migrations directory `dir`, which is made where it is
/// missing. The files of all are written and synced under hidden names first, and each revision
/// appears by one rename, in the order given, so that an interruption at any moment leaves no half
/// revision and none without those before it. What an interrupted run left behind is swept away.
///
/// # Errors
/// Where there is such a directory already, or the directory cannot be written; nothing is left
/// behind then.
pub fn write_revisions(dir: &Path, revisions: &[NewRevision]) -> Result<()> {
    for (name, files) in revisions {
        if [name.as_str()].into_iter().chain(files.iter().map(|(file, _)| *file)).any(|part| !is_plain(part)) {
            return Err(Error::undecided(format!("`{name}` is no name for a revision")).at(Place::file(shown(dir))));
        }
    }
    fs_err::create_dir_all(dir).map_err(|error| cannot_write(dir, error))?;
    let target = |name: &String| dir.join(name);
    if let Some(there) = revisions.iter().map(|(name, _)| target(name)).find(|path| path.symlink_metadata().is_ok()) {
        return Err(exists(&there));
    }
    finish_interrupted(dir)?;
    sweep(dir);
    let mut unfinished = Vec::new();
    for (_, files) in revisions {
        unfinished.push(Unfinished::write(dir, files)?);
    }
    for ((name, _), one) in revisions.iter().zip(&mut unfinished) {
        one.appear_as(dir, &target(name))?;
    }
    sync_directory(dir).map_err(|error| cannot_write(dir, error))?;
    unfinished.iter_mut().for_each(|one| one.done = true);
    Ok(())
}

/// The files of revision directory `name`.
///
/// # Errors
/// Where `up.sql` is missing or a file cannot be read.
pub fn read_revision_files(dir: &Path, name: &str) -> Result<RevisionFiles> {
    let directory = dir.join(name);
    let up = optional(&directory.join("up.sql"))?
        .ok_or_else(|| Error::undecided("the file is missing").at(Place::file(shown(&directory.join("up.sql")))))?;
    Ok(RevisionFiles {
        up,
        down: optional(&directory.join("down.sql"))?,
        metadata: optional(&directory.join("metadata.toml"))?,
    })
}

/// Directories with nothing in them, which git leaves behind on a change of branch: no tree of
/// files shows them, and released versions of Diesel refuse the whole migrations directory.
/// Names only, sorted.
///
/// # Errors
/// Where the directory cannot be read.
pub fn empty_directories(dir: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in fs_err::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') && entry.file_type()?.is_dir() && fs_err::read_dir(entry.path())?.next().is_none() {
            found.push(name);
        }
    }
    found.sort();
    Ok(found)
}

/// A directory under a hidden name, later the revision's own; removed unless all is done.
struct Unfinished {
    path: PathBuf,
    done: bool,
}

impl Unfinished {
    fn create(dir: &Path) -> Result<Self> {
        let random = RandomState::new().build_hasher().finish();
        let path = dir.join(format!("{UNFINISHED}{}-{random:016x}", std::process::id()));
        fs_err::create_dir(&path).map_err(|error| cannot_write(dir, error))?;
        Ok(Self { path, done: false })
    }

    fn write(dir: &Path, files: &[(&str, String)]) -> Result<Self> {
        let unfinished = Self::create(dir)?;
        for (file, text) in files {
            write_synced(&unfinished.path.join(file), text).map_err(|error| cannot_write(dir, error))?;
        }
        sync_directory(&unfinished.path).map_err(|error| cannot_write(dir, error))?;
        Ok(unfinished)
    }

    fn appear_as(&mut self, dir: &Path, target: &Path) -> Result<()> {
        match fs_err::rename(&self.path, target) {
            Ok(()) => self.path = target.to_owned(),
            Err(_) if target.symlink_metadata().is_ok() => return Err(exists(target)),
            Err(error) => return Err(cannot_write(dir, error)),
        }
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.done {
            // What cannot be removed now is swept by the next run.
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

/// Removes what interrupted runs left: directories whose process is gone, or of an hour ago.
/// Failure to do so is no reason not to write.
fn sweep(dir: &Path) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(rest) = name.to_str().and_then(|name| name.strip_prefix(UNFINISHED)) else { continue };
        let is_dir = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_dir && (is_gone(rest) || is_old(&entry)) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// Whether the process that a name's rest begins with has ended; unknown where there is no `/proc`.
fn is_gone(rest: &str) -> bool {
    let process = rest.split('-').next().and_then(|digits| digits.parse::<u32>().ok());
    process.is_some_and(|id| Path::new("/proc/self").exists() && !Path::new(&format!("/proc/{id}")).exists())
}

fn is_old(entry: &std::fs::DirEntry) -> bool {
    let changed = entry.metadata().and_then(|metadata| metadata.modified());
    changed.is_ok_and(|changed| changed.elapsed().is_ok_and(|age| age > ABANDONED))
}

fn write_synced(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = fs_err::OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Makes the names in a directory durable; Windows has no such call for directories.
fn sync_directory(dir: &Path) -> std::io::Result<()> {
    if cfg!(unix) { fs_err::File::open(dir)?.sync_all() } else { Ok(()) }
}

fn optional(path: &Path) -> Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(Error::undecided("the file cannot be read").at(Place::file(shown(path))).caused_by(error)),
    }
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', '\0'])
}

fn exists(target: &Path) -> Error {
    Error::undecided("there is such a revision already; nothing was written").at(Place::file(shown(target)))
}

fn cannot_write(dir: &Path, error: std::io::Error) -> Error {
    let kind = error.kind();
    let message = match kind {
        ErrorKind::PermissionDenied => "the directory is not writable; nothing was written",
        ErrorKind::ReadOnlyFilesystem => "the directory is on a read-only file system; nothing was written",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "no space is left; nothing was written",
        _ => "the revision cannot be written; nothing was written",
    };
    let place = Place::file(shown(dir));
    match kind {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Error::undecided(message).at(place),
        _ => Error::undecided(message).at(place).caused_by(error),
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::{Duration, Instant};

    use super::{UNFINISHED, empty_directories, read_revision_files, write_revisions};
    use crate::chain::Chain;
    use crate::error::Result;
    use crate::tree::MemTree;

    fn files() -> Vec<(&'static str, String)> {
        vec![("up.sql", "SELECT 1;\n".to_owned()), ("down.sql", "SELECT 2;\n".to_owned())]
    }

    fn write_revision(dir: &Path, name: &str, files: &[(&'static str, String)]) -> Result<()> {
        write_revisions(dir, &[(name.to_owned(), files.to_vec())])
    }

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_revision_is_written_and_read() {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path().join("new/migrations");
        write_revision(&dir, "1_a", &files()).unwrap();
        assert_eq!(names(&dir), ["1_a"]);
        let read = read_revision_files(&dir, "1_a").unwrap();
        assert_eq!((read.up, read.down, read.metadata), (b"SELECT 1;\n".to_vec(), Some(b"SELECT 2;\n".to_vec()), None));
        assert!(read_revision_files(&dir, "2_b").unwrap_err().to_string().ends_with("2_b/up.sql: the file is missing"));
    }

    #[test]
    fn what_is_there_stays() {
        let temp = tempfile::tempdir().unwrap();
        std::fs::create_dir(temp.path().join("1_a")).unwrap();
        std::fs::write(temp.path().join("2_b"), "x").unwrap();
        for name in ["1_a", "2_b"] {
            let error = write_revision(temp.path(), name, &files()).unwrap_err().to_string();
            assert!(
                error.ends_with(&format!("{name}: there is such a revision already; nothing was written")),
                "{error}"
            );
        }
        for name in ["../x", "a/b", ".a", ""] {
            assert!(write_revision(temp.path(), name, &files()).is_err());
        }
        assert!(write_revision(temp.path(), "3_c", &[("../up.sql", String::new())]).is_err());
        assert_eq!(names(temp.path()), ["1_a", "2_b"]);
    }

    #[test]
    fn a_failure_in_the_middle_leaves_nothing() {
        let temp = tempfile::tempdir().unwrap();
        // The second file of one name cannot be made.
        let twice = [("up.sql", String::new()), ("up.sql", String::new())];
        let error = write_revision(temp.path(), "1_a", &twice).unwrap_err().to_string();
        assert!(error.contains("the revision cannot be written; nothing was written"), "{error}");
        assert!(names(temp.path()).is_empty());
    }

    #[test]
    fn several_revisions_are_written_all_or_none() {
        let temp = tempfile::tempdir().unwrap();
        let twice = vec![("up.sql", String::new()), ("up.sql", String::new())];
        // The second one: has a bad name, is there, cannot be written, loses its name to another.
        std::fs::create_dir(temp.path().join("9_z")).unwrap();
        for (name, files) in [("../b", files()), ("9_z", files()), ("2_b", twice), ("1_a", files())] {
            let revisions = [("1_a".to_owned(), self::files()), (name.to_owned(), files)];
            assert!(write_revisions(temp.path(), &revisions).is_err(), "{name}");
            assert_eq!(names(temp.path()), ["9_z"]);
        }
        let revisions = ["1_a", "2_b"].map(|name| (name.to_owned(), files()));
        write_revisions(temp.path(), &revisions).unwrap();
        assert_eq!(names(temp.path()), ["1_a", "2_b", "9_z"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_directory_that_takes_no_files_is_named() {
        // Holds for the administrator too, whom permissions do not stop.
        let error = write_revision(Path::new("/proc/self"), "1_a", &files()).unwrap_err().to_string();
        assert!(error.starts_with("/proc/self: "), "{error}");
        assert!(error.contains("nothing was written"), "{error}");
    }

    #[test]
    fn leftovers_are_swept_and_work_is_not() {
        let temp = tempfile::tempdir().unwrap();
        let make = |name: &str| {
            let path = temp.path().join(format!("{UNFINISHED}{name}"));
            std::fs::create_dir(&path).unwrap();
            std::fs::write(path.join("up.sql"), "x").unwrap();
            path
        };
        let live = make(&format!("{}-1", std::process::id()));
        let old = make(&format!("{}-2", std::process::id()));
        let hours_ago = old.metadata().unwrap().modified().unwrap() - Duration::from_secs(2 * 60 * 60);
        std::fs::File::open(&old).unwrap().set_modified(hours_ago).unwrap();
        let gone = make("4294967295-3");
        write_revision(temp.path(), "1_a", &files()).unwrap();
        assert!(live.exists() && !old.exists());
        assert_eq!(gone.exists(), !Path::new("/proc/self").exists());
    }

    #[test]
    fn files_are_replaced_and_revisions_added_or_nothing_is() {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path();
        write_revision(dir, "1_a", &files()).unwrap();
        let text = |file: &str| std::fs::read_to_string(dir.join(file)).unwrap();
        let new = |file: &str| (format!("1_a/{file}"), "SELECT 3;\n".to_owned());
        // A directory stands where the second file is to be.
        std::fs::create_dir(dir.join("1_a/metadata.toml")).unwrap();
        let next = [("2_b".to_owned(), files())];
        assert!(super::rewrite(dir, &[new("up.sql"), new("metadata.toml")], &next, &[]).is_err());
        assert_eq!((names(dir), text("1_a/up.sql").as_str()), (vec!["1_a".to_owned()], "SELECT 1;\n"));
        super::rewrite(dir, &[new("up.sql"), new("more.sql")], &next, &[]).unwrap();
        assert_eq!(names(dir), ["1_a", "2_b"]);
        assert_eq!(
            [text("1_a/up.sql"), text("1_a/more.sql"), text("1_a/down.sql")].concat(),
            "SELECT 3;\nSELECT 3;\nSELECT 2;\n"
        );
    }

    #[test]
    fn directories_get_other_names_or_keep_theirs() {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path();
        ["1_a", "2_b", "5_e"].iter().for_each(|name| write_revision(dir, name, &files()).unwrap());
        let renamed = |to: [&str; 2]| [("1_a".to_owned(), to[0].to_owned()), ("2_b".to_owned(), to[1].to_owned())];
        let file = |name: &str| [(format!("{name}/up.sql"), "SELECT 3;\n".to_owned())];
        // A name is taken, is none, or a file cannot be replaced.
        for (to, replaced) in [(["5_e", "4_d"], "5_e"), ([".x", "4_d"], "4_d"), (["3_c", "4_d"], "9_z")] {
            assert!(super::rewrite(dir, &file(replaced), &[], &renamed(to)).is_err(), "{to:?}");
            assert_eq!(names(dir), ["1_a", "2_b", "5_e"]);
        }
        super::rewrite(dir, &file("3_c"), &[], &renamed(["3_c", "4_d"])).unwrap();
        assert_eq!(names(dir), ["3_c", "4_d", "5_e"]);
        assert_eq!(std::fs::read_to_string(dir.join("3_c/up.sql")).unwrap(), "SELECT 3;\n");
    }

    /// Runs as a process of its own for the test below, which kills it.
    #[test]
    #[ignore = "is the victim of `a_killed_writer_leaves_no_half_revision`"]
    fn writes_revisions_until_killed() {
        if !Path::new("victim").exists() {
            return;
        }
        for number in 1..1_000_000 {
            write_revision(Path::new("migrations"), &format!("{number:07}_x"), &files()).unwrap();
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_killed_writer_leaves_no_half_revision() {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path().join("migrations");
        for round in 0..6_u64 {
            let _ = std::fs::remove_dir_all(&dir);
            std::fs::write(temp.path().join("victim"), "").unwrap();
            let mut victim = std::process::Command::new(std::env::current_exe().unwrap())
                .args(["--ignored", "--exact", "store::tests::writes_revisions_until_killed", "--nocapture"])
                .current_dir(temp.path())
                .stdout(std::process::Stdio::null())
                .spawn()
                .unwrap();
            let started = Instant::now();
            while !dir.join("0000001_x").exists() && started.elapsed() < Duration::from_secs(20) {
                std::thread::sleep(Duration::from_millis(1));
            }
            std::thread::sleep(Duration::from_micros(7_000 + round * 1_731));
            victim.kill().unwrap();
            victim.wait().unwrap();
            whole_revisions_only(&dir);
            write_revision(&dir, "9999999_after", &files()).unwrap();
            assert!(!Path::new("/proc/self").exists() || names(&dir).iter().all(|name| !name.starts_with('.')));
        }
    }

    /// The files two levels down, as the chain reads them.
    fn on_disk(dir: &Path) -> MemTree {
        let mut tree = MemTree::default();
        for name in names(dir) {
            for file in names(&dir.join(&name)) {
                let bytes = std::fs::read(dir.join(&name).join(&file)).unwrap();
                tree.files.insert(format!("{name}/{file}"), bytes);
            }
        }
        tree
    }

    fn whole_revisions_only(dir: &Path) {
        let tree = on_disk(dir);
        let chain = Chain::load(&tree, "").unwrap();
        assert!(!chain.is_empty());
        for revision in chain.revisions() {
            assert_eq!(chain.up_sql(&tree, revision).unwrap(), "SELECT 1;\n");
            assert_eq!(chain.down_sql(&tree, revision).unwrap(), "SELECT 2;\n");
        }
    }

    #[test]
    fn empty_directories_are_named() {
        let temp = tempfile::tempdir().unwrap();
        for name in ["2_b", "1_a", ".hidden"] {
            std::fs::create_dir(temp.path().join(name)).unwrap();
        }
        write_revision(temp.path(), "3_c", &files()).unwrap();
        assert_eq!(empty_directories(temp.path()).unwrap(), ["1_a", "2_b"]);
    }
}
